"""How a grid of layers and dimensions is painted: labels, cells, lines of equal cost, marks."""

from __future__ import annotations

from math import log

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from backends.compression.layers import IsoLine, LayerCell, LayerGrid, Pair
from backends.raster.scales import scale_steps
from widgets.theme import colour, current_theme

GAP = 6.0  # between labels and cells
LEAST_ROW, LEAST_COLUMN = 15, 30  # logical pixels
MOST_ROW, MOST_COLUMN = 44, 110
FRACTIONS = {1 / 2: "½", 1 / 4: "¼", 1 / 8: "⅛", 1 / 16: "1/16", 1 / 32: "1/32"}


class LayerPaint(QWidget):
    """Paints a `LayerGrid`; knows nothing of hands and keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid: LayerGrid | None = None
        self._lines: tuple[IsoLine, ...] = ()
        self._chosen: Pair | None = None
        self._active: Pair | None = None

    def cell_rect(self, pair: Pair) -> QRectF:
        """Where a cell of the grid is painted."""
        grid = self._grid
        assert grid is not None
        area = self._area(grid)
        width, height = area.width() / len(grid.dims), area.height() / len(grid.layer_numbers)
        column = grid.dims.index(pair[1])
        row = len(grid.layer_numbers) - 1 - grid.layer_numbers.index(pair[0])
        return QRectF(area.left() + column * width, area.top() + row * height, width, height)

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self.font())

    def _label(self, layer: int) -> str:
        grid = self._grid
        if grid is None or grid.layers is None:
            return "recall"
        return "embedding" if layer == 0 else f"layer {layer}"

    def _head(self) -> float:
        """Height above the cells: dimensions, and where lines of equal cost begin."""
        return self._metrics().height() * (2 if self._lines else 1) + GAP

    def _area(self, grid: LayerGrid) -> QRectF:
        """The cells together, kept from becoming larger than is good to read."""
        metrics = self._metrics()
        left = max(metrics.horizontalAdvance(self._label(n)) for n in grid.layer_numbers) + GAP
        if self._lines:
            left = max(left, metrics.horizontalAdvance("equal cost") + GAP)
        width = min(self.width() - left - 2, MOST_COLUMN * len(grid.dims))
        height = min(self.height() - self._head() - 2, MOST_ROW * len(grid.layer_numbers))
        return QRectF(left, self._head(), max(1.0, width), max(1.0, height))

    def _x(self, grid: LayerGrid, dims: float) -> float:
        """Place of a number of dimensions between the middles of two columns, on a log scale."""
        middles = [
            self.cell_rect((grid.layer_numbers[0], number)).center().x() for number in grid.dims
        ]
        for i in range(1, len(middles)):
            low, high = grid.dims[i - 1], grid.dims[i]
            if dims <= high:
                share = log(dims / low) / log(high / low)
                return middles[i - 1] + share * (middles[i] - middles[i - 1])
        return middles[-1]

    def _paint_labels(self, painter: QPainter, grid: LayerGrid) -> None:
        theme, area, line = current_theme(), self._area(grid), self._metrics().height()
        painter.setPen(colour(theme.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        corner = QRectF(0, 0, area.left() - GAP, line)
        painter.drawText(corner, right, "dims")
        for number in grid.dims:
            cell = self.cell_rect((grid.layer_numbers[0], number))
            above = QRectF(cell.left(), 0, cell.width(), line)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, f"{number:,}")
        for layer in grid.layer_numbers:
            cell = self.cell_rect((layer, grid.dim))
            before = QRectF(0, cell.top(), area.left() - GAP, cell.height())
            painter.drawText(before, right, self._label(layer))
        if self._lines:
            painter.drawText(corner.translated(0, line), right, "equal cost")

    def _fill(self, painter: QPainter, cell: LayerCell) -> QColor:
        """Paint a cell's ground; return the ink that is read on it."""
        steps = scale_steps(dark=current_theme().is_dark)
        red, green, blue = steps[round(cell.recall.mean * (len(steps) - 1))].tolist()
        rect = self.cell_rect(cell.pair)
        painter.fillRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), QColor(red, green, blue))
        return _ink(red, green, blue)

    def _paint_number(self, painter: QPainter, cell: LayerCell, ink: QColor) -> None:
        rect = self.cell_rect(cell.pair)
        text = f"{100 * cell.recall.mean:.0f}"
        if rect.width() >= self._metrics().horizontalAdvance("100.0%") + GAP:
            text = f"{cell.recall.mean:.1%}"
        painter.setPen(ink)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_lines(self, painter: QPainter, grid: LayerGrid) -> None:
        theme, area, line = current_theme(), self._area(grid), self._metrics().height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for iso in self._lines:
            points = [
                QPointF(self._x(grid, dims), self.cell_rect((layer, grid.dim)).center().y())
                for layer, dims in reversed(iso.points)
            ]
            if iso.points[-1][0] == grid.layers:
                points.insert(0, QPointF(points[0].x(), area.top() - 1))
                label = QRectF(points[0].x() - 30, line, 60, line)
                painter.setPen(colour(theme.text))
                painter.drawText(label, Qt.AlignmentFlag.AlignCenter, FRACTIONS[iso.cost])
            for width, ink in ((3.0, colour("#000000", 70)), (1.2, colour("#FFFFFF", 190))):
                painter.setPen(QPen(ink, width))
                painter.drawPolyline(QPolygonF(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_marks(self, painter: QPainter) -> None:
        theme, grid = current_theme(), self._grid
        assert grid is not None
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._active is not None and grid.cell(*self._active) is not None:
            rect = self.cell_rect(self._active)
            painter.setPen(QPen(colour(theme.base), 3))
            corner = QLineF(
                rect.left() + 4, rect.bottom() - 3.5, rect.right() - 4, rect.bottom() - 3.5
            )
            painter.drawLine(corner)
            painter.setPen(QPen(colour(theme.text), 1.5))
            painter.drawLine(corner)
        if self._chosen is not None:
            rect = self.cell_rect(self._chosen).adjusted(1, 1, -1, -1)
            outer = theme.accent if self.hasFocus() else theme.text
            painter.setPen(QPen(colour(theme.base), 4))
            painter.drawRect(rect)
            painter.setPen(QPen(colour(outer), 2))
            painter.drawRect(rect)

    def sizeHint(self) -> QSize:
        """As wide and high as is good to read."""
        grid = self._grid
        if grid is None:
            return QSize(360, 160)
        rows, columns = len(grid.layer_numbers), len(grid.dims)
        return QSize(70 + 46 * columns, int(self._head()) + 24 * rows)

    def minimumSizeHint(self) -> QSize:
        """As small as numbers can still be read."""
        grid = self._grid
        if grid is None:
            return QSize(0, 0)
        rows, columns = len(grid.layer_numbers), len(grid.dims)
        return QSize(70 + LEAST_COLUMN * columns, int(self._head()) + LEAST_ROW * rows)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint labels, cells, lines and marks."""
        grid = self._grid
        if grid is None:
            return
        painter = QPainter(self)
        self._paint_labels(painter, grid)
        inks = [self._fill(painter, cell) for cell in grid.cells]
        self._paint_lines(painter, grid)
        for cell, ink in zip(grid.cells, inks, strict=True):
            self._paint_number(painter, cell, ink)
        self._paint_marks(painter)
        painter.end()


def _ink(red: int, green: int, blue: int) -> QColor:
    """Black or white, whichever is read better on a colour (WCAG's relative luminance)."""
    shares = [value / 255 for value in (red, green, blue)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return QColor(
        "#FFFFFF" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#101418"
    )
