"""Showing a value without hearing one's own echo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from PySide6.QtCore import QObject, QSignalBlocker


@contextmanager
def quiet(*objects: QObject) -> Iterator[None]:
    """Keep objects silent while their values are set by the program, not by the person."""
    with ExitStack() as stack:
        for item in objects:
            stack.enter_context(QSignalBlocker(item))
        yield
