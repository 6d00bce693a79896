"""Nearest neighbours of every row among very many, approximately: trees, then descent.

Random hyperplanes through pairs of rows cut all rows into halves, again and again, until a leaf is
small enough to be compared with itself, and several such trees give each row its first neighbours
(Dasgupta and Freund 2008). Then the neighbours of its neighbours are tried, as they are likely to
be its own (Dong, Moses and Li 2011, "NN-Descent"), until a sample gains nothing more. In a round
every row reads the lists as they stood when it began and writes only its own, so that the result
does not depend on threads.

Numba kernels: import this module inside functions only.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.device import core_count
from backends.raster.threads import slices, spread
from backends.reporting import Report

TREES = 12
LEAF = 400  # rows compared with each other, at most, unless more neighbours are wanted
HOPS = 24  # neighbours of a row, and of each of them, that are tried
ENOUGH = 0.98  # of the true neighbours: no further round
LEAST_GAIN = 0.01  # of a round; less, and there is no further one
MOST_ROUNDS = 8
_ROWS_A_CALL = 1 << 14
_LEAVES_A_CALL = 64
_FARTHER = np.float32(-4.0)  # than any cosine

Neighbours = NDArray[np.int32]
# What a sum may do to go at the processor's width; infinities and NaN keep their meaning.
_FAST = {"reassoc", "contract", "nsz"}


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows whose true neighbours are known, by which rounds are judged."""

    rows: NDArray[np.int64]  # (s,)
    truth: Neighbours  # (s, k) without the rows themselves

    def recall(self, found: Neighbours) -> float:
        """Share of the true neighbours among those found of all rows (n, >= k)."""
        near = found[self.rows, : self.truth.shape[1]]
        return float((self.truth[:, :, None] == near[:, None, :]).any(axis=2).mean())


def descend(
    vectors: Matrix, reduced: Matrix, k: int, sample: Sample, report: Report
) -> tuple[Neighbours, Matrix, float]:
    """Find k neighbours of each row: positions and cosines (n, k), nearest first, and the recall.

    `vectors` (n, d) and `reduced` (n, r) are of unit length; trees look at the latter only. A row
    is never its own neighbour. Can be stopped about ten times a second.
    """
    lists = _Lists.of(len(vectors), _kept(k, len(vectors)))
    _plant(vectors, reduced, lists, report.span(0.0, 0.5))
    before, recall = 0.0, sample.recall(lists.near)
    for number in range(MOST_ROUNDS):
        if recall >= ENOUGH or recall - before < LEAST_GAIN:
            break
        # Most of the time goes into the first rounds: later ones find little that is new.
        _round(vectors, lists, report.span(1 - 0.5**number * 0.5, 1 - 0.5 ** (number + 1) * 0.5))
        before, recall = recall, sample.recall(lists.near)
    return lists.near[:, :k].copy(), lists.cosines[:, :k].copy(), recall


