"""Where the true item stands when all items are ranked by a query: by blocks, never n by n.

Equal scores share the mean of their ranks, so that a scorer that says the same of all items does
not look good. The item asked from is no candidate; items without a vector are none either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Mask, Matrix, Rows, batches, frozen, unit_rows
from backends.directions.relation_scorers import Measure, Scorer, Side
from backends.directions.relations import Relation, units_of
from backends.reporting import SILENT, Report
from backends.types import Embeddings

BLOCK = 16_384  # items at a time
ASKED = 256  # queries at a time
EQUAL = 2e-6  # scores that differ by less are the same but for rounding
HITS = (1, 3, 10)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RankTask:
    """Queries, and the items that should come first."""

    queries: Matrix  # (u, d)
    measure: Measure
    anchors: Rows  # (u,) the item that each asks from, which is no candidate
    which: Rows  # (p,) query of each target
    targets: Rows  # (p,)
    known: tuple[Rows, ...]  # (u) rows that are right answers, too, distinct


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of the true items, 1 the best, halves where scores are equal."""

    raw: Floats  # (p,) among all candidates
    filtered: Floats  # (p,) without other answers that are known to be right
    candidates: int

    def mrr(self, *, filtered: bool = True) -> float:
        """Mean reciprocal rank, 0..1."""
        ranks = self.filtered if filtered else self.raw
        return float((1.0 / ranks).mean()) if len(ranks) else float("nan")

    def hits(self, k: int, *, filtered: bool = True) -> float:
        """Share of targets among the first k, 0..1."""
        ranks = self.filtered if filtered else self.raw
        return float((ranks <= k).mean()) if len(ranks) else float("nan")


def joined(parts: Sequence[Ranks]) -> Ranks:
    """Ranks of several parts together."""
    return Ranks(
        frozen(np.concatenate([part.raw for part in parts])),
        frozen(np.concatenate([part.filtered for part in parts])),
        parts[0].candidates,
    )


def rank_task(
    embeddings: Embeddings, scorer: Scorer, tested: Relation, known: Relation, side: Side
) -> RankTask:
    """Ask for the tails (or heads) of some pairs; `known` are all pairs that are right."""
    if side == "heads":
        tested, known = tested.reversed(), known.reversed()
    anchors, which = np.unique(tested.heads, return_inverse=True)
    order = np.argsort(known.heads, kind="stable")
    heads, tails = known.heads[order], known.tails[order]
    first, last = np.searchsorted(heads, anchors), np.searchsorted(heads, anchors, side="right")
    return RankTask(
        scorer.queries(units_of(embeddings, anchors), side),
        scorer.measure,
        anchors,
        which.astype(np.int64),
        tested.tails,
        tuple(np.unique(tails[a:b]) for a, b in zip(first, last, strict=True)),
    )


def rank(
    embeddings: Embeddings, tasks: tuple[RankTask, ...], report: Report = SILENT
) -> tuple[Ranks, ...]:
    """Rank all items for all tasks in one pass over the vectors. Raises: Cancelled."""
    n = len(embeddings)
    measures = tuple(dict.fromkeys(task.measure for task in tasks))
    groups = [[i for i, task in enumerate(tasks) if task.measure == one] for one in measures]
    counts = [_Count(embeddings, _merged([tasks[i] for i in group])) for group in groups]
    for block in batches(n, BLOCK):
        report.step(block.start, n, "Ranking all items")
        vectors = unit_rows(np.asarray(embeddings.vectors[block], dtype=np.float32))
        for count in counts:
            count.add(vectors, embeddings.present[block], report)
    found: dict[int, Ranks] = {}
    for group, count in zip(groups, counts, strict=True):
        start = 0
        ranks = count.ranks(embeddings)
        for i in group:
            part = slice(start, start + len(tasks[i].targets))
            found[i] = Ranks(ranks.raw[part], ranks.filtered[part], ranks.candidates)
            start = part.stop
    return tuple(found[i] for i in range(len(tasks)))


def _merged(tasks: Sequence[RankTask]) -> RankTask:
    """Tasks of one measure as one: few large products instead of many small ones."""
    starts = np.cumsum([0, *(len(task.queries) for task in tasks)])
    return RankTask(
        np.concatenate([task.queries for task in tasks]),
        tasks[0].measure,
        np.concatenate([task.anchors for task in tasks]),
        np.concatenate(
            [task.which + start for task, start in zip(tasks, starts.tolist(), strict=False)]
        ),
        np.concatenate([task.targets for task in tasks]),
        tuple(rows for task in tasks for rows in task.known),
    )


