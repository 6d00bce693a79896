"""The relation that is looked at: its pairs and their names, arrows, direction and file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Jobs
from app.notices import Notices, Problem
from app.panels.arrows import ArrowsModel, arrows_of
from app.panels.directions import DirectionsModel
from app.panels.labels import label_column
from app.panels.relations import RelationsModel
from backends.arrays import Rows
from backends.corpora.cells import cell_text
from backends.corpora.columns import read_cells
from backends.directions.relation_direction import relation_direction
from backends.directions.relation_study import RelationResult, Study
from backends.directions.relation_words import (
    lost_csv,
    pairs_csv,
    split_words,
    study_csv,
    words_of,
)
from backends.directions.relations import BY_ROW
from backends.errors import BackendError
from backends.files import replacing
from backends.types import Corpus

KEEP_KEY = "relation-keep"
LETTERS = 200  # of a name
Table = Literal["relations", "pairs", "left out"]
NO_RELATION = Problem("No relation is chosen.", "Judge relations, then choose one in the list.")
NO_OFFSET = Problem("Its offset has no length.", "A symmetric relation points nowhere.")


class ChosenRelation(QObject):
    """Looks at one relation of the study."""

    changed = Signal()  # another relation, or another study of it

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
        relations.study_changed.connect(self._on_study_changed)
        document.corpus_changed.connect(lambda _corpus: jobs.cancel(KEEP_KEY))

    @property
    def result(self) -> RelationResult | None:
        """What was found out about the relation."""
        study = self._relations.study
        return study.of(self._name) if study is not None and self._name is not None else None

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
        return names_of(corpus, study.relations.named_by, rows)

    def called(self, rows: Rows) -> list[str]:
        """What items are called, for reading: behind a number or an id stands what it is."""
        corpus, study = self._document.corpus, self._relations.study
        if corpus is None or study is None:
            return self.names_of(rows)
        return called(corpus, study.relations.named_by, rows)

    def choose(self, name: str | None) -> None:
        """Look at another relation."""
        if name != self._name:
            self._name = name
            self._tell()

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

    def csv_text(self, what: Table) -> str:
        """All relations, the pairs of the one looked at, or what was left out, as CSV."""
        study, result = self._relations.study, self.result
        if study is None:
            return ""
        if what == "relations":
            return study_csv(study)
        if what == "left out":
            return lost_csv(study.relations)
        if result is None:
            return ""
        rows = np.unique(np.concatenate((result.relation.heads, result.relation.tails)))
        names = dict(zip(rows.tolist(), self.names_of(rows), strict=True))
        return pairs_csv(result, names.__getitem__)

    def save_csv(self, path: str, what: Table) -> None:
        """Write it into a file; what goes wrong is said."""
        try:
            with replacing(Path(path)) as draft:
                draft.write_text(self.csv_text(what), encoding="utf-8")
        except BackendError as error:
            self._notices.warn(error.what, error.hint)
        else:
            self._notices.info(f"Saved {path}.")

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        return {"relation": self._name}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept, for the next study."""
        if isinstance(state.get("relation"), str):
            self.choose(state["relation"])

    def _on_study_changed(self, study: Study | None) -> None:
        if study is not None and study.results and self.result is None:
            self._name = study.results[0].relation.name
        self._tell()

    def _tell(self) -> None:
        result = self.result
        if result is None:
            self._arrows.show(None)
        else:
            relation = result.relation
            self._arrows.show(
                arrows_of(relation.name, relation.heads, relation.tails, result.offset.agreement)
            )
        self.changed.emit()

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)


def names_of(corpus: Corpus, column: str, rows: Rows) -> list[str]:
    """What items are called in a column; their numbers where that says nothing."""
    if column == BY_ROW or column not in corpus.columns:
        return [f"row {row}" for row in rows.tolist()]
    cells = read_cells(corpus, rows, [column])
    names = [" ".join(cell_text(value)[:LETTERS].split()) for (value,) in cells]
    return [name or f"row {row}" for name, row in zip(names, rows.tolist(), strict=True)]


def called(corpus: Corpus, column: str, rows: Rows) -> list[str]:
    """The same, with the item's label or text behind a row number or an id."""
    names = names_of(corpus, column, rows)
    if column != BY_ROW and column != corpus.roles.id:
        return names
    other = label_column(corpus) or corpus.roles.text
    if other is None or other == column:
        return names
    told = names_of(corpus, other, rows)
    return [f"{name} · {words}" for name, words in zip(names, told, strict=True)]
