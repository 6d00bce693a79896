"""Making a direction: what is chosen and written, what it would compute, and finding it.

`plan` answers what would be found now, or the problem in the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Jobs, Lane
from app.notices import Notices, Problem
from app.panels.direction_draft import Draft, as_kept, from_kept, given_of, method_problem
from app.panels.direction_space import SpaceModel
from app.panels.directions import DirectionsModel
from app.panels.run import Run
from app.panels.state import PanelState
from backends.directions.base import Direction, Space
from backends.directions.given import Given, PairsGiven, RelationGiven, SetsGiven
from backends.directions.methods import ComponentsParams
from backends.directions.registry import METHODS, SOURCES, find_direction
from backends.directions.wordsets import WordSet
from backends.reporting import Report
from backends.wording import counted

KEY = "direction"
NO_CORPUS = Problem("Nothing is open yet.", "Open a file or the sample.")
NO_VECTORS = Problem("There are no vectors yet.", "Embed the items first.")
NOT_ENCODED = Problem(
    "Two texts need the encoder, and these vectors came from a file.",
    "Take words that are among the items, or embed the items here.",
)
NO_SELECTION = Problem("Nothing is selected.", "Select items on the map or in the table.")


@dataclass(frozen=True, eq=False)
class FindRequest:
    """A direction that can be looked for."""

    space: Space
    source: str
    given: Given
    method: str
    params: Any
    title: str

    @property
    def lane(self) -> Lane:
        """Words may be encoded, which is done where a person is waited for."""
        return "io" if self.source in ("selections", "column") else "ask"

    @property
    def words(self) -> str:
        """What would be computed, in a sentence."""
        given = self.given
        of = SOURCES[self.source].title.lower()
        if isinstance(given, PairsGiven | RelationGiven):
            of = counted(len(given.pairs), "pair")
        elif isinstance(given, SetsGiven):
            of = f"{len(given.negative)} and {counted(len(given.positive), 'word')}"
        where = self.space.terms.how if self.source in ("pairs", "sets", "relation") else ""
        told = f"{METHODS[self.method].title} of {of} in “{self.space.embeddings.title}”"
        return f"{told}; {where}." if where else f"{told}."


def plan(document: Document, space: Space | None, draft: Draft) -> FindRequest | Problem:
    """What would be found now, or what stands in the way."""
    if document.corpus is None:
        return NO_CORPUS
    if space is None:
        return NO_VECTORS
    if draft.source == "prompts" and space.embeddings.made_by.origin.operation != "embed":
        return NOT_ENCODED
    given = given_of(draft)
    if isinstance(given, Problem):
        return given
    problem = method_problem(draft.source, draft.method)
    if problem is not None:
        return problem
    params = ComponentsParams(draft.components) if draft.method == "components" else None
    return FindRequest(
        space, draft.source, given, draft.method, params, " ".join(draft.title.split())
    )


class MakingModel(QObject):
    """Keeps the draft, and finds directions."""

    draft_changed = Signal(object)  # Draft
    state_changed = Signal(object)  # PanelState
    found = Signal(object)  # Direction

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        space: SpaceModel,
        directions: DirectionsModel,
    ) -> None:
        super().__init__(document)
        self._document, self._jobs, self._notices = document, jobs, notices
        self.space = space
        self._list = directions
        self._draft = Draft()
        self._run: Run[Direction] = Run(jobs, notices, KEY, self._tell, in_page=True)
        document.corpus_changed.connect(self._on_corpus_changed)
        document.selection_changed.connect(lambda _selection: self._tell())
        space.changed.connect(self._tell)

    @property
    def draft(self) -> Draft:
        """What is written and chosen."""
        return self._draft

    @property
    def planned(self) -> FindRequest | Problem:
        """What would be found now, or the problem in the way."""
        space = self.space.space
        problem = self.space.word_problem
        if space is not None and problem is not None and self._needs_words:
            return problem
        return plan(self._document, space, self._draft)

    @property
    def state(self) -> PanelState:
        """What the page shows."""
        return self._run.state(self.planned)

    @property
    def take_problem(self) -> Problem | None:
        """Why the selection cannot be taken as a side, or None."""
        return None if len(self._document.selection) else NO_SELECTION

    def change(self, **fields: Any) -> None:
        """Change the draft, as `change(source="sets")`."""
        self.set_draft(replace(self._draft, **fields))

    def set_draft(self, draft: Draft) -> None:
        """Take another draft."""
        if draft != self._draft:
            self._draft = draft
            self._run.forget_failure()
            self.draft_changed.emit(draft)
            self._tell()

    def choose_method(self, name: str) -> None:
        """Choose how directions are found from this source."""
        methods = {**self._draft.methods, self._draft.source: name}
        self.change(methods=methods)

    def take_set(self, one: WordSet, side: int | None = None) -> None:
        """Write the words of a set into the form."""
        self.set_draft(self._draft.with_set(one, side))

    def take_selection(self, side: int) -> None:
        """Take what is selected now as A (0) or B (1)."""
        if self.take_problem is None:
            self.set_draft(self._draft.with_side("taken", side, self._document.selection))

    def take_others(self, side: int) -> None:
        """Let a side be all items that are not in the other one."""
        self.set_draft(self._draft.with_side("taken", side, None))

    def run(self) -> None:
        """Find the direction; what runs is stopped first."""
        request = self.planned
        if isinstance(request, Problem):
            self._notices.warn(request.text, request.hint)
            return
        call = partial(_find, request)
        self._run.start("Finding a direction", call, self._on_done, lane=request.lane)

    def stop(self) -> None:
        """Stop looking for it."""
        self._run.stop()

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        return {**as_kept(self._draft), "word_column": self.space.column}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept; what does not fit is left out."""
        self.set_draft(from_kept(state))
        column = state.get("word_column")
        if isinstance(column, str) and column in self.space.text_columns:
            self.space.set_column(column)

    @property
    def _needs_words(self) -> bool:
        return self._draft.source in ("pairs", "sets", "relation")

    def _on_done(self, direction: Direction) -> None:
        active = {one.fingerprint for one in self._document.embeddings}
        if direction.embeddings in active:
            self._list.keep(direction)
            self.found.emit(direction)

    def _on_corpus_changed(self, _corpus: object) -> None:
        self.stop()
        self._run.forget_failure()
        self.set_draft(replace(self._draft, taken=(None, None), column="", values=(None, None)))
        self._tell()

    def _tell(self) -> None:
        self.state_changed.emit(self.state)


def _find(request: FindRequest, report: Report) -> Direction:
    return find_direction(
        request.space,
        request.source,
        request.given,
        request.method,
        request.params,
        report,
        title=request.title or None,
    )
