"""Growing the selection: its items and their nearest neighbours in the vectors.

How many neighbours is what the list of neighbours is set to, so that growing by an item adds what
its list shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject

from app.document import Document
from app.history import History
from app.jobs import Failure, Job, Jobs
from app.notices import Notices, Problem
from app.panels.neighbours import NeighboursModel
from backends.growing import Grown, grow, grown_selection
from backends.selection import Selection
from backends.types import Embeddings

KEY = "grow"

NO_SELECTION = Problem("Nothing is selected.", "Draw a lasso on the map or choose rows.")
NO_VECTORS = Problem("There are no vectors yet.", "Embed the items first.")
NO_VECTOR = Problem("None of the selected items has a vector.", "Select others, or embed them.")
TOO_FEW = Problem("There are too few vectors for neighbours.", "Embed more items.")
GROWING = Problem("The selection is growing already.", "Wait for it, or stop it.")


@dataclass(frozen=True, eq=False, slots=True)
class GrowRequest:
    """What is to grow, among which vectors, by how many neighbours each."""

    embeddings: Embeddings
    selection: Selection
    k: int


def plan(active: Embeddings | None, selection: Selection, k: int) -> GrowRequest | Problem:
    """What would be searched now, or why nothing can be."""
    if not len(selection):
        return NO_SELECTION
    if active is None:
        return NO_VECTORS
    if active.count < 2:
        return TOO_FEW
    if not active.present[selection.rows].any():
        return NO_VECTOR
    return GrowRequest(active, selection, k)


class GrowModel(QObject):
    """Grows the selection in the background; another selection made meanwhile stops that."""

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        neighbours: NeighboursModel,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._history = history
        self._neighbours = neighbours
        self._job: Job | None = None
        document.selection_changed.connect(lambda _selection: jobs.cancel(KEY))
        document.corpus_changed.connect(lambda _corpus: jobs.cancel(KEY))
        document.active_changed.connect(lambda _embeddings: jobs.cancel(KEY))

    @property
    def k(self) -> int:
        """How many neighbours each selected item brings along."""
        return self._neighbours.settings.k

    @property
    def text(self) -> str:
        """What growing would do, for a menu."""
        return f"Grow by {self.k} nearest neighbour{'s' * (self.k != 1)} each"

    @property
    def problem(self) -> Problem | None:
        """Why it cannot grow now, or None."""
        if self._job is not None and self._job.is_live:
            return GROWING
        planned = plan(self._document.active, self._document.selection, self.k)
        return planned if isinstance(planned, Problem) else None

    def run(self) -> None:
        """Search the neighbours of what is selected, and select them too: one step to undo."""
        planned = plan(self._document.active, self._document.selection, self.k)
        if isinstance(planned, Problem):
            return
        call = partial(grow, planned.embeddings, planned.selection.rows, planned.k)
        job = self._jobs.start("Growing the selection", call, lane="compute", key=KEY)
        self._job = job
        job.done.connect(lambda grown: self._on_done(planned, grown))
        job.failed.connect(self._on_failed)

    def _on_done(self, asked: GrowRequest, grown: Grown) -> None:
        if len(grown.rows) == len(asked.selection):
            text = "All neighbours of the selected items are selected already."
            self._notices.info(text, "List more neighbours to grow further.")
            return
        name = asked.embeddings.fingerprint
        self._history.select(grown_selection(asked.selection, grown, asked.k, name))

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)