def _kept(k: int, n: int) -> int:
    """Length of the lists: longer ones than asked for find more of what is asked for."""
    return min(n - 1, k + max(9, k // 2))


@dataclass(frozen=True, eq=False)
class _Lists:
    """The best so far of each row, nearest first; -1 where there is none yet."""

    near: Neighbours  # (n, m)
    cosines: Matrix  # (n, m)
    fresh: NDArray[np.bool_]  # (n, m) found since the last round began

    @classmethod
    def of(cls, n: int, m: int) -> _Lists:
        return cls(
            np.full((n, m), -1, np.int32),
            np.full((n, m), _FARTHER, np.float32),
            np.zeros((n, m), np.bool_),
        )


def _plant(vectors: Matrix, reduced: Matrix, lists: _Lists, report: Report) -> None:
    """Compare the rows of each leaf of each tree."""
    from threadpoolctl import threadpool_limits

    leaf = max(LEAF, 4 * lists.near.shape[1])  # a leaf's half fills a list

    def join(part: list[NDArray[np.int32]]) -> None:
        for rows in part:
            report.check()
            own = vectors[rows]  # (b, d)
            _join(lists.near, lists.cosines, lists.fresh, rows, own @ own.T)

    share = 1.0 / TREES
    for number in range(TREES):
        step = report.span(number * share, (number + 1) * share)
        step.step(0, 1, "Finding neighbours")
        leaves = _leaves(reduced, leaf, number, step)
        with threadpool_limits(1, "blas"):  # leaves are small: threads take one each
            for start in range(0, len(leaves), _LEAVES_A_CALL):
                step.step(start, len(leaves), "Finding neighbours")
                some = leaves[start : start + _LEAVES_A_CALL]
                spread(join, [some[part :: core_count()] for part in range(core_count())])


def _leaves(reduced: Matrix, most: int, seed: int, report: Report) -> list[NDArray[np.int32]]:
    """Halve the rows by random hyperplanes until no part has more than `most`."""
    n = len(reduced)
    rng = np.random.default_rng(seed)
    rows = np.arange(n, dtype=np.int32)
    heights = np.empty(n, np.float32)
    found, waiting = [], [(0, n)]
    while waiting:
        report.check()
        start, stop = waiting.pop()
        part, height = rows[start:stop], heights[start:stop]
        if stop - start <= most:
            found.append(part)
            continue
        one, other = rng.choice(stop - start, 2, replace=False)
        normal = reduced[part[one]] - reduced[part[other]]  # (r,)
        _measure_spread(reduced, part, normal, height)
        middle = (stop - start) // 2
        rows[start:stop] = part[np.argpartition(height, middle)]
        waiting += [(start, start + middle), (start + middle, stop)]
    return found


def _measure_spread(
    reduced: Matrix, rows: NDArray[np.int32], normal: Matrix, heights: Matrix
) -> None:
    """Write how far each row lies along a hyperplane's normal."""

    def measure(part: tuple[int, int]) -> None:
        _measure(reduced, rows, normal, heights, *part)

    spread(measure, slices(len(rows), core_count()))


def _round(vectors: Matrix, lists: _Lists, report: Report) -> None:
    """Try the neighbours of each row's neighbours, and of those that have it as a neighbour."""
    n = len(vectors)
    hops = min(HOPS, lists.near.shape[1])
    report.step(0, 1, "Finding neighbours")
    around = np.full((n, 2 * hops), -1, np.int32)  # its own, then those that have it
    news = np.zeros((n, 2 * hops), np.bool_)
    around[:, :hops], news[:, :hops] = lists.near[:, :hops], lists.fresh[:, :hops]
    lists.fresh[:] = False
    _turn_round(around, news, hops, np.full(n, hops, np.int32))
    seen = [np.full(n, -1, np.int32) for _ in range(core_count())]

    def refine(part: tuple[int, int, int]) -> None:
        report.check()
        number, start, stop = part
        own = (lists.near, lists.cosines, lists.fresh)
        _refine(vectors, *own, around, news, hops, seen[number], start, stop)

    for start in range(0, n, _ROWS_A_CALL):
        report.step(start, n, "Finding neighbours")
        edges = np.linspace(start, min(n, start + _ROWS_A_CALL), core_count() + 1).astype(int)
        spread(refine, [(number, *cut) for number, cut in enumerate(pairwise(edges.tolist()))])


@njit(nogil=True, cache=True)
def _put(near, cosines, fresh, row, other, cosine):  # type: ignore[no-untyped-def]
    """Put another row, nearer than the last, into a row's list, unless it is there.

    Callers look at the last themselves: a call counts its arrays, which is four times the work.
    """
    for place in range(near.shape[1]):
        if near[row, place] == other:
            return
    place = near.shape[1] - 1
    while place > 0 and cosines[row, place - 1] < cosine:
        cosines[row, place] = cosines[row, place - 1]
        near[row, place] = near[row, place - 1]
        fresh[row, place] = fresh[row, place - 1]
        place -= 1
    cosines[row, place] = cosine
    near[row, place] = other
    fresh[row, place] = True


@njit(nogil=True, cache=True, fastmath=_FAST)
def _measure(reduced, rows, normal, heights, start, stop):  # type: ignore[no-untyped-def]
    """How far rows lie along a hyperplane's normal."""
    for place in range(start, stop):
        row = reduced[rows[place]]
        total = np.float32(0)
        for axis in range(len(normal)):
            total += row[axis] * normal[axis]
        heights[place] = total


@njit(nogil=True, cache=True)
def _join(near, cosines, fresh, rows, products):  # type: ignore[no-untyped-def]
    """Offer the rows of a leaf to each other."""
    last = near.shape[1] - 1
    for one in range(len(rows)):
        row = rows[one]
        for other in range(len(rows)):
            cosine = products[one, other]
            if cosine > cosines[row, last] and one != other:
                _put(near, cosines, fresh, row, rows[other], cosine)


@njit(nogil=True, cache=True)
def _turn_round(around, news, hops, count):  # type: ignore[no-untyped-def]
    """Say of each row who has it as a neighbour, as many as there is room for."""
    for row in range(len(around)):
        for place in range(hops):
            other = around[row, place]
            if other >= 0 and count[other] < around.shape[1]:
                around[other, count[other]] = row
                news[other, count[other]] = news[row, place]
                count[other] += 1


@njit(nogil=True, cache=True, fastmath=_FAST)
def _refine(  # type: ignore[no-untyped-def]
    vectors, near, cosines, fresh, around, news, hops, seen, start, stop
):  # fmt: skip
    """One round for some rows. A path of two steps that were both tried before is left out."""
    last = near.shape[1] - 1
    for row in range(start, stop):
        own = vectors[row]
        seen[row] = row
        for other in near[row]:
            if other >= 0:
                seen[other] = row
        for first in range(2 * hops):
            between = around[row, first]
            if between < 0:
                continue
            for second in range(-1, hops):
                other = between if second < 0 else around[between, second]
                is_new = second < 0 or news[row, first] or news[between, second]
                if other < 0 or seen[other] == row or not is_new:
                    continue
                seen[other] = row
                cosine = np.float32(0)
                there = vectors[other]
                for axis in range(len(own)):
                    cosine += own[axis] * there[axis]
                if cosine > cosines[row, last]:
                    _put(near, cosines, fresh, row, other, cosine)
