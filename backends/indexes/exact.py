"""Comparing with every vector: as fast as memory can be read, nothing to build, nothing missed.

numpy only, so that a search may run beside torch and faiss in another thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, frozen
from backends.reporting import SILENT, Report
from backends.types import Embeddings

KEPT = 8  # embeddings whose lengths are remembered, 4 bytes a row
_BLOCK_VALUES = 1 << 24  # 64 MiB of vectors: some hundredths of a second
_LARGEST_SCALE = 1e15  # squares of vectors that are shorter lose digits, or all of them
_ROUNDING = 4e-6  # error of a float32 dot product of unit vectors, generously

_lock = threading.Lock()
_kept: OrderedDict[tuple[str, int], Matrix] = OrderedDict()


@dataclass(frozen=True, slots=True)
class ExactParams:
    """There is nothing to set."""


def load() -> Callable[[Embeddings, ExactParams], ExactIndex]:
    """Return what makes an exact index."""
    return ExactIndex


class ExactIndex:
    """All vectors, as they are."""

    def __init__(self, embeddings: Embeddings, _params: ExactParams | None = None) -> None:
        self._embeddings = embeddings

    @property
    def bytes_per_vector(self) -> float:
        """Its reciprocal length, remembered between searches."""
        return 4.0

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest rows (m, k') of each query (m, d) of unit length, with cosines.

        Candidates are found in float32 and put in order in float64, so that equal vectors tie
        exactly, and are then in the order of rows. Reports every block of vectors.
        """
        k = min(k, self._embeddings.count)
        rows = np.empty((len(queries), k), dtype=np.int64)
        similarities = np.empty((len(queries), k), dtype=np.float32)
        scales = reciprocal_lengths(self._embeddings, report)
        for number, query in enumerate(queries):
            rows[number], similarities[number] = self._nearest(query, scales, k, report)
        return rows, similarities

    def _nearest(
        self, query: Matrix, scales: Matrix, k: int, report: Report
    ) -> tuple[Rows, NDArray[np.float64]]:
        if k == 0:
            return np.empty(0, dtype=np.int64), np.empty(0)
        rough = self._rough(query, scales, report)  # (n,)
        kth = np.partition(rough, len(rough) - k)[len(rough) - k]
        rows = np.flatnonzero(rough >= kth - _ROUNDING)  # (c,) with everything that may tie
        exact = np.empty(len(rows), dtype=np.float64)
        for block in batches(len(rows), max(1, _BLOCK_VALUES // (4 * len(query)))):
            report.check()
            exact[block] = self._exact(query, rows[block])
        order = np.lexsort((rows, -exact))[:k]
        return rows[order], np.clip(exact[order], -1.0, 1.0)

    def _rough(self, query: Matrix, scales: Matrix, report: Report) -> Matrix:
        """Cosines to all rows (n,) float32; -inf for rows without a vector."""
        vectors, present = self._embeddings.vectors, self._embeddings.present
        similarities = np.empty(len(vectors), dtype=np.float32)
        with np.errstate(over="ignore", invalid="ignore"):  # mended below
            for block in batches(len(vectors), max(1, _BLOCK_VALUES // vectors.shape[1])):
                report.step(block.start, len(vectors), "Searching")
                np.matmul(vectors[block], query, out=similarities[block])  # (b,)
                similarities[block] *= scales[block]
        similarities[~present] = -np.inf
        # Values near the ends of float32's range overflow in products: take them one by one.
        broken = np.flatnonzero(present & ~np.isfinite(similarities))
        for block in batches(len(broken), 1 << 12):
            similarities[broken[block]] = self._exact(query, broken[block])
        return similarities

    def _exact(self, query: Matrix, rows: Rows) -> NDArray[np.float64]:
        """Cosines in float64, (c,); the same for equal vectors wherever they stand."""
        vectors = self._embeddings.vectors[rows].astype(np.float64)  # (c, d)
        peaks = np.abs(vectors).max(axis=1, keepdims=True)
        vectors /= np.where(peaks > 0, peaks, 1.0)
        lengths = np.sqrt(np.einsum("cd,cd->c", vectors, vectors))
        lengths[lengths == 0] = 1.0
        dots: NDArray[np.float64] = np.einsum("cd,d->c", vectors, query.astype(np.float64))
        return np.asarray(dots / lengths)


def all_cosines(embeddings: Embeddings, direction: Matrix, report: Report = SILENT) -> Matrix:
    """Cosine of every row with one direction of unit length, (n,) float32 in -1..1.

    NaN for rows without a vector. Reports every block of vectors.
    """
    scales = reciprocal_lengths(embeddings, report)
    cosines = ExactIndex(embeddings)._rough(direction, scales, report)  # (n,)
    cosines[~embeddings.present] = np.nan
    return np.clip(cosines, -1.0, 1.0, out=cosines)


def reciprocal_lengths(embeddings: Embeddings, report: Report = SILENT) -> Matrix:
    """One over the length of each vector, (n,) float32, remembered by fingerprint; 0 for absent.

    NaN where the square of the length leaves float32's range: those are taken one by one.
    """
    # Embeddings under way keep their name while rows are added: the count tells them apart.
    key = (embeddings.fingerprint, embeddings.count)
    with _lock:
        known = _kept.get(key)
        if known is not None:
            _kept.move_to_end(key)
            return known
    vectors = embeddings.vectors
    scales = np.zeros(len(vectors), dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for block in batches(len(vectors), max(1, _BLOCK_VALUES // vectors.shape[1])):
            report.step(block.start, len(vectors), "Measuring vectors")
            scales[block] = 1.0 / np.sqrt(np.einsum("nd,nd->n", vectors[block], vectors[block]))
    scales[(scales == 0) | (scales > _LARGEST_SCALE)] = np.nan
    scales[~embeddings.present] = 0.0
    frozen(scales)
    with _lock:
        _kept[key] = scales
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return scales
