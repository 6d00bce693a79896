"""Relations between items as a chapter of an audit's report."""

from __future__ import annotations

from backends.audit.parts import Bar, Bars, Cell, Part, Section, Sentence, Table
from backends.directions.relation_study import RelationResult, Study
from backends.directions.relation_words import split_words, words_of

HEAD = (
    *("relation", "pairs", "consistency", "shuffled tails", "tested", "MRR of tails"),
    *("Hits@1", "Hits@10", "nearest item Hits@10"),
)


def relations_section(study: Study) -> Section:
    """What each relation is as an offset, and how well held-out tails are found, filtered."""
    results = study.results
    if not results:
        return Section("relations", "Relations")
    beside = [one.offset.baseline for one in results]
    known = tuple(beside) if all(value == value for value in beside) else ()
    parts: list[Part] = [
        Sentence(split_words(study)),
        Table(
            "Relations",
            HEAD,
            tuple(map(_row, results)),
            tuple(one.warnings for one in results),
        ),
        Bars(
            "Consistency of the offsets",
            tuple(Bar(one.relation.name, one.offset.consistency) for one in results),
            known,
            "the same heads with tails in another order" if known else "",
            axis="mean cosine of a pair with the offset",
        ),
        *(
            Sentence(f"{one.relation.name}: {words_of(one, study.params.scorer)}")
            for one in results
        ),
        *(Sentence(note, doubt=True) for note in study.notes),
    ]
    return Section("relations", "Relations", tuple(parts))


def _row(one: RelationResult) -> tuple[Cell, ...]:
    tails = one.held.tails if one.held is not None else None
    nearest = one.nearest.tails if one.nearest is not None else None
    shuffled = one.offset.baseline
    return (
        one.relation.name,
        len(one.relation),
        one.offset.consistency,
        shuffled if shuffled == shuffled else None,
        one.tested,
        *((tails.mrr(), tails.hits(1), tails.hits(10)) if tails is not None else (None,) * 3),
        nearest.hits(10) if nearest is not None else None,
    )
