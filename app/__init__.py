"""Remembers and decides: QtCore only, no widgets."""
