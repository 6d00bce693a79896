"""Turns texts into vectors: one registry, one protocol."""
