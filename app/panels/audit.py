"""The report of an audit: everything that the pages about directions have found so far."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection as Some
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Jobs
from app.notices import Notices, Problem
from backends.audit.directions import (
    audit_of,
    change_section,
    directions_section,
    tests_section,
)
from backends.audit.parts import Section
from backends.audit.relations import relations_section
from backends.audit.writing import write_report
from backends.directions.association_many import CORRECTIONS
from backends.evaluate.section import word_section
from backends.export import TargetExists
from backends.reporting import Report
from backends.wording import counted

if TYPE_CHECKING:
    from app.directions import DirectionModels

KEY = "audit"
NO_VECTORS = Problem("There are no vectors to report on.", "Open vectors, or embed the items.")
NOTHING = Problem(
    "Nothing has been found yet.",
    "Find a direction, run tests, change vectors, check words or relations; what they found is "
    "listed here.",
)


@dataclass(frozen=True, eq=False, slots=True)
class Chapter:
    """A part of the report that could be written now."""

    id: str
    title: str
    about: str  # what it holds, in a few words
    write: Callable[[Report], Section]


class AuditModel(QObject):
    """Collects what was found of the active vectors, and writes it."""

    changed = Signal()  # chapters, or whether it runs
    target_exists = Signal(object)  # TargetExists: may these files be replaced?

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, models: DirectionModels
    ) -> None:
        super().__init__(document)
        self._document, self._jobs, self._notices = document, jobs, notices
        self._models = models
        self._left_out: frozenset[str] = frozenset()
        for told in (
            document.active_changed,
            document.directions_changed,
            models.tests.outcomes_changed,
            models.change.result_changed,
            models.checks.scores_changed,
            models.relations.state_changed,
        ):
            told.connect(self._on_changed)
        document.corpus_changed.connect(lambda _corpus: jobs.cancel(KEY))

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """What could be written now, in the order of the report."""
        return tuple(filter(None, (self._directions(), self._tests(), *self._others())))

    @property
    def left_out(self) -> frozenset[str]:
        """Ids of chapters that a person does not want."""
        return self._left_out

    @property
    def problem(self) -> Problem | None:
        """Why nothing can be written, or None."""
        if self._document.corpus is None or self._document.active is None:
            return NO_VECTORS
        return None if any(c.id not in self._left_out for c in self.chapters) else NOTHING

    def take(self, chapter: str, *, wanted: bool) -> None:
        """Put a chapter into the report, or leave it out."""
        self._left_out = self._left_out - {chapter} if wanted else self._left_out | {chapter}
        self.changed.emit()

    def save(self, path: Path, *, agreed: Some[Path] = ()) -> None:
        """Write NAME.html and NAME.csv; of files that are there only those agreed on go."""
        corpus, active = self._document.corpus, self._document.active
        if self.problem is not None or corpus is None or active is None:
            return
        chapters = [one for one in self.chapters if one.id not in self._left_out]

        def write(report: Report) -> tuple[Path, Path]:
            sections = []
            for number, one in enumerate(chapters):
                report.step(number, len(chapters), one.title)
                sections.append(
                    one.write(report.span(number / len(chapters), (number + 1) / len(chapters)))
                )
            return write_report(audit_of(corpus, active, sections), path, agreed=agreed)

        job = self._jobs.start("Writing the report", write, lane="io", key=KEY)
        job.done.connect(
            lambda files: self._notices.info(f"Saved {files[0]}.", f"{files[1].name} beside it.")
        )
        job.failed.connect(self._on_failed)

    def _on_failed(self, failure: Failure) -> None:
        if isinstance(failure.error, TargetExists):
            self.target_exists.emit(failure.error)
        else:
            self._notices.failure(failure.error, failure.trace)

    def _directions(self) -> Chapter | None:
        here, space = self._models.list.here, self._models.space.space
        if not here or space is None:
            return None
        about = counted(len(here), "direction")
        return Chapter(
            "directions",
            "Directions",
            about,
            lambda report: directions_section(space, here, report),
        )

    def _tests(self) -> Chapter | None:
        model = self._models.tests
        found = [one for _, one in model.outcomes if one is not None]
        if not found:
            return None
        how = CORRECTIONS.get(model.settings.correction, model.settings.correction)
        return Chapter(
            "tests",
            "Association tests",
            counted(len(found), "test"),
            lambda _report: tests_section(found, how),
        )

    def _others(self) -> tuple[Chapter | None, ...]:
        models, active = self._models, self._document.active
        changed, study = models.change.result, models.relations.study
        scores = models.checks.scores
        name = active.fingerprint if active is not None else ""
        of_these = changed is not None and name in (
            changed.erased.request.direction.embeddings,
            changed.erased.embeddings.fingerprint,
        )
        return (
            Chapter(
                "change",
                "Changed vectors",
                changed.erased.embeddings.title,
                lambda _report: change_section(changed.erased.embeddings.title, changed.verdict),
            )
            if changed is not None and of_these
            else None,
            Chapter(
                "word-checks",
                "Word checks",
                counted(len(scores), "file"),
                lambda _report: word_section(scores),
            )
            if scores
            else None,
            Chapter(
                "relations",
                "Relations",
                counted(len(study.results), "relation"),
                lambda _report: relations_section(study),
            )
            if study is not None and not models.relations.is_old
            else None,
        )

    def _on_changed(self, *_facts: object) -> None:
        self.changed.emit()
