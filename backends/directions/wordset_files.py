"""A person's own word sets as files: JSON for everything, CSV for lists that a spreadsheet edits.

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
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from backends.directions.shipped import SCHEMA, as_json, from_json
from backends.directions.wordsets import Collection, WordSet
from backends.errors import BackendError, UnreadableFile
from backends.files import naming_failure, replacing

Pairs = tuple[tuple[str, str], ...]
_Groups = dict[str, list[tuple[int, tuple[str, ...]]]]  # set -> its lines and their cells
SET, TERM, ENDS = "set", "term", ("negative", "positive")
TOLD = ("about", "source")  # columns of what a set is, filled on the first line of each
SEPARATORS = (",", ";", "\t")
DASHES = (" - ", " \N{EN DASH} ", " \N{EM DASH} ")
JSON_HINT = "Sets in JSON look as those that Embedscope saves: schema, sets, tests."


@dataclass(frozen=True)
class Reading:
    """What a file holds, and what a person should know of how it was read."""

    collection: Collection
    notes: tuple[str, ...] = ()


def read_sets(path: Path) -> Collection:
    """The sets and tests of a CSV or JSON file, as a person's own. Raises: UnreadableFile."""
    return read_with_notes(path).collection


def read_with_notes(path: Path) -> Reading:
    """The same, with what is odd about them, a sentence each. Raises: UnreadableFile."""
    text = _text_of(path)
    if path.suffix.lower() == ".json":
        found = Reading(_from_json(path, text))
    else:
        found = _from_csv(path, text)
    odd = tuple(note for one in found.collection.sets for note in remarks(one))
    return replace(found, notes=(*found.notes, *odd))


def write_sets(path: Path, collection: Collection) -> None:
    """Write JSON, or CSV if the name ends so; CSV has no tests and no empty sets.

    Raises: BackendError if CSV cannot hold them, UnwritableFile.
    """
    if path.suffix.lower() == ".csv":
        text = csv_text(collection)
    else:
        text = json.dumps(as_json(collection), ensure_ascii=False, indent=1) + "\n"
    with replacing(path) as draft, naming_failure(path):
        draft.write_text(text, encoding="utf-8", newline="")


def csv_text(collection: Collection) -> str:
    """Sets of one kind as CSV with a column `set`; what they are about too, where that is said.

    Raises: BackendError for what CSV would lose.
    """
    kinds = {one.kind for one in collection.sets}
    heads = {tuple(one.scores) for one in collection.sets if one.kind == "scores"}
    if collection.tests or len(kinds) > 1 or len(heads) > 1:
        raise BackendError(
            "A CSV file holds sets of one kind with the same columns, and no tests.",
            hint="Save them as JSON, which holds everything.",
        )
    columns = ENDS if kinds == {"pairs"} else (TERM, *(heads.pop() if heads else ()))
    if problem := _not_in_csv(collection.sets, columns):
        raise BackendError(problem, hint="Save it as JSON, which holds everything.")
    told = tuple(name for name in TOLD if any(getattr(one, name) for one in collection.sets))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((SET, *columns, *told))
    for one in collection.sets:
        first = tuple(getattr(one, name) for name in told)
        for row in rows_of(one):
            writer.writerow((one.name, *row, *first))
            first = ("",) * len(told)
    return out.getvalue()


def _not_in_csv(sets: Sequence[WordSet], columns: Sequence[str]) -> str:
    """What a CSV file would lose of these sets, in a sentence; empty if nothing."""
    for one in sets:
        if not len(one):
            return f"“{one.name}” is empty, and a CSV file cannot hold an empty set."
    heads = {name.strip().lower() for name in columns}
    taken = next((name for name in columns[1:] if name.strip().lower() in (SET, *TOLD)), None)
    if taken is not None:
        return f"A column of numbers is called “{taken}”, which means something else in CSV."
    if len(heads) < len(columns):
        return "Two columns have the same name but for capitals or spaces."
    return ""


def rows_of(one: WordSet) -> tuple[tuple[str, ...], ...]:
    """The set as rows of a table: terms, pairs, or terms with their numbers."""
    if one.kind == "pairs":
        return one.pairs
    numbers = zip(*one.scores.values(), strict=True) if one.scores else ((),) * len(one.terms)
    return tuple((term, *map(repr, row)) for term, row in zip(one.terms, numbers, strict=True))


