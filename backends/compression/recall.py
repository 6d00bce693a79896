"""How much of the truth was found. Ties count by similarity, intervals come from a bootstrap.

Two measures that are often mixed up are kept apart: *recall@k* is the share of the k true
neighbours that are among the k found, *1-recall@k* the share of queries whose true nearest is.
The second looks much better and says much less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches
from backends.codecs.source import Source
from backends.compression.results import Estimate

TIE = 1e-6  # cosines this near are the same: rounding of float32 vectors of unit length
RANKS = 10  # that nDCG and the reciprocal rank look at
RESAMPLES = 1000
_BLOCK_VALUES = 1 << 22

Floats = NDArray[np.float64]


def exact_similarities(queries: Matrix, found: Rows, source: Source) -> Floats:
    """Cosine of each query (m, d) with each found position (m, k), in float64; -inf for -1.

    Asked of the vectors themselves, because a codec's own similarity is biased. A position that
    stands twice counts once: the second is -inf.
    """
    exact = np.empty(found.shape, dtype=np.float64)
    size = max(1, _BLOCK_VALUES // max(1, found.shape[1] * source.dim))
    for block in batches(len(found), size):
        positions = np.maximum(found[block], 0)  # (b, k)
        vectors = source.take(positions.ravel()).astype(np.float64)
        vectors = vectors.reshape(*positions.shape, -1)  # (b, k, d)
        exact[block] = np.einsum("bd,bkd->bk", queries[block].astype(np.float64), vectors)
    exact[found < 0] = -np.inf
    order = np.argsort(found, axis=1, kind="stable")
    in_order = np.take_along_axis(found, order, axis=1)
    again = np.zeros(found.shape, dtype=np.bool_)
    np.put_along_axis(again, order[:, 1:], in_order[:, 1:] == in_order[:, :-1], axis=1)
    exact[again] = -np.inf
    return exact


def recall_by_query(exact: Floats, truth: Floats) -> Matrix:
    """Share of the k true neighbours found, (m,) in 0..1.

    `exact` (m, k') are the exact similarities of what was found, `truth` (m, k) those of the true
    neighbours, descending. Found is whatever is as similar as the k-th true neighbour, whichever
    of several equal rows it is; no more than k count.
    """
    k = truth.shape[1]
    if k == 0:
        return np.ones(len(truth), dtype=np.float32)
    right = (exact >= truth[:, -1:] - TIE).sum(axis=1)
    return np.asarray(np.minimum(right, k) / k, dtype=np.float32)


def nearest_found(exact: Floats, truth: Floats) -> Matrix:
    """1 for each query whose true nearest, or one that ties with it, was found, else 0; (m,)."""
    if truth.shape[1] == 0:
        return np.ones(len(truth), dtype=np.float32)
    return np.asarray((exact >= truth[:, :1] - TIE).any(axis=1), dtype=np.float32)


def ndcg_by_query(found: Rows, relevant: Sequence[Mapping[int, float]]) -> Matrix:
    """Normalised discounted cumulative gain at 10, (m,); NaN for a query without relevant rows.

    Gain is the grade itself and the discount 1/log2(1 + rank), as trec_eval has it (Järvelin and
    Kekäläinen 2002).
    """
    discounts = 1.0 / np.log2(np.arange(2, RANKS + 2))  # (10,)
    values = np.full(len(found), np.nan, dtype=np.float32)
    for number, (rows, grades) in enumerate(zip(found[:, :RANKS], relevant, strict=True)):
        ideal = np.sort([grade for grade in grades.values() if grade > 0])[::-1][:RANKS]
        if len(ideal):
            gains = np.array([max(0.0, grades.get(int(row), 0.0)) for row in rows])
            best = float(ideal @ discounts[: len(ideal)])
            values[number] = float(gains @ discounts[: len(gains)]) / best
    return values


def reciprocal_rank_by_query(found: Rows, relevant: Sequence[Mapping[int, float]]) -> Matrix:
    """One over the rank of the first relevant row among ten, 0 if none, (m,); NaN as in nDCG."""
    values = np.full(len(found), np.nan, dtype=np.float32)
    for number, (rows, grades) in enumerate(zip(found[:, :RANKS], relevant, strict=True)):
        if any(grade > 0 for grade in grades.values()):
            ranks = [rank for rank, row in enumerate(rows, 1) if grades.get(int(row), 0.0) > 0]
            values[number] = 1.0 / ranks[0] if ranks else 0.0
    return values


def purity_by_query(found: Rows, own: NDArray[np.int64], labels: NDArray[np.int64]) -> Matrix:
    """Share of found rows with the query's own label, (m,); NaN where the query has none.

    `own` (m,) and `labels` (n corpus rows,) are codes, -1 for no label; found rows without a
    label count as different.
    """
    there = found >= 0
    same = (labels[np.maximum(found, 0)] == own[:, None]) & there
    counts = there.sum(axis=1)
    shares = same.sum(axis=1) / np.maximum(counts, 1)
    shares[(own < 0) | (counts == 0)] = np.nan
    return np.asarray(shares, dtype=np.float32)


def estimate(values: Matrix, seed: int = 0) -> Estimate:
    """Mean over queries with the percentile bootstrap's interval of 95 percent; NaN is left out."""
    known = values[~np.isnan(values)].astype(np.float64)
    if not len(known):
        return Estimate(float("nan"), float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    for block in batches(RESAMPLES, max(1, _BLOCK_VALUES // len(known))):
        size = (block.stop - block.start, len(known))
        means[block] = known[rng.integers(0, len(known), size)].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(known.mean()), float(low), float(high))
