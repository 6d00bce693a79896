"""How a class is painted in the legend: swatch, name, count, and what the cursor can do to it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from widgets.icons import icon
from widgets.legend_model import COUNT, INSIDE, OPEN, SHARE, SHOWN, SWATCH, WITHIN, Index
from widgets.theme import Theme, colour, current_theme

ROW = 24  # logical pixels
NARROW = 165  # rows of less room say only how many of a class are selected, as do those whose
LEAST_NAME = 48  # name would have less room than this
ALONE = 20  # the button at the right that shows a class alone
NAME, INDENT = 24, 14  # where names begin, and how far those of "other" stand in


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
        _paint_swatch(painter, rect, index)
        right = rect.right() - 6
        if hovered or current:
            spot = alone_rect(rect)
            icon("solo").paint(painter, spot.adjusted(2, 2, -2, -2))
            right = spot.left() - 2
        shown = bool(index.data(SHOWN))
        metrics = QFontMetrics(option.font)
        right = _paint_count(painter, metrics, QRect(rect), right, index, theme)
        left = name_left(rect, index)
        if index.data(OPEN) is not None:
            name = "chevron-down" if index.data(OPEN) else "chevron-right"
            icon(name).paint(painter, chevron_rect(rect).adjusted(2, 2, -2, -2))
        painter.setPen(colour(theme.text if shown else theme.disabled))
        room = QRect(left, rect.top(), max(0, right - 8 - left), rect.height())
        words = " ".join(str(index.data()).split())
        name = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), name)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field for another name."""
        editor = super().createEditor(parent, option, index)
        editor.setAccessibleName(f"Name of {index.data()}")
        if isinstance(editor, QLineEdit):
            editor.setMaxLength(200)
            editor.setStyleSheet("QLineEdit { padding: 0 3px; min-height: 0; }")
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """The field stands in the place of the name, and takes that of the count."""
        editor.setGeometry(option.rect.adjusted(name_left(option.rect, index) - 5, 1, -2, -1))

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Say the whole name, and what a click does."""
        if not index.isValid():
            return False
        if alone_rect(option.rect).contains(event.pos()):
            text = "Show this class alone"
        elif index.data(OPEN) is not None and chevron_rect(option.rect).contains(event.pos()):
            text = "Put these classes together" if index.data(OPEN) else "List them one by one"
        else:
            does = "hide" if index.data(SHOWN) else "show"
            text = f"{index.data()}: {_counted(index)}\nClick to {does}, double-click to show alone"
            text += "\nRight-click for its colour, name and place"
        QToolTip.showText(event.globalPos(), text, view)
        return True


def _counted(index: Index) -> str:
    """How many items a class has, and how many of them are selected."""
    within, count = index.data(WITHIN), index.data(COUNT)
    items = f"{count:,} item" + ("s" if count != 1 else "")
    return items if within is None else f"{within:,} of {items} selected"


def alone_rect(rect: QRect) -> QRect:
    """Where the button of a row is."""
    return QRect(rect.right() - ALONE - 2, rect.top() + (ROW - ALONE) // 2, ALONE, ALONE)


def chevron_rect(rect: QRect) -> QRect:
    """Where a group is opened and closed."""
    return QRect(rect.left() + NAME - 4, rect.top() + (ROW - ALONE) // 2, ALONE, ALONE)


def name_left(rect: QRect, index: Index) -> int:
    """Where the name of a row begins."""
    stands_in = INDENT if index.data(INSIDE) or index.data(OPEN) is not None else 0
    return rect.left() + NAME + stands_in


def _paint_swatch(painter: QPainter, rect: QRect, index: Index) -> None:
    swatch: QColor = index.data(SWATCH)
    share = float(index.data(SHARE))
    left = rect.left() + 11 + (INDENT if index.data(INSIDE) else 0)
    middle = QPointF(left, rect.center().y() + 0.5)
    painter.setPen(QPen(swatch, 1.5))
    painter.setBrush(swatch if share == 1 else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(middle, 4.5, 4.5)
    if 0 < share < 1:  # some of a group
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(swatch)
        painter.drawEllipse(middle, 2.2, 2.2)


def _paint_count(
    painter: QPainter, metrics: QFontMetrics, rect: QRect, right: int, index: Index, theme: Theme
) -> int:
    """Paint "340" or "12 of 340" before `right`, and return where it begins."""
    within, count = index.data(WITHIN), f"{index.data(COUNT):,}"
    shown = bool(index.data(SHOWN))
    parts = [(count, theme.muted if shown else theme.disabled)]
    if within is not None:
        inside = (f"{within:,}", theme.accent if within else theme.disabled)
        whole = metrics.horizontalAdvance(f"{within:,} of {count}")
        short = rect.width() < NARROW or right - whole - name_left(rect, index) < LEAST_NAME
        parts = [inside] if short else [(" of " + count, parts[0][1]), inside]
    for text, ink in parts:
        width = metrics.horizontalAdvance(text)
        painter.setPen(colour(ink))
        place = QRect(right - width, rect.top(), width, rect.height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), text)
        right -= width
    return right
