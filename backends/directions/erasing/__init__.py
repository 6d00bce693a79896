"""Taking a direction out of vectors: how, what is left, and what it costs."""
