"""The list of classes under a hand: clicks, keys and drags become wishes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView, QWidget

from widgets.legend_model import CODE, COUNT, OPEN, SHOWN, SWATCH, ClassModel
from widgets.legend_painter import ALONE, ROW, ClassPainter, alone_rect, chevron_rect
from widgets.theme import colour, current_theme

__all__ = ["ALONE", "CODE", "COUNT", "ROW", "SHOWN", "SWATCH", "ClassList", "alone_rect"]

LEFT = Qt.MouseButton.LeftButton


class ClassList(QListView):
    """Turns clicks and keys on classes into wishes; what is hidden is the model's affair."""

    toggled = Signal(object)  # code
    soloed = Signal(object)  # code
    moved = Signal(object, object)  # code, place among the classes with a colour
    colour_asked = Signal(object)  # code
    menu_asked = Signal(object, object)  # code | None, QPoint on the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes")
        self.setItemDelegate(ClassPainter(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setStyleSheet("QListView { background: transparent; border: none; }")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pressed: Any = None  # code under the button, None after a double-click
        self._start = QPoint()
        self._drop: int | None = None  # place that a dragged class would come to

    def rename(self, code: int) -> None:
        """Let the name of a class be typed over."""
        row = self._model.row_of(code)
        if row is not None:
            index = self._model.index(row)
            self.setCurrentIndex(index)
            self.edit(index)

    def go_to(self, code: int) -> None:
        """Make a class the current one."""
        row = self._model.row_of(code)
        self.setCurrentIndex(self._model.index(row) if row is not None else QModelIndex())

    @property
    def _model(self) -> ClassModel:
        model = self.model()
        assert isinstance(model, ClassModel)
        return model

    def _code_at(self, spot: QPoint) -> Any:
        index = self.indexAt(spot)
        return index.data(CODE) if index.isValid() else None

    def _can_move(self, code: Any) -> bool:
        """Whether a class has a place of its own that it can leave."""
        now = self._model.colouring
        return now is not None and not self._model.is_searched and code in now.named

    def _place_at(self, spot: QPoint) -> int:
        """The place among the classes with a colour that is nearest to a spot."""
        now = self._model.colouring
        assert now is not None
        index = self.indexAt(spot)
        rect = self.visualRect(index)
        row = index.row() + (spot.y() > rect.center().y()) if index.isValid() else len(now.named)
        return 0 if spot.y() < 0 else min(int(row), len(now.named))

    def _set_drop(self, place: int | None) -> None:
        if place != self._drop:
            self._drop = place
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember which class a click began on."""
        super().mousePressEvent(event)
        self._start = event.position().toPoint()
        self._pressed = self._code_at(self._start) if event.button() == LEFT else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag a class with a colour to another place."""
        spot = event.position().toPoint()
        if not event.buttons() & LEFT:
            super().mouseMoveEvent(event)
        elif self._can_move(self._pressed) and (
            self._drop is not None
            or abs(spot.y() - self._start.y()) >= QApplication.startDragDistance()
        ):
            self._set_drop(self._place_at(spot))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hide or show the class; on its button, show it alone; after a drag, move it."""
        super().mouseReleaseEvent(event)
        code, self._pressed = self._pressed, None
        place = self._drop
        self._set_drop(None)
        spot = event.position().toPoint()
        if code is None or event.button() != LEFT:
            return
        if place is not None:
            self.moved.emit(code, place)
        elif code == self._code_at(spot):
            self._click(self.indexAt(spot), spot)

    def _click(self, index: QModelIndex, spot: QPoint) -> None:
        rect = self.visualRect(index)
        if index.data(OPEN) is not None and chevron_rect(rect).contains(spot):
            self._model.set_open(not index.data(OPEN))
        elif alone_rect(rect).contains(spot):
            self.soloed.emit(index.data(CODE))
        else:
            self.toggled.emit(index.data(CODE))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the class alone; the first of the two clicks is taken back."""
        spot = event.position().toPoint()
        index, code = self.indexAt(spot), self._code_at(spot)
        self._pressed = None
        if code is None or event.button() != LEFT:
            return
        rect = self.visualRect(index)
        if index.data(OPEN) is not None and chevron_rect(rect).contains(spot):
            self._model.set_open(not index.data(OPEN))
            return
        if not alone_rect(rect).contains(spot):
            self.toggled.emit(code)
        self.soloed.emit(code)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the class, under the cursor or in focus."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            rect = self.visualRect(index) if index.isValid() else QRect(0, 0, 8, 8)
            place = self.viewport().mapToGlobal(rect.bottomLeft() + QPoint(12, 0))
        else:
            index = self.indexAt(self.viewport().mapFromGlobal(event.globalPos()))
            place = event.globalPos()
        if index.isValid():
            self.setCurrentIndex(index)
        self.menu_asked.emit(index.data(CODE) if index.isValid() else None, place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space hides or shows, Enter shows alone, F2 renames, Alt moves and colours."""
        index = self.currentIndex()
        busy = self.state() == QAbstractItemView.State.EditingState or not index.isValid()
        if busy or not self._obey(event, index):
            super().keyPressEvent(event)

    def _obey(self, event: QKeyEvent, index: QModelIndex) -> bool:
        """Do what a key wishes for; return whether it wishes for anything."""
        key, code = event.key(), index.data(CODE)
        enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            if enter:
                self.colour_asked.emit(code)
            elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._step(code, up=key == Qt.Key.Key_Up)
            return enter or key in (Qt.Key.Key_Up, Qt.Key.Key_Down)
        if key == Qt.Key.Key_Space:
            self.toggled.emit(code)
        elif enter:
            self.soloed.emit(code)
        elif key == Qt.Key.Key_F2:
            self.edit(index)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and index.data(OPEN) is not None:
            self._model.set_open(key == Qt.Key.Key_Right)
            self.go_to(code)
        else:
            return False
        return True

    def _step(self, code: int, *, up: bool) -> None:
        """Move a class by one place, and stay on it."""
        now = self._model.colouring
        if now is None or not self._can_move(code):
            return
        place = now.named.index(code) + (-1 if up else 2)
        if 0 <= place <= len(now.named):
            self.moved.emit(code, place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the classes, and a line where a dragged one would come to."""
        super().paintEvent(event)
        if self._drop is None:
            return
        last = self._drop >= self._model.rowCount()
        rect = self.visualRect(self._model.index(self._drop - 1 if last else self._drop))
        y = rect.bottom() if last else rect.top()
        painter = QPainter(self.viewport())
        painter.setPen(QPen(colour(current_theme().accent), 2))
        painter.drawLine(rect.left() + 4, y, rect.right() - 4, y)
        painter.end()

    def leaveEvent(self, event: QEvent) -> None:
        """No row is under the cursor any more."""
        super().leaveEvent(event)
        self.viewport().update()
