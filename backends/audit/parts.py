"""What a report is made of: sections of few kinds of parts, each with its data.

HTML and CSV are written from the same parts, so neither can say what the other does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Cell = str | float | int | None
"""Of a table; None where there is nothing to say."""
Told = tuple[str, str, str, Cell]
"""A row of the CSV: part, item, measure, value."""
DIGITS = 4


def shown(cell: Cell) -> str:
    """A cell as a person reads it: numbers with four digits, nothing as a dash."""
    if cell is None or cell == "":
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:.{DIGITS}g}" if cell and abs(cell) < 10 ** -(DIGITS - 1) else f"{cell:,.4f}"
    return cell


@dataclass(frozen=True)
class Sentence:
    """Something said in words; a doubt stands out."""

    text: str
    doubt: bool = False

    def told(self) -> Iterator[Told]:
        """What the CSV says of it."""
        yield ("doubt" if self.doubt else "note", "", "", self.text)


@dataclass(frozen=True)
class Facts:
    """Names and what they are, in order."""

    facts: Mapping[str, Cell]
    title: str = ""  # what they are of, where a section has several

    def told(self) -> Iterator[Told]:
        """What the CSV says of it."""
        for name, value in self.facts.items():
            yield (self.title, "", name, value)


@dataclass(frozen=True)
class Table:
    """Rows under heads; numbers are shown with four digits and kept whole in the CSV."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def told(self) -> Iterator[Told]:
        """What the CSV says of it; the first cell of a row names it."""
        for row in self.rows:
            for name, value in zip(self.head[1:], row[1:], strict=True):
                yield (self.title, shown(row[0]), name, value)


@dataclass(frozen=True)
class Bar:
    """A named value, perhaps with an interval."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Bars:
    """Bars from zero, each with its value; `beside` are values to compare with, one a bar."""

    title: str
    bars: tuple[Bar, ...]
    beside: tuple[float, ...] = ()
    beside_title: str = ""
    ends: tuple[str, str] = ("", "")  # what negative and positive values mean

    def told(self) -> Iterator[Told]:
        """What the CSV says of it."""
        for number, bar in enumerate(self.bars):
            yield (self.title, bar.name, "value", bar.value)
            if bar.low is not None and bar.high is not None:
                yield (self.title, bar.name, "low", bar.low)
                yield (self.title, bar.name, "high", bar.high)
            if number < len(self.beside):
                yield (self.title, bar.name, self.beside_title, self.beside[number])


@dataclass(frozen=True)
class Columns:
    """Counts by place, as a histogram has them, one series a group."""

    title: str
    edges: tuple[float, ...]  # (b + 1,)
    series: Mapping[str, tuple[float, ...]]  # group -> (b,) shares of the group
    ends: tuple[str, str] = ("", "")

    def told(self) -> Iterator[Told]:
        """What the CSV says of it."""
        for group, shares in self.series.items():
            for left, right, share in zip(self.edges, self.edges[1:], shares, strict=False):
                yield (self.title, group, f"{left:.6g} to {right:.6g}", share)


Part = Sentence | Facts | Table | Bars | Columns


@dataclass(frozen=True)
class Section:
    """A chapter of the report."""

    id: str
    title: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Audit:
    """A whole report."""

    title: str
    date: str  # ISO 8601, UTC
    sections: tuple[Section, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
