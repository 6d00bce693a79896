"""The bar of a scale: a histogram of the values, the colours they have, ticks at round values.

The bar stands for all values of the column, or for the part of them round a range that is chosen
elsewhere; colours change from the low handle to the high one.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from app.panels.by_number import ByNumber
from app.panels.values import ticks, value_text
from backends.corpora.spread import spread_of
from widgets.theme import Theme, colour, current_theme

BARS, BAR, OVER, HALF = 26, 14, 3, 6  # pixels: histogram, bar, how far handles stand out, half one
TICK = 3
NARROW, AROUND = (
    0.4,
    0.35,
)  # a range of so little of the whole fills the bar, with so much beside it
TICK_ROOM = 46  # pixels that a tick's text needs
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


class ScaleBar(QWidget):
    """Shows where the values lie and which colours they have; its handles choose the range."""

    chosen = Signal(object, object)  # low, high

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colouring: ByNumber | None = None
        self._whole = (0.0, 1.0)
        self._part = (0.0, 1.0)
        self._is_choosing = False
        self.gesture: object = None  # one for all that comes of one press, or of keys in one handle
        self.handles = (Handle("Low end of the colours", self), Handle("High end", self))
        for end, handle in enumerate(self.handles):
            handle.began.connect(self._on_began)
            handle.moved.connect(lambda share, end=end: self._on_moved(end, share))
            handle.stepped.connect(lambda by, end=end: self._on_stepped(end, by))
            handle.reset.connect(self._on_reset)
        self._fit_height()

    def show_range(self, colouring: ByNumber) -> None:
        """Show which part of all values the colours are spread over."""
        before, self._colouring = self._colouring, colouring
        numbers = colouring.numbers
        is_new = before is None or before.numbers is not numbers
        if is_new or not self._is_choosing:  # under the hand the bar stays as it is
            self._whole = _axis(colouring)
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

    def ticks(self) -> list[tuple[float, str]]:
        """Round values under the bar, as many as there is room for."""
        if self._colouring is None:
            return []
        most = max(2, int(self.width() // TICK_ROOM))
        found = ticks(*self._whole, most, is_date=self._colouring.numbers.is_date)
        metrics = QFontMetrics(small_font(self.font()))
        needs = sum(metrics.horizontalAdvance(text) + 8 for _, text in found)
        if needs > self.width():
            fewer = max(2, most - 1)
            found = ticks(*self._whole, fewer, is_date=self._colouring.numbers.is_date)
        return found

    def _fit_height(self) -> None:
        self.setFixedHeight(
            BARS + BAR + 2 * OVER + TICK + QFontMetrics(small_font(self.font())).height()
        )

    def _bar(self) -> QRectF:
        return QRectF(HALF + 0.5, BARS + OVER + 0.5, self.width() - 2 * HALF - 1, BAR - 1)

    def _share(self, value: float) -> float:
        low, high = self._whole
        return (value - low) / (high - low) if high > low else 0.5

    def _room(self) -> float:
        return max(1.0, self.width() - 2.0 * HALF)

    def _place(self) -> None:
        for handle, value in zip(self.handles, self._part, strict=True):
            x = round(self._share(value) * self._room())
            handle.setGeometry(x, BARS, 2 * HALF, BAR + 2 * OVER)

    def _on_began(self) -> None:
        self.gesture = object()

    def _on_reset(self) -> None:
        if self._colouring is not None:
            self.gesture = object()
            self.chosen.emit(self._colouring.numbers.low, self._colouring.numbers.high)

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
            self._is_choosing = True
            self.chosen.emit(low, high)
            self._is_choosing = False

    def changeEvent(self, event: object) -> None:
        """Another font needs another height."""
        super().changeEvent(event)  # type: ignore[arg-type]  # Qt's own event
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Handles stay at their values."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint histogram, colours and ticks."""
        now, theme = self._colouring, current_theme()
        if now is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_histogram(painter, now, theme)
        bar = self._bar()
        path = QPainterPath()
        path.addRoundedRect(bar, 3, 3)
        painter.setClipPath(path)
        painter.drawImage(bar, self._colours(now, theme))
        painter.setClipping(False)
        painter.setPen(QPen(colour(theme.border), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        self._paint_ticks(painter, theme)
        painter.end()

    def _colours(self, now: ByNumber, theme: Theme) -> QImage:
        """One pixel high: the colour of each value along the bar."""
        width = max(2, int(self._bar().width() * self.devicePixelRatioF()))
        values = np.linspace(*self._whole, width)
        table = now.colours(dark=theme.is_dark)[now.entries_at(values)]  # (width, 3)
        row = np.zeros((1, width, 4), np.uint8)
        row[0, :, :3], row[0, :, 3] = table[:, ::-1], 255
        return QImage(row.tobytes(), width, 1, QImage.Format.Format_RGB32).copy()

    def _paint_histogram(self, painter: QPainter, now: ByNumber, theme: Theme) -> None:
        """Bars as high as the root of their counts, so that rare values are seen beside common."""
        counts = spread_of(now.numbers).counts_between(now.numbers, *self._whole)
        if not counts.any():
            return
        heights = np.sqrt(counts / counts.max()) * (BARS - 4)
        edges = np.linspace(HALF, HALF + self._room(), len(counts) + 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.muted, 150))
        for x, end, height in zip(edges[:-1], edges[1:], heights, strict=True):
            if height > 0:
                painter.drawRect(QRectF(x, BARS - max(height, 1.0), end - x, max(height, 1.0)))

    def _paint_ticks(self, painter: QPainter, theme: Theme) -> None:
        font = small_font(self.font())
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        top = BARS + BAR + 2.0 * OVER - 1
        last = -1.0
        for value, text in self.ticks():
            x = HALF + self._share(value) * self._room()
            width = metrics.horizontalAdvance(text)
            left = min(max(x - width / 2, 0.0), self.width() - width)
            if left < last + 4:
                continue
            last = left + width
            painter.setPen(QPen(colour(theme.muted), 1.0))
            painter.drawLine(QPointF(x, top), QPointF(x, top + TICK))
            painter.drawText(QPointF(left, top + TICK + metrics.ascent()), text)


def small_font(font: QFont) -> QFont:
    """The font of what is written at a scale."""
    small = QFont(font)
    small.setPointSizeF(max(7.0, font.pointSizeF() - 1.0))
    return small


def _axis(colouring: ByNumber) -> tuple[float, float]:
    """The values that the bar stands for."""
    low, high = colouring.low, colouring.high
    whole = (min(colouring.numbers.low, low), max(colouring.numbers.high, high))
    if not 0 < high - low < NARROW * (whole[1] - whole[0]):
        return whole
    beside = AROUND * (high - low)
    return max(whole[0], low - beside), min(whole[1], high + beside)


class Handle(QWidget):
    """One end of a scale, to be dragged or moved by keys."""

    began = Signal()  # a press, or the keyboard came
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
        self.began.emit()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Spread the colours over all values again."""
        self.reset.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """What keys do from now on is one change."""
        super().focusInEvent(event)
        self.began.emit()

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
