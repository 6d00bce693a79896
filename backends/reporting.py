"""How a long function says where it is, and learns that nobody wants the answer any more.

A long function takes a `Report` last, with `SILENT` as default, so a notebook calls it like any
other. Nobody can forget to look whether to stop, because reporting is looking.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


class Cancelled(BaseException):
    """Raised inside a backend function by its report: nobody wants the result any more.

    A `BaseException`, so that no `except Exception` of a library swallows it on its way out.
    """


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a function is: a share of the whole in 0..1 (negative if not known) and a few words."""

    share: float
    text: str


class Report:
    """Receives progress and snapshots of one run.

    `on_progress` and `on_partial` are called in the worker's thread; `stop` is looked at first in
    every `step` and `partial`.
    """

    def __init__(
        self,
        on_progress: Callable[[Progress], None] | None = None,
        on_partial: Callable[[object], None] | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self._on_progress = on_progress
        self._on_partial = on_partial
        self._stop = stop
        self._start = 0.0
        self._end = 1.0

    def check(self) -> None:
        """Raise `Cancelled` if nobody wants the answer any more."""
        if self._stop is not None and self._stop.is_set():
            raise Cancelled

    def step(self, done: float, total: float, text: str) -> None:
        """Say that `done` of `total` is finished; a `total` of 0 means: nobody knows the length.

        Raises: Cancelled.
        """
        self.check()
        if self._on_progress is None:
            return
        if total > 0:
            within = min(max(done / total, 0.0), 1.0)
            self._on_progress(Progress(self._start + (self._end - self._start) * within, text))
        else:
            self._on_progress(Progress(-1.0, text))

    def partial(self, value: object) -> None:
        """Offer a snapshot, which a newer one may replace before anybody sees it.

        It must never be written to again.

        Raises: Cancelled.
        """
        self.check()
        if self._on_partial is not None:
            self._on_partial(value)

    def span(self, start: float, end: float) -> Report:
        """Return a report for one stage: its 0..total is `start`..`end` of this one."""
        width = self._end - self._start
        stage = Report(self._on_progress, self._on_partial, self._stop)
        stage._start = self._start + width * start
        stage._end = self._start + width * end
        return stage

    def quiet(self) -> Report:
        """Return a report for one of many equal steps: it says nothing, and still stops."""
        return Report(stop=self._stop)


SILENT = Report()
