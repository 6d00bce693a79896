"""The one door to the background: run a backend function on a lane and bring back what happens.

Workers never touch Qt objects but one queued signal per `Jobs`; everything a `Job` emits is emitted
in the GUI thread.
The newest progress and the newest partial wait in a mailbox, so the GUI is never flooded and sets
the pace itself.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, Signal

from backends.reporting import Cancelled, Progress, Report

Lane = Literal["compute", "io", "ask"]
State = Literal["waiting", "running", "done", "failed", "cancelled"]
WORKERS: dict[Lane, int] = {"compute": 1, "io": 4, "ask": 1}
LIVE = ("waiting", "running")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception of a worker and its traceback, formatted where it was still complete."""

    error: BaseException
    trace: str


class Job(QObject):
    """One run of a function, in the GUI thread: one of done, failed, cancelled, then ended."""

    progressed = Signal(object)  # Progress
    partial = Signal(object)
    done = Signal(object)
    failed = Signal(object)  # Failure
    cancelled = Signal()
    ended = Signal()

    def __init__(self, title: str, lane: Lane, key: str | None, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.lane = lane
        self.key = key
        self.state: State = "waiting"
        self.started_at = time.monotonic()
        self.progress = Progress(-1.0, "")
        self.returned = (
            False  # whether the worker is finished with it; after cancel() that takes a while
        )
        self._stop = threading.Event()

    @property
    def is_live(self) -> bool:
        """Whether somebody still wants the answer."""
        return self.state in LIVE

    def seconds_left(self) -> float | None:
        """Guess from the share that is done, or None while that is too little to go by."""
        share = self.progress.share
        elapsed = time.monotonic() - self.started_at
        if share < 0.02 or elapsed < 1.0:
            return None
        return elapsed * (1.0 - share) / share

    def cancel(self) -> None:
        """Stop wanting the answer: emits cancelled and ended at once, and nothing after them."""
        if self.is_live:
            self._stop.set()
            self._finish("cancelled", self.cancelled.emit)

    def _finish(self, state: State, emit: Callable[[], None]) -> None:
        self.state = state
        emit()
        self.ended.emit()

    def _deliver(self, kind: str, value: object) -> None:
        if kind == "returned":
            self.returned = True
        elif not self.is_live:
            return
        elif kind == "started":
            self.state = "running"
            self.started_at = time.monotonic()
        elif kind == "progress" and isinstance(value, Progress):
            self.progress = value
            self.progressed.emit(value)
        elif kind == "partial":
            self.partial.emit(value)
        elif kind == "done":
            self._finish("done", lambda: self.done.emit(value))
        elif kind == "failed":
            self._finish("failed", lambda: self.failed.emit(value))


class Jobs(QObject):
    """Starts jobs on lanes: `compute` (one worker: torch, faiss, umap), `io` (4), `ask` (1)."""

    started = Signal(object)  # Job
    changed = Signal()  # a job was started, made progress, ended, or its worker returned
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pools = {
            lane: ThreadPoolExecutor(count, thread_name_prefix=lane)
            for lane, count in WORKERS.items()
        }
        self._lock = threading.Lock()
        self._mail: dict[Job, dict[str, object]] = {}
        self._order: deque[Job] = deque()
        self._under_way = False
        self._jobs: list[Job] = []
        self._closed = False
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def live(self) -> tuple[Job, ...]:
        """Jobs whose answer is still wanted, oldest first."""
        return tuple(job for job in self._jobs if job.is_live)

    @property
    def stopping(self) -> tuple[Job, ...]:
        """Cancelled jobs whose worker has not noticed yet."""
        return tuple(job for job in self._jobs if not job.is_live and not job.returned)

    def start(
        self,
        title: str,
        call: Callable[[Report], Any],
        *,
        lane: Lane = "compute",
        key: str | None = None,
    ) -> Job:
        """Run `call(report)` on a lane; a running job of the same key is cancelled."""
        if key is not None:
            self.cancel(key)
        job = Job(title, lane, key, self)
        self._jobs.append(job)
        report = Report(
            lambda progress: self._post(job, "progress", progress),
            lambda value: self._post(job, "partial", value),
            job._stop,
        )
        job.progressed.connect(self.changed)
        job.ended.connect(self.changed)
        self._pools[lane].submit(self._run, job, call, report)
        self.started.emit(job)
        self.changed.emit()
        return job

    def cancel(self, key: str) -> None:
        """Cancel the live job of a key, if there is one."""
        for job in self.live:
            if job.key == key:
                job.cancel()

    def close(self, seconds: float) -> bool:
        """Cancel everything, drop what waits; return whether all workers stopped in time."""
        self._closed = True
        for job in self.live:
            job.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        end = time.monotonic() + seconds
        for pool in self._pools.values():
            for thread in list(pool._threads):
                thread.join(max(0.0, end - time.monotonic()))
        return not any(
            thread.is_alive() for pool in self._pools.values() for thread in pool._threads
        )

    def _run(self, job: Job, call: Callable[[Report], Any], report: Report) -> None:
        """Worker's side: everything that happens becomes mail."""
        try:
            report.check()
            self._post(job, "started", None)
            self._post(job, "done", call(report))
        except Cancelled:
            pass
        except Exception as error:  # noqa: BLE001  here a failure becomes a value
            self._post(job, "failed", Failure(error, traceback.format_exc()))
        finally:
            self._post(job, "returned", None)

    def _post(self, job: Job, kind: str, value: object) -> None:
        with self._lock:
            if self._closed:
                return
            if job not in self._mail:
                self._mail[job] = {}
                self._order.append(job)
            self._mail[job][kind] = value
            wake = not self._under_way
            self._under_way = True
        if wake:
            self._arrived.emit()

    def _on_arrived(self) -> None:
        with self._lock:
            letters = [(job, self._mail.pop(job)) for job in self._order]
            self._order.clear()
            self._under_way = False
        for job, mail in letters:
            for kind in ("started", "progress", "partial", "done", "failed", "returned"):
                if kind in mail:
                    job._deliver(kind, mail[kind])
            if job.returned and job in self._jobs:
                self._jobs.remove(job)
                self.changed.emit()
                job.deleteLater()
