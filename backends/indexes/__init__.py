"""Nearest neighbours: exact now, other indexes behind the same protocol later."""
