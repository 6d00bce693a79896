"""Training rows, split: rows to fit with their neighbours, and rows held out as an exam.

Held-out rows are both the queries and what is searched, because rows that were fitted are found
better than others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backends.arrays import Matrix, Rows, batches
from backends.codecs.base import Training
from backends.codecs.scan import Best
from backends.reporting import SILENT, Report

FIT_ROWS = 12_288  # at most; finding their neighbours grows with the square
HELD_ROWS = 4_096  # at most, and a fifth of all
EXAM_QUERIES = 1_000  # at most
LEAST_ROWS = 200  # fewer leave too few held-out rows to say anything
NEIGHBOURS = 10  # that count as near: what recall@10 asks for
TIE = 1e-6  # cosines this near are the same
_BLOCK = 1024


@dataclass(frozen=True, eq=False, slots=True)
class Exam:
    """Held-out queries, and how near each held-out row truly is to them."""

    queries: Matrix  # (h, d)
    cosines: Matrix  # (h, r), -inf for the query's own row
    reach: Matrix  # (h, 1) cosine of the last true neighbour

    def recall(self, similarities: Matrix) -> Matrix:
        """Share of true neighbours among the nearest by `similarities` (h, r), (h,); ties count."""
        others = np.isfinite(self.cosines)
        similarities = np.where(others, similarities, np.float32(-np.inf))
        k = min(NEIGHBOURS, similarities.shape[1] - 1)
        best = Best(len(similarities), k)
        best.offer(similarities, 0)
        found = np.take_along_axis(self.cosines, np.maximum(best.positions, 0), axis=1)
        right = (found >= self.reach - TIE) & (best.positions >= 0)
        return np.asarray(np.minimum(right.sum(axis=1), k) / k, dtype=np.float32)


@dataclass(frozen=True, eq=False, slots=True)
class Lessons:
    """Training rows, split: to fit, with neighbours among themselves, and held out, with exams."""

    fit: Matrix  # (f, d)
    guide: Matrix  # (f, g) by whose cosines rows are near; `fit` itself if nothing else says so
    neighbours: Rows  # (f, k) positions in `fit`, never the row's own
    reach: Matrix  # (f,) cosine of the last neighbour
    held: Matrix  # (r, d), no row of `fit`
    checked: Exam  # says when to stop
    judged: Exam  # says what it was worth


def nearest(
    vectors: Matrix, k: int, report: Report = SILENT, text: str = "Finding neighbours"
) -> tuple[Rows, Matrix]:
    """The k nearest other rows of each row, exactly: positions (f, k) and cosines (f, k)."""
    positions = np.empty((len(vectors), k), dtype=np.int64)
    cosines = np.empty((len(vectors), k), dtype=np.float32)
    for block in batches(len(vectors), _BLOCK):
        report.step(block.start, len(vectors), text)
        similarities = vectors[block] @ vectors.T  # (b, f)
        own = np.arange(block.start, block.stop)
        similarities[own - block.start, own] = -np.inf
        best = Best(len(own), k)
        best.offer(similarities, 0)
        positions[block], cosines[block] = best.positions, best.similarities
    return positions, cosines


def lessons_of(
    training: Training, report: Report = SILENT, guide: Matrix | None = None
) -> Lessons | None:
    """Split training rows; None where there are too few to hold any out.

    `guide` (t, g) of unit length says what is near in place of the vectors. Raises: Cancelled.
    """
    total = len(training.vectors)
    if total < LEAST_ROWS:
        return None
    order = np.random.default_rng(training.seed).permutation(total)
    count = min(HELD_ROWS, total // 5)
    held, chosen = order[:count], np.sort(order[count : count + FIT_ROWS])
    guided = training.vectors if guide is None else guide
    neighbours, cosines = nearest(guided[chosen], NEIGHBOURS, report)
    half = count // 2
    return Lessons(
        fit=training.vectors[chosen],
        guide=guided[chosen],
        neighbours=neighbours,
        reach=cosines[:, -1],
        held=training.vectors[held],
        checked=_exam(training.vectors[held], guided[held], 0, half),
        judged=_exam(training.vectors[held], guided[held], half, count),
    )


def _exam(held: Matrix, guided: Matrix, start: int, stop: int) -> Exam:
    stop = min(stop, start + EXAM_QUERIES)
    cosines = np.asarray(guided[start:stop] @ guided.T, dtype=np.float32)  # (h, r)
    own = np.arange(stop - start)
    cosines[own, start + own] = -np.inf
    best = Best(len(own), NEIGHBOURS)
    best.offer(cosines, 0)
    return Exam(held[start:stop], cosines, best.similarities[:, -1:])
