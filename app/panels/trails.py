"""How items moved from the layout that was shown before to the one that is shown now.

The old layout is first brought over the new one, so that turning the whole says nothing. What is
seen of it is the view's: points on their way, and trails of some items.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Jobs
from app.notices import Notices
from app.panels.layouts import entry_text
from app.panels.showing import Showing, job_key
from app.panels.shows import ShowsModel
from backends.arrays import Matrix, Rows
from backends.projections.align import Moves, align, farthest
from backends.reporting import SILENT, Report
from backends.types import Projection

MOST_TRAILS = 500
MOST_AT_ONCE = 200_000  # rows that are aligned while the person waits, and seen on their way
KEY = "trails"
NO_LAYOUT_BEFORE = "Trails: lay these items out in another way to see how they move"
IN_SPACE = "Trails: there are none in space; choose a layout of two dimensions"
NO_ITEMS = "Trails: select items, or look at one"


class TrailsModel(QObject):
    """Remembers the layout before, and finds the trails of what the person looks at."""

    changed = Signal()

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        shows: ShowsModel,
        showing: Showing | None = None,
    ) -> None:
        super().__init__(shows)
        self._document = document
        self._showing = showing = showing if showing is not None else document
        self._key = job_key(KEY, showing)
        self._jobs = jobs
        self._notices = notices
        self._shows = shows
        self._before: Projection | None = None
        self._now = showing.projection
        self._start: Matrix | None = None  # the layout before, brought over the one shown
        self._moves: Moves | None = None
        self._of = ""  # what the rows are, in words
        document.corpus_changed.connect(self._on_corpus_changed)
        showing.projection_changed.connect(self._on_projection_changed)
        for signal in (
            *(document.selection_changed, document.hits_changed, document.focus_changed),
            document.active_changed,
        ):
            signal.connect(self._on_fact_changed)
        shows.changed.connect(self._on_shows_changed)

    @property
    def before(self) -> Projection | None:
        """The layout that was shown before, while there is one shown."""
        return self._before if self._showing.projection is not None else None

    @property
    def start(self) -> Matrix | None:
        """Places from which items come to the layout shown, (n, 2); None if there is no way."""
        if self.before is None or self._now is None or len(self._now) > MOST_AT_ONCE:
            return None
        return self._aligned()

    @property
    def moves(self) -> Moves | None:
        """The trails to draw; None while they are switched off or being computed."""
        return self._moves

    @property
    def words(self) -> str:
        """What the trails show, or what to do to see some."""
        moves = self._moves
        if moves is None or self.before is None:
            if self.before is not None:
                return ""
            return IN_SPACE if self._now is not None and self._now.dims == 3 else NO_LAYOUT_BEFORE
        if not moves.of:
            return NO_ITEMS
        shown = len(moves.rows)
        count = f"{shown:,}" if shown == moves.of else f"{shown:,} farthest of {moves.of:,}"
        before = entry_text(self.before, (self.before, *self._others))
        return f"Trails from {before}: {count} {self._of}"

    @property
    def _others(self) -> tuple[Projection, ...]:
        active = self._showing.active
        return self._document.projections_of(active.fingerprint) if active is not None else ()

    def _aligned(self) -> Matrix:
        assert self._before is not None
        assert self._now is not None
        if self._start is None:
            old, new = self._before.layout, self._now.layout
            self._start = align(old, new).apply(old)
        return self._start

    def _rows(self) -> tuple[Rows, str]:
        """Whose trails are drawn, and what they are."""
        document = self._document
        if len(document.selection):
            return document.selection.rows, "selected"
        found = [document.hits.rows] if document.hits is not None else []
        alone = [document.focus, document.hits.row if document.hits is not None else None]
        found.append(np.array([row for row in alone if row is not None], np.int64))
        rows: Rows = np.unique(np.concatenate(found))
        return rows, "items looked at"

    def _find(self) -> None:
        """Find the trails; at once where that is quick."""
        self._jobs.cancel(self._key)
        self._moves = None
        if self._shows.is_on(KEY) and self.before is not None and self._now is not None:
            rows, self._of = self._rows()
            if len(self._now) <= MOST_AT_ONCE:
                self._moves = farthest(self._aligned(), self._now.layout, rows, MOST_TRAILS)
            else:
                self._find_aside(rows)
        self.changed.emit()

    def _find_aside(self, rows: Rows) -> None:
        assert self._before is not None
        assert self._now is not None
        call = partial(_found, self._before.layout, self._now.layout, self._start, rows)
        job = self._jobs.start("Finding trails", call, lane="io", key=self._key)
        job.done.connect(self._on_found)
        job.failed.connect(self._on_failed)

    def _on_found(self, found: tuple[Matrix, Moves]) -> None:
        self._start, self._moves = found
        self.changed.emit()

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)

    def _on_projection_changed(self, projection: Projection | None) -> None:
        """Embeddings without a layout come between two that have one: the last is kept."""
        now = self._now
        if projection is not None:
            if now is not None and now.fingerprint != projection.fingerprint:
                same = len(now) == len(projection) and now.dims == projection.dims == 2
                self._before = now if same else None
                self._start = None
            self._now = projection
        self._find()

    def close(self) -> None:
        """Look for nothing any more."""
        self._jobs.cancel(self._key)

    def _on_fact_changed(self, _value: object) -> None:
        self._find()

    def _on_shows_changed(self, name: object) -> None:
        if name == KEY:
            self._find()

    def _on_corpus_changed(self, _corpus: object) -> None:
        self._before = self._now = self._start = self._moves = None
        self._jobs.cancel(self._key)
        self.changed.emit()


def _found(
    old: Matrix, new: Matrix, start: Matrix | None, rows: Rows, report: Report = SILENT
) -> tuple[Matrix, Moves]:
    report.step(0, 2, "Bringing one layout over the other")
    if start is None:
        start = align(old, new).apply(old)
    report.step(1, 2, "Finding the farthest movers")
    return start, farthest(start, new, rows, MOST_TRAILS)
