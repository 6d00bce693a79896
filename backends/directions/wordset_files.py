"""A person's own word sets as files: JSON for everything, CSV for lists that a spreadsheet edits.

How CSV is read is told in `wordset_csv`. Text of a clipboard is taken apart here too.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from backends.directions.shipped import as_json, from_json
from backends.directions.wordset_check import MARKED, check_json, unfit
from backends.directions.wordset_csv import (
    ENDS,
    SEPARATORS,
    SET,
    TERM,
    TOLD,
    Reading,
    clean,
    from_csv,
)
from backends.directions.wordsets import Collection, WordSet
from backends.errors import BackendError, UnreadableFile
from backends.files import naming_failure, replacing

Pairs = tuple[tuple[str, str], ...]
DASHES = (" - ", " \N{EN DASH} ", " \N{EM DASH} ")
JSON_HINT = "Sets in JSON look as those that Embedscope saves: schema, sets, tests."


def read_sets(path: Path) -> Collection:
    """The sets and tests of a CSV or JSON file, as a person's own. Raises: UnreadableFile."""
    return read_with_notes(path).collection


def read_with_notes(path: Path) -> Reading:
    """The same, with what is odd about them, a sentence each. Raises: UnreadableFile."""
    text = _text_of(path)
    if "\0" in text:
        raise UnreadableFile(f"{path.name} is not a file of text.", hint="Choose CSV or JSON.")
    if path.suffix.lower() == ".json":
        found = Reading(_from_json(path, text))
    elif path.suffix.lower() == ".txt" and not any(mark in text for mark in SEPARATORS):
        terms = tuple(filter(None, map(_bare, text.splitlines())))  # the first is no heading
        if not terms:
            raise UnreadableFile(f"{path.name} is empty.", "Choose a file with words.")
        found = Reading(Collection((WordSet(path.stem, "terms", terms, own=True),)))
    else:
        found = from_csv(path, text)
    for one in found.collection.sets:
        if what := unfit(one):
            raise UnreadableFile(f"{path.name} cannot be taken: {what}.", "Mend it and try again.")
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
    if other := _in_other_case(one):
        found.append(f"“{one.name}” has {other}, which differ in capitals only.")
    equal = [low for low, high in one.pairs if low == high]
    if equal:
        found.append(f"“{one.name}” has a pair of twice the same word: {equal[0]}.")
    return tuple(found)


def _in_other_case(one: WordSet) -> str:
    """Two terms that are the same but for capitals, as "Apple and apple"; empty if none are."""
    first: dict[str, str] = {}
    for term in one.terms:
        there = first.setdefault(term.casefold(), term)
        if there != term:
            return f"{there} and {term}"
    return ""


def parse_text(text: str, kind: Literal["terms", "pairs"] | None = None) -> tuple[str, ...] | Pairs:
    """Terms or pairs of pasted text.

    Terms stand on lines, or between commas, semicolons or tabs; quotation marks around one are
    left away. They are pairs if every line, and there is
    more than one, has two parts with one tab, comma or dash between them; a hyphen inside a word
    counts for a dash only where every entry has exactly one, as in "she-he, woman-man".

    Raises: BackendError if `kind` asks for pairs and a line is none.
    """
    if "\0" in text:
        raise BackendError("What was pasted is not text.", hint="Copy words and paste them again.")
    if text.strip()[:1] + text.strip()[-1:] == "[]":  # a list of a program
        text = text.strip()[1:-1]
    lines = [line for line in text.splitlines() if line.strip()]
    pairs = _pairs_of(lines, sure=kind == "pairs") if kind != "terms" else None
    if pairs:
        return pairs
    if kind == "pairs":
        odd = next((line for line in lines if len(_parts(line)) != 2), lines[0] if lines else "")
        raise BackendError(
            f"“{clean(odd)}” is no pair.",
            hint="Write two words on each line, with a tab or a comma between them.",
        )
    return tuple(_entries(lines))


def _pairs_of(lines: list[str], *, sure: bool) -> Pairs | None:
    first = lines[0] if lines else ""  # a mark that it lacks cannot part every line
    entries = [entry.split("-") for entry in _entries(lines)] if "-" in first else []
    hyphens = _all_two(entries)
    if hyphens and len(lines) == 1 and len(entries) > 1:  # she-he, woman-man
        return _as_pairs(entries)
    for mark in ("\t", ",", ";", *DASHES):
        if mark not in first:
            continue
        split = [line.split(mark) for line in lines]
        if (sure or len(lines) > 1 or mark in ("\t", *DASHES)) and _all_two(split):
            return _as_pairs(split)
    return _as_pairs(entries) if hyphens and (sure or len(entries) > 1) else None


def _as_pairs(split: Sequence[Sequence[str]]) -> Pairs:
    return tuple((_bare(low), _bare(high)) for low, high in split)


def _all_two(split: Sequence[Sequence[str]]) -> bool:
    return bool(split) and all(len(e) == 2 and all(map(_bare, e)) for e in split)


def _parts(line: str) -> list[str]:
    mark = next((mark for mark in ("\t", ",", ";", *DASHES, "-") if mark in line), "\t")
    return line.split(mark)


def _entries(lines: Sequence[str]) -> list[str]:
    marks = str.maketrans("\t;", ",,")
    found = [_bare(part) for line in lines for part in line.translate(marks).split(",")]
    return [entry for entry in found if entry]


def _bare(text: str) -> str:
    """An entry without blanks and quotation marks around it."""
    text = clean(text)
    quoted = len(text) > 1 and (text[0], text[-1]) in MARKED
    return clean(text[1:-1]) if quoted else text


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
        check_json(told)
        return from_json(told, own=True)
    except KeyError as error:
        what = f"there is no {error.args[0]!r}"
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = str(error)
    raise UnreadableFile(f"{path.name} holds no word sets: {what}.", JSON_HINT)
