"""Bars of directions: both extremes side by side, how each pair agrees, and the scree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from app.panels.values import ticks
from widgets.direction_drawing import (
    CENTRE,
    GAP,
    LEFT,
    PAD,
    RIGHT,
    Painted,
    Spot,
    fine_pen,
    side_colours,
    signed,
)
from widgets.theme import Theme, colour

BAR_SHARE = 0.45  # of half of the width, for the longest bar; the rest is for words
MOST_SCREE = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with its name; `row` is the item, or -1."""

    name: str
    value: float
    row: int = -1


class Butterfly(Painted):
    """The items at both ends, back to back: negative to the left, positive to the right."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__(name, empty)
        self._sides: tuple[tuple[Bar, ...], tuple[Bar, ...]] = ((), ())
        self._titles = ("", "")

    def show_sides(
        self, negative: Sequence[Bar], positive: Sequence[Bar], titles: tuple[str, str]
    ) -> None:
        """Show other items, the most extreme first."""
        self._sides, self._titles = (tuple(negative), tuple(positive)), titles
        self.renew(
            f"{len(negative)} items towards {titles[0]} and {len(positive)} towards {titles[1]}. "
            "Arrow keys walk along them, Enter goes to one."
        )

    def spots(self) -> list[Spot]:
        """Bars of the left side from top to bottom, then those of the right side."""
        middle = self.width() / 2
        return [
            Spot(
                QRectF(0 if side == 0 else middle, self._top(place), middle, self._step),
                f"{bar.name}: {signed(bar.value)}, {place + 1}. towards {self._titles[side]}",
                bar.row,
            )
            for side, bars in enumerate(self._sides)
            for place, bar in enumerate(bars)
        ]

    def step(self, key: Qt.Key) -> int:
        """Up and down along a side, left and right to the other one."""
        left, right = map(len, self._sides)
        at = self._at
        if at < 0 or key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            low, high = (0, left - 1) if at < left else (left, left + right - 1)
            return min(max(super().step(key), low), high)
        if key == Qt.Key.Key_Right and at < left and right:
            return left + min(at, right - 1)
        if key == Qt.Key.Key_Left and at >= left and left:
            return min(at - left, left - 1)
        return at

    def draw(self, painter: QPainter, theme: Theme) -> None:
        """Titles, the middle line, bars and their names."""
        middle, head = self.width() / 2, self._line + GAP
        inks = side_colours(theme)
        bold = painter.font()
        bold.setBold(True)
        painter.save()
        painter.setFont(bold)
        for side, (words, align) in enumerate(zip(self._titles, (RIGHT, LEFT), strict=True)):
            area = QRectF(PAD if side == 0 else middle + GAP, 0, middle - PAD - GAP, head)
            painter.setPen(inks[side])
            arrow = f"← {words}" if side == 0 else f"{words} →"
            painter.drawText(area, align, self._elided(arrow, area.width() - 12))
        painter.restore()
        if 0 <= self._at < sum(map(len, self._sides)):
            self._paint_hover(painter, theme, self.spots()[self._at].area)
        most = max((abs(bar.value) for bars in self._sides for bar in bars), default=0.0) or 1.0
        for side, bars in enumerate(self._sides):
            for place, bar in enumerate(bars):
                self._draw_bar(painter, theme, side, place, bar, most)
        painter.setPen(fine_pen(theme.muted, 160))
        painter.drawLine(QPointF(middle, head), QPointF(middle, self.height() - GAP))

    def _draw_bar(
        self, painter: QPainter, theme: Theme, side: int, place: int, bar: Bar, most: float
    ) -> None:
        middle, way = self.width() / 2, -1 if side == 0 else 1
        top, high = self._top(place), self._step
        length = abs(bar.value) / most * (middle - PAD) * BAR_SHARE
        ink = side_colours(theme)[side]
        area = QRectF(min(middle, middle + way * length), top + 2, length, high - 4)
        painter.fillRect(area, ink)
        number = signed(bar.value)
        wide = self._metrics.horizontalAdvance("−.000") + GAP  # noqa: RUF001
        edge = middle + way * (length + GAP)
        painter.setPen(QColor(theme.muted))
        room = QRectF(edge - wide if side == 0 else edge, top, wide, high)
        painter.drawText(room, RIGHT if side == 0 else LEFT, number)
        edge += way * wide
        space = edge - PAD if side == 0 else self.width() - PAD - edge
        painter.setPen(QColor(theme.text))
        room = QRectF(PAD if side == 0 else edge, top, max(0.0, space), high)
        painter.drawText(room, RIGHT if side == 0 else LEFT, self._elided(bar.name, space))

    @property
    def _step(self) -> float:
        return self._line + 3

    def _top(self, place: int) -> float:
        return self._line + GAP + 2 + place * self._step

    def minimumSizeHint(self) -> QSize:
        """High enough for all bars."""
        rows = max(map(len, self._sides))
        return QSize(240, max(90, round(self._top(rows) + GAP)))

    def sizeHint(self) -> QSize:
        """The same."""
        return self.minimumSizeHint()


class PairBars(Painted):
    """How each pair agrees with the direction: bars to the right; to the left if it does not."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__(name, empty)
        self._bars: tuple[Bar, ...] = ()

    def show_bars(self, bars: Sequence[Bar], summary: str) -> None:
        """Show other pairs."""
        self._bars = tuple(bars)
        self.renew(summary)

    def spots(self) -> list[Spot]:
        """One a pair."""
        return [
            Spot(
                QRectF(0, self._top(place), self.width(), self._step),
                f"{bar.name}: cosine {signed(bar.value)}"
                + (" — it points the other way" if bar.value < 0 else ""),
            )
            for place, bar in enumerate(self._bars)
        ]

    def draw(self, painter: QPainter, theme: Theme) -> None:
        """Names to the left, bars from the line of zero."""
        wide = self._metrics.horizontalAdvance("−.000") + GAP  # noqa: RUF001
        names = max(self._metrics.horizontalAdvance(bar.name) for bar in self._bars) + GAP
        names = min(names, 0.42 * self.width())
        low = min(0.0, *(bar.value for bar in self._bars))
        left, right = PAD + names, self.width() - PAD - wide
        if low < 0:
            left += wide
        scale = max(1.0, right - left) / (1.0 - low)
        zero = left - low * scale
        if 0 <= self._at < len(self._bars):
            self._paint_hover(painter, theme, self.spots()[self._at].area)
        for place, bar in enumerate(self._bars):
            top, high = self._top(place), self._step
            length = bar.value * scale
            ink = QColor(theme.danger) if bar.value < 0 else side_colours(theme)[1]
            area = QRectF(min(zero, zero + length), top + 2, abs(length), high - 4)
            painter.fillRect(area, ink)
            painter.setPen(QColor(theme.danger if bar.value < 0 else theme.text))
            room = QRectF(PAD, top, names - GAP, high)
            painter.drawText(room, LEFT, self._elided(bar.name, names - GAP))
            painter.setPen(QColor(theme.muted))
            number = QRectF(
                zero + length - wide if length < 0 else zero + length + GAP, top, wide - GAP, high
            )
            painter.drawText(number, RIGHT if length < 0 else LEFT, signed(bar.value))
        painter.setPen(fine_pen(theme.muted, 160))
        painter.drawLine(QPointF(zero, PAD), QPointF(zero, self._top(len(self._bars))))

    @property
    def _step(self) -> float:
        return self._line + 3

    def _top(self, place: int) -> float:
        return PAD + place * self._step

    def minimumSizeHint(self) -> QSize:
        """High enough for all pairs."""
        return QSize(160, max(90, round(self._top(len(self._bars)) + GAP)))

    def sizeHint(self) -> QSize:
        """The same."""
        return self.minimumSizeHint()


