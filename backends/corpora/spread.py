"""How the numbers of a column are spread: a histogram, robust ends, and the rank of each value.

Made once per column in the background and remembered with the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from backends.arrays import frozen
from backends.corpora.columns import Numbers

BINS = 64
EDGES = 1025  # values that part a column into equally many items each
SORTED_MOST = 1_000_000  # of more values evenly chosen ones stand for all
ROBUST = (0.02, 0.98)
RANKS = 65_534  # the rank of the highest value; the lowest has 0
NO_RANK = 65_535
BLOCK = 1 << 16


@dataclass(frozen=True, eq=False)
class Spread:
    """What is known of a column's values besides their ends."""

    missing: int  # items without a finite value
    robust: tuple[float, float]  # the 2nd and the 98th percentile
    counts: NDArray[np.int64]  # (BINS,) items per equal part from low to high
    edges: NDArray[np.float64]  # (k,) ascending values
    shares: NDArray[np.float64]  # (k,) share of the items that lie below each of them, 0..1

    def share_below(self, values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Share of the items below each value, 0..1; NaN stays NaN."""
        if not len(self.edges):
            return np.zeros(len(values))
        return np.asarray(np.interp(values, self.edges, self.shares))

    def counts_between(self, numbers: Numbers, low: float, high: float) -> NDArray[np.float64]:
        """How many items lie in each of BINS equal parts from low to high: (BINS,).

        Exact for all values of the column; for a part of them from the shares below.
        """
        if not len(self.edges) or high <= low:
            return np.zeros(BINS)
        if (low, high) == (numbers.low, numbers.high):
            return self.counts.astype(np.float64)
        below = self.share_below(np.linspace(low, high, BINS + 1))
        return np.asarray(np.diff(below) * (len(numbers.values) - self.missing))


_spreads: WeakKeyDictionary[Numbers, Spread] = WeakKeyDictionary()
_ranks: WeakKeyDictionary[Numbers, NDArray[np.uint16]] = WeakKeyDictionary()


def spread_of(numbers: Numbers) -> Spread:
    """Look at all values once; the same numbers get the same answer again."""
    if numbers not in _spreads:
        _spreads[numbers] = _spread(numbers)
    return _spreads[numbers]


def ranks_of(numbers: Numbers) -> NDArray[np.uint16]:
    """Rank of each item's value, 0..RANKS, and NO_RANK where there is none, (n,)."""
    if numbers not in _ranks:
        spread = spread_of(numbers)
        ranks = np.empty(len(numbers.values), np.uint16)
        for start in range(0, len(ranks), BLOCK):
            part = numbers.values[start : start + BLOCK].astype(np.float64)
            share = np.rint(spread.share_below(part) * RANKS)
            ranks[start : start + BLOCK] = np.where(np.isnan(part), NO_RANK, share)
        _ranks[numbers] = frozen(ranks)
    return _ranks[numbers]


def has_ranks(numbers: Numbers) -> bool:
    """Whether ranks are known already, so that asking costs nothing."""
    return numbers in _ranks


def _spread(numbers: Numbers) -> Spread:
    finite = numbers.values[np.isfinite(numbers.values)]
    missing = len(numbers.values) - len(finite)
    if not len(finite):
        none = np.zeros(0)
        return Spread(missing, (0.0, 0.0), np.zeros(BINS, np.int64), none, none)
    counts = _histogram(finite, numbers.low, numbers.high)
    step = -(-len(finite) // SORTED_MOST)
    chosen = np.sort(finite[::step]).astype(np.float64)
    at = np.linspace(0, len(chosen) - 1, EDGES)
    edges, shares = _without_ties(np.interp(at, np.arange(len(chosen)), chosen))
    robust = tuple(float(value) for value in np.quantile(chosen, ROBUST))
    return Spread(missing, (robust[0], robust[1]), frozen(counts), edges, shares)


def _histogram(finite: NDArray[np.float32], low: float, high: float) -> NDArray[np.int64]:
    """Items per equal part, (BINS,); all in the middle where there is one value only."""
    counts = np.zeros(BINS, np.int64)
    if high <= low:
        counts[BINS // 2] = len(finite)
        return counts
    for start in range(0, len(finite), BLOCK):
        part = (finite[start : start + BLOCK].astype(np.float64) - low) * (BINS / (high - low))
        counts += np.bincount(np.clip(part, 0, BINS - 1).astype(np.int64), minlength=BINS)
    return counts


def _without_ties(edges: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each value once, with the middle of the shares it covers; the outer ones keep 0 and 1."""
    values, first, counts = np.unique(edges, return_index=True, return_counts=True)
    shares = (first + (counts - 1) / 2) / (len(edges) - 1)
    if len(values) > 1:
        shares[0], shares[-1] = 0.0, 1.0
    return frozen(values), frozen(shares)
