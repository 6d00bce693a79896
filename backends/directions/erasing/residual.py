"""What is left after an axis is gone: whether its two sides can still be told apart.

Reference: Gonen and Goldberg 2019, Lipstick on a pig: debiasing methods cover up systematic gender
biases in word embeddings but do not remove them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, frozen
from backends.directions.base import Direction, Space
from backends.directions.erasing.base import EMPTY, Labelled
from backends.directions.erasing.making import Erased
from backends.directions.erasing.preparing import BY_ROWS, ends, label
from backends.errors import TooFewRows
from backends.reporting import SILENT, Report
from backends.types import Embeddings

BIASED = 500  # items of each side that the residual is looked for in
STARTS = 10  # single ones of k-means, to see how far they differ
TRIES = 50  # among which the tightest clusters are looked for
FEWEST = 10  # items of a side, below which there is no residual to speak of


@dataclass(frozen=True)
class Residual:
    """How well the two sides can still be told apart; shares of right answers, 0..1."""

    clusters: float  # two clusters of k-means, whichever way round; the tightest of fifty starts
    clusters_low: float  # of ten single starts, which end in different clusters
    clusters_high: float
    linear: float  # a logistic regression on held-out items
    nonlinear: float  # a support vector machine with a Gaussian kernel, the same items
    chance: float  # share of the larger side among these
    n: int  # items in all
    held_out: int
    sides: tuple[str, str]
    how: str
    picture: Matrix = field(
        default_factory=lambda: frozen(np.empty((0, 2), np.float32)), compare=False
    )  # (n, 2) first two principal components
    of: Rows = field(default_factory=lambda: EMPTY, compare=False)  # (n,) side of each
    rows: Rows = field(default_factory=lambda: EMPTY, compare=False)  # (n,) of the corpus


def residual_of(
    embeddings: Embeddings, labelled: Labelled, seed: int = 0, report: Report = SILENT
) -> Residual:
    """How well clusters, a linear and a non-linear classifier tell two groups apart.

    Classifiers learn from the training half of the rows and are judged on the other; clusters see
    no labels and all rows. Each start of k-means may end elsewhere, nearly as tight, so the range
    of single starts (seeds `seed`, `seed` + 1, ...) is told beside the tightest.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    units, sides = labelled.part(embeddings, np.arange(len(labelled.rows)))
    tightest, low, high = _clusters(units, sides, seed, report.span(0.0, 0.6))
    fit, test = labelled.training, labelled.held_out
    accuracies = []
    models = (LogisticRegression(max_iter=2000), SVC(kernel="rbf", random_state=seed))
    for number, model in enumerate(models):
        report.step(6 + 2 * number, 10, "Trying to tell the sides apart")
        model.fit(units[fit], sides[fit])
        accuracies.append(float(model.score(units[test], sides[test])))
    return Residual(
        tightest,
        low,
        high,
        accuracies[0],
        accuracies[1],
        float(np.bincount(sides[test]).max() / len(test)),
        len(sides),
        len(test),
        labelled.titles,
        labelled.how,
        _picture(units),
        labelled.sides,
        labelled.rows,
    )


def _clusters(units: Matrix, sides: Rows, seed: int, report: Report) -> tuple[float, float, float]:
    """Agreement of two clusters with the sides: the tightest of the starts, lowest, highest."""
    from sklearn.cluster import KMeans

    def agreement(starts: int, number: int) -> float:
        model = KMeans(2, n_init=starts, random_state=(seed + number) % (1 << 32))
        right = float((model.fit_predict(units) == sides).mean())
        return max(right, 1 - right)

    single = []
    for start in range(STARTS):
        report.step(start, 2 * STARTS, "Clustering")
        single.append(agreement(1, start))
    report.step(STARTS, 2 * STARTS, "Clustering")
    return agreement(TRIES, 0), min(single), max(single)


def _picture(units: Matrix) -> Matrix:
    """Places on the first two principal components, (n, 2)."""
    from sklearn.decomposition import PCA

    if units.shape[1] < 2:
        return frozen(np.concatenate([units, np.zeros_like(units)], axis=1))
    places = PCA(2, svd_solver="full").fit_transform(units)
    return frozen(np.ascontiguousarray(places, dtype=np.float32))


def biased_rows(
    space: Space,
    direction: Direction,
    specific: Rows,
    seed: int = 0,
    report: Report = SILENT,
    *,
    most: int = BIASED,
) -> Labelled | None:
    """The most biased items of each side, in halves, without specific ones; None if too few."""
    low, high, among = ends(space, direction, specific, most, report)
    count = min(len(low), len(high))
    if count < FEWEST:
        return None
    how = f"the {count} most biased items of each side, of {among}"
    return _halved(low[:count], high[:count], direction.ends, how, seed)


def residual_rows(erased: Erased, report: Report = SILENT) -> Labelled | None:
    """Rows of two sides that no eraser has learnt from, in halves; None if there are too few."""
    try:
        return _residual_rows(erased, report)
    except TooFewRows:
        return None


def _residual_rows(erased: Erased, report: Report) -> Labelled | None:
    request, task = erased.request, erased.prepared.task
    labelled, told = task.labelled, ""
    if labelled is not None:
        rows, sides = labelled.rows[labelled.held_out], labelled.sides[labelled.held_out]
        told = f"held-out items of each side ({labelled.how})"
    elif request.direction.source in BY_ROWS:
        labelled = label(request, task.specific, report)
        rows, sides = labelled.rows, labelled.sides
        told = "items of each side, which the direction was found from too"
    else:
        return biased_rows(request.space, request.direction, task.specific, request.seed, report)
    groups = [rows[sides == side] for side in (0, 1)]
    count = min(BIASED, *map(len, groups))
    if count < FEWEST:
        return None
    low, high = _chosen(groups, count, request.seed)
    return _halved(low, high, labelled.titles, f"{count} {told}", request.seed)


def _chosen(groups: Sequence[Rows], count: int, seed: int) -> tuple[Rows, Rows]:
    chance = np.random.default_rng(seed + 1)
    low, high = (np.sort(chance.choice(group, count, replace=False)) for group in groups)
    return low, high


def _halved(low: Rows, high: Rows, titles: tuple[str, str], how: str, seed: int) -> Labelled:
    """Half of each side to learn from, the other to judge by."""
    chance = np.random.default_rng(seed)
    parts: list[list[NDArray[np.int64]]] = [[], []]
    start = 0
    for group in (low, high):
        order = start + chance.permutation(len(group)).astype(np.int64)
        parts[0].append(order[: len(group) // 2])
        parts[1].append(order[len(group) // 2 :])
        start += len(group)
    training, held_out = (frozen(np.sort(np.concatenate(part))) for part in parts)
    sides = np.repeat([0, 1], (len(low), len(high))).astype(np.int64)
    rows = frozen(np.concatenate([low, high]).astype(np.int64))
    return Labelled(titles, rows, frozen(sides), training, held_out, how)
