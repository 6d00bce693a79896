"""The report of an audit: what was measured, with sizes, doubts and versions, as HTML and CSV."""
