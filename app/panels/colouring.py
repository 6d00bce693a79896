"""What colours the map: classes of a column, or a scale of its numbers, and reading either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backends.corpora.columns import (
    Categories,
    Kind,
    Numbers,
    column_kind,
    read_categories,
    read_numbers,
)
from backends.reporting import Report
from backends.types import Corpus

FEW_CLASSES = 60  # a column of at most so many colours the map without being asked


@dataclass(frozen=True, slots=True)
class MapColumn:
    """A column that can colour the map."""

    name: str
    kind: Kind  # never "text"
    computed: bool = False  # here, and not read from the file


@dataclass(frozen=True, eq=False)
class ByClass:
    """Colour by classes; a code is an index into the labels, one past them is "no value"."""

    column: str
    categories: Categories
    hidden: frozenset[int] = frozenset()

    @property
    def none(self) -> int:
        """Code of items without a value."""
        return len(self.categories.labels)

    @property
    def missing(self) -> int:
        """How many items have no value."""
        return len(self.categories.codes) - int(self.categories.counts.sum())

    def label(self, code: int) -> str:
        """Name of a class."""
        return "no value" if code == self.none else self.categories.labels[code]

    @property
    def codes(self) -> tuple[int, ...]:
        """All classes, largest first, and "no value" last if an item has none."""
        return tuple(range(self.none + (1 if self.missing else 0)))


@dataclass(frozen=True, eq=False)
class ByNumber:
    """Colour by a scale from `low` to `high`; values beyond are shown as the ends."""

    column: str
    numbers: Numbers
    low: float
    high: float


Colouring = ByClass | ByNumber | None


def find_columns(corpus: Corpus, report: Report) -> tuple[tuple[MapColumn, ...], str | None]:
    """Columns of the source that can colour the map, and the one to begin with."""
    found, first = [], None
    for done, name in enumerate(corpus.source_columns):
        report.step(done, len(corpus.source_columns), name)
        kind = column_kind(corpus, name)
        if kind == "text":
            continue
        found.append(MapColumn(name, kind))
        if first is None and kind == "categories":
            labels = len(read_categories(corpus, name, report).labels)
            first = name if 2 <= labels <= FEW_CLASSES else None
    return tuple(found), first


def read_colouring(corpus: Corpus, name: str, kind: Kind, report: Report) -> Colouring:
    """Read a column as classes or as numbers. Raises: BackendError, Cancelled."""
    if kind == "categories":
        return ByClass(name, read_categories(corpus, name, report))
    numbers = read_numbers(corpus, name, report)
    return ByNumber(name, numbers, numbers.low, numbers.high)


def restored(colouring: ByClass | ByNumber, state: Mapping[str, Any]) -> Colouring:
    """Apply what a project remembers of hidden classes and of the range."""
    if isinstance(colouring, ByClass):
        known = state.get("hidden")
        names = {str(name) for name in known} if isinstance(known, list) else set()
        codes = frozenset(code for code in colouring.codes if colouring.label(code) in names)
        return replace(colouring, hidden=codes)
    limits = state.get("range")
    if isinstance(limits, list) and [type(limit) in (int, float) for limit in limits] == [True] * 2:
        low, high = limits
        return replace(colouring, low=float(low), high=float(high)) if low <= high else colouring
    return colouring
