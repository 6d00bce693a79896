"""The steps of a column as a histogram, with a range of them between two handles."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from widgets.legend_bar import HALF, Handle
from widgets.theme import colour, current_theme

HEIGHT = 40
LEAST = 1.5  # logical pixels of a bar that stands for something
NAMES = ("Beginning of the range", "End of the range")
PAGE = 10  # parts of all steps
STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
}


class RangeSlider(QWidget):
    """Shows counts a step and lets a range be dragged: its ends, or the whole of it."""

    chosen = Signal(object, object)  # low, high: steps
    shifted = Signal(object)  # steps, by keys
    toggled = Signal()  # the space bar

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._range = (0, 1)
        self._grip: float | None = None  # steps from the hand to the range's beginning
        self.handles = (Handle(NAMES[0], self), Handle(NAMES[1], self))
        for end, handle in enumerate(self.handles):
            handle.moved.connect(lambda x, end=end: self._on_moved(end, x))
            handle.stepped.connect(lambda share, end=end: self._on_stepped(end, share))
            handle.reset.connect(lambda: self.chosen.emit(0, self.steps))
        self.show_counts(self._counts)

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self._counts)

    def show_counts(self, counts: NDArray[np.int64]) -> None:
        """Show how many items are in each step."""
        self._counts = counts
        self.setEnabled(self.steps > 0)
        self._place()
        self.update()

    def show_range(self, low: int, high: int, words: str, *, begins: bool = True) -> None:
        """Show which steps lie inside; without `begins`, only the end can be moved."""
        self._range = (low, high)
        self.setAccessibleName(f"Range: {words}")
        self.setToolTip(f"{words}\nDrag, or press the arrow keys; Space plays")
        for handle, name in zip(self.handles, NAMES, strict=True):
            handle.setAccessibleName(f"{name}: {words}")
            handle.setToolTip(f"{words}\nDrag, or press the arrow keys; double-click for all")
            handle.setVisible(self.steps > 0)
        self.handles[0].setVisible(begins and self.steps > 0)
        self._place()
        self.update()

    def _room(self) -> float:
        return max(1.0, self.width() - 2.0 * HALF)

    def _x(self, step: float) -> float:
        return HALF + step / max(1, self.steps) * self._room()

    def _step(self, x: float) -> float:
        return (x - HALF) / self._room() * self.steps

    def _place(self) -> None:
        for handle, step in zip(self.handles, self._range, strict=True):
            handle.setGeometry(round(self._x(step)) - HALF, 0, 2 * HALF, self.height())

    def _on_moved(self, end: int, x: float) -> None:
        self._move_end(end, round(self._step(x)))

    def _on_stepped(self, end: int, share: float) -> None:
        by = round(share * self.steps) if abs(share) > 0.01 else (1 if share > 0 else -1)
        self._move_end(end, self._range[end] + by)

    def _move_end(self, end: int, step: int) -> None:
        """Move an end, as far as the other one lets it."""
        low, high = self._range
        if end == 0:
            self.chosen.emit(min(max(step, 0), high - 1), high)
        else:
            self.chosen.emit(low, max(min(step, self.steps), low + 1))

    def _begin_at(self, step: float) -> None:
        """Move the range as a whole."""
        width = self._range[1] - self._range[0]
        low = min(max(round(step), 0), self.steps - width)
        self.chosen.emit(low, low + width)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the range where it is, or bring its middle here."""
        if event.button() != Qt.MouseButton.LeftButton or not self.steps:
            return
        low, high = self._range
        at = self._step(event.position().x())
        inside = low <= at <= high
        self._grip = at - low if inside else (high - low) / 2
        if not inside:
            self._begin_at(at - self._grip)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the range."""
        if self._grip is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._begin_at(self._step(event.position().x()) - self._grip)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let it go."""
        self._grip = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step, pages go by a tenth, Home and End to the ends; Space plays."""
        key = Qt.Key(event.key())
        page = max(1, self.steps // PAGE)
        far = {
            Qt.Key.Key_PageDown: -page,
            Qt.Key.Key_PageUp: page,
            Qt.Key.Key_Home: -self.steps,
            Qt.Key.Key_End: self.steps,
        }
        if key == Qt.Key.Key_Space:
            self.toggled.emit()
        elif key in STEPS or key in far:
            self.shifted.emit(STEPS.get(key) or far[key])
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Handles stay at their steps."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint a bar for each step, or for several where they are narrower than a pixel."""
        theme = current_theme()
        painter = QPainter(self)
        ground = QRectF(self.rect()).adjusted(HALF, 2, -HALF, -2)
        low, high = (self._x(step) for step in self._range)
        painter.fillRect(ground, colour(theme.hover))
        if self.steps:
            chosen = QRectF(QPointF(low, ground.top()), QPointF(high, ground.bottom()))
            painter.fillRect(chosen, colour(theme.accent_soft))
            self._paint_bars(painter, ground)
        if self.hasFocus():
            painter.setPen(QPen(colour(theme.accent), 1.0))
            painter.drawRect(ground.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_bars(self, painter: QPainter, ground: QRectF) -> None:
        theme = current_theme()
        together = max(1, int(np.ceil(self.steps * 2 / self._room())))  # steps in a bar
        starts = np.arange(0, self.steps, together)
        sums = np.add.reduceat(self._counts, starts)  # (bars,)
        most = max(1, int(sums.max()))
        gap = 1.0 if self._room() / len(sums) > 4 else 0.0
        for start, count in zip(starts.tolist(), sums.tolist(), strict=True):
            if not count:
                continue
            left, right = self._x(start), self._x(min(start + together, self.steps))
            # By the root: a few items beside very many are still seen.
            tall = max(LEAST, math.sqrt(count / most) * (ground.height() - 4))
            bar = QRectF(left, ground.bottom() - tall, max(1.0, right - left - gap), tall)
            inside = self._range[0] <= start < self._range[1]
            painter.fillRect(bar, colour(theme.accent if inside else theme.disabled, 210))
