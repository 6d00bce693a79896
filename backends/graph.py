"""Nearest neighbours of every row by cosine: one pass for projections and what measures them.

Exact as long as comparing all with all takes a few seconds (`EXACT_PRODUCTS`); above that by
descent (`neighbour_descent`), whose recall is measured on a sample and said.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, frozen, unit_rows
from backends.decompositions import eigh
from backends.device import core_count
from backends.errors import TooFewRows
from backends.reporting import SILENT, Report
from backends.types import Embeddings

EXACT_PRODUCTS = 2.5e11  # multiply-adds, about five seconds on two cores: 25,000 x 384
KEPT = 3  # graphs in memory
LEAST_K = 15  # computed at least, so that a layout and its faithfulness share one pass
_FLOPS_A_BLOCK = 1.5e10  # about a tenth of a second on two cores
_REDUCED = 64  # dimensions in which the approximate search cuts
_SAMPLE = 400  # rows on which the recall is measured

Neighbours = NDArray[np.int32]


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
    Reports about ten times a second.

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
    if float(len(rows)) ** 2 * embeddings.dim <= EXACT_PRODUCTS:
        found, similarities = _flat(vectors, vectors, k + 1, report)
        neighbours, similarities = _settled(found, similarities, k)
        recall = 1.0
    else:
        neighbours, similarities, recall = _descended(vectors, k, report)
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


def _flat(vectors: Matrix, queries: Matrix, k: int, report: Report) -> tuple[Neighbours, Matrix]:
    """Exact search in blocks of about a tenth of a second."""
    import faiss

    n, dim = vectors.shape
    index = faiss.IndexFlatIP(dim)
    index.add(vectors)
    found = np.empty((len(queries), k), dtype=np.int32)
    similarities = np.empty((len(queries), k), dtype=np.float32)
    size = int(np.clip(_FLOPS_A_BLOCK / (2 * n * dim), 64, 4096))
    for block in batches(len(queries), size):
        report.step(block.start, len(queries), "Finding neighbours")
        similarities[block], found[block] = index.search(queries[block], k)  # (b, k)
    return found, similarities


def _settled(
    found: Neighbours, similarities: Matrix, k: int, own: Rows | None = None
) -> tuple[Neighbours, Matrix]:
    """Drop each row itself from its neighbours and put ties in the order of rows.

    Among many duplicates a row may be missing from its own hits; then the last hit goes. `own`
    are the positions (m,) of the rows; None if they are all, in order.
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


def _descended(vectors: Matrix, k: int, report: Report) -> tuple[Neighbours, Matrix, float]:
    """Approximate search: the recall is measured on a sample."""
    from backends.neighbour_descent import Sample, descend

    n = len(vectors)
    report.step(0, 1, "Preparing the neighbour search")
    reduced = _reduced(vectors, report.span(0.0, 0.05))  # (n, r)
    rows = np.sort(np.random.default_rng(0).choice(n, min(_SAMPLE, n), replace=False))
    found, similarities = _flat(vectors, vectors[rows], k + 1, report.span(0.05, 0.1))
    sample = Sample(rows, _settled(found, similarities, k, rows)[0])
    found, similarities, recall = descend(vectors, reduced, k, sample, report.span(0.1, 1.0))
    return *_settled(found, similarities, k), recall


def _reduced(vectors: Matrix, report: Report) -> Matrix:
    """Unit rows in the leading principal directions, not centred: cosines are what counts."""
    if vectors.shape[1] <= _REDUCED:
        return vectors
    step = max(1, len(vectors) // 50_000)
    sample = vectors[::step]
    _, directions = eigh(sample.T @ sample)  # (d, d) ascending
    basis = np.ascontiguousarray(directions[:, -_REDUCED:], dtype=np.float32)  # (d, r)
    reduced = np.empty((len(vectors), _REDUCED), dtype=np.float32)
    for block in batches(len(vectors), 1 << 15):
        report.step(block.start, len(vectors), "Preparing the neighbour search")
        reduced[block] = unit_rows(vectors[block] @ basis)
    return reduced
