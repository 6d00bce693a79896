"""Searching codes by decoding them a block at a time, and keeping the best of each query."""

from __future__ import annotations

import numpy as np

from backends.arrays import Matrix, Rows, batches, unit_rows
from backends.codecs.base import Coder, Codes
from backends.reporting import SILENT, Report

BLOCK_VALUES = 1 << 22  # of decoded vectors, and of similarities: 16 MiB


class Best:
    """The k best of each of m queries among blocks that are shown one after the other."""

    def __init__(self, queries: int, k: int) -> None:
        self.positions: Rows = np.full((queries, k), -1, dtype=np.int64)
        self.similarities: Matrix = np.full((queries, k), -np.inf, dtype=np.float32)

    def offer(self, similarities: Matrix, start: int) -> None:
        """Take up a block's similarities (m, b); its first column is the position `start`.

        Equal ones are kept in the order of their positions.
        """
        from backends.codecs.best_kernel import keep_best

        if self.positions.shape[1]:
            keep_best(similarities, start, self.positions, self.similarities)


class DecodedScan:
    """Compares queries with decoded rows by cosine."""

    def __init__(self, coder: Coder, codes: Codes, dim: int) -> None:
        self._coder = coder
        self._codes = codes
        self._dim = dim

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest (m, k) of each query (m, d) of unit length."""
        best = Best(len(queries), min(k, self._codes.rows))
        size = max(1, BLOCK_VALUES // max(self._dim, len(queries)))
        for block in batches(self._codes.rows, size):
            report.check()
            vectors = unit_rows(self._coder.decode(self._codes, block))  # (b, d)
            best.offer(queries @ vectors.T, block.start)  # (m, b)
        return best.positions, best.similarities
