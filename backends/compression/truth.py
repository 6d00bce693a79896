"""The exact neighbours of each query: every codec is measured against them."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, frozen
from backends.codecs.scan import Best
from backends.codecs.source import Source
from backends.compression.recall import (
    RANKS,
    estimate,
    exact_similarities,
    ndcg_by_query,
    purity_by_query,
    reciprocal_rank_by_query,
)
from backends.compression.results import QuerySet, Truth
from backends.reporting import SILENT, Report

MARGIN = 32  # candidates beyond k, so that rounding of float32 does not decide who is the k-th
ALONE = 5  # queries that are timed one by one
ALONE_VALUES = 1 << 26  # of the vectors that they search: 256 MiB
BLOCK_VALUES = 1 << 17  # of a block of these: half a megabyte


def find_truth(queries: QuerySet, source: Source, k: int, report: Report = SILENT) -> Truth:
    """Find the k nearest rows of each query among all rows of the source, blocks at a time.

    Candidates are found in float32 and put in order in float64, ties in the order of rows. A
    query that is a row of the corpus is not its own neighbour. Where there are fewer than k
    other rows, k is their number.
    """
    own = own_positions(queries, source)
    others = source.rows - int(own is not None)
    k = max(0, min(k, others))
    best, seconds = _scan(queries.vectors, source, k + 1 + MARGIN, report)
    exact = exact_similarities(queries.vectors, best.positions, source)
    if own is not None:
        exact[best.positions == own[:, None]] = -np.inf
    rank = np.lexsort((best.positions, -exact), axis=1)[:, :k]
    positions = np.take_along_axis(best.positions, rank, axis=1)
    similarities = np.take_along_axis(exact, rank, axis=1)
    return Truth(
        queries,
        frozen(source.corpus_rows[positions]),
        frozen(similarities),
        seconds=seconds,
        milliseconds=_alone(queries, source, k, report),
    )


def with_judgements(
    truth: Truth, source: Source, labels: NDArray[np.int64] | None, report: Report = SILENT
) -> Truth:
    """Add how good exact search itself is: by labels of rows (codes, -1 none), by relevance.

    Relevance is looked for among the first ten, also where fewer neighbours were asked for.
    """
    queries = truth.queries
    if labels is not None and queries.rows is not None:
        shares = purity_by_query(truth.rows, labels[queries.rows], labels)
        truth = replace(truth, purity=estimate(shares))
    if queries.relevant is not None:
        rows = truth.rows
        if truth.k < RANKS:
            rows = find_truth(queries, source, RANKS, report).rows
        ndcg = estimate(ndcg_by_query(rows, queries.relevant))
        mrr = estimate(reciprocal_rank_by_query(rows, queries.relevant))
        truth = replace(truth, ndcg=ndcg, mrr=mrr)
    return truth


def own_positions(queries: QuerySet, source: Source) -> Rows | None:
    """Positions of the queries in the source, (m,), or None where they come from outside."""
    if queries.rows is None:
        return None
    return np.searchsorted(source.corpus_rows, queries.rows).astype(np.int64)


def without_own(
    positions: Rows, similarities: Matrix, own: Rows | None, k: int
) -> tuple[Rows, Matrix]:
    """Leave each query's own row out of what was found, by position, and keep k of the rest."""
    if own is None:
        return positions[:, :k], similarities[:, :k]
    # Not the first place is dropped but the row: a duplicate may stand before it.
    order = np.argsort(positions == own[:, None], axis=1, kind="stable")[:, :k]
    positions = np.take_along_axis(positions, order, axis=1)
    similarities = np.take_along_axis(similarities, order, axis=1)
    mine = positions == own[:, None]
    positions[mine] = -1
    similarities[mine] = -np.inf
    return positions, similarities


def _scan(queries: Matrix, source: Source, k: int, report: Report) -> tuple[Best, float]:
    """The k nearest of each query (m, d) in float32, and the seconds that searching took.

    Reading the vectors and bringing them to unit length is not searching: whoever searches a
    corpus does it once, beforehand, and codecs are not charged for it either.
    """
    Best(1, 1).offer(np.zeros((1, 1), dtype=np.float32), 0)  # the kernel is loaded
    best = Best(len(queries), min(source.rows, k))
    seconds = 0.0
    for block, vectors in source.blocks(report, "Finding the true neighbours"):
        began = time.perf_counter()
        best.offer(queries @ vectors.T, block.start)  # (m, b)
        seconds += time.perf_counter() - began
    return best, seconds


def _alone(queries: QuerySet, source: Source, k: int, report: Report) -> float:
    """Milliseconds that exact search takes for a single query, the median of a few.

    Searched are vectors of unit length in memory, as codecs search for one query: a block that
    stays in the cache after the other, in this thread. Of a large corpus it is as many of the
    first rows as are no longer in any cache, and the time is scaled up to all.
    """
    from backends.codecs.rounding_kernel import dot_rows

    count = min(source.rows, max(1, ALONE_VALUES // source.dim))
    vectors = np.empty((count, source.dim), dtype=np.float32)  # (r, d)
    size = max(1, BLOCK_VALUES // source.dim)
    for block in batches(count, size):
        report.check()
        vectors[block] = source.take(block)
    times: list[float] = []
    for number in range(min(ALONE, len(queries.vectors)) + 1):
        report.check()
        query = queries.vectors[max(0, number - 1)][None]
        best = Best(1, min(source.rows, k + 1))
        began = time.perf_counter()
        for block in batches(len(vectors), size):
            found = np.empty((1, block.stop - block.start), dtype=np.float32)
            dot_rows(query, vectors[block], found)
            best.offer(found, block.start)
        times.append(1000 * (time.perf_counter() - began))
    # The first search loads what the others use.
    return statistics.median(times[1:]) * source.rows / len(vectors) if times[1:] else 0.0
