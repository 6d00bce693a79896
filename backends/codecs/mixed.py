"""Fewer dimensions where they are enough: groups of rows keep main directions of their own.

Rows are grouped by direction; each group has its mean and its principal components, and a number
of them that a search under the budget decided. A row is the number of its group and so many
coefficients in half precision, all in one flat array: where a row's begin follows from the groups
before it, counted from the last of some starts that are stored.
What helps on real vectors is that groups have directions of their own, and half precision; that
lengths differ helps little. At equal bytes (whole numbers of coefficients a row) on 10,000
sentence embeddings and 60,000 GloVe vectors, three splits each, 11 of 21 settings chose equal
lengths; of the others two found more neighbours than equal lengths did, one fewer, and seven did
not differ beyond chance.
Reference: Lyu et al. 2022, OptEmbed (CIKM): lengths of prefixes by group, here found after the
fact instead of in training.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, unit_rows
from backends.codecs.base import Coder, Codes, Params, Searcher
from backends.codecs.clusters import nearest_of
from backends.codecs.scan import Best
from backends.codecs.source import Source
from backends.reporting import SILENT, Report

STRIDE = 256  # rows between two stored starts
COEFFICIENT = 2  # bytes
OVERHEAD = 1 + 8 / STRIDE  # bytes a row: its group, and its share of the starts
QUERIES_AT_ONCE = 1024
BLOCK_VALUES = 1 << 24  # similarities at once: 64 MiB
MOST_ROWS = 1 << 16  # and rows


class MixedDims(Coder):
    """Rows as coefficients of their group, as many as the group keeps."""

    def __init__(
        self, params: Params, means: Matrix, components: list[Matrix], notes: tuple[str, ...] = ()
    ) -> None:
        """Take the mean (g, d) of each group and its directions (d, kept by it)."""
        self._kept = np.array([part.shape[1] for part in components], dtype=np.int64)  # (g,)
        self.params = {**params, "kept": self._kept.tolist()}
        self.notes = notes
        self.side = {
            "means": means,
            "kept": self._kept.astype(np.int32),
            "components": np.concatenate([part.T.ravel() for part in components]),
        }
        self._means = means
        self._components = components
        self._centres = unit_rows(means)

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Group and encode all rows, a block at a time."""
        groups = np.empty(source.rows, dtype=np.uint8)
        # Of what is asked for here, only what is written to is ever held in memory.
        flat = np.empty(source.rows * int(self._kept.max()), dtype=np.float16)
        used = 0
        for block, vectors in source.blocks(report, "Encoding"):
            group = nearest_of(vectors, self._centres)  # (b,)
            groups[block] = group
            lengths = self._kept[group]
            starts = used + np.cumsum(lengths) - lengths  # (b,)
            for number in np.unique(group):
                rows = np.flatnonzero(group == number)
                centred = vectors[rows] - self._means[number]  # (r, d)
                windows = _windows(flat, int(self._kept[number]))
                windows[starts[rows]] = centred @ self._components[number]  # (r, kept)
            used += int(lengths.sum())
        flat.resize(used, refcheck=False)
        ends = np.cumsum(self._kept[groups])
        first = np.concatenate(([0], ends[STRIDE - 1 : -1 : STRIDE])).astype(np.int64)
        return Codes({"groups": groups, "starts": first, "coefficients": flat}, source.rows)

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """The mean of the group, and the directions as far as they are kept."""
        positions = np.arange(codes.rows)[rows] if isinstance(rows, slice) else rows
        decoded = np.empty((len(positions), self._means.shape[1]), dtype=np.float32)
        for number, members, numbers in self.parts_of(codes, positions):
            decoded[members] = numbers @ self._components[number].T + self._means[number]
        return decoded

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Search coefficients; queries are brought to the directions of each group once."""
        return _MixedScan(self, codes)

    def parts_of(self, codes: Codes, positions: Rows) -> list[tuple[int, Rows, Matrix]]:
        """Of each group among some positions: its number, which they are, and coefficients.

        Members (r,) are indices into `positions`, coefficients (r, kept by the group) float32.
        """
        group = codes.parts["groups"][positions]  # (b,)
        starts = _starts(codes, positions, self._kept)  # (b,)
        flat = codes.parts["coefficients"]
        found = []
        for number in np.unique(group).tolist():
            members = np.flatnonzero(group == number)
            windows = _windows(flat, int(self._kept[number]))
            found.append((number, members, windows[starts[members]].astype(np.float32)))
        return found

    def asked(self, queries: Matrix, number: int) -> tuple[Matrix, Matrix]:
        """Queries (m, d) along a group's directions (m, kept), and with its mean (m,)."""
        return queries @ self._components[number], queries @ self._means[number]

    def lengths(self, number: int, numbers: Matrix) -> Matrix:
        """Lengths (r,) of the vectors that coefficients (r, kept) of a group stand for."""
        mean = self._means[number]
        turned = mean @ self._components[number]  # (kept,)
        squares = np.einsum("rk,rk->r", numbers, numbers) + 2.0 * (numbers @ turned)
        lengths: Matrix = np.sqrt(np.maximum(squares + mean @ mean, 0.0))
        return lengths


