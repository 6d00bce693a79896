"""Columns that a person can have computed: a table of them, and running one.

A row of `MEASURES` is an entry of the menu and of the command palette; `plan` answers what would be
computed now or what stands in the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from PySide6.QtCore import QObject

from app.document import Document
from app.jobs import Jobs, Lane
from app.notices import Notices, Problem
from app.panels.cells import shortened
from app.panels.map import MapModel
from app.panels.maps import MapsModel
from app.panels.neighbours import NeighboursModel, query_of
from app.panels.neighbours import plan as plan_question
from backends.arrays import frozen
from backends.corpora.computed import how_made
from backends.measures import (
    Measure,
    Measured,
    kept_neighbours,
    outlier_score,
    shared_neighbours,
    similarity,
    towards,
)
from backends.selection import Selection
from backends.types import Embeddings

ASKED_LETTERS = 40  # of a query in the name of its column

NO_CORPUS = Problem("Nothing is loaded.", "Open a file first.")
NO_VECTORS = Problem("There are no vectors yet.", "Embed the items first.")
NO_LAYOUT = Problem("There is no map of these vectors yet.", "Lay the vectors out first.")
OLD_LAYOUT = Problem(
    "The map shows only a part of these vectors.", "Wait for its own map, or lay them out again."
)
ONE_MAP = Problem(
    "There is no map with another layout beside this one.",
    "Open a map beside it (View) and choose a layout to compare with.",
)
NO_SELECTION = Problem("Nothing is selected.", "Select items to find the direction to.")
ONE_SIDE = Problem(
    "There is no direction: all items with a vector are selected, or none.",
    "Select some of the items.",
)
TOO_FEW = Problem("There are too few vectors to have neighbours.", "Load or embed more rows.")


@dataclass(frozen=True, eq=False, slots=True)
class Facts:
    """What measures are planned from."""

    document: Document
    neighbours: NeighboursModel
    maps: MapsModel | None = None


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A column that can be computed, as a menu shows it."""

    id: str
    text: str
    tip: str
    lane: Lane
    plan: Callable[[Facts], Measure | Problem]


def _similarity(facts: Facts) -> Measure | Problem:
    document, question = facts.document, facts.neighbours.state.question
    ask = plan_question(document.corpus, document.active, question, 1)
    if isinstance(ask, Problem):
        return ask
    asked = shortened(facts.neighbours.asked.strip("“”"), ASKED_LETTERS)
    given = {"row": ask.question.row, "text": ask.question.text}
    words = asked if asked.startswith("row ") and ask.question.text is None else f"“{asked}”"
    return similarity(ask.embeddings, words, given, partial(query_of, ask))


@lru_cache(maxsize=1)  # asked for whenever a menu looks, and selections may be large
def _direction(active: Embeddings, chosen: Selection) -> Measure | Problem:
    held = int(np.count_nonzero(active.present[chosen.rows]))
    if not held or held == active.count:
        return ONE_SIDE
    return towards(active, chosen)


def _towards(facts: Facts) -> Measure | Problem:
    active, chosen = facts.document.active, facts.document.selection
    if active is None:
        return NO_CORPUS if facts.document.corpus is None else NO_VECTORS
    return _direction(active, chosen) if len(chosen) else NO_SELECTION


def _outlier_score(facts: Facts) -> Measure | Problem:
    active = facts.document.active
    if active is None:
        return NO_CORPUS if facts.document.corpus is None else NO_VECTORS
    return outlier_score(active) if active.count > 1 else TOO_FEW


def _kept_neighbours(facts: Facts) -> Measure | Problem:
    active, projection = facts.document.active, facts.document.projection
    if active is None:
        return NO_CORPUS if facts.document.corpus is None else NO_VECTORS
    if projection is None:
        return NO_LAYOUT
    if projection.embeddings != active.fingerprint:
        return OLD_LAYOUT
    return kept_neighbours(active, projection) if active.count > 1 else TOO_FEW


