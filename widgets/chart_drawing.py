"""What a chart shows: marks with intervals, joined by lines, lines of reference, rings; pictures.

Imports pyqtgraph, so whoever shows a chart imports this module only when it is first looked at.
Places are given in the units of the axes; a logarithmic axis is the chart's own affair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.chart_axis import Axis
from widgets.theme import Theme, colour, current_theme, theme_signal

pg.setConfigOptions(exitCleanup=False)  # whatever is left at the end, Qt puts away itself
MOST_BESIDE = 0.7  # of an axis that a line may lie beside few points, in its own units
DOT = 8.0
RING, CHOSEN_RING, BEST_RING = 15.0, 17.0, 23.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the chart."""

    key: str
    x: float
    y: float
    low: float  # ends of the interval, upright
    high: float
    colour: str  # "#RRGGBB"
    symbol: str  # as pyqtgraph calls it: "o", "s", "t", ...
    group: str  # marks of the same group are joined by a thin line; "" by none
    words: str  # one sentence
    tip: str  # what the cursor is told, in HTML


@dataclass(frozen=True, slots=True)
class Line:
    """A line of reference right across the chart."""

    at: float
    upright: bool
    text: str
    strong: bool = False


class Drawing(QWidget):
    """Draws; what the mouse and the keys do is the affair of `Chart`."""

    def __init__(self, x_title: str, *, log_x: bool = True) -> None:
        super().__init__()
        self._marks: tuple[Mark, ...] = ()
        self._front: tuple[str, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self._log = log_x
        self._is_own_view = False  # the person zoomed or moved it
        self._rings: dict[str, str | None] = {"hover": None, "chosen": None, "best": None}
        self._x, self._y = Axis("bottom", log=log_x), Axis("left", percent=True)
        self._plot = pg.PlotWidget(axisItems={"bottom": self._x, "left": self._y})
        self._item = self._plot.getPlotItem()
        self._titles = (x_title, "")
        self._build()
        theme_signal().changed.connect(self._on_theme_changed)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is shown."""
        return self._marks

    @property
    def view(self) -> QWidget:
        """What hears the mouse."""
        viewport: QWidget = self._plot.viewport()
        return viewport

    def show_marks(
        self,
        marks: Sequence[Mark],
        front: Sequence[str] = (),
        lines: Sequence[Line] = (),
        *,
        y_title: str = "",
    ) -> None:
        """Show other marks; `front` are keys that are joined by a heavy line, in their order."""
        self._marks, self._front, self._lines = tuple(marks), tuple(front), tuple(lines)
        self._titles = (self._titles[0], y_title)
        self._rings = {
            kind: key if any(mark.key == key for mark in marks) else None
            for kind, key in self._rings.items()
        }
        self._draw()
        if not self._is_own_view:
            self.fit()

    def show_ring(self, kind: str, key: str | None) -> None:
        """Ring a mark: the one at the cursor ("hover"), the "chosen", the "best"."""
        self._rings[kind] = key
        self._draw_rings()

    def position_of(self, key: str) -> QPointF:
        """Where a mark lies in `view`, in logical pixels. Raises: StopIteration if it is none."""
        return self._pixel(next(mark for mark in self._marks if mark.key == key))

    def fit(self) -> None:
        """Show all marks."""
        self._is_own_view = False
        if not self._marks:
            return
        xs = [self._place(mark.x) for mark in self._marks]
        reach = max(MOST_BESIDE, max(xs) - min(xs))
        places = [self._place(line.at) for line in self._lines if line.upright]
        # A line far away would press the points together.
        xs += [at for at in places if min(xs) - reach <= at <= max(xs) + reach]
        lows = [mark.low for mark in self._marks]
        highs = [line.at for line in self._lines if not line.upright]
        highs += [mark.high for mark in self._marks]
        low, high = min(*lows, *highs), max(highs)
        across, up = max(0.1, max(xs) - min(xs)), max(0.01, high - low)
        self._item.setXRange(min(xs) - 0.05 * across, max(xs) + 0.05 * across, padding=0)
        self._item.setYRange(low - 0.15 * up, high + 0.08 * up, padding=0)

    def paint_on(self, painter: QPainter, area: QRectF) -> None:
        """Paint the chart into an area of any device, points as curves and not as pixels."""
        scale = area.width() / max(1, self._plot.width())
        exact = {"antialias": True, "resolutionScale": scale, "painter": painter}
        dots = (self._dots, *self._ring_items.values())
        for item in dots:
            item.setExportMode(True, exact)
        try:
            self._plot.scene().render(painter, area, QRectF(self._plot.rect()))
        finally:
            for item in dots:
                item.setExportMode(False)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.addWidget(self._plot)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self._plot.setAntialiasing(True)
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.getViewBox().sigRangeChangedManually.connect(self._on_moved)
        self._joins: dict[str, Any] = {}
        self._referred: object = None  # what the lines of reference were drawn from
        self._references: list[Any] = []
        self._bars = pg.ErrorBarItem(x=np.zeros(0), y=np.zeros(0))
        self._front_line = pg.PlotDataItem()
        self._dots = pg.ScatterPlotItem()
        self._ring_items = {kind: pg.ScatterPlotItem() for kind in ("best", "chosen", "hover")}
        for depth, item in enumerate(
            (self._bars, self._front_line, self._dots, *self._ring_items.values()), start=10
        ):
            item.setZValue(depth)
            self._item.addItem(item)
        self._wear(current_theme())

    def _draw(self) -> None:
        theme, marks = current_theme(), self._marks
        self._draw_joins()
        self._draw_references(theme)
        xs = np.array([self._place(mark.x) for mark in marks])
        ys = np.array([mark.y for mark in marks])
        self._bars.setData(
            x=xs,
            y=ys,
            top=np.array([mark.high for mark in marks]) - ys,
            bottom=ys - np.array([mark.low for mark in marks]),
            pen=pg.mkPen(colour(theme.muted, 150), width=1),
        )
        by_key = {mark.key: mark for mark in marks}
        front = [by_key[key] for key in self._front if key in by_key]
        self._front_line.setData(
            [self._place(mark.x) for mark in front],
            [mark.y for mark in front],
            pen=pg.mkPen(theme.text, width=1.4, style=Qt.PenStyle.DashLine),
        )
        self._dots.setData(
            x=xs,
            y=ys,
            size=DOT,
            symbol=[mark.symbol for mark in marks],
            brush=[pg.mkBrush(mark.colour) for mark in marks],
            pen=pg.mkPen(theme.base, width=0.8),
        )
        self._item.setLabel("bottom", self._titles[0], color=theme.text)
        self._item.setLabel("left", self._titles[1], color=theme.text)
        self._draw_rings()

    def _draw_joins(self) -> None:
        """Draw a thin line through the marks of each group; lines that there are stay."""
        groups: dict[str, list[Mark]] = {}
        for mark in sorted(self._marks, key=lambda m: (m.x, m.y)):
            groups.setdefault(mark.group, []).append(mark)
        shown = {group: own for group, own in groups.items() if group and len(own) > 1}
        for group in [group for group in self._joins if group not in shown]:
            self._item.removeItem(self._joins.pop(group))
        for group, own in shown.items():
            if group not in self._joins:
                self._joins[group] = pg.PlotDataItem()
                self._item.addItem(self._joins[group])
            self._joins[group].setData(
                [self._place(mark.x) for mark in own],
                [mark.y for mark in own],
                pen=pg.mkPen(colour(own[0].colour, 120), width=1),
            )

    def _draw_references(self, theme: Theme) -> None:
        """Draw the lines of reference, if they are others or of other colours."""
        wanted = (theme.name, self._lines)
        if wanted == self._referred:
            return
        self._referred = wanted
        for old in self._references:
            self._item.removeItem(old)
        self._references = [self._reference(line, theme) for line in self._lines]

    def _reference(self, line: Line, theme: Theme) -> Any:
        ink = theme.accent if line.strong else theme.muted
        made = pg.InfiniteLine(
            self._place(line.at) if line.upright else line.at,
            angle=90 if line.upright else 0,
            pen=pg.mkPen(ink, width=1.6 if line.strong else 1, style=Qt.PenStyle.DotLine),
            label=line.text,
            labelOpts={
                # In the strip that fit() leaves free, one above the other.
                "position": (0.15 if line.strong else 0.055) if line.upright else 0.02,
                "color": ink,
                "fill": colour(theme.base, 210),
                "movable": False,
                # Beside the line, and on the side of it where there is more room.
                "anchors": [(0, 0.5), (1, 0.5)] if line.upright else [(0, 0), (0, 1)],
            },
        )
        made.setZValue(5)
        self._item.addItem(made, ignoreBounds=True)
        return made

    def _draw_rings(self) -> None:
        theme = current_theme()
        looks = {
            "hover": (RING, theme.text, Qt.PenStyle.SolidLine),
            "chosen": (CHOSEN_RING, theme.accent, Qt.PenStyle.SolidLine),
            "best": (BEST_RING, theme.success, Qt.PenStyle.SolidLine),
        }
        by_key = {mark.key: mark for mark in self._marks}
        for kind, (size, ink, style) in looks.items():
            mark = by_key.get(self._rings[kind] or "")
            places = [] if mark is None else [(self._place(mark.x), mark.y)]
            self._ring_items[kind].setData(
                pos=places,
                size=size,
                symbol="d" if kind == "best" else "o",
                brush=None,
                pen=pg.mkPen(ink, width=2, style=style),
            )

    def _wear(self, theme: Theme) -> None:
        self._plot.setBackground(theme.base)
        for axis in (self._x, self._y):
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.text))
        self._item.showGrid(x=True, y=True, alpha=0.12 if theme.is_dark else 0.10)
        self._draw()

    def _place(self, value: float) -> float:
        return math.log10(value) if self._log else value

    def _pixel(self, mark: Mark) -> QPointF:
        scene = self._item.getViewBox().mapViewToScene(QPointF(self._place(mark.x), mark.y))
        return QPointF(self._plot.mapFromScene(scene))

    def _on_moved(self, _axes: object) -> None:
        self._is_own_view = True

    def _on_theme_changed(self, theme: Theme) -> None:
        self._wear(theme)
