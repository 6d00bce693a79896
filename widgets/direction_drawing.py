"""Charts of directions that paint themselves: cursor and keys find their parts, and say them.

A part is a `Spot`. They are painted on any device, so a picture is the same chart, only finer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.panels.values import ticks
from backends.raster.palette import named_colours
from widgets.theme import Theme, colour, current_theme, theme_signal
from widgets.voice import announce, changed, describe

PAD = 8.0  # around a chart, logical pixels
GAP = 6.0  # between a text and what it belongs to
BACK = (Qt.Key.Key_Up, Qt.Key.Key_Left)
FORTH = (Qt.Key.Key_Down, Qt.Key.Key_Right)
CENTRE = Qt.AlignmentFlag.AlignCenter
MIDDLE = Qt.AlignmentFlag.AlignVCenter
LEFT, RIGHT = MIDDLE | Qt.AlignmentFlag.AlignLeft, MIDDLE | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a chart: where it is, what it says, and of which item it speaks (-1: none)."""

    area: QRectF
    words: str
    row: int = -1


class Painted(QWidget):
    """A chart without anything in it; whoever inherits says `draw` and `spots`."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._empty = empty
        self._summary = ""
        self._at = -1  # spot at the cursor or the keys
        self._is_picture = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme_signal().changed.connect(self._on_theme_changed)

    def draw(self, painter: QPainter, theme: Theme) -> None:
        """Paint everything into `rect()`."""
        raise NotImplementedError

    def spots(self) -> list[Spot]:
        """The parts, in the order in which keys walk them."""
        return []

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to paint."""
        return not self.spots()

    @property
    def view(self) -> QWidget:
        """What a picture is as large as."""
        return self

    def fit(self) -> None:
        """Show everything."""

    def words(self) -> str:
        """What a screen reader is told."""
        spots = self.spots()
        if 0 <= self._at < len(spots):
            return spots[self._at].words
        return self._summary if spots and self._summary else self._empty

    def paint_on(self, painter: QPainter, area: QRectF) -> None:
        """Paint the chart into an area of any device."""
        painter.save()
        painter.translate(area.topLeft())
        painter.scale(area.width() / max(1, self.width()), area.height() / max(1, self.height()))
        painter.setFont(self.font())
        self._is_picture = True
        try:
            self._paint(painter)
        finally:
            self._is_picture = False
            painter.restore()

    def spot_at(self, at: QPointF) -> int:
        """Number of the part under a point, -1 if there is none."""
        spots = self.spots()
        return next((n for n, spot in enumerate(spots) if spot.area.contains(at)), -1)

    def step(self, key: Qt.Key) -> int:
        """Number of the part that a key leads to."""
        count = len(self.spots())
        if self._at < 0:
            return 0 if key in FORTH else count - 1
        return min(max(self._at + (1 if key in FORTH else -1), 0), count - 1)

    def go_to(self, at: int, *, aloud: bool = False) -> None:
        """Mark a part; -1 marks none."""
        if at != self._at:
            self._at = at
            self.update()
            changed(self)
            if aloud:
                announce(self, self.words(), at_once=True)

    def renew(self, summary: str = "") -> None:
        """Show other content."""
        self._at, self._summary = -1, summary
        self.updateGeometry()
        self.update()
        changed(self)

    @property
    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self.font())

    @property
    def _line(self) -> float:
        return self._metrics.height()

    def _elided(self, words: str, width: float) -> str:
        return self._metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0.0, width))

    def _paint(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.fillRect(QRectF(self.rect()), QColor(theme.base))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.is_empty:
            painter.setPen(QColor(theme.muted))
            wrap = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            room = QRectF(self.rect()).adjusted(PAD, PAD, -PAD, -PAD)
            painter.drawText(room, wrap, self._empty)
        else:
            self.draw(painter, theme)

    def _paint_hover(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        """The ground of the part that the cursor or the keys are at."""
        if not self._is_picture:
            painter.fillRect(area, colour(theme.accent, 38))

    def _on_theme_changed(self, _theme: object) -> None:
        self.update()

    def _activate(self) -> None:
        spots = self.spots()
        if 0 <= self._at < len(spots) and spots[self._at].row >= 0:
            self.row_activated.emit(spots[self._at].row)

    def sizeHint(self) -> QSize:
        """Some room."""
        return QSize(240, 160)

    def minimumSizeHint(self) -> QSize:
        """Little enough for a small window."""
        return QSize(120, 90)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint chart and frame, the latter in the accent while keys come here."""
        painter = QPainter(self)
        self._paint(painter)
        theme = current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(theme.accent if self.hasFocus() else theme.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark what the cursor is at."""
        at = self.spot_at(event.position())
        self.go_to(at)
        spots = self.spots()
        has_item = 0 <= at < len(spots) and spots[at].row >= 0
        shape = Qt.CursorShape.PointingHandCursor if has_item else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the item under the cursor."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.go_to(self.spot_at(event.position()))
            self._activate()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Enter goes to the item, Home shows all, Escape lets go."""
        key = Qt.Key(event.key())
        if key in (*BACK, *FORTH) and self.spots():
            self.go_to(self.step(key), aloud=True)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._activate()
        elif key == Qt.Key.Key_Home:
            self.fit()
        elif key == Qt.Key.Key_Escape and self._at >= 0:
            self.go_to(-1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what is under the cursor, and let go of it when that leaves."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at, spots = self.spot_at(QPointF(event.pos())), self.spots()
            words = spots[at].words if 0 <= at < len(spots) else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        if event.type() == QEvent.Type.Leave:
            self.go_to(-1)
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys come here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they do not any more."""
        super().focusOutEvent(event)
        self.update()


def side_colours(theme: Theme) -> tuple[QColor, QColor]:
    """Of the negative and of the positive end: orange and blue, which everybody tells apart."""
    named = named_colours(dark=theme.is_dark)
    return QColor(named[1]), QColor(named[0])


def fine_pen(ink: str, alpha: int = 255, width: float = 1.0) -> QPen:
    """A pen for grids and axes."""
    return QPen(colour(ink, alpha), width)


def signed(value: float, digits: int = 3) -> str:
    """A projection with a true minus, without the zero before the point: -.123 is "−.123"."""  # noqa: RUF002
    text = f"{abs(value):.{digits}f}".removeprefix("0")
    return ("−" if value < 0 and float(text or 0) != 0 else "") + text  # noqa: RUF001


def draw_axis(
    painter: QPainter,
    theme: Theme,
    line: float,
    area: QRectF,
    span: tuple[float, float],
    title: str,
) -> None:
    """The axis below an area: grid, numbers and what it is."""
    x = scale_to(*span, area.left(), area.right())
    for value, words in ticks(*span, max(2, int(area.width() / 70)), is_date=False):
        place = x(value)
        painter.setPen(fine_pen(theme.muted, 40))
        painter.drawLine(QPointF(place, area.top()), QPointF(place, area.bottom()))
        painter.setPen(QColor(theme.muted))
        room = QRectF(place - 40, area.bottom() + 5, 80, line)
        painter.drawText(room, CENTRE, words)
    painter.setPen(fine_pen(theme.muted, 160))
    painter.drawLine(area.bottomLeft(), area.bottomRight())
    painter.setPen(QColor(theme.text))
    room = QRectF(area.left(), area.bottom() + 5 + line, area.width(), line)
    short = painter.fontMetrics().elidedText(
        title, Qt.TextElideMode.ElideMiddle, round(area.width())
    )
    painter.drawText(room, CENTRE, short)


def scale_to(low: float, high: float, start: float, end: float) -> Callable[[Any], Any]:
    """From values to pixels; of numbers and of arrays."""
    factor = (end - start) / (high - low if high > low else 1.0)
    return lambda value: start + (value - low) * factor


describe(Painted, QAccessible.Role.Chart, Painted.words)
