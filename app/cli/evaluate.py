"""`evaluate X --similarity FILE... --analogies FILE...`: word vectors judged by test sets."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.cli.output import Answer, clip, table
from app.cli.sources import Say, read, vectors_of
from backends.errors import BackendError
from backends.reporting import Report

if TYPE_CHECKING:
    from backends.directions.base import Space
    from backends.evaluate.files import WordFile
    from backends.evaluate.words import WordOptions, WordScore

NAMED = 12  # lost words that are named; --json has all
HEAD = ("file", "kind", "score", "95%", "n", "lost", "random", "gain")
NUMBERS = "score n lost random gain"
SECTIONS = ("section", "3CosAdd", "3CosMul", "n", "of")


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Judge the vectors by each file, and those of the reference by the same."""
    from backends.evaluate.verdict import verdict
    from backends.evaluate.words import WordOptions, word_scores

    # A file that is off is found before vectors are read or made.
    files = _files(words)
    options = WordOptions(words.case, words.restrict, words.seed or 0)
    space = _space(words, report.span(0.0, 0.3), say)
    end = 0.6 if words.reference else 1.0
    scores = word_scores(space, files, report.span(0.3, end), options)
    against: Sequence[WordScore | None] = [None] * len(scores)
    if words.reference:
        against = _reference(words, files, options, report.span(end, 1.0), say)
    both = list(zip(scores, against, strict=True))
    data = {
        "rows": len(space.corpus),
        "dim": space.embeddings.dim,
        "case": options.case,
        "seed": options.seed,
        "files": [_data(score, other) for score, other in both],
        "verdict": list(verdict(scores)),
    }
    return Answer(data, _text(both))


def _files(words: Namespace) -> list[WordFile]:
    from backends.evaluate.files import read_analogies, read_similarity

    found: list[WordFile] = [read_similarity(path) for path in words.similarity or ()]
    found += [read_analogies(path) for path in words.analogies or ()]
    if not found:
        raise BackendError(
            "There is nothing to judge by.",
            hint="Name test sets with --similarity (word, word, score) or --analogies.",
        )
    return found


def _space(words: Namespace, report: Report, say: Say) -> Space:
    from backends.directions.base import Space
    from backends.directions.terms import BARE, term_source

    corpus = read(words, report.span(0.0, 0.5), say).corpus
    embeddings, _ = vectors_of(corpus, words, report.span(0.5, 1.0), say)
    # A test set of sentences brings its own; words are compared as they are.
    return Space(corpus, embeddings, term_source(corpus, embeddings, BARE, words.words))


def _reference(
    words: Namespace, files: Sequence[WordFile], options: WordOptions, report: Report, say: Say
) -> tuple[WordScore, ...]:
    from dataclasses import replace

    from backends.evaluate.words import word_scores

    other = Namespace(**{**vars(words), "files": [words.reference], "text": None, "vectors": None})
    other.encoder = other.words = None
    space = _space(other, report.span(0.0, 0.4), say)
    return word_scores(space, files, report.span(0.4, 1.0), replace(options, chance=False))


def _data(score: WordScore, reference: WordScore | None) -> dict[str, Any]:
    from backends.evaluate.analogies import AnalogyScore

    data: dict[str, Any] = {
        "title": score.title,
        "kind": score.kind,
        "format": score.file.format,
        "score": score.score,
        "low": score.low,
        "high": score.high,
        "n": score.n,
        "asked": score.asked,
        "lost_share": score.lost_share,
        "lost": [{"term": lost.term, "why": lost.why} for lost in score.lost],
        "random": score.random,
        "gain": score.gain,
        "reference": reference.score if reference is not None else None,
        "gain_ratio": score.gain_ratio(reference) if reference is not None else None,
        "how": score.how,
        "notes": list(score.file.notes),
    }
    if isinstance(score.detail, AnalogyScore):
        data |= {
            "restrict": score.detail.restrict,
            **_shares(score.detail.total),
            "echoed": score.detail.echoed,
            "sections": [
                {"title": part.title, "n": part.n, "asked": part.asked, **_shares(part)}
                for part in score.detail.sections
            ],
        }
    return data


def _shares(section: Any) -> dict[str, float]:
    return {
        "add": section.add,
        "mul": section.mul,
        "add_with_inputs": section.add_free,
        "mul_with_inputs": section.mul_free,
    }


def _text(both: Sequence[tuple[WordScore, WordScore | None]]) -> str:
    from backends.evaluate.analogies import AnalogyScore
    from backends.evaluate.verdict import verdict

    compared = any(other is not None for _, other in both)
    head = (*HEAD, *(("reference", "gain ratio") if compared else ()))
    lines = [_line(score, other) for score, other in both]
    parts = [table(head, lines, numbers=f"{NUMBERS} reference")]
    for score, _ in both:
        if isinstance(score.detail, AnalogyScore):
            parts.append(_questions(score, score.detail))
    how = max((score.how for score, _ in both), key=len)  # that of analogies says more
    parts.append("\n".join((*verdict([score for score, _ in both]), how)))
    parts += [_lost(score) for score, _ in both if score.lost]
    parts += [f"{score.title}: {note}" for score, _ in both for note in score.file.notes]
    return "\n\n".join(parts)


def _line(score: WordScore, other: WordScore | None) -> list[str]:
    kind = "Spearman" if score.kind == "similarity" else "3CosAdd"
    line = [
        clip(score.title, 40),
        kind,
        _number(score.score),
        _number(score.low) if score.low != score.low else f"{score.low:.3f} to {score.high:.3f}",
        f"{score.n:,}",
        f"{score.lost_share:.1%}",
        _number(score.random),
        _number(score.gain),
    ]
    if other is not None:
        ratio = score.gain_ratio(other)
        line += [_number(other.score), "–" if ratio != ratio else f"{ratio:.0f}%"]  # noqa: RUF001
    return line


def _questions(score: WordScore, detail: Any) -> str:
    """Sections of an analogy file, and what happens without the custom of leaving words out."""
    rows = [
        [
            clip(part.title, 40),
            _number(part.add),
            _number(part.mul),
            f"{part.n:,}",
            f"{part.asked:,}",
        ]
        for part in (*(detail.sections if len(detail.sections) > 1 else ()), detail.total)
    ]
    shown = table(SECTIONS, rows, numbers=" ".join(SECTIONS[1:]))
    if not detail.total.n:
        return shown
    return (
        shown + f"\n\nWith the words of the question among the answers: 3CosAdd "
        f"{_number(detail.total.add_free)}, 3CosMul {_number(detail.total.mul_free)}; "
        f"{detail.echoed:.0%} of 3CosAdd's answers are then words of the question."
    )


def _lost(score: WordScore) -> str:
    named = ", ".join(lost.term for lost in score.lost[:NAMED])
    more = f" and {len(score.lost) - NAMED:,} more" if len(score.lost) > NAMED else ""
    return f"{score.title}: without a vector: {named}{more}"


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"  # noqa: RUF001
