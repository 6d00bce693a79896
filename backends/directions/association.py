"""Association tests: four sets of terms become vectors, a metric judges them, doubts are told.

What was lost on the way from terms to vectors is counted and named in every result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from backends.directions.association_doubts import PARTS, refuse, warnings_of
from backends.directions.base import Space
from backends.directions.metrics import METRICS, AssociationParams, MetricSpec, Sets
from backends.directions.remembered import source_of
from backends.directions.terms import TWICE, Encoded, Lost, Terms
from backends.directions.wordsets import AssociationTest, WordSet
from backends.reporting import SILENT, Report

SEAT = "SEAT"  # WEAT of terms encoded in sentences


@dataclass(frozen=True, slots=True)
class Size:
    """How many terms a set has, and how many of them have vectors; which, and why not the rest."""

    name: str
    before: int
    after: int
    found: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()


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
    interval: tuple[float, float] | None = None  # 95%, of the effect size
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
    title: str = ""  # what the metric is called here: WEAT in templates is SEAT
    how: str = ""  # where the vectors of the terms came from
    rows: Mapping[str, int] = field(default_factory=dict)  # of terms that are items

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
    refuse(test, spec)
    found = [space.terms.look_up(one.terms, report) for one in named.values()]
    if spec.paired:
        found[:2] = in_pairs(named["X"], named["Y"], found[0], found[1])
    sizes = {
        part: _size(one, terms, spec)
        for (part, one), terms in zip(named.items(), found, strict=True)
    }
    said = warnings_of(test, spec, found, params.ddof)
    figures = spec.load()(Sets(*found), params, report)
    permutation = figures.permutation
    doubts = permutation.doubts if permutation is not None else ()
    return Association(
        test.name,
        metric,
        figures.statistic,
        figures.effect_size,
        params.ddof if figures.effect_size is not None else None,
        p=permutation.p if permutation else None,
        p_kind=permutation.kind if permutation else "",
        partitions=permutation.partitions if permutation else 0,
        interval=figures.interval,
        smallest_p=permutation.smallest if permutation else None,
        smallest_effect=figures.smallest_effect,
        ideal=spec.ideal,
        beside=figures.beside,
        n=sizes,
        lost=tuple(one for terms in found for one in terms.lost),
        spelled={key: value for terms in found for key, value in terms.spelled.items()},
        items=figures.items,
        warnings=(*said, *doubts),
        published=test.published if metric == "weat" else {},
        title=title_of(space, metric),
        how=space.terms.how,
        rows=_rows_of(found),
    )


def _rows_of(found: Sequence[Terms]) -> dict[str, int]:
    """The item of each term that was looked up; encoded ones have none."""
    return {
        term: row
        for terms in found
        for term, row in zip(terms.asked, terms.rows.tolist(), strict=True)
        if row >= 0
    }


def title_of(space: Space, metric: str) -> str:
    """What a metric is called in a space: WEAT whose terms go through templates is SEAT."""
    encoded = isinstance(source_of(space.terms), Encoded)
    return SEAT if encoded and metric == "weat" else METRICS[metric].title


def in_pairs(x: WordSet, y: WordSet, found_x: Terms, found_y: Terms) -> tuple[Terms, Terms]:
    """Terms of two sets in their pairs, the first with the first; a pair without one is lost whole.

    A term may be in several pairs.
    """
    pairs = [
        (" ".join(one.split()), " ".join(other.split()))
        for one, other in zip(x.terms, y.terms, strict=True)
    ]
    here, there = ({term: at for at, term in enumerate(one.asked)} for one in (found_x, found_y))
    kept = [(one, other) for one, other in pairs if one in here and other in there]
    return (
        _taken(found_x, here, [one for one, _ in kept], pairs, there),
        _taken(found_y, there, [one for _, one in kept], [pair[::-1] for pair in pairs], here),
    )


def _taken(
    found: Terms,
    where: Mapping[str, int],
    kept: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    partners: Mapping[str, int],
) -> Terms:
    """Terms in the order of pairs; those whose partner has no vector are lost too."""
    at = [where[term] for term in kept]
    alone = [
        Lost(one, f"“{other}”, the other of its pair, has no vector")
        for one, other in pairs
        if one in where and other not in partners
    ]
    lost = [one for one in found.lost if one.why != TWICE]
    return Terms(tuple(kept), found.vectors[at], found.rows[at], found.spelled, (*lost, *alone))


def _size(one: WordSet, terms: Terms, spec: MetricSpec) -> Size:
    """A term given twice is no loss, for it counts once; pairs count as they are."""
    before = len(one.terms) if spec.paired else len({" ".join(t.split()) for t in one.terms} - {""})
    return Size(one.name, before, len(terms), terms.asked, terms.lost)
