"""Projections as they are spread: histograms of groups, and a dot an item of small groups."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPolygonF

from backends.directions.groups import Histogram
from backends.raster.palette import named_colours
from widgets.direction_drawing import (
    GAP,
    LEFT,
    PAD,
    Painted,
    Spot,
    draw_axis,
    fine_pen,
    scale_to,
    signed,
)
from widgets.theme import Theme, colour

FEW = 30  # items of a group: below, each is a dot
DOT = 8.0  # pixels


class SpreadChart(Painted):
    """Histograms of groups in the same bins, as shares of each group."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__(name, empty)
        self._shown: Histogram | None = None
        self._shares: NDArray[np.float64] = np.empty((0, 0))

    def show_histogram(self, shown: Histogram | None) -> None:
        """Show other groups."""
        self._shown = shown
        self._shares = shown.densities if shown is not None else np.empty((0, 0))
        titles = ", ".join(shown.titles) if shown is not None else ""
        self.renew(f"Projections of {titles}. Arrow keys walk along the bins." if titles else "")

    @property
    def title(self) -> str:
        """What the axis is, and what heights and dots are."""
        sizes = self._shown.sizes if self._shown is not None else ()
        few = [group for group in range(len(sizes)) if self._is_few(group)]
        told = "projection (cosine); height: share of the items"
        if len(sizes) - len(few) > 1:
            told = "projection (cosine); height: share of each group"
        return f"{told}; dot: one item" if few else told

    def spots(self) -> list[Spot]:
        """One a bin."""
        shown, area = self._shown, self._area
        if shown is None:
            return []
        wide = area.width() / (len(shown.edges) - 1)
        found = []
        for number, (low, high) in enumerate(zip(shown.edges, shown.edges[1:], strict=False)):
            told = "; ".join(
                f"{title} {share:.1%} ({count:,})"
                for title, share, count in zip(
                    shown.titles, self._shares[:, number], shown.counts[:, number], strict=True
                )
            )
            place = QRectF(area.left() + number * wide, area.top(), wide, area.height())
            found.append(Spot(place, f"{signed(low)} to {signed(high)}: {told}"))
        return found

    def draw(self, painter: QPainter, theme: Theme) -> None:
        """Axis, zero, outlines with thin grounds, and the groups' names."""
        shown, area = self._shown, self._area
        assert shown is not None
        low, high = float(shown.edges[0]), float(shown.edges[-1])
        most = self._most()
        x = scale_to(low, high, area.left(), area.right())
        if 0 <= self._at < len(shown.edges) - 1:
            self._paint_hover(painter, theme, self.spots()[self._at].area)
        draw_axis(painter, theme, self._line, area, (low, high), self.title)
        if low < 0 < high:
            painter.setPen(fine_pen(theme.text, 120))
            painter.drawLine(QPointF(x(0.0), area.top()), QPointF(x(0.0), area.bottom()))
        inks = named_colours(dark=theme.is_dark)
        for group, shares in enumerate(self._shares):
            ink = inks[group % len(inks)]
            if self._is_few(group):
                continue
            points = [QPointF(area.left(), area.bottom())]
            for number, share in enumerate(shares):
                y = area.bottom() - share / most * area.height()
                points.append(QPointF(x(float(shown.edges[number])), y))
                points.append(QPointF(x(float(shown.edges[number + 1])), y))
            points.append(QPointF(area.right(), area.bottom()))
            painter.setPen(fine_pen(ink, 255, 1.5))
            painter.setBrush(colour(ink, 70 if len(self._shares) == 1 else 36))
            painter.drawPolygon(QPolygonF(points))
        self._draw_few(painter, theme, area)
        for group in range(len(self._shares)):
            ink = inks[group % len(inks)]
            mean = shown.means[group]
            if math.isfinite(mean):
                painter.setPen(fine_pen(ink, 255, 2.0))
                foot = QPointF(x(mean), area.bottom())
                painter.drawLine(foot, foot + QPointF(0, 5))
        self._draw_names(painter, theme, area, shown)

    def _is_few(self, group: int) -> bool:
        """Whether a group is so small that its items are shown one by one, beside larger ones."""
        assert self._shown is not None
        sizes = self._shown.sizes
        return sizes[group] < FEW <= max(sizes)

    def _most(self) -> float:
        """The largest share that is drawn as an outline."""
        outlined = [g for g in range(len(self._shares)) if not self._is_few(g)]
        return float(self._shares[outlined].max()) or 1.0

    def _draw_few(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        """A dot an item of small groups, on top of each other in their bins."""
        shown = self._shown
        assert shown is not None
        inks = named_colours(dark=theme.is_dark)
        wide = area.width() / (len(shown.edges) - 1)
        heights = [0] * (len(shown.edges) - 1)
        painter.setPen(fine_pen(theme.base))
        for group, counts in enumerate(shown.counts):
            if not self._is_few(group):
                continue
            painter.setBrush(QColor(inks[group % len(inks)]))
            for number in np.flatnonzero(counts).tolist():
                for _item in range(int(counts[number])):
                    heights[number] += 1
                    y = area.bottom() - (heights[number] - 0.5) * DOT
                    middle = QPointF(area.left() + (number + 0.5) * wide, y)
                    painter.drawEllipse(middle, DOT / 2, DOT / 2)

    def _draw_names(self, painter: QPainter, theme: Theme, area: QRectF, shown: Histogram) -> None:
        inks = named_colours(dark=theme.is_dark)
        texts = [
            f"{title} · n {size:,} · mean {signed(mean)}" if size else f"{title} · nothing known"
            for title, size, mean in zip(shown.titles, shown.sizes, shown.means, strict=True)
        ]
        room = 0.45 * area.width()
        wide = min(room, max(self._metrics.horizontalAdvance(text) for text in texts)) + 18
        x, y = area.right() - wide, area.top() + 2
        ground = QRectF(x - 4, y - 2, wide + 4, len(texts) * self._line + 4)
        painter.fillRect(ground, colour(theme.base, 215))
        for group, text in enumerate(texts):
            square = QRectF(x, y + self._line / 2 - 5, 10, 10)
            painter.fillRect(square, QColor(inks[group % len(inks)]))
            painter.setPen(QColor(theme.text))
            place = QRectF(x + 16, y, wide - 16, self._line)
            painter.drawText(place, LEFT, self._elided(text, wide - 16))
            y += self._line

    @property
    def _area(self) -> QRectF:
        bottom = 2 * self._line + GAP + 2
        return QRectF(
            PAD + GAP,
            PAD,
            max(1.0, self.width() - 2 * PAD - 2 * GAP),
            max(1.0, self.height() - PAD - bottom),
        )
