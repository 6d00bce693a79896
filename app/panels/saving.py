"""What every model that writes files for a person has: a target, one job, and what came of it.

A file that is in the way becomes a question, not a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Job, Jobs
from app.notices import Notices
from app.panels.state import PanelState
from app.settings import SettingsStore
from backends.errors import BackendError
from backends.export import TargetExists
from backends.reporting import Progress


class SavingModel(QObject):
    """Runs one job at a time that writes files; what is chosen is its heirs' affair."""

    settings_changed = Signal(object)
    state_changed = Signal(object)  # PanelState
    target_exists = Signal(object)  # TargetExists: may it be replaced?
    exported = Signal(object)  # what was written

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, store: SettingsStore, key: str
    ) -> None:
        super().__init__(document)
        self.document = document
        self.jobs = jobs
        self.notices = notices
        self._store = store
        self._key = key
        self._named = False  # the person chose the target: it is not made up any more
        self._job: Job | None = None
        self._failure: Failure | None = None

    @property
    def state(self) -> PanelState:
        """Whether it can run, and why not."""
        raise NotImplementedError

    def change(self, **fields: Any) -> None:
        """Change settings by name, `target` among them."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop writing; nothing is left behind."""
        self.jobs.cancel(self._key)

    def _start(self, title: str, call: Callable[..., Any]) -> None:
        """Begin to write."""
        self._failure = None
        job = self._job = self.jobs.start(title, call, lane="io", key=self._key)
        job.progressed.connect(self._on_progressed)
        job.done.connect(self._on_done)
        job.failed.connect(self._on_failed)
        job.ended.connect(self._on_ended)
        self.state_changed.emit(self.state)

    def _target_for(self, chosen: str, ending: str, endings: Collection[str], words: str) -> str:
        """The target with the format's ending; one named by corpus and words if none was chosen."""
        corpus = self.document.corpus
        if self._named and chosen:
            path = Path(chosen)
            known = path.suffix[1:] in endings
            return str(path.with_suffix(f".{ending}") if known else path)
        if corpus is None:
            return ""
        folder = Path(self._store.value.last_folder or Path.home())
        stem = Path(corpus.title).stem or "corpus"
        return str(folder / f"{stem} {words}.{ending}")

    def _on_progressed(self, _progress: Progress) -> None:
        self.state_changed.emit(self.state)

    def _on_done(self, result: Any) -> None:
        """Say what was written."""
        self.exported.emit(result)

    def _on_failed(self, failure: Failure) -> None:
        if isinstance(failure.error, TargetExists):
            self.target_exists.emit(failure.error)
        elif isinstance(failure.error, BackendError):
            self._failure = failure
        else:
            self.notices.failure(failure.error, failure.trace)

    def _on_ended(self) -> None:
        self._job = None
        self.state_changed.emit(self.state)
