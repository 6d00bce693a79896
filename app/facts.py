"""Telling of facts: signals are emitted at once, or once each at the end of a batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QThread


class Facts(QObject):
    """Emits signals by name, from the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held: dict[str, object] | None = None  # inside a batch: last value by signal
        self._untold: list[dict[str, object]] = []  # after batches: what is still to be emitted

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Hold signals back; then emit each once, with its last value, in order of first change.

        A slot may change further facts: those are told at once, and what this batch still had to
        say about them is out of date and not said any more.
        """
        if self._held is not None:
            yield
            return
        self._held = {}
        try:
            yield
        finally:
            held, self._held = self._held, None
            self._tell(held)

    def _emit(self, name: str, value: object) -> None:
        assert QThread.currentThread() is self.thread(), "facts are set in the GUI thread"
        if self._held is not None:
            self._held[name] = value
        else:
            self._tell({name: value})

    def _tell(self, facts: dict[str, object]) -> None:
        for older in self._untold:
            for name in facts:
                older.pop(name, None)
        self._untold.append(facts)
        while facts:
            name = next(iter(facts))
            getattr(self, name).emit(facts.pop(name))
        self._untold.pop()
