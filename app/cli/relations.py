"""`relations X --triples FILE`: what offsets say of relations, on pairs that were held out."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.cli.output import Answer, clip, table
from app.cli.sources import Say, read, say_notes, vectors_of
from backends.errors import BackendError
from backends.reporting import Report
from backends.wording import counted

if TYPE_CHECKING:
    from backends.directions.relation_study import RelationResult, Study
    from backends.directions.relations import TripleSource
    from backends.directions.terms import Lost

HEAD = (
    *("relation", "pairs", "consistency", "shuffled", "held out", "MRR", "hits@1", "hits@10"),
    *("nearest@10", "heads@10"),
)
LOST_SAID = 10
NAMED = 5  # relations of which the same is said
NAME = 32  # letters


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Read the triples, find the offsets, rank all items for held-out pairs."""
    from backends.directions.relation_names import read_relations
    from backends.directions.relation_scorers import SCORERS
    from backends.directions.relation_study import StudyParams, study

    if words.scorer not in SCORERS:
        raise BackendError(
            f"There is no scorer “{words.scorer}”.", hint=f"Choose one of {', '.join(SCORERS)}."
        )
    corpus = read(words, report.span(0.0, 0.02), say).corpus
    embeddings, _ = vectors_of(corpus, words, report.span(0.02, 0.3), say)
    found = read_relations(_source(words), corpus, embeddings, report.span(0.3, 0.4))
    say_notes(found.notes, say)
    params = StudyParams(words.scorer, words.hold_out, words.share, words.tested, words.seed or 0)
    done = study(found, embeddings, params, report.span(0.4, 1.0))
    return Answer(_data(done), _text(done))


def _source(words: Namespace) -> TripleSource:
    from backends.directions.relations import BY_ROW, TripleSource

    by = BY_ROW if words.names == "row" else words.names or ""
    if words.triples is not None:
        return TripleSource("file", path=str(words.triples), name=words.name or "", by=by)
    return TripleSource("column", column=words.column, name=words.name or "", by=by)


def _data(done: Study) -> dict[str, Any]:
    from backends.directions.relation_words import as_data

    found, params = done.relations, done.params
    return {
        "relations": [as_data(one) for one in done.results],
        "scorer": params.scorer,
        "split": params.split,
        "share": params.share,
        "seed": params.seed,
        "ties": "mean rank",
        "named_by": found.named_by,
        "lost": [{"term": one.term, "why": one.why} for one in found.lost],
        "notes": list(found.notes),
    }


def _text(done: Study) -> str:
    from backends.directions.relation_words import split_words, words_of

    found, scorer = done.relations, done.params.scorer
    judged = [one for one in done.results if one.held is not None]
    others = [one for one in done.results if one.held is None]
    parts = [
        f"{counted(found.pairs, 'pair')}, relations: {len(found.relations):,}; {found.how}; "
        f"scorer: {scorer}.",
        table(HEAD, [_line(one) for one in done.results], numbers=" ".join(HEAD[1:])),
        "\n".join(f"{one.relation.name}: {words_of(one, scorer)}" for one in judged),
        _grouped("", [(one.relation.name, words_of(one, scorer)) for one in others]),
    ]
    warned = [(one.relation.name, said) for one in done.results for said in one.warnings]
    if warned:
        parts.append(_grouped("warning: ", warned))
    if found.lost:
        parts.append(_lost(found.lost))
    return "\n\n".join((*filter(None, parts), split_words(done)))


def _grouped(before: str, told: Sequence[tuple[str, str]]) -> str:
    """A sentence a line, with the relations that it is said of: there may be thousands."""
    names: dict[str, list[str]] = {}
    for name, said in told:
        names.setdefault(said, []).append(clip(name, NAME))
    lines = []
    for said, of in names.items():
        more = f" and {len(of) - NAMED:,} more" if len(of) > NAMED else ""
        lines.append(f"{before}{', '.join(of[:NAMED])}{more}: {said}")
    return "\n".join(lines)


def _line(one: RelationResult) -> Sequence[str]:
    offset, held, nearest = one.offset, one.held, one.nearest
    told = ["", "", "", "", "", ""]
    if held is not None and nearest is not None:
        tails = held.tails
        told = [
            f"{one.tested:,}",
            f"{tails.mrr():.3f}",
            f"{tails.hits(1):.3f}",
            f"{tails.hits(10):.3f}",
            f"{nearest.tails.hits(10):.3f}",
            f"{held.heads.hits(10):.3f}",
        ]
    name = clip(one.relation.name, NAME)
    return [
        name,
        f"{len(one.relation):,}",
        f"{offset.consistency:.3f}",
        f"{offset.baseline:.3f}" if offset.is_compared else "",
        *told,
    ]


def _lost(lost: Sequence[Lost]) -> str:
    lines = [f"left out: {clip(one.term, 70)}: {one.why}" for one in lost[:LOST_SAID]]
    if len(lost) > LOST_SAID:
        lines.append(f"left out: {len(lost) - LOST_SAID:,} more; --json lists all")
    return "\n".join(lines)
