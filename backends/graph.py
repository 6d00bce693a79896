"""Nearest neighbours of every row by cosine: one pass for projections and what measures them.

Exact up to `EXACT_LIMIT` rows; above that an inverted-file index on vectors reduced by PCA, whose
candidates are ranked by their true cosine and whose recall is measured on a sample and said.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np

from backends.arrays import Matrix, Rows, batches, frozen, unit_rows
from backends.device import core_count
from backends.errors import TooFewRows
from backends.neighbour_search import Neighbours, flat_search, inverted_file
from backends.reporting import SILENT, Report
from backends.types import Embeddings

EXACT_LIMIT = 200_000  # rows
KEPT = 3  # graphs in memory
LEAST_K = 15  # computed at least, so that a layout and its faithfulness share one pass


@dataclass(frozen=True, eq=False)
class NeighbourGraph:
    """The k nearest other rows of each row that has a vector, nearest first.

    Positions count only rows with a vector: position p is corpus row `rows[p]`.
    Ties are in ascending order of rows.
    """

    rows: Rows  # (m,) corpus rows, ascending
    neighbours: Neighbours  # (m, k) positions, never the row's own
    similarities: Matrix  # (m, k) cosines, descending
    recall: float = 1.0  # share of true neighbours found; 1 if the search was exact
    seconds: float = 0.0  # what computing it took; 0 if it lay ready

    @property
    def k(self) -> int:
        """Neighbours of each row."""
        return int(self.neighbours.shape[1])

    def nearest(self, k: int) -> NeighbourGraph:
        """Return the graph of the k nearest only; a view."""
        return replace(
            self, neighbours=self.neighbours[:, :k], similarities=self.similarities[:, :k]
        )


_lock = threading.Lock()
_kept: OrderedDict[tuple[str, int], NeighbourGraph] = OrderedDict()


def neighbour_graph(embeddings: Embeddings, k: int = 15, report: Report = SILENT) -> NeighbourGraph:
    """Find the k nearest other rows of each row; fewer where there are not as many rows.

    A graph of the same embeddings and at least as many neighbours is taken from memory.
    Reports about ten times a second; training the approximate index above `EXACT_LIMIT` rows is
    the only part that cannot be stopped.

    Raises: TooFewRows if fewer than two rows have a vector.
    """
    if embeddings.count < 2:
        raise TooFewRows(
            f"Neighbours need at least two vectors, but there is {_spoken(embeddings.count)}.",
            hint="Load or embed more rows.",
        )
    k = min(k, embeddings.count - 1)
    graph = kept_graph(embeddings, k)
    if graph is not None:
        return graph
    graph = _search(embeddings, min(max(k, LEAST_K), embeddings.count - 1), report)
    with _lock:
        _kept[_key(embeddings)] = graph
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return graph.nearest(k)


def kept_graph(embeddings: Embeddings, k: int) -> NeighbourGraph | None:
    """The graph of the k nearest that lies ready in memory, or None."""
    with _lock:
        graph = _kept.get(_key(embeddings))
        if graph is None or graph.k < k:
            return None
        _kept.move_to_end(_key(embeddings))
    return replace(graph.nearest(k), seconds=0.0)


def forget_graphs() -> None:
    """Drop all graphs kept in memory."""
    with _lock:
        _kept.clear()


def _key(embeddings: Embeddings) -> tuple[str, int]:
    """Embeddings under way keep their name while rows are added: the count tells them apart."""
    return embeddings.fingerprint, embeddings.count


def _spoken(count: int) -> str:
    return "only one" if count == 1 else "none"


def _search(embeddings: Embeddings, k: int, report: Report) -> NeighbourGraph:
    import faiss

    started = time.perf_counter()
    report.step(0, 1, "Finding neighbours")
    rows = np.flatnonzero(embeddings.present).astype(np.int64)
    faiss.omp_set_num_threads(core_count())
    vectors = _unit_vectors(embeddings, rows)  # (m, d)
    if len(rows) <= EXACT_LIMIT:
        found, similarities = flat_search(vectors, vectors, k + 1, report)
        recall = 1.0
    else:
        search = inverted_file(vectors, k + 1, report.span(0.0, 0.12))
        found, similarities = search.of_rows(np.arange(len(rows)), report.span(0.12, 1.0))
        recall = search.recall
    neighbours, similarities = _settled(found, similarities, k)
    return NeighbourGraph(
        frozen(rows),
        frozen(neighbours),
        frozen(similarities),
        recall,
        time.perf_counter() - started,
    )


def _unit_vectors(embeddings: Embeddings, rows: Rows) -> Matrix:
    vectors = np.empty((len(rows), embeddings.dim), dtype=np.float32)
    for block in batches(len(rows), max(1, (1 << 22) // embeddings.dim)):
        vectors[block] = unit_rows(embeddings.vectors[rows[block]])
    return vectors


def neighbours_of(
    embeddings: Embeddings, asked: Rows, k: int, report: Report = SILENT
) -> tuple[Rows, float]:
    """Find the k nearest other rows of some rows through an inverted file.

    For few rows among very many, where the graph of all is not worth its time. `asked` (q,) have a
    vector, and k is less than the number of vectors. Makes a copy of the vectors of unit length;
    reports about ten times a second. Returns rows (q, k) and the recall, measured on a sample of
    the rows asked about.
    """
    import faiss

    faiss.omp_set_num_threads(core_count())
    rows = np.flatnonzero(embeddings.present).astype(np.int64)
    positions = np.searchsorted(rows, asked)
    vectors = _unit_vectors(embeddings, rows)  # (m, d)
    search = inverted_file(vectors, k + 1, report.span(0.0, 0.5), positions)
    found, similarities = search.of_rows(positions, report.span(0.5, 1.0))
    neighbours, _ = _settled(found, similarities, k, positions)
    return rows[neighbours], search.recall


def _settled(
    found: Neighbours, similarities: Matrix, k: int, own: Rows | None = None
) -> tuple[Neighbours, Matrix]:
    """Drop each row itself from its neighbours and put ties in the order of rows.

    Among many duplicates a row may be missing from its own hits; then the last hit goes.
    `own` are positions (m,) of the rows; None if they are all, in order.
    """
    own = np.arange(len(found)) if own is None else own
    order = np.argsort(found, axis=1, kind="stable")  # (m, k + 1)
    found = np.take_along_axis(found, order, axis=1)
    similarities = np.take_along_axis(similarities, order, axis=1)
    is_self = found == own[:, None]
    # A row's own place sorts behind everything; a stable sort then keeps ties by row.
    keys = np.where(is_self, np.float32(np.inf), -similarities)
    order = np.argsort(keys, axis=1, kind="stable")[:, :k]  # (m, k)
    neighbours = np.take_along_axis(found, order, axis=1).astype(np.int32)
    kept = np.take_along_axis(similarities, order, axis=1)
    return neighbours, np.clip(kept, -1.0, 1.0, out=kept)
