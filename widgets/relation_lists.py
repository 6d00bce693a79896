"""Tables of the page “Relations”: relations, pairs with their agreement, guesses, what was lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
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

from app.panels.relation_guesses import Guess
from backends.directions.relation_study import RelationResult
from backends.directions.terms import Lost
from widgets.bind import named
from widgets.theme import current_theme

Index = QModelIndex | QPersistentModelIndex
Names = Callable[[NDArray[np.int64]], list[str]]
ROLE = Qt.ItemDataRole
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROW = 23
BESIDE = 20  # a title, its margins
BLOCK = 64  # rows whose names are read together
KEPT = 4_096  # names that are kept
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


class RelationRows(RowsModel):
    """The relations of a study."""

    columns = (
        Column("Relation", "What the relation is called; click to look at it"),
        Column("Pairs", "Pairs of items that were found", True, 54),
        Column("Agree", "Consistency: mean cosine of each pair with the offset", True, 50),
        Column("Shuffled", "The same with the tails in another order: what chance gives", True, 64),
        Column("MRR", "Mean reciprocal rank of held-out tails, filtered", True, 50),
        Column("Hits@10", "Held-out tails among the first ten, filtered", True, 60),
        Column("Nearest", "Hits@10 of going to the nearest item: no relation at all", True, 60),
        Column("", "Warnings", False, 24),
    )

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._results: tuple[RelationResult, ...] = ()

    def show_results(self, results: tuple[RelationResult, ...]) -> None:
        """Show other relations."""
        self.beginResetModel()
        self._results, self._count = results, len(results)
        self.endResetModel()

    def result(self, row: int) -> RelationResult:
        """The relation of a row."""
        return self._results[row]

    def value(self, row: int, column: int) -> float | str:
        """What a cell is sorted by."""
        one = self._results[row]
        held, nearest = one.held, one.nearest
        if column == 0:
            return one.relation.name.casefold()
        return (
            len(one.relation),
            one.offset.consistency,
            one.offset.baseline if one.offset.is_compared else -2.0,
            held.tails.mrr() if held is not None else -1.0,
            held.tails.hits(10) if held is not None else -1.0,
            nearest.tails.hits(10) if nearest is not None else -1.0,
            len(one.warnings),
        )[column - 1]

    def cell(self, row: int, column: int) -> str:
        """Text of a cell."""
        one, value = self._results[row], self.value(row, column)
        if column == 0:
            return one.relation.name
        if column == len(self.columns) - 1:
            return "⚠" if one.warnings else ""
        if column == 1:
            return f"{value:,}"
        if isinstance(value, float) and value < (-1 if column == 3 else 0) and column >= 3:
            return "–"  # noqa: RUF001  a dash: not measured
        return f"{value:.0%}" if column in (5, 6) else f"{value:.2f}"

    def tip(self, row: int, column: int) -> str:
        """Warnings with every cell."""
        one = self._results[row]
        return "\n".join((one.relation.name, *one.warnings))

    def ink(self, row: int, column: int) -> str | None:
        """Warnings stand out."""
        return current_theme().warning if column == len(self.columns) - 1 else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column; by none they stay as they are."""
        if column < 0:
            return
        down = order == Qt.SortOrder.DescendingOrder
        keys = [self.value(row, column) for row in range(self._count)]
        places = sorted(range(self._count), key=keys.__getitem__, reverse=down)
        self.show_results(tuple(self._results[place] for place in places))


