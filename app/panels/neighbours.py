"""Neighbours of the item that is looked at, or of a typed text, among the active vectors.

The question is asked anew when vectors change, so another embedding of the same corpus answers the
same question. Hits below the smallest similarity are kept, and come back when that is lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.jobs import Failure, Jobs
from app.notices import Notices, Problem
from app.panels.hit_texts import Detail, HitRow, called, read_detail, read_hits
from app.settings import SettingsStore
from backends.arrays import frozen
from backends.embed import encode_query
from backends.errors import BackendError
from backends.query import Query, row_query, vector_query
from backends.reporting import SILENT, Report
from backends.search import search
from backends.selection import Mode, select
from backends.types import Corpus, Embeddings, Hits

KEY = "neighbours"
MOST_NEIGHBOURS = 200
RECENT_KEPT = 20

NO_CORPUS = Problem("Nothing is loaded.", "Open a file, drop one on the window, or paste a table.")
NO_VECTORS = Problem("There are no vectors yet.", "Embed the items to search them by meaning.")
NO_QUESTION = Problem(
    "Which neighbours?", "Click an item on the map or in the table, or type a text above."
)
NO_ROW = Problem("Which neighbours?", "Click an item on the map or in the table.")
NO_VECTOR = Problem(
    "This item has no vector, so it has no neighbours.",
    "Its text is empty, its vector is unusable, or it is not embedded yet.",
)
NO_ENCODER = Problem(
    "These vectors came from a file; which model made them is not known.",
    "Click an item to see its neighbours, or embed the items here to search by text.",
)
NOTHING_NEAR = Problem("Nothing is that similar.", "Lower the smallest similarity.")


@dataclass(frozen=True, slots=True)
class NeighboursSettings:
    """How many hits are listed, and how similar they must be at least."""

    k: int = 20  # 1..200
    minimum: float = -1.0  # cosine; -1 lets everything through


@dataclass(frozen=True, slots=True)
class Question:
    """Neighbours of a row, or of a text where that is not None."""

    row: int | None = None
    text: str | None = None

    @property
    def title(self) -> str:
        """What is asked, for a heading."""
        return f"“{self.text}”" if self.text is not None else f"row {self.row}"


@dataclass(frozen=True, eq=False, slots=True)
class Ask:
    """A question that can be answered."""

    corpus: Corpus
    embeddings: Embeddings
    question: Question
    k: int


@dataclass(frozen=True, slots=True)
class NeighboursState:
    """What the panel shows: hits and how many were left out, or a problem."""

    question: Question | None = None
    problem: Problem | None = None
    busy: bool = False
    hits: Hits | None = None
    left_out: int = 0  # hits below the smallest similarity


def plan(
    corpus: Corpus | None, active: Embeddings | None, question: Question | None, k: int
) -> Ask | Problem:
    """What would be asked now, or why nothing can be."""
    if corpus is None:
        return NO_CORPUS
    if active is None:
        return NO_VECTORS
    if question is None:
        return NO_ROW if active.encoder == "file" else NO_QUESTION
    if question.text is not None and active.encoder == "file":
        return NO_ENCODER
    if question.row is not None and not active.present[question.row]:
        return NO_VECTOR
    return Ask(corpus, active, question, k)


def query_of(ask: Ask, report: Report = SILENT) -> Query:
    """Resolve the question to a query; a text is encoded. Raises: BackendError, Cancelled."""
    question, embeddings = ask.question, ask.embeddings
    if question.text is not None:
        vector = encode_query(ask.corpus, embeddings, question.text, report)
        return vector_query(vector, question.title)
    return row_query(embeddings, question.row or 0)


def answer(ask: Ask, report: Report = SILENT) -> Hits:
    """Find the neighbours. Raises: BackendError, Cancelled."""
    return search(ask.embeddings, query_of(ask, report), ask.k, report)


class NeighboursModel(QObject):
    """Keeps a question and its answer; the hits shown are the document's."""

    state_changed = Signal(object)  # NeighboursState
    settings_changed = Signal(object)  # NeighboursSettings
    recent_changed = Signal(object)  # tuple[str, ...], newest first
    focus_changed = Signal(object)  # int | None
    detail_changed = Signal()  # the item looked at, or the column that is its text

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        settings: SettingsStore | None = None,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._history = history
        self._store = settings
        self._settings = NeighboursSettings()
        if settings is not None:
            self._settings = NeighboursSettings(k=min(MOST_NEIGHBOURS, settings.value.k))
        self._question: Question | None = None
        self._found: Hits | None = None  # before the smallest similarity
        self._answered: Ask | None = None  # what they answer; the question may be a newer one
        self._recent: tuple[str, ...] = ()
        self._visited: int | None = None  # a hit that was opened: its list stays
        self._state = NeighboursState(problem=NO_CORPUS)
        document.corpus_changed.connect(self._on_corpus_changed)
        for columns in (document.roles_changed, document.columns_changed):
            columns.connect(lambda _corpus: self.detail_changed.emit())
        document.active_changed.connect(lambda _embeddings: self._ask())
        document.focus_changed.connect(self._on_focus_changed)
        self._ask()

    @property
    def state(self) -> NeighboursState:
        """What is shown."""
        return self._state

    @property
    def settings(self) -> NeighboursSettings:
        """What is chosen."""
        return self._settings

    @property
    def recent(self) -> tuple[str, ...]:
        """Texts that were searched for, newest first."""
        return self._recent

    @property
    def focus(self) -> int | None:
        """The row looked at."""
        return self._document.focus

    @property
    def asked(self) -> str:
        """What is asked, as a person calls it: the typed text, or the item by its name."""
        corpus, question = self._document.corpus, self._question
        if question is None:
            return ""
        if question.row is None or corpus is None:
            return question.title
        return called(corpus, question.row)

    @property
    def can_search(self) -> Problem | None:
        """Why no text can be searched for; None if it can."""
        corpus, active = self._document.corpus, self._document.active
        found = plan(corpus, active, Question(text="anything"), self._settings.k)
        return found if isinstance(found, Problem) else None

    @property
    def hit_rows(self) -> tuple[HitRow, ...]:
        """The hits that are shown, with their texts."""
        corpus, hits = self._document.corpus, self._state.hits
        return () if corpus is None or hits is None else read_hits(corpus, hits)

    @property
    def detail(self) -> Detail | None:
        """Everything about the item looked at."""
        corpus, row = self._document.corpus, self._document.focus
        return None if corpus is None or row is None else read_detail(corpus, row)

    def change(self, **fields: Any) -> None:
        """Change settings, as `change(k=50)`; another k asks anew."""
        old, new = self._settings, replace(self._settings, **fields)
        new = replace(new, k=min(MOST_NEIGHBOURS, max(1, new.k)))
        if new == old:
            return
        self._settings = new
        if self._store is not None:
            self._store.change(k=new.k)
        self.settings_changed.emit(new)
        if new.k != old.k:
            self._ask()
        else:
            self._show_found(busy=self._state.busy)

    def ask_text(self, text: str) -> None:
        """Find what is similar in meaning to a text; an empty one goes back to the item."""
        text = text.strip()
        if not text:
            self.ask_row(self._document.focus)
            return
        self._recent = (text, *(old for old in self._recent if old != text))[:RECENT_KEPT]
        self.recent_changed.emit(self._recent)
        self._question = Question(text=text)
        self._ask()

    def ask_row(self, row: int | None) -> None:
        """Find the neighbours of an item, and look at it; None asks nothing."""
        self._question = None if row is None else Question(row=row)
        self._visited = row
        self._document.set_focus(row)
        self._visited = None
        self._ask()

    def visit(self, row: int) -> None:
        """Look at a hit and keep the list that it stands in."""
        self._visited = row
        self._document.set_focus(row)
        self._visited = None

    def select_hits(self, mode: Mode = "replace") -> None:
        """Select the hits that are shown."""
        hits, answered = self._state.hits, self._answered
        if hits is None or answered is None:
            return
        question = answered.question
        words = f"{len(hits)} nearest to {question.title}"
        given = {"text": question.text} if question.text is not None else {"row": question.row}
        found = select(
            hits.rows,
            words,
            kind="nearest",
            **given,
            k=answered.k,
            minimum=self._settings.minimum,
            embeddings=hits.embeddings,
        )
        self._history.select(found, mode)

    def hits_text(self) -> str:
        """The hits as tab-separated text, to be copied."""
        rows = self.hit_rows
        labelled = any(hit.label for hit in rows)
        lines = ["\t".join(("rank", "row", "similarity", *(["label"] * labelled), "text"))]
        for hit in rows:
            texts = (hit.label, hit.text) if labelled else (hit.text,)
            cells = (" ".join(text.split()) for text in texts)
            start = (str(hit.rank), str(hit.row), f"{hit.similarity:.4f}")
            lines.append("\t".join((*start, *cells)))
        return "\n".join(lines) + "\n"

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        return {
            "k": self._settings.k,
            "minimum": self._settings.minimum,
            "recent": list(self._recent),
        }

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept; what does not fit is left out."""
        k, minimum, recent = state.get("k"), state.get("minimum"), state.get("recent")
        if isinstance(k, int):
            self.change(k=k)
        if isinstance(minimum, int | float) and -1 <= minimum <= 1:
            self.change(minimum=float(minimum))
        if isinstance(recent, list):
            self._recent = tuple(str(text) for text in recent[:RECENT_KEPT])
            self.recent_changed.emit(self._recent)

    def _ask(self) -> None:
        """Ask the question of the vectors as they are now; the answer on screen stays so long."""
        self._jobs.cancel(KEY)
        planned = plan(
            self._document.corpus, self._document.active, self._question, self._settings.k
        )
        if isinstance(planned, Problem):
            self._found = None
            self._show(problem=planned)
            return
        job = self._jobs.start("Find neighbours", partial(answer, planned), lane="ask", key=KEY)
        job.done.connect(lambda hits: self._on_found(planned, hits))
        job.failed.connect(self._on_failed)
        if self._document.hits is None:
            self._found = None  # of other vectors: they must not come back before the answer
        self._show(busy=True, hits=self._document.hits, left_out=self._state.left_out)

    def _show_found(self, *, busy: bool = False) -> None:
        found = self._found
        if found is None:
            return
        near = found.similarities >= self._settings.minimum  # (k,)
        hits = replace(
            found,
            rows=frozen(found.rows[near]),
            similarities=frozen(found.similarities[near]),
        )
        left_out = int(np.count_nonzero(~near))
        problem = NOTHING_NEAR if left_out and not len(hits) else None
        self._show(problem=problem, busy=busy, hits=hits, left_out=left_out)

    def _show(self, **fields: Any) -> None:
        self._state = NeighboursState(question=self._question, **fields)
        self._document.set_hits(self._state.hits)
        self.state_changed.emit(self._state)

    def _on_found(self, answered: Ask, hits: Hits) -> None:
        self._found, self._answered = hits, answered
        self._show_found()

    def _on_failed(self, failure: Failure) -> None:
        self._found = None
        if isinstance(failure.error, BackendError):
            self._show(problem=Problem(failure.error.what, failure.error.hint))
        else:
            self._show()
            self._notices.failure(failure.error, failure.trace)

    def _on_corpus_changed(self, _corpus: Corpus | None) -> None:
        self._question = None
        self._ask()
        self.detail_changed.emit()

    def _on_focus_changed(self, row: int | None) -> None:
        self.focus_changed.emit(row)
        self.detail_changed.emit()
        if row is not None and row != self._visited:
            self._question = Question(row=row)
            self._ask()
        elif row is None and self._question is not None and self._question.text is None:
            self._question = None
            self._ask()