def top_rows(
    embeddings: Embeddings,
    query: Matrix,
    measure: Measure,
    k: int,
    without: int | None,
    report: Report = SILENT,
) -> tuple[Rows, Matrix]:
    """The k best rows for one query (d,), best first, equal ones in their order; their scores.

    Scores are cosines, or distances with a minus. Raises: Cancelled.
    """
    n = len(embeddings)
    rows, scores = np.empty(0, np.int64), np.empty(0, np.float32)
    for block in batches(n, 8 * BLOCK):
        report.step(block.start, n, "Ranking all items")
        vectors = unit_rows(np.asarray(embeddings.vectors[block], dtype=np.float32))
        found = score(query[None], vectors, measure)[0]
        found[~embeddings.present[block]] = -np.inf
        if without is not None and block.start <= without < block.stop:
            found[without - block.start] = -np.inf
        rows = np.concatenate((rows, np.arange(block.start, block.start + len(found))))
        scores = np.concatenate((scores, found))
        best = np.argsort(-scores, kind="stable")[:k]
        rows, scores = rows[best], scores[best]
    usable = np.isfinite(scores)
    return frozen(rows[usable]), frozen(scores[usable])


def score(queries: Matrix, vectors: Matrix, measure: Measure) -> Matrix:
    """How well items (b, d) fit queries (m, d): larger is better, (m, b)."""
    if measure == "cosine":
        found: Matrix = queries @ vectors.T
        return found
    from scipy.spatial.distance import cdist

    distances: Matrix = cdist(queries, vectors, "cityblock").astype(np.float32)
    return -distances


class _Count:
    """How many items are better than each target, and how many as good."""

    def __init__(self, embeddings: Embeddings, task: RankTask) -> None:
        self._task = task
        self._own = np.empty(len(task.targets), np.float32)  # scores of the targets
        for block in batches(len(task.targets), ASKED):
            vectors = units_of(embeddings, task.targets[block])
            self._own[block] = _row_scores(task, task.which[block], vectors)
        self._slack = _slack(self._own, task.measure)
        self._order = np.argsort(task.which, kind="stable")
        self._sorted = task.which[self._order]
        self._better = np.zeros(len(task.targets), np.int64)
        self._equal = np.zeros(len(task.targets), np.int64)

    def add(self, vectors: Matrix, present: Mask, report: Report) -> None:
        """Count a block of items. Raises: Cancelled."""
        task = self._task
        above, below = self._own + self._slack, self._own - self._slack
        absent = None if present.all() else np.flatnonzero(~present)
        for start in range(0, len(task.queries), ASKED):
            report.check()
            scores = score(task.queries[start : start + ASKED], vectors, task.measure)
            if absent is not None:
                scores[:, absent] = -np.inf
            for at in self._asked_by(start, start + ASKED):
                # Row by row, while it lies in the processor's cache.
                row = scores[task.which[at] - start]
                better = np.count_nonzero(row > above[at])
                self._better[at] += better
                self._equal[at] += np.count_nonzero(row >= below[at]) - better

    def _asked_by(self, first: int, last: int) -> list[int]:
        """Positions of the targets of some queries."""
        a, b = np.searchsorted(self._sorted, (first, last))
        return self._order[a:b].tolist()  # type: ignore[no-any-return]  # of int64

    def ranks(self, embeddings: Embeddings) -> Ranks:
        """Take off what is no candidate: the item asked from, and other right answers."""
        task = self._task
        raw, filtered = np.empty(len(self._own)), np.empty(len(self._own))
        for query in range(len(task.queries)):
            anchor = task.anchors[query : query + 1]
            others = task.known[query]
            rows = np.concatenate((anchor, others[others != anchor[0]]))
            scores = _row_scores(task, np.full(len(rows), query), units_of(embeddings, rows))
            for at in self._asked_by(query, query + 1):
                gone = rows != task.targets[at]  # (1 + known,)
                above = scores > self._own[at] + self._slack[at]
                equal = (scores >= self._own[at] - self._slack[at]) & ~above
                better, same = self._better[at], self._equal[at] - 1  # not the target itself
                first = gone & (np.arange(len(rows)) == 0)
                raw[at] = _mean_rank(better - (above & first).sum(), same - (equal & first).sum())
                filtered[at] = _mean_rank(
                    better - (above & gone).sum(), same - (equal & gone).sum()
                )
        return Ranks(frozen(raw), frozen(filtered), embeddings.count - 1)


def _mean_rank(better: int, same: int) -> float:
    return 1.0 + max(0, int(better)) + max(0, int(same)) / 2.0


def _row_scores(task: RankTask, which: Rows, vectors: Matrix) -> Matrix:
    """Score of each vector for its own query, (p,)."""
    asked = task.queries[which]
    found: Matrix
    if task.measure == "cosine":
        found = np.einsum("pd,pd->p", asked, vectors)
        return found
    distances = np.abs(asked.astype(np.float64) - vectors).sum(axis=1)  # (p,)
    found = (-distances).astype(np.float32)
    return found


def _slack(scores: Matrix, measure: Measure) -> Matrix:
    size = np.ones_like(scores) if measure == "cosine" else 1.0 + np.abs(scores)
    slack: Matrix = (EQUAL * size).astype(np.float32)
    return slack
