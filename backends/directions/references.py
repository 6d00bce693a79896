"""Projections against numbers from elsewhere, as the share of women in an occupation.

References: Caliskan et al. 2017, Semantics derived automatically from language corpora contain
human-like biases (WEFAT and occupation statistics); Garg et al. 2018, Word embeddings quantify 100
years of gender and ethnic stereotypes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, frozen
from backends.directions.base import Direction, Space
from backends.directions.looking import term_projections
from backends.directions.terms import Lost, once
from backends.errors import BackendError
from backends.reporting import SILENT, Report

FEWEST = 4  # terms, for an interval
NINETY_FIVE = 1.959964  # of a normal distribution


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far projections and numbers go together; correlations are -1..1, NaN if one is flat."""

    pearson: float
    spearman: float
    low: float  # 95% interval of Pearson's by Fisher's z; NaN for fewer than 4 terms
    high: float
    p: float  # two-sided, of no correlation at all (Pearson)
    n: int
    terms: tuple[str, ...]
    values: NDArray[np.float64]  # (n,) the numbers
    projections: Matrix  # (n,)
    rows: NDArray[np.int64]  # (n,) -1 where a term was encoded
    lost: tuple[Lost, ...]


def against_reference(
    space: Space, direction: Direction, reference: Mapping[str, float], report: Report = SILENT
) -> Agreement:
    """Correlate projections of terms with a number for each.

    Raises: BackendError if fewer than three have both.
    """
    from scipy import stats

    given = {term: float(value) for term, value in reference.items() if np.isfinite(value)}
    without = tuple(Lost(term, "without a number") for term in reference if term not in given)
    clean = {" ".join(term.split()): value for term, value in given.items()}
    found = once(space.terms.look_up(tuple(given), report))
    if len(found) < 3:
        raise BackendError(
            f"{len(found)} of {len(reference)} terms have a number and a vector: too few.",
            hint="Give at least three.",
        )
    values = np.array([clean[term] for term in found.asked])
    projected = term_projections(direction, found)
    pearson = spearman = p = low = high = float("nan")
    if np.ptp(values) > 0 and np.ptp(projected) > 0:
        pearson, p = map(float, stats.pearsonr(values, projected.astype(np.float64)))
        spearman = float(stats.spearmanr(values, projected).statistic)
        if len(found) >= FEWEST:
            width = NINETY_FIVE / np.sqrt(len(found) - 3)
            # A perfect correlation has no finite z.
            z = np.arctanh(np.clip(pearson, -1 + 1e-12, 1 - 1e-12))
            low, high = float(np.tanh(z - width)), float(np.tanh(z + width))
    return Agreement(
        pearson,
        spearman,
        low,
        high,
        p,
        len(found),
        found.asked,
        frozen(values),
        projected,
        found.rows,
        (*found.lost, *without),
    )
