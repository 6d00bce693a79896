"""Which rows a table shows in which order: one array, made anew without sorting anything twice."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backends.arrays import Rows, frozen

Shown = Literal["all", "filtered", "selected"]
NO_ROWS: Rows = frozen(np.zeros(0, dtype=np.int64))


class ShownRows:
    """All rows, or some of them, in the order of the source or of a column.

    An order is kept for all rows, so that narrowing it is one pass and no sorting.
    """

    def __init__(self, n: int) -> None:
        self.everything: Rows = frozen(np.arange(n, dtype=np.int64))
        self._order: Rows | None = None
        self.rows: Rows = self.everything

    def set_order(self, order: Rows | None) -> None:
        """Show rows in the order of this permutation of all; None is the order of the source."""
        self._order = order

    def narrow(self, rows: Rows | None) -> Rows:
        """Show these rows (ascending), or all of them, and return them in the order shown."""
        if self._order is None:
            self.rows = self.everything if rows is None else rows
        elif rows is None:
            self.rows = self._order
        else:
            mask = np.zeros(len(self.everything), dtype=np.bool_)
            mask[rows] = True
            self.rows = frozen(self._order[mask[self._order]])
        return self.rows

    def position_of(self, row: int) -> int | None:
        """Where a corpus row stands, None if it is not shown."""
        if self._order is None:
            at = int(np.searchsorted(self.rows, row))
            return at if at < len(self.rows) and self.rows[at] == row else None
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None
