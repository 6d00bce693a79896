"""The open project: where it is saved, whether there are unsaved changes, who else has it open."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Job, Jobs
from app.notices import Notices
from app.project import (
    ProjectChanged,
    capture,
    changed_note,
    open_project,
    restore,
    save_project,
)
from app.project_facts import ProjectState
from app.project_lock import ProjectLock, ProjectLocked
from app.reload import read_again
from app.settings import RECENT_KEPT, SettingsStore
from app.sources import SourceStamp, stamps_of
from backends.cache import cache_root
from backends.errors import BackendError
from backends.samples import SAMPLES

KEY = "open"  # opening a file and opening a project replace each other
Facts = tuple[object, ...]


@runtime_checkable
class HandMade(Protocol):
    """A panel model that holds something made by hand, beside what the document holds."""

    changed: Any  # a signal

    @property
    def hand_made(self) -> object:
        """What was made; a snapshot, to be compared with another."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a project lies, and this window's lock on it or why there is none."""

    path: Path
    lock: ProjectLock | None
    refused: ProjectLocked | None = None


class Session(QObject):
    """Saves and opens projects of one window.

    `panels` are the models whose state a project keeps, by name: those that have
    `project_state() -> Mapping` and `restore_project_state(Mapping)`, in plain data. What some of
    them call `hand_made` would be missed, as a name that was given is.
    """

    changed = Signal()  # path, title, dirty or read_only
    opened = Signal(object)  # ProjectState, after the document and the panels have it
    saved = Signal(object)  # Path
    conflict = Signal(object)  # Path: it was not saved there; `save(path, overwrite=True)` would
    sources_changed = Signal(object)  # tuple[Path, ...]: `reload()` reads them again

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        settings: SettingsStore,
        panels: Mapping[str, QObject] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent or document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._settings = settings
        self._panels = dict(panels or {})
        self._place: _Place | None = None
        self._revision: str | None = None
        self._own: set[str] = set()  # revisions of this project that this window wrote, or began to
        self._sources: tuple[SourceStamp, ...] = ()
        self._kept: Facts = self._facts(all_of_them=False)  # as saved, opened or read
        self._restoring = False
        self._shown: Facts = ()
        document.corpus_changed.connect(self._on_corpus_changed)
        for signal in (
            *(document.roles_changed, document.selection_changed, document.filter_changed),
            *(document.embeddings_changed, document.projection_changed),
            document.columns_changed,
        ):
            signal.connect(self._on_fact_changed)
        for panel in self._panels.values():
            if isinstance(panel, HandMade):
                panel.changed.connect(self._on_fact_changed)

    @property
    def path(self) -> Path | None:
        """Where it is saved without asking: None if it never was, or another window has it."""
        return None if self._place is None or self.read_only else self._place.path

    @property
    def read_only(self) -> bool:
        """Whether another window has the project open, or its folder takes no lock."""
        return self._place is not None and self._place.lock is None

    @property
    def title(self) -> str:
        """The project's name, else the corpus's, else nothing."""
        if self._place is not None:
            return self._place.path.stem
        return self._document.corpus.title if self._document.corpus is not None else ""

    @property
    def dirty(self) -> bool:
        """Whether something is not saved that a person would miss.

        Before the first save that is what was done by hand: whatever was computed is found again in
        the cache.
        """
        if self._document.corpus is None:
            return False
        return self._facts(all_of_them=self._place is not None) != self._kept

    @property
    def recent(self) -> tuple[str, ...]:
        """Projects and files that were open before and are still there."""
        projects, files = self._settings.recent(projects=True), self._settings.recent()
        return (*projects[: RECENT_KEPT // 2], *files)[:RECENT_KEPT]

    def save(self, path: Path | None = None, *, overwrite: bool = False) -> Job | None:
        """Save to a folder, or where it was saved last; return the job, or None if it cannot start.

        What stands in the way is said in a notice.
        """
        try:
            state = capture(self._document, self._panel_states(), self._sources)
            place = self._place_for(path)
        except BackendError as error:
            self._notices.failure(error, "")
            return None
        known, own = (self._revision, self._own) if place is self._place else (None, None)
        save = partial(save_project, place.path, state)
        call = partial(save, known=known, own=own, overwrite=overwrite)
        job = self._jobs.start(f"Saving {place.path.stem}", call, lane="io", key="save")
        facts = self._facts(all_of_them=True)
        job.done.connect(lambda revision: self._on_saved(place, revision, state, facts))
        job.failed.connect(lambda failure: self._on_save_failed(place, failure))
        job.cancelled.connect(lambda: self._let_go(place))
        return job

    def open(self, path: Path) -> Job:
        """Open a project; what is open now stays until the new one has been read."""
        target = path.absolute()
        self._jobs.cancel(KEY)  # if it opens the same project, it lets go of its lock
        if self._place is not None and self._place.path == target and not self.read_only:
            place = self._place
        else:
            try:
                place = _Place(target, ProjectLock(target))
            except ProjectLocked as error:
                place = _Place(target, None, error)
        call = partial(open_project, target)
        job = self._jobs.start(f"Opening {target.stem}", call, lane="io", key=KEY)
        job.done.connect(lambda state: self._on_opened(place, state))
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))
        for signal in (job.failed, job.cancelled):
            signal.connect(lambda *_: self._let_go(place))
        return job

    def reload(self) -> Job | None:
        """Read the corpus's files again and find the same rows in them; None if there are none."""
        corpus = self._document.corpus
        if corpus is None or not corpus.sources:
            self._notices.warn("There is no file to read again.", "Open a file.")
            return None
        state = capture(self._document, self._panel_states(), self._sources)
        call = partial(read_again, state, self._settings.value.split)
        job = self._jobs.start(f"Reading {corpus.title} again", call, lane="io", key=KEY)
        job.done.connect(self._on_reloaded)
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))
        return job

    def release(self) -> None:
        """Let other windows have the project."""
        if self._place is not None and self._place.lock is not None:
            self._place.lock.release()
        self._place = None

    def _place_for(self, path: Path | None) -> _Place:
        """Raises: ProjectLocked, UnwritableFile, BackendError if nobody said where."""
        here = self._place
        target = path.absolute() if path is not None else here.path if here is not None else None
        if target is None:
            raise BackendError("Nobody has said where to save.", "Save it under a name.")
        if here is not None and target == here.path:
            if here.refused is not None:
                raise here.refused
            return here
        return _Place(target, ProjectLock(target, make=True))

    def _let_go(self, place: _Place) -> None:
        if place is not self._place and place.lock is not None:
            place.lock.release()

    def _move_to(self, place: _Place, revision: str) -> None:
        if place is not self._place:
            self.release()
            self._own = set()
        self._place, self._revision = place, revision
        self._settings.remember(place.path, project=True)

    def _panel_states(self) -> dict[str, Mapping[str, Any]]:
        return {
            name: panel.project_state()
            for name, panel in self._panels.items()
            if hasattr(panel, "project_state")
        }

    def _restore(self, state: ProjectState) -> None:
        self._restoring = True
        try:
            restore(state, self._document)
        finally:
            self._restoring = False
        for name, panel in self._panels.items():
            if name in state.panels and hasattr(panel, "restore_project_state"):
                with suppress(AttributeError, LookupError, TypeError, ValueError):  # only a view
                    panel.restore_project_state(state.panels[name])
        self._sources = state.sources

    def _on_opened(self, place: _Place, state: ProjectState) -> None:
        self._restore(state)
        self._move_to(place, state.revision)
        self._kept = self._facts(all_of_them=True)
        self._on_fact_changed()
        if place.refused is not None:
            self._notices.warn(place.refused.what, place.refused.hint)
        for note in state.notes:
            self._notices.warn(note)
        if state.changed:
            self._notices.info(*changed_note(state.changed))
            self.sources_changed.emit(state.changed)
        self.opened.emit(state)

    def _on_reloaded(self, state: ProjectState) -> None:
        self._restore(state)
        self._on_fact_changed()
        for note in state.notes:
            self._notices.info(note)

    def _on_saved(self, place: _Place, revision: str, state: ProjectState, facts: Facts) -> None:
        now = self._document.corpus
        if now is not None and now.made_by is state.corpus.made_by:  # columns may come meanwhile
            self._move_to(place, revision)
            self._kept = facts
            self._on_fact_changed()
        else:  # something else has been opened in the meantime
            self._let_go(place)
        self.saved.emit(place.path)

    def _on_save_failed(self, place: _Place, failure: Failure) -> None:
        self._let_go(place)
        self._notices.failure(failure.error, failure.trace)
        if isinstance(failure.error, ProjectChanged):
            self.conflict.emit(place.path)

    def _on_corpus_changed(self, corpus: Any) -> None:
        if self._restoring:
            return
        self.release()
        self._revision = None
        self._sources = stamps_of(corpus.sources) if corpus is not None else ()
        self._kept = self._facts(all_of_them=False)
        samples = {path for sample in SAMPLES.values() for path in sample.paths}
        for stamp in self._sources:
            # Pasted text and samples from packages are no files of the person's.
            if cache_root() not in stamp.path.parents and stamp.path not in samples:
                self._settings.remember(stamp.path)
        self.changed.emit()

    def _facts(self, *, all_of_them: bool) -> Facts:
        made = [panel.hand_made for panel in self._panels.values() if isinstance(panel, HandMade)]
        return (*_facts(self._document, all_of_them=all_of_them), made)

    def _on_fact_changed(self) -> None:
        if self._restoring:
            return
        shown = (self._place, self.dirty)
        if shown != self._shown:
            self._shown = shown
            self.changed.emit()


def _facts(document: Document, *, all_of_them: bool) -> Facts:
    """What is compared to see unsaved changes: what was done by hand, or computed things too."""
    corpus = document.corpus
    # Computed columns are not found again in the cache: whoever made one would miss it.
    made = tuple(corpus.computed.items()) if corpus else ()
    by_hand = (corpus and corpus.roles, made, document.selection, document.filter)
    if not all_of_them:
        return by_hand
    names = [embeddings.fingerprint for embeddings in document.embeddings]
    layouts = [
        tuple(layout.fingerprint for layout in document.projections_of(name)) for name in names
    ]
    return (*by_hand, corpus and corpus.fingerprint, tuple(names), tuple(layouts))
