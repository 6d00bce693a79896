"""Draws points into an image with numba, without Qt, and finds the points under a hand."""
