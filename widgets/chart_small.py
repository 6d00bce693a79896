"""Small charts that are only looked at: a histogram, and curves of training.

Imports pyqtgraph: load it when one is first looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.chart_axis import Axis
from widgets.theme import Theme, colour, current_theme, theme_signal
from widgets.voice import changed, describe

HEIGHT = 132
Values = NDArray[Any]


class SmallChart(QWidget):
    """A plot that neither moves nor zooms, put into words for a screen reader."""

    def __init__(self, name: str, *, percent_x: bool = False) -> None:
        super().__init__()
        self._words = "Nothing to show."
        self._titles = ("", "")
        self._bars: tuple[Values, Values] | None = None  # counts and edges
        self._curves: tuple[tuple[str, Values, Values], ...] = ()
        self.setAccessibleName(name)
        self.setFixedHeight(HEIGHT)
        self._x, self._y = Axis("bottom", percent=percent_x), Axis("left")
        self._plot = pg.PlotWidget(axisItems={"bottom": self._x, "left": self._y})
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setMouseEnabled(x=False, y=False)
        self._item = self._plot.getPlotItem()
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        theme_signal().changed.connect(self._on_theme_changed)

    def words(self) -> str:
        """What a screen reader is told."""
        return self._words

    def show_bars(
        self, counts: Values, edges: Values, *, titles: tuple[str, str], words: str
    ) -> None:
        """Show a histogram: counts (b,) between edges (b + 1,)."""
        self._bars = counts, edges
        self._show(titles, words)

    def show_curves(
        self, curves: Sequence[tuple[str, Values, Values]], *, titles: tuple[str, str], words: str
    ) -> None:
        """Show curves: name, places and values of each."""
        self._curves = tuple(curves)
        self._show(titles, words)

    def _show(self, titles: tuple[str, str], words: str) -> None:
        self._titles, self._words = titles, words
        self.setToolTip(words)
        self._draw(current_theme())
        changed(self)

    def _draw(self, theme: Theme) -> None:
        self._item.clear()
        if self._item.legend is not None:
            self._item.legend.clear()
        self._plot.setBackground(theme.base)
        for axis in (self._x, self._y):
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.text))
        self._item.setLabel("bottom", self._titles[0], color=theme.text)
        self._item.setLabel("left", self._titles[1], color=theme.text)
        if self._bars is not None:
            self._draw_bars(theme, *self._bars)
        elif self._curves:
            self._draw_curves(theme)

    def _draw_bars(self, theme: Theme, counts: Values, edges: Values) -> None:
        bars = pg.BarGraphItem(
            x0=edges[:-1],
            x1=edges[1:],
            height=counts,
            brush=pg.mkBrush(colour(theme.accent, 190)),
            pen=pg.mkPen(theme.base, width=1),
        )
        self._item.addItem(bars)
        most = float(counts.max()) if len(counts) else 1.0
        span = float(edges[-1] - edges[0]) if len(edges) > 1 else 1.0
        self._item.setXRange(float(edges[0]) - 0.03 * span, float(edges[-1]) + 0.03 * span, 0)
        self._item.setYRange(0, max(most, 1.0) * 1.05, 0)

    def _draw_curves(self, theme: Theme) -> None:
        looks = ((theme.muted, Qt.PenStyle.SolidLine), (theme.accent, Qt.PenStyle.SolidLine))
        if self._item.legend is None:
            self._item.addLegend(offset=(-4, 4), labelTextSize="8pt")
        self._item.legend.setLabelTextColor(theme.text)
        for (name, places, values), (ink, style) in zip(self._curves, looks, strict=False):
            wide = 2 if len(values) < 200 else 1
            self._item.plot(
                places,
                values,
                name=name,
                pen=pg.mkPen(ink, width=wide, style=style),
                symbol="o" if len(values) < 40 else None,
                symbolSize=5,
                symbolBrush=ink,
                symbolPen=None,
            )
        self._item.enableAutoRange()

    def _on_theme_changed(self, theme: Theme) -> None:
        self._draw(theme)


describe(SmallChart, QAccessible.Role.Chart, SmallChart.words)


def histogram(values: Values, bins: int = 24) -> tuple[Values, Values]:
    """Counts (b,) and edges (b + 1,) of finite values; equal ones stand in one bin."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.zeros(1, np.int64), np.array([0.0, 1.0])
    low, high = float(finite.min()), float(finite.max())
    if high - low <= 1e-12 * max(1.0, abs(high)):  # no room for bins between them
        half = max(abs(high), 1e-9) / 2
        return np.array([len(finite)]), np.array([low - half, low + half])
    counts, edges = np.histogram(finite.astype(np.float64), bins)
    return counts, edges
