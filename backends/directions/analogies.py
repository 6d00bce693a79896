"""Analogies that a direction generates: pairs of words that differ along it, each word used once.

All pairs of words that are near each other are looked at, by blocks. References: Bolukbasi et al.
2016, section 4, for the score and its threshold; Nissim et al. 2020, Fair is better than
sensational: man is to doctor as woman is to doctor, for the restriction that hides how often a word
is the answer to itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, unit_rows
from backends.directions.base import Direction, Space
from backends.directions.looking import FREQUENT, names_of
from backends.errors import BackendError
from backends.reporting import SILENT, Report

DELTA = 1.0  # largest distance of two unit vectors: 60 degrees
BLOCK = 2_048  # words of a side of a block: 16 MiB of similarities
POOL = 1 << 17  # candidates kept, 12 bytes each, before the hopeless are thrown away
TIGHT = np.float32(0.999)  # cosine above which two words are near twins
ROUNDING = 1e-5  # of products of unit vectors, generously
SAME = 1e-5  # a distance of unit vectors: rounding
PAIRS = 100


@dataclass(frozen=True, slots=True)
class Analogy:
    """“negative is to positive” as the ends of the direction are to each other."""

    negative: str
    positive: str
    negative_row: int
    positive_row: int
    score: float  # cosine of their difference with the direction, 0..1
    distance: float  # of the unit vectors, 0..delta
    found_positive: str  # what answers “negative is to” when no word is banned as an answer
    found_negative: str  # the same from the positive word back

    @property
    def match(self) -> bool:
        """Whether both answers are the partner even if the word itself may be one."""
        return self.found_positive == self.positive and self.found_negative == self.negative


@dataclass(frozen=True, eq=False)
class Analogies:
    """Generated pairs, the highest score first."""

    pairs: tuple[Analogy, ...]
    words: int  # searched
    candidates: int  # pairs of words within delta
    offset: str  # by which answers were looked for, in words
    note: str

    @property
    def matches(self) -> int:
        """Pairs that hold when no answer is banned."""
        return sum(pair.match for pair in self.pairs)


def generate_analogies(
    space: Space,
    direction: Direction,
    most: int = PAIRS,
    *,
    first: int = FREQUENT,
    rows: Rows | None = None,
    delta: float = DELTA,
    seed_pair: tuple[str, str] | None = None,
    report: Report = SILENT,
) -> Analogies:
    """Pairs (x, y) of largest |cos(g, x - y)| with |x - y| <= delta, each word once per side.

    Searched are the given rows, else the first ones: word vectors are in the order of frequency.
    Answers without a ban are the words nearest to x + b - a, for the seed pair (a, b): the pair
    that agrees best with the direction, unless another is given; without pairs, b - a is the
    direction times the median distance of the pairs found. Reports each block.

    Raises: BackendError for fewer than two words or a delta that is not in 0..2; Cancelled.
    """
    if not 0 < delta <= 2:
        raise BackendError(f"A distance of {delta:g} is not in 0 to 2.", hint="1 is usual.")
    at = _searched(space, first, rows)
    units = unit_rows(np.asarray(space.embeddings.vectors[at], dtype=np.float32))  # (w, d)
    # The first of two words is then the one with the larger projection.
    order = np.argsort(-(units @ direction.vector), kind="stable")
    at, units = at[order], np.ascontiguousarray(units[order])
    pool = _Pool(most)
    _search(units, direction.vector, delta, pool, report.span(0.0, 0.95))
    high, low, scores = pool.best()
    distances = np.linalg.norm(units[high] - units[low], axis=1)
    offset, told = _offset(space, direction, distances, seed_pair, report.span(0.95, 0.97))
    report = report.span(0.97, 1.0)
    answers = (
        _nearest(units, units[low] + offset, report.span(0.0, 0.5)),
        _nearest(units, units[high] - offset, report.span(0.5, 1.0)),
    )
    names = _names(space, at, (high, low, *answers))
    pairs = tuple(
        Analogy(
            *(names[int(at[b])], names[int(at[a])], int(at[b]), int(at[a])),
            *(min(float(score), 1.0), float(distance)),
            *(names[int(at[up])], names[int(at[down])]),
        )
        for a, b, score, distance, up, down in zip(
            high, low, scores, distances, *answers, strict=True
        )
    )
    return Analogies(pairs, len(at), pool.seen, told, _note(space, len(at), rows))


def _searched(space: Space, first: int, rows: Rows | None) -> Rows:
    present = space.embeddings.present
    at = np.flatnonzero(present[:first]) if rows is None else rows[present[rows]]
    if len(at) < 2:
        raise BackendError("Analogies need at least two words.", hint="Search more words.")
    return at.astype(np.int64, copy=False)


def _search(units: Matrix, direction: Matrix, delta: float, pool: _Pool, report: Report) -> None:
    """Offer the pool every pair within delta, block by block of the upper triangle."""
    w, projected = len(units), units @ direction
    nearest = np.float32(1.0 - delta * delta / 2)  # |x - y|^2 = 2 - 2 cos
    total, done = w * (w + 1) / 2, 0.0
    for ours in batches(w, BLOCK):
        for start in range(ours.start, w, BLOCK):
            theirs = slice(start, min(start + BLOCK, w))
            report.step(done, total, "Looking for analogies")
            cosines = units[ours] @ units[theirs].T  # (b, c)
            done += cosines.size
            if start == ours.start:
                cosines[np.tri(len(cosines), dtype=np.bool_)] = -2.0  # each pair once
            pool.seen += int(np.count_nonzero(cosines >= nearest))
            # A score above the limit needs |x - y| below the largest rise / limit.
            rise = max(float(projected[ours.start] - projected[theirs.stop - 1]), 0.0)
            bound = 1.0 - (rise / pool.limit) ** 2 / 2 - ROUNDING if pool.limit > 0 else -1.0
            near = np.flatnonzero(cosines >= max(nearest, np.float32(bound)))
            if not len(near):
                continue
            a, b = np.divmod(near, cosines.shape[1])
            a, b, close = a + ours.start, b + start, cosines.reshape(-1)[near]
            scores = (projected[a] - projected[b]) / np.sqrt(2.0 - 2.0 * np.minimum(close, TIGHT))
            tight = np.flatnonzero(close > TIGHT)
            scores[tight] = _exact(units[a[tight]] - units[b[tight]], direction)
            pool.offer(a, b, scores)


def _exact(differences: Matrix, direction: Matrix) -> Matrix:
    """Cosines of differences (m, d) with the direction, (m,); 0 for the same vector twice.

    The cosine of near twins has too few digits for their distance.
    """
    lengths = np.linalg.norm(differences, axis=1)
    along: Matrix = differences @ direction
    cosines: Matrix = np.divide(along, lengths, out=np.zeros_like(along), where=lengths > SAME)
    return cosines


class _Pool:
    """The best pairs so far, few enough to keep, enough that none is missed.

    Taking pairs greedily by score is a maximal matching among those above any score, so it has at
    least half as many as the largest matching, which further pairs can only make larger. Where
    twice as many as wanted are above a score, pairs below it can therefore never be taken.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.limit = np.float32(0.0)
        self._parts: list[tuple[Rows, Rows, Matrix]] = []
        self._held, self._room = 0, POOL
        self.seen = 0

    def offer(self, high: Rows, low: Rows, scores: Matrix) -> None:
        good = np.flatnonzero(scores > self.limit)
        self._parts.append((high[good].astype(np.int32), low[good].astype(np.int32), scores[good]))
        self._held += len(good)
        if self._held > self._room:
            taken = self._greedy(2 * self._most)
            if len(taken[0]) == 2 * self._most:
                self.limit = max(self.limit, np.nextafter(taken[2][-1], np.float32(0)))
            self._keep()
            # Where few words share all pairs, little can be thrown away: look again later.
            self._room = max(POOL, 2 * self._held)

    def best(self) -> tuple[Rows, Rows, Matrix]:
        """Places of the higher and the lower word, and scores, of the pairs that are taken."""
        return self._greedy(self._most)

    def _keep(self) -> None:
        high, low, scores = self._joined()
        good = np.flatnonzero(scores > self.limit)
        self._parts = [(high[good], low[good], scores[good])]
        self._held = len(good)

    def _joined(self) -> tuple[Rows, Rows, Matrix]:
        if not self._parts:
            return (*np.empty((2, 0), np.int32), np.empty(0, np.float32))
        high, low, scores = (np.concatenate(one) for one in zip(*self._parts, strict=True))
        return high, low, scores

    def _greedy(self, most: int) -> tuple[Rows, Rows, Matrix]:
        high, low, scores = self._joined()
        # Many times as many as wanted are sorted first; all only if these do not suffice.
        taken: list[int] = []
        for size in (64 * most, len(scores)):
            part = _largest(scores, size)
            order = part[np.lexsort((low[part], high[part], -scores[part]))]
            taken = _once_a_side(order, high, low, most)
            if len(taken) == most:
                break
        at = np.array(taken, dtype=np.int64)
        return high[at].astype(np.int64), low[at].astype(np.int64), scores[at]


