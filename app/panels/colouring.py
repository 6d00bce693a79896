"""What colours the map: classes of a column, or a scale of its numbers, and reading either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.panels.by_class import ByClass, ClassLook
from app.panels.by_number import ByNumber, ScaleLook
from app.panels.class_order import orders_of
from app.panels.kept_look import fits, restored
from backends.corpora.columns import (
    Kind,
    category_count,
    column_kind,
    read_categories,
    read_numbers,
)
from backends.corpora.spread import ranks_of, spread_of
from backends.reporting import Report
from backends.types import Corpus

__all__ = ["ByClass", "ByNumber", "ClassLook", "Colouring", "MapColumn", "ScaleLook"]

FEW_CLASSES = 60  # a column of at most so many colours the map without being asked


@dataclass(frozen=True, slots=True)
class MapColumn:
    """A column that can colour the map."""

    name: str
    kind: Kind  # never "text"
    computed: bool = False  # here, and not read from the file
    count: int = 0  # of values, if they are classes and that is known


Colouring = ByClass | ByNumber | None


def find_columns(corpus: Corpus, report: Report) -> tuple[tuple[MapColumn, ...], str | None]:
    """Columns of the source that can colour the map, and the one to begin with."""
    found, first = [], None
    for done, name in enumerate(corpus.source_columns):
        report.step(done, len(corpus.source_columns), name)
        kind, count = column_kind(corpus, name), category_count(corpus, name)
        if kind == "text":
            continue
        found.append(MapColumn(name, kind, count=count))
        if first is None and kind == "categories" and count <= FEW_CLASSES + 1:
            labels = len(read_categories(corpus, name, report).labels)
            first = name if 2 <= labels <= FEW_CLASSES else None
    return tuple(found), first


def read_colouring(
    corpus: Corpus,
    name: str,
    kind: Kind,
    report: Report,
    looks: tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]] = ({}, ()),
) -> ByClass | ByNumber:
    """Read a column as classes or as numbers, in the look that was kept of it.

    `looks` are the project's own, and colours and names of other corpora, of which the first that
    fits these classes lies under it.

    What the legend will ask for is worked out here, so that nobody waits for it later.

    Raises: BackendError, Cancelled.
    """
    state, others = looks
    if kind == "categories":
        classes = ByClass(name, read_categories(corpus, name, report))
        report.check()
        orders_of(classes.categories)
        labels = classes.categories.labels
        like = next((look for look in others if fits(labels, look)), {})
        return restored(classes, {**like, **state})
    numbers = read_numbers(corpus, name, report)
    report.check()
    spread_of(numbers)
    scale = restored(ByNumber(name, numbers, numbers.low, numbers.high), state)
    if scale.look.is_even:
        ranks_of(numbers)
    return scale
