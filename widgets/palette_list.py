"""The rows of the command palette: what can be done, where it is, its keys, or why it cannot be."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.palette import Entry
from widgets.icons import icon
from widgets.theme import colour, current_theme

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
ROW = 30  # logical pixels
PAD = 10
TICK = 16  # room for a tick before the text
MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


class EntryModel(QAbstractListModel):
    """Entries in the order in which they were found."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show other entries."""
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of entries."""
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer name, words for a screen reader, the reason as tooltip, and the entry itself."""
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.reason or None
        return entry if role == ENTRY else None


class EntryPainter(QStyledItemDelegate):
    """Paints name, menu or reason, and keys in one line."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All rows are alike."""
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one entry; the name gives way last."""
        theme, entry = current_theme(), index.data(ENTRY)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state: QStyle.StateFlag = option.state
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if state & QStyle.StateFlag.State_Selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            chosen = state & QStyle.StateFlag.State_Selected
            painter.setBrush(colour(theme.accent_soft if chosen else theme.hover))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 5, 5)
        if entry.is_on:
            spot = QRect(rect.left() + PAD - 3, rect.center().y() - TICK // 2 + 1, TICK, TICK)
            icon("check").paint(painter, spot)
        metrics = QFontMetrics(option.font)
        left, right = rect.left() + PAD + TICK, rect.right() - PAD
        keys = keys_text(entry)
        painter.setPen(colour(theme.muted))
        width = metrics.horizontalAdvance(keys)
        painter.drawText(QRect(right - width, rect.top(), width, rect.height()), MIDDLE, keys)
        room = right - left - (width + 2 * PAD if keys else 0)
        name = metrics.elidedText(entry.text, Qt.TextElideMode.ElideRight, room)
        taken = metrics.horizontalAdvance(name)
        painter.setPen(colour(theme.disabled if entry.problem else theme.text))
        painter.drawText(QRect(left, rect.top(), taken + 1, rect.height()), MIDDLE, name)
        rest = room - taken - PAD
        if rest > 3 * PAD:
            painter.setPen(colour(theme.muted))
            about = entry.reason or entry.place
            about = metrics.elidedText(about, Qt.TextElideMode.ElideRight, rest)
            spot = QRect(left + taken + PAD, rect.top(), rest, rect.height())
            painter.drawText(spot, MIDDLE, about)
        painter.restore()


class EntryList(QListView):
    """A list of which one entry is always chosen; the keyboard is elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self._entries = EntryModel()
        self._entries.setParent(self)
        self.setAccessibleName("Commands")
        self.setModel(self._entries)
        self.setItemDelegate(EntryPainter(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setStyleSheet("QListView { background: transparent; border: none; }")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def count(self) -> int:
        """How many entries are listed."""
        return len(self._entries.entries)

    def height_of(self, rows: int) -> int:
        """Logical pixels that so many rows take."""
        return rows * ROW

    def show_entries(self, entries: tuple[Entry, ...], chosen: str = "") -> None:
        """List entries and choose the one of that id, or the first."""
        self._entries.show_entries(entries)
        ids = (row for row, entry in enumerate(entries) if entry.id == chosen)
        self._choose(next(ids, 0) if chosen else 0)

    def entry(self) -> Entry | None:
        """What is chosen."""
        found: Entry | None = self.currentIndex().data(ENTRY)
        return found

    def step(self, rows: int) -> None:
        """Choose the entry so many rows further down; the ends hold, one step goes round."""
        here, last = self.currentIndex().row(), self.count - 1
        there = here + rows
        if abs(rows) == 1:
            there %= last + 1 if last >= 0 else 1
        self._choose(min(max(there, 0), last))

    def _choose(self, row: int) -> None:
        index = self._entries.index(row)
        self.setCurrentIndex(index)
        self.scrollTo(index)


def keys_text(entry: Entry) -> str:
    """The keys of an entry as this platform writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    if entry.shortcut:
        return ", ".join(QKeySequence(keys).toString(native) for keys in entry.shortcut.split("; "))
    return f"{entry.keys} on the map" if entry.keys else ""
