"""A scale from low to high with its ends written beside it: numbers, or dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.map import ByNumber
from backends.raster.colour import SCALE_STEPS
from backends.raster.palette import scale_colours
from widgets.theme import colour, current_theme

BAR, OVER, HALF = 14, 3, 6  # logical pixels: the bar, how far handles stand out, half a handle
ENDS = ("Low end", "High end")
STEPS = {
    Qt.Key.Key_Left: -0.01,
    Qt.Key.Key_Down: -0.01,
    Qt.Key.Key_Right: 0.01,
    Qt.Key.Key_Up: 0.01,
    Qt.Key.Key_PageDown: -0.1,
    Qt.Key.Key_PageUp: 0.1,
    Qt.Key.Key_Home: -1.0,
    Qt.Key.Key_End: 1.0,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_SECONDS = 86_400


class Scale(QWidget):
    """Shows which colour a number has, and lets the colours be spread over a part of the values."""

    range_chosen = Signal(object, object)  # low, high

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 0)
        box.setSpacing(4)
        self.bar = ScaleBar()
        self.bar.chosen.connect(self.range_chosen)
        self.low, self.high, self.note = QLabel(), QLabel(), QLabel()
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        ends = QHBoxLayout()
        ends.addWidget(self.low)
        ends.addStretch(1)
        ends.addWidget(self.high)
        box.addWidget(self.bar)
        box.addLayout(ends)
        box.addWidget(self.note)
        box.addStretch(1)

    def show_scale(self, colouring: ByNumber) -> None:
        """Show the ends and how many items have no value."""
        numbers = colouring.numbers
        low = value_text(colouring.low, colouring.high, is_date=numbers.is_date)
        high = value_text(colouring.high, colouring.low, is_date=numbers.is_date)
        self.low.setText(f"≤ {low}" if colouring.low > numbers.low else low)
        self.high.setText(f"≥ {high}" if colouring.high < numbers.high else high)
        missing = int(np.isnan(numbers.values).sum())
        some = "1 item has" if missing == 1 else f"{missing:,} items have"
        self.note.setText(f"{some} no value: grey." if missing else "")
        self.note.setVisible(bool(missing))
        self.bar.show_range(colouring)
        self.bar.setAccessibleName(f"Scale from {low} to {high}")


def is_narrowed(colouring: ByNumber) -> bool:
    """Whether some values lie beyond the ends of the scale."""
    numbers = colouring.numbers
    return colouring.low > numbers.low or colouring.high < numbers.high


def value_text(value: float, other: float, *, is_date: bool) -> str:
    """An end of a scale as text; a date with its time only if the scale spans few days."""
    if is_date:
        try:
            moment = _EPOCH + timedelta(seconds=value)
        except OverflowError:
            return f"{value:,.4g}"
        short = abs(value - other) < 3 * DAY_SECONDS
        return moment.strftime("%Y-%m-%d %H:%M" if short else "%Y-%m-%d")
    if abs(value) < 1e6 and value == int(value):
        whole = int(value)
        return str(whole) if abs(whole) < 10_000 else f"{whole:,}"  # a year has no comma
    return f"{value:,.4g}"


class ScaleBar(QWidget):
    """The colours from low to high, with a handle at either end of the part they are spread over.

    The bar stands for all values of the column; colours fill it from handle to handle.
    """

    chosen = Signal(object, object)  # low, high

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(BAR + 2 * OVER)
        self._whole = (0.0, 1.0)
        self._part = (0.0, 1.0)
        self.handles = (Handle("Low end of the colours", self), Handle("High end", self))
        for end, handle in enumerate(self.handles):
            handle.moved.connect(lambda share, end=end: self._on_moved(end, share))
            handle.stepped.connect(lambda by, end=end: self._on_stepped(end, by))
            handle.reset.connect(lambda: self._choose(*self._whole))

    def show_range(self, colouring: ByNumber) -> None:
        """Show which part of all values the colours are spread over."""
        numbers = colouring.numbers
        self._whole = (min(numbers.low, colouring.low), max(numbers.high, colouring.high))
        self._part = (colouring.low, colouring.high)
        texts = (
            value_text(colouring.low, colouring.high, is_date=numbers.is_date),
            value_text(colouring.high, colouring.low, is_date=numbers.is_date),
        )
        for handle, name, shown in zip(self.handles, ENDS, texts, strict=True):
            handle.setAccessibleName(f"{name} of the colours: {shown}")
            handle.setToolTip(
                f"{shown}\nDrag, or press the arrow keys; double-click for all values"
            )
            handle.setVisible(numbers.high > numbers.low)
        self._place()
        self.update()

    def _share(self, value: float) -> float:
        low, high = self._whole
        return (value - low) / (high - low) if high > low else 0.5

    def _room(self) -> float:
        return max(1.0, self.width() - 2.0 * HALF)

    def _place(self) -> None:
        for handle, value in zip(self.handles, self._part, strict=True):
            x = round(self._share(value) * self._room())
            handle.setGeometry(x, 0, 2 * HALF, self.height())

    def _on_moved(self, end: int, x: float) -> None:
        self._set(end, (x - HALF) / self._room())

    def _on_stepped(self, end: int, by: float) -> None:
        self._set(end, self._share(self._part[end]) + by)

    def _set(self, end: int, share: float) -> None:
        """Move an end, as far as the other one lets it."""
        low, high = self._whole
        value = low + min(max(share, 0.0), 1.0) * (high - low)
        if end == 0:
            self._choose(min(value, self._part[1]), self._part[1])
        else:
            self._choose(self._part[0], max(value, self._part[0]))

    def _choose(self, low: float, high: float) -> None:
        if (low, high) != self._part:
            self.chosen.emit(low, high)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Handles stay at their values."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the colours from the low handle to the high one, the end colours beyond."""
        theme = current_theme()
        table = scale_colours(dark=theme.is_dark)[:SCALE_STEPS]
        last = SCALE_STEPS - 1
        ends = [HALF + self._share(value) * self._room() for value in self._part]
        fill = QLinearGradient(QPointF(ends[0], 0), QPointF(max(ends[1], ends[0] + 0.01), 0))
        for at in range(0, SCALE_STEPS, 8):
            fill.setColorAt(at / last, colour("#{:02X}{:02X}{:02X}".format(*table[at])))
        fill.setColorAt(1.0, colour("#{:02X}{:02X}{:02X}".format(*table[last])))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(theme.border), 1.0))
        painter.setBrush(fill)
        bar = QRectF(self.rect()).adjusted(HALF + 0.5, OVER + 0.5, -HALF - 0.5, -OVER - 0.5)
        painter.drawRoundedRect(bar, 3, 3)
        painter.end()


class Handle(QWidget):
    """One end of a scale, to be dragged or moved by keys."""

    moved = Signal(object)  # x in the bar
    stepped = Signal(object)  # share of the whole
    reset = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the hand."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self.mapToParent(event.position()).x())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Come to the front, where both ends meet."""
        event.accept()
        self.raise_()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Spread the colours over all values again."""
        self.reset.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move by a hundredth, pages by a tenth, Home and End as far as it goes."""
        by = STEPS.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(by)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint a knob, filled while keys arrive here."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(theme.accent), 2.0))
        painter.setBrush(colour(theme.accent if self.hasFocus() else theme.raised))
        knob = QRectF(self.rect()).adjusted(2, 1, -2, -1)
        painter.drawRoundedRect(knob, 3, 3)
        painter.end()
