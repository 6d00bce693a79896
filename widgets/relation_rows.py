"""A table of rows that are counted and asked for one by one, with titles that sort and copying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from widgets.bind import named

Index = QModelIndex | QPersistentModelIndex
ROLE = Qt.ItemDataRole
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROW = 23
BESIDE = 20  # a title, its margins
LOOKED_AT = 200  # rows that say how wide a column is
MOST_COPIED = 10_000  # rows at once; a file holds all
ARROW = "\N{EM SPACE}"  # room for it behind a title at the right


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    tip: str
    is_number: bool = False
    width: int = 0  # 0: takes what is left


class RowsModel(QAbstractTableModel):
    """Rows that can be counted and asked for one by one; sorting is the kind's own."""

    columns: tuple[Column, ...] = ()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._sorted = -1

    def mark_sorted(self, column: int) -> None:
        """Leave room for the arrow in the title of a column."""
        self._sorted = column
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def title(self, section: int) -> str:
        """Title of a column, with room for the arrow where it sorts."""
        column = self.columns[section]
        has_arrow = section == self._sorted and column.is_number
        return f"{column.title}{ARROW}" if has_arrow else column.title

    def cell(self, row: int, column: int) -> str:
        """Text of a cell."""
        raise NotImplementedError

    def tip(self, row: int, column: int) -> str:
        """Its tooltip."""
        return self.cell(row, column)

    def ink(self, row: int, column: int) -> str | None:
        """Its colour, or None for the usual one."""
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """Rows there are."""
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """Columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole
    ) -> Any:
        """Titles of the columns, with what they mean as tooltips."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == ROLE.DisplayRole:
            return self.title(section)
        if role == ROLE.ToolTipRole:
            return column.tip
        if role == ROLE.TextAlignmentRole:
            return RIGHT if column.is_number else LEFT
        return None

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        """Text, tooltip, alignment and colour."""
        row, column = index.row(), index.column()
        if role == ROLE.DisplayRole:
            return self.cell(row, column)
        if role == ROLE.ToolTipRole:
            return self.tip(row, column)
        if role == ROLE.TextAlignmentRole:
            return RIGHT if self.columns[column].is_number else LEFT
        if role == ROLE.ForegroundRole:
            ink = self.ink(row, column)
            return QColor(ink) if ink else None
        return None


class RowsTable(QTableView):
    """A table of rows; a click or Return takes a cell."""

    taken = Signal(int, int)  # row, column

    def __init__(
        self, model: RowsModel, name: str, tip: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, name, tip)
        self.setModel(model)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.verticalHeader().setMinimumSectionSize(ROW)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        for place, column in enumerate(model.columns):
            if column.width:
                header.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
                header.resizeSection(place, max(column.width, self._title_width(column.title)))
            else:
                header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
        model.modelReset.connect(self._widen)
        self.clicked.connect(lambda index: self.taken.emit(index.row(), index.column()))

    def sort_by_clicks(self, column: int, order: Qt.SortOrder) -> None:
        """Let clicks on titles sort; it is sorted by this column now."""
        self.horizontalHeader().sortIndicatorChanged.connect(self._on_sorted)
        self.horizontalHeader().setSortIndicator(column, order)
        self.horizontalHeader().setSortIndicatorClearable(False)
        self.setSortingEnabled(True)

    def _widen(self) -> None:
        """Let no number be cut: columns grow with the first rows, and never shrink."""
        model, metrics = self.model(), self.fontMetrics()
        assert isinstance(model, RowsModel)
        for at, column in enumerate(model.columns):
            if column.width:
                cells = [model.cell(row, at) for row in range(min(model.rowCount(), LOOKED_AT))]
                widest = max(map(metrics.horizontalAdvance, cells), default=0) + BESIDE
                self.setColumnWidth(at, max(widest, self.columnWidth(at)))

    def _on_sorted(self, column: int) -> None:
        model, header = self.model(), self.horizontalHeader()
        assert isinstance(model, RowsModel)
        model.mark_sorted(column)
        if column >= 0 and model.columns[column].width:
            wide = self._title_width(model.title(column))
            header.resizeSection(column, max(wide, header.sectionSize(column)))

    def table_text(self) -> str:
        """Titles and rows, at most `MOST_COPIED`, with tabs between the cells."""
        model = self.model()
        assert isinstance(model, RowsModel)
        columns = range(len(model.columns))
        lines = [[column.title for column in model.columns]]
        rows = range(min(model.rowCount(), MOST_COPIED))
        lines += [[model.cell(row, at) for at in columns] for row in rows]
        return "\n".join("\t".join(line) for line in lines) + "\n"

    def _title_width(self, title: str) -> int:
        font = self.horizontalHeader().font()
        font.setBold(True)  # as the style sheet has it
        return QFontMetrics(font).horizontalAdvance(title) + BESIDE

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return takes the cell; Copy takes all rows, as spreadsheets paste them."""
        index = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.table_text())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.taken.emit(index.row(), index.column())
        else:
            super().keyPressEvent(event)
