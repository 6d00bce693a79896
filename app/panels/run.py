"""One kind of run of a panel: its job, how it failed, and the state that both make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from app.jobs import Failure, Job, Jobs, Lane
from app.notices import Notices
from app.panels.state import PanelState, state_of
from backends.errors import BackendError
from backends.reporting import Report

Result = TypeVar("Result")


class Run(Generic[Result]):
    """Starts, stops and ends a job, and tells the panel whenever its state is another.

    What comes out is not held here, and neither is what would be run: the panel has its own plan.
    """

    def __init__(
        self,
        jobs: Jobs,
        notices: Notices,
        key: str,
        tell: Callable[[], None],
        *,
        in_page: bool = False,
        at_end: Callable[[], None] | None = None,
    ) -> None:
        """`tell` is called after each change, at the end `at_end` instead of it if there is one.

        `in_page`: the page itself says BackendErrors.
        """
        self._jobs = jobs
        self._notices = notices
        self._key = key
        self._tell = tell
        self._in_page = in_page
        self._at_end = at_end or tell
        self._job: Job | None = None
        self._failure: Failure | None = None

    @property
    def is_running(self) -> bool:
        """Whether a job is under way."""
        return self._job is not None

    def state(self, found: object) -> PanelState:
        """What the panel shows; `found` is what its plan says, a request or the problem."""
        return state_of(self._job, found, self._failure)

    def start(
        self,
        title: str,
        call: Callable[[Report], Result],
        take: Callable[[Result], None],
        *,
        lane: Lane = "compute",
        partial: bool = False,
    ) -> None:
        """Run this instead of what runs; `partial`: `take` gets what is there so far, too."""
        self._failure = None
        job = self._jobs.start(title, call, lane=lane, key=self._key)
        self._job = job
        job.progressed.connect(lambda _progress: self._tell())
        if partial:
            job.partial.connect(take)
        job.done.connect(take)
        job.failed.connect(self._on_failed)
        job.ended.connect(lambda: self._on_ended(job))
        self._tell()

    def stop(self) -> None:
        """Want no result any more."""
        if self._job is not None:
            self._job.cancel()

    def forget_failure(self) -> None:
        """Show no failure of the run before; nothing is told."""
        self._failure = None

    def _on_failed(self, failure: Failure) -> None:
        self._failure = failure
        if not (self._in_page and isinstance(failure.error, BackendError)):
            self._notices.failure(failure.error, failure.trace)

    def _on_ended(self, job: Job) -> None:
        if self._job is job:
            self._job = None
        self._at_end()
