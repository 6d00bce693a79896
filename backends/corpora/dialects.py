"""How a text table is written: its separator, and whether its first line has names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """How a text table is written; one column has a separator that no text contains."""

    delimiter: str
    fields: int
    header: bool


def guess_dialect(
    text: str, prefer: str = ",", delimiters: Sequence[str] = (",", ";", "\t", "|")
) -> Dialect:
    """Guess separator and header from the first lines of a text table."""
    best, best_merit = Dialect("\x1f", 1, header=True), (0.0, 0, False)
    for delimiter in delimiters:
        rows = list(head_rows(text, delimiter, 100))
        if not rows or len(rows[0]) < 2:
            continue
        same = sum(1 for row in rows if len(row) == len(rows[0])) / len(rows)
        merit = (round(same, 1), len(rows[0]), delimiter == prefer)
        if merit > best_merit:
            best, best_merit = Dialect(delimiter, len(rows[0]), _has_header(rows)), merit
    if best.fields == 1:
        return Dialect("\x1f", 1, _has_header(list(head_rows(text, "\x1f", 100))))
    return best


def named_delimiter(text: str) -> str | None:
    """What a first line `sep=;` names, which spreadsheets write and read."""
    found = re.match(r'\ufeff?"?sep=([^\w\s"]|\t)"?\r?\n', text, re.IGNORECASE)
    return found.group(1) if found else None


def head_rows(text: str, delimiter: str, limit: int) -> Iterator[list[str]]:
    """The first rows of a text table, blank lines left out."""
    csv.field_size_limit(1 << 30)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    count = 0
    while count < limit:
        try:
            row = next(rows)
        except (StopIteration, csv.Error):
            return
        if row:
            count += 1
            yield row


def _has_header(rows: list[list[str]]) -> bool:
    """No header where a number stands first in a column of numbers, or a line is no name."""
    if not rows:
        return True
    first, rest = rows[0], rows[1:]
    if any(len(cell) > 200 for cell in first):
        return False
    for place, cell in enumerate(first):
        below = [row[place] for row in rest if len(row) > place and row[place]]
        if _is_number(cell) and (not below or all(_is_number(value) for value in below)):
            return False
    return True


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
