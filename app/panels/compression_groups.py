"""By which groups it is asked who pays: a column of categories, or the regions of the map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.panels.map import MapModel
from app.panels.topics import TopicsModel
from backends.arrays import frozen
from backends.compression.advice import Categories
from backends.compression.pays import Category, by_category
from backends.compression.results import Cell, Truth
from backends.corpora.columns import exact_numbers, read_categories
from backends.reporting import SILENT, Report
from backends.selection import select
from backends.types import Corpus
from backends.wording import counted

REGIONS = "Regions of the map"
OUTSIDE = "in no cluster"
MANY = 30  # regions; of more the queries are too few for each
WHO = "who pays"  # wants the regions to be found

Reader = Callable[[Corpus, Report], Categories]


@dataclass(frozen=True, slots=True)
class Grouping:
    """What can be chosen: a column, or a level of the map's regions."""

    column: str | None
    level: int = -1
    title: str = field(default="", compare=False)

    @property
    def is_regions(self) -> bool:
        """Whether these are regions of the map."""
        return self.column is None


@dataclass(frozen=True, eq=False, slots=True)
class Payers:
    """Recall by group, the worst first; those that too few were asked of come last."""

    grouping: Grouping
    categories: tuple[Category, ...]
    asked: str  # of whom: "queries", "items"
    groups: Categories  # which items are in which


class CompressionGroups(QObject):
    """Knows the groups there are, and which of them are looked at."""

    columns_changed = Signal()
    regions_changed = Signal()

    def __init__(
        self,
        document: Document,
        history: History,
        colours: MapModel,
        topics: TopicsModel,
        labels: Callable[[], str],
    ) -> None:
        super().__init__(document)
        self._document, self._history = document, history
        self._colours, self._topics, self._labels = colours, topics, labels
        self._chosen: Grouping | None = None  # by a person
        self._kept: Grouping | None = None  # listed once without having been chosen
        self.version = 0  # of the regions and their names
        document.columns_changed.connect(lambda _corpus: self.columns_changed.emit())
        colours.columns_changed.connect(lambda _columns: self.columns_changed.emit())
        topics.changed.connect(self._on_topics_changed)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of categories."""
        return tuple(c.name for c in self._colours.columns if c.kind == "categories")

    @property
    def all(self) -> tuple[Grouping, ...]:
        """Columns of categories, then the levels of the map's regions, coarse to fine."""
        return (*(Grouping(name, title=name) for name in self.columns), *self._levels)

    @property
    def shown(self) -> Grouping | None:
        """The chosen one, that of the labels, the map's colours, a first column, the regions."""
        there, levels = self.all, self._levels
        labels, coloured = self._labels(), self._colours.colour_by or ""
        wanted = (self._chosen, Grouping(labels), self._kept, Grouping(coloured))
        known = next((there[there.index(one)] for one in wanted if one in there), None)
        if known is not None or not there:
            return known
        if there[0] not in levels:
            return there[0]
        fine = [one for one, count in self._counts if count <= MANY]
        return fine[-1] if fine else levels[0]

    def choose(self, grouping: Grouping) -> None:
        """Look at other groups."""
        self._chosen = grouping

    def keep(self, grouping: Grouping) -> None:
        """Stay with these, whatever the map is coloured by, until others are chosen."""
        self._kept = grouping

    def want(self, on: bool) -> None:
        """Have the regions of the map found, be its labels on or off."""
        self._topics.want(WHO, wanted=on)

    def reader(self, grouping: Grouping) -> Reader:
        """What reads the groups, on any thread."""
        topics = self._topics.topics
        if grouping.column is not None or topics is None:
            return partial(_read_column, grouping.column or "")
        numbers = [n for n, one in enumerate(topics.regions.all) if one.level == grouping.level]
        names = {number: self._topics.text(number) for number in numbers}
        return partial(_read_regions, topics.regions.codes, grouping.level, names)

    def select(self, payers: Payers, name: str) -> None:
        """Select the items of a group; it can be undone."""
        groups, grouping = payers.groups, payers.grouping
        corpus = self._document.corpus
        if name not in groups.names or corpus is None or len(groups.codes) != len(corpus):
            return
        mask = groups.codes == groups.names.index(name)
        what = "cluster" if grouping.is_regions else "category"
        of = {} if grouping.is_regions else {"column": grouping.column}
        self._history.select(select(mask, f"{what} “{name}”", kind=what, name=name, **of))

    @property
    def _counts(self) -> tuple[tuple[Grouping, int], ...]:
        """Levels with how many regions they have."""
        topics = self._topics.topics
        if topics is None:
            return ()
        counts = Counter(region.level for region in topics.regions.all)
        titles = {at: f"{REGIONS}: {counted(count, 'cluster')}" for at, count in counts.items()}
        return tuple((Grouping(None, at, titles[at]), counts[at]) for at in sorted(counts))

    @property
    def _levels(self) -> tuple[Grouping, ...]:
        return tuple(grouping for grouping, _count in self._counts)

    def _on_topics_changed(self, _topics: object) -> None:
        self.version += 1
        self.regions_changed.emit()


def find_payers(
    corpus: Corpus,
    grouping: Grouping,
    read: Reader,
    cell: Cell,
    truth: Truth,
    made: str | None,
    report: Report = SILENT,
) -> Payers:
    """Recall by group: of all items where a column `made` holds it, else of the queries.

    Raises: BackendError if a column cannot be read; Cancelled.
    """
    groups = read(corpus, report)
    if made is not None:
        values: NDArray[Any] = exact_numbers(corpus, made)[0].astype(np.float32)
        found, asked = by_category(values, groups.codes, groups.names), "items"
    else:
        assert truth.queries.rows is not None
        own = groups.codes[truth.queries.rows]  # (m,)
        found, asked = by_category(cell.kept, own, groups.names), "queries"
    certain_first = tuple(sorted(found, key=lambda row: row.uncertain))
    return Payers(grouping, certain_first, asked, groups)


def _read_column(name: str, corpus: Corpus, report: Report) -> Categories:
    found = read_categories(corpus, name, report)
    return Categories(name, found.codes.astype(np.int64), found.labels)


def _read_regions(
    codes_of: Callable[[int], NDArray[np.int32]],
    level: int,
    names: dict[int, str],
    _corpus: Corpus,
    report: Report,
) -> Categories:
    """One group a region and one for what lies in none; of regions called alike each is told."""
    report.check()
    numbers = codes_of(level)  # (n,)
    place = np.full(max(names, default=0) + 2, len(names), dtype=np.int64)
    told: list[str] = []
    for at, (number, name) in enumerate(names.items()):
        place[number] = at
        alike = sum(other == name or other.startswith(f"{name} (") for other in told)
        told.append(f"{name} ({alike + 1})" if alike else name)
    return Categories("the map's clusters", frozen(place[numbers]), (*told, OUTSIDE))
