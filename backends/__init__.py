"""Computes. No Qt; usable from a notebook; imports nothing of `app` or `widgets`."""
