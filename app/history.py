"""Undo and redo for cheap facts: selection, filter, looks. Computations are cached, not undone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from PySide6.QtCore import QObject, Signal

from app.document import Document, Filter
from backends.selection import Mode, Selection, combine

KEPT = 100


class Command(Protocol):
    """A change of the document that can be taken back; `text` completes "Undo ..."."""

    @property
    def text(self) -> str:
        """What it does, in a few words."""

    def do(self, document: Document) -> None:
        """Make the change."""

    def undo(self, document: Document) -> None:
        """Take it back."""


@dataclass(frozen=True)
class Select:
    """Choose other rows."""

    old: Selection
    new: Selection

    @property
    def text(self) -> str:
        """What is selected afterwards."""
        return f"select {self.new.words}" if len(self.new) else "clear selection"

    def do(self, document: Document) -> None:
        """Choose the new rows."""
        document.set_selection(self.new)

    def undo(self, document: Document) -> None:
        """Choose the old rows."""
        document.set_selection(self.old)


@dataclass(frozen=True)
class Narrow:
    """Show other rows in the table."""

    old: Filter | None
    new: Filter | None

    @property
    def text(self) -> str:
        """What is shown afterwards."""
        return f"filter “{self.new.text}”" if self.new else "show all rows"

    def do(self, document: Document) -> None:
        """Show what the new filter leaves."""
        document.set_filter(self.new)

    def undo(self, document: Document) -> None:
        """Show what the old filter left."""
        document.set_filter(self.old)


@dataclass(frozen=True)
class Restyle:
    """Show a column in other colours, under other names, in another range."""

    text: str
    column: str
    old: tuple[Any, ...]
    new: tuple[Any, ...]
    apply: Callable[[str, tuple[Any, ...]], None]  # shows a column in a style
    gesture: object = None  # changes of one gesture are one change

    def do(self, _document: Document) -> None:
        """Show the new style."""
        self.apply(self.column, self.new)

    def undo(self, _document: Document) -> None:
        """Show the old style."""
        self.apply(self.column, self.old)

    def joined(self, before: Command | None) -> Restyle:
        """Bring it together with the change before it, if both are of one gesture."""
        if not isinstance(before, Restyle) or self.gesture is None:
            return self
        same = (before.column, before.gesture) == (self.column, self.gesture)
        return replace(self, old=before.old) if same and before.new == self.old else self


@dataclass(frozen=True)
class Put:
    """Give a fact of the document another value: directions, or the person's word sets."""

    text: str
    fact: Literal["directions", "word_sets"]
    old: Any
    new: Any

    def do(self, document: Document) -> None:
        """Set the new value."""
        getattr(document, f"set_{self.fact}")(self.new)

    def undo(self, document: Document) -> None:
        """Set the old value."""
        getattr(document, f"set_{self.fact}")(self.old)


class History(QObject):
    """Keeps the last hundred commands; a new corpus starts afresh."""

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._undone: list[Command] = []
        self._done: deque[Command] = deque(maxlen=KEPT)
        document.corpus_changed.connect(self._on_corpus_changed)

    @property
    def undo_text(self) -> str | None:
        """What undo would take back, or None."""
        return self._done[-1].text if self._done else None

    @property
    def redo_text(self) -> str | None:
        """What redo would do again, or None."""
        return self._undone[-1].text if self._undone else None

    def do(self, command: Command) -> None:
        """Make a change that can be taken back."""
        self._undone.clear()
        self._done.append(command)
        command.do(self._document)
        self.changed.emit()

    def restyle(self, change: Restyle) -> None:
        """Change a look; a gesture is one change, and one that comes back to its start is none."""
        joined = change.joined(self._done[-1] if self._done else None)
        if joined is not change:
            self._done.pop()
        self.do(joined)
        if joined.old == joined.new:
            self._done.pop()
            self.changed.emit()

    def select(self, selection: Selection, mode: Mode = "replace") -> None:
        """Bring a selection together with the one there is; no change leaves no trace."""
        old = self._document.selection
        new = combine(old, selection, mode)
        if new != old:
            self.do(Select(old, new))

    def narrow(self, value: Filter | None) -> None:
        """Filter the table; None shows all rows."""
        if value != self._document.filter:
            self.do(Narrow(self._document.filter, value))

    def put(self, text: str, fact: Literal["directions", "word_sets"], value: Any) -> None:
        """Give a fact another value; `text` says what changed, in a few words."""
        old = getattr(self._document, fact)
        if old != value:
            self.do(Put(text, fact, old, value))

    def undo(self) -> None:
        """Take the last change back, if there is one."""
        if self._done:
            command = self._done.pop()
            self._undone.append(command)
            command.undo(self._document)
            self.changed.emit()

    def redo(self) -> None:
        """Do the change again that was taken back last, if there is one."""
        if self._undone:
            command = self._undone.pop()
            self._done.append(command)
            command.do(self._document)
            self.changed.emit()

    def _on_corpus_changed(self, _corpus: object) -> None:
        self._done.clear()
        self._undone.clear()
        self.changed.emit()
