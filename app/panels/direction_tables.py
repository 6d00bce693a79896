"""What is known of a direction as sentences, and answers as tables to copy and save."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.panels.direction_axes import Plane
from app.panels.direction_looked import Ends
from backends.corpora.computed import HOW
from backends.directions.analogies import Analogies
from backends.directions.base import Direction, Evidence
from backends.directions.groups import Histogram
from backends.directions.indirect import AlongPair
from backends.directions.looking import DirectBias
from backends.directions.references import Agreement
from backends.directions.terms import Lost
from backends.wording import counted, either

Table = Sequence[Sequence[str]]  # its first row is the heading
HARDLY = 1.5  # times the share of random pairs: less says little
FEW = 4  # pairs or examples of a side
NAMED = 8  # lost terms that a sentence names; a table holds all
NISSIM = (
    "By construction an answer differs from the word it is asked for, so “doctor is to doctor” can "
    "never appear (Nissim et al. 2020). ✓ marks pairs that hold when a word may answer itself."
)


def facts_of(direction: Direction) -> tuple[str, ...]:
    """What the evidence says, one sentence each, the most telling first."""
    evidence = direction.evidence
    told = [*_scree(evidence), *_pairs(evidence), *_probe(evidence)]
    low, high = evidence.n
    if low or high:
        told.append(f"Found from {low:,} and {high:,} examples.")
    if 0 < min(evidence.n) < FEW:
        told.append(f"Fewer than {FEW} examples on a side: it may say more of them than of others.")
    return tuple(told)


def how_found(direction: Direction) -> str:
    """The sentence of its recipe."""
    return f"{direction.made_by.params.get(HOW, direction.title)}."


def lost_words(lost: Sequence[Lost], named: int = NAMED) -> str:
    """Which terms were left out and why, in a sentence; empty if none was."""
    if not lost:
        return ""
    shown = ", ".join(f"{one.term} ({one.why})" for one in lost[:named])
    more = f" and {len(lost) - named:,} more" if len(lost) > named else ""
    return f"{counted(len(lost), 'term')} left out: {shown}{more}."


def bias_words(bias: DirectBias) -> str:
    """Direct bias in a sentence."""
    told = f"Direct bias {bias.value:.4f} (c = {bias.strictness:g}) over {counted(bias.n, 'item')}."
    if bias.names:
        told = told.replace("item", "word")
    return " ".join(filter(None, (told, lost_words(bias.lost))))


def agreement_words(found: Agreement) -> str:
    """How far projections and numbers go together, in a sentence."""
    told = f"Pearson r = {found.pearson:.3f}"
    if found.low == found.low:  # not NaN
        told += f" (95%: {found.low:.2f} to {found.high:.2f})"
    told += f", Spearman ρ = {found.spearman:.3f}, n = {found.n:,}."  # noqa: RUF001
    return " ".join(filter(None, (told, lost_words(found.lost))))


def plane_words(plane: Plane) -> str:
    """What two directions have to do with one another."""
    shown = len(plane.rows)
    told = (
        f"Cosine of the two directions {plane.between:.3f}; over {plane.count:,} items their "
        f"projections correlate by {plane.correlation:.3f}."
    )
    if shown < plane.count:
        told += f" Shown are {shown:,} of them: the extremes, and others drawn by chance."
    return told


def _scree(evidence: Evidence) -> Iterable[str]:
    if not evidence.explained:
        return
    first = evidence.explained[0]
    told = f"The first component holds {first:.1%} of what the pairs differ in"
    if evidence.baseline:
        random = evidence.baseline[0]
        told += f"; of as many random pairs {random:.1%}"
        if len(evidence.pairs) > 1 and first < HARDLY * random:
            told += ". That is hardly more: this may be no direction at all"
    yield f"{told}."


def _pairs(evidence: Evidence) -> Iterable[str]:
    if evidence.consistency is None:
        return
    pairs = counted(len(evidence.pairs), "pair")
    yield f"{pairs}: mean cosine with the direction {evidence.consistency:.3f}."
    others = evidence.disagreeing
    if others:
        named = ", ".join(f"{p.negative} → {p.positive} ({p.cosine:.2f})" for p in others[:NAMED])
        points = either(len(others), "points", "point")
        yield f"{counted(len(others), 'pair')} {points} the other way: {named}."


def _probe(evidence: Evidence) -> Iterable[str]:
    if evidence.accuracy is None:
        return
    told = f"A probe tells {evidence.accuracy:.1%} of {evidence.held_out:,} held-out examples apart"
    if evidence.chance is not None:
        told += f"; guessing the larger side would be right for {evidence.chance:.1%}"
        if evidence.accuracy <= evidence.chance + 0.05:
            told += ". That is hardly more: the sides may not differ along any line"
    yield f"{told}."


def evidence_table(direction: Direction) -> Table:
    """Pairs with their cosines, components with their shares, and what was lost."""
    evidence = direction.evidence
    rows: list[Sequence[str]] = [("what", "name", "value", "random pairs")]
    rows += [
        ("pair", f"{pair.negative} → {pair.positive}", _exact(pair.cosine), "")
        for pair in evidence.pairs
    ]
    for number, share in enumerate(evidence.explained):
        beside = evidence.baseline[number] if number < len(evidence.baseline) else None
        told = _exact(beside) if beside is not None else ""
        rows.append(("share of component", str(number + 1), _exact(share), told))
    if evidence.accuracy is not None:
        rows.append(
            ("accuracy of the probe", f"n = {evidence.held_out}", _exact(evidence.accuracy), "")
        )
        rows.append(("chance", "", _exact(evidence.chance), ""))
    rows += [("lost", one.term, one.why, "") for one in evidence.lost]
    return rows


def ends_table(ends: Ends) -> Table:
    """Both ends, the most extreme first."""
    rows: list[Sequence[str]] = [("end", "place", "row", "name", "projection")]
    sides = (
        ("negative", ends.found.negative, ends.negative, ends.values[0]),
        ("positive", ends.found.positive, ends.positive, ends.values[1]),
    )
    for end, at, names, values in sides:
        for place, (row, name, value) in enumerate(zip(at, names, values, strict=True), start=1):
            rows.append((end, str(place), str(int(row)), name, _exact(value)))
    return rows


def spread_table(shown: Histogram) -> Table:
    """A line a bin, a column a group."""
    rows: list[Sequence[str]] = [("from", "to", *shown.titles)]
    for number, (low, high) in enumerate(zip(shown.edges, shown.edges[1:], strict=False)):
        counts = (str(int(count)) for count in shown.counts[:, number])
        rows.append((_exact(low), _exact(high), *counts))
    return rows


def plane_table(plane: Plane, names: Callable[[Sequence[int]], Sequence[str]]) -> Table:
    """The points that are shown."""
    first, second = (one.title for one in plane.directions)
    rows: list[Sequence[str]] = [("row", "name", first, second)]
    told = names([int(row) for row in plane.rows])
    for row, name, x, y in zip(plane.rows, told, plane.x, plane.y, strict=True):
        rows.append((str(int(row)), name, _exact(x), _exact(y)))
    return rows


def along_table(found: AlongPair) -> Table:
    """Words at both ends with beta."""
    rows: list[Sequence[str]] = [("near", "word", "position", "similarity", "beta")]
    for end, words in zip(found.ends, (found.negative, found.positive), strict=True):
        rows += [
            (end, one.term, _exact(one.position), _exact(one.similarity), _exact(one.beta))
            for one in words
        ]
    return rows


def analogies_table(found: Analogies) -> Table:
    """Pairs, the best first."""
    rows: list[Sequence[str]] = [
        ("negative", "positive", "score", "distance", "match", "freely positive", "freely negative")
    ]
    for one in found.pairs:
        match = "yes" if one.match else "no"
        numbers = (_exact(one.score), _exact(one.distance))
        rows.append(
            (one.negative, one.positive, *numbers, match, one.found_positive, one.found_negative)
        )
    return rows


def shares_table(found: Agreement) -> Table:
    """Words with their numbers and projections."""
    rows: list[Sequence[str]] = [("word", "number", "projection")]
    for term, value, projection in zip(found.terms, found.values, found.projections, strict=True):
        rows.append((term, _exact(value), _exact(projection)))
    rows += [(one.term, "", one.why) for one in found.lost]
    return rows


def csv_text(table: Table) -> str:
    """Comma-separated, for a file."""
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows(table)
    return sink.getvalue()


def tab_text(table: Table) -> str:
    """Tab-separated, for the clipboard: a spreadsheet takes it apart."""
    clean = (tuple(" ".join(cell.split()) for cell in row) for row in table)
    return "\n".join("\t".join(row) for row in clean) + "\n"


def _exact(value: Any) -> str:
    return "" if value is None or value != value else f"{float(value):.6g}"
