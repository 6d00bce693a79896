"""The whole table as a tensor train of three cores (TT-SVD): rows share all numbers there are.

The table X (n, d) is padded to n1 n2 n3 rows and d1 d2 d3 columns and seen as a tensor of three
modes, (n1 d1) x (n2 d2) x (n3 d3). The digits of a row's position stand in the order (i2, i1, i3),
so that all entries of one i2, a *slab*, are neighbouring rows: every pass is a walk through the
table, a slab at a time, and nothing larger than a slab and two small Gram matrices is held.

Reference: Oseledets 2011, "Tensor-Train Decomposition", algorithm 1; as a codec of embedding
tables Yin et al. 2021 (TT-Rec).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.base import (
    Ask,
    CannotFit,
    CodecSpec,
    Coder,
    Codes,
    Fit,
    Params,
    Solved,
    Training,
)
from backends.codecs.source import Source
from backends.decompositions import eigh
from backends.reporting import SILENT, Report

Three = tuple[int, int, int]
Floats = NDArray[np.float64]

WORD = 4  # bytes of a float32
MOST_MODE = 8192  # largest n1 d1 or n3 d3: their Gram matrices are decomposed as a whole
SLAB_BYTES = 1 << 30  # a slab is held as float32 and float64, and once more as its part of a core
DECODED = 1 << 22  # numbers of a slab that are put together at a time


def three_factors(count: int) -> Three:
    """Three numbers near each other, descending, whose product is `count` or little more."""
    root = round(count ** (1 / 3), 9)
    numbers = np.arange(max(1, int(root / 2)), int(2 * root) + 2)
    first, second = np.meshgrid(numbers, numbers, indexing="ij")
    third = -(-count // (first * second))
    # Padding costs its share of the numbers, unequal modes cost more words at the same rank.
    cost = (first * second * third) * (first + second + third).astype(np.float64)
    place = np.unravel_index(np.argmin(cost), cost.shape)
    chosen = sorted((int(first[place]), int(second[place]), int(third[place])), reverse=True)
    return chosen[0], chosen[1], chosen[2]


def words_of(modes: Three, ranks: tuple[int, int]) -> int:
    """Numbers in the three cores: n1 d1 r1 + r1 n2 d2 r2 + r2 n3 d3."""
    first, second = ranks
    return modes[0] * first + first * modes[1] * second + second * modes[2]


def ranks_for(modes: Three, words: float) -> tuple[int, int]:
    """The largest ranks whose cores have at most that many words, 1 at least.

    Both ranks are equal where none has reached its end; what is left over goes to one of them.
    """
    ends = (min(modes[0], modes[1] * modes[2]), min(modes[2], modes[0] * modes[1]))

    def both(rank: int) -> tuple[int, int]:
        return min(rank, ends[0]), min(rank, ends[1])

    low, high = 1, max(ends)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if words_of(modes, both(middle)) <= words else (low, middle - 1)
    first, second = both(low)
    while first < ends[0] and words_of(modes, (first + 1, second)) <= words:
        first += 1
    while second < ends[1] and words_of(modes, (first, second + 1)) <= words:
        second += 1
    return first, second


def solve(ask: Ask) -> Solved:
    """Factor rows and dimensions, and take the ranks that the budget pays for.

    Raises: CannotFit where a Gram matrix or a slab would not fit into memory.
    """
    # The smallest numbers stand in the middle, whose core grows with both ranks.
    n1, n3, n2 = three_factors(ask.rows)
    d1, d3, d2 = three_factors(ask.dim)
    modes = (n1 * d1, n2 * d2, n3 * d3)
    slab = n1 * n3 * d1 * d2 * d3 * 20
    if max(modes[0], modes[2]) > MOST_MODE or slab > SLAB_BYTES:
        raise CannotFit(
            f"A tensor train of {ask.rows:,} vectors of {ask.dim:,} numbers needs too much "
            "memory while it is fitted.",
            hint="Measure it on fewer rows.",
        )
    budget = ask.budget if ask.budget is not None else WORD * ask.dim
    ranks = ranks_for(modes, budget * ask.rows / WORD)
    taken = WORD * words_of(modes, ranks) / ask.rows
    note = ""
    if taken > budget:
        note = f"A tensor train of rank 1 takes {taken:,.4g} bytes a vector, more than asked for."
    params = {"rows": [n1, n2, n3], "columns": [d1, d2, d3], "ranks": list(ranks)}
    return Solved(params, note)


class TensorTrain(Coder):
    """Three cores: (n1 d1, r1), one slice (r1, d2 r2) for each of n2 slabs, (r2, n3 d3)."""

    def __init__(self, params: Params, dim: int) -> None:
        self.params = params
        self.side: Mapping[str, NDArray[Any]] = {}
        self._rows: Three = tuple(params["rows"])
        self._columns: Three = tuple(params["columns"])
        self._ranks: tuple[int, int] = tuple(params["ranks"])
        self._dim = dim

    @property
    def _slab_rows(self) -> int:
        return self._rows[0] * self._rows[2]

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Decompose the table in three walks: a basis of each end, then the core between them.

        The decompositions of two Gram matrices cannot be stopped.
        """
        first = self._first(source, report.span(0.0, 0.3))  # (n1 d1, r1)
        last = self._last(source, first, report.span(0.3, 0.7))  # (n3 d3, r2)
        n2, d2 = self._rows[1], self._columns[1]
        middle = np.empty((n2, self._ranks[0], d2 * self._ranks[1]), dtype=np.float32)
        for number, slab in self._slabs(source, report.span(0.7, 1.0), "Filling the middle core"):
            part = (first.T @ slab).reshape(-1, len(last)) @ last  # (r1 d2, r2)
            middle[number] = part.reshape(middle.shape[1:])
        parts = {
            "first": first.astype(np.float32),
            "middle": middle,
            "last": np.ascontiguousarray(last.T, dtype=np.float32),
        }
        return Codes(parts, source.rows)

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Multiply the cores for those rows only, a slab at a time."""
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(codes.rows), dtype=np.int64)
        vectors = np.empty((len(rows), self._dim), dtype=np.float32)
        order = np.argsort(rows, kind="stable")
        slabs, starts = np.unique(rows[order] // self._slab_rows, return_index=True)
        bounds = np.append(starts, len(rows))
        for slab, start, end in zip(slabs, bounds[:-1], bounds[1:], strict=True):
            chosen = order[start:end]
            vectors[chosen] = self._decode_slab(codes, int(slab), rows[chosen] % self._slab_rows)
        return vectors

    def _decode_slab(self, codes: Codes, slab: int, within: Rows) -> Matrix:
        """Vectors (r, d) of places within one slab."""
        (_, _, n3), (d1, d2, d3) = self._rows, self._columns
        first, last = codes.parts["first"], codes.parts["last"]
        heads, inverse = np.unique(within // n3, return_inverse=True)  # i1 of these rows
        tails = within % n3  # i3
        width = d1 * d2 * d3
        vectors = np.empty((len(within), self._dim), dtype=np.float32)
        by_head = first.reshape(-1, d1, first.shape[1])[heads]  # (h, d1, r1)
        size = max(1, DECODED // (n3 * width))
        for start in range(0, len(heads), size):
            some = by_head[start : start + size]  # (s, d1, r1)
            left = some.reshape(-1, some.shape[2]) @ codes.parts["middle"][slab]  # (s d1, d2 r2)
            table = left.reshape(-1, last.shape[0]) @ last  # (s d1 d2, n3 d3)
            here = np.flatnonzero((inverse >= start) & (inverse < start + size))
            by_row = table.reshape(-1, d1, d2, n3, d3)[inverse[here] - start, :, :, tails[here]]
            vectors[here] = by_row.reshape(len(here), width)[:, : self._dim]
        return vectors

    def _slabs(self, source: Source, report: Report, text: str) -> Iterator[tuple[int, Floats]]:
        """Every slab as (n1 d1, d2 n3 d3) in float64, rows and dimensions padded with zeros."""
        (n1, n2, n3), (d1, d2, d3) = self._rows, self._columns
        for number in range(n2):
            report.step(number, n2, text)
            start = number * self._slab_rows
            vectors = source.take(slice(start, min(start + self._slab_rows, source.rows)))
            padded = np.zeros((self._slab_rows, d1 * d2 * d3))
            padded[: len(vectors), : source.dim] = vectors
            tensor = padded.reshape(n1, n3, d1, d2, d3).transpose(0, 2, 3, 1, 4)
            yield number, tensor.reshape(n1 * d1, -1)

    def _first(self, source: Source, report: Report) -> Floats:
        """The r1 leading left singular vectors of the unfolding (n1 d1) x (rest)."""
        gram = np.zeros((self._rows[0] * self._columns[0],) * 2)
        for _, slab in self._slabs(source, report, "Decomposing the first mode"):
            gram += slab @ slab.T
        return _leading(gram, self._ranks[0])

    def _last(self, source: Source, first: Floats, report: Report) -> Floats:
        """The r2 leading right singular vectors of what the first core left, by (n3 d3)."""
        gram = np.zeros((self._rows[2] * self._columns[2],) * 2)
        for _, slab in self._slabs(source, report, "Decomposing the last mode"):
            part = (first.T @ slab).reshape(-1, len(gram))  # (r1 d2, n3 d3)
            gram += part.T @ part
        return _leading(gram, self._ranks[1])


def _leading(gram: Floats, rank: int) -> Floats:
    """Eigenvectors of the largest eigenvalues as columns, (m, rank), largest first."""
    _, vectors = eigh(gram)
    return np.ascontiguousarray(vectors[:, ::-1][:, :rank])


def _load() -> Fit:
    def fit(training: Training, params: Params, _report: Report) -> Coder:
        return TensorTrain(params, training.source.dim)

    return fit


SPECS = (
    CodecSpec(
        "tt",
        "Tensor train",
        load=_load,
        about="The whole table as three small cores: every row is a product of shared matrices. "
        "Made for tables whose rows repeat a pattern; ordinary vectors lose much.",
        family="Structure",
        cost=60,
        solve=solve,
    ),
)
