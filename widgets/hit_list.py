"""Neighbours as a list: rank, two lines of text, and a bar with the similarity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.panels.hit_texts import HitRow
from widgets.bind import named
from widgets.theme import current_theme, theme_signal

Index = QModelIndex | QPersistentModelIndex
HIT_ROLE = Qt.ItemDataRole.UserRole
TEXT_LINES = 2
MARGIN, GAP = 6, 8
BAR_WIDTH, BAR_HEIGHT = 52, 4


class HitsModel(QAbstractListModel):
    """A few hits, all in memory."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: Sequence[HitRow] = ()

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
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(hit.text.split()) or f"row {hit.row}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"Row {hit.row}, cosine {hit.similarity:.4f}. Click to go there."
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{hit.rank}. {hit.text}, similarity {hit.similarity:.3f}"
        return None


class HitDelegate(QStyledItemDelegate):
    """Paints one hit: rank at the left, text, similarity at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Two lines, whatever the text."""
        return QSize(120, option.fontMetrics.height() * TEXT_LINES + 2 * MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint ground, rank, text and bar."""
        hit = index.data(HIT_ROLE)
        theme, area = current_theme(), option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(theme.accent_soft))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.hover))
        metrics = option.fontMetrics
        inner = area.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        line = metrics.height()
        ranks = metrics.horizontalAdvance("000")
        painter.setFont(option.font)
        painter.setPen(QColor(theme.muted))
        rank = QRect(inner.left(), inner.top(), ranks, line)
        painter.drawText(rank, Qt.AlignmentFlag.AlignRight, str(hit.rank))
        right = QRect(inner.right() - BAR_WIDTH, inner.top(), BAR_WIDTH, inner.height())
        self._paint_similarity(painter, right, line, hit.similarity)
        text = inner.adjusted(ranks + GAP, 0, -BAR_WIDTH - GAP, 0)
        empty = not hit.text.strip()
        painter.setPen(QColor(theme.muted if empty else theme.text))
        _draw_lines(painter, text, str(index.data()), option)
        painter.restore()

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
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(lambda index: self.row_activated.emit(index.data(HIT_ROLE).row))
        self.doubleClicked.connect(lambda index: self.row_asked.emit(index.data(HIT_ROLE).row))
        theme_signal().changed.connect(self.viewport().update)

    def show_hits(self, hits: Sequence[HitRow]) -> None:
        """Show other hits, from the top; the same ones stay where they are."""
        if self._hits.show_hits(hits):
            self.scrollToTop()

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
