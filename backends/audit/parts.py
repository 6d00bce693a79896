"""What a report is made of: sections of few kinds of parts, each with its data.

HTML and CSV are written from the same parts, so neither can say what the other does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Worded:
    """A number that a person reads in other words: "p < 1e-5, sampled"."""

    number: float
    words: str


Cell = str | float | int | Worded | None
"""Of a table; None where there is nothing to say."""
Told = tuple[str, str, str, Cell]
"""A row of the CSV: part, item, measure, value; of a `Worded` its number."""
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
    if isinstance(cell, Worded):
        return cell.words
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
    doubts: tuple[tuple[str, ...], ...] = ()  # of each row, said beneath it

    def told(self) -> Iterator[Told]:
        """What the CSV says of it; the first cell of a row names it."""
        for number, row in enumerate(self.rows):
            for name, value in zip(self.head[1:], row[1:], strict=True):
                yield (self.title, shown(row[0]), name, value)
            for said in self.doubts[number] if self.doubts else ():
                yield (self.title, shown(row[0]), "doubt", said)


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
    axis: str = "value"  # what is measured

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
