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


@dataclass(frozen=True, slots=True)
class Permutation:
    """How often partitions of the same sizes reach the statistic."""

    p: float
    kind: Literal["exact", "sampled"]
    partitions: int  # tried
    smallest: float  # p that no data of these sizes can go below


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

    All partitions are tried where there are at most 20,000; then p is their share that reach the
    observed one, itself among them. Otherwise `runs` are drawn without replacement and
    p = (count + 1) / (runs + 1).

    Reference: Phipson and Smyth 2010, Permutation p-values should never be zero.
    """
    both = np.concatenate([x, y])
    total = comb(len(both), len(x))
    limit = float(x.sum()) - ROUNDING * max(float(np.abs(both).sum()), 1e-300)
    if total <= MOST_PARTITIONS:
        sums = _all_sums(both, len(x))
        return Permutation(float((sums >= limit).mean()), "exact", total, 1 / total)
    count = 0
    for start in range(0, runs, _block(len(both))):
        report.step(start, runs, "Trying partitions")
        block = min(_block(len(both)), runs - start)
        count += int((_sampled_sums(both, len(x), block, (seed, start)) >= limit).sum())
    return Permutation((count + 1) / (runs + 1), "sampled", runs, 1 / (runs + 1))


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
    sizes = []
    for _ in range(resamples):
        one = x[rng.integers(0, len(x), len(x))]
        other = y[rng.integers(0, len(y), len(y))]
        sizes.append(effect_size(one, other, ddof))
    low, high = np.quantile(sizes, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def smallest_effect(
    x: Floats, y: Floats, ddof: int = 1, level: float = 0.05, runs: int = 100_000, seed: int = 0
) -> float | None:
    """The smallest effect size that would have p <= `level` among these values.

    Of all ways to part these values into groups of these sizes, the effect size grows with the sum
    of the first group; so it is that of the partition at the upper `level` of the sums. None if
    there are too few partitions for any p so small.
    """
    both = np.concatenate([x, y])
    total = comb(len(both), len(x))
    exact = total <= MOST_PARTITIONS
    if exact:
        sums = _all_sums(both, len(x))
    else:
        count = min(runs, 20_000)
        sums = np.concatenate(
            [
                _sampled_sums(both, len(x), min(_block(len(both)), count - start), (seed, start))
                for start in range(0, count, _block(len(both)))
            ]
        )
    ordered = np.sort(sums)[::-1]
    reached = int(np.floor(level * len(ordered) + ROUNDING))
    if reached < 1:
        return None
    smallest = _at_most(ordered, reached)
    if smallest is None:
        return None
    deviation = float(np.std(both, ddof=ddof)) if len(both) > ddof else 0.0
    if deviation <= 0:
        return None
    rest = float(both.sum()) - smallest
    return (smallest / len(x) - rest / len(y)) / deviation


def _at_most(ordered: Floats, reached: int) -> float | None:
    """The smallest sum that at most `reached` of the sums reach, ties counted; None if none."""
    tolerance = ROUNDING * max(float(np.abs(ordered).max()), 1e-300)
    value = float(ordered[reached - 1])
    if reached < len(ordered) and ordered[reached] >= value - tolerance:
        above = ordered[ordered > value + tolerance]
        return float(above[-1]) if len(above) else None
    return value


def _all_sums(values: Floats, size: int) -> Floats:
    """Sums of all subsets of a size; of the larger group's side by what the smaller leaves."""
    smaller = min(size, len(values) - size)
    at = np.array(list(combinations(range(len(values)), smaller)), dtype=np.int64)
    sums = values[at.reshape(-1, smaller)].sum(axis=1) if smaller else np.zeros(1)
    return np.asarray(sums if smaller == size else values.sum() - sums, dtype=np.float64)


def _sampled_sums(values: Floats, size: int, count: int, seed: tuple[int, int]) -> Floats:
    """Sums of `count` random subsets of a size, each drawn without replacement."""
    rng = np.random.default_rng(seed)
    smaller = min(size, len(values) - size)
    keys = rng.random((count, len(values)), dtype=np.float32)
    chosen = np.argpartition(keys, smaller - 1, axis=1)[:, :smaller]  # (count, smaller)
    sums = values[chosen].sum(axis=1)
    return np.asarray(sums if smaller == size else values.sum() - sums, dtype=np.float64)


def _block(n: int) -> int:
    return max(1, BLOCK_VALUES // n)
