"""The classes of a legend as a list that stays quick with a thousand of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from app.panels.map import ByClass
from backends.raster.palette import class_colours
from widgets.icons import icon
from widgets.theme import colour, current_theme

Index = QModelIndex | QPersistentModelIndex
CODE = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1
SHOWN = Qt.ItemDataRole.UserRole + 2
SWATCH = Qt.ItemDataRole.UserRole + 3
ROW = 24  # logical pixels
ALONE = 20  # the button at the right that shows a class alone


class ClassModel(QAbstractListModel):
    """Classes of a colouring, largest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colouring: ByClass | None = None
        self._codes: Sequence[int] = ()

    def show_classes(self, colouring: ByClass, *, new: bool) -> None:
        """Show classes; `new` is False if only what is hidden changed."""
        if new:
            self.beginResetModel()
        self._colouring, self._codes = colouring, colouring.codes
        if new:
            self.endResetModel()
        else:
            self.refresh()

    def refresh(self) -> None:
        """Colours or what is hidden changed."""
        if self._codes:
            self.dataChanged.emit(self.index(0), self.index(len(self._codes) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of classes."""
        return 0 if parent is not None and parent.isValid() else len(self._codes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer name, count, colour and whether it is shown."""
        now = self._colouring
        if now is None or not index.isValid():
            return None
        code = self._codes[index.row()]
        count = now.missing if code == now.none else int(now.categories.counts[code])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = "hidden" if code in now.hidden else "shown"
            return f"{now.label(code)}, {count:,} items, {state}"
        if role == SWATCH:
            return QColor(*class_colours(now.none, dark=current_theme().is_dark)[code].tolist())
        answers = {
            Qt.ItemDataRole.DisplayRole: now.label(code),
            CODE: code,
            COUNT: count,
            SHOWN: code not in now.hidden,
        }
        return answers.get(Qt.ItemDataRole(role) if role < CODE else role)


class ClassPainter(QStyledItemDelegate):
    """Paints swatch, name and count; a hidden class is hollow and faint."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All rows are alike."""
        return QSize(80, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one class."""
        theme = current_theme()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        current = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if hovered or current:
            painter.setPen(QPen(colour(theme.accent)) if current else Qt.PenStyle.NoPen)
            painter.setBrush(colour(theme.hover) if hovered else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), 4, 4)
        shown = bool(index.data(SHOWN))
        swatch: QColor = index.data(SWATCH)
        painter.setPen(QPen(swatch, 1.5))
        painter.setBrush(swatch if shown else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(rect.left() + 11, rect.center().y() + 0.5), 4.5, 4.5)
        right = rect.right() - 6
        if hovered or current:
            spot = alone_rect(rect)
            icon("solo").paint(painter, spot.adjusted(2, 2, -2, -2))
            right = spot.left() - 2
        count = f"{index.data(COUNT):,}"
        metrics = QFontMetrics(option.font)
        painter.setPen(colour(theme.muted if shown else theme.disabled))
        width = metrics.horizontalAdvance(count)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRect(right - width, rect.top(), width, rect.height()), middle, count)
        painter.setPen(colour(theme.text if shown else theme.disabled))
        room = QRect(rect.left() + 24, rect.top(), right - width - rect.left() - 32, rect.height())
        name = metrics.elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, max(0, room.width())
        )
        painter.drawText(room, middle, name)
        painter.restore()

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Say the whole name, and what a click does."""
        if not index.isValid():
            return False
        if alone_rect(option.rect).contains(event.pos()):
            text = "Show this class alone"
        else:
            does = "hide" if index.data(SHOWN) else "show"
            text = f"{index.data()}\nClick to {does}, double-click to show alone"
        QToolTip.showText(event.globalPos(), text, view)
        return True


def alone_rect(rect: QRect) -> QRect:
    """Where the button of a row is."""
    return QRect(rect.right() - ALONE - 2, rect.top() + (ROW - ALONE) // 2, ALONE, ALONE)


class ClassList(QListView):
    """Turns clicks and keys on classes into wishes; what is hidden is the model's affair."""

    toggled = Signal(object)  # code
    soloed = Signal(object)  # code

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

    def _code_at(self, spot: QPoint) -> Any:
        index = self.indexAt(spot)
        return index.data(CODE) if index.isValid() else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember which class a click began on."""
        super().mousePressEvent(event)
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = self._code_at(event.position().toPoint()) if left else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hide or show the class; on the button at its right, show it alone."""
        super().mouseReleaseEvent(event)
        code, self._pressed = self._pressed, None
        if code is None or code != self._code_at(event.position().toPoint()):
            return
        rect = self.visualRect(self.indexAt(event.position().toPoint()))
        (
            self.soloed if alone_rect(rect).contains(event.position().toPoint()) else self.toggled
        ).emit(code)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the class alone; the first of the two clicks is taken back."""
        code = self._code_at(event.position().toPoint())
        self._pressed = None
        if code is not None and event.button() == Qt.MouseButton.LeftButton:
            rect = self.visualRect(self.indexAt(event.position().toPoint()))
            if not alone_rect(rect).contains(event.position().toPoint()):
                self.toggled.emit(code)
            self.soloed.emit(code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space hides or shows the current class, Enter shows it alone."""
        index = self.currentIndex()
        if index.isValid() and event.key() == Qt.Key.Key_Space:
            self.toggled.emit(index.data(CODE))
        elif index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.soloed.emit(index.data(CODE))
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """No row is under the cursor any more."""
        super().leaveEvent(event)
        self.viewport().update()
