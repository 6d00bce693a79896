"""Codecs of fewer dimensions: what they share by themselves, and in front of another codec."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, unit_rows
from backends.codecs.base import Ask, BlockCoder, Codes, Params, Searcher, Solved
from backends.codecs.scan import Best
from backends.codecs.source import BLOCK_VALUES, Source
from backends.codecs.unit_scan import FEW, products
from backends.reporting import SILENT, Report
from backends.wording import counted

NUMBER = 4  # bytes of a float32
ALONE_VALUES = 1 << 17  # of a block that few queries are compared with: half a megabyte


class Reducer(BlockCoder):
    """Maps vectors of d dimensions to k; by itself it keeps these k numbers in float32."""

    dims: int  # k

    @abstractmethod
    def reduce(self, vectors: Matrix) -> Matrix:
        """Of unit rows (b, d), their k numbers (b, k) float32."""

    @abstractmethod
    def restore(self, reduced: Matrix) -> Matrix:
        """Vectors (r, d) float32 that stand for k numbers (r, k)."""

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Keep the k numbers as they are."""
        return {"codes": self.reduce(vectors)}

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Restore d dimensions."""
        return self.restore(codes.parts["codes"][rows])


class Affine(Reducer):
    """Fewer dimensions by a matrix: y = x forward, and back: offset + y back.

    The offset (d,) is what all rows have in common outside the directions of `back`, to which it
    is orthogonal. Searched by the cosine of a query with the vector that a row's numbers stand
    for, as decoding would find it, at k instead of d products a row: both the dot product and
    the length follow from the k numbers.
    """

    def __init__(
        self,
        params: Params,
        side: Mapping[str, NDArray[Any]],
        *,
        forward: Matrix,
        back: Matrix,
        offset: Matrix | None = None,
    ) -> None:
        self.params = params
        self.side = side
        self.dims = forward.shape[1]
        self._forward = forward  # (d, k)
        self._back = back  # (k, d)
        self._offset = offset  # (d,), or None for 0

    def reduce(self, vectors: Matrix) -> Matrix:
        """Coordinates along the columns of the matrix."""
        reduced: Matrix = vectors @ self._forward  # (b, k)
        return reduced

    def restore(self, reduced: Matrix) -> Matrix:
        """The least-squares answer in d dimensions."""
        restored: Matrix = reduced @ self._back  # (r, d)
        if self._offset is not None:
            restored += self._offset
        return restored

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Search the k numbers; queries are brought to them once."""
        return ReducedScan(codes, self._ask, self._lengths())

    def _ask(self, queries: Matrix) -> tuple[Matrix, Matrix | None]:
        shift = None if self._offset is None else queries @ self._offset  # (m,)
        return queries @ self._back.T, shift  # (m, k)

    def _lengths(self) -> Callable[[Matrix], Matrix]:
        """What finds the lengths (b,) of restored rows from their numbers (b, k)."""
        gram = self._back @ self._back.T  # (k, k)
        plain = bool(np.allclose(gram, np.eye(len(gram)), atol=1e-5))
        constant = np.float32(self._offset @ self._offset) if self._offset is not None else 0.0

        def lengths(reduced: Matrix) -> Matrix:
            weighted = reduced if plain else reduced @ gram  # (b, k)
            squares: Matrix = np.einsum("bk,bk->b", weighted, reduced)  # (b,)
            found: Matrix = np.sqrt(squares + constant)
            return found

        return lengths


class ReducedScan:
    """Compares queries with rows of k numbers, a block at a time.

    `ask` brings queries (m, d) to the numbers (m, k) and gives what is added to each one's dot
    products (m,), or None; `lengths` finds what they are divided by, or None for dot products.
    """

    def __init__(
        self,
        codes: Codes,
        ask: Callable[[Matrix], tuple[Matrix, Matrix | None]],
        lengths: Callable[[Matrix], Matrix] | None,
    ) -> None:
        self._codes = codes
        self._ask = ask
        self._lengths = lengths

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest (m, k) of each query (m, d) of unit length."""
        best = Best(len(queries), min(k, self._codes.rows))
        asked, shift = self._ask(queries)
        asked = np.ascontiguousarray(asked)  # (m, k)
        numbers = self._codes.parts["codes"]
        few = len(queries) <= FEW
        values = ALONE_VALUES if few else BLOCK_VALUES
        size = max(1, values // max(numbers.shape[1], len(queries)))
        for block in batches(self._codes.rows, size):
            report.check()
            part = numbers[block]  # (b, k)
            found = products(asked, part, few=few)  # (m, b)
            best.offer(self._scaled(found, shift, part), block.start)
        return best.positions, best.similarities

    def _scaled(self, found: Matrix, shift: Matrix | None, part: Matrix) -> Matrix:
        if shift is not None:
            found += shift[:, None]
        if self._lengths is not None:
            lengths = self._lengths(part)  # (b,)
            found *= np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return found


class ReducedSource(Source):
    """The rows of another source in fewer dimensions, again of unit length."""

    def __init__(self, source: Source, reducer: Reducer) -> None:
        self._source = source
        self._reducer = reducer
        self.corpus_rows = source.corpus_rows

    @property
    def dim(self) -> int:
        """Dimensions k that are left."""
        return self._reducer.dims

    def take(self, positions: slice | Rows) -> Matrix:
        """A copy of some rows, (r, k) float32 of unit length."""
        return unit_rows(self._reducer.reduce(self._source.take(positions)))

    def cosines(self, queries: Matrix, positions: Rows) -> Matrix:
        """Cosines (b, c) of reduced queries (b, k) with reduced rows at positions (b, c)."""
        vectors = self.take(positions.ravel()).reshape(*positions.shape, self.dim)
        exact: Matrix = np.einsum("bck,bk->bc", vectors, queries)
        return exact

    def blocks(
        self, report: Report = SILENT, text: str = "", values: int = BLOCK_VALUES
    ) -> Iterator[tuple[slice, Matrix]]:
        """As of the other source; `values` counts numbers before they are reduced."""
        for block, vectors in self._source.blocks(report, text, values):
            yield block, unit_rows(self._reducer.reduce(vectors))


def solve_dims(ask: Ask) -> Solved:
    """As many dimensions as the budget holds in float32, at least one; without a budget, half."""
    if ask.budget is None:
        return Solved({"dims": max(1, ask.dim // 2)})
    asked = int(ask.budget // NUMBER)
    return Solved({"dims": min(max(asked, 1), ask.dim)}, dims_note(asked, ask))


def dims_note(asked: int, ask: Ask) -> str:
    """What to say where a budget asks for no dimension, or for more than there are."""
    if asked < 1:
        return (
            f"One number takes {NUMBER} bytes, more than the budget leaves for each vector: "
            "1 dimension is kept."
        )
    if asked > ask.dim:
        return f"The vectors have only {counted(ask.dim, 'dimension')}: all are kept."
    return ""
