"""The words of a test on one scale: two strips of dots with their means, below them every word."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter

from app.panels.association_rows import Dots
from widgets.direction_drawing import (
    GAP,
    LEFT,
    PAD,
    RIGHT,
    Painted,
    Spot,
    draw_axis,
    fine_pen,
    scale_to,
    side_colours,
    signed,
)
from widgets.theme import Theme

STRIP = 18.0  # logical pixels of the strip of a group
NAMES = 0.36  # most of the width, for words
EMPTY = "Nothing is made yet."


class AssociationChart(Painted):
    """Shows `Dots`."""

    def __init__(self) -> None:
        super().__init__("Association of words", EMPTY)
        self._dots = Dots()

    @property
    def dots(self) -> Dots:
        """What is shown."""
        return self._dots

    def show_dots(self, dots: Dots, empty: str = EMPTY) -> None:
        """Show other words; `empty` says why there are none."""
        self._empty = empty
        if dots == self._dots:
            self.update()
            return
        self._dots = dots
        told = [
            f"{title}, mean {signed(mean)}"
            for title, mean in zip(dots.groups, dots.means, strict=True)
        ]
        enter = ", Enter goes to one" if any(dot.row >= 0 for dot in dots.dots) else ""
        self.renew(f"{len(dots.dots)} words. {'; '.join(told)}. Arrow keys walk along them{enter}.")

    def spots(self) -> list[Spot]:
        """One a word, the largest value first."""
        return [
            Spot(
                QRectF(0, self._top(at), self.width(), self._step),
                f"{dot.term} ({self._dots.groups[dot.group]}): {signed(dot.value)}",
                dot.row,
            )
            for at, dot in enumerate(self._dots.dots)
        ]

    def draw(self, painter: QPainter, theme: Theme) -> None:
        """The strips, the axis, and a line for each word."""
        low, high = self._range
        area = QRectF(self._left, PAD, max(1.0, self.width() - self._left - PAD - self._wide), 0)
        x = scale_to(low, high, area.left(), area.right())
        orange, blue = side_colours(theme)
        inks = (blue, orange)
        self._draw_strips(painter, theme, area, inks)
        strips = STRIP * len(self._dots.groups)
        axis = QRectF(area.left(), PAD, area.width(), strips)
        draw_axis(painter, theme, self._line, axis, (low, high), self._title(axis.width()))
        zero = self._dots.zero
        if 0 <= self._at < len(self._dots.dots):
            self._paint_hover(painter, theme, self.spots()[self._at].area)
        bottom = self._top(len(self._dots.dots))
        if zero is not None:
            painter.setPen(fine_pen(theme.muted, 160))
            painter.drawLine(QPointF(x(zero), PAD), QPointF(x(zero), PAD + strips))
            painter.drawLine(QPointF(x(zero), self._top(0)), QPointF(x(zero), bottom))
        for at, dot in enumerate(self._dots.dots):
            middle = self._top(at) + self._step / 2
            ink = inks[dot.group % 2]
            if zero is not None:
                painter.setPen(fine_pen(ink.name(), 150, 2.0))
                painter.drawLine(QPointF(x(zero), middle), QPointF(x(dot.value), middle))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(QPointF(x(dot.value), middle), 3.6, 3.6)
            painter.setPen(QColor(theme.text))
            room = QRectF(PAD, self._top(at), self._left - PAD - GAP, self._step)
            painter.drawText(room, RIGHT, self._elided(dot.term, room.width()))
            painter.setPen(QColor(theme.muted))
            number = QRectF(area.right() + GAP, self._top(at), self._wide, self._step)
            painter.drawText(number, LEFT, signed(dot.value))

    def _draw_strips(
        self, painter: QPainter, theme: Theme, area: QRectF, inks: tuple[QColor, QColor]
    ) -> None:
        """All dots of a group in one line, its mean as a stroke, its name before it."""
        x = scale_to(*self._range, area.left(), area.right())
        for group, (title, mean) in enumerate(
            zip(self._dots.groups, self._dots.means, strict=True)
        ):
            top = PAD + group * STRIP
            middle, ink = top + STRIP / 2, inks[group % 2]
            painter.setPen(ink)
            room = QRectF(PAD, top, self._left - PAD - GAP, STRIP)
            painter.drawText(room, RIGHT, self._elided(title, room.width()))
            soft = QColor(ink)
            soft.setAlpha(110)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(soft)
            for dot in self._dots.dots:
                if dot.group == group:
                    painter.drawEllipse(QPointF(x(dot.value), middle), 3.4, 3.4)
            painter.setPen(fine_pen(theme.text, 255, 2.0))
            painter.drawLine(QPointF(x(mean), top + 2), QPointF(x(mean), top + STRIP - 2))
            painter.setPen(QColor(theme.muted))
            number = QRectF(area.right() + GAP, top, self._wide, STRIP)
            painter.drawText(number, LEFT, signed(mean))

    def _title(self, room: float) -> str:
        """What the axis is; where there is no room for it all, the symbol alone."""
        title = self._dots.title
        symbol, colon, _ = title.partition(":")
        fits = self._metrics.horizontalAdvance(title) <= room
        return title if fits or not colon else symbol

    @property
    def _range(self) -> tuple[float, float]:
        """Values at both ends, with a little room."""
        values = [dot.value for dot in self._dots.dots]
        if self._dots.zero is not None:
            values.append(self._dots.zero)
        low, high = min(values), max(values)
        room = 0.05 * (high - low) or 0.01
        return low - room, high + room

    @property
    def _wide(self) -> float:
        return self._metrics.horizontalAdvance("−.000") + GAP  # noqa: RUF001

    @property
    def _left(self) -> float:
        """Where the scale begins: behind the words."""
        words = [*(dot.term for dot in self._dots.dots), *self._dots.groups]
        widest = max((self._metrics.horizontalAdvance(each) for each in words), default=0.0)
        return PAD + GAP + min(widest + 2, NAMES * self.width())

    @property
    def _step(self) -> float:
        return self._line + 1

    def _top(self, at: int) -> float:
        """Upper edge of a word's line; below the strips and the axis with its title."""
        head = PAD + STRIP * len(self._dots.groups) + 2 * self._line + 3 * GAP
        return head + at * self._step

    def minimumSizeHint(self) -> QSize:
        """High enough for all words."""
        return QSize(200, max(90, round(self._top(len(self._dots.dots)) + PAD)))

    def sizeHint(self) -> QSize:
        """The same."""
        return self.minimumSizeHint()
