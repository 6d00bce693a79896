"""A measured codec brought back: it answers for any item what it loses, and for all who pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, frozen
from backends.codecs.base import Params, Searcher, Training
from backends.codecs.registry import codec
from backends.codecs.source import Source
from backends.compression.measure import Compressed, compress
from backends.compression.recall import exact_similarities, recall_by_query
from backends.compression.results import Cell, QuerySet
from backends.compression.sweep import training_positions
from backends.compression.truth import find_truth, own_positions, without_own
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Embeddings, MadeBy

ASKED_AT_ONCE = 1000  # rows whose neighbours are found in one batch
MOST_ASKED = 50_000  # rows whose recall is found; of more, as many are chosen by chance
NOT_SETTINGS = ("codec", "k", "seed")  # parameters of a cell's recipe that the codec does not take


@dataclass(frozen=True, eq=False, slots=True)
class Neighbourhood:
    """Neighbours of one row, exact and under a codec, each in its own order."""

    row: int
    exact: Rows  # (k,) corpus rows, nearest first
    exact_similarities: NDArray[np.float64]  # (k,) cosines
    found: Rows  # (k',) corpus rows in the codec's order
    found_similarities: NDArray[np.float64]  # (k',) exact cosines of what was found

    @property
    def lost(self) -> NDArray[np.bool_]:
        """Which of the exact ones were not found, (k,)."""
        return ~np.isin(self.exact, self.found)

    @property
    def gained(self) -> NDArray[np.bool_]:
        """Which of the found ones are not among the exact ones, (k',)."""
        return ~np.isin(self.found, self.exact)


class OpenedCodec:
    """Embeddings under the codec of a cell, ready to be searched; holds the codes in memory."""

    def __init__(self, embeddings: Embeddings, cell: Cell, compressed: Compressed) -> None:
        self.embeddings = embeddings
        self.cell = cell
        self.compressed = compressed
        self.source = Source.of(embeddings)
        self._searcher: Searcher = compressed.coder.open(compressed.codes, self.source)

    def neighbours(self, row: int, k: int, report: Report = SILENT) -> Neighbourhood:
        """The k nearest of a corpus row, exact and under the codec.

        Raises: BackendError if the row has no vector.
        """
        if not self.embeddings.present[row]:
            raise BackendError(
                "This item has no vector, so it has no neighbours.", hint="Choose another one."
            )
        rows = np.array([row], dtype=np.int64)
        truth = find_truth(self._queries(rows), self.source, k, report)
        positions, _ = self._found(rows, truth.k, report)
        there = positions[0] >= 0
        exact = exact_similarities(truth.queries.vectors, positions, self.source)
        return Neighbourhood(
            row,
            truth.rows[0],
            truth.similarities[0],
            frozen(self.source.corpus_rows[positions[0][there]]),
            frozen(exact[0][there]),
        )

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Positions and similarities (m, k) of vectors of unit length, as the codec finds them."""
        return self._searcher.search(queries, k, report)

    def recall_of_rows(self, k: int, report: Report = SILENT) -> Matrix:
        """recall@k of every row asked for its neighbours, (n corpus rows,) float32.

        NaN for rows without a vector and, of more than `MOST_ASKED`, for those that chance left
        out.
        """
        values = np.full(len(self.embeddings), np.nan, dtype=np.float32)
        rows = self.source.corpus_rows
        if len(rows) > MOST_ASKED:
            rng = np.random.default_rng(0)
            rows = np.sort(rng.choice(rows, MOST_ASKED, replace=False))
        for block in batches(len(rows), ASKED_AT_ONCE):
            report.step(block.start, len(rows), "Asking every item for its neighbours")
            asked = rows[block]
            truth = find_truth(self._queries(asked), self.source, k, report.quiet())
            positions, _ = self._found(asked, truth.k, report)
            exact = exact_similarities(truth.queries.vectors, positions, self.source)
            values[asked] = recall_by_query(exact, truth.similarities)
        return frozen(values)

    def _queries(self, rows: Rows) -> QuerySet:
        vectors = self.source.take(np.searchsorted(self.source.corpus_rows, rows))
        return QuerySet(vectors, rows, "", MadeBy("rows"))

    def _found(self, rows: Rows, k: int, report: Report) -> tuple[Rows, Matrix]:
        queries = self._queries(rows)
        own = own_positions(queries, self.source)
        wanted = min(self.source.rows, k + 1)
        report.check()
        positions, similarities = self.search(queries.vectors, wanted)
        return without_own(positions, similarities, own, k)


def open_cell(
    embeddings: Embeddings, cell: Cell, queries: QuerySet, report: Report = SILENT
) -> OpenedCodec:
    """Fit and encode again as the cell was measured: same training rows, same seed, same codes.

    Raises: BackendError, Cancelled.
    """
    source = Source.of(embeddings)
    seed = int(cell.made_by.params["seed"])
    positions = training_positions(source, queries, seed)
    training = Training(source.take(positions), positions, source, seed)
    compressed = compress(codec(cell.codec), settings_of(cell), training, report)
    return OpenedCodec(embeddings, cell, compressed)


def settings_of(cell: Cell) -> Params:
    """What the codec solved for its budget, as its recipe has it."""
    given = cell.made_by.params
    return {name: value for name, value in given.items() if name not in NOT_SETTINGS}
