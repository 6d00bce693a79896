"""Two groups of numbers: how large their difference is, and how often chance would make it so.

Everything here depends on one number for each term, so a hundred thousand partitions are a hundred
thousand sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backends.reporting import SILENT, Report

Floats = NDArray[np.float64]
MOST_PARTITIONS = 20_000  # up to as many are all tried: 8 against 8 are 12,870
ROUNDING = 1e-9  # relative: sums in another order are equal within it
BLOCK_VALUES = 1 << 21
CONFIDENCE = 0.95
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Permutation:
    """How often partitions of the same sizes reach the statistic."""

    p: float
    kind: Literal["exact", "sampled"]
    partitions: int  # tried
    smallest: float  # p that no data of these sizes can go below
    critical: float | None  # smallest sum of the first group with p <= LEVEL; None: there is none

    @property
    def doubts(self) -> tuple[str, ...]:
        """What no data of these sizes could show, in a sentence."""
        if self.smallest <= LEVEL:
            return ()
        return (
            f"So few terms cannot give a p below {self.smallest:.2g}, whatever the vectors are.",
        )


def effect_size(x: Floats, y: Floats, ddof: int = 1) -> float:
    """Difference of the means over the deviation of all values; 0 if all values are equal.

    Of equal groups it lies within 2 * sqrt((N - ddof) / N), N values in all; 1 against 1 is at that
    limit whatever the values are.
    """
    both = np.concatenate([x, y])
    if len(both) <= ddof:
        return 0.0
    deviation = float(np.std(both, ddof=ddof))
    difference = float(x.mean() - y.mean())
    return difference / deviation if deviation > ROUNDING * float(np.abs(both).max()) else 0.0


def permutation_test(
    x: Floats, y: Floats, runs: int = 100_000, seed: int = 0, report: Report = SILENT
) -> Permutation:
    """One-sided p of sum(x) - sum(y) among partitions of all values into groups of these sizes.

    As the sum of all values is always the same, sum(x) orders the partitions too. All are tried
    where there are at most 20,000; then p is the share that reaches the observed one, itself among
    them. Otherwise `runs` are drawn without replacement and p = (count + 1) / (runs + 1).

    Reference: Phipson and Smyth 2010, Permutation p-values should never be zero.
    """
    both = np.concatenate([x, y])
    total = comb(len(both), len(x))
    exact = total <= MOST_PARTITIONS
    report.step(0, 1, "Trying partitions")
    sums = _all_sums(both, len(x)) if exact else _sampled(both, len(x), runs, seed, report)
    sums.sort()
    rounding = ROUNDING * float(np.abs(both).sum())
    reached = len(sums) - int(np.searchsorted(sums, float(x.sum()) - rounding))
    critical = _critical(sums, rounding, 0 if exact else 1)
    if exact:
        return Permutation(reached / total, "exact", total, 1 / total, critical)
    return Permutation((reached + 1) / (runs + 1), "sampled", runs, 1 / (runs + 1), critical)


def _critical(sums: Floats, rounding: float, added: int) -> float | None:
    """The smallest of the ascending sums that has p <= LEVEL; `added` counts in p as in `p`."""
    n = len(sums)
    reached = n - np.searchsorted(sums, sums - rounding)  # (n,) by each as the observed one
    enough = (reached + added) / (n + added) <= LEVEL + ROUNDING
    return float(sums[int(np.argmax(enough))]) if enough.any() else None


def smallest_effect(x: Floats, y: Floats, found: Permutation, ddof: int = 1) -> float | None:
    """The smallest effect size that would have had p <= .05 among these values.

    It is the critical value of the permutation test: all ways to part these values have the same
    deviation, so the effect size grows with the sum of the first group, and p falls with it. None
    if no partition has a p so small, or all values are equal. An effect below it goes unseen.
    """
    both = np.concatenate([x, y])
    if found.critical is None or len(both) <= ddof:
        return None
    deviation = float(np.std(both, ddof=ddof))
    if deviation <= ROUNDING * float(np.abs(both).max()):
        return None
    rest = float(both.sum()) - found.critical
    return (found.critical / len(x) - rest / len(y)) / deviation


def bootstrap_interval(
    x: Floats, y: Floats, ddof: int = 1, resamples: int = 2000, seed: int = 0
) -> tuple[float, float] | None:
    """95% percentile interval of the effect size over resampled terms of each group.

    None where a group has one term, which cannot be resampled.

    Reference: Efron and Tibshirani 1993, An introduction to the bootstrap, chapter 13.
    """
    if len(x) < 2 or len(y) < 2:
        return None
    rng = np.random.default_rng(seed)
    one = x[rng.integers(0, len(x), (resamples, len(x)))]  # (resamples, |X|)
    other = y[rng.integers(0, len(y), (resamples, len(y)))]  # (resamples, |Y|)
    deviations = np.std(np.concatenate([one, other], axis=1), axis=1, ddof=ddof)
    differences = one.mean(axis=1) - other.mean(axis=1)
    flat = deviations <= ROUNDING * max(float(np.abs(x).max()), float(np.abs(y).max()))
    sizes = np.where(flat, 0.0, differences / np.where(flat, 1.0, deviations))
    low, high = np.quantile(sizes, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _all_sums(values: Floats, size: int) -> Floats:
    """Sums of all subsets of a size; of the larger group's side by what the smaller leaves."""
    smaller = min(size, len(values) - size)
    at = np.array(list(combinations(range(len(values)), smaller)), dtype=np.int64)
    sums = values[at.reshape(-1, smaller)].sum(axis=1) if smaller else np.zeros(1)
    return np.asarray(sums if smaller == size else values.sum() - sums, dtype=np.float64)


def _sampled(values: Floats, size: int, runs: int, seed: int, report: Report) -> Floats:
    """Sums of `runs` random subsets of a size, each drawn without replacement."""
    rng = np.random.default_rng(seed)
    smaller = min(size, len(values) - size)
    block = max(1, BLOCK_VALUES // len(values))
    sums = np.empty(runs)
    for start in range(0, runs, block):
        report.step(start, runs, "Trying partitions")
        part = sums[start : start + block]
        # The places of the smallest of n random numbers are a fair subset.
        keys = rng.random((len(part), len(values)), dtype=np.float32)
        chosen = np.argpartition(keys, smaller - 1, axis=1)[:, :smaller]  # (block, smaller)
        part[:] = values[chosen].sum(axis=1)
    return sums if smaller == size else values.sum() - sums
