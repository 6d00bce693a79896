"""Association tests: four sets of terms become vectors, a metric judges them, doubts are told.

What was lost on the way from terms to vectors is counted and named in every result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np

from backends.directions.base import Space
from backends.directions.metrics import LEVEL, METRICS, AssociationParams, Figures, Floats, Sets
from backends.directions.terms import TWICE, Encoded, Lost, Terms
from backends.directions.wordsets import AssociationTest
from backends.errors import BackendError
from backends.reporting import SILENT, Report

PARTS = ("X", "Y", "A", "B")
FEW = 4  # terms of a set below which a result says little
LOSS = 0.2  # share of lost terms above which a result says little; as WEFE has it


@dataclass(frozen=True, slots=True)
class Size:
    """How many terms a set has, and how many of them have vectors."""

    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Association:
    """What a test found; None where its metric has no such figure."""

    name: str
    metric: str  # id in METRICS
    statistic: float
    effect_size: float | None = None
    ddof: int | None = None
    p: float | None = None
    p_kind: Literal["exact", "sampled", ""] = ""
    partitions: int = 0  # tried or sampled
    p_corrected: float | None = None
    interval: tuple[float, float] | None = None  # 95%, of the effect size or of the statistic
    smallest_p: float | None = None  # that so few terms allow
    smallest_effect: float | None = None  # that reaches p <= .05 among these terms
    ideal: float = 0.0  # the statistic of no association
    beside: Mapping[str, float] = field(default_factory=dict)  # further figures by name
    n: Mapping[str, Size] = field(default_factory=dict)  # by part: X, Y, A, B
    lost: tuple[Lost, ...] = ()
    spelled: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    """By part: every term with its own figure, for WEAT its association s(w, A, B)."""
    warnings: tuple[str, ...] = ()
    published: Mapping[str, float] = field(default_factory=dict)
    how: str = ""  # where the vectors of the terms came from

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def associate(
    space: Space,
    test: AssociationTest,
    metric: str = "weat",
    params: AssociationParams | None = None,
    report: Report = SILENT,
) -> Association:
    """Make one test. Raises: BackendError if a set has no vectors or tests itself; Cancelled."""
    params = params or AssociationParams()
    spec = METRICS[metric]
    named = dict(zip(PARTS, (*test.targets, *test.attributes), strict=True))
    found = [space.terms.look_up(one.terms, report) for one in named.values()]
    sizes = {
        part: Size(one.name, len(terms) + _without_twice(terms), len(terms))
        for (part, one), terms in zip(named.items(), found, strict=True)
    }
    _refuse(test, sizes, found)
    figures = spec.load()(Sets(*found), params, report)
    permutation = figures.permutation
    ddof = params.ddof if figures.effect_size is not None else None
    return Association(
        test.name,
        metric,
        figures.statistic,
        figures.effect_size,
        ddof,
        permutation.p if permutation else None,
        permutation.kind if permutation else "",
        permutation.partitions if permutation else 0,
        None,
        figures.interval,
        permutation.smallest if permutation else None,
        figures.smallest_effect,
        spec.ideal,
        figures.beside,
        sizes,
        tuple(one for terms in found for one in terms.lost),
        {key: value for terms in found for key, value in terms.spelled.items()},
        figures.items,
        tuple(_warnings(sizes, found, figures)),
        test.published,
        f"SEAT: {space.terms.how}" if isinstance(space.terms, Encoded) else space.terms.how,
    )


def _without_twice(terms: Terms) -> int:
    """How many terms have no vector; one given twice is no loss."""
    return sum(one.why != TWICE for one in terms.lost)


def _refuse(test: AssociationTest, sizes: Mapping[str, Size], found: Sequence[Terms]) -> None:
    for size in sizes.values():
        if not size.before:
            raise BackendError(
                f"The set “{size.name}” is empty.",
                hint=f"Give it terms, or leave the test “{test.name}” out.",
            )
        if not size.after:
            raise BackendError(
                f"None of the {size.before} terms of “{size.name}” has a vector here.",
                hint=f"The test “{test.name}” needs at least one; take other terms or vectors.",
            )
    x, y, a, b = (set(terms.asked) for terms in found)
    for (one, other), part in (((x, y), "targets"), ((a, b), "attributes")):
        if one == other:
            raise BackendError(
                f"The two sets of {part} of “{test.name}” are the same, so nothing can differ.",
                hint="Choose two different sets.",
            )


def _warnings(sizes: Mapping[str, Size], found: Sequence[Terms], figures: Figures) -> list[str]:
    said = []
    for part, size in sizes.items():
        if size.after < FEW:
            said.append(
                f"“{size.name}” ({part}) has {size.after} of the {FEW} terms that a test should "
                "have at least: the result says little."
            )
        lost = 1 - size.after / size.before
        if lost > LOSS:
            said.append(
                f"{lost:.0%} of “{size.name}” ({part}) have no vector here: the result is of "
                f"another set than the test's."
            )
    x, y, a, b = (set(terms.asked) for terms in found)
    for one, other, words in ((x, y, "targets"), (a, b, "attributes"), (x | y, a | b, "")):
        shared = sorted(one & other)
        if shared:
            between = f"both sets of {words}" if words else "targets and attributes"
            said.append(f"In {between}: {', '.join(shared)}.")
    if figures.permutation is not None and figures.permutation.smallest > LEVEL:
        said.append(
            f"So few terms cannot give a p below {figures.permutation.smallest:.2g}, whatever the "
            "vectors are."
        )
    return said


def corrected(results: Sequence[Association], how: str = "holm") -> tuple[Association, ...]:
    """Put p-values beside each other's that account for how many tests were made.

    "holm" bounds the chance of any false finding (Holm 1979), "bh" the share of false ones among
    the findings (Benjamini and Hochberg 1995), "none" leaves them.
    """
    at = [number for number, one in enumerate(results) if one.p is not None]
    values = np.array([results[number].p for number in at], dtype=np.float64)
    adjusted = _adjusted(values, how)
    changed = list(results)
    for number, value in zip(at, adjusted.tolist(), strict=True):
        changed[number] = replace(changed[number], p_corrected=value)
    return tuple(changed)


def _adjusted(values: Floats, how: str) -> Floats:
    m = len(values)
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    if how == "holm":
        ranked = np.maximum.accumulate(ranked * (m - np.arange(m)))
    elif how == "bh":
        scaled = ranked * m / (np.arange(m) + 1)
        ranked = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(ranked, 1.0)
    return adjusted


CORRECTIONS = {"holm": "Holm", "bh": "Benjamini-Hochberg", "none": "none"}
