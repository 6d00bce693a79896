"""Triples out of a file or a pasted text: CSV, TSV, JSON lines, arrows, or words with blanks.

With or without a head line; two columns are pairs of one relation; a line ": name" names the
relation of the pairs below it, as in files of analogies, which are read, too: their lines of four
words are two pairs.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backends.directions.relations import DEFAULT_NAME, Triples
from backends.directions.terms import Lost
from backends.errors import UnreadableFile
from backends.reporting import SILENT, Report

HEADS = ("head", "h", "subject", "source", "from", "child")
NAMES = ("relation", "rel", "r", "predicate", "p", "type", "relationship")
TAILS = ("tail", "t", "object", "target", "to", "parent")
QUESTIONS = "Lines of four words are analogies: each gives two pairs."
ARROWS = ("→", "->", "=>")
LOOKED_AT = 50  # lines that tell how a text is written
LARGEST = 1 << 30  # bytes of a file of triples
LETTERS = 60  # of a line that is quoted
MOST_LINES = 50  # that a cell between quotes may go on for
FORMAT = "Write head, relation, tail or head, tail in each line, divided by commas, tabs or arrows."
LINE = "line"  # what begins the reason of a line that is no triple
Line = tuple[int, list[str]]  # number from 1, cells

__all__ = ["FORMAT", "LINE", "clipped", "parse_triples", "read_triples"]


def read_triples(path: Path, name: str = "", report: Report = SILENT) -> Triples:
    """Triples of a UTF-8 file; pairs without a relation get `name` or the name of the file.

    Raises: UnreadableFile, Cancelled.
    """
    report.step(0, 1, f"Reading {path.name}")
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableFile(f"{path.name} is too large for a list of triples.", hint=FORMAT)
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{path.name} is no text in UTF-8.", hint="Save it as UTF-8; " + FORMAT
        ) from error
    except OSError as error:
        raise UnreadableFile(
            f"{path} cannot be read: {error.strerror or error}.", hint="Choose another file."
        ) from error
    return parse_triples(text, name or path.stem, report)


def parse_triples(text: str, name: str = "", report: Report = SILENT) -> Triples:
    """Triples of a text. Raises: UnreadableFile if it is empty, Cancelled."""
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise UnreadableFile("There are no triples: nothing is written there.", hint=FORMAT)
    reader = _Reader(" ".join(name.split()) or DEFAULT_NAME)
    for number, (at, cells) in enumerate(_rows(lines, text, reader)):
        if number % 10_000 == 0:
            report.step(at, len(lines), "Reading triples")
        reader.take(at, cells)
    return reader.triples()


class _Reader:
    """Takes line after line; knows the head line and the relation of the pairs below."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._order: tuple[int, int | None, int] | None = None
        self._is_first = True
        self._has_title = False
        self._asked: set[tuple[str, str, str]] = set()
        self._found: list[tuple[str, str, str]] = []
        self._lost: list[Lost] = []
        self._notes: list[str] = []

    def take(self, at: int, cells: list[str]) -> None:
        """Take the cells of a line."""
        cells = [" ".join(cell.split()) for cell in cells]
        if not any(cells):
            return
        title = " ".join(cells)[1:].strip() if cells[0].startswith(":") else ""
        if title:
            self._name, self._has_title = title, True
            return
        if self._is_first:
            self._is_first = False
            self._order = _order(cells)
            if self._order is not None:
                self._notes.append("The first line names the columns.")
                return
        self._take_triple(at, cells)

    def refuse(self, at: int, line: str, why: str) -> None:
        """Take down a line that cannot be used."""
        self._lost.append(Lost(clipped(line), f"{LINE} {at:,}: {why}"))

    def triples(self) -> Triples:
        """What was taken."""
        heads, names, tails = zip(*self._found, strict=True) if self._found else ((), (), ())
        return Triples(heads, names, tails, tuple(self._lost), tuple(self._notes))

    def _take_triple(self, at: int, cells: list[str]) -> None:
        order = self._order or {2: (0, None, 1), 3: (0, 1, 2)}.get(len(cells))
        shown = " | ".join(cells)
        if order is None and len(cells) == 4 and self._has_title:
            self._take_question(cells)
            return
        if order is None:
            self.refuse(at, shown, f"{len(cells)} field{'s' * (len(cells) != 1)} instead of 2 or 3")
            return
        head, relation, tail = (
            cells[place] if place is not None and place < len(cells) else "" for place in order
        )
        if not head or not tail:
            self.refuse(at, shown, "head or tail is empty")
            return
        self._found.append((head, relation or self._name, tail))

    def _take_question(self, cells: list[str]) -> None:
        """Take both pairs of an analogy, each once: a file of them says every pair many times."""
        if QUESTIONS not in self._notes:
            self._notes.append(QUESTIONS)
        for head, tail in (cells[:2], cells[2:]):
            triple = head, self._name, tail
            if triple not in self._asked:
                self._asked.add(triple)
                self._found.append(triple)


