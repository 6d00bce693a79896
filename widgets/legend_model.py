"""The classes of a legend as rows: those with a colour, "no value", "other" and what it holds.

Rows are an array of codes, so that a hundred thousand of them are searched at once; the view gets
them in pages, as it is scrolled, for it asks for each row that it is told of.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor

from app.panels.map import ByClass
from widgets.theme import current_theme

Index = QModelIndex | QPersistentModelIndex
CODE = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1
SHOWN = Qt.ItemDataRole.UserRole + 2  # bool: any of it
SWATCH = Qt.ItemDataRole.UserRole + 3
WITHIN = Qt.ItemDataRole.UserRole + 4  # count in the selection, None without one
OPEN = Qt.ItemDataRole.UserRole + 5  # bool of a group, None of a class
INSIDE = Qt.ItemDataRole.UserRole + 6  # bool: a class of the open group
SHARE = Qt.ItemDataRole.UserRole + 7  # of what is shown, 0..1
PAGE = 2_000  # rows that the view gets to know at a time
OPEN_MOST = 40  # classes of "other" that are listed without being asked for


class ClassModel(QAbstractListModel):
    """Rows of a colouring; what is searched narrows them."""

    renamed = Signal(object, str)  # code, name

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._colouring: ByClass | None = None
        self._counts: NDArray[np.int64] | None = None
        self._rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self._known = 0  # rows that the view has asked for
        self._inside = 0  # row of the first of the open group's classes, which come last
        self._words = ""
        self._is_open = False
        self._colours: NDArray[np.uint8] | None = None

    @property
    def colouring(self) -> ByClass | None:
        """The classes that are listed."""
        return self._colouring

    @property
    def is_searched(self) -> bool:
        """Whether only what was searched for is listed."""
        return bool(self._words)

    @property
    def is_open(self) -> bool:
        """Whether the classes of "other" are listed one by one."""
        return self._is_open

    def show_classes(self, colouring: ByClass, *, new: bool) -> None:
        """Show classes; `new` is False if they are the same as before, in another look."""
        self._colouring, self._colours = colouring, None
        if new:
            self._words = ""
            self._is_open = len(colouring.members) <= OPEN_MOST
        self._lay_out(anew=new)

    def show_counts(self, counts: NDArray[np.int64] | None) -> None:
        """Say how many of the selected items each class has."""
        self._counts = counts
        self._refresh()

    def search(self, words: str) -> None:
        """List only classes whose names hold these words; "" lists all."""
        if words.strip() != self._words:
            self._words = words.strip()
            self._lay_out()

    def set_open(self, is_open: bool) -> None:
        """List the classes of "other" one by one, or not."""
        if is_open != self._is_open:
            self._is_open = is_open
            self._lay_out()

    def refresh(self) -> None:
        """The theme changed."""
        self._colours = None
        self._refresh()

    def row_of(self, code: int) -> int | None:
        """Where a class stands, if it is listed."""
        found = np.flatnonzero(self._rows == code)
        if not len(found):
            return None
        self._extend(int(found[0]) + 1)
        return int(found[0])

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else self._known

    def canFetchMore(self, parent: Index) -> bool:
        """Whether there are rows that the view does not know yet."""
        return not parent.isValid() and self._known < len(self._rows)

    def fetchMore(self, _parent: Index) -> None:
        """Tell the view of the next page."""
        self._extend(self._known + 1)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer name, counts, colour and whether it is shown."""
        now = self._colouring
        if now is None or not index.isValid() or index.row() >= len(self._rows):
            return None
        code = int(self._rows[index.row()])
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return now.label(code)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(now, code)
        if role == SWATCH:
            return QColor(*self._palette(now)[now.entry(code)].tolist())
        if role == INSIDE:
            return index.row() >= self._inside
        if role == OPEN:
            return self._is_open if code == now.other else None
        return self._number(now, code, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Wish for another name; it comes back with the colouring."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        self.renamed.emit(int(self._rows[index.row()]), str(value))
        return True

    def _number(self, now: ByClass, code: int, role: int) -> Any:
        if role == CODE:
            return code
        if role == COUNT:
            return now.count(code)
        if role == WITHIN:
            return self._within(code)
        if role == SHARE:
            return now.shown_share(code)
        return now.shown_share(code) > 0 if role == SHOWN else None

    def _within(self, code: int) -> int | None:
        counts = self._counts
        return int(counts[code]) if counts is not None and code < len(counts) else None

    def _spoken(self, now: ByClass, code: int) -> str:
        share, within, count = now.shown_share(code), self._within(code), now.count(code)
        state = "shown" if share == 1 else "hidden" if share == 0 else "partly hidden"
        items = f"{count:,} items" if within is None else f"{within:,} of {count:,} items selected"
        return f"{now.label(code)}, {items}, {state}"

    def _palette(self, now: ByClass) -> NDArray[np.uint8]:
        if self._colours is None:
            self._colours = now.palette(dark=current_theme().is_dark)
        return self._colours

    def _lay_out(self, *, anew: bool = False) -> None:
        """List the rows; those that are the same as before keep their indexes."""
        now = self._colouring
        if now is None:
            return
        none = [now.none] if now.missing else []
        inside = len(now.codes) + 1  # beyond all rows
        if self._words:
            if self._words.casefold() not in now.label(now.none).casefold():
                none = []
            rows = np.concatenate([np.array(none, np.int64), now.find(self._words)])
        else:
            group = [now.other] if len(now.members) else []
            first = np.array([*now.named, *none, *group], np.int64)
            inside = len(first)
            rows = np.concatenate([first, now.members]) if self._is_open else first
        if anew or not np.array_equal(rows, self._rows) or inside != self._inside:
            self.beginResetModel()
            self._rows, self._inside, self._known = rows, inside, min(PAGE, len(rows))
            self.endResetModel()
        else:
            self._refresh()

    def _extend(self, least: int) -> None:
        """Let the view know at least so many rows, in whole pages."""
        known = min(len(self._rows), -(-least // PAGE) * PAGE)
        if known > self._known:
            self.beginInsertRows(QModelIndex(), self._known, known - 1)
            self._known = known
            self.endInsertRows()

    def _refresh(self) -> None:
        if self._known:
            self.dataChanged.emit(self.index(0), self.index(self._known - 1))
