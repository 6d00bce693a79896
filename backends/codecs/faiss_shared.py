"""What codecs of faiss share: an index without rows that encodes, decodes and takes codes up.

The index is built from `params` and `side` alone, so that codes that were kept can be opened
without training again, and what is written as a file of faiss is the same index with the codes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches
from backends.codecs.base import BlockCoder, Codes, Params, Searcher
from backends.codecs.scan import BLOCK_VALUES, Best
from backends.codecs.source import Source
from backends.reporting import SILENT, Report

NEEDS = (("faiss", "faiss-cpu"),)
SCAN_FROM = 12  # queries from which decoding once and multiplying is faster than tables
ASKED_AT_ONCE = 64  # queries between two looks at whether to stop
PULL_QUERIES, NEAR = 256, 10
FEW_ROWS = 39  # for each centroid: below, faiss warns that centroids are learned from too few


class FaissCoder(BlockCoder):
    """Codes are the bytes of an index of faiss, (n, code_size) uint8."""

    factory: str  # how faiss.index_factory names this index
    inner_product: bool = True  # what the index compares by; otherwise by squared distance
    linear: bool = True  # comparing with decoded vectors is what the index does

    def __init__(self, params: Params, side: Mapping[str, NDArray[Any]], dim: int) -> None:
        self.params = params
        self.side = side
        self.dim = dim
        self._empty: Any = None

    @abstractmethod
    def shell(self) -> Any:
        """Build the trained index without rows, from parameters and tables."""

    @property
    def empty(self) -> Any:
        """The index without rows, built once."""
        if self._empty is None:
            self._empty = self.shell()
        return self._empty

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Encode by the index."""
        return {"codes": self.empty.sa_encode(np.ascontiguousarray(vectors))}

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Decode by the index."""
        chosen = np.ascontiguousarray(codes.parts["codes"][rows])
        decoded: Matrix = self.empty.sa_decode(chosen)  # (r, d)
        return decoded

    def seen(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Vectors (r, d) that the index compares queries with."""
        return self.decode(codes, rows)

    def index(self, codes: Codes) -> Any:
        """An index of faiss that holds all codes, in the order of positions; holds a copy."""
        return with_codes(self.shell(), codes.parts["codes"])

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Search by the index of faiss."""
        return IndexSearcher(self, codes)


class IndexSearcher:
    """Searches an index of faiss; many queries at once by decoding blocks, to the same end."""

    def __init__(self, coder: FaissCoder, codes: Codes) -> None:
        self._coder = coder
        self._codes = codes
        self._index = coder.index(codes)

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest (m, k); similarities are inner products with what is decoded.

        For an index of squared distances they are 1 - distance / 2.
        """
        k = min(k, self._codes.rows)
        if self._coder.linear and len(queries) >= SCAN_FROM:
            return self._scan(queries, k, report)
        positions: Rows = np.empty((len(queries), k), dtype=np.int64)
        similarities: Matrix = np.empty((len(queries), k), dtype=np.float32)
        for block in batches(len(queries), ASKED_AT_ONCE):
            report.check()
            asked = np.ascontiguousarray(queries[block], dtype=np.float32)
            with one_thread(len(asked) == 1):
                similarities[block], positions[block] = self._index.search(asked, k)
        if not self._coder.inner_product:
            similarities *= np.float32(-0.5)
            similarities += np.float32(1)
        similarities[positions < 0] = -np.inf
        return positions, similarities

    def _scan(self, queries: Matrix, k: int, report: Report) -> tuple[Rows, Matrix]:
        best = Best(len(queries), k)
        size = max(1, BLOCK_VALUES // max(self._coder.dim, len(queries)))
        for block in batches(self._codes.rows, size):
            report.check()
            vectors = self._coder.seen(self._codes, block)  # (b, d)
            similarities = queries @ vectors.T  # (m, b)
            if not self._coder.inner_product:
                squares = np.einsum("bd,bd->b", vectors, vectors)
                similarities += (1 - squares) / 2  # of queries of unit length: 1 - distance / 2
            best.offer(similarities, block.start)
        return best.positions, best.similarities


@contextmanager
def one_thread(wanted: bool) -> Iterator[None]:
    """Let faiss work in one thread: it shares queries out, so one query only waits for others."""
    import faiss

    before = faiss.omp_get_max_threads()
    if wanted:
        faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def metric_of(inner_product: bool) -> int:
    """The number of a metric in faiss."""
    import faiss

    return int(faiss.METRIC_INNER_PRODUCT if inner_product else faiss.METRIC_L2)


def with_codes(index: Any, codes: NDArray[np.uint8]) -> Any:
    """Give codes (n, code_size) to an index of codes without encoding anything again."""
    import faiss

    if isinstance(index, faiss.IndexPreTransform):
        inner = faiss.downcast_index(index.index)
        inner.add_sa_codes(np.ascontiguousarray(codes))
        index.ntotal = inner.ntotal
    else:
        index.add_sa_codes(np.ascontiguousarray(codes))
    return index


def turned(index: Any, rotation: Matrix) -> Any:
    """Put a rotation (d, d) before an index: it sees `rotation @ x`."""
    import faiss

    dim = len(rotation)
    turn = faiss.LinearTransform(dim, dim, False)
    faiss.copy_array_to_vector(np.ascontiguousarray(rotation).ravel(), turn.A)
    turn.is_trained = True
    turn.set_is_orthonormal()
    return faiss.IndexPreTransform(turn, index)


def fill(vector: Any, values: NDArray[Any]) -> None:
    """Copy an array into a vector of faiss."""
    import faiss

    faiss.copy_array_to_vector(np.ascontiguousarray(values).ravel(), vector)


def sampled(vectors: Matrix, most: int, seed: int) -> Matrix:
    """At most so many training rows, by chance, in their order; (t', d)."""
    if len(vectors) <= most:
        return np.ascontiguousarray(vectors)
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(vectors), most, replace=False))
    return np.ascontiguousarray(vectors[rows])


def pull_of(rows: Matrix, decoded: Matrix) -> float:
    """<q, x> / |x|^2 at the near neighbours of training rows (t, d), x being what is decoded."""
    similarities = rows[:: max(1, len(rows) // PULL_QUERIES)] @ decoded.T  # (m, t)
    k = min(NEAR + 1, len(rows))  # the row itself is one of them
    near = float(np.partition(similarities, -k, axis=1)[:, -k].mean())
    square = float(np.einsum("td,td->", decoded, decoded, dtype=np.float64)) / len(rows)
    return min(max(near / square, 0.1), 1.0) if square > 0 else 1.0


def few_rows_note(training: int, centroids: int) -> str:
    """A sentence where centroids are learned from fewer rows than is good."""
    wanted = FEW_ROWS * centroids
    if training >= wanted:
        return ""
    return (
        f"Learned from {training:,} rows; {wanted:,} or more would be better for "
        f"{centroids} centroids."
    )
