"""The item under the cursor, wherever the cursor is: all maps ring it.

No fact of the document: nothing is computed from it, nothing keeps it, and it changes with every
move of the mouse.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class HoverModel(QObject):
    """Remembers one row and on which map the cursor is."""

    changed = Signal(object)  # row | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._row: int | None = None
        self._over: object = None

    @property
    def row(self) -> int | None:
        """The row under the cursor."""
        return self._row

    def row_elsewhere(self, here: object) -> int | None:
        """The row under the cursor while that is on another map than this."""
        return self._row if self._over is not here else None

    def set_row(self, row: int | None, over: object) -> None:
        """Point at a row of a map; pointing at none counts only where the cursor was last."""
        if row is None and self._over is not over:
            return
        if row != self._row or self._over is not over:
            self._row, self._over = row, over if row is not None else None
            self.changed.emit(row)