def _shared_neighbours(facts: Facts) -> Measure | Problem:
    active, shown = facts.document.active, facts.document.projection
    if active is None or shown is None:
        return NO_CORPUS if facts.document.corpus is None else NO_LAYOUT
    for beside in facts.maps.maps if facts.maps is not None else ():
        other, vectors = beside.showing.projection, beside.showing.active
        if other is not None and vectors is not None and other is not shown:
            both = np.count_nonzero(active.present & vectors.present)
            if both < 2:
                return TOO_FEW
            return shared_neighbours((shown, active), (other, vectors))
    return ONE_MAP


MEASURES: dict[str, MeasureRow] = {
    row.id: row
    for row in (
        MeasureRow(
            "similarity",
            "Similarity to the query",
            "How similar every item is to what the neighbours panel was asked",
            "ask",
            _similarity,
        ),
        MeasureRow(
            "towards",
            "Direction to the selection",
            "How far every item lies in the direction from all others to those selected",
            "io",
            _towards,
        ),
        MeasureRow(
            "outliers",
            "Outlier score",
            "How far every item lies from its nearest others in the vectors",
            "compute",
            _outlier_score,
        ),
        MeasureRow(
            "kept",
            "Neighbours kept by the map",
            "How many of every item's true neighbours the map shows near it: where it misleads",
            "compute",
            _kept_neighbours,
        ),
        MeasureRow(
            "shared",
            "Neighbours shared by two maps",
            "How many of every item's neighbours on this map are its neighbours on the map beside "
            "it too: where they disagree",
            "io",
            _shared_neighbours,
        ),
    )
}


class MeasuresModel(QObject):
    """Computes columns and colours the map by them."""

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        neighbours: NeighboursModel,
        colours: MapModel,
        maps: MapsModel | None = None,
    ) -> None:
        super().__init__(document)
        self._facts = Facts(document, neighbours, maps)
        self._jobs = jobs
        self._notices = notices
        self._colours = colours
        self._names: set[str] = set()  # of what was begun
        document.corpus_changed.connect(lambda _corpus: self.stop())

    def problem(self, name: str) -> Problem | None:
        """What stands in the way of a measure, or None."""
        planned = MEASURES[name].plan(self._facts)
        return planned if isinstance(planned, Problem) else None

    def run(self, name: str) -> None:
        """Compute a column, unless it is there already, and colour the map by it."""
        row = MEASURES[name]
        planned = row.plan(self._facts)
        if isinstance(planned, Problem):
            self._notices.warn(planned.text, planned.hint)
            return
        self.compute(planned, row.lane, name)

    def compute(self, planned: Measure, lane: Lane, name: str) -> None:
        """Compute a column that somebody planned, as `run` does; the newest of a name counts."""
        there = self._there(planned)
        if there is not None:
            self._show(there, planned, "It was there already.")
            return
        self._names.add(name)
        job = self._jobs.start(planned.name, planned.call, lane=lane, key=_key(name))
        job.done.connect(lambda measured: self._on_measured(planned, measured))
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))

    def stop(self) -> None:
        """Compute none of them any more."""
        for name in self._names:
            self._jobs.cancel(_key(name))

    def _there(self, planned: Measure) -> str | None:
        corpus = self._facts.document.corpus
        computed = corpus.computed.items() if corpus is not None else ()
        return next((name for name, how in computed if how == planned.made_by), None)

    def _on_measured(self, planned: Measure, measured: Measured) -> None:
        put = self._facts.document.put_column
        name = put(planned.name, frozen(measured.values), planned.made_by)
        self._show(name, planned, measured.note)

    def _show(self, name: str, planned: Measure, note: str) -> None:
        self._colours.set_colour_by(name)
        hint = " ".join(filter(None, (f"{how_made(planned.made_by)}.", note)))
        self._notices.info(f"The map is coloured by the computed column {name}.", hint)


def _key(name: str) -> str:
    return f"measure {name}"
