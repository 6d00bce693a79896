"""The document's facts about directions: those found, and the person's own word sets.

Directions belong to embeddings of the corpus and go with them. Word sets are the person's own work:
they outlive the corpus, and a project keeps them.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.document_columns import ColumnFacts
from backends.directions.base import Direction
from backends.directions.wordsets import Collection


class DirectionFacts(ColumnFacts):
    """The part of a `Document` that is about directions; it alone is never built."""

    directions_changed = Signal(object)  # tuple[Direction, ...]
    direction_changed = Signal(object)  # Direction | None, the one that is looked at
    word_sets_changed = Signal(object)  # Collection

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._directions: tuple[Direction, ...] = ()
        self._direction: str | None = None
        self._word_sets = Collection()

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Directions of all embeddings, in the order in which they were found."""
        return self._directions

    @property
    def direction(self) -> Direction | None:
        """The one that is looked at."""
        return next((one for one in self._directions if one.fingerprint == self._direction), None)

    @property
    def word_sets(self) -> Collection:
        """The person's own sets and tests."""
        return self._word_sets

    def set_directions(self, directions: tuple[Direction, ...]) -> None:
        """Replace them all; of the same names and titles nothing changes."""
        before, told = self._directions, self.direction
        if _names(before) == _names(directions):
            return
        self._directions = directions
        with self.batch():
            self._emit("directions_changed", directions)
            if self.direction is not told:
                self._emit("direction_changed", self.direction)

    def set_direction(self, fingerprint: str | None) -> None:
        """Look at another one. Raises: KeyError if there is none of that name."""
        if fingerprint is not None and all(
            one.fingerprint != fingerprint for one in self._directions
        ):
            raise KeyError(fingerprint)
        if fingerprint != self._direction:
            self._direction = fingerprint
            self._emit("direction_changed", self.direction)

    def set_word_sets(self, sets: Collection) -> None:
        """Replace the person's own sets and tests."""
        if sets != self._word_sets:
            self._word_sets = sets
            self._emit("word_sets_changed", sets)


def _names(directions: tuple[Direction, ...]) -> list[tuple[str, str]]:
    return [(one.fingerprint, one.title) for one in directions]