def _largest(scores: Matrix, size: int) -> Rows:
    if len(scores) <= size:
        return np.arange(len(scores), dtype=np.int64)
    limit = np.partition(scores, len(scores) - size)[len(scores) - size]
    return np.flatnonzero(scores >= limit)


def _once_a_side(order: Rows, high: Rows, low: Rows, most: int) -> list[int]:
    used_high: set[int] = set()
    used_low: set[int] = set()
    taken: list[int] = []
    for place in order.tolist():
        if len(taken) == most:
            break
        a, b = int(high[place]), int(low[place])
        if a not in used_high and b not in used_low:
            used_high.add(a)
            used_low.add(b)
            taken.append(place)
    return taken


def _offset(
    space: Space,
    direction: Direction,
    distances: Matrix,
    pair: tuple[str, str] | None,
    report: Report,
) -> tuple[Matrix, str]:
    """From the negative side to the positive one, (d,), and how it is called."""
    fits = direction.evidence.pairs
    if pair is None and fits:
        best = max(fits, key=lambda fit: fit.cosine)
        pair = best.negative, best.positive
    if pair is not None:
        found = space.terms.look_up(pair, report)
        if len(found) == 2:
            return found.units[1] - found.units[0], f"{pair[1]} - {pair[0]}"
    length = float(np.median(distances)) if len(distances) else 1.0
    return direction.vector * np.float32(length), f"the direction, {length:.2f} long"


