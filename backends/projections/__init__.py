"""Lays vectors out in the plane, and measures how far to trust the picture."""
