"""Outcomes of word checks as rows of a table, bars of a chart, lists and CSV: texts, no widgets."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.notices import Problem
from backends.evaluate.analogies import AnalogyScore, SectionScore
from backends.evaluate.similarity import SimilarityScore
from backends.evaluate.words import MUCH_LOST, WordScore, kind_of

if TYPE_CHECKING:
    from app.panels.word_checks import CheckFile, WordChecksModel

DASH = "—"
HEAD = (
    *("Test set", "Measure", "Score", "95%", "n", "Lost", "Gain", "Random"),
    *("Unrestricted", "3CosMul"),
)
TIPS = (
    "The file; analogies open to their sections",
    "Spearman's rank correlation with people, or the share of analogies that 3CosAdd gets right",
    "Rank correlation from -1 to 1, or share of right answers",
    "Bootstrap interval: over pairs, of analogies over the first pairs of their questions",
    "Pairs or questions whose words all have a vector",
    "Share of pairs or questions left out, because a word has no vector",
    "Score above random vectors; in percent of the reference's gain where one is chosen",
    "The same score of random vectors of the same shape",
    "Share that 3CosAdd gets right if words of the question may be answers, which custom forbids",
    "Share of right answers by products of cosines instead of sums",
)
MEASURES = {"similarity": "Spearman", "analogies": "3CosAdd"}
CSV_HEAD = (
    *("embeddings", "file", "kind", "section", "score", "low", "high", "n", "asked"),
    *("lost_share", "random", "gain", "reference", "gain_ratio"),
    *("mul", "add_with_inputs", "mul_with_inputs", "problem", "how"),
)
MOST_LISTED = 1000  # wrong answers and misjudged pairs


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One line of the table: a test set, or a section of it."""

    cells: tuple[str, ...]  # as HEAD
    tip: str
    is_problem: bool = False
    warns: bool = False  # much is lost
    sections: tuple[CheckRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """The gain of one embedding by one file."""

    at: int  # number of the test set
    file: str
    embeddings: str
    value: float  # score above random, or percent of the reference's gain
    low: float
    high: float
    series: int  # number of the embeddings
    words: str  # one sentence


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that can be copied: heads and rows of texts, and what it is in a sentence."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    about: str = ""
    numbers: int = 0  # columns at the end that hold numbers


NOTHING = Listing("Misjudged", (), ())


def table_rows(model: WordChecksModel) -> tuple[CheckRow, ...]:
    """A row for each file, with what it says of the active embeddings."""
    reference = [_reference(model, each) for each in model.files]
    return tuple(
        _row(added, outcome, other)
        for added, outcome, other in zip(model.files, model.outcomes, reference, strict=True)
    )


def bars(model: WordChecksModel) -> tuple[Bar, ...]:
    """Gains of all embeddings, file by file."""
    found = []
    for at, added in enumerate(model.files):
        other = _reference(model, added)
        for series, embeddings in enumerate(model.embeddings):
            score = model.outcome(embeddings, added)
            if isinstance(score, WordScore) and score.gain == score.gain:
                bar = _bar(score, other, embeddings.title, model)
                found.append(replace(bar, at=at, series=series, file=added.path.name))
    return tuple(bar for bar in found if bar.value == bar.value)


def misses(score: object) -> Listing:
    """Worst misjudged pairs of a similarity file, or analogies answered wrongly."""
    if isinstance(score, Problem):
        return Listing("Misjudged", (), (), f"{score.text} {score.hint}".strip())
    if not isinstance(score, WordScore):
        return NOTHING
    if isinstance(score.detail, SimilarityScore):
        rows = tuple(
            (
                *one.pair,
                f"{one.score:g}",
                f"{one.cosine:.3f}",
                f"{one.people:,.0f} → {one.ours:,.0f}",
            )
            for one in score.detail.misjudged(MOST_LISTED)
        )
        head = ("Word", "Word", "Judged", "Cosine", "Ranks")
        about = (
            "The largest difference of ranks first: by people → by cosine; "
            f"1 of {score.n:,} is the least alike."
        )
        return Listing("Misjudged", head, rows, about, 3)
    wrong = score.detail.wrong()
    answers = tuple((*question, found) for question, found in wrong[:MOST_LISTED])
    more = f" The first {MOST_LISTED:,} are listed." if len(wrong) > MOST_LISTED else ""
    total = score.detail.total
    if not score.n:
        return Listing("Wrong answers", (), (), "No question could be asked: see the lost words.")
    about = (
        f"{len(wrong):,} of {score.n:,} wrong: a is to b as c is to d.{more} 3CosMul gets "
        f"{_share(total.mul)} right. If words of the question may be answers, 3CosAdd gets "
        f"{_share(total.add_free)} and gives one of them back in {_share(score.detail.echoed)}."
    )
    return Listing("Wrong answers", ("a", "b", "c", "d", "Found"), answers, about)


def lost_words(score: object) -> Listing:
    """Words without a vector, with the reason."""
    if not isinstance(score, WordScore):
        return NOTHING
    rows = tuple((lost.term, lost.why) for lost in score.lost)
    about = (
        f"{len(rows):,} words have no vector; {score.asked - score.n:,} of {score.asked:,} "
        f"{'pairs' if score.kind == 'similarity' else 'questions'} are left out for them."
    )
    return Listing("Lost words", ("Word", "Why"), rows, about)


def csv_text(model: WordChecksModel) -> str:
    """All outcomes of all embeddings, sections of analogies below their file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_HEAD)
    for embeddings in model.embeddings:
        for added in model.files:
            outcome = model.outcome(embeddings, added)
            if isinstance(outcome, Problem):
                head = [embeddings.title, added.path.name]
                blank = [""] * (len(CSV_HEAD) - len(head) - 2)
                writer.writerow([*head, *blank, f"{outcome.text} {outcome.hint}".strip(), ""])
            elif outcome is not None:
                writer.writerows(_csv_rows(embeddings.title, outcome, _reference(model, added)))
    return out.getvalue()


def listing_text(listing: Listing) -> str:
    """A list as spreadsheets paste it."""
    return "\n".join("\t".join(row) for row in (listing.head, *listing.rows)) + "\n"


def _reference(model: WordChecksModel, added: CheckFile) -> WordScore | None:
    reference = model.reference
    found = model.outcome(reference, added) if reference is not None else None
    return found if isinstance(found, WordScore) else None


def _row(added: CheckFile, outcome: object, reference: WordScore | None) -> CheckRow:
    title = added.path.name
    if isinstance(outcome, Problem):
        words = f"{outcome.text} {outcome.hint}".strip()
        measure = MEASURES[kind_of(added.file)] if added.file is not None else "unreadable"
        cells = (f"{title}: {words}", measure, *[""] * (len(HEAD) - 2))
        return CheckRow(cells, f"{title}\n{words}", is_problem=True)
    assert added.file is not None
    notes = "\n".join((str(added.path), f"Read as {added.file.format}.", *added.file.notes))
    if not isinstance(outcome, WordScore):
        known = (title, MEASURES[kind_of(added.file)], DASH, "", f"{len(added.file):,}")
        return CheckRow((*known, "", "", "", "", ""), f"{notes}\nNot judged yet.")
    return _judged(title, outcome, reference, notes)


def _judged(title: str, score: WordScore, reference: WordScore | None, notes: str) -> CheckRow:
    gain = _number(score.gain)
    if reference is not None:
        ratio = score.gain_ratio(reference)
        gain = f"{ratio:.0f}%" if ratio == ratio else DASH
    cells = (
        title,
        MEASURES[score.kind],
        _number(score.score),
        _interval(score.low, score.high),
        f"{score.n:,}",
        f"{score.lost_share:.1%}",
        gain,
        _number(score.random),
        *_others(score.detail.total if isinstance(score.detail, AnalogyScore) else None),
    )
    parts = score.detail.sections if isinstance(score.detail, AnalogyScore) else ()
    sections = tuple(map(_section, parts)) if len(parts) > 1 else ()
    warns = score.lost_share > MUCH_LOST
    tip = f"{notes}\n{score.n:,} of {score.asked:,} count. {score.how}"
    if warns:
        tip += f"\nMore than {MUCH_LOST:.0%} is lost: the score is about the rest only."
    if reference is not None and reference.n != score.n:
        tip += f"\nThe reference was judged by {reference.n:,}, for it knows other words."
    return CheckRow(cells, tip, warns=warns, sections=sections)


def _section(part: SectionScore) -> CheckRow:
    lost = 1 - part.n / part.asked if part.asked else 0.0
    cells = (
        part.title,
        "",
        _number(part.add),
        "",
        f"{part.n:,}",
        f"{lost:.1%}",
        "",
        "",
        *_others(part),
    )
    tip = f"{part.title}: {part.n:,} of {part.asked:,} questions count."
    return CheckRow(cells, tip, warns=lost > MUCH_LOST)


def _bar(
    score: WordScore, reference: WordScore | None, embeddings: str, model: WordChecksModel
) -> Bar:
    low, value, high = (each - score.random for each in (score.low, score.score, score.high))
    said = f"{_number(value)} above random vectors"
    if model.reference is not None:
        ratio = score.gain_ratio(reference) if reference is not None else float("nan")
        scale = ratio / value if value else float("nan")
        low, value, high = low * scale, ratio, high * scale
        said = f"{value:.0f}% of the gain of {model.reference.title}"
    words = f"{score.title}, {embeddings}: {MEASURES[score.kind]} {_number(score.score)}, {said}"
    return Bar(0, score.title, embeddings, value, low, high, 0, words)


def _csv_rows(title: str, score: WordScore, reference: WordScore | None) -> list[list[object]]:
    ratio = score.gain_ratio(reference) if reference is not None else float("nan")
    total = score.detail.total if isinstance(score.detail, AnalogyScore) else None
    more = [total.mul, total.add_free, total.mul_free] if total is not None else [""] * 3
    other = reference.score if reference is not None else ""
    rows: list[list[object]] = [
        [
            *(title, score.title, score.kind, "", score.score, score.low, score.high, score.n),
            *(score.asked, score.lost_share, score.random, score.gain, other),
            *(ratio if ratio == ratio else "", *more, "", score.how),
        ]
    ]
    for part in score.detail.sections if isinstance(score.detail, AnalogyScore) else ():
        lost = 1 - part.n / part.asked if part.asked else 0.0
        rows.append(
            [
                *(title, score.title, score.kind, part.title, part.add, "", "", part.n),
                *(part.asked, lost, "", "", "", "", part.mul, part.add_free, part.mul_free),
                *("", ""),
            ]
        )
    return [["" if value != value else value for value in row] for row in rows]


def _others(part: SectionScore | None) -> tuple[str, str]:
    """3CosAdd without the custom of leaving out the question's words, and 3CosMul."""
    return ("", "") if part is None else (_number(part.add_free), _number(part.mul))


def _number(value: float) -> str:
    return DASH if value != value else f"{value:.3f}"


def _interval(low: float, high: float) -> str:
    return DASH if low != low else f"{low:.3f}–{high:.3f}"  # noqa: RUF001


def _share(value: float) -> str:
    return DASH if value != value else f"{value:.0%}"
