"""Word sets of CSV files, as spreadsheets write them.

CSV comes in four forms, told apart by the first line:

    set,term              one term a line; further columns of numbers are scores
    set,negative,positive one pair a line; without `set` the file is one set of pairs
    term,score,...        terms with numbers in all other columns
    Fruit,Vegetables      else each column is a set, and the first line has their names

With `set`, columns `about` and `source` say what a set is, on the first of its lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from backends.directions.wordsets import Collection, WordSet
from backends.errors import UnreadableFile

_Groups = dict[str, list[tuple[int, tuple[str, ...]]]]  # set -> its lines and their cells
SET, TERM, ENDS = "set", "term", ("negative", "positive")
TOLD = ("about", "source")  # columns of what a set is, filled on the first line of each
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Reading:
    """What a file holds, and what a person should know of how it was read."""

    collection: Collection
    notes: tuple[str, ...] = ()


def clean(text: str) -> str:
    """The text with one space for each run of blanks."""
    return " ".join(text.split())


@dataclass(frozen=True)
class _Table:
    """Lines of a CSV file with their numbers; cells are stripped."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    comma: bool  # numbers are written with a decimal comma

    def error(self, line: int, what: str) -> UnreadableFile:
        return UnreadableFile(
            f"Line {line} of {self.name}: {what}.", "Mend the line and try again."
        )

    def number(self, line: int, text: str) -> float:
        """Raises: UnreadableFile."""
        value = _number(text, self.comma)
        if value is None:
            raise self.error(line, f"“{text}” is no number" if text else "a number is missing")
        return value


def from_csv(path: Path, text: str) -> Reading:
    """What a CSV file of this text holds. Raises: UnreadableFile."""
    table = _table(path, text)
    heads = tuple(head.lower() for head in table.heads)
    if SET in heads:
        return Reading(_long(table, heads.index(SET)))
    columns = tuple(zip(*(row for _, row in table.rows), strict=True))
    if len(heads) > 1 and columns and all(_numeric(c, table.comma) for c in columns[1:]):
        return Reading(Collection((_scores(table, path.stem, table.rows),)))
    if len(heads) == 2 and (heads == ENDS or all(all(row) for _, row in table.rows)):
        one = _pairs(table, path.stem, table.rows)
        low, high = table.heads
        if heads == ENDS:
            return Reading(Collection((one,)))
        one = replace(one, about=f"Columns {low} and {high}.")
        note = f"The first line of {path.name}, “{low}” and “{high}”, was read as names of columns."
        return Reading(Collection((one,)), (note,))
    sets = tuple(
        WordSet(
            head or f"Column {at + 1}", "terms", tuple(row[at] for _, row in table.rows if row[at])
        )
        for at, head in enumerate(table.heads)
    )
    if len({one.name for one in sets}) < len(sets):
        raise table.error(1, "two columns have the same name")
    if len(sets) == 1 and heads[0] != TERM:
        note = f"The first line of {path.name}, “{sets[0].name}”, was read as the name of the set."
        return Reading(_own(sets), (note,))
    return Reading(_own(sets))


def _long(table: _Table, at: int) -> Collection:
    """Sets of a table that names the set on every line."""
    groups: _Groups = {}
    for line, row in table.rows:
        if not row[at]:
            raise table.error(line, "the name of the set is missing")
        groups.setdefault(row[at], []).append((line, row[:at] + row[at + 1 :]))
    rest = replace(table, heads=table.heads[:at] + table.heads[at + 1 :])
    rest, groups, about = _without_told(rest, groups, "about")
    rest, groups, source = _without_told(rest, groups, "source")
    if not rest.heads:
        raise table.error(1, f"there is no column beside “{SET}”")
    make = _pairs if tuple(head.lower() for head in rest.heads) == ENDS else _scores
    made = ((name, make(rest, name, rows)) for name, rows in groups.items())
    told = (replace(s, about=about.get(n, ""), source=source.get(n, "")) for n, s in made)
    return _own(tuple(told))


def _without_told(
    table: _Table, groups: _Groups, head: str
) -> tuple[_Table, _Groups, dict[str, str]]:
    """The table without a column of texts on the sets, and these; one of numbers is scores."""
    at = next((at for at, each in enumerate(table.heads) if at and each.lower() == head), 0)
    columns = {n: [row[at] for _, row in rows if row[at]] for n, rows in groups.items() if at}
    texts = [text for column in columns.values() for text in column]
    if not at or (texts and _numeric(texts, table.comma)):
        return table, groups, {}
    told = {name: " ".join(dict.fromkeys(column)) for name, column in columns.items()}
    cut = {n: [(k, row[:at] + row[at + 1 :]) for k, row in rows] for n, rows in groups.items()}
    return replace(table, heads=table.heads[:at] + table.heads[at + 1 :]), cut, told


def _pairs(table: _Table, name: str, rows: Sequence[tuple[int, tuple[str, ...]]]) -> WordSet:
    for line, row in rows:
        if not all(row):
            raise table.error(line, "one word of the pair is missing")
    return WordSet(name, "pairs", pairs=tuple((row[0], row[1]) for _, row in rows), own=True)


def _scores(table: _Table, name: str, rows: Sequence[tuple[int, tuple[str, ...]]]) -> WordSet:
    """Terms, with numbers in further columns if there are any."""
    if len(set(table.heads)) < len(table.heads):
        raise table.error(1, "two columns have the same name")
    for line, row in rows:
        if not row[0]:
            raise table.error(line, "the term is missing")
    terms = tuple(row[0] for _, row in rows)
    scores = {
        head: tuple(table.number(line, row[at]) for line, row in rows)
        for at, head in enumerate(table.heads)
        if at
    }
    return WordSet(name, "scores" if scores else "terms", terms, scores=scores, own=True)


def _own(sets: tuple[WordSet, ...]) -> Collection:
    return Collection(tuple(replace(one, own=True) for one in sets))


def _table(path: Path, text: str) -> _Table:
    head = next((line for line in text.splitlines() if line.strip()), "")
    if not head:
        raise UnreadableFile(f"{path.name} is empty.", "Choose a file with words.")
    mark = max(SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    found: list[tuple[int, tuple[str, ...]]] = []
    start = 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                found.append((start, tuple(map(clean, cells))))
            start = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            f"Line {start} of {path.name} cannot be read: {error}.",
            "Look for a quotation mark that is never closed.",
        ) from error
    heads = found[0][1]
    for line, row in found[1:]:
        if len(row) > len(heads) and any(row[len(heads) :]):
            raise UnreadableFile(
                f"Line {line} of {path.name} has {len(row)} columns, the first line {len(heads)}.",
                "Put texts that hold the separator into quotation marks.",
            )
    width = len(heads)
    even = tuple((line, (*row, *[""] * width)[:width]) for line, row in found[1:])
    return _Table(path.name, heads, even, mark == ";")


def _number(text: str, comma: bool) -> float | None:
    try:
        value = float(text.replace(",", ".") if comma else text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None  # neither nan nor infinity


def _numeric(column: Sequence[str], comma: bool) -> bool:
    """Whether a column is one of numbers: most of it, so that a slip is said and not taken."""
    numbers = sum(_number(text, comma) is not None for text in column)
    return numbers > len(column) / 2
