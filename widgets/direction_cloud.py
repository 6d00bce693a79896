"""A cloud of items on two axes: the wheel zooms, dragging moves, a click goes to an item."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QWheelEvent

from app.panels.values import ticks
from backends.arrays import Rows
from backends.raster.palette import named_colours
from widgets.direction_drawing import (
    CENTRE,
    GAP,
    LEFT,
    PAD,
    RIGHT,
    Painted,
    Spot,
    draw_axis,
    fine_pen,
    scale_to,
)
from widgets.map_overlay import paint_ring
from widgets.theme import Theme, colour

REACH = 14.0  # pixels within which the cursor means a point
DRAGGED = 3.0  # pixels: less is a click
ZOOM = 1.2
RING = 7.0  # pixels: radius of the ring round the item in focus
MARGIN = 0.06  # of the range, around the points


class CloudPaint(Painted):
    """Paints items on two axes; knows nothing of hands and keys."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__(name, empty)
        self._x: NDArray[np.float64] = np.empty(0)
        self._y: NDArray[np.float64] = np.empty(0)
        self._rows: Rows = np.empty(0, np.int64)
        self._name: Callable[[int], str] = str
        self._labels: Mapping[int, str] = {}
        self._titles = ("", "")
        self._range: tuple[float, float, float, float] | None = None  # None: all of it
        self._walked: Rows = np.empty(0, np.int64)
        self._focus: tuple[float, float, str] | None = None

    @property
    def focus(self) -> tuple[float, float, str] | None:
        """The item in focus: both values and its name; None if it has no place here."""
        return self._focus

    def show_focus(self, focus: tuple[float, float, str] | None) -> None:
        """Ring the item in focus, whether it is among the points or not."""
        if focus != self._focus:
            self._focus = focus
            self.update()

    def show_points(
        self,
        x: NDArray[np.floating],
        y: NDArray[np.floating],
        rows: Rows,
        *,
        titles: tuple[str, str],
        name: Callable[[int], str],
        labels: Mapping[int, str],
        summary: str,
    ) -> None:
        """Show points (p,) of rows (-1 where there is none).

        `name` says what the point of a number is called; `labels` are written beside points.
        """
        self._x, self._y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        self._rows, self._name, self._labels, self._titles = rows, name, labels, titles
        self._walked = np.lexsort((self._y, self._x))
        self._range = None
        self.renew(summary)

    def clear(self) -> None:
        """Show none."""
        nothing = np.empty(0)
        self.show_points(
            nothing,
            nothing,
            np.empty(0, np.int64),
            titles=("", ""),
            name=str,
            labels={},
            summary="",
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is no point."""
        return not len(self._x)

    def position_of(self, number: int) -> QPointF:
        """Where a point lies, in logical pixels."""
        across, up = self._scales()
        return QPointF(across(float(self._x[number])), up(float(self._y[number])))

    def spots(self) -> list[Spot]:
        """The marked point alone: there may be thousands of others."""
        return [] if self.is_empty else [self._spot(self._at)]

    def draw(self, painter: QPainter, theme: Theme) -> None:
        """Axes, lines of zero, points and the names of some."""
        area = self._area
        low, high, bottom, top = self._shown_range()
        across, up = self._scales()
        draw_axis(painter, theme, self._line, area, (low, high), self._titles[0])
        self._draw_upright(painter, theme, area, (bottom, top))
        painter.save()
        painter.setClipRect(area)
        painter.setPen(fine_pen(theme.text, 90))
        if low < 0 < high:
            painter.drawLine(QPointF(across(0.0), area.top()), QPointF(across(0.0), area.bottom()))
        if bottom < 0 < top:
            painter.drawLine(QPointF(area.left(), up(0.0)), QPointF(area.right(), up(0.0)))
        self._draw_points(painter, theme)
        self._draw_labels(painter, theme, area)
        if self._focus is not None:
            place = QPointF(across(self._focus[0]), up(self._focus[1]))
            paint_ring(painter, place, RING, theme.map_ring, theme.base)
        if self._at >= 0 and not self._is_picture:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(fine_pen(theme.text, 255, 2.0))
            painter.drawEllipse(self.position_of(self._at), 7.0, 7.0)
        painter.restore()

    def _draw_points(self, painter: QPainter, theme: Theme) -> None:
        across, up = self._scales()
        count = len(self._x)
        size = 7.0 if count < 200 else 4.5 if count < 1_000 else 3.2
        ink = named_colours(dark=theme.is_dark)[0]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(ink, 220 if count < 200 else 130))
        half = size / 2
        for x, y in zip(across(self._x).tolist(), up(self._y).tolist(), strict=True):
            painter.drawEllipse(QRectF(x - half, y - half, size, size))

    def _draw_labels(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        """Names where there is room for them."""
        taken: list[QRectF] = []
        for at, name, far in self._named():
            text = self._elided(name, 130)
            size = QSizeF(self._metrics.horizontalAdvance(text) + 2, self._line)
            corners = (
                *(
                    at + QPointF(5 + far, -size.height() / 2),
                    at - QPointF(5 + far + size.width(), 7),
                ),
                *(
                    at + QPointF(-size.width() / 2, 4 + far),
                    at - QPointF(size.width() / 2, 19 + far),
                ),
            )
            places = (QRectF(corner, size) for corner in corners)
            free = (
                place
                for place in places
                if area.contains(place) and not any(place.intersects(other) for other in taken)
            )
            place = next(free, None)
            if place is None:
                continue
            taken.append(place)
            painter.fillRect(place, colour(theme.base, 150))
            painter.setPen(QColor(theme.text))
            painter.drawText(place, LEFT, text)

    def _named(self) -> Iterator[tuple[QPointF, str, float]]:
        """Places with their names and how far off these are, that of the item in focus first."""
        if self._focus is not None:
            across, up = self._scales()
            x, y, name = self._focus
            yield QPointF(across(x), up(y)), name, RING - 2
        number_of = {int(row): n for n, row in enumerate(self._rows)}
        for row, name in self._labels.items():
            number = number_of.get(row, -1) if row >= 0 else -row - 1
            if number >= 0 and (self._focus is None or name != self._focus[2]):
                yield self.position_of(number), name, 0.0

    def _draw_upright(
        self, painter: QPainter, theme: Theme, area: QRectF, span: tuple[float, float]
    ) -> None:
        _across, up = self._scales()
        for value, words in ticks(*span, max(2, int(area.height() / 40)), is_date=False):
            y = up(value)
            painter.setPen(fine_pen(theme.muted, 40))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.muted))
            left = self._line + 2
            room = QRectF(left, y - self._line / 2, area.left() - left - 4, self._line)
            painter.drawText(room, RIGHT, words)
        painter.save()
        painter.translate(2, area.center().y())
        painter.rotate(-90)
        painter.setPen(QColor(theme.text))
        long = area.height()
        place = QRectF(-long / 2, 0, long, self._line)
        painter.drawText(place, CENTRE, self._elided(self._titles[1], long))
        painter.restore()

    def _spot(self, number: int) -> Spot:
        if number < 0:
            return Spot(QRectF(), self._summary)
        x, y = float(self._x[number]), float(self._y[number])
        words = f"{self._name(number)}: {self._titles[0]} {x:.3g}, {self._titles[1]} {y:.3g}"
        return Spot(QRectF(), words, int(self._rows[number]))

    def _shown_range(self) -> tuple[float, float, float, float]:
        if self._range is not None:
            return self._range
        low, high = float(self._x.min()), float(self._x.max())
        bottom, top = float(self._y.min()), float(self._y.max())
        wide, tall = max(high - low, 1e-6), max(top - bottom, 1e-6)
        return (
            low - MARGIN * wide,
            high + MARGIN * wide,
            bottom - MARGIN * tall,
            top + MARGIN * tall,
        )

    def _scales(self) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
        low, high, bottom, top = self._shown_range()
        area = self._area
        across = scale_to(low, high, area.left(), area.right())
        return across, scale_to(bottom, top, area.bottom(), area.top())

    @property
    def _area(self) -> QRectF:
        left = PAD + self._line + self._metrics.horizontalAdvance("-0.00") + GAP
        bottom = 2 * self._line + GAP + 2
        return QRectF(
            left, PAD, max(1.0, self.width() - left - PAD), max(1.0, self.height() - PAD - bottom)
        )


class Cloud(CloudPaint):
    """Items on two axes; the wheel zooms, dragging moves, Home shows all."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__(name, empty)
        self._pressed: QPointF | None = None
        self._moved = False

    def fit(self) -> None:
        """Show all points."""
        self._range = None
        self.update()

    def spot_at(self, at: QPointF) -> int:
        """Number of the nearest point within reach, -1 if there is none."""
        if self.is_empty:
            return -1
        across, up = self._scales()
        away = np.hypot(across(self._x) - at.x(), up(self._y) - at.y())
        found = int(away.argmin())
        return found if away[found] <= REACH else -1

    def step(self, key: Qt.Key) -> int:
        """The next point to the right or to the left."""
        if self._at < 0:
            return int(self._walked[0])
        place = int(np.flatnonzero(self._walked == self._at)[0])
        place += 1 if key in (Qt.Key.Key_Right, Qt.Key.Key_Down) else -1
        return int(self._walked[min(max(place, 0), len(self._walked) - 1)])

    def words(self) -> str:
        """The marked point, or what there is."""
        if self.is_empty:
            return self._empty
        return self._spot(self._at).words if self._at >= 0 else self._summary

    def _activate(self) -> None:
        if self._at >= 0 and self._rows[self._at] >= 0:
            self.row_activated.emit(int(self._rows[self._at]))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the cursor."""
        if self.is_empty:
            return
        area, at = self._area, event.position()
        factor = ZOOM ** (-event.angleDelta().y() / 120)
        low, high, bottom, top = self._shown_range()
        x = low + (at.x() - area.left()) / area.width() * (high - low)
        y = top - (at.y() - area.top()) / area.height() * (top - bottom)
        self._range = (
            x + (low - x) * factor,
            x + (high - x) * factor,
            y + (bottom - y) * factor,
            y + (top - y) * factor,
        )
        self.update()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move, or to click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is shown while the button is down, else mark a point."""
        if self._pressed is None or self.is_empty:
            self.go_to(self.spot_at(event.position()))
            return
        step = event.position() - self._pressed
        if self._range is None and math.hypot(step.x(), step.y()) < DRAGGED:
            return
        area = self._area
        low, high, bottom, top = self._shown_range()
        across = step.x() / area.width() * (high - low)
        up = step.y() / area.height() * (top - bottom)
        self._range = (low - across, high - across, bottom + up, top + up)
        self._pressed = event.position()
        self._moved = True
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press that did not move goes to the point."""
        moved, self._moved = self._moved, False
        if self._pressed is not None and not moved:
            self.go_to(self.spot_at(event.position()))
            self._activate()
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all points again."""
        if self.spot_at(event.position()) < 0:
            self.fit()
