"""Neighbours as a list: rank, name, two lines of text, class, and a bar with the similarity."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.panels.colouring import ByClass
from app.panels.hit_texts import HitRow
from widgets.bind import named
from widgets.theme import current_theme, theme_signal

Index = QModelIndex | QPersistentModelIndex
HIT_ROLE = Qt.ItemDataRole.UserRole
CLASS_ROLE = Qt.ItemDataRole.UserRole + 1
TEXT_LINES = 2
MARGIN, GAP = 6, 8
DOT = 4.0  # radius of the class's colour
CLASS_FROM = 28  # pixels from which on the class is named beside its dot
BAR_WIDTH, BAR_HEIGHT = 52, 4


class HitsModel(QAbstractListModel):
    """A few hits, all in memory."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: Sequence[HitRow] = ()
        self._classes: ByClass | None = None

    def show_classes(self, colouring: ByClass | None) -> None:
        """Say the class of each hit in the colouring of the map."""
        self._classes = colouring
        if self._hits:
            self.dataChanged.emit(self.index(0), self.index(len(self._hits) - 1))

    def show_hits(self, hits: Sequence[HitRow]) -> bool:
        """Replace the hits; return whether they are others."""
        if tuple(hits) == tuple(self._hits):
            return False
        self.beginResetModel()
        self._hits = hits
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """Hits there are."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text, the hit itself for the painter, and a sentence for a screen reader."""
        hit = self._hits[index.row()]
        if role == HIT_ROLE:
            return hit
        if role == CLASS_ROLE:
            return self._class_of(hit.row)
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(hit.text.split()) or ("" if hit.label else f"row {hit.row}")
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(hit)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            named = f"{hit.label}: {hit.text}" if hit.label else hit.text
            found = self._class_of(hit.row)
            return f"{hit.rank}. {named}, similarity {hit.similarity:.3f}" + (
                f", {found[0]}" if found else ""
            )
        return None

    def _class_of(self, row: int) -> tuple[str, QColor] | None:
        """Name and colour of an item's class, if classes colour the map."""
        now = self._classes
        if now is None or row >= len(now.categories.codes):
            return None
        code = int(now.categories.codes[row])
        code = now.none if code < 0 else code
        palette = now.palette(dark=current_theme().is_dark)
        return now.label(code), QColor(*palette[now.entry(code)].tolist())

    def _tip(self, hit: HitRow) -> str:
        found, lines = self._class_of(hit.row), []
        if hit.label:
            lines.append(f"<b>{escape(hit.label)}</b>")
        if hit.text.strip():
            lines.append(escape(hit.text.strip()))
        if found is not None and self._classes is not None:
            lines.append(f"{escape(self._classes.column)}: {escape(found[0])}")
        lines.append(f"Row {hit.row}, similarity (cosine) {hit.similarity:.4f}")
        lines.append("Click to go there, double-click for its own neighbours.")
        return "<br>".join(lines)


