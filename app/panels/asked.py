"""The newest answer to one kind of question, and whether it is still being worked out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from app.jobs import Failure, Job, Jobs, Lane
from app.notices import Notices, Problem
from backends.errors import BackendError
from backends.reporting import Report

Answer = TypeVar("Answer")


class _Told(QObject):
    changed = Signal()


class Asked(Generic[Answer]):
    """Asks in the background; what cannot be answered is a `problem`, a bug is a notice.

    The answer before stays until there is another one, or until somebody clears it.
    """

    def __init__(self, jobs: Jobs, notices: Notices, key: str, parent: QObject) -> None:
        self._jobs = jobs
        self._notices = notices
        self._key = key
        self._told = _Told(parent)
        self._job: Job | None = None
        self.changed = self._told.changed
        self.answer: Answer | None = None
        self.problem: Problem | None = None

    @property
    def is_running(self) -> bool:
        """Whether an answer is under way."""
        return self._job is not None

    @property
    def job(self) -> Job | None:
        """What works it out, for its progress."""
        return self._job

    def ask(
        self,
        title: str,
        call: Callable[[Report], Answer],
        *,
        lane: Lane = "io",
        clear: bool = False,
    ) -> None:
        """Have this worked out instead of what was; `clear` forgets the answer before at once."""
        if clear:
            self.answer = None
        self.problem = None
        job = self._jobs.start(title, call, lane=lane, key=self._key)
        self._job = job
        job.progressed.connect(lambda _progress: self.changed.emit())
        job.done.connect(self._on_done)
        job.failed.connect(self._on_failed)
        job.ended.connect(lambda: self._on_ended(job))
        self.changed.emit()

    def refuse(self, problem: Problem) -> None:
        """Say why there is no answer."""
        self.stop()
        self.answer, self.problem = None, problem
        self.changed.emit()

    def stop(self) -> None:
        """Want no answer any more; the one before stays."""
        if self._job is not None:
            self._job.cancel()

    def clear(self) -> None:
        """Forget everything."""
        self.stop()
        told = self.answer is not None or self.problem is not None
        self.answer, self.problem = None, None
        if told:
            self.changed.emit()

    def _on_done(self, answer: Answer) -> None:
        self.answer = answer

    def _on_failed(self, failure: Failure) -> None:
        self.answer = None
        error = failure.error
        if isinstance(error, BackendError):
            self.problem = Problem(error.what, error.hint)
        else:
            self.problem = Problem("This went wrong.", str(error))
            self._notices.failure(error, failure.trace)

    def _on_ended(self, job: Job) -> None:
        if self._job is job:
            self._job = None
            self.changed.emit()
