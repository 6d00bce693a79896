"""Directions by a linear probe, and how well it tells apart what it was not fitted to.

Reference: Alain and Bengio 2016, Understanding intermediate layers using linear classifier probes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, frozen
from backends.decompositions import one_blas_thread
from backends.directions.base import Evidence, Examples, Group, Space
from backends.directions.methods import pair_evidence, same_place, signed
from backends.reporting import SILENT, Report

MOST = 20_000  # examples of a side
FOLDS = 5
SPLIT_ABOVE = 2_000  # examples in all, of which one part held out says enough
ITERATIONS = 1_000
TOLERANCE = 1e-6  # of a gradient: sides that differ in little are not the same


@dataclass(frozen=True, slots=True)
class ProbeParams:
    """`strength` is the inverse of the penalty on large weights (C of logistic regression)."""

    strength: float = 1.0
    most: int = MOST  # examples of a side, drawn by chance where there are more
    seed: int = 0


def probe(
    space: Space, examples: Examples, params: ProbeParams, report: Report = SILENT
) -> tuple[Matrix, Evidence]:
    """Normal of a logistic regression between the sides, (1, d).

    Accuracy is of examples that it was not fitted to: of few, of each fold in turn by a fit to the
    other four, and the direction is then fitted to all; of many, of a fifth held out from the fit.
    Words of a pair are held out together. One fit cannot be stopped.

    Raises: BackendError if the sides are the same.
    """
    low, high, notes = _drawn(space, examples, params)
    vectors = np.concatenate((low, high))  # (m, d)
    positive = np.arange(len(vectors)) >= len(low)
    parts = _parts(examples, len(low), len(high), params.seed)
    large = len(vectors) > SPLIT_ABOVE
    right = held_out = more = 0
    weights: Matrix | None = None
    for number, part in enumerate(_folds(parts, large=large)):
        report.step(number, FOLDS + 1, "Fitting the probe")
        kept = ~part
        if len(set(positive[kept].tolist())) < 2:
            continue
        fit = _fitted(vectors[kept], positive[kept], params)
        guessed = fit.predict(vectors[part])
        right += int(np.count_nonzero(guessed == positive[part]))
        held_out += int(np.count_nonzero(part))
        more += int(np.count_nonzero(positive[part]))
        weights = fit.coef_[0] if large else None
    if weights is None:
        report.step(FOLDS, FOLDS + 1, "Fitting the probe")
        weights = _fitted(vectors, positive, params).coef_[0]
    length = float(np.linalg.norm(weights))
    towards = high.mean(axis=0, dtype=np.float64) - low.mean(axis=0, dtype=np.float64)
    if length < 1e-6 or not np.isfinite(length):
        raise same_place()
    basis = frozen(signed((weights / length)[None], towards))
    found = pair_evidence(space, examples, basis[0], params.seed, report.quiet())
    if not held_out:
        return basis, replace(found, notes=(*notes, *found.notes, "Too few examples to hold out."))
    return basis, replace(
        found,
        accuracy=right / held_out,
        chance=max(more, held_out - more) / held_out,
        held_out=held_out,
        notes=(*notes, *found.notes),
    )


def _drawn(
    space: Space, examples: Examples, params: ProbeParams
) -> tuple[Matrix, Matrix, tuple[str, ...]]:
    """Vectors of both sides; of items as many on both, so that neither is right by its size."""
    sides = (examples.negative, examples.positive)
    most = [params.most, params.most]
    if all(group.vectors is None for group in sides):
        most = [min(params.most, *map(len, sides))] * 2
    elif examples.paired:
        most = [max(map(len, sides))] * 2
    notes = tuple(
        f"{limit:,} of {len(group):,} items of “{group.title}” were drawn by chance, "
        f"seed {params.seed}."
        for group, limit in zip(sides, most, strict=True)
        if len(group) > limit
    )
    low, high = (_sample(group, space, k, params) for group, k in zip(sides, most, strict=True))
    return low, high, notes


def _sample(group: Group, space: Space, most: int, params: ProbeParams) -> Matrix:
    return group.sample(space.embeddings, most, params.seed)


def _parts(examples: Examples, low: int, high: int, seed: int) -> NDArray[np.int64]:
    """A fold for each example (low + high,), evenly within each side, the same within a pair."""
    chance = np.random.default_rng(seed)
    first = chance.permutation(np.arange(low) % FOLDS)
    second = first if examples.paired else chance.permutation(np.arange(high) % FOLDS)
    return np.concatenate((first, second))


def _folds(parts: NDArray[np.int64], *, large: bool) -> Iterator[NDArray[np.bool_]]:
    for fold in range(1 if large else FOLDS):
        held = parts == fold
        if held.any() and not held.all():
            yield held


def _fitted(vectors: Matrix, positive: NDArray[np.bool_], params: ProbeParams) -> Any:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=params.strength * vectors.shape[1], max_iter=ITERATIONS, tol=TOLERANCE
    )
    # Values of unit vectors are about 1/sqrt(d): the penalty is scaled so that d does not matter.
    with one_blas_thread():
        return model.fit(vectors, positive)
