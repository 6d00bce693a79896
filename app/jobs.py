"""The one door to the background: run a backend function on a lane and bring back what happens.

Workers never touch Qt objects but one queued signal per `Jobs`; everything a `Job` emits is emitted
in the GUI thread. The newest progress and the newest partial wait in a mailbox, so the GUI is never
flooded and sets the pace itself.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from backends.reporting import Cancelled, Progress, Report

Lane = Literal["compute", "io", "ask"]
State = Literal["waiting", "running", "done", "failed", "cancelled"]
WORKERS: dict[Lane, int] = {"compute": 1, "io": 4, "ask": 1}
LIVE = ("waiting", "running")


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
    _settled = Signal()  # ended was heard by everybody, or the worker let go

    def __init__(self, title: str, lane: Lane, key: str | None, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.lane = lane
        self.key = key
        self.state: State = "waiting"
        self.started_at = time.monotonic()
        self.progress = Progress(-1.0, "")
        self.returned = False  # the worker has let go of it; after cancel() that takes a while
        self._first: tuple[float, float] | None = None  # moment and share of the first progress
        self._stop = threading.Event()
        self._call: Callable[[Report], Any] | None = None  # until a worker takes it
        self._future: Future[None] | None = None
        self._handed_out = False  # start() has returned, so that somebody can have connected
        self._told = False  # ended has been emitted

    @property
    def is_live(self) -> bool:
        """Whether somebody still wants the answer."""
        return self.state in LIVE

    def seconds_left(self) -> float | None:
        """Guess from the pace since the first share, or None while that is too little to go by."""
        if self._first is None or not self.is_live:
            return None
        since, share = self._first  # a run that goes on from a cache starts high
        elapsed, gained = time.monotonic() - since, self.progress.share - share
        if gained < 0.02 or elapsed < 1.0:
            return None
        return elapsed * max(0.0, 1.0 - self.progress.share) / gained

    def cancel(self) -> None:
        """Stop wanting the answer: emits cancelled and ended at once, and nothing after them."""
        if not self.is_live:
            return
        self._stop.set()
        if self._future is not None and self._future.cancel():
            self.returned = True  # it waited for its lane
            self._call = None  # the lane's queue keeps the job, but not the data of its request
        self.state = "cancelled"
        if self._handed_out:
            self._tell(self.cancelled.emit)
        else:  # from within start(): whoever called that has had no chance to connect yet
            QTimer.singleShot(0, self, lambda: self._tell(self.cancelled.emit))

    def _tell(self, emit: Callable[[], None]) -> None:
        emit()
        self.ended.emit()
        self._told = True
        self._settled.emit()

    def _deliver(self, kind: str, value: object) -> None:
        if kind == "returned":
            self.returned = True
            self._settled.emit()
        elif not self.is_live:
            return
        elif kind == "started":
            self.state = "running"
            self.started_at = time.monotonic()
        elif kind == "progress" and isinstance(value, Progress):
            self.progress = value
            if self._first is None and value.share >= 0:
                self._first = (time.monotonic(), value.share)
            self.progressed.emit(value)
        elif kind == "partial":
            self.partial.emit(value)
        elif kind == "done":
            self.state = "done"
            self._tell(lambda: self.done.emit(value))
        elif kind == "failed":
            self.state = "failed"
            self._tell(lambda: self.failed.emit(value))


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
        self._mail: dict[Job, dict[str, object]] = {}  # in order of the first letter
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
        """Run `call(report)` on a lane; a live job of the same key is cancelled.

        The newest wins even if a slot that hears of that cancelling starts one of the same key
        itself; this one, and every one after `close`, is then cancelled before it is returned and
        says so on the next turn of the event loop.
        """
        job = Job(title, lane, key, self)
        older = [other for other in self.live if key is not None and other.key == key]
        self._jobs.append(job)
        job.progressed.connect(self.changed)
        job.ended.connect(self.changed)
        job._settled.connect(lambda: self._retire(job))
        for other in older:
            other.cancel()
        if self._closed:
            job.cancel()
        if job.is_live:
            self._submit(job, call)
            self.started.emit(job)
        else:
            job.returned = True
        job._handed_out = True
        self.changed.emit()
        return job

    def cancel(self, key: str) -> None:
        """Cancel the live job of a key, if there is one."""
        for job in self.live:
            if job.key == key:
                job.cancel()

    def close(self, seconds: float) -> bool:
        """Cancel everything, drop what waits; return whether all workers stopped in time.

        Nothing is delivered afterwards, and a worker that is stuck can do no harm to Qt.
        """
        with self._lock:  # whoever posts holds it while it wakes us: none does from here on
            self._closed = True
            self._mail.clear()
        for job in self.live:
            job.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        threads = [thread for pool in self._pools.values() for thread in pool._threads]
        end = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _submit(self, job: Job, call: Callable[[Report], Any]) -> None:
        report = Report(
            lambda progress: self._post(job, "progress", progress),
            lambda value: self._post(job, "partial", value),
            job._stop,
        )
        job._call = call
        job._future = self._pools[job.lane].submit(self._run, job, report)

    def _run(self, job: Job, report: Report) -> None:
        """Worker's side: everything that happens becomes mail."""
        call, job._call = job._call, None
        assert call is not None, "a cancelled future is never run"
        try:
            report.check()
            self._post(job, "started", None)
            self._post(job, "done", call(report))
        except BaseException as error:  # noqa: BLE001  the pool would swallow it, the job hang
            if not (isinstance(error, Cancelled) and job._stop.is_set()):
                failure = Failure(error, traceback.format_exc())
                _drop_frames(error)
                self._post(job, "failed", failure)
        finally:
            self._post(job, "returned", None)

    def _post(self, job: Job, kind: str, value: object) -> None:
        with self._lock:
            if self._closed:
                return
            self._mail.setdefault(job, {})[kind] = value
            if not self._under_way:
                self._under_way = True
                self._arrived.emit()  # queued: no slot runs here, so the lock may be held

    def _on_arrived(self) -> None:
        with self._lock:
            letters, self._mail = self._mail, {}
            self._under_way = False
        for job, mail in letters.items():
            for kind in ("started", "progress", "partial", "done", "failed", "returned"):
                if kind in mail:
                    job._deliver(kind, mail.pop(kind))
                    if kind == "started":
                        self.changed.emit()

    def _retire(self, job: Job) -> None:
        """Let go of a job when its worker has returned and everybody has heard how it ended.

        Not before: a slot of `done` may run an event loop of its own (a dialog), in which the
        worker's return arrives and the job would be deleted under the feet of the outer `emit`.
        """
        if job.returned and job._told and job in self._jobs:
            self._jobs.remove(job)
            self.changed.emit()
            job.deleteLater()


def _drop_frames(error: BaseException | None) -> None:
    """Forget the tracebacks of a chain of errors: their frames would keep a run's arrays alive."""
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
