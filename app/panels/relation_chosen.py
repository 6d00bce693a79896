"""The relation that is looked at: its pairs, where it leads from an item, its arrows, its file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Jobs
from app.notices import Notices, Problem
from app.panels.arrows import ArrowsModel, arrows_of
from app.panels.directions import DirectionsModel
from app.panels.relations import RelationsModel
from backends.arrays import Rows
from backends.corpora.cells import cell_text
from backends.corpora.columns import read_cells
from backends.directions.relation_direction import relation_direction
from backends.directions.relation_names import row_of
from backends.directions.relation_scorers import Side
from backends.directions.relation_study import RelationResult, Study, predict
from backends.directions.relation_words import pairs_csv, split_words, study_csv, words_of
from backends.directions.relations import BY_ROW
from backends.errors import BackendError
from backends.files import replacing
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

KEY, FIND_KEY, KEEP_KEY = "relation-predict", "relation-find", "relation-keep"
SHOWN = 20  # items that are predicted
LETTERS = 200  # of a name
NO_RELATION = Problem("No relation is chosen.", "Judge relations, then choose one in the list.")
NO_ITEM = Problem(
    "Where does it lead from an item?", "Click one on the map or in the list, or type its name."
)
NO_VECTOR = Problem("This item has no vector.", "Click another one.")
NO_OFFSET = Problem("Its offset has no length.", "A symmetric relation points nowhere.")


@dataclass(frozen=True, slots=True)
class Guess:
    """An item that a relation leads to."""

    rank: int
    row: int
    name: str
    score: float
    known: bool  # one of the pairs given


class ChosenRelation(QObject):
    """Looks at one relation of the study."""

    changed = Signal()  # another relation, or another study of it
    guesses_changed = Signal()

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        relations: RelationsModel,
        directions: DirectionsModel,
        arrows: ArrowsModel,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._relations = relations
        self._directions = directions
        self._arrows = arrows
        self._name: str | None = None
        self._side: Side = "tails"
        self._guesses: tuple[Guess, ...] = ()
        self._problem: Problem | None = None
        self._is_watched = False
        self._asked: int | None = document.focus
        self._holds = False  # the item asked from, while a guess is looked at
        relations.study_changed.connect(self._on_study_changed)
        document.focus_changed.connect(self._on_focus_changed)

    @property
    def result(self) -> RelationResult | None:
        """What was found out about the relation."""
        study = self._relations.study
        return study.of(self._name) if study is not None and self._name is not None else None

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
        """Where the relation leads from the item in focus, best first."""
        return self._guesses

    @property
    def problem(self) -> Problem | None:
        """Why nothing is predicted, or None."""
        if self.result is None:
            return NO_RELATION
        active, row = self._document.active, self._asked
        if self._problem is not None:
            return self._problem
        if row is None or active is None:
            return NO_ITEM
        return None if active.present[row] else NO_VECTOR

    @property
    def words(self) -> str:
        """What held-out pairs say of it; "" without a relation."""
        result, study = self.result, self._relations.study
        if result is None or study is None:
            return ""
        return words_of(result, study.params.scorer)

    @property
    def how(self) -> str:
        """How pairs were held out and ranks taken, what names are, and what was found on the way.

        One sentence a line.
        """
        study = self._relations.study
        if study is None:
            return ""
        named = study.relations.how
        return "\n".join((split_words(study), f"{named[0].upper()}{named[1:]}."))

    def name_of(self, row: int) -> str:
        """What an item is called: the cell that the triples name it by."""
        return self.names_of(np.array([row]))[0]

    def names_of(self, rows: Rows) -> list[str]:
        """What items are called."""
        corpus, study = self._document.corpus, self._relations.study
        if corpus is None or study is None:
            return [f"row {row}" for row in rows.tolist()]
        return _names(corpus, study.relations.named_by, rows)

    def choose(self, name: str | None) -> None:
        """Look at another relation."""
        if name != self._name:
            self._name = name
            self._tell()

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

    def keep_problem(self) -> Problem | None:
        """Why the offset cannot be kept as a direction, or None."""
        result = self.result
        if result is None:
            return NO_RELATION
        return NO_OFFSET if result.offset.length <= 1e-6 else None

    def keep(self) -> None:
        """Put the offset among the directions."""
        result, study = self.result, self._relations.study
        corpus, active = self._document.corpus, self._document.active
        if result is None or study is None or corpus is None or active is None:
            return
        call = partial(
            relation_direction,
            corpus,
            active,
            result.relation,
            study.relations.named_by,
            study.params.seed,
        )
        job = self._jobs.start("Keeping the direction", call, lane="io", key=KEEP_KEY)
        job.done.connect(self._directions.keep)
        job.done.connect(
            lambda found: self._notices.info(f"“{found.title}” is among the directions.")
        )
        job.failed.connect(self._on_failed)

    def csv_text(self, *, pairs: bool) -> str:
        """All relations, or the pairs of the one looked at, as comma-separated text."""
        study, result = self._relations.study, self.result
        if not pairs:
            return study_csv(study) if study is not None else ""
        if result is None:
            return ""
        rows = np.unique(np.concatenate((result.relation.heads, result.relation.tails)))
        names = dict(zip(rows.tolist(), self.names_of(rows), strict=True))
        return pairs_csv(result, names.__getitem__)

    def save_csv(self, path: str, *, pairs: bool) -> None:
        """Write it into a file; what goes wrong is said."""
        try:
            with replacing(Path(path)) as draft:
                draft.write_text(self.csv_text(pairs=pairs), encoding="utf-8")
        except BackendError as error:
            self._notices.warn(error.what, error.hint)
        else:
            self._notices.info(f"Saved {path}.")

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        return {"relation": self._name, "side": self._side}

    def restore_project_state(self, state: dict[str, Any]) -> None:
        """Take up what was kept, for the next study."""
        if isinstance(state.get("relation"), str):
            self.choose(state["relation"])
        if state.get("side") in ("tails", "heads"):
            self.set_side(state["side"])

    def _on_study_changed(self, study: Study | None) -> None:
        if study is not None and study.results and self.result is None:
            self._name = study.results[0].relation.name
        self._tell()

    def _tell(self) -> None:
        result = self.result
        self._problem = None
        if result is None:
            self._arrows.show(None)
        else:
            relation = result.relation
            self._arrows.show(
                arrows_of(relation.name, relation.heads, relation.tails, result.offset.agreement)
            )
        self.changed.emit()
        self._ask()

    def _ask(self) -> None:
        """Predict from the item in focus."""
        self._problem = None
        self._jobs.cancel(KEY)
        result, study, active = self.result, self._relations.study, self._document.active
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
        self.guesses_changed.emit()

    def _on_guessed(self, guesses: tuple[Guess, ...]) -> None:
        self._guesses = guesses
        self.guesses_changed.emit()

    def _on_found(self, words: str, row: int | None) -> None:
        if row is None:
            self._problem = Problem(
                f"“{' '.join(words.split())}” is not among the items.", "Write it as they do."
            )
            self._guesses = ()
            self.guesses_changed.emit()
            return
        self._problem = None
        self.look_at(row)
        self.guesses_changed.emit()

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
    names = _names(corpus, study.relations.named_by, found.rows)
    columns = (found.rows.tolist(), names, found.scores.tolist(), found.known.tolist())
    return tuple(
        Guess(rank, row, name, score, known)
        for rank, (row, name, score, known) in enumerate(zip(*columns, strict=True), start=1)
    )


def _names(corpus: Corpus, column: str, rows: Rows) -> list[str]:
    if column == BY_ROW or column not in corpus.columns:
        return [f"row {row}" for row in rows.tolist()]
    cells = read_cells(corpus, rows, [column])
    names = [" ".join(cell_text(value)[:LETTERS].split()) for (value,) in cells]
    return [name or f"row {row}" for name, row in zip(names, rows.tolist(), strict=True)]
