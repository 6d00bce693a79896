"""Directions from examples: difference of means, components of pair-centred vectors.

References: Bolukbasi et al. 2016, Man is to Computer Programmer as Woman is to Homemaker?, for the
components; Dev and Phillips 2019, Attenuating bias in word vectors, for the difference of means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, frozen
from backends.decompositions import one_blas_thread
from backends.directions.base import Evidence, Examples, Group, PairFit, Space
from backends.directions.baseline import random_shares, shares
from backends.directions.means import NO_LENGTH, group_means, unit_difference
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Embeddings
from backends.wording import counted, either


@dataclass(frozen=True, slots=True)
class DifferenceParams:
    """The seed is that of the random pairs that pairs are compared with."""

    seed: int = 0


@dataclass(frozen=True, slots=True)
class ComponentsParams:
    """How many components, and the seed of the random pairs."""

    components: int = 1
    seed: int = 0


def difference(
    space: Space, examples: Examples, params: DifferenceParams, report: Report = SILENT
) -> tuple[Matrix, Evidence]:
    """Mean of the positive examples minus mean of the negative ones, at length 1, (1, d).

    Raises: BackendError if the means are the same.
    """
    low, high = means_of(space.embeddings, examples, report.span(0.0, 0.8))
    direction = unit_difference(low, high)
    if direction is None:
        raise same_place()
    evidence = pair_evidence(space, examples, direction, params.seed, report.span(0.8, 1.0))
    return frozen(direction[None]), evidence


def components(
    space: Space, examples: Examples, params: ComponentsParams, report: Report = SILENT
) -> tuple[Matrix, Evidence]:
    """First k principal components of the vectors less the mean of their own pair, (k, d).

    Centring each pair is the same as halving differences and not centring these: the mean of all
    differences, which is what the pairs share, must not be taken away.

    Raises: BackendError if the pairs span fewer than k dimensions.
    """
    low, high = _both(examples)
    strengths, axes = _spectrum((high - low) / np.sqrt(2.0, dtype=np.float32))
    usable = int(np.count_nonzero(strengths > NO_LENGTH**2))
    if not usable:
        raise same_place()
    if not 1 <= params.components <= usable:
        raise BackendError(
            f"{counted(len(low), 'pair')} {either(len(low), 'gives', 'give')} "
            f"{counted(usable, 'component')}, not {params.components}.",
            hint=f"Take 1 to {usable}, or give more pairs." if usable > 1 else "Give more pairs.",
        )
    towards = (high - low).mean(axis=0, dtype=np.float64)
    basis = frozen(signed(axes[: params.components], towards))
    return basis, pair_evidence(space, examples, basis[0], params.seed, report)


def same_place() -> BackendError:
    """What to say where both sides are the same."""
    return BackendError(
        "Both sides lie in the same place: there is no direction between them.",
        hint="Give examples that differ.",
    )


def means_of(
    embeddings: Embeddings, examples: Examples, report: Report = SILENT
) -> NDArray[np.float64]:
    """Mean unit vectors of both sides, (2, d)."""
    sides = (examples.negative, examples.positive)
    asked = [group for group in sides if group.vectors is None]
    masks = [_mask(group, len(embeddings)) for group in asked]
    streamed = iter(group_means(embeddings, masks, report)) if masks else iter(())
    return np.stack(
        [
            next(streamed) if group.vectors is None else group.vectors.mean(axis=0, dtype=float)
            for group in sides
        ]
    )


def signed(axes: NDArray[Any], towards: NDArray[np.float64]) -> Matrix:
    """Axes (k, d) turned so that each points along the given vector.

    One across it is turned so that its largest value is positive: a sign must not be chance.
    """
    along = axes @ towards  # (k,)
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    flip = np.where(np.abs(along) > NO_LENGTH, along, largest) < 0
    return np.ascontiguousarray(np.where(flip[:, None], -axes, axes), dtype=np.float32)


def pair_evidence(
    space: Space, examples: Examples, direction: Matrix, seed: int, report: Report = SILENT
) -> Evidence:
    """Scree beside that of random pairs, and how each pair agrees; empty where there are none."""
    if not examples.paired:
        return Evidence()
    low, high = _both(examples)
    differences = high - low  # (p, d)
    lengths = np.linalg.norm(differences, axis=1)
    cosines = (differences @ direction) / np.where(lengths > 0, lengths, 1.0)
    fits = tuple(
        PairFit(one, other, float(np.clip(cosine, -1.0, 1.0)))
        for one, other, cosine in zip(
            examples.negative.terms, examples.positive.terms, cosines, strict=True
        )
    )
    explained = shares(_spectrum(differences)[0])
    baseline, runs, told = random_shares(space, len(low), seed, report)
    return Evidence(explained=explained, baseline=baseline, runs=runs, pairs=fits, notes=told)


def _spectrum(rows: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Squared singular values of uncentred rows (p, d), descending, and right vectors as rows.

    Both have min(p, d) entries.
    """
    with one_blas_thread():
        _, strengths, right = np.linalg.svd(np.asarray(rows, np.float64), full_matrices=False)
    return strengths**2, right


def _both(examples: Examples) -> tuple[Matrix, Matrix]:
    low, high = examples.negative.vectors, examples.positive.vectors
    assert low is not None  # paired sources give terms
    assert high is not None
    return low, high


def _mask(group: Group, n: int) -> NDArray[np.bool_]:
    mask = np.zeros(n, dtype=np.bool_)
    mask[group.rows] = True
    return mask
