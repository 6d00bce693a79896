"""Searching codes whose rows a kernel writes as unit vectors, a block that stays in the cache."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backends.arrays import Matrix, Rows, batches
from backends.codecs.scan import Best
from backends.reporting import SILENT, Report

BLOCK_VALUES = 1 << 20  # 4 MiB of float32: written, multiplied and forgotten
FEW = 4  # queries up to which a block is half a megabyte and multiplied in this thread

Fill = Callable[[slice, Matrix], None]  # positions of a block, and (b, w) to write into
Prepare = Callable[[Matrix], Matrix]  # queries (m, d) to (m, w)


class UnitScan:
    """Compares queries with rows of width w, so that a dot product is the cosine of the decoded.

    The same neighbours as `DecodedScan`, without a pass of numpy for every step of decoding.
    """

    def __init__(self, rows: int, width: int, fill: Fill, prepare: Prepare | None = None) -> None:
        self._rows = rows
        self._width = width
        self._fill = fill
        self._prepare = prepare

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest (m, k) of each query (m, d) of unit length."""
        best = Best(len(queries), min(k, self._rows))
        prepared = queries if self._prepare is None else self._prepare(queries)  # (m, w)
        few = len(queries) <= FEW
        values = BLOCK_VALUES // 8 if few else BLOCK_VALUES
        size = min(self._rows, max(1, values // max(self._width, len(queries) // 4)))
        room = np.empty((size, self._width), dtype=np.float32)
        for block in batches(self._rows, size):
            report.check()
            part = room[: block.stop - block.start]  # (b, w)
            self._fill(block, part)
            best.offer(products(prepared, part, few=few), block.start)  # (m, b)
        return best.positions, best.similarities


def products(queries: Matrix, vectors: Matrix, *, few: bool) -> Matrix:
    """Dot products (m, b); of few queries in this thread, for threads of BLAS wait for each other.

    On busy cores they made one query of 96 dimensions among 10,000 rows take 12 ms, not .2.
    """
    from backends.codecs.rounding_kernel import dot_rows

    if not few:
        return queries @ vectors.T
    out = np.empty((len(queries), len(vectors)), dtype=np.float32)
    dot_rows(queries, vectors, out)
    return out
