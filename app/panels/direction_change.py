"""Changing vectors: a direction is taken out of them, and both states are judged side by side.

The result is not used until a person says so: it then stands beside the old embeddings, which stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.change_choices import ChangeChoices
from app.panels.change_files import ChangeFilesModel
from app.panels.change_settings import (
    ROLES,
    SELECTION,
    ChangeSettings,
    as_kept,
    from_kept,
)
from app.panels.direction_space import SpaceModel
from app.panels.directions import DirectionsModel
from app.panels.run import Run
from app.panels.state import PanelState
from backends.directions.base import Direction
from backends.directions.erasing.base import EMPTY
from backends.directions.erasing.judging import Criteria, Verdict, judge
from backends.directions.erasing.making import Erased, erase
from backends.directions.erasing.preparing import EraseRequest
from backends.directions.erasing.registry import ERASERS
from backends.directions.terms import Vocabulary
from backends.export_vectors import VectorForm, export_vectors, form_of_name, form_of_source
from backends.reporting import Report

NO_VECTORS = Problem("There are no vectors to change yet.", "Open vectors, or embed the items.")
NO_DIRECTION = Problem(
    "No direction of these vectors has been found.", "Find one on the page “Find and look” first."
)
NO_PAIRS = Problem("Equalising needs pairs.", "Choose pairs to equalise.")
NO_SELECTION = Problem("Nothing is selected.", "Select the items to keep, or keep none.")
NOTHING = Problem("Nothing has been changed yet.", "Run first.")
IN_USE = Problem("These vectors are in use.", "The old ones stand beside them in the list.")
KEY, EXPORT_KEY = "direction-change", "direction-change-export"


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
        files: ChangeFilesModel,
    ) -> None:
        super().__init__(document)
        self._document, self._jobs, self._notices = document, jobs, notices
        self.files, self.choices = files, ChangeChoices(document, space, found)
        self._settings = ChangeSettings()
        self._result: Changed | None = None
        self._run: Run[Changed] = Run(jobs, notices, KEY, self._tell)
        for changed in (
            document.active_changed,
            document.directions_changed,
            document.direction_changed,
            space.changed,
        ):
            changed.connect(self._on_fact_changed)
        space.sets_changed.connect(self._on_sets_changed)
        document.selection_changed.connect(lambda _selection: self._tell())
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
    def direction(self) -> Direction | None:
        """The chosen one; else the one that is looked at; else the first."""
        return self.choices.direction(self._settings.direction)

    @property
    def form(self) -> VectorForm | None:
        """The form that the vectors came in."""
        corpus = self._document.corpus
        return form_of_source(corpus) if corpus is not None else None

    def plan(self) -> tuple[EraseRequest, Criteria] | Problem:
        """What would be done now, or why nothing can be."""
        space, chosen, choices = self.choices.space, self._settings, self.choices
        if space is None:
            return NO_VECTORS
        direction = self.direction
        if direction is None:
            return NO_DIRECTION
        spec = ERASERS[chosen.method]
        if spec.missing is not None:
            return Problem(f"{spec.title} needs {spec.missing}.", f"pip install {spec.missing}")
        if (empty := choices.empty(chosen)) is not None:
            return empty
        pairs = choices.pairs(chosen.pairs) if spec.takes_pairs else ()
        if spec.needs_pairs and not pairs:
            return choices.items_problem or NO_PAIRS
        rows = self._document.selection.rows if chosen.specific == SELECTION else EMPTY
        if chosen.specific == SELECTION and not len(rows):
            return NO_SELECTION
        request = EraseRequest(
            space,
            direction,
            spec.id,
            chosen.params,
            kept=choices.specific(chosen.specific),
            kept_rows=rows,
            pairs=pairs,
            training=chosen.training,
            seed=chosen.seed,
        )
        if choices.word_problem is not None:
            return request, Criteria()
        tests = tuple(one for one in choices.tests if one.name == chosen.test)
        return request, Criteria(choices.neutral(chosen.neutral), tests, self.files.files)

    def change(self, **values: Any) -> None:
        """Change settings, as `change(method="leace")`, for the next run."""
        new = replace(self._settings, **values)
        if new != self._settings:
            self._settings = new
            self._run.forget_failure()
            self.settings_changed.emit(new)
            self._tell()

    def change_value(self, name: str, value: float) -> None:
        """Change a parameter of the method; each method remembers its own."""
        values = self._settings.with_value(name, value).values
        if self._settings.shown.get(name) != value:
            self.change(values=values)

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
        active, result = self._document.active, self._result
        if result is None:
            return NOTHING
        is_used = active is not None and active.fingerprint == result.erased.embeddings.fingerprint
        return IN_USE if is_used else None

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

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        there = {one.fingerprint for one in self._document.directions}
        name = self._settings.direction if self._settings.direction in there else ""
        kept = as_kept(replace(self._settings, direction=name))
        return {**kept, "files": self.files.kept()}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept; what is not there any more is left out and said."""
        chosen, lost = from_kept(state)
        there = {one.fingerprint for one in self._document.directions}
        if chosen.direction and chosen.direction not in there:
            chosen, lost = replace(chosen, direction=""), (*lost, "its direction")
        gone = self.choices.gone(chosen)
        none: dict[str, Any] = dict.fromkeys(gone, "")
        self._settings = replace(chosen, **none)
        self._run.forget_failure()
        lost = (*lost, *(f"{ROLES[name]} “{getattr(chosen, name)}”" for name in gone))
        if lost:
            self._notices.warn(
                f"Of the page “Change” in this project, {', '.join(lost)} cannot be used any more.",
                "Choose again what is missing.",
            )
        files = state.get("files")
        self.files.restore([one for one in files if isinstance(one, str)] if files else [])
        self.settings_changed.emit(self._settings)
        self._tell()

    def _show(self, result: Changed | None) -> None:
        self._result = result
        self.result_changed.emit(result)

    def _on_sets_changed(self) -> None:
        gone = self.choices.gone(self._settings)
        for name in gone:
            words = getattr(self._settings, name)
            self._notices.info(f"“{words}” is there no more, so the page “Change” leaves it out.")
        self.change(**dict.fromkeys(gone, ""))
        self._on_fact_changed()

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
