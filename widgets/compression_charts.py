"""Two linked charts of a sweep: recall against bytes a vector, and against queries a second.

Imports pyqtgraph by way of `chart`: load it when the charts are first looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.panels.compression import CompressionModel
from app.panels.compression_costs import cheapest, planned_words
from app.panels.compression_points import (
    Point,
    exact_bytes,
    exact_speed,
    family_order,
    front_by_bytes,
    front_by_speed,
    headline,
    points,
    tip_lines,
)
from backends.compression.results import Sweep
from backends.raster.palette import named_colours
from widgets.chart import Chart
from widgets.chart_drawing import Line, Mark
from widgets.chart_pictures import picture_menu
from widgets.theme import current_theme, theme_signal

SYMBOLS = ("o", "s", "t1", "d", "p", "h", "t", "star", "x", "+", "t2", "t3")
# Of Okabe and Ito's, in an order that leaves its yellow to the last.
COLOURS = (0, 1, 2, 4, 3, 5, 7, 6, 8, 9, 10, 11)
TITLES = ("Recall against bytes", "Recall against speed")


def family_looks(sweep: Sweep | None, *, dark: bool) -> dict[str, tuple[str, str]]:
    """Colour and symbol of each family, the same wherever it is shown."""
    colours = named_colours(dark=dark)
    return {
        family: (colours[COLOURS[at % len(COLOURS)]], SYMBOLS[at % len(SYMBOLS)])
        for at, family in enumerate(family_order(sweep))
    }


class Legend(QWidget):
    """Families by colour and symbol, on as many lines as they need."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[tuple[str, str, str], ...] = ()  # family, colour, symbol
        self.setAccessibleName("Families of codecs")
        self.setMinimumHeight(18)

    def show_families(self, entries: Sequence[tuple[str, str, str]]) -> None:
        """Show other families."""
        self._entries = tuple(entries)
        self.setToolTip(
            "The dashed line joins what no other beats in both (Pareto front); "
            "by size, codes that need no full vectors beside them"
        )
        self.setAccessibleDescription(", ".join(entry[0] for entry in entries))
        self._settle()
        self.update()

    def _settle(self) -> None:
        self.setFixedHeight(self.height_in(self.width()))

    @property
    def _line(self) -> int:
        return self.fontMetrics().height() + 3

    def _places(self, width: int) -> list[tuple[int, int, tuple[str, str, str]]]:
        places, x, line = [], 2, 0
        for entry in self._entries:
            wide = 16 + self.fontMetrics().horizontalAdvance(entry[0]) + 14
            if x > 2 and x + wide > width:
                x, line = 2, line + 1
            places.append((x, line, entry))
            x += wide
        return places

    def resizeEvent(self, event: object) -> None:
        """Take as many lines as are needed at this width."""
        self._settle()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint symbols and names."""
        painter = QPainter(self)
        self.paint_on(painter, self.width())
        painter.end()

    def height_in(self, width: int) -> int:
        """How high it is in a width."""
        return (max((line for _x, line, _entry in self._places(width)), default=0) + 1) * self._line

    def paint_on(self, painter: QPainter, width: int) -> None:
        """Paint symbols and names from the origin of any device."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        for x, line, (family, ink, symbol) in self._places(width):
            top = line * self._line
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ink))
            paint_symbol(painter, symbol, QPointF(x + 6, top + self._line / 2))
            painter.setPen(QColor(current_theme().text))
            area = QRectF(x + 16, top, width, self._line)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, family)


def paint_symbol(painter: QPainter, symbol: str, at: QPointF, size: float = 10.0) -> None:
    """Paint a symbol as the charts have it."""
    from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols

    painter.save()
    painter.translate(at)
    painter.scale(size, size)
    painter.drawPath(Symbols[symbol])
    painter.restore()


