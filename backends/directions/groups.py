"""Projections by group: histograms of selections, categories and word sets on shared edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, frozen
from backends.corpora.columns import column_kind, read_categories
from backends.directions.base import Direction, Space
from backends.directions.looking import term_projections
from backends.directions.terms import Lost, once
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.selection import Selection
from backends.types import Corpus

BINS = 40
MOST_GROUPS = 8  # that can be told apart by colour
OTHERS = "the others"


@dataclass(frozen=True, eq=False)
class Sample:
    """Projections of one group."""

    title: str
    values: Matrix  # (m,) without NaN
    lost: tuple[Lost, ...] = ()


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts of groups in the same bins, and what is usual in each."""

    edges: NDArray[np.float64]  # (b + 1,) ascending
    counts: NDArray[np.int64]  # (g, b)
    titles: tuple[str, ...]  # (g,)
    sizes: tuple[int, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]  # standard deviations of the groups, ddof 0
    lost: tuple[Lost, ...]

    @property
    def densities(self) -> NDArray[np.float64]:
        """Shares of each group, (g, b), so that groups of unequal size can be compared."""
        return np.asarray(self.counts / np.maximum(np.array(self.sizes), 1)[:, None])


def histogram(samples: Sequence[Sample], bins: int = BINS) -> Histogram:
    """Bring groups into bins between the smallest and the largest value of all.

    Raises: BackendError if no group has a value.
    """
    filled = [one for one in samples if len(one.values)]
    if not filled:
        raise BackendError("No group has an item with a vector.", hint="Choose other groups.")
    low = min(float(one.values.min()) for one in filled)
    high = max(float(one.values.max()) for one in filled)
    if high - low < 1e-6:  # all the same: one bin's width around it
        low, high = low - 0.01, high + 0.01
    edges = np.linspace(low, high, bins + 1)
    counts = np.stack(
        [np.histogram(one.values, bins, (low, high))[0].astype(np.int64) for one in samples]
    )
    return Histogram(
        frozen(edges),
        frozen(counts),
        tuple(one.title for one in samples),
        tuple(len(one.values) for one in samples),
        tuple(_mean(one.values) for one in samples),
        tuple(_spread(one.values) for one in samples),
        tuple(lost for one in samples for lost in one.lost),
    )


def everything(values: Matrix) -> tuple[Sample, ...]:
    """All items as one group."""
    return (Sample("all items", _known(values)),)


def by_selection(values: Matrix, selection: Selection) -> tuple[Sample, ...]:
    """Selected items, and the others."""
    mask = selection.mask(len(values))
    return (
        Sample(selection.words, _known(values[mask])),
        Sample(OTHERS, _known(values[~mask])),
    )


def by_column(
    corpus: Corpus, values: Matrix, column: str, most: int = MOST_GROUPS, report: Report = SILENT
) -> tuple[Sample, ...]:
    """The commonest categories of a column, and what is left as one group.

    Raises: BackendError if the column has no categories.
    """
    if column_kind(corpus, column) != "categories":
        raise BackendError(
            f"“{column}” has no categories.", hint="Choose a column whose values come often."
        )
    found = read_categories(corpus, column, report)
    shown = len(found.labels) if len(found.labels) <= most else most - 1
    samples = [
        Sample(label, _known(values[found.codes == code]))
        for code, label in enumerate(found.labels[:shown])
    ]
    if shown < len(found.labels):
        rest = found.codes >= shown
        samples.append(Sample(f"{len(found.labels) - shown:,} others", _known(values[rest])))
    return tuple(samples)


def by_terms(
    space: Space, direction: Direction, sets: Mapping[str, Sequence[str]], report: Report = SILENT
) -> tuple[Sample, ...]:
    """Word sets, by their names; what is not known here is lost, and said."""
    samples = []
    for number, (name, terms) in enumerate(sets.items()):
        span = report.span(number / len(sets), (number + 1) / len(sets))
        found = once(space.terms.look_up(terms, span))
        samples.append(Sample(name, term_projections(direction, found), found.lost))
    return tuple(samples)


def _known(values: Matrix) -> Matrix:
    return frozen(values[~np.isnan(values)])


def _mean(values: Matrix) -> float:
    return float(np.mean(values, dtype=np.float64)) if len(values) else float("nan")


def _spread(values: Matrix) -> float:
    return float(np.std(values, dtype=np.float64)) if len(values) else float("nan")
