"""What is known of a direction as sentences, and answers as tables to copy and save."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from app.panels.direction_axes import Plane
from app.panels.direction_looked import Ends
from backends.directions.analogies import Analogies
from backends.directions.base import Direction
from backends.directions.evidence_words import lost_words
from backends.directions.groups import Histogram
from backends.directions.indirect import AlongPair
from backends.directions.looking import DirectBias
from backends.directions.references import Agreement
from backends.wording import counted

Table = Sequence[Sequence[str]]  # its first row is the heading
NISSIM = (
    "By construction an answer differs from the word it is asked for, so “doctor is to doctor” can "
    "never appear (Nissim et al. 2020). ✓ marks pairs that hold when a word may answer itself."
)


def bias_words(bias: DirectBias) -> str:
    """Direct bias in a sentence."""
    told = f"Direct bias {bias.value:.4f} (c = {bias.strictness:g}) over {counted(bias.n, 'item')}."
    if bias.names:
        told = told.replace("item", "word")
    if bias.subspace is not None:
        told = (
            f"{told[:-1]}, on the first axis; {bias.subspace:.4f} within all {bias.axes} axes, "
            "where more axes never give less."
        )
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