class Scree(Painted):
    """Shares of variance of the components beside those of random pairs."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__(name, empty)
        self._shares: tuple[float, ...] = ()
        self._baseline: tuple[float, ...] = ()

    def show_shares(self, shares: Sequence[float], baseline: Sequence[float], summary: str) -> None:
        """Show other shares, each 0..1."""
        self._shares = tuple(shares[:MOST_SCREE])
        self._baseline = tuple(baseline[: len(self._shares)])
        self.renew(summary)

    def spots(self) -> list[Spot]:
        """One a component."""
        area = self._area
        wide = area.width() / max(1, len(self._shares))
        found = []
        for number, share in enumerate(self._shares):
            words = f"Component {number + 1}: {share:.1%} of the variance"
            if number < len(self._baseline):
                words += f", random pairs {self._baseline[number]:.1%}"
            place = QRectF(area.left() + number * wide, 0, wide, self.height())
            found.append(Spot(place, words))
        return found

    def draw(self, painter: QPainter, theme: Theme) -> None:
        """Bars of the pairs, a line with dots of random pairs, and what is what."""
        area, spots = self._area, self.spots()
        most = max(*self._shares, *(self._baseline or (0.0,)), 0.05)
        self._draw_scale(painter, theme, area, most)
        if 0 <= self._at < len(spots):
            self._paint_hover(painter, theme, spots[self._at].area)
        ink = side_colours(theme)[1]
        points = []
        for number, spot in enumerate(spots):
            middle, wide = spot.area.center().x(), spot.area.width()
            high = self._shares[number] / most * area.height()
            bar = QRectF(middle - 0.32 * wide, area.bottom() - high, 0.64 * wide, high)
            painter.fillRect(bar, ink)
            painter.setPen(QColor(theme.muted))
            below = QRectF(middle - wide / 2, area.bottom() + 2, wide, self._line)
            painter.drawText(below, CENTRE, str(number + 1))
            if number < len(self._baseline):
                up = self._baseline[number] / most * area.height()
                points.append(QPointF(middle, area.bottom() - up))
        painter.setPen(fine_pen(theme.text, 200, 1.4))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(QColor(theme.base))
        for point in points:
            painter.drawEllipse(point, 3.0, 3.0)
        self._draw_legend(painter, theme, area)

    def _draw_scale(self, painter: QPainter, theme: Theme, area: QRectF, most: float) -> None:
        for value, _words in ticks(0.0, most, max(2, int(area.height() / 34)), is_date=False):
            y = area.bottom() - value / most * area.height()
            painter.setPen(fine_pen(theme.muted, 50))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.muted))
            room = QRectF(0, y - self._line / 2, area.left() - 4, self._line)
            painter.drawText(room, RIGHT, f"{value:.0%}")

    def _draw_legend(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        words = (("pairs", True), ("random pairs", False))
        y = area.top() + 2
        for text, is_bar in words[: 2 if self._baseline else 1]:
            wide = self._metrics.horizontalAdvance(text)
            x = area.right() - wide
            painter.fillRect(QRectF(x - 24, y, wide + 24, self._line), colour(theme.base, 210))
            painter.setPen(QColor(theme.text))
            painter.drawText(QRectF(x, y, wide + 2, self._line), LEFT, text)
            middle = QPointF(x - 12, y + self._line / 2)
            if is_bar:
                square = QRectF(middle.x() - 5, middle.y() - 5, 10, 10)
                painter.fillRect(square, side_colours(theme)[1])
            else:
                painter.setPen(fine_pen(theme.text, 200, 1.4))
                painter.drawLine(middle + QPointF(-8, 0), middle + QPointF(8, 0))
                painter.setBrush(QColor(theme.base))
                painter.drawEllipse(middle, 3.0, 3.0)
            y += self._line

    @property
    def _area(self) -> QRectF:
        left = PAD + self._metrics.horizontalAdvance("100%") + 4
        bottom = self._line + PAD
        return QRectF(
            left, PAD, max(1.0, self.width() - left - PAD), max(1.0, self.height() - PAD - bottom)
        )