def remarks(one: WordSet) -> tuple[str, ...]:
    """What is odd about a set, a sentence each: it is kept as it is."""
    found = []
    if len(one) < 2:
        many = "is empty" if not len(one) else f"has one {'pair' if one.pairs else 'term'} only"
        found.append(f"“{one.name}” {many}.")
    entries: Sequence[Any] = one.pairs if one.kind == "pairs" else one.terms
    twice = [each for each, count in Counter(entries).items() if count > 1]
    if twice:
        shown = ", ".join("-".join(e) if isinstance(e, tuple) else e for e in twice[:3])
        more = f" and {len(twice) - 3} others" if len(twice) > 3 else ""
        found.append(f"“{one.name}” has {shown}{more} more than once.")
    equal = [low for low, high in one.pairs if low == high]
    if equal:
        found.append(f"“{one.name}” has a pair of twice the same word: {equal[0]}.")
    return tuple(found)


def parse_text(text: str, kind: Literal["terms", "pairs"] | None = None) -> tuple[str, ...] | Pairs:
    """Terms or pairs of pasted text.

    Terms stand on lines, or between commas or tabs. They are pairs if every line, and there is
    more than one, has two parts with one tab, comma or dash between them; a hyphen inside a word
    counts for a dash only where every entry has exactly one, as in "she-he, woman-man".

    Raises: BackendError if `kind` asks for pairs and a line is none.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    pairs = _pairs_of(lines, sure=kind == "pairs") if kind != "terms" else None
    if pairs:
        return pairs
    if kind == "pairs":
        odd = next((line for line in lines if len(_parts(line)) != 2), lines[0] if lines else "")
        raise BackendError(
            f"“{_clean(odd)}” is no pair.",
            hint="Write two words on each line, with a tab or a comma between them.",
        )
    return tuple(_entries(lines))


def _pairs_of(lines: list[str], *, sure: bool) -> Pairs | None:
    entries = [entry.split("-") for entry in _entries(lines)]
    hyphens = _all_two(entries)
    if hyphens and len(lines) == 1 and len(entries) > 1:  # she-he, woman-man
        return _as_pairs(entries)
    for mark in ("\t", ",", *DASHES):
        split = [line.split(mark) for line in lines]
        if (sure or len(lines) > 1 or mark in ("\t", *DASHES)) and _all_two(split):
            return _as_pairs(split)
    return _as_pairs(entries) if hyphens and (sure or len(entries) > 1) else None


def _as_pairs(split: Sequence[Sequence[str]]) -> Pairs:
    return tuple((_clean(low), _clean(high)) for low, high in split)


def _all_two(split: Sequence[Sequence[str]]) -> bool:
    return bool(split) and all(len(e) == 2 and all(map(_clean, e)) for e in split)


def _parts(line: str) -> list[str]:
    mark = next((mark for mark in ("\t", ",", *DASHES, "-") if mark in line), "\t")
    return line.split(mark)


def _entries(lines: Sequence[str]) -> list[str]:
    found = [_clean(part) for line in lines for part in line.replace("\t", ",").split(",")]
    return [entry for entry in found if entry]


def _clean(text: str) -> str:
    return " ".join(text.split())


def _text_of(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}.") from error
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"Line {line} of {path.name} is not UTF-8 text.", hint="Save the file as UTF-8."
        ) from error


def _from_json(path: Path, text: str) -> Collection:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        what = getattr(error, "msg", "it is nested too deeply")
        raise UnreadableFile(
            f"Line {line} of {path.name} is no JSON: {what}.", JSON_HINT
        ) from error
    try:
        _check(told)
        return from_json(told, own=True)
    except KeyError as error:
        what = f"there is no {error.args[0]!r}"
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = str(error)
    raise UnreadableFile(f"{path.name} holds no word sets: {what}.", JSON_HINT)


def _check(told: Any) -> None:
    """Raises: ValueError for what `from_json` would take wrongly or lose."""
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    for where in ("sets", "tests"):
        names = [str(one["name"]) for one in told.get(where, ())]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two {where} are called “{twice}”")
    for one in told["sets"]:
        for part in ("terms", "pairs"):
            if not isinstance(one.get(part, []), list):
                raise ValueError(f"{part} of “{one['name']}” are no list")
        if not all(isinstance(term, str) for term in one.get("terms", [])):
            raise ValueError(f"terms of “{one['name']}” are not all texts")
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in one.get("pairs", [])):
            raise ValueError(f"a pair of “{one['name']}” does not have two words")


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


def _from_csv(path: Path, text: str) -> Reading:
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
                found.append((start, tuple(map(_clean, cells))))
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
