"""Who pays for a codec: a mean over queries hides the rows and the categories that lose most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, frozen
from backends.compression.opened import MOST_ASKED, open_cell
from backends.compression.recall import estimate
from backends.compression.results import Cell, Estimate, QuerySet, Truth
from backends.corpora.computed import HOW
from backends.measures import Measure, Measured
from backends.reporting import SILENT, Report
from backends.types import Embeddings, MadeBy

FEW = 20  # queries below which a mean says little


@dataclass(frozen=True, slots=True)
class Category:
    """Queries of one category under one codec."""

    name: str
    queries: int
    recall: Estimate

    @property
    def uncertain(self) -> bool:
        """Whether there are too few queries to say much."""
        return self.queries < FEW


def by_category(
    recall: Matrix, codes: NDArray[np.int64], names: tuple[str, ...]
) -> tuple[Category, ...]:
    """Recall of each category, the worst first; of equal ones the larger first.

    `recall` and `codes` are one value a query or a row: recall@k (NaN: not asked) and index into
    `names`, -1 for none. Categories that nobody asked for are left out.
    """
    known = (codes >= 0) & ~np.isnan(recall)
    values, own = recall[known], codes[known]
    order = np.argsort(own, kind="stable")
    starts = np.searchsorted(own[order], np.arange(len(names) + 1))
    rows = []
    for code, name in enumerate(names):
        part = values[order[starts[code] : starts[code + 1]]]
        if len(part):
            rows.append(Category(name, len(part), estimate(part)))
    return tuple(sorted(rows, key=lambda row: (row.recall.mean, -row.queries, row.name)))


def losers(cell: Cell, truth: Truth, count: int = 50) -> tuple[Rows, Matrix]:
    """Query rows that lose most, (c,), and their recall, worst first; nothing lost, none listed.

    Empty where queries are from outside the corpus.
    """
    rows = truth.queries.rows
    if rows is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    order = np.lexsort((rows, cell.kept))
    order = order[cell.kept[order] < 1.0][:count]
    return frozen(rows[order]), frozen(cell.kept[order])


def recall_column(embeddings: Embeddings, cell: Cell, queries: QuerySet, k: int) -> Measure:
    """A column with every row's recall@k under the codec of a cell, for the map and the table."""

    def call(report: Report = SILENT) -> Measured:
        opened = open_cell(embeddings, cell, queries, report.span(0.0, 0.3))
        values = opened.recall_of_rows(k, report.span(0.3, 1.0))
        asked = int(np.count_nonzero(~np.isnan(values)))
        note = f"{MOST_ASKED:,} rows chosen by chance were asked." if asked == MOST_ASKED else ""
        return Measured(values, note)

    how = (
        f"Share of each item's {k} nearest neighbours that are still found when the vectors "
        f"“{embeddings.title}” are kept as {cell.title} at {cell.bytes_per_vector:,.4g} bytes"
    )
    made_by = MadeBy("recall by row", (cell.fingerprint,), {"k": k, HOW: how})
    name = f"Recall under {cell.title}, {cell.bytes_per_vector:,.4g} bytes"
    return Measure(name, made_by, call)
