"""What the chosen direction says of the items: projections, extremes, groups, direct bias.

Projections are computed once a direction, in a job, and only while somebody looks; everything that
a view shows is prepared from them in jobs too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.asked import Asked
from app.panels.direction_looked import (
    Ends,
    Found,
    Looked,
    LookSettings,
    ends_of,
    find,
    fitting,
    look,
    spread_of,
    terms_of,
)
from app.panels.direction_space import SpaceModel
from backends.arrays import Matrix
from backends.directions.base import Direction, Space
from backends.directions.groups import Histogram
from backends.directions.looking import (
    DirectBias,
    direct_bias_of_rows,
    direct_bias_of_terms,
    names_of,
)
from backends.selection import select

NO_CORPUS = Problem("Nothing is open yet.", "Open a file or the sample.")
NO_VECTORS = Problem("There are no vectors yet.", "Embed the items first.")
NO_DIRECTION = Problem("There is no direction yet.", "Make one: pairs of words are a good start.")
NOT_CHOSEN = Problem("No direction is chosen.", "Choose one in the list, or make one.")
ELSEWHERE = Problem(
    "This direction lies in other vectors.",
    "Choose those vectors in the panel Space, or make the direction again in these.",
)
NO_SELECTION = Problem("Nothing is selected.", "Select items on the map or in the table.")
NO_SET = Problem("No word set is chosen.", "Choose one, as “Professions”.")


class LookModel(QObject):
    """Follows the document's direction."""

    direction_changed = Signal(object)  # Direction | None, one of the active vectors
    settings_changed = Signal(object)  # LookSettings

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        space: SpaceModel,
    ) -> None:
        super().__init__(document)
        self.document, self.jobs, self.notices = document, jobs, notices
        self.space = space
        self._history = history
        self._settings = LookSettings()
        self._watched = False
        self._name: tuple[object, ...] | None = None
        common = (jobs, notices)
        self.looked: Asked[Looked] = Asked(*common, "direction look", self)
        self.ends: Asked[Ends] = Asked(*common, "direction ends", self)
        self.spread: Asked[Histogram] = Asked(*common, "direction spread", self)
        self.found: Asked[Found] = Asked(*common, "direction find", self)
        self.bias: Asked[DirectBias] = Asked(*common, "direction bias", self)
        self.looked.changed.connect(self._on_looked)
        for changed in (document.direction_changed, document.active_changed):
            changed.connect(lambda _fact: self._follow())
        document.selection_changed.connect(self._on_selection_changed)
        space.changed.connect(self._on_space_changed)
        space.sets_changed.connect(lambda: self._ask_spread("sets"))

    @property
    def direction(self) -> Direction | None:
        """The one that is looked at, if it lies in the active vectors."""
        chosen, active = self.document.direction, self.document.active
        if chosen is None or active is None or chosen.embeddings != active.fingerprint:
            return None
        return chosen

    @property
    def problem(self) -> Problem | None:
        """Why nothing can be looked at, or None."""
        if self.document.corpus is None:
            return NO_CORPUS
        if self.document.active is None:
            return NO_VECTORS
        if self.document.direction is None:
            return NOT_CHOSEN if self.document.directions else NO_DIRECTION
        return ELSEWHERE if self.direction is None else None

    @property
    def settings(self) -> LookSettings:
        """What is shown."""
        return self._settings

    @property
    def values(self) -> Matrix | None:
        """Projections (n,), once they are computed."""
        return self.looked.answer.values if self.looked.answer is not None else None

    def watch(self, on: bool) -> None:
        """Compute, now that somebody looks; or not any more."""
        self._watched = on
        if on:
            self._follow()

    def change(self, **fields: Any) -> None:
        """Change what is shown, as `change(shown=30)`."""
        new = replace(self._settings, **fields)
        if new == self._settings:
            return
        old, self._settings = self._settings, new
        self.settings_changed.emit(new)
        if (old.shown, old.among) != (new.shown, new.among):
            self._ask_ends()
        if (old.groups, old.column, old.sets) != (new.groups, new.column, new.sets):
            self._ask_spread(new.groups)
        if (old.strictness, old.bias_on) != (new.strictness, new.bias_on):
            self.bias.clear()

    def search(self, words: str) -> None:
        """Find items by their names, and the words themselves."""
        ready = self._ready
        if ready is None or not words.strip():
            self.found.clear()
            return
        looked, space = ready
        self.found.ask("Searching", partial(find, space, looked, words), lane="ask")

    def measure_bias(self) -> None:
        """Measure direct bias of the chosen words, or of the selection."""
        direction, space, settings = self.direction, self.space.space, self._settings
        if direction is None or space is None:
            return
        if settings.bias_on:
            terms = terms_of(self.space.sets, settings.bias_on)
            if not terms:
                self.bias.refuse(self._no_terms(settings.bias_on))
                return
            call = partial(direct_bias_of_terms, space, direction, terms, settings.strictness)
        else:
            rows = self.document.selection.rows
            if not len(rows):
                self.bias.refuse(NO_SELECTION)
                return
            call = partial(
                direct_bias_of_rows, space.embeddings, direction, rows, settings.strictness
            )
        self.bias.ask("Direct bias", call, lane="ask" if settings.bias_on else "io")

    def names(self, rows: Sequence[int]) -> tuple[str, ...]:
        """What items are called, where words are looked up or by their text."""
        corpus, space = self.document.corpus, self.space
        if corpus is None:
            return ("",) * len(rows)
        return names_of(corpus, np.array(rows, dtype=np.int64), space.looked_up_in)

    def visit(self, row: int) -> None:
        """Look at an item, on the map and in every panel."""
        self.document.set_focus(row)

    def select_end(self, *, positive: bool) -> None:
        """Select the items that are shown at an end; it can be undone."""
        ends, direction = self.ends.answer, self.direction
        if ends is None or direction is None:
            return
        rows = ends.found.positive if positive else ends.found.negative
        end = direction.ends[positive]
        words = f"{len(rows):,} items towards {end}"
        self._history.select(
            select(rows, words, kind="direction end", direction=direction.title, end=end)
        )

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        return {**asdict(self._settings), "sets": list(self._settings.sets)}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept; what does not fit is left out."""
        self.change(**fitting(state))

    @property
    def _ready(self) -> tuple[Looked, Space] | None:
        """What questions are answered from, once it is there and still of these vectors."""
        looked, space = self.looked.answer, self.space.space
        if looked is None or space is None:
            return None
        is_old = looked.direction.embeddings != space.embeddings.fingerprint
        return None if is_old else (looked, space)

    def _no_terms(self, name: str) -> Problem:
        """Why there are no words: the set is empty, or there is none of that name any more."""
        if any(one.name == name for one in self.space.sets.sets):
            return Problem(f"The word set “{name}” is empty.", "Give it words, or choose another.")
        return NO_SET

    def _follow(self) -> None:
        """Look at the direction that the document is at now."""
        direction, active = self.direction, self.document.active
        space = self.space.space
        if direction is None or active is None or space is None:
            told, self._name = self._name, None
            self._clear()
            if told is not None or self.direction is None:
                self.direction_changed.emit(None)
            return
        # Embeddings under way keep their name while rows are added: the count tells them apart.
        name = (direction.fingerprint, direction.title, active.fingerprint, active.count)
        if name != self._name:
            self._name = name
            self._clear()
            self.direction_changed.emit(direction)
        if self._watched and self.looked.answer is None and not self.looked.is_running:
            self.looked.ask("Projecting the items", partial(look, space, direction))

    def _clear(self) -> None:
        for asked in (self.looked, self.ends, self.spread, self.found, self.bias):
            asked.clear()

    def _on_looked(self) -> None:
        if self.looked.answer is not None and not self.looked.is_running:
            self._ask_ends()
            self._ask_spread(self._settings.groups)

    def _ask_ends(self) -> None:
        if (ready := self._ready) is None:
            return
        looked, space = ready
        chosen = self.document.selection if self._settings.among == "selection" else None
        if chosen is not None and not len(chosen):
            self.ends.refuse(NO_SELECTION)
            return
        first = looked.first if self._settings.among == "frequent" else None
        rows = chosen.rows if chosen is not None else None
        call = partial(ends_of, space, looked, self._settings.shown, rows, first)
        self.ends.ask("Looking for the extremes", call)

    def _ask_spread(self, groups: str) -> None:
        """Bring the groups into bins, if these are the groups that are shown."""
        ready, settings = self._ready, self._settings
        if ready is None or groups != settings.groups:
            return
        looked, space = ready
        chosen = self.document.selection
        if groups == "selection" and not len(chosen):
            self.spread.refuse(NO_SELECTION)
            return
        sets = {name: terms_of(self.space.sets, name) for name in settings.sets}
        if groups == "sets" and not any(sets.values()):
            self.spread.refuse(NO_SET)
            return
        call = partial(spread_of, space, looked, settings, chosen, sets)
        self.spread.ask("Counting projections", call, lane="ask" if groups == "sets" else "io")

    def _on_selection_changed(self, _selection: object) -> None:
        if self._settings.among == "selection":
            self._ask_ends()
        self._ask_spread("selection")
        if not self._settings.bias_on:
            self.bias.clear()

    def _on_space_changed(self) -> None:
        """Words have other vectors: what they were asked is old."""
        for asked in (self.found, self.bias):
            asked.clear()
        self._ask_ends()
        self._ask_spread("sets")
