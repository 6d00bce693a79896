"""The grid of layers and dimensions as a heat map: numbers in cells, lines of equal cost over it.

The full model stands at the top right, the cheapest size at the bottom left.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.panels.layers import words_of
from backends.compression.layers import IsoLine, LayerCell, LayerGrid, Pair
from widgets.layer_paint import LayerPaint
from widgets.theme import theme_signal
from widgets.voice import announce, changed, describe

STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (1, 0),
    Qt.Key.Key_Down: (-1, 0),
}
EMPTY = "Nothing is measured yet."


class LayerMap(LayerPaint):
    """Shows a `LayerGrid`; a click or the arrow keys choose a cell, Return takes it."""

    cell_chosen = Signal(object)  # Pair
    cell_taken = Signal(object)  # Pair

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Recall by layer and dimensions")
        theme_signal().changed.connect(self._on_theme_changed)

    @property
    def chosen(self) -> Pair | None:
        """The cell that is looked at."""
        return self._chosen

    def show_grid(self, grid: LayerGrid | None, lines: tuple[IsoLine, ...]) -> None:
        """Show another grid; the chosen cell stays if it is in there, too."""
        self._grid, self._lines = grid, lines
        if grid is None or (self._chosen is not None and grid.cell(*self._chosen) is None):
            self._chosen = None
        self.updateGeometry()
        self.update()
        changed(self)

    def show_active(self, pair: Pair | None) -> None:
        """Mark the size that the active embedding is."""
        self._active = pair
        self.update()

    def choose(self, pair: Pair) -> None:
        """Look at a cell, and say what it is."""
        cell = self._grid.cell(*pair) if self._grid is not None else None
        if self._grid is None or cell is None:
            return
        self._chosen = pair
        self.update()
        announce(self, words_of(self._grid, cell), at_once=True)
        self.cell_chosen.emit(pair)

    def words(self) -> str:
        """The chosen cell, or what the grid is, for a screen reader."""
        grid = self._grid
        if grid is None:
            return EMPTY
        cell = grid.cell(*self._chosen) if self._chosen is not None else None
        if cell is not None:
            return words_of(grid, cell)
        return f"{grid.title}: {len(grid.layer_numbers)} layers by {len(grid.dims)} dimensions."

    def pair_at(self, at: QPointF) -> Pair | None:
        """The cell under a point, or None."""
        if self._grid is None:
            return None
        pairs = (cell.pair for cell in self._grid.cells)
        return next((pair for pair in pairs if self.cell_rect(pair).contains(at)), None)

    def _tip(self, grid: LayerGrid, cell: LayerCell) -> str:
        words = words_of(grid, cell)
        return (
            f"{words}\nThe active vectors are of this size." * (cell.pair == self._active) or words
        )

    def _on_theme_changed(self, _theme: object) -> None:
        self.update()

    def event(self, event: QEvent) -> bool:
        """Show what a cell keeps and costs while the pointer rests on it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            pair = self.pair_at(QPointF(event.pos()))
            grid = self._grid
            cell = grid.cell(*pair) if grid is not None and pair is not None else None
            if grid is not None and pair is not None and cell is not None:
                rect = self.cell_rect(pair).toRect()
                QToolTip.showText(event.globalPos(), self._tip(grid, cell), self, rect)
            else:
                QToolTip.hideText()
                event.ignore()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the cell under the pointer."""
        pair = self.pair_at(event.position())
        if pair is not None and event.button() == Qt.MouseButton.LeftButton:
            self.choose(pair)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk the cells; Return takes the one that is looked at."""
        grid, key = self._grid, Qt.Key(event.key())
        if grid is None:
            super().keyPressEvent(event)
        elif key in STEPS:
            up, right = STEPS[key]
            layer, dims = self._chosen or grid.full.pair
            if self._chosen is not None:
                layer = min(max(layer + up, 0), grid.layer_numbers[-1])
                column = min(max(grid.dims.index(dims) + right, 0), len(grid.dims) - 1)
                dims = grid.dims[column]
            self.choose((layer, dims))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen is not None:
            self.cell_taken.emit(self._chosen)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys work."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they do not any more."""
        super().focusOutEvent(event)
        self.update()


describe(LayerMap, QAccessible.Role.Chart, lambda widget: widget.words())
