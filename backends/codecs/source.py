"""The rows that are compressed: unit vectors of some embeddings, read by blocks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backends.arrays import Matrix, Rows, batches, frozen, unit_rows
from backends.reporting import SILENT, Report
from backends.types import Embeddings

BLOCK_VALUES = 1 << 22  # 16 MiB of float32
SAFE = np.float32(1e-24)  # squared lengths between this and its inverse lose no digits


class Source:
    """Rows with a vector, at positions 0..n-1 in the order of the corpus, scaled to length 1."""

    def __init__(self, vectors: Matrix, corpus_rows: Rows | None = None) -> None:
        self._vectors = vectors
        self._all = corpus_rows is None
        self.corpus_rows: Rows = frozen(
            np.arange(len(vectors)) if corpus_rows is None else corpus_rows
        )

    @classmethod
    def of(cls, embeddings: Embeddings) -> Source:
        """All rows of the embeddings that have a vector."""
        present = embeddings.present
        rows = None if present.all() else np.flatnonzero(present)
        return cls(embeddings.vectors, rows)

    @property
    def rows(self) -> int:
        """How many there are, n."""
        return len(self.corpus_rows)

    @property
    def dim(self) -> int:
        """Dimensions d."""
        return int(self._vectors.shape[1])

    def take(self, positions: slice | Rows) -> Matrix:
        """A copy of some rows, (r, d) float32 of unit length."""
        if not self._all or not isinstance(positions, slice):
            positions = self.corpus_rows[positions]
        return unit_rows(self._vectors[positions])

    def cosines(self, queries: Matrix, positions: Rows) -> Matrix:
        """Cosines (b, c) of unit queries (b, d) with rows at positions (b, c), float32.

        Rows are divided by their length only after the product, which is ten times as fast as a
        scaled copy; where squares may leave the range of float32 the copy is made.
        """
        vectors = self._vectors[self.corpus_rows[positions]]  # (b, c, d)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            squares = np.einsum("bcd,bcd->bc", vectors, vectors)
        if ((squares > SAFE) & (squares < 1 / SAFE)).all():
            products: Matrix = np.einsum("bcd,bd->bc", vectors, queries)
            products /= np.sqrt(squares)
            return products
        vectors = self.take(positions.ravel()).reshape(vectors.shape)
        exact: Matrix = np.einsum("bcd,bd->bc", vectors, queries)
        return exact

    def blocks(
        self, report: Report = SILENT, text: str = "", values: int = BLOCK_VALUES
    ) -> Iterator[tuple[slice, Matrix]]:
        """Positions and unit rows of one block after the other; reports each if `text` is given."""
        for block in batches(self.rows, max(1, values // self.dim)):
            if text:
                report.step(block.start, self.rows, text)
            else:
                report.check()
            yield block, self.take(block)
