"""Word checks as a chapter of an audit's report."""

from __future__ import annotations

from collections.abc import Sequence

from backends.audit.parts import Bar, Bars, Cell, Part, Section, Sentence, Table
from backends.evaluate.analogies import AnalogyScore
from backends.evaluate.verdict import is_chance, verdict
from backends.evaluate.words import MUCH_LOST, WordScore

HEAD = (
    *("test set", "measure", "score", "low", "high", "n", "of", "lost", "random", "gain"),
    *("unrestricted", "3CosMul"),
)


def word_section(scores: Sequence[WordScore]) -> Section:
    """Sentences, a table, bars of gain, and the sections of analogies."""
    doubts = any(score.lost_share > MUCH_LOST or is_chance(score) for score in scores)
    said = [Sentence(words) for words in verdict(scores)]
    if doubts and said:
        said[-1] = Sentence(said[-1].text, doubt=True)
    how = dict.fromkeys(score.how for score in scores)
    table = Table("Word checks", HEAD, tuple(_row(score) for score in scores))
    gains = [score for score in scores if score.gain == score.gain]
    bars = Bars(
        "Gain over random vectors",
        tuple(map(_bar, gains)),
        ends=("worse", "better"),
        axis="score above random",
    )
    parts: list[Part] = [
        *said,
        *map(Sentence, how),
        *([table] if scores else []),
        *([bars] if gains else []),
        *(_sections(score) for score in scores if isinstance(score.detail, AnalogyScore)),
    ]
    return Section("word-checks", "Word checks", tuple(parts))


def _row(score: WordScore) -> tuple[Cell, ...]:
    total = score.detail.total if isinstance(score.detail, AnalogyScore) else None
    numbers: tuple[float | None, ...] = (
        *(score.score, score.low, score.high, score.n, score.asked, score.lost_share),
        *(score.random, score.gain),
        *((total.add_free, total.mul) if total is not None else (None, None)),
    )
    kind = "Spearman" if score.kind == "similarity" else "3CosAdd"
    return (score.title, kind, *map(_known, numbers))


def _bar(score: WordScore) -> Bar:
    low, high = _known(score.low - score.random), _known(score.high - score.random)
    return Bar(score.title, score.gain, low, high)


def _sections(score: WordScore) -> Table:
    assert isinstance(score.detail, AnalogyScore)
    head = ("section", "3CosAdd", "3CosMul", "unrestricted", "n", "of")
    rows = tuple(
        (part.title, *map(_known, (part.add, part.mul, part.add_free)), part.n, part.asked)
        for part in score.detail.sections
    )
    return Table(f"Analogies of {score.title}", head, rows)


def _known(value: float | None) -> float | None:
    return value if value is not None and value == value else None
