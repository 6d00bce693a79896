"""Directions in a space of embeddings: finding, reading, testing and removing them."""
