"""Word checks: test sets that a person adds, and what they say of all embeddings of the corpus.

What was judged is kept by embeddings, file and settings, so a run does only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Jobs, Lane
from app.notices import Notices, Problem
from app.panels.run import Run
from app.panels.state import PanelState
from app.panels.word_check_rows import csv_text
from app.settings import SettingsStore
from backends.directions.base import Space
from backends.directions.terms import BARE, term_source
from backends.errors import BackendError
from backends.evaluate.analogies import RESTRICT
from backends.evaluate.files import WordFile, read_word_file
from backends.evaluate.lookup import CASES, Case
from backends.evaluate.words import WordOptions, WordScore, kind_of, word_scores
from backends.files import replacing
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

NO_CORPUS = Problem("Nothing is open yet.", "Open word vectors, or any table with vectors.")
NO_VECTORS = Problem("There are no vectors yet.", "Embed the items first.")
NO_FILES = Problem(
    "Add test sets of words.",
    "Drop files here: similarity judgements (MEN, WordSim-353, SimLex-999, RW, MTurk-771, STS), in "
    "each line two words and a score; or analogies (Google's questions-words, MSR), in each line "
    "four words. They come with the publications of their authors; your own may look the same.",
)
ALL_DONE = Problem("Everything is judged.", "Add files, or change how words are found.")
KEY = "word-checks"
MOST_FILES = 50  # that are remembered
WORDY = ("string", "large_string")

Key = tuple[str, str, str, str, int]  # embeddings, file, column, case, restriction
Outcome = WordScore | Problem


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """How words are found, and what gain is compared with."""

    case: Case = "fold"
    restrict: int = RESTRICT  # items that may answer an analogy
    column: str | None = None  # with the words; None: the encoder if known, else text or id
    reference: str | None = None  # fingerprint of embeddings that stand for 100 %


@dataclass(frozen=True, eq=False, slots=True)
class CheckFile:
    """A test set that was added: what it holds, or why it cannot be read."""

    path: Path
    file: WordFile | None = None
    problem: Problem | None = None


@dataclass(frozen=True, eq=False)
class CheckRequest:
    """What a run does: the embeddings one after the other, and of each the files not judged yet."""

    corpus: Corpus
    todo: tuple[tuple[Embeddings, WordFile, Key], ...]
    column: str | None
    options: WordOptions

    @property
    def encodes(self) -> bool:
        """Whether an encoder has to run."""
        return self.column is None and any(
            embeddings.made_by.origin.operation == "embed" for embeddings, _, _ in self.todo
        )


def read_files(paths: Sequence[Path], report: Report = SILENT) -> tuple[CheckFile, ...]:
    """Read test sets; one that cannot be read says why."""
    found = []
    for number, path in enumerate(paths):
        report.step(number, len(paths), f"Reading {path.name}")
        try:
            file = read_word_file(path)
            _ = file.fingerprint  # worked out here, for later it is asked in the GUI thread
            found.append(CheckFile(path, file))
        except BackendError as error:
            found.append(CheckFile(path, None, Problem(error.what, error.hint)))
    return tuple(found)


def judge(request: CheckRequest, report: Report = SILENT) -> dict[Key, Outcome]:
    """Judge what is asked for; partials are what is known so far. Raises: Cancelled."""
    found: dict[Key, Outcome] = {}
    weights = [20.0 if kind_of(file) == "analogies" else 1.0 for _, file, _ in request.todo]
    done = 0.0
    for (embeddings, file, key), weight in zip(request.todo, weights, strict=True):
        part = report.span(done / sum(weights), (done + weight) / sum(weights))
        try:
            source = term_source(request.corpus, embeddings, BARE, request.column)
            space = Space(request.corpus, embeddings, source)
            (found[key],) = word_scores(space, [file], part, request.options)
        except BackendError as error:
            found[key] = Problem(error.what, error.hint)
        done += weight
        report.partial(dict(found))
    return found


class WordChecksModel(QObject):
    """Keeps test sets and their outcomes; a view shows those of the active embeddings."""

    state_changed = Signal(object)  # PanelState
    settings_changed = Signal(object)  # CheckSettings
    files_changed = Signal()
    scores_changed = Signal()  # also when other embeddings are looked at

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, settings: SettingsStore
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self.notices = notices
        self._store = settings
        self._settings = CheckSettings()
        self._files: tuple[CheckFile, ...] = ()
        self._known: dict[Key, Outcome] = {}
        self._run: Run[Mapping[Key, Outcome]] = Run(
            jobs, notices, KEY, lambda: self.state_changed.emit(self.state)
        )
        self._remembered = False
        document.corpus_changed.connect(self._on_corpus_changed)
        document.embeddings_changed.connect(self._on_fact_changed)
        document.active_changed.connect(self._on_fact_changed)
        document.roles_changed.connect(self._on_fact_changed)

    @property
    def settings(self) -> CheckSettings:
        """How words are found."""
        return self._settings

    @property
    def state(self) -> PanelState:
        """What the page shows."""
        return self._run.state(self._plan())

    @property
    def files(self) -> tuple[CheckFile, ...]:
        """Test sets in the order in which they were added."""
        return self._files

    @property
    def embeddings(self) -> tuple[Embeddings, ...]:
        """Embeddings that are judged: those looked at first, then the others."""
        active = self._document.active
        others = [each for each in self._document.embeddings if each is not active and each.count]
        return (active, *others) if active is not None and active.count else tuple(others)

    @property
    def reference(self) -> Embeddings | None:
        """What stands for a gain of 100 %, if it is still there."""
        name = self._settings.reference
        return next((each for each in self.embeddings if each.fingerprint == name), None)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that may hold the words."""
        corpus = self._document.corpus
        if corpus is None:
            return ()
        return tuple(field.name for field in corpus.table.schema if str(field.type) in WORDY)

    @property
    def encodes(self) -> bool:
        """Whether the active embeddings have an encoder that can be asked for any word."""
        active = self._document.active
        return active is not None and active.made_by.origin.operation == "embed"

    @property
    def column(self) -> str | None:
        """The column that words are looked up in; None if they are encoded or there is none."""
        corpus, chosen = self._document.corpus, self._settings.column
        if corpus is None or (chosen is None and self.encodes):
            return None
        return chosen if chosen in self.columns else corpus.roles.text or corpus.roles.id

    @property
    def outcomes(self) -> tuple[Outcome | None, ...]:
        """What each file says of the active embeddings; None where it was not asked yet."""
        active = self._document.active
        if active is None:
            return (None,) * len(self._files)
        return tuple(self.outcome(active, each) for each in self._files)

    @property
    def scores(self) -> tuple[WordScore, ...]:
        """The outcomes that are scores."""
        return tuple(each for each in self.outcomes if isinstance(each, WordScore))

    def outcome(self, embeddings: Embeddings, added: CheckFile) -> Outcome | None:
        """What a file says of embeddings, if that is known under these settings."""
        if added.file is None:
            return added.problem
        return self._known.get(self._key(embeddings, added.file))

    def remember(self) -> None:
        """Read the files and choices of the last time; done once, when the page is first seen."""
        if self._remembered:
            return
        self._remembered = True
        kept = self._store.value.word_checks
        self._restore(kept)
        paths = kept.get("files")
        if isinstance(paths, list):
            there = [Path(path) for path in paths[:MOST_FILES] if isinstance(path, str)]
            self.add([path for path in there if path.is_file()])

    def add(self, paths: Iterable[Path]) -> None:
        """Add test sets; one that is there already is read anew."""
        wanted = list(dict.fromkeys(path.absolute() for path in paths))
        if not wanted:
            return
        job = self._jobs.start("Reading test sets", partial(read_files, wanted), lane="io")
        job.done.connect(self._on_read)
        job.failed.connect(lambda failure: self.notices.failure(failure.error, failure.trace))

    def remove(self, at: int) -> None:
        """Take a test set off the list; the file itself stays."""
        if 0 <= at < len(self._files):
            self._set_files((*self._files[:at], *self._files[at + 1 :]))

    def change(self, **fields: Any) -> None:
        """Change settings, as `change(case="exact")`."""
        new = replace(self._settings, **fields)
        if new != self._settings:
            self._settings = new
            self._run.forget_failure()
            self._keep()
            self.settings_changed.emit(new)
            self._tell_all()

    def run(self) -> None:
        """Judge what is missing."""
        request = self._plan()
        if isinstance(request, Problem):
            self.notices.warn(request.text, request.hint)
            return
        lane: Lane = "compute" if request.encodes else "io"  # the kernel has threads of its own
        call = partial(judge, request)
        self._run.start("Judging words", call, self._on_found, lane=lane, partial=True)

    def stop(self) -> None:
        """Stop; what is judged so far stays."""
        self._run.stop()

    def csv_text(self) -> str:
        """Everything that is known of all embeddings, as CSV."""
        return csv_text(self)

    def save_csv(self, path: Path) -> None:
        """Write the same into a file; what goes wrong is said."""
        try:
            with replacing(path) as draft:
                draft.write_text(self.csv_text(), encoding="utf-8")
        except BackendError as error:
            self.notices.warn(error.what, error.hint)
        else:
            self.notices.info(f"Saved {path}.")

    def _key(self, embeddings: Embeddings, file: WordFile) -> Key:
        settings = self._settings
        restrict = settings.restrict if kind_of(file) == "analogies" else 0
        column = settings.column if settings.column in self.columns else None
        return embeddings.fingerprint, file.fingerprint, column or "", settings.case, restrict

    def _plan(self) -> CheckRequest | Problem:
        corpus = self._document.corpus
        if corpus is None:
            return NO_CORPUS
        if not self.embeddings:
            return NO_VECTORS
        files = [each.file for each in self._files if each.file is not None]
        if not files:
            return NO_FILES
        wanted = [
            (embeddings, file, self._key(embeddings, file))
            for embeddings in self.embeddings
            for file in files
        ]
        todo = {each[2]: each for each in wanted if each[2] not in self._known}
        if not todo:
            return ALL_DONE
        settings = self._settings
        column = settings.column if settings.column in self.columns else None
        options = WordOptions(settings.case, settings.restrict)
        return CheckRequest(corpus, tuple(todo.values()), column, options)

    def _on_read(self, found: tuple[CheckFile, ...]) -> None:
        anew = {each.path: each for each in found}
        kept = [anew.pop(each.path, each) for each in self._files]
        self._set_files((*kept, *anew.values()))

    def _set_files(self, files: tuple[CheckFile, ...]) -> None:
        self._files = files
        self._run.forget_failure()
        self._keep()
        self.files_changed.emit()
        self._tell_all()

    def _keep(self) -> None:
        paths = [str(each.path) for each in self._files[:MOST_FILES]]
        kept = {"files": paths, "case": self._settings.case, "restrict": self._settings.restrict}
        self._store.change(word_checks=kept)

    def _restore(self, kept: Mapping[str, Any]) -> None:
        case, restrict = kept.get("case"), kept.get("restrict")
        if case in CASES:
            self._settings = replace(self._settings, case=case)
        if isinstance(restrict, int) and restrict > 0:
            self._settings = replace(self._settings, restrict=restrict)
        self.settings_changed.emit(self._settings)

    def _on_found(self, found: Mapping[Key, Outcome]) -> None:
        self._known.update(found)
        self.scores_changed.emit()

    def _on_corpus_changed(self, _corpus: object) -> None:
        self._jobs.cancel(KEY)
        self._known.clear()
        self._run.forget_failure()
        self._settings = replace(self._settings, column=None, reference=None)
        self.settings_changed.emit(self._settings)
        self._tell_all()

    def _on_fact_changed(self, _fact: object) -> None:
        self.settings_changed.emit(self._settings)  # which columns and references there are
        self._tell_all()

    def _tell_all(self) -> None:
        self.scores_changed.emit()
        self.state_changed.emit(self.state)
