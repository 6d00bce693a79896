"""What tables of the page “Relations” show: relations, pairs, guesses, what was lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from app.panels.relation_guesses import Guess
from backends.directions.relation_study import RelationResult
from backends.directions.terms import Lost
from widgets.relation_rows import Column, RowsModel
from widgets.theme import current_theme

Names = Callable[[NDArray[np.int64]], list[str]]
BLOCK = 64  # rows whose names are read together
KEPT = 4_096  # names that are kept


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
