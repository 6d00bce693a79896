"""A scale from low to high with its ends written beside it: numbers, or dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.map import ByNumber
from widgets.palette import scale_colours
from widgets.theme import colour, current_theme

BAR = 14  # logical pixels
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_SECONDS = 86_400


class Scale(QWidget):
    """Shows which colour a number has."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 0)
        box.setSpacing(4)
        self.bar = _Bar()
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
        self.low.setText(value_text(colouring.low, colouring.high, is_date=numbers.is_date))
        self.high.setText(value_text(colouring.high, colouring.low, is_date=numbers.is_date))
        missing = int(np.isnan(numbers.values).sum())
        some = "1 item has" if missing == 1 else f"{missing:,} items have"
        self.note.setText(f"{some} no value: grey." if missing else "")
        self.note.setVisible(bool(missing))
        self.bar.setAccessibleName(f"Scale from {self.low.text()} to {self.high.text()}")


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


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(BAR)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the colours from low to high."""
        theme = current_theme()
        table = scale_colours(dark=theme.is_dark)[:255]
        fill = QLinearGradient(QPointF(0, 0), QPointF(self.width(), 0))
        for at in range(0, 255, 8):
            fill.setColorAt(at / 254, colour("#{:02X}{:02X}{:02X}".format(*table[at])))
        fill.setColorAt(1.0, colour("#{:02X}{:02X}{:02X}".format(*table[254])))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(theme.border), 1.0))
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()