class CompressionCharts(QWidget):
    """Both charts; what the cursor is at in one of them is marked in the other."""

    hovered = Signal(object)  # key of a cell, or None
    chosen = Signal(object)  # key

    def __init__(self, model: CompressionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.legend = Legend()
        self.by_bytes = Chart(TITLES[0], "bytes a vector (log)")
        self.by_speed = Chart(TITLES[1], "queries a second (log)")
        across = QHBoxLayout()
        across.setSpacing(6)
        across.addWidget(self.by_bytes, 1)
        across.addWidget(self.by_speed, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.legend)
        layout.addLayout(across, 1)
        for chart in self.charts:
            chart.hovered.connect(self.show_hovered)
            chart.hovered.connect(self.hovered)
            chart.chosen.connect(self.chosen)
        model.sweep_changed.connect(lambda _sweep: self.show_sweep())
        model.shown_changed.connect(lambda _quantity: self.show_sweep())
        model.cell_changed.connect(lambda _cell: self._show_chosen())
        theme_signal().changed.connect(self._on_theme_changed)
        self.show_sweep()

    @property
    def charts(self) -> tuple[Chart, Chart]:
        """Against bytes, against speed."""
        return self.by_bytes, self.by_speed

    def show_sweep(self) -> None:
        """Show what is measured now."""
        sweep, quantity = self._model.sweep, self._model.quantity
        if sweep is None:
            for chart in self.charts:
                chart.show_marks(())
            self.legend.show_families(())
            return
        made = points(sweep, quantity)
        title = quantity.title.format(k=sweep.truth.k)
        exact = quantity.exact(sweep.truth)
        level = [Line(exact.mean, False, "exact search")] if exact is not None else []
        size = [Line(exact_bytes(sweep), True, "float32")]
        costs = self._model.costs
        if costs.shown:
            fit = f"{costs.bytes_per_vector:,.3g} bytes fit"
            size.append(Line(costs.bytes_per_vector, True, fit, strong=True))
        pace = exact_speed(sweep.truth)
        fast = [Line(pace, True, "exact search")] if pace is not None else []
        front = [point.key for point in front_by_bytes(made)]
        self.by_bytes.show_marks(
            self._marks(sweep, made, speed=False), front, (*level, *size), y_title=title
        )
        front = [point.key for point in front_by_speed(made)]
        self.by_speed.show_marks(
            self._marks(sweep, made, speed=True), front, (*level, *fast), y_title=title
        )
        best = cheapest(sweep, costs) if costs.shown else None
        for chart in self.charts:
            chart.show_ring("best", best.fingerprint if best is not None else None)
        used = {point.family for point in made}
        looks = family_looks(sweep, dark=current_theme().is_dark)
        self.legend.show_families([(name, *look) for name, look in looks.items() if name in used])
        self._show_chosen()

    def show_hovered(self, key: str | None) -> None:
        """Mark the point that the cursor is at, wherever the cursor is."""
        for chart in self.charts:
            chart.show_ring("hover", key)

    def _show_chosen(self) -> None:
        cell = self._model.cell
        for chart in self.charts:
            chart.show_ring("chosen", cell.fingerprint if cell is not None else None)

    def _marks(self, sweep: Sweep, made: Sequence[Point], *, speed: bool) -> list[Mark]:
        quantity = self._model.quantity
        looks = family_looks(sweep, dark=current_theme().is_dark)
        cells = {cell.fingerprint: cell for cell in sweep.cells}
        marks = []
        for point in made:
            cell = cells[point.key]
            ink, symbol = looks[point.family]
            title, *lines = tip_lines(cell, sweep, quantity)
            if self._model.costs.shown:
                lines.append(planned_words(cell, self._model.costs))
            tip = "<br>".join((f"<b>{escape(title)}</b>", *(escape(line) for line in lines)))
            marks.append(
                Mark(
                    point.key,
                    point.queries_per_second if speed else point.bytes_per_vector,
                    point.value,
                    point.low,
                    point.high,
                    ink,
                    symbol,
                    "" if speed else point.codec,  # a codec's speed follows no line
                    headline(cell, quantity),
                    f"{tip}<br>Click to look at it.",
                )
            )
        return marks

    def _on_theme_changed(self, _theme: object) -> None:
        self.show_sweep()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer pictures of the chart at the cursor."""
        chart = self.by_bytes if event.pos().x() < self.width() / 2 else self.by_speed
        menu = picture_menu(chart, self.legend, self._model, self)
        menu.popup(event.globalPos())
