"""Going from item to item by keys: what is looked at, listed, selected on the way.

Walking keeps the list of neighbours that there is; listing those of the item in focus is a wish of
its own, so that a walk costs no search at every step.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.notices import Problem
from app.panels.neighbours import NeighboursModel
from backends.selection import select

NO_MAP = Problem("There is no map yet.", "Embed the corpus first.")
NO_FOCUS = Problem("No item is in focus.", "Click one, or press Home on the map.")
NO_HITS = Problem("No neighbours are listed.", "Press Enter on an item, or search by meaning.")


class WalkModel(QObject):
    """Moves the focus and says, in `spoken`, what cannot be seen to have happened."""

    spoken = Signal(object)  # str, for a screen reader

    def __init__(
        self,
        document: Document,
        neighbours: NeighboursModel,
        history: History,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self._neighbours = neighbours
        self._history = history

    @property
    def focus(self) -> int | None:
        """The row that is looked at."""
        return self.document.focus

    def no_map(self) -> Problem | None:
        """Why there is nowhere to walk, or None."""
        return None if self.document.projection is not None else NO_MAP

    def no_focus(self) -> Problem | None:
        """Why nothing can be done with the item in focus, or None."""
        return None if self.document.focus is not None else NO_FOCUS

    def no_hits(self) -> Problem | None:
        """Why there is no hit to go to, or None."""
        hits = self.document.hits
        return None if hits is not None and len(hits) else NO_HITS

    def look_at(self, row: int) -> None:
        """Look at an item; the list of neighbours stays."""
        self._neighbours.visit(row)

    def let_go(self) -> bool:
        """Look at no item any more; return whether there was one."""
        if self.document.focus is None:
            return False
        self.document.set_focus(None)
        return True

    def list_neighbours(self) -> None:
        """List the neighbours of the item in focus."""
        if self.document.focus is not None:
            self._neighbours.ask_row(self.document.focus)

    def toggle(self) -> None:
        """Add the item in focus to the selection, or take it out."""
        row = self.document.focus
        if row is None:
            return
        chosen = self.document.selection.rows
        at = int(np.searchsorted(chosen, row))
        is_in = at < len(chosen) and int(chosen[at]) == row
        one = select([row], f"row {row}", kind="rows", count=1, listed=[row])
        self._history.select(one, "subtract" if is_in else "add")

    def go_to_hit(self, step: int) -> None:
        """Look at the next hit listed, or at the one before; after the last comes the first."""
        hits = self.document.hits
        if hits is None or not len(hits):
            self.spoken.emit(NO_HITS.text)
            return
        here = np.flatnonzero(hits.rows == self.document.focus)
        before = -1 if step > 0 else len(hits)  # where the item that they are near to stands
        rank = (int(here[0]) if len(here) else before) + step
        self.look_at(int(hits.rows[rank % len(hits)]))