class PairRows(RowsModel):
    """Pairs of one relation, any number; names are read where somebody looks."""

    columns = (
        Column("Head", "Click to look at it"),
        Column("Tail", "Click to look at it"),
        Column(
            "Agreement", "Cosine of tail less head with the offset: below 0 it disagrees", True, 106
        ),
    )

    def __init__(self, names: Names, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names_of = names
        self._result: RelationResult | None = None
        self._order = np.empty(0, np.int64)
        self._names: dict[int, str] = {}

    def show_result(self, result: RelationResult | None) -> None:
        """Show the pairs of another relation, those that disagree first."""
        self.beginResetModel()
        self._result, self._names = result, {}
        self._order = (
            np.argsort(result.offset.agreement, kind="stable")
            if result is not None
            else np.empty(0, np.int64)
        )
        self._count = len(self._order)
        self.endResetModel()

    def item(self, row: int, column: int) -> int:
        """The item of a cell: the head in the first column, else the tail."""
        assert self._result is not None
        relation = self._result.relation
        return int((relation.heads if column == 0 else relation.tails)[self._order[row]])

    def agreement(self, row: int) -> float:
        """Of a pair, -1..1."""
        assert self._result is not None
        return float(self._result.offset.agreement[self._order[row]])

    def cell(self, row: int, column: int) -> str:
        """Text of a cell."""
        return f"{self.agreement(row):.2f}" if column == 2 else self._name(row, column)

    def ink(self, row: int, column: int) -> str | None:
        """Pairs that disagree stand out."""
        return current_theme().danger if column == 2 and self.agreement(row) < 0 else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by agreement, or by the items' places in the corpus."""
        if self._result is None or column < 0:
            return
        relation = self._result.relation
        keys = (relation.heads, relation.tails, self._result.offset.agreement)[column]
        self.layoutAboutToBeChanged.emit()
        self._order = np.argsort(keys, kind="stable")
        if order == Qt.SortOrder.DescendingOrder:
            self._order = self._order[::-1]
        self.layoutChanged.emit()

    def _name(self, row: int, column: int) -> str:
        item = self.item(row, column)
        if item not in self._names:
            if len(self._names) > KEPT:
                self._names.clear()
            near = range(row, min(self._count, row + BLOCK))
            items = np.unique([self.item(at, side) for at in near for side in (0, 1)])
            self._names.update(zip(items.tolist(), self._names_of(items), strict=True))
        return self._names[item]


class GuessRows(RowsModel):
    """Where a relation leads from an item."""

    columns = (
        Column("", "Rank", True, 28),
        Column("Item", "Click to look at it"),
        Column("Score", "Cosine with where the relation points; or minus the distance", True, 60),
        Column("Given", "Whether the pair is one of those given", False, 52),
    )

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._guesses: Sequence[Guess] = ()

    def show_guesses(self, guesses: Sequence[Guess]) -> None:
        """Show other guesses."""
        self.beginResetModel()
        self._guesses, self._count = guesses, len(guesses)
        self.endResetModel()

    def guess(self, row: int) -> Guess:
        """A guess."""
        return self._guesses[row]

    def cell(self, row: int, column: int) -> str:
        """Text of a cell."""
        one = self._guesses[row]
        return (str(one.rank), one.name, f"{one.score:.3f}", "✓" if one.known else "")[column]

    def ink(self, row: int, column: int) -> str | None:
        """Known pairs are marked."""
        return current_theme().success if self._guesses[row].known else None


class LostRows(RowsModel):
    """What was left out, and why."""

    columns = (
        Column("Left out", "What was written"),
        Column("Because", "Why it cannot be used"),
    )

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lost: Sequence[Lost] = ()

    def show_lost(self, lost: Sequence[Lost]) -> None:
        """Show what was left out of another study."""
        self.beginResetModel()
        self._lost, self._count = lost, len(lost)
        self.endResetModel()

    def cell(self, row: int, column: int) -> str:
        """Text of a cell."""
        one = self._lost[row]
        return one.term if column == 0 else one.why


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
        self.clicked.connect(lambda index: self.taken.emit(index.row(), index.column()))

    def sort_by_clicks(self, column: int, order: Qt.SortOrder) -> None:
        """Let clicks on titles sort; it is sorted by this column now."""
        self.horizontalHeader().sortIndicatorChanged.connect(self._on_sorted)
        self.horizontalHeader().setSortIndicator(column, order)
        self.horizontalHeader().setSortIndicatorClearable(False)
        self.setSortingEnabled(True)

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