class HitDelegate(QStyledItemDelegate):
    """Paints one hit: rank and class at the left, name and text, similarity at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A line for the name, if items have names, and one or two of text."""
        hit, view = index.data(HIT_ROLE), option.widget
        width = 0
        if isinstance(view, QAbstractItemView):  # Qt lays items out beside a bar, shown or not
            width = view.viewport().width() - view.verticalScrollBar().sizeHint().width()
        room = _text_area(QRect(0, 0, width, 0), option)
        texts = bool(index.data()) if _fits(room, index, option) else TEXT_LINES
        lines = (1 if hit.label else 0) + texts
        return QSize(120, option.fontMetrics.height() * max(TEXT_LINES, lines) + 2 * MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint ground, rank, class, name, text and bar."""
        hit = index.data(HIT_ROLE)
        theme, area = current_theme(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        inner = area.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        line = option.fontMetrics.height()
        text = _text_area(area, option).adjusted(0, MARGIN, 0, -MARGIN)
        painter.setFont(option.font)
        painter.setPen(QColor(theme.muted))
        rank = QRect(inner.left(), inner.top(), text.left() - GAP - inner.left(), line)
        painter.drawText(rank, Qt.AlignmentFlag.AlignRight, str(hit.rank))
        found = index.data(CLASS_ROLE)
        if found is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(found[1])
            painter.drawEllipse(QPointF(rank.right() - DOT, rank.bottom() + line / 2), DOT, DOT)
        right = QRect(inner.right() - BAR_WIDTH, inner.top(), BAR_WIDTH, inner.height())
        self._paint_similarity(painter, right, line, hit.similarity)
        if hit.label:
            _draw_label(painter, text, hit.label, found[0] if found else "", option)
            text.setTop(text.top() + line)
        elif found is not None and _fits(text, index, option):
            painter.setPen(QColor(theme.muted))
            below = text.adjusted(0, line, 0, 0)
            name = option.fontMetrics.elidedText(
                found[0], Qt.TextElideMode.ElideRight, below.width()
            )
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, name)
        painter.setPen(QColor(theme.text if hit.text.strip() else theme.muted))
        _draw_lines(painter, text, str(index.data()), option)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        theme, area = current_theme(), option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(theme.accent_soft))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.hover))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(1.5, 0.5, -1.5, -0.5), 4, 4)

    def _paint_similarity(
        self, painter: QPainter, area: QRect, line: int, similarity: float
    ) -> None:
        theme = current_theme()
        painter.setPen(QColor(theme.text))
        number = QRect(area.left(), area.top(), area.width(), line)
        painter.drawText(number, Qt.AlignmentFlag.AlignRight, f"{similarity:.3f}")
        top = area.top() + line + (line - BAR_HEIGHT) // 2
        share = min(1.0, max(0.0, similarity))  # cosines below 0 have no bar
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for width, colour in ((1.0, theme.border), (share, theme.accent)):
            bar = QRectF(area.left(), top, area.width() * width, BAR_HEIGHT)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)


def _text_area(area: QRect, option: QStyleOptionViewItem) -> QRect:
    """Where name and text stand: between rank and similarity."""
    ranks = option.fontMetrics.horizontalAdvance("000")
    return area.adjusted(MARGIN + ranks + GAP, 0, -MARGIN - BAR_WIDTH - GAP, 0)


def _fits(area: QRect, index: Index, option: QStyleOptionViewItem) -> bool:
    """Whether the text stands on one line."""
    return option.fontMetrics.horizontalAdvance(str(index.data())) <= area.width()


def _draw_label(
    painter: QPainter, area: QRect, label: str, class_name: str, option: QStyleOptionViewItem
) -> None:
    """Draw the name in bold and, where there is room, the class after it."""
    theme, bold = current_theme(), QFont(option.font)
    bold.setBold(True)
    thick, right = QFontMetrics(bold), Qt.TextElideMode.ElideRight
    shown = thick.elidedText(" ".join(label.split()), right, area.width())
    baseline = area.top() + option.fontMetrics.ascent()
    painter.setFont(bold)
    painter.setPen(QColor(theme.text))
    painter.drawText(area.left(), baseline, shown)
    painter.setFont(option.font)
    left = thick.horizontalAdvance(shown) + GAP
    if class_name and area.width() - left >= CLASS_FROM:
        painter.setPen(QColor(theme.muted))
        words = option.fontMetrics.elidedText(class_name, right, area.width() - left)
        painter.drawText(area.left() + left, baseline, words)


def _draw_lines(painter: QPainter, area: QRect, text: str, option: QStyleOptionViewItem) -> None:
    """Draw at most two lines, the last one elided."""
    layout = QTextLayout(text, option.font)
    layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
    layout.beginLayout()
    height = option.fontMetrics.height()
    for number in range(TEXT_LINES):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(area.width())
        part = text[line.textStart() : line.textStart() + line.textLength()]
        if number == TEXT_LINES - 1:
            rest = text[line.textStart() :]
            part = option.fontMetrics.elidedText(rest, Qt.TextElideMode.ElideRight, area.width())
        baseline = area.top() + number * height + option.fontMetrics.ascent()
        painter.drawText(area.left(), baseline, part)
    layout.endLayout()


class HitList(QListView):
    """Shows hits; a click or Enter opens one, a double click asks for its own neighbours."""

    row_activated = Signal(object)  # corpus row to go to
    row_asked = Signal(object)  # corpus row whose neighbours are wanted
    copy_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "Neighbours, nearest first")
        self._hits = HitsModel(self)
        self.setModel(self._hits)
        self.setItemDelegate(HitDelegate(self))
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)  # texts wrap anew
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(lambda index: self.row_activated.emit(index.data(HIT_ROLE).row))
        self.doubleClicked.connect(lambda index: self.row_asked.emit(index.data(HIT_ROLE).row))
        theme_signal().changed.connect(self.viewport().update)

    def show_hits(self, hits: Sequence[HitRow]) -> None:
        """Show other hits, from the top; the same ones stay where they are."""
        if self._hits.show_hits(hits):
            self.scrollToTop()

    def show_colouring(self, colouring: object) -> None:
        """Show the colour of each hit's class, if classes colour the map."""
        self._hits.show_classes(colouring if isinstance(colouring, ByClass) else None)

    def show_focus(self, row: int | None) -> None:
        """Mark the hit that is looked at, if it is listed."""
        for number in range(self._hits.rowCount()):
            index = self._hits.index(number)
            if index.data(HIT_ROLE).row == row:
                self.setCurrentIndex(index)
                return
        self.clearSelection()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the hit, with Ctrl it asks for its neighbours."""
        index = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            asked = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            signal = self.row_asked if asked else self.row_activated
            signal.emit(index.data(HIT_ROLE).row)
        else:
            super().keyPressEvent(event)
