"""How far cosines agree with people about which pairs are alike: Spearman's rank correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import batches, frozen
from backends.directions.base import Space
from backends.directions.terms import Lost
from backends.evaluate.files import SimilarityFile
from backends.evaluate.lookup import Case, unit_vectors
from backends.reporting import SILENT, Report

Floats = NDArray[np.float64]
Estimate = tuple[float, float, float]  # value, and the ends of its interval of 95 %; or NaN
RESAMPLES = 1000
LEVEL = (2.5, 97.5)
_BLOCK_VALUES = 1 << 20
_DRAWS = 1 << 17  # drawn at once: drawing holds the interpreter


@dataclass(frozen=True, slots=True)
class Misjudged:
    """A pair that people and cosines place differently; rank 1 is the least alike."""

    pair: tuple[str, str]
    score: float  # by people, in the file's scale
    cosine: float
    people: float  # rank by score
    ours: float  # rank by cosine


@dataclass(frozen=True, eq=False)
class SimilarityScore:
    """Spearman's rho over the pairs whose words both have a vector."""

    file: SimilarityFile
    spearman: float  # -1..1; NaN where there is no order: fewer than two pairs, or all equal
    low: float  # percentile bootstrap over pairs, 95 %
    high: float
    at: NDArray[np.int64]  # (p,) pairs that count, by their place in the file
    cosines: Floats  # (p,)
    lost: tuple[Lost, ...]  # words
    random: float  # mean rho of random vectors for the same words

    @property
    def n(self) -> int:
        """Pairs that count."""
        return len(self.at)

    @property
    def asked(self) -> int:
        """Pairs in the file."""
        return len(self.file)

    @property
    def ranks(self) -> tuple[Floats, Floats]:
        """Ranks by people and by cosine, (p,) each, 1 the least alike; ties by mean rank."""
        return mean_ranks(np.array(self.file.scores)[self.at]), mean_ranks(self.cosines)

    def misjudged(self, most: int = 50) -> list[Misjudged]:
        """Pairs whose two ranks differ most, the worst first."""
        people, ours = self.ranks
        order = np.argsort(-np.abs(people - ours), kind="stable")[:most]
        return [
            Misjudged(
                self.file.pairs[self.at[place]],
                self.file.scores[self.at[place]],
                float(self.cosines[place]),
                float(people[place]),
                float(ours[place]),
            )
            for place in order
        ]


def similarity_check(
    space: Space,
    file: SimilarityFile,
    report: Report = SILENT,
    *,
    case: Case = "fold",
    seed: int = 0,
    runs: int = 5,
) -> SimilarityScore:
    """Compare cosines with the judgements of a file.

    A pair with a word that has no vector is left out, and the word is named. `runs` draws of
    random vectors of the same shape give what chance would reach.

    Raises: BackendError, Cancelled.
    """
    place, units, lost = unit_vectors(space, file.words, case, report.span(0.0, 0.7))
    at = [i for i, (a, b) in enumerate(file.pairs) if a in place and b in place]
    left = np.array([place[file.pairs[i][0]] for i in at], np.int64)  # (p,)
    right = np.array([place[file.pairs[i][1]] for i in at], np.int64)
    people = np.array([file.scores[i] for i in at], np.float64)
    cosines = pair_cosines(units, left, right)
    report.step(0.75, 1, "Comparing with the judgements")
    rho, low, high = spearman_interval(people, cosines, report.span(0.75, 0.95), seed=seed)
    chance = []
    for run in range(runs):
        report.check()
        rng = np.random.default_rng([seed, run])
        drawn = rng.standard_normal(units.shape).astype(np.float32)
        chance.append(spearman(people, pair_cosines(drawn, left, right)))
    return SimilarityScore(
        file,
        rho,
        low,
        high,
        frozen(np.array(at, np.int64)),
        frozen(cosines),
        lost,
        float(np.mean(chance)) if chance else np.nan,
    )


def pair_cosines(
    vectors: NDArray[np.float32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> Floats:
    """Cosine of vectors (w, d) at `left` with those at `right`, (p,) float64."""
    found = np.empty(len(left), np.float64)
    for block in batches(len(left), max(1, _BLOCK_VALUES // max(1, vectors.shape[1]))):
        one = vectors[left[block]].astype(np.float64)
        two = vectors[right[block]].astype(np.float64)
        lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
        found[block] = np.einsum("pd,pd->p", one, two) / np.where(lengths > 0, lengths, 1.0)
    return found


def mean_ranks(values: Floats) -> Floats:
    """Ranks from 1, (p,); equal values share the mean of theirs."""
    _, code, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2)[code]
    return ranks


def spearman(one: Floats, two: Floats) -> float:
    """Spearman's rho: Pearson's correlation of mean ranks; NaN where one has no order."""
    if len(one) < 2:
        return float("nan")
    return float(
        _correlation(mean_ranks(one)[None], mean_ranks(two)[None], np.ones((1, len(one))))[0]
    )


def spearman_interval(
    one: Floats, two: Floats, report: Report = SILENT, *, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """Spearman's rho and the percentile bootstrap's interval of 95 % over pairs.

    A resample is a count for each pair, so ranks come from cumulated counts of sorted values
    rather than from sorting anew.
    """
    rho, p = spearman(one, two), len(one)
    if p < 3 or np.isnan(rho):
        return rho, float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    found = np.empty(resamples)
    orders = [_order(values) for values in (one, two)]
    for block in batches(resamples, max(1, _DRAWS // p)):
        report.step(block.start, resamples, "Resampling the pairs")
        times = rng.multinomial(p, np.full(p, 1 / p), size=block.stop - block.start)  # (r, p)
        first, second = (_weighted_ranks(times, *order) for order in orders)
        found[block] = _correlation(first, second, times)
    found = found[~np.isnan(found)]  # a resample of equal scores only
    low, high = np.percentile(found, LEVEL) if len(found) else (np.nan, np.nan)
    return rho, float(low), float(high)


def _order(values: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Places in ascending order, where each distinct value starts there, and each pair's value."""
    _, starts, code = np.unique(values[np.argsort(values)], return_index=True, return_inverse=True)
    order = np.argsort(values, kind="stable")
    codes = np.empty(len(values), np.int64)
    codes[order] = code
    return order, starts, codes


def _weighted_ranks(
    times: NDArray[np.int64],
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    codes: NDArray[np.int64],
) -> Floats:
    """Mean ranks (r, p) in samples that hold pair i `times[:, i]` times."""
    counts = np.add.reduceat(times[:, order], starts, axis=1)  # (r, distinct values)
    ranks: Floats = (np.cumsum(counts, axis=1) - (counts - 1) / 2)[:, codes]
    return ranks


def _correlation(one: Floats, two: Floats, weights: NDArray[np.generic]) -> Floats:
    """Pearson's correlation of rows (r, p) under weights (r, p); NaN where one is constant."""
    w = weights.astype(np.float64)
    total = w.sum(axis=1, keepdims=True)
    x = one - (w * one).sum(axis=1, keepdims=True) / total
    y = two - (w * two).sum(axis=1, keepdims=True) / total
    spread = np.sqrt((w * x * x).sum(axis=1) * (w * y * y).sum(axis=1))
    together = (w * x * y).sum(axis=1)
    found: Floats = np.divide(together, spread, out=np.full(len(x), np.nan), where=spread > 1e-12)
    return found
