"""Reads corpora: tables, documents, vectors."""
