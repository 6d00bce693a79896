"""One view per panel model, under the same file name as in `app/panels`."""
