"""A chart of points that are found by the cursor and by keys, and put into words.

Imports pyqtgraph by way of the drawing: load it when a chart is first looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QToolTip

from widgets.chart_drawing import Drawing, Line, Mark
from widgets.theme import current_theme
from widgets.voice import announce, changed, describe

REACH = 14.0  # pixels within which the cursor means a point
CLICK = 4.0  # a press that moved less is a click


class Chart(Drawing):
    """Shows marks; the cursor and the arrow keys find them, a click or Enter chooses one."""

    hovered = Signal(object)  # key, or None
    chosen = Signal(object)  # key

    def __init__(self, name: str, x_title: str, *, log_x: bool = True) -> None:
        super().__init__(x_title, log_x=log_x)
        self._pressed: QPointF | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.installEventFilter(self)
        self.view.setMouseTracking(True)

    @property
    def current(self) -> Mark | None:
        """The mark that the cursor or the keys are at."""
        return next((mark for mark in self._marks if mark.key == self._rings["hover"]), None)

    def show_marks(
        self,
        marks: Sequence[Mark],
        front: Sequence[str] = (),
        lines: Sequence[Line] = (),
        *,
        y_title: str = "",
    ) -> None:
        """Show other marks; `front` are keys that are joined by a heavy line, in their order."""
        super().show_marks(marks, front, lines, y_title=y_title)
        changed(self)

    def show_ring(self, kind: str, key: str | None) -> None:
        """Ring a mark: the one at the cursor ("hover"), the "chosen", the "best"."""
        if self._rings[kind] != key:
            super().show_ring(kind, key)
            if kind == "hover":
                changed(self)

    def words(self) -> str:
        """What a screen reader is told."""
        mark = self.current
        if mark is not None:
            return mark.words
        if not self._marks:
            return "Nothing is measured yet."
        keys = "Arrow keys walk along the points, Enter looks at one."
        return f"{len(self._marks)} points. {keys}"

    def _nearest(self, at: QPointF) -> Mark | None:
        """The mark within reach of a place."""
        found, reach = None, REACH
        for mark in self._marks:
            step = self._pixel(mark) - at
            away = math.hypot(step.x(), step.y())
            if away <= reach:
                found, reach = mark, away
        return found

    def _follow(self, event: QMouseEvent) -> None:
        """Mark what the cursor is at, and say at once what it is."""
        mark, before = self._nearest(event.position()), self.current
        self._hover(mark.key if mark is not None else None)
        if mark is not before:
            tip = mark.tip if mark is not None else ""
            QToolTip.showText(event.globalPosition().toPoint(), tip, self)

    def _hover(self, key: str | None) -> None:
        if key != self._rings["hover"]:
            self.show_ring("hover", key)
            self.hovered.emit(key)

    def _walk(self, key: int) -> None:
        """Go to the next mark that way: by their order from left to right, or upwards."""
        sideways = key in (Qt.Key.Key_Left, Qt.Key.Key_Right)
        order = sorted(
            self._marks, key=lambda m: (m.x, m.y, m.key) if sideways else (m.y, m.x, m.key)
        )
        step = 1 if key in (Qt.Key.Key_Right, Qt.Key.Key_Up) else -1
        keys = [mark.key for mark in order]
        here = self._rings["hover"]
        at = keys.index(here) + step if here in keys else (0 if step > 0 else len(keys) - 1)
        self._hover(keys[min(max(at, 0), len(keys) - 1)])
        announce(self, self.words(), at_once=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Enter chooses, Home shows everything, Escape lets go."""
        key = event.key()
        arrows = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
        if key in arrows and self._marks:
            self._walk(key)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.chosen.emit(self.current.key)
        elif key == Qt.Key.Key_Home:
            self.fit()
        elif key == Qt.Key.Key_Escape and self.current is not None:
            self._hover(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys come here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they do not any more."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: object) -> None:
        """Paint the frame, in the accent while the keys come here."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setPen(QColor(theme.accent if self.hasFocus() else theme.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Follow the mouse over the plot, which drags and zooms by itself."""
        kind = event.type()
        if kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            mark = self._nearest(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), mark.tip if mark is not None else "", self)
            return True
        if kind == QEvent.Type.Leave:
            self._hover(None)
        if not isinstance(event, QMouseEvent):
            return False
        if kind == QEvent.Type.MouseMove and not event.buttons():
            self._follow(event)
        elif kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        elif kind == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            step, self._pressed = event.position() - self._pressed, None
            mark = self._nearest(event.position())
            if math.hypot(step.x(), step.y()) < CLICK and mark is not None:
                self.chosen.emit(mark.key)
        elif kind == QEvent.Type.MouseButtonDblClick:
            self.fit()
        return False


describe(Chart, QAccessible.Role.Chart, Chart.words)
