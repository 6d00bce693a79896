"""What is found out about a direction, and how: values that views show, and calls for jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backends.arrays import Matrix, Rows
from backends.directions.base import Direction, Space
from backends.directions.groups import (
    Histogram,
    Sample,
    by_column,
    by_selection,
    by_terms,
    everything,
    histogram,
)
from backends.directions.looking import (
    Extremes,
    extremes,
    frequency_cut,
    names_of,
    projections,
    term_projections,
)
from backends.directions.taking import Matches, find_items
from backends.directions.terms import Lost
from backends.directions.wordsets import Collection
from backends.errors import BackendError
from backends.reporting import Report
from backends.selection import Selection

Among = Literal["frequent", "all", "selection"]
MOST_SHOWN = 100  # at each end


@dataclass(frozen=True, eq=False)
class Looked:
    """Projections of all items on a direction."""

    direction: Direction
    values: Matrix  # (n,) NaN without a vector
    first: int | None  # items among which extremes are looked for; None: all
    count: int  # of items that have a value


@dataclass(frozen=True, eq=False)
class Ends:
    """Items at both ends, with their names."""

    found: Extremes
    negative: tuple[str, ...]
    positive: tuple[str, ...]
    values: tuple[Matrix, Matrix]  # of the two


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found: the words themselves where they have a vector, and items."""

    asked: str
    own: float | None  # projection of the words as a term
    matches: Matches
    values: Matrix  # (m,) of the matches
    lost: tuple[Lost, ...]


@dataclass(frozen=True, slots=True)
class LookSettings:
    """What the views show."""

    shown: int = 15  # items at each end
    among: Among = "frequent"
    groups: str = "all"  # "all", "selection", "column", "sets"
    column: str = ""
    sets: tuple[str, ...] = ()
    strictness: float = 1.0
    bias_on: str = "Professions"  # a word set; "" for the selection


def look(space: Space, direction: Direction, report: Report) -> Looked:
    """Project all items. Raises: BackendError, Cancelled."""
    values = projections(space.embeddings, direction, report)
    return Looked(direction, values, frequency_cut(space), int(np.count_nonzero(~np.isnan(values))))


def ends_of(
    space: Space, looked: Looked, k: int, rows: Rows | None, first: int | None, report: Report
) -> Ends:
    """The k items at each end, among some rows or the first ones."""
    report.check()
    found = extremes(looked.values, k, rows=rows, first=first)
    column = getattr(space.terms, "column", None)
    names = tuple(names_of(space.corpus, at, column) for at in (found.negative, found.positive))
    values = (looked.values[found.negative], looked.values[found.positive])
    return Ends(found, names[0], names[1], values)


def spread_of(
    space: Space,
    looked: Looked,
    settings: LookSettings,
    chosen: Selection,
    sets: Mapping[str, tuple[str, ...]],
    report: Report,
) -> Histogram:
    """Bring the chosen groups into bins. Raises: BackendError, Cancelled."""
    values = looked.values
    samples: tuple[Sample, ...]
    if settings.groups == "selection":
        samples = by_selection(values, chosen)
    elif settings.groups == "column":
        samples = by_column(space.corpus, values, settings.column, report=report)
    elif settings.groups == "sets":
        samples = (*everything(values), *by_terms(space, looked.direction, sets, report))
    else:
        samples = everything(values)
    return histogram(samples)


def find(space: Space, looked: Looked, words: str, report: Report) -> Found:
    """Search items by their names; the words themselves count too, if they have a vector."""
    own: float | None = None
    lost: tuple[Lost, ...] = ()
    try:
        terms = space.terms.look_up((words,), report.span(0.0, 0.5))
    except BackendError:  # words have no vectors here; items have names all the same
        terms = None
    if terms is not None:
        lost = terms.lost
        own = float(term_projections(looked.direction, terms)[0]) if len(terms) else None
    column = getattr(space.terms, "column", None)
    matches = find_items(space.corpus, words, column, report.span(0.5, 1.0))
    return Found(" ".join(words.split()), own, matches, looked.values[matches.rows], lost)


def terms_of(sets: Collection, name: str) -> tuple[str, ...]:
    """Words of a set, those of pairs too; none if there is no such set."""
    try:
        one = sets.named(name)
    except KeyError:
        return ()
    return one.terms or tuple(term for pair in one.pairs for term in pair)


def fitting(state: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of `LookSettings` that a project kept and that still mean something."""
    good: dict[str, Any] = {}
    if type(state.get("shown")) is int and 1 <= state["shown"] <= MOST_SHOWN:
        good["shown"] = state["shown"]
    if state.get("among") in ("frequent", "all", "selection"):
        good["among"] = state["among"]
    if state.get("groups") in ("all", "selection", "column", "sets"):
        good["groups"] = state["groups"]
    for name in ("column", "bias_on"):
        if isinstance(state.get(name), str):
            good[name] = state[name]
    sets = state.get("sets")
    if isinstance(sets, list) and all(isinstance(one, str) for one in sets):
        good["sets"] = tuple(sets)
    strictness = state.get("strictness")
    if isinstance(strictness, int | float) and 0 <= strictness <= 10:
        good["strictness"] = float(strictness)
    return good