def _nearest(units: Matrix, asked: Matrix, report: Report) -> Rows:
    """Row of the largest cosine with each of (m, d), (m,)."""
    best = np.zeros(len(asked), dtype=np.int64)
    most = np.full(len(asked), -np.inf, dtype=np.float32)
    for block in batches(len(units), 1 << 14):
        report.step(block.start, len(units), "Asking without a ban")
        cosines = asked @ units[block].T  # (m, b); lengths of the asked do not change the order
        if not len(asked):
            continue
        place = cosines.argmax(axis=1)
        value = cosines[np.arange(len(asked)), place]
        better = value > most
        best[better] = place[better] + block.start
        most[better] = value[better]
    return best


def _names(space: Space, at: Rows, places: tuple[Rows, ...]) -> dict[int, str]:
    rows = np.unique(at[np.concatenate(places)]) if places[0].size else np.empty(0, np.int64)
    column = getattr(space.terms, "column", None)
    return dict(zip(rows.tolist(), names_of(space.corpus, rows, column), strict=True))


def _note(space: Space, words: int, rows: NDArray[np.int64] | None) -> str:
    n = space.embeddings.count
    if rows is not None:
        return f"Among {words:,} chosen items."
    return f"Among the first {words:,} of {n:,} items." if words < n else ""