def _order(cells: list[str]) -> tuple[int, int | None, int] | None:
    """Where head, relation and tail stand if these cells are a head line."""
    words = [cell.casefold() for cell in cells]
    places = [
        next((place for place, word in enumerate(words) if word in known), None)
        for known in (HEADS, NAMES, TAILS)
    ]
    head, relation, tail = places
    if head is None or tail is None:
        return None
    return head, relation, tail


def _rows(lines: list[str], text: str, reader: _Reader) -> Iterator[Line]:
    first = next(line.strip() for line in lines if line.strip())
    if first.startswith(("{", "[")):
        return _json_rows(lines, text, reader)
    looked_at = [line for line in lines if line.strip() and not line.startswith(":")][:LOOKED_AT]
    if any("\t" in line for line in looked_at):
        return _parted(lines, "\t")
    arrow = next((sign for sign in ARROWS if all(sign in line for line in looked_at)), None)
    if arrow is not None:
        return _arrow_rows(lines, arrow)
    for sign in (",", ";"):
        if all(sign in line for line in looked_at):
            return _parted(lines, sign)
    if any("," in line for line in looked_at):
        return _parted(lines, ",")
    return ((at, line.split()) for at, line in enumerate(lines, 1))


def _parted(lines: list[str], sign: str) -> Iterator[Line]:
    at = 0
    while at < len(lines):
        used = 1
        if sign == "\t" or '"' not in lines[at]:  # between tabs a quote is a letter
            cells = lines[at].split(sign)
        else:
            cells, used = _quoted(lines, at, sign)
        yield at + 1, cells
        at += used


def _quoted(lines: list[str], at: int, sign: str) -> tuple[list[str], int]:
    """Cells of a line with quotes, and how many lines they take.

    A cell may hold line breaks, but a stray quote must not swallow what follows: it is a letter.
    """
    for most in (MOST_LINES, 1):
        text = [f"{line}\n" for line in lines[at : at + most]]
        reader = csv.reader(text, delimiter=sign, skipinitialspace=True, strict=True)
        try:
            cells = next(reader)
        except csv.Error:  # it does not end, or is larger than the reader takes
            continue
        if reader.line_num == 1 or len(cells) in (2, 3):
            return cells, reader.line_num
    return lines[at].split(sign), 1


def _arrow_rows(lines: list[str], arrow: str) -> Iterator[Line]:
    """Head → tail, or head → relation → tail."""
    for at, line in enumerate(lines, 1):
        yield at, line.split(arrow)


def _json_rows(lines: list[str], text: str, reader: _Reader) -> Iterator[Line]:
    """An object or a list a line, or one list of them."""
    whole: Any = None
    if text.lstrip().startswith("["):
        try:
            whole = json.loads(text)
        except ValueError:
            whole = None  # a list in each line
    is_list = isinstance(whole, list) and all(isinstance(item, list | dict) for item in whole)
    told = iter(enumerate(whole, 1)) if is_list else _json_lines(lines, reader)
    for at, item in told:
        cells = _json_cells(item)
        if cells is None:
            reader.refuse(at, json.dumps(item, ensure_ascii=False), "no head and tail in it")
        else:
            reader._is_first = False  # objects name their parts: there is no head line
            yield at, cells


def _json_lines(lines: list[str], reader: _Reader) -> Iterator[tuple[int, Any]]:
    for at, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield at, json.loads(line)
            except ValueError:
                reader.refuse(at, line, "no JSON")


def _json_cells(item: Any) -> list[str] | None:
    if isinstance(item, list):
        plain = all(isinstance(part, str | int) for part in item)
        return [str(part) for part in item] if plain and len(item) in (2, 3) else None
    if not isinstance(item, dict):
        return None
    by_name = {str(key).casefold(): value for key, value in item.items()}
    parts = [
        next((by_name[name] for name in known if name in by_name), None)
        for known in (HEADS, NAMES, TAILS)
    ]
    if not isinstance(parts[0], str | int) or not isinstance(parts[2], str | int):
        return None
    return [str(part) for part in parts if part is not None]


def clipped(line: str) -> str:
    """A line in one piece of at most `LETTERS`."""
    clean = " ".join(line.split())
    return clean if len(clean) <= LETTERS else clean[: LETTERS - 1] + "…"
