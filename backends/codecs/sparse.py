"""Pruning: the largest numbers are kept with their places, all others become zero.

Two ways to choose. `sparse` keeps as many of each row, so that no row pays for another and no row
needs a pointer; its places are column numbers, or one bit a dimension where those are smaller.
`prune` keeps the largest of the whole table (one threshold) in compressed sparse rows. On unit
vectors the first finds more neighbours at the same bytes.

Reference: Deng et al. 2021, "DeepLight" (a threshold found by narrowing it down).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.base import (
    Ask,
    BlockCoder,
    CodecSpec,
    Coder,
    Codes,
    Fit,
    Params,
    Solved,
    Training,
)
from backends.codecs.source import Source
from backends.reporting import SILENT, Report

HALF, FULL = 2, 4  # bytes of a kept number
VALUES: dict[str, type[np.floating[Any]]] = {"float16": np.float16, "float32": np.float32}
_LOW = 1 << 16  # values of half a float32's bits


def index_type(largest: int) -> np.dtype[Any]:
    """The smallest unsigned type that holds 0..largest."""
    return np.dtype(np.min_scalar_type(max(0, largest)))


def _budget(ask: Ask) -> float:
    """Bytes a vector; without a budget as many as keep everything."""
    return ask.budget if ask.budget is not None else float(ask.dim * 8 + 8)


def solve_rows(ask: Ask) -> Solved:
    """Keep as many numbers a row as the budget pays for, whichever way their places are kept."""
    budget, place = _budget(ask), index_type(ask.dim - 1).itemsize
    mask = -(-ask.dim // 8)
    full = int((budget - mask) // FULL) >= ask.dim  # nothing needs to go at all
    value = FULL if full else HALF
    by_positions = int(budget // (place + value))
    by_bits = int((budget - mask) // value)
    places = "bits" if by_bits > by_positions else "positions"
    kept = min(ask.dim, max(by_positions, by_bits))
    note = ""
    if kept < 1:
        kept = 1
        note = f"One number a vector with its place takes {place + value} bytes, more than asked."
    return Solved({"kept": kept, "places": places, "values": f"float{8 * value}"}, note)


class SparseRows(BlockCoder):
    """The m largest numbers of each row, in the order of dimensions."""

    def __init__(self, params: Params, dim: int) -> None:
        self.params = params
        self.side: Mapping[str, NDArray[Any]] = {}
        self._dim = dim
        self._kept = int(params["kept"])
        self._bits = params["places"] == "bits"
        self._values = VALUES[params["values"]]

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Choose by size; of equal ones any, but always the same."""
        rest = self._dim - self._kept
        if rest:
            chosen = np.argpartition(np.abs(vectors), rest, axis=1)[:, rest:]  # (b, m)
            chosen.sort(axis=1)
        else:
            chosen = np.broadcast_to(np.arange(self._dim), vectors.shape)
        values = np.take_along_axis(vectors, chosen, axis=1).astype(self._values)
        if not self._bits:
            return {"positions": chosen.astype(index_type(self._dim - 1)), "values": values}
        mask = np.zeros(vectors.shape, dtype=np.bool_)
        np.put_along_axis(mask, chosen, values=True, axis=1)
        return {"mask": np.packbits(mask, axis=1), "values": values}

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Put the numbers at their places among zeros."""
        values = codes.parts["values"][rows].astype(np.float32)  # (r, m)
        vectors = np.zeros((len(values), self._dim), dtype=np.float32)
        if self._bits:
            mask = np.unpackbits(codes.parts["mask"][rows], axis=1, count=self._dim)
            vectors[mask.astype(np.bool_)] = values.ravel()
        else:
            places = codes.parts["positions"][rows].astype(np.int64)
            np.put_along_axis(vectors, places, values, axis=1)
        return vectors


def solve_table(ask: Ask) -> Solved:
    """Keep as many numbers of the table as the budget pays for beside a pointer a row."""
    budget, place = _budget(ask) * ask.rows, index_type(ask.dim - 1).itemsize
    everything = ask.rows * ask.dim
    kept = {value: _affordable(budget, ask.rows, place + value) for value in (HALF, FULL)}
    value = FULL if kept[FULL] >= everything else HALF
    count = min(everything, kept[value])
    note = ""
    if count < ask.rows:
        count = ask.rows
        taken = place + value + index_type(count).itemsize * (1 + 1 / ask.rows)
        note = f"One number a vector in sparse rows takes {taken:,.4g} bytes, more than asked."
    return Solved({"kept": count, "values": f"float{8 * value}"}, note)


def _affordable(budget: float, rows: int, entry: int) -> int:
    """Entries that fit beside n + 1 pointers, whose size depends on the number of entries."""
    counts = [0]
    for pointer in (1, 2, 4, 8):
        count = int((budget - pointer * (rows + 1)) // entry)
        counts.append(min(count, (1 << (8 * pointer)) - 1))
    return max(counts)


class PrunedTable(Coder):
    """Compressed sparse rows of the numbers above one threshold."""

    def __init__(self, params: Params, dim: int) -> None:
        self.params = params
        self.side: Mapping[str, NDArray[Any]] = {}
        self._dim = dim

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Find the threshold in two walks through the table, and fill the rows in a third."""
        kept = int(self.params["kept"])
        threshold, kept, ties = threshold_of(source, kept, report.span(0.0, 0.6))
        places = np.empty(kept, dtype=index_type(source.dim - 1))
        values = np.empty(kept, dtype=VALUES[self.params["values"]])
        pointers = np.zeros(source.rows + 1, dtype=index_type(kept))
        done = 0
        for block, vectors in source.blocks(report.span(0.6, 1.0), "Encoding"):
            size = _as_integers(vectors)
            mask = size > threshold
            equal = np.flatnonzero(size == threshold)[:ties]  # the first ones, in order
            mask.ravel()[equal] = True
            ties -= len(equal)
            counts = np.count_nonzero(mask, axis=1)
            end = done + int(counts.sum())
            places[done:end] = np.nonzero(mask)[1]
            values[done:end] = vectors[mask]
            pointers[block.start + 1 : block.stop + 1] = done + np.cumsum(counts)
            done = end
        self.params = {**self.params, "threshold": float(np.uint32(threshold).view(np.float32))}
        return Codes({"pointers": pointers, "places": places, "values": values}, source.rows)

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Gather the entries of these rows and put them at their places among zeros."""
        pointers = codes.parts["pointers"]
        starts = pointers[:-1][rows].astype(np.int64)
        lengths = pointers[1:][rows].astype(np.int64) - starts
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        entries = np.arange(total) + np.repeat(starts - ends + lengths, lengths)
        vectors = np.zeros((len(starts), self._dim), dtype=np.float32)
        owners = np.repeat(np.arange(len(starts)), lengths)
        vectors[owners, codes.parts["places"][entries]] = codes.parts["values"][entries]
        return vectors


def threshold_of(source: Source, kept: int, report: Report = SILENT) -> tuple[int, int, int]:
    """The size of the smallest number that is kept, as a float32's bits, by two histograms.

    Sizes of floats are in the order of their bits read as an integer: the first walk counts the
    upper half of the bits, the second the lower half within the bin where the count runs out.
    Returns that size, how many numbers are kept in all (zeros never are), and how many equal to it.
    """
    high = _histogram(source, None, report.span(0.0, 0.5))
    upper, above = _where_it_ends(high, kept)
    low = _histogram(source, upper, report.span(0.5, 1.0))
    lower, above_too = _where_it_ends(low, kept - above)
    threshold = upper * _LOW + lower
    above += above_too
    ties = min(int(low[lower]), kept - above) if threshold else 0
    return threshold, above + ties, ties


def _histogram(source: Source, upper: int | None, report: Report) -> NDArray[np.int64]:
    """How often each half of the bits occurs: the upper one, or the lower one below `upper`."""
    counts = np.zeros(_LOW, dtype=np.int64)
    for _, vectors in source.blocks(report, "Finding the threshold"):
        size = _as_integers(vectors).ravel()
        half = size >> 16
        if upper is not None:
            half = size[half == upper] & (_LOW - 1)
        counts += np.bincount(half, minlength=_LOW)
    return counts


def _where_it_ends(counts: NDArray[np.int64], kept: int) -> tuple[int, int]:
    """The bin, counted from the top, with the kept-th number, and how many lie above it."""
    from_top = np.cumsum(counts[::-1])
    place = min(int(np.searchsorted(from_top, kept)), _LOW - 1)
    return _LOW - 1 - place, int(from_top[place - 1]) if place else 0


def _as_integers(vectors: Matrix) -> NDArray[np.uint32]:
    return np.abs(vectors).view(np.uint32)


def _load_rows() -> Fit:
    def fit(training: Training, params: Params, _report: Report) -> Coder:
        return SparseRows(params, training.source.dim)

    return fit


def _load_table() -> Fit:
    def fit(training: Training, params: Params, _report: Report) -> Coder:
        return PrunedTable(params, training.source.dim)

    return fit


SPECS = (
    CodecSpec(
        "sparse",
        "Sparse rows",
        load=_load_rows,
        about="Only the largest numbers of each vector, with their places.",
        family="Structure",
        cost=60,
        solve=solve_rows,
    ),
    CodecSpec(
        "prune",
        "Pruned table",
        load=_load_table,
        about="Only the largest numbers of all vectors together, as compressed sparse rows: "
        "some vectors keep more than others.",
        family="Structure",
        cost=61,
        solve=solve_table,
    ),
)
