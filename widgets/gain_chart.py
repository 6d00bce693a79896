"""Bars of gain: what embeddings score above random vectors, test set by test set."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
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

from app.panels.word_check_rows import Bar
from backends.raster.palette import named_colours
from widgets.theme import colour, current_theme, theme_signal
from widgets.voice import announce, changed, describe

COLOURS = (0, 1, 2, 4, 3, 5, 7, 6, 8, 9, 10, 11)  # of the named ones, the yellow last
BAR, GAP, PAD = 11.0, 3.0, 8.0  # logical pixels: a bar, between bars, between test sets
NAMES = 0.34  # of the width, for names
EMPTY = "Nothing is judged yet."
UNITS = (
    "score above random vectors, 95% interval",
    "% of the gain of the reference, 95% interval",
)  # of the axis


class GainChart(QWidget):
    """Shows `Bar`s in groups; arrow keys walk them, a click or Return looks at the test set."""

    chosen = Signal(int)  # number of a test set

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[Bar, ...] = ()
        self._percent = False
        self._at: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("Gain over random vectors")
        self.setMouseTracking(True)
        theme_signal().changed.connect(self._on_theme_changed)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is shown, from top to bottom."""
        return self._bars

    @property
    def current(self) -> Bar | None:
        """The bar that the keys are at."""
        return self._bars[self._at] if self._at is not None else None

    def show_bars(self, bars: Sequence[Bar], *, percent: bool) -> None:
        """Show other bars; `percent` of a reference's gain instead of the gain itself."""
        if (tuple(bars), percent) == (self._bars, self._percent):
            return
        self._bars, self._percent, self._at = tuple(bars), percent, None
        self.updateGeometry()
        self.update()
        changed(self)

    def words(self) -> str:
        """The bar that the keys are at, or all of them, for a screen reader."""
        if self.current is not None:
            return self.current.words
        return f"{len(self._bars)} bars. Arrow keys walk along them." if self._bars else EMPTY

    def bar_rect(self, at: int) -> QRectF:
        """Where a bar is painted, from zero to its value."""
        bar = self._bars[at]
        ends = sorted((self._x(0.0), self._x(bar.value)))
        return QRectF(ends[0], self._tops()[at], max(1.0, ends[1] - ends[0]), BAR)

    def sizeHint(self) -> QSize:
        """As high as all bars need."""
        return QSize(260, round(self._bottom() + 2 * self._line() + 4))

    def minimumSizeHint(self) -> QSize:
        """Never less high, for whoever holds it can scroll."""
        return QSize(180, self.sizeHint().height())

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height()

    @property
    def _many(self) -> bool:
        return len({bar.series for bar in self._bars}) > 1

    def _legend(self) -> float:
        """Height of the legend: a line each where there are several embeddings."""
        return (len({bar.series for bar in self._bars}) * self._line() + PAD) * self._many

    def _tops(self) -> list[float]:
        """Upper edges of the bars."""
        tops, y = [], self._legend() + 2
        for _, group in groupby(self._bars, key=lambda bar: (bar.at, bar.file)):
            count = len(list(group))
            taken = max(self._line(), count * (BAR + GAP) - GAP)
            first = y + (taken - (count * (BAR + GAP) - GAP)) / 2
            tops += [first + number * (BAR + GAP) for number in range(count)]
            y += taken + PAD
        return tops

    def _bottom(self) -> float:
        tops = self._tops()
        return (max(tops[-1] + BAR, 0) if tops else 0.0) + PAD

    def _left(self) -> float:
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(bar.file) for bar in self._bars), default=0.0)
        return min(widest, NAMES * self.width()) + 8

    def _range(self) -> tuple[float, float]:
        """Values at the ends of the axis: zero is in it, and one (or 100 %)."""
        one = 100.0 if self._percent else 1.0
        values = [x for bar in self._bars for x in (bar.value, bar.low, bar.high) if x == x]
        return min([0.0, *values]), max([one, *values])

    def _x(self, value: float) -> float:
        low, high = self._range()
        room = self.width() - self._left() - QFontMetricsF(self.font()).horizontalAdvance("-0.000 ")
        return self._left() + (value - low) / (high - low) * max(1.0, room)

    def _said(self, value: float) -> str:
        return f"{value:.0f}%" if self._percent else f"{value:.3f}"

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it, and whether the keys work here."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter)
        if self.hasFocus():
            painter.setPen(QPen(colour(current_theme().accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def paint(self, painter: QPainter) -> None:
        """Paint legend, names, bars with their intervals, and the axis."""
        theme = current_theme()
        painter.fillRect(self.rect(), colour(theme.base))
        if self._bars:
            self._paint_legend(painter)
            self._paint_axis(painter)
            tops = self._tops()
            for at in range(len(self._bars)):
                self._paint_bar(painter, at)
            at = 0
            for (_, name), group in groupby(self._bars, key=lambda bar: (bar.at, bar.file)):
                count = len(list(group))
                middle = (tops[at] + tops[at + count - 1] + BAR) / 2
                place = QRectF(2, middle - self._line() / 2, self._left() - 8, self._line())
                cut = painter.fontMetrics().elidedText(
                    name, Qt.TextElideMode.ElideMiddle, int(place.width())
                )
                painter.setPen(colour(theme.text))
                painter.drawText(place, Qt.AlignmentFlag.AlignRight, cut)
                at += count
        else:
            painter.setPen(colour(theme.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, EMPTY)

    def _ink(self, series: int) -> str:
        colours = named_colours(dark=current_theme().is_dark)
        return colours[COLOURS[series % len(COLOURS)]]

    def _paint_legend(self, painter: QPainter) -> None:
        if not self._many:
            return
        y, line = 2.0, self._line()
        named = dict(sorted((bar.series, bar.embeddings) for bar in self._bars))
        for series, title in named.items():
            painter.fillRect(QRectF(6, y + line / 2 - 4, 8, 8), colour(self._ink(series)))
            painter.setPen(colour(current_theme().text))
            cut = painter.fontMetrics().elidedText(
                title, Qt.TextElideMode.ElideMiddle, self.width() - 26
            )
            painter.drawText(QPointF(20, y + painter.fontMetrics().ascent()), cut)
            y += line

    def _paint_axis(self, painter: QPainter) -> None:
        theme, one = current_theme(), 100.0 if self._percent else 1.0
        bottom = self._bottom() - PAD / 2
        for value in (0.0, one / 2, one):
            x = self._x(value)
            painter.setPen(QPen(colour(theme.border), 1))
            painter.drawLine(QLineF(x, self._legend(), x, bottom))
            painter.setPen(colour(theme.muted))
            words = f"{value:.0f}%" if self._percent else f"{value:g}"
            place = QRectF(x - 30, bottom, 60, self._line())
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, words)
        whole = QRectF(0, bottom + self._line(), self.width(), self._line())
        painter.drawText(whole, Qt.AlignmentFlag.AlignHCenter, UNITS[self._percent])

    def _paint_bar(self, painter: QPainter, at: int) -> None:
        theme, bar, rect = current_theme(), self._bars[at], self.bar_rect(at)
        painter.fillRect(rect, colour(self._ink(bar.series), 255 if at == self._at else 200))
        middle, end = rect.center().y(), rect.right() if bar.value >= 0 else self._x(0.0)
        if bar.low == bar.low:
            painter.setPen(QPen(colour(theme.text), 1.2))
            painter.drawLine(QLineF(self._x(bar.low), middle, self._x(bar.high), middle))
            for value in (bar.low, bar.high):
                x = self._x(value)
                painter.drawLine(QLineF(x, middle - 3, x, middle + 3))
            end = max(end, self._x(bar.high))
        painter.setPen(colour(theme.text if at == self._at else theme.muted))
        metrics = painter.fontMetrics()
        base = middle + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(end + 5, base), self._said(bar.value))
        if at == self._at:
            painter.setPen(QPen(colour(theme.accent), 1.5))
            painter.drawRect(rect.adjusted(-1.5, -1.5, 1.5, 1.5))

    def _bar_at(self, at: QPointF) -> int | None:
        for number, top in enumerate(self._tops()):
            if top - GAP / 2 <= at.y() < top + BAR + GAP / 2:
                return number
        return None

    def _on_theme_changed(self, _theme: object) -> None:
        self.update()

    def _look(self, at: int) -> None:
        self._at = at
        self.update()
        announce(self, self.words(), at_once=True)

    def event(self, event: QEvent) -> bool:
        """Say a bar in full while the pointer rests on it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._bar_at(QPointF(event.pos()))
            QToolTip.showText(
                event.globalPos(), self._bars[at].words if at is not None else "", self
            )
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the test set whose bar it is."""
        at = self._bar_at(event.position())
        if at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._look(at)
            self.chosen.emit(self._bars[at].at)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk along the bars; Return looks at the test set."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self._bars:
            start = -1 if self._at is None and step > 0 else self._at or 0
            self._look(min(max(start + step, 0), len(self._bars) - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.chosen.emit(self.current.at)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys work."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they do not any more."""
        super().focusOutEvent(event)
        self.update()


class GainPicture:
    """The chart as a picture to take away."""

    def __init__(self, chart: GainChart) -> None:
        self.view = chart

    def fit(self) -> None:
        """Show everything, which it does."""

    def paint_on(self, painter: QPainter, area: QRectF) -> None:
        """Paint it into an area of any device."""
        chart = self.view
        painter.save()
        painter.translate(area.topLeft())
        painter.scale(area.width() / chart.width(), area.height() / chart.height())
        painter.setFont(chart.font())
        chart.paint(painter)
        painter.restore()

    def accessibleName(self) -> str:
        """What it is called."""
        return self.view.accessibleName()


describe(GainChart, QAccessible.Role.Chart, GainChart.words)
