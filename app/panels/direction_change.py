"""Changing vectors: a direction is taken out of them, and both states are judged side by side.

The result is not used until a person says so: it then stands beside the old embeddings, which stay.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.direction_space import SpaceModel
from app.panels.directions import DirectionsModel
from app.panels.run import Run
from app.panels.state import PanelState
from backends.directions.base import Direction
from backends.directions.erasing.judging import Criteria, Verdict, judge
from backends.directions.erasing.making import Erased, erase
from backends.directions.erasing.preparing import EraseRequest
from backends.directions.erasing.registry import ERASERS
from backends.directions.terms import Vocabulary
from backends.directions.wordsets import Collection, WordSet
from backends.export_vectors import VectorForm, export_vectors, form_of_name, form_of_source
from backends.reporting import Report

NO_VECTORS = Problem("There are no vectors to change yet.", "Open vectors, or embed the items.")
NO_DIRECTION = Problem(
    "No direction of these vectors has been found.", "Find one on the page “Find and look” first."
)
NO_PAIRS = Problem("Equalising needs pairs.", "Choose pairs to equalise.")
NO_WORDS = Problem(
    "Specific words, pairs and neutral words must be items, but here words are encoded.",
    "Choose none of them, or open word vectors.",
)
NOTHING = Problem("Nothing has been changed yet.", "Run first.")
KEY, EXPORT_KEY = "direction-change", "direction-change-export"


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """What the page chooses; sets and tests by name, "" for none."""

    direction: str = ""  # fingerprint; "" is the one that is looked at
    method: str = "hard"
    specific: str = ""
    pairs: str = ""
    neutral: str = ""
    test: str = ""
    training: float = 0.5
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Changed:
    """What a run gave."""

    erased: Erased
    verdict: Verdict


class ChangeModel(QObject):
    """Plans, runs, and hands the changed vectors on."""

    state_changed = Signal(object)  # PanelState
    settings_changed = Signal(object)  # ChangeSettings
    choices_changed = Signal()  # directions or word sets
    result_changed = Signal(object)  # Changed | None

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        space: SpaceModel,
        found: DirectionsModel,
    ) -> None:
        super().__init__(document)
        self._document, self._jobs, self._notices = document, jobs, notices
        self._space, self._found = space, found
        self._settings = ChangeSettings()
        self._result: Changed | None = None
        self._run: Run[Changed] = Run(jobs, notices, KEY, self._tell)
        for changed in (
            document.active_changed,
            document.directions_changed,
            document.direction_changed,
            space.changed,
            space.sets_changed,
        ):
            changed.connect(self._on_fact_changed)
        document.corpus_changed.connect(self._on_corpus_changed)

    @property
    def settings(self) -> ChangeSettings:
        """What is chosen."""
        return self._settings

    @property
    def state(self) -> PanelState:
        """What the page shows."""
        return self._run.state(self.plan())

    @property
    def result(self) -> Changed | None:
        """What the last run gave."""
        return self._result

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Directions of the active vectors."""
        return self._found.here

    @property
    def direction(self) -> Direction | None:
        """The chosen one; else the one that is looked at; else the first."""
        here = {one.fingerprint: one for one in self.directions}
        looked = self._document.direction
        wanted = (self._settings.direction, looked.fingerprint if looked is not None else "")
        return next(
            (here[name] for name in wanted if name in here), next(iter(here.values()), None)
        )

    @property
    def sets(self) -> Collection:
        """Word sets and tests: those that come along, and the person's own."""
        return self._space.sets

    @property
    def lists(self) -> tuple[WordSet, ...]:
        """Sets of words."""
        return self._space.sets_of("terms", "scores")

    @property
    def pair_sets(self) -> tuple[WordSet, ...]:
        """Sets of pairs."""
        return self._space.sets_of("pairs")

    @property
    def form(self) -> VectorForm | None:
        """The form that the vectors came in."""
        corpus = self._document.corpus
        return form_of_source(corpus) if corpus is not None else None

    def plan(self) -> tuple[EraseRequest, Criteria] | Problem:
        """What would be done now, or why nothing can be."""
        space, chosen = self._space.space, self._settings
        if space is None:
            return NO_VECTORS
        direction = self.direction
        if direction is None:
            return NO_DIRECTION
        spec = ERASERS[chosen.method]
        if spec.missing is not None:
            return Problem(f"{spec.title} needs {spec.missing}.", f"pip install {spec.missing}")
        pairs = self._pairs(chosen.pairs) if spec.takes_pairs else ()
        if spec.needs_pairs and not pairs:
            return NO_PAIRS
        kept, neutral = self._terms(chosen.specific), self._terms(chosen.neutral)
        if (kept or pairs or neutral) and not isinstance(space.terms, Vocabulary):
            return NO_WORDS
        params: Any = spec.params() if spec.params is not None else None
        if params is not None and any(one.name == "seed" for one in fields(params)):
            params = replace(params, seed=chosen.seed)
        tests = tuple(one for one in self.sets.tests if one.name == chosen.test)
        request = EraseRequest(
            space,
            direction,
            spec.id,
            params,
            kept=kept,
            pairs=pairs,
            training=chosen.training,
            seed=chosen.seed,
        )
        return request, Criteria(neutral, tests)

    def change(self, **values: Any) -> None:
        """Change settings, as `change(method="leace")`, for the next run."""
        new = replace(self._settings, **values)
        if new != self._settings:
            self._settings = new
            self._run.forget_failure()
            self.settings_changed.emit(new)
            self._tell()

    def run(self) -> None:
        """Change the vectors and judge them; the document is left as it is."""
        planned = self.plan()
        if isinstance(planned, Problem):
            self._notices.warn(planned.text, planned.hint)
            return
        self._run.start("Changing vectors", partial(_made, *planned), self._show)

    def stop(self) -> None:
        """Stop; the result before stays."""
        self._run.stop()

    @property
    def use_problem(self) -> Problem | None:
        """Why the changed vectors cannot be used now, or None."""
        return NOTHING if self._result is None else None

    def use(self) -> None:
        """Put the changed vectors beside the others and show them; the old ones stay."""
        if self._result is not None:
            self._document.add_embeddings(self._result.erased.embeddings)

    def export(self, path: Path, *, overwrite: bool) -> None:
        """Write the changed vectors in the form that the ending of the name asks for."""
        corpus, result = self._document.corpus, self._result
        if corpus is None or result is None:
            return
        terms = result.erased.request.space.terms
        column = terms.column if isinstance(terms, Vocabulary) else None

        def write(report: Report) -> tuple[Path, ...]:
            form = form_of_name(path, corpus)
            return export_vectors(
                corpus,
                result.erased.embeddings,
                path,
                form,
                report,
                column=column,
                overwrite=overwrite,
            )

        job = self._jobs.start("Exporting vectors", write, lane="io", key=EXPORT_KEY)
        job.done.connect(lambda files: self._notices.info(f"Saved {files[0]} and its recipe."))
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))

    def _terms(self, name: str) -> tuple[str, ...]:
        return next((one.terms for one in self.lists if one.name == name), ())

    def _pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        return next((one.pairs for one in self.pair_sets if one.name == name), ())

    def _show(self, result: Changed | None) -> None:
        self._result = result
        self.result_changed.emit(result)

    def _on_fact_changed(self, *_fact: object) -> None:
        self.choices_changed.emit()
        self._tell()

    def _on_corpus_changed(self, _corpus: object) -> None:
        self._jobs.cancel(KEY)
        self._jobs.cancel(EXPORT_KEY)
        self._run.forget_failure()
        self._show(None)
        self._on_fact_changed()

    def _tell(self) -> None:
        self.state_changed.emit(self.state)


def _made(request: EraseRequest, criteria: Criteria, report: Report) -> Changed:
    erased = erase(request, report.span(0.0, 0.4))
    return Changed(erased, judge(erased, criteria, report.span(0.4, 1.0)))
