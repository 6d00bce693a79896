"""The table in which a word set is read and edited: its words, and whether they have vectors.

An own set has one more row at its end, for the next entry. It becomes a row of the set as soon as
nothing of it is missing; until then it is kept here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.notices import Problem
from app.panels.word_edits import heads_of, with_cell, with_more
from app.panels.word_lookup import Marks
from backends.directions.terms import TWICE
from backends.directions.wordset_files import rows_of
from backends.directions.wordsets import WordSet
from widgets.bind import named
from widgets.theme import current_theme, theme_signal

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
SIGNS = {"found": "✓ ", "spelled": "≈ ", "lost": "✗ ", "": ""}
NEW = {"terms": "Type a term…", "pairs": "Type a pair…", "scores": "Type a term…"}


class WordRows(QAbstractTableModel):
    """Entries of a set, with a last column that says what was found of each."""

    def __init__(
        self, edit: Callable[[WordSet | Problem], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._edit = edit
        self._set: WordSet | None = None
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._twice: frozenset[int] = frozenset()
        self._draft: list[str] = []  # the row that is not in the set yet
        self._marks = Marks("")

    @property
    def shown(self) -> WordSet | None:
        """The set that is shown."""
        return self._set

    def show_set(self, one: WordSet | None) -> None:
        """Show another set, or the same after a change."""
        before = self._set
        same = one is not None and before is not None and one.own == before.own
        if not same or self.heads != (heads_of(one) if one is not None else ()):
            self.beginResetModel()
            self._take(one)
            self.endResetModel()
            return
        assert one is not None
        # An editor that is open must survive the change that it has just made: the entry keeps
        # its row, and further ones come or go behind it.
        there, wanted = self.rowCount(), len(one) + one.own
        if wanted > there:
            self.beginInsertRows(ROOT, there, wanted - 1)
        elif wanted < there:
            self.beginRemoveRows(ROOT, wanted, there - 1)
        self._take(one)
        if wanted > there:
            self.endInsertRows()
        elif wanted < there:
            self.endRemoveRows()
        self._tell_all()

    def _take(self, one: WordSet | None) -> None:
        self._set = one
        self._rows = rows_of(one) if one is not None else ()
        seen: set[tuple[str, ...]] = set()
        twice = []
        for at, row in enumerate(self._rows):
            key = row if one is not None and one.kind == "pairs" else row[:1]
            if key in seen:
                twice.append(at)
            seen.add(key)
        self._twice = frozenset(twice)
        self._draft = [""] * len(self.heads)

    def show_marks(self, marks: Marks) -> None:
        """Show what was found of the entries."""
        self._marks = marks
        self._tell_all()

    def _tell_all(self) -> None:
        if self.rowCount():
            last = self.columnCount() - 1
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, last))

    @property
    def heads(self) -> tuple[str, ...]:
        """Heads of the columns that hold the set itself."""
        return heads_of(self._set) if self._set is not None else ()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Entries, and the row for the next one."""
        if parent.isValid() or self._set is None:
            return 0
        return len(self._rows) + self._set.own

    def columnCount(self, parent: Index = ROOT) -> int:
        """Columns of the set, and what was found."""
        return 0 if parent.isValid() or self._set is None else len(self.heads) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of columns; numbers of rows."""
        is_tip = role == Qt.ItemDataRole.ToolTipRole and orientation == Qt.Orientation.Horizontal
        if role != Qt.ItemDataRole.DisplayRole and not is_tip:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1) if section < len(self._rows) else "+"
        return (*self.heads, "Vectors")[section] if section <= len(self.heads) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Words of own sets can be edited."""
        flags = super().flags(index)
        if self._set is not None and self._set.own and index.column() < len(self.heads):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, colour, and for screen readers the row in a sentence."""
        row, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(row, column, for_edit=role == Qt.ItemDataRole.EditRole)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column)
        if role == Qt.ItemDataRole.ToolTipRole and row < len(self._rows):
            return self._said(row) or None
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Change the set through the history, or fill the row of the next entry."""
        one, row, column = self._set, index.row(), index.column()
        if role != Qt.ItemDataRole.EditRole or one is None or not one.own:
            return False
        text = " ".join(str(value).split())
        if row < len(self._rows):
            if text == self._rows[row][column]:
                return False
            return self._edit(with_cell(one, row, column, text))
        self._draft[column] = text
        if all(self._draft):
            done = self._edit(with_more(one, [self._draft]))
            if not done:
                self._draft[column] = ""
            return done
        self.dataChanged.emit(index, index)
        return True

    def _text(self, row: int, column: int, *, for_edit: bool) -> str:
        if row < len(self._rows):
            if column < len(self.heads):
                return self._rows[row][column]
            return self._said(row)
        if column >= len(self._draft):
            return "incomplete" if any(self._draft) else ""
        if not column and not any(self._draft) and not for_edit and self._set is not None:
            return NEW[self._set.kind]
        return self._draft[column]

    def _sign(self, row: int) -> tuple[str, str]:
        if row in self._twice:
            return "lost", TWICE
        paired = self._set is not None and self._set.kind == "pairs"
        return self._marks.of(*(self._rows[row] if paired else self._rows[row][:1]))

    def _said(self, row: int) -> str:
        sign, words = self._sign(row)
        return SIGNS[sign] + words

    def _colour(self, row: int, column: int) -> QColor | None:
        theme = current_theme()
        if row >= len(self._rows):
            return QColor(theme.muted)
        sign = self._sign(row)[0]
        if sign == "lost":
            return QColor(theme.danger)
        if column < len(self.heads):
            return None
        return QColor(theme.warning if sign == "spelled" else theme.muted)


class WordTable(QTableView):
    """Edits a set by keyboard and mouse; Delete takes rows out, and the clipboard works."""

    removed = Signal(object)  # list[int], rows of the set
    pasted = Signal()
    copied = Signal()

    def __init__(
        self, edit: Callable[[WordSet | Problem], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "Entries of the set", "Double-click or F2 to change, Delete to take out")
        self.rows = WordRows(edit, self)
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(
            triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed
        )
        vertical = self.verticalHeader()
        vertical.setDefaultSectionSize(self.fontMetrics().height() + 8)
        vertical.setMinimumWidth(34)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        theme_signal().changed.connect(self._on_theme_changed)

    @property
    def chosen(self) -> list[int]:
        """Rows of the set that are selected, ascending."""
        one = self.rows.shown
        there = len(one) if one is not None else 0
        rows = {index.row() for index in self.selectionModel().selectedRows()}
        return sorted(row for row in rows if row < there)

    def show_set(self, one: WordSet | None) -> None:
        """Show a set; after a change of the same one the current cell stays."""
        before, place = self.rows.shown, self.currentIndex()
        same = one is not None and before is not None and one.own and before.own
        row, column = place.row(), place.column()
        was_last = before is not None and row >= len(before)
        self.rows.show_set(one)
        if same and one is not None and row >= 0:
            row = len(one) if was_last else min(row, len(one))
            self.setCurrentIndex(self.rows.index(row, 0 if was_last else max(0, column)))

    def add(self) -> None:
        """Begin the next entry."""
        one = self.rows.shown
        if one is not None and one.own:
            index = self.rows.index(len(one), 0)
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, flag)
            self.scrollTo(index)
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.edit(index)

    def remove(self) -> None:
        """Take the selected rows out."""
        if rows := self.chosen:
            self.removed.emit(rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes out, Return edits, copy and paste go to the set."""
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)  # what the editor let through
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _on_theme_changed(self, _theme: object) -> None:
        self.viewport().update()
