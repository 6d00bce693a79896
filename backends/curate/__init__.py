"""Looking after a corpus: its regions and what to call them."""
