"""All that was measured as a table: sorted by a click, copied, linked with the charts."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.panels.compression_rows import Column, Entry, as_csv
from widgets.bind import named
from widgets.theme import current_theme, theme_signal

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = Qt.ItemDataRole.UserRole
KEY_ROLE = Qt.ItemDataRole.UserRole + 1
WIDEST, NARROWEST = 240, 54
ROW = 24
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CellsModel(QAbstractTableModel):
    """The rows, in the order of the sweep."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()
        self._columns: tuple[Column, ...] = ()
        self._hovered: str | None = None
        self._best: str | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns."""
        return self._columns

    def entry(self, row: int) -> Entry:
        """A row of the table before it was sorted."""
        return self._entries[row]

    def show_entries(self, entries: tuple[Entry, ...], columns: tuple[Column, ...]) -> bool:
        """Show other rows; return whether there are other columns."""
        others = [c.title for c in columns] != [c.title for c in self._columns]
        self.beginResetModel()
        self._entries, self._columns = entries, columns
        self.endResetModel()
        return others

    def show_marks(self, hovered: str | None, best: str | None) -> None:
        """Mark the row at the cursor, and the cheapest that fits."""
        if (hovered, best) == (self._hovered, self._best):
            return
        self._hovered, self._best = hovered, best
        if self._entries:
            last = self.index(len(self._entries) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """Rows there are."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """Columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the columns, with what they mean as tooltips."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column.tip}. Click to sort."
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.is_number else LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, what they are sorted by, and what is marked."""
        entry, column = self._entries[index.row()], self._columns[index.column()]
        is_best = bool(entry.key) and entry.key == self._best
        if role == Qt.ItemDataRole.DisplayRole:
            star = "★ " if is_best and column.id == "codec" else ""
            return f"{star}{column.text(entry)}"
        if role == SORT_ROLE:
            return column.value(entry)
        if role == KEY_ROLE:
            return entry.key
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(entry, column, is_best=is_best)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.is_number else LEFT
        return self._look(entry, role, is_best=is_best)

    def _look(self, entry: Entry, role: int, *, is_best: bool) -> Any:
        theme = current_theme()
        if role == Qt.ItemDataRole.ForegroundRole and entry.cell is None:
            return QColor(theme.muted)
        if role == Qt.ItemDataRole.BackgroundRole and entry.key and entry.key == self._hovered:
            return QColor(theme.hover)
        if role == Qt.ItemDataRole.FontRole and is_best:
            font = QFont()
            font.setBold(True)
            return font
        return None

    def _tip(self, entry: Entry, column: Column, *, is_best: bool) -> str:
        lines = [column.text(entry) if column.id == "settings" else ""]
        if is_best:
            lines.append("The cheapest that fits the planned memory and is good enough.")
        lines += entry.cell.notes if entry.cell is not None else ()
        return "\n".join(filter(None, lines))


class CellsOrder(QSortFilterProxyModel):
    """Sorts by values; what could not be measured stands last, whichever way."""

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:  # type: ignore[override]
        """Compare the values of two rows."""
        model = self.sourceModel()
        assert isinstance(model, CellsModel)
        down = self.sortOrder() == Qt.SortOrder.DescendingOrder
        ranks = [_rank(model, index, down=down) for index in (left, right)]
        return ranks[0] < ranks[1]


def _rank(model: CellsModel, index: QModelIndex, *, down: bool) -> tuple[bool, bool, float, str]:
    """What a cell is sorted by: `down` turns the order round, but not for what is missing."""
    entry, value = model.entry(index.row()), index.data(SORT_ROLE)
    number = float(value) if isinstance(value, int | float) else 0.0
    words = value.lower() if isinstance(value, str) else ""
    return (entry.cell is None) != down, (value is None) != down, number, words


class CellsTable(QTableView):
    """Shows the cells; hovering, choosing and copying."""

    hovered = Signal(object)  # key, or None
    chosen = Signal(object)  # key

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = CellsModel(self)
        self._order = CellsOrder(self)
        self._order.setSourceModel(self._cells)
        self._sorted = False
        self.setModel(self._order)
        named(self, "What was measured")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setMinimumHeight(3 * ROW)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setHighlightSections(False)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.entered.connect(lambda index: self.hovered.emit(index.data(KEY_ROLE) or None))
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)
        self.selectionModel().currentRowChanged.connect(self._on_row_changed)
        theme_signal().changed.connect(self.viewport().update)

    def show_entries(self, entries: tuple[Entry, ...], columns: tuple[Column, ...]) -> None:
        """Show other rows; widths change only with the columns."""
        here = self.currentIndex().data(KEY_ROLE) if self.currentIndex().isValid() else None
        anew = self._cells.show_entries(entries, columns) or not self._sorted
        self._sorted = bool(entries)
        if anew and entries:
            self.resizeColumnsToContents()
            for column in range(len(columns)):
                width = min(max(self.columnWidth(column) + 8, NARROWEST), WIDEST)
                self.setColumnWidth(column, width)
        if here:
            self.show_chosen(here, scroll=False)

    def show_marks(self, hovered: str | None, best: str | None) -> None:
        """Mark the row at the cursor of a chart, and the cheapest that fits."""
        self._cells.show_marks(hovered, best)

    def show_chosen(self, key: str | None, *, scroll: bool = True) -> None:
        """Select the row of the codec that is looked at."""
        chooser = self.selectionModel()
        chooser.blockSignals(True)
        try:
            for row in range(self._order.rowCount()):
                index = self._order.index(row, 0)
                if key and index.data(KEY_ROLE) == key:
                    self.selectRow(row)
                    if scroll:
                        self.scrollTo(index)
                    return
            self.clearSelection()
        finally:
            chooser.blockSignals(False)
            self.viewport().update()

    def text(self, dialect: str, *, everything: bool) -> str:
        """Rows in the order shown, with a head: all of them, or those selected."""
        rows = [index.row() for index in self.selectionModel().selectedRows()]
        if everything or not rows:
            rows = list(range(self._order.rowCount()))
        places = (self._order.mapToSource(self._order.index(row, 0)).row() for row in sorted(rows))
        return as_csv((self._cells.entry(place) for place in places), self._cells.columns, dialect)

    def copy(self, *, everything: bool = False) -> None:
        """Copy the selected rows, or all, as spreadsheets paste them."""
        QGuiApplication.clipboard().setText(self.text("excel-tab", everything=everything))

    def _choose(self, index: QModelIndex) -> None:
        if index.data(KEY_ROLE):
            self.chosen.emit(index.data(KEY_ROLE))

    def _on_row_changed(self, index: QModelIndex) -> None:
        self.hovered.emit(index.data(KEY_ROLE) or None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy; Enter looks at a codec."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is at the cursor any more."""
        self.hovered.emit(None)
        super().leaveEvent(event)
