"""Groups of rows by direction: spherical k-means, seeded."""

from __future__ import annotations

import numpy as np

from backends.arrays import Matrix, Rows, batches, unit_rows
from backends.reporting import SILENT, Report

ROUNDS = 12
BLOCK_VALUES = 1 << 22  # of similarities


def nearest_of(vectors: Matrix, centres: Matrix) -> Rows:
    """Which centre (c, d) has the largest dot product with each row (b, d); (b,) int64."""
    nearest = np.empty(len(vectors), dtype=np.int64)
    for block in batches(len(vectors), max(1, BLOCK_VALUES // len(centres))):
        nearest[block] = (vectors[block] @ centres.T).argmax(axis=1)
    return nearest


def directions(vectors: Matrix, count: int, seed: int, report: Report = SILENT) -> Matrix:
    """At most `count` centres (c, d) of length 1 of unit rows (t, d): fewer if rows are alike.

    Reference: Dhillon and Modha 2001; starts as k-means++ does (Arthur and Vassilvitskii 2007).
    """
    centres = _starts(vectors, count, np.random.default_rng(seed), report)
    for number in range(ROUNDS):
        report.step(number, ROUNDS, "Grouping the vectors")
        moved = unit_rows(means_of(vectors, nearest_of(vectors, centres), centres))
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres


def means_of(vectors: Matrix, group: Rows, empty: Matrix) -> Matrix:
    """Mean (c, d) of the rows of each group; of one without rows, its row of `empty`."""
    means = empty.copy()
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(empty)))
    for number, (start, end) in enumerate(zip(ends - np.diff(ends, prepend=0), ends, strict=True)):
        if end > start:
            means[number] = vectors[order[start:end]].mean(axis=0)
    return means


def _starts(vectors: Matrix, count: int, rng: np.random.Generator, report: Report) -> Matrix:
    chosen = [int(rng.integers(len(vectors)))]
    far = np.full(len(vectors), np.inf)  # squared distance to the nearest start, (t,)
    while True:
        report.check()
        far = np.minimum(far, np.maximum(2.0 - 2.0 * (vectors @ vectors[chosen[-1]]), 0.0))
        far[far < 1e-6] = 0.0  # the same but for rounding
        total = far.sum()
        if len(chosen) == count or total == 0.0:
            return vectors[chosen]
        chosen.append(int(rng.choice(len(vectors), p=far / total)))
