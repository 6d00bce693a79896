"""Where the relation that is looked at leads from the item in focus, or from a typed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Jobs
from app.notices import Notices, Problem
from app.panels.relation_chosen import NO_RELATION, ChosenRelation, called
from app.panels.relations import RelationsModel
from backends.directions.relation_names import row_of
from backends.directions.relation_scorers import Side
from backends.directions.relation_study import RelationResult, Study, predict
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

KEY, FIND_KEY = "relation-predict", "relation-find"
SHOWN = 20  # items that are guessed
NO_ITEM = Problem(
    "Where does it lead from an item?", "Click one on the map or in the list, or type its name."
)
NO_VECTOR = Problem("This item has no vector.", "Click another one.")


@dataclass(frozen=True, slots=True)
class Guess:
    """An item that a relation leads to."""

    rank: int
    row: int
    name: str
    score: float
    known: bool  # one of the pairs given


class GuessesModel(QObject):
    """Guesses tails or heads while somebody looks."""

    changed = Signal()

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        relations: RelationsModel,
        chosen: ChosenRelation,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._relations = relations
        self._chosen = chosen
        self._side: Side = "tails"
        self._guesses: tuple[Guess, ...] = ()
        self._problem: Problem | None = None
        self._is_watched = False
        self._asked: int | None = document.focus
        self._holds = False  # the item asked from, while a guess is looked at
        chosen.changed.connect(self._ask)
        document.focus_changed.connect(self._on_focus_changed)
        document.corpus_changed.connect(lambda _corpus: jobs.cancel(FIND_KEY))

    @property
    def side(self) -> Side:
        """Whether tails or heads are predicted."""
        return self._side

    @property
    def asked(self) -> int | None:
        """The item that the relation is followed from."""
        return self._asked

    @property
    def guesses(self) -> tuple[Guess, ...]:
        """Where the relation leads from the item asked from, best first."""
        return self._guesses

    @property
    def problem(self) -> Problem | None:
        """Why nothing is predicted, or None."""
        if self._chosen.result is None:
            return NO_RELATION
        active, row = self._document.active, self._asked
        if self._problem is not None:
            return self._problem
        if row is None or active is None:
            return NO_ITEM
        return None if active.present[row] else NO_VECTOR

    def set_side(self, side: Side) -> None:
        """Predict tails of the item, or heads."""
        if side != self._side:
            self._side = side
            self._ask()

    def watch(self, on: bool) -> None:
        """Predict while somebody looks: ranking all items for nobody would be a waste."""
        if on != self._is_watched:
            self._is_watched = on
            self._ask()

    def look_at(self, row: int) -> None:
        """Look at an item, here and everywhere."""
        self._document.set_focus(row)
        if row != self._asked:  # it was in focus already
            self._on_focus_changed(row)

    def look_at_guess(self, row: int) -> None:
        """Look at an item, and go on listing where the other one leads."""
        self._holds = True
        self._document.set_focus(row)
        self._holds = False

    def find(self, words: str) -> None:
        """Look at the item of a name, as the triples name items."""
        corpus, active, study = (
            self._document.corpus,
            self._document.active,
            self._relations.study,
        )
        if corpus is None or active is None or study is None or not words.strip():
            return
        call = partial(row_of, words, corpus, active, study.relations.named_by)
        job = self._jobs.start("Finding the item", call, lane="ask", key=FIND_KEY)
        job.done.connect(lambda row: self._on_found(words, row))
        job.failed.connect(self._on_failed)

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        return {"side": self._side}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept."""
        if state.get("side") in ("tails", "heads"):
            self.set_side(state["side"])

    def _ask(self) -> None:
        """Predict from the item asked from."""
        self._problem = None
        self._jobs.cancel(KEY)
        result, study, active = self._chosen.result, self._relations.study, self._document.active
        row, corpus = self._asked, self._document.corpus
        self._guesses = ()
        if self._is_watched and self.problem is None:
            assert result is not None
            assert study is not None
            assert row is not None
            assert active is not None
            assert corpus is not None
            call = partial(_guessed, corpus, active, study, result, row, self._side)
            job = self._jobs.start("Predicting", call, lane="ask", key=KEY)
            job.done.connect(self._on_guessed)
            job.failed.connect(self._on_failed)
        self.changed.emit()

    def _on_guessed(self, guesses: tuple[Guess, ...]) -> None:
        self._guesses = guesses
        self.changed.emit()

    def _on_found(self, words: str, row: int | None) -> None:
        if row is None:
            self._problem = Problem(
                f"“{' '.join(words.split())}” is not among the items.", "Write it as they do."
            )
            self._guesses = ()
            self.changed.emit()
            return
        self._problem = None
        self.look_at(row)
        self.changed.emit()

    def _on_focus_changed(self, row: int | None) -> None:
        if not self._holds:
            self._asked = row
            self._ask()

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)


def _guessed(
    corpus: Corpus,
    embeddings: Embeddings,
    study: Study,
    result: RelationResult,
    row: int,
    side: Side,
    report: Report = SILENT,
) -> tuple[Guess, ...]:
    found = predict(
        embeddings,
        result.relation,
        study.params.scorer,
        row,
        side,
        SHOWN,
        study.params.seed,
        report,
    )
    names = called(corpus, study.relations.named_by, found.rows)
    columns = (found.rows.tolist(), names, found.scores.tolist(), found.known.tolist())
    return tuple(
        Guess(rank, row, name, score, known)
        for rank, (row, name, score, known) in enumerate(zip(*columns, strict=True), start=1)
    )
