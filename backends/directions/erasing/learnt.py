"""Erasers that learn from two labelled groups: INLP and LEACE. Fitted on the training part only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import frozen
from backends.decompositions import eigh, svd
from backends.directions.erasing.base import EMPTY, Affine, Erasure, Labelled, Task
from backends.errors import BackendError, TooFewRows
from backends.parameters import parameter
from backends.reporting import Report

Floats = NDArray[np.float64]
DEV_SHARE = 0.25  # of the training part, by which INLP sees when to stop
FEWEST = 4  # rows of a side to learn from
PROMISE = (
    "The promise holds for the vectors as they are. The probes see them at length 1, as cosines "
    "do, where a linear classifier may find something again."
)
TOLERANCE = 1e-6  # of a variance relative to the largest: below it there is none


@dataclass(frozen=True, slots=True)
class InlpParams:
    """When iterative null space projection stops."""

    rounds: int = parameter(
        35,
        "Rounds",
        "At most so many classifiers, each of which costs a dimension. It stops earlier once one "
        "only guesses.",
        low=1,
        high=1_000,
        step=5,
    )
    margin: float = parameter(
        0.01,
        "Margin",
        "How far above chance a classifier may be and still count as guessing, as a share of its "
        "answers: 0.01 is one in a hundred.",
        low=0,
        high=0.5,
        step=0.01,
    )
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LeaceParams:
    """How LEACE sees variance."""

    tolerance: float = parameter(
        TOLERANCE,
        "Tolerance",
        "Dimensions whose variance is less than this share of the largest count as empty: more "
        "makes it steadier where there are few items to learn from.",
        low=1e-12,
        high=0.1,
        step=0,
    )


def inlp(task: Task, params: InlpParams, report: Report) -> Erasure:
    """Iterative null space projection: train a linear classifier, take its axis out, again.

    The projection is onto the orthogonal complement of all axes found so far. It stops when a
    classifier is no better than the larger share on a part of the training rows that it did not
    learn from, for taking out more would cost and gain nothing.

    Reference: Ravfogel et al. 2020, Null it out: guarding protected attributes by iterative
    nullspace projection; intersection of null spaces after Ben-Israel 2015.
    """
    from sklearn.svm import LinearSVC

    labelled = _of(task)
    rng = np.random.default_rng(params.seed)
    vectors, sides = labelled.part(task.embeddings, labelled.training)
    order = rng.permutation(len(sides))
    count = max(2, round(len(order) * DEV_SHARE))
    dev, fit = order[:count], order[count:]
    chance = float(np.bincount(sides[dev], minlength=2).max() / len(dev))
    if len(np.unique(sides[fit])) < 2:
        raise TooFewRows("One of the groups is too small to learn from.", hint="Take more items.")
    found = np.zeros((0, task.embeddings.dim))
    projection = np.eye(task.embeddings.dim)
    accuracies: list[float] = []
    for number in range(min(params.rounds, task.embeddings.dim)):
        report.step(number, params.rounds, f"Classifier {number + 1}")
        seen = vectors.astype(np.float64) @ projection
        model = LinearSVC(dual="auto", random_state=params.seed, max_iter=5000)
        model.fit(seen[fit], sides[fit])
        accuracies.append(float(model.score(seen[dev], sides[dev])))
        if accuracies[-1] <= chance + params.margin:
            break
        axis = model.coef_[0] @ projection  # within what is left
        axis -= found.T @ (found @ axis)
        length = float(np.linalg.norm(axis))
        if length < 1e-9:
            break
        found = np.vstack([found, axis / length])
        projection = np.eye(task.embeddings.dim) - found.T @ found
    notes = [f"Labels: {labelled.how}."]
    if len(accuracies) == params.rounds and accuracies[-1] > chance + params.margin:
        notes.append("The last classifier still did better than chance: allow more rounds.")
    offset = np.zeros(len(projection))
    return _erasure(projection, offset, len(found), tuple(accuracies), tuple(notes))


def leace(task: Task, params: LeaceParams, report: Report) -> Erasure:
    """Least-squares concept erasure: the smallest change after which no linear classifier works.

    r(x) = x - W^+ P W (x - E x), W the whitening matrix (Sxx^(1/2))^+, P the projection onto the
    columns of W Sxz, z the label. On the rows that it was fitted on, the changed vectors have no
    covariance with the label at all.

    Reference: Belrose et al. 2023, LEACE: perfect linear concept erasure in closed form, theorem
    4.3.
    """
    labelled = _of(task)
    report.step(0, 1, "Finding the smallest change")
    vectors, sides = labelled.part(task.embeddings, labelled.training)
    x = vectors.astype(np.float64)
    mean = x.mean(axis=0)
    centred = x - mean
    label = sides - sides.mean()
    covariance = centred.T @ centred / len(x)  # Sxx (d, d)
    cross = centred.T @ label[:, None] / len(x)  # Sxz (d, 1)
    values, vectors_ = eigh(covariance)
    used = values > params.tolerance * max(values.max(), 1e-300)
    roots = np.sqrt(values[used])
    axes = vectors_[:, used]
    whiten = (axes / roots) @ axes.T  # W
    back = (axes * roots) @ axes.T  # W^+
    left, strengths, _ = svd(whiten @ cross)
    rank = int((strengths > 1e-12).sum())
    span = left[:, :rank]
    matrix = back @ span @ span.T @ whiten  # acts on columns
    notes = [f"Labels: {labelled.how}.", PROMISE]
    if used.sum() >= len(x) - 1:
        notes.append(
            f"{len(x):,} rows to learn from for {x.shape[1]} dimensions: the covariance is "
            "guessed, and held-out rows may keep more than these."
        )
    return _erasure((np.eye(len(mean)) - matrix).T, matrix @ mean, rank, (), tuple(notes))


def _erasure(
    matrix: Floats, offset: Floats, rank: int, history: tuple[float, ...], notes: tuple[str, ...]
) -> Erasure:
    """One affine map for all rows, whose lengths stay as it leaves them."""
    affine = Affine(
        frozen(np.ascontiguousarray(matrix, dtype=np.float32)),
        frozen(offset.astype(np.float32)),
        to_units=False,
    )
    none = frozen(np.empty((0, len(matrix)), np.float32))
    return Erasure(affine, EMPTY, EMPTY, none, rank, history, notes)


def _of(task: Task) -> Labelled:
    labelled = task.labelled
    if labelled is None:
        raise BackendError(
            "This method learns from two groups of items, and there are none.",
            hint="Find the direction from selections, a column or words first.",
        )
    counts = np.bincount(labelled.sides[labelled.training], minlength=2)
    if counts.min() < FEWEST:
        smaller = labelled.titles[int(counts.argmin())]
        raise TooFewRows(
            f"“{smaller}” has {counts.min()} items to learn from; at least {FEWEST} are needed.",
            hint="Take larger groups or a larger share for training.",
        )
    return labelled
