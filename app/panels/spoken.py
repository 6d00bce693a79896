"""What the map says to those who do not see it: where the focus is, and what is selected."""

from __future__ import annotations

import numpy as np

from app.document import Document
from app.panels.cells import shortened
from app.panels.colouring import ByClass, Colouring
from app.panels.one_map import OneMap
from backends.arrays import Mask, Matrix

LETTERS = 300  # of a text; the table and the panel have all of it


class Spoken:
    """Puts the map into words. What is shown is counted once for a layout and its colours."""

    def __init__(self, model: OneMap) -> None:
        self._model = model
        self._document: Document = model.document
        self._counted: tuple[Matrix, Colouring] | None = None
        self._shown: Mask = np.zeros(0, np.bool_)

    def shown(self) -> Mask:
        """Which rows lie somewhere on the map, (n,): they have a place and no hidden class."""
        projection, colouring = self._model.showing.projection, self._model.colouring
        if projection is None:
            return np.zeros(0, np.bool_)
        layout = projection.layout
        same = self._counted is not None and self._counted[0] is layout
        if not same or self._counted is None or self._counted[1] is not colouring:
            self._shown = np.isfinite(layout[:, 0]) & np.isfinite(layout[:, 1])
            if isinstance(colouring, ByClass) and colouring.hidden:
                codes = colouring.categories.codes
                if len(codes) == len(layout):
                    hidden = np.zeros(colouring.none + 1, np.bool_)  # the last for "no value"
                    hidden[list(colouring.hidden)] = True
                    self._shown &= ~hidden[codes]
            self._counted = layout, colouring
        return self._shown

    def item(self) -> str:
        """The item in focus: its position among those shown, its name and text, its class."""
        row = self._document.focus
        if row is None:
            return ""
        shown = self.shown()
        parts = []
        card = self._model.card(row)
        said = ", ".join(" ".join(text.split()) for text in (card.label, card.text) if text)
        if row < len(shown) and shown[row]:
            position, count = np.count_nonzero(shown[: row + 1]), np.count_nonzero(shown)
            parts.append(f"item {position:,} of {count:,}: {shortened(said, LETTERS)}")
        else:
            parts.append(f"item without a place on the map: {shortened(said, LETTERS)}")
        if card.column:
            parts.append(f"{card.column} {card.value or 'no value'}")
        if rank := self._rank(row):
            parts.append(rank)
        rows = self._document.selection.rows
        at = int(np.searchsorted(rows, row))
        if at < len(rows) and int(rows[at]) == row:
            parts.append("selected")
        return "; ".join(parts)

    def selection(self) -> str:
        """How many items are selected."""
        count = len(self._document.selection)
        if not count:
            return "nothing selected"
        return f"{count:,} item{'s' * (count != 1)} selected"

    def hits(self) -> str:
        """How many neighbours are listed."""
        hits = self._document.hits
        count = len(hits) if hits is not None else 0
        return f"{count:,} neighbour{'s' * (count != 1)} listed" if hits is not None else ""

    def map(self) -> str:
        """The map as a whole: the item in focus, or how to come to one."""
        problem = self._model.problem
        if problem is not None:
            return f"{problem.text} {problem.hint}".strip()
        if self._document.focus is not None:
            return self.item()
        count = np.count_nonzero(self.shown())
        return f"{count:,} items, none in focus; {self.selection()}. Home goes to one."

    def _rank(self, row: int) -> str:
        hits = self._document.hits
        if hits is None:
            return ""
        here = np.flatnonzero(hits.rows == row)
        return f"neighbour {int(here[0]) + 1} of {len(hits)}" if len(here) else ""
