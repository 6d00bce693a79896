"""Rows of the corpus for Qt's table: cells are read when painted, so a long table costs nothing.

Which rows are selected is a mask that the delegate paints. Qt's own selection keeps ranges, of
which a lasso makes a million, and asks about each of them.
"""

from __future__ import annotations

from html import escape
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
)
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.panels.cells import Cells, TableColumn, shortened
from app.panels.items import ItemsModel
from widgets.theme import current_theme

Index = QModelIndex | QPersistentModelIndex
Position = int  # a place in the order shown; a row is a place in the corpus
HEAD_LETTERS = 24  # of a name; the tooltip says all of it
COMPUTED = "computed"  # the mark of a column that did not come with the file
NO_VALUE = "\N{EN DASH}"
_ROLE_WORDS = {"text": "The text of the items.", "id": "Names the rows."}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class RowsModel(QAbstractTableModel):
    """Cells of the rows that an ItemsModel shows."""

    def __init__(self, items: ItemsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self._columns: tuple[TableColumn, ...] = items.columns.all
        self._cells: Cells | None = items.cells()
        self._length = len(items.rows)
        items.columns.changed.connect(self.show_columns)
        items.rows_changed.connect(self.show_rows)

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """Columns in the order of the header."""
        return self._columns

    def show_columns(self, columns: tuple[TableColumn, ...]) -> None:
        """Start anew with other columns; for other roles or values only what is shown changes.

        A column more or less leaves the others their widths, order and the place looked at.
        """
        old, new = [one.name for one in self._columns], [one.name for one in columns]
        if not old or not new or self._length != len(self._items.rows):
            self._show_anew(columns)
        elif len(old) == len(new) and sum(map(str.__ne__, old, new)) <= 1:  # one was renamed
            self._columns = columns
            self._take()
            self._tell_all()
        elif (at := _only_one_more(old, new)) is not None:
            self.beginInsertColumns(QModelIndex(), at, at)
            self._columns = columns
            self._take()
            self.endInsertColumns()
        elif (at := _only_one_more(new, old)) is not None:
            self.beginRemoveColumns(QModelIndex(), at, at)
            self._columns = columns
            self._take()
            self.endRemoveColumns()
        else:
            self._show_anew(columns)

    def _show_anew(self, columns: tuple[TableColumn, ...]) -> None:
        self.beginResetModel()
        self._columns = columns
        self._take()
        self.endResetModel()

    def show_rows(self, _rows: object) -> None:
        """Show other rows; a reset would throw away widths and the place that is looked at."""
        before, after = self._length, len(self._items.rows)
        nowhere = QModelIndex()
        if after > before:
            self.beginInsertRows(nowhere, before, after - 1)
            self._take()
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(nowhere, after, before - 1)
            self._take()
            self.endRemoveRows()
        else:
            self._take()
        if after and self._columns:
            last = self.index(after - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, after - 1)

    def row_at(self, position: Position) -> int:
        """The corpus row at a place in the table."""
        return int(self._items.rows[position])

    def is_selected(self, position: Position) -> bool:
        """Whether the row at a place is selected."""
        return bool(self._items.picking.mask[self._items.rows[position]])

    def is_focus(self, position: Position) -> bool:
        """Whether the row at a place is the one looked at."""
        return self._items.picking.focus == self.row_at(position)

    def _tell_all(self) -> None:
        last = len(self._columns) - 1
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
        if self._length:
            self.dataChanged.emit(self.index(0, 0), self.index(self._length - 1, last))

    def _take(self) -> None:
        self._cells = self._items.cells()
        self._length = len(self._items.rows)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """Rows shown."""
        return 0 if parent.isValid() else self._length

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """All columns, hidden ones too."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell on one line, its whole text as tooltip, numbers at the right."""
        if self._cells is None or not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            text = self._cells.text(index.row(), column.name)
            return NO_VALUE if text is None else text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._cells.full_text(index.row(), column.name)) or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        if role == Qt.ItemDataRole.ForegroundRole:
            empty = self._cells.text(index.row(), column.name) is None
            return QColor(current_theme().disabled) if empty else None
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Names of columns with their roles; numbers of corpus rows at the side."""
        if orientation == Qt.Orientation.Vertical:
            if role == Qt.ItemDataRole.DisplayRole and section < self._length:
                return str(self.row_at(section))
            return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None
        if section >= len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            name = shortened(column.name, HEAD_LETTERS)
            mark = column.role or (COMPUTED if column.made else "")
            return f"{name}  · {mark}" if mark else name
        if role == Qt.ItemDataRole.ToolTipRole:
            purpose = f" {_ROLE_WORDS[column.role]}" if column.role else ""
            made = f" Computed here: {column.made}." if column.made else ""
            about = f"{column.name} ({column.type}).{purpose}{made}"
            return plain_tip(f"{about} Click to sort, right-click for more.")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        return None


def _only_one_more(few: list[str], many: list[str]) -> int | None:
    """Where the one name stands that `many` has beyond `few` in the same order; else None."""
    if len(many) != len(few) + 1:
        return None
    at = next((i for i, name in enumerate(few) if name != many[i]), len(few))
    return at if few[at:] == many[at + 1 :] else None


def plain_tip(words: str) -> str:
    """Words as a tooltip that shows them as they are: markup in a cell is text, not markup."""
    return f"<qt>{escape(words).replace(chr(10), '<br>')}</qt>" if "<" in words else words


class RowDelegate(QStyledItemDelegate):
    """Paints the ground of selected rows and a stroke at the one looked at."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Take selection from the mask, not from Qt."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus  # the whole row is marked instead
        model = index.model()
        if isinstance(model, RowsModel) and model.is_selected(index.row()):
            option.backgroundBrush = QBrush(QColor(current_theme().accent_soft))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell, then lines above and below if its row is looked at."""
        super().paint(painter, option, index)
        model = index.model()
        if isinstance(model, RowsModel) and model.is_focus(index.row()):
            area = option.rect
            accent = QColor(current_theme().accent)
            painter.fillRect(QRect(area.left(), area.top(), area.width(), 1), accent)
            painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), accent)