def _windows(flat: NDArray[np.float16], length: int) -> NDArray[np.float16]:
    """All runs of so many coefficients, a view: rows are copied whole, without an index each."""
    if length == 0:
        return np.empty((len(flat) + 1, 0), dtype=flat.dtype)
    return np.lib.stride_tricks.sliding_window_view(flat, length, writeable=flat.flags.writeable)


def _starts(codes: Codes, positions: Rows, kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the coefficients of each position begin, (b,)."""
    groups = codes.parts["groups"]
    strides, place = np.unique(positions // STRIDE, return_inverse=True)  # (u,), (b,)
    around = strides[:, None] * STRIDE + np.arange(STRIDE)  # (u, STRIDE)
    lengths = kept[groups[np.minimum(around, codes.rows - 1)]]
    before = np.cumsum(lengths, axis=1) - lengths  # (u, STRIDE)
    first: NDArray[np.int64] = codes.parts["starts"][strides]
    found: NDArray[np.int64] = first[place] + before[place, positions % STRIDE]
    return found


class _MixedScan:
    """Compares queries with what coefficients stand for, by cosine, without decoding."""

    def __init__(self, coder: MixedDims, codes: Codes) -> None:
        self._coder = coder
        self._codes = codes

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest (m, k) of each query (m, d) of unit length."""
        best = Best(0, min(k, self._codes.rows))
        positions, similarities = [best.positions], [best.similarities]
        for start in range(0, len(queries), QUERIES_AT_ONCE):
            best = self._some(queries[start : start + QUERIES_AT_ONCE], k, report)
            positions.append(best.positions)
            similarities.append(best.similarities)
        return np.concatenate(positions), np.concatenate(similarities)

    def _some(self, queries: Matrix, k: int, report: Report) -> Best:
        rows = self._codes.rows
        best = Best(len(queries), min(k, rows))
        asked = [self._coder.asked(queries, g) for g in range(len(self._coder.side["kept"]))]
        size = max(STRIDE, BLOCK_VALUES // len(queries))
        size = min(size, MOST_ROWS)
        for start in range(0, rows, size):
            report.check()
            positions = np.arange(start, min(start + size, rows))
            found = np.empty((len(positions), len(queries)), dtype=np.float32)  # (b, m)
            for number, members, numbers in self._coder.parts_of(self._codes, positions):
                turned, shift = asked[number]
                lengths = self._coder.lengths(number, numbers)
                inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
                # Rows of a group lie apart: whole rows of `found` are written, not columns.
                found[members] = (numbers @ turned.T + shift) * inverse[:, None]
            best.offer(np.ascontiguousarray(found.T), start)
        return best
