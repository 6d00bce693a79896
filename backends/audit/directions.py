"""Chapters of an audit's report: vectors, directions, association tests, changes, relations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from platform import python_version
from typing import TYPE_CHECKING

import numpy as np

from backends.audit.parts import (
    Audit,
    Bar,
    Bars,
    Cell,
    Facts,
    Part,
    Section,
    Sentence,
    Table,
    Worded,
)
from backends.directions.association import Association
from backends.directions.association_many import Outcome, Refused
from backends.directions.association_words import LIMITS
from backends.directions.base import Direction, Space
from backends.directions.evidence_words import facts_of, how_found
from backends.directions.looking import direct_bias, extremes, frequency_cut, names_of, projections
from backends.directions.terms import Lost
from backends.recipe import application_version
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings
from backends.wording import counted

if TYPE_CHECKING:
    from backends.directions.erasing.judging import Verdict

ENDS = 15  # items at each end of a direction


def audit_of(
    corpus: Corpus, embeddings: Embeddings, sections: Sequence[Section], title: str = ""
) -> Audit:
    """A report of these sections, with what they are about before them."""
    versions = {
        "Embedscope": application_version(),
        "Python": python_version(),
        "numpy": np.__version__,
        **embeddings.made_by.versions,
    }
    return Audit(
        title or f"Audit of {embeddings.title} ({corpus.title})",
        datetime.now(UTC).isoformat(timespec="seconds"),
        (vectors_section(corpus, embeddings), *(one for one in sections if one.parts)),
        versions,
    )


def vectors_section(corpus: Corpus, embeddings: Embeddings) -> Section:
    """Which vectors of which items the report is about."""
    facts: dict[str, Cell] = {
        "items": len(corpus),
        "items with a vector": embeddings.count,
        "dimensions": embeddings.dim,
        "source": corpus.title,
        "files": ", ".join(path.name for path in corpus.sources) or None,
        "fingerprint of the items": corpus.fingerprint,
        "vectors": embeddings.title,
        "encoder": embeddings.encoder,
        "fingerprint of the vectors": embeddings.fingerprint,
    }
    notes = [Sentence(note, doubt=True) for note in (*corpus.notes, *embeddings.notes)]
    return Section("vectors", "Vectors", (Facts(facts), *notes))


def directions_section(
    space: Space, directions: Sequence[Direction], report: Report = SILENT
) -> Section:
    """Each direction: how it was found, how far to trust it, what lies at its ends."""
    parts: list[Part] = []
    for number, direction in enumerate(directions):
        span = report.span(number / len(directions), (number + 1) / len(directions))
        parts += _of_direction(space, direction, span)
    return Section("directions", "Directions", tuple(parts))


def _of_direction(space: Space, direction: Direction, report: Report) -> list[Part]:
    evidence = direction.evidence
    values = projections(space.embeddings, direction, report)
    found = extremes(values, ENDS, first=frequency_cut(space))
    parts: list[Part] = [
        Facts(
            {
                "negative end": direction.ends[0],
                "positive end": direction.ends[1],
                "examples": f"{evidence.n[0]:,} and {evidence.n[1]:,}",
                "direct bias of all items": direct_bias(values[space.embeddings.present]),
                "consistency of the pairs": evidence.consistency,
                "held-out accuracy of the probe": evidence.accuracy,
                "chance": evidence.chance,
            },
            direction.title,
        ),
        *(Sentence(told) for told in (how_found(direction), *facts_of(direction), *evidence.notes)),
        *_lost(evidence.lost),
    ]
    if evidence.explained:
        shares = tuple(Bar(f"component {i + 1}", v) for i, v in enumerate(evidence.explained))
        title = f"{direction.title}: shares of variance of the pairs"
        parts.append(
            Bars(
                title,
                shares,
                evidence.baseline,
                f"{evidence.runs} sets of random pairs",
                axis="share of variance",
            )
        )
    if evidence.pairs:
        bars = tuple(Bar(f"{p.negative} → {p.positive}", p.cosine) for p in evidence.pairs)
        parts.append(
            Bars(
                f"{direction.title}: agreement of the pairs", bars, axis="cosine with the direction"
            )
        )
    rows = [*found.negative.tolist(), *found.positive[::-1].tolist()]
    names_ = names_of(space.corpus, found.negative) + names_of(space.corpus, found.positive[::-1])
    ends = tuple(Bar(name, float(values[row])) for name, row in zip(names_, rows, strict=True))
    parts.append(
        Bars(f"{direction.title}: items at the ends", ends, ends=direction.ends, axis="projection")
    )
    if found.note:
        parts.append(Sentence(found.note))
    return parts


def tests_section(outcomes: Sequence[Outcome], correction: str) -> Section:
    """All association tests in a table, with sizes, doubts, what was lost and what was refused."""
    if not outcomes:
        return Section("tests", "Association tests")
    results = [one for one in outcomes if isinstance(one, Association)]
    head = (
        *(
            "test",
            "metric",
            "statistic",
            "effect size",
            "95% interval",
            "p (partitions)",
            "p corrected",
        ),
        *("smallest effect", "terms found"),
    )
    judged = sum(one.p is not None for one in results)
    parts: list[Part] = [
        Sentence(f"Correction for {counted(judged, 'p-value')}: {correction}."),
        Table(
            "Association tests", head, tuple(map(_tested, results)), tuple(map(_doubted, results))
        ),
    ]
    sized = [one for one in results if one.effect_size is not None]
    if sized:
        bars = tuple(
            Bar(one.name, one.effect_size or 0.0, *(one.interval or (None, None))) for one in sized
        )
        title = f"Effect sizes (ddof {sized[0].ddof}), 95% intervals of the bootstrap"
        parts.append(Bars(title, bars, axis="effect size d"))
    parts += [
        Sentence(f"{one.name} was not made. {one.what}", doubt=True)
        for one in outcomes
        if isinstance(one, Refused)
    ]
    return Section("tests", "Association tests", (*parts, *[Sentence(LIMITS)] * bool(results)))


def _tested(one: Association) -> tuple[Cell, ...]:
    interval = f"{one.interval[0]:.2f} to {one.interval[1]:.2f}" if one.interval else None
    p: Cell = one.p
    if one.p is not None and one.p_kind:
        # The smallest that samples can show is no measure of how rare the value is.
        least = one.p_kind == "sampled" and one.p <= 1.5 / (one.partitions + 1)
        number = f"≤ {one.p:.1g}" if least else f"{one.p:.3g}"
        of = f"all {one.partitions:,}" if one.p_kind == "exact" else f"{one.partitions:,} sampled"
        p = Worded(one.p, f"{number} ({of})")
    return (
        *(one.name, one.title or one.metric.upper(), one.statistic, one.effect_size),
        *(interval, p, one.p_corrected, one.smallest_effect),
        ", ".join(f"{part} {size.after}/{size.before}" for part, size in one.n.items()),
    )


def _doubted(one: Association) -> tuple[str, ...]:
    return (*one.warnings, *_left_out(one.lost))


def change_section(title: str, verdict: Verdict) -> Section:
    """What changing the vectors did and did not do."""
    from backends.directions.erasing.rows import rows_of

    rows = tuple((row.title, row.before, row.after, row.note) for row in rows_of(verdict))
    return Section(
        "change",
        "Changed vectors",
        (
            Sentence(title),
            Sentence(verdict.words),
            Table("Before and after", ("measure", "before", "after", "of"), rows),
            *(Sentence(note, doubt=True) for note in verdict.after.notes),
        ),
    )


def _lost(lost: Sequence[Lost]) -> list[Part]:
    return [Sentence(told, doubt=True) for told in _left_out(lost)]


def _left_out(lost: Sequence[Lost]) -> list[str]:
    """All terms that were left out, once for each reason."""
    why: dict[str, list[str]] = {}
    for one in lost:
        why.setdefault(one.why, []).append(one.term)
    return [
        f"{counted(len(terms), 'term')} left out, {reason}: {', '.join(terms)}."
        for reason, terms in why.items()
    ]
