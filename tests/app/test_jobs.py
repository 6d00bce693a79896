"""The door to the background: threads, order, cancelling, failures, the end."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.jobs import Failure, Job, Jobs
from backends.reporting import SILENT, Cancelled, Progress, Report


@pytest.fixture
def jobs(qapp: QCoreApplication) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    assert made.close(5)
    made.deleteLater()


class Heard:
    """Writes down what a job emits, in order and with the thread."""

    def __init__(self, job: Job) -> None:
        self.events: list[str] = []
        self.values: list[Any] = []
        self.threads: set[int] = set()
        for name in ("progressed", "partial", "done", "failed", "cancelled", "ended"):
            getattr(job, name).connect(self._listener(name))

    def _listener(self, name: str) -> Callable[..., None]:
        def hear(*values: Any) -> None:
            self.events.append(name)
            self.values += values
            self.threads.add(threading.get_ident())

        return hear


class Gate:
    """A backend function that says when it runs and waits until it may go on."""

    def __init__(self, *, looks_up: bool = True) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()
        self.looks_up = looks_up

    def __call__(self, report: Report) -> str:
        self.entered.set()
        assert self.opened.wait(30)
        if self.looks_up:
            report.check()
        return "through"


def add_up(report: Report) -> int:
    total = 0
    for step in range(5):
        report.step(step, 5, "Adding")
        total += step
    return total


def fail(report: Report) -> None:
    def deeper() -> None:
        raise ValueError("deep down")

    deeper()


def turn(until: Callable[[], bool]) -> None:
    """Let the event loop turn until something holds."""
    end = time.monotonic() + 20
    while not until():
        assert time.monotonic() < end, "it never came to hold"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_a_backend_function_runs_without_qt() -> None:
    assert add_up(SILENT) == 10


@pytest.mark.parametrize("lane", ["compute", "io", "ask"])
def test_the_result_arrives_in_the_gui_thread(jobs: Jobs, qtbot: QtBot, lane: Any) -> None:
    worker: list[int] = []
    job = jobs.start("Adding", lambda report: worker.append(threading.get_ident()), lane=lane)
    heard = Heard(job)
    with qtbot.waitSignal(job.ended):
        pass
    assert heard.events[-2:] == ["done", "ended"]
    assert heard.threads == {threading.get_ident()} != set(worker)


def test_a_flood_is_coalesced_and_the_newest_arrives(jobs: Jobs, qtbot: QtBot) -> None:
    def flood(report: Report) -> str:
        for step in range(20_000):
            report.step(step + 1, 20_000, "Flooding")
            report.partial(step)
        return "dry"

    job = jobs.start("Flooding", flood)
    heard = Heard(job)
    with qtbot.waitSignal(job.ended, timeout=30_000):
        pass
    assert heard.events[-4:] == ["progressed", "partial", "done", "ended"]
    assert heard.values[-3:] == [Progress(1.0, "Flooding"), 19_999, "dry"]
    assert len(heard.events) < 4000


def test_partials_arrive_before_the_result_and_in_order(jobs: Jobs, qtbot: QtBot) -> None:
    def count(report: Report) -> int:
        for step in range(500):
            report.partial(step)
        return 500

    job = jobs.start("Counting", count)
    heard = Heard(job)
    with qtbot.waitSignal(job.ended):
        pass
    assert heard.values == sorted(heard.values)


def test_nothing_arrives_after_cancel(jobs: Jobs, qtbot: QtBot) -> None:
    gate = Gate(looks_up=False)
    job = jobs.start("Waiting", gate)
    heard = Heard(job)
    assert gate.entered.wait(30)
    job.cancel()
    assert heard.events == ["cancelled", "ended"]
    assert jobs.stopping == (job,)
    gate.opened.set()  # its result is thrown away
    turn(lambda: not jobs.stopping)
    job_again = jobs.start("Adding", add_up)
    with qtbot.waitSignal(job_again.ended):
        pass
    assert heard.events == ["cancelled", "ended"]
    assert job.state == "cancelled"


def test_cancelling_twice_says_it_once(jobs: Jobs) -> None:
    gate = Gate()
    job = jobs.start("Waiting", gate)
    heard = Heard(job)
    job.cancel()
    job.cancel()
    gate.opened.set()
    assert heard.events == ["cancelled", "ended"]


def test_a_job_that_is_cancelled_while_it_waits_never_starts(jobs: Jobs, qtbot: QtBot) -> None:
    gate, ran = Gate(), []
    first = jobs.start("Waiting", gate)
    second = jobs.start("Never", lambda report: ran.append(report))
    third = jobs.start("Adding", add_up)
    assert gate.entered.wait(30)
    second.cancel()
    assert second.returned
    assert jobs.live == (first, third)
    assert not jobs.stopping  # nothing is left to stop
    gate.opened.set()
    with qtbot.waitSignal(third.ended):
        pass
    assert not ran


def test_a_job_cancelled_before_its_first_report_ends_at_it(jobs: Jobs) -> None:
    gate, seen = Gate(), []

    def call(report: Report) -> None:
        gate(SILENT)
        try:
            report.step(0, 1, "Too late")
        except Cancelled:
            seen.append("cancelled")
            raise

    job = jobs.start("Waiting", call)
    assert gate.entered.wait(30)
    job.cancel()
    gate.opened.set()
    turn(lambda: job.returned)
    assert seen == ["cancelled"]


def test_the_newest_of_a_key_wins(jobs: Jobs, qtbot: QtBot) -> None:
    gate = Gate()
    old = jobs.start("Old", gate, key="layout")
    other = jobs.start("Other", add_up, lane="io", key="other")
    heard_old, heard_other = Heard(old), Heard(other)
    new = jobs.start("New", add_up, key="layout")
    heard_new = Heard(new)
    assert heard_old.events == ["cancelled", "ended"]
    gate.opened.set()
    with qtbot.waitSignals([new.ended, other.ended]):
        pass
    assert heard_new.values[-1] == 10
    assert heard_other.events[-2:] == ["done", "ended"]


def test_cancel_by_key_spares_the_others(jobs: Jobs, qtbot: QtBot) -> None:
    gate = Gate()
    job, other = jobs.start("A", gate, key="a"), jobs.start("B", add_up, key="b")
    jobs.cancel("a")
    jobs.cancel("nobody")
    gate.opened.set()
    with qtbot.waitSignal(other.ended):
        pass
    assert (job.state, other.state) == ("cancelled", "done")


def test_the_end_of_a_job_may_start_the_next_of_its_key(jobs: Jobs, qtbot: QtBot) -> None:
    results: list[int] = []

    def again(value: int) -> None:
        results.append(value)
        if len(results) < 3:
            jobs.start("Again", add_up, key="same").done.connect(again)

    jobs.start("First", add_up, key="same").done.connect(again)
    turn(lambda: len(results) == 3 and not jobs.live)
    assert results == [10, 10, 10]


def test_a_slot_that_restarts_on_cancel_is_newer_and_wins(jobs: Jobs, qtbot: QtBot) -> None:
    gate = Gate()
    inner: list[Job] = []
    old = jobs.start("Old", gate, key="same")
    old.cancelled.connect(lambda: inner.append(jobs.start("Inner", add_up, key="same")))
    outer = jobs.start("Outer", add_up, key="same")
    heard = Heard(outer)
    assert not outer.is_live
    assert [job for job in jobs.live if job.key == "same"] == inner
    gate.opened.set()
    with qtbot.waitSignal(inner[0].ended):
        pass
    assert heard.events == ["cancelled", "ended"]  # though it was cancelled before it was returned
    assert inner[0].state == "done"


def test_a_failure_carries_the_traceback_and_no_frames(jobs: Jobs, qtbot: QtBot) -> None:
    job = jobs.start("Failing", fail)
    heard = Heard(job)
    with qtbot.waitSignal(job.failed) as caught:
        pass
    failure = caught.args[0]
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, ValueError)
    assert "in deeper" in failure.trace
    assert "deep down" in failure.trace
    assert failure.error.__traceback__ is None
    assert heard.events == ["failed", "ended"]


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), Cancelled(), MemoryError()])
def test_no_exception_leaves_a_job_hanging(jobs: Jobs, qtbot: QtBot, error: BaseException) -> None:
    def call(report: Report) -> None:
        raise error

    job = jobs.start("Leaving", call)
    with qtbot.waitSignal(job.failed) as caught:
        pass
    assert caught.args[0].error is error
    assert job.state == "failed"


def test_a_failure_after_cancel_is_not_heard(jobs: Jobs) -> None:
    gate = Gate()

    def call(report: Report) -> None:
        gate(SILENT)
        raise ValueError("nobody asked")

    job = jobs.start("Failing", call)
    heard = Heard(job)
    assert gate.entered.wait(30)
    job.cancel()
    gate.opened.set()
    turn(lambda: job.returned)
    assert heard.events == ["cancelled", "ended"]


def test_an_exception_in_a_slot_does_not_stop_the_others(jobs: Jobs, qtbot: QtBot) -> None:
    job = jobs.start("Adding", add_up)

    def broken(_value: object) -> None:
        raise RuntimeError("in a slot")

    job.done.connect(broken)
    heard = Heard(job)
    with qtbot.capture_exceptions() as caught, qtbot.waitSignal(job.ended):
        pass
    assert len(caught) == 1
    assert heard.events[-2:] == ["done", "ended"]


def test_cancel_from_a_slot_of_partial_stops_the_rest_of_the_letter(jobs: Jobs) -> None:
    def call(report: Report) -> str:
        report.partial(1)
        return "unwanted"

    job = jobs.start("Cancelling", call)
    heard = Heard(job)
    job.partial.connect(lambda _value: job.cancel())
    turn(lambda: job.returned)
    assert heard.events == ["partial", "cancelled", "ended"]


def test_a_dialog_in_a_slot_does_not_delete_the_job_under_it(
    jobs: Jobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, post = threading.Event(), jobs._post

    def late(job: Job, kind: str, value: object) -> None:
        if kind == "returned":  # arrives while the dialog is open
            assert shown.wait(30)
        post(job, kind, value)

    monkeypatch.setattr(jobs, "_post", late)
    job = jobs.start("Adding", add_up)
    heard = Heard(job)

    def dialog(_value: object) -> None:
        shown.set()
        loop = QEventLoop()
        while not job.returned:
            loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        QTimer.singleShot(0, loop.quit)
        loop.exec()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert isValid(job)

    job.done.connect(dialog)
    with qtbot.waitSignal(job.ended):
        pass
    assert heard.events[-2:] == ["done", "ended"]
    turn(lambda: not isValid(job))


@pytest.mark.parametrize("how", ["done", "failed", "cancelled"])
def test_a_job_that_ended_is_deleted_and_holds_nothing(jobs: Jobs, qtbot: QtBot, how: str) -> None:
    request = np.zeros(1000)
    gone = weakref.ref(request)

    def call(report: Report, data: Any = request) -> Any:
        if how == "failed":
            raise ValueError(data.shape)
        return data[:10].copy()

    gate = Gate()
    first = jobs.start("Gate", gate)
    job = jobs.start("Holding", call)
    if how == "cancelled":
        job.cancel()
    del call, request
    gate.opened.set()
    turn(lambda: not isValid(job) and not isValid(first))
    gc.collect()
    assert gone() is None
    assert not jobs.live
    assert not jobs.stopping
    job.cancel()  # whoever still holds it can do no harm


def test_changed_is_told_when_a_job_leaves_the_queue(jobs: Jobs) -> None:
    gate = Gate()
    states: list[str] = []
    job = jobs.start("Waiting", gate)
    jobs.changed.connect(lambda: states.append(job.state))
    turn(lambda: job.state == "running")
    assert states == ["running"]
    gate.opened.set()
    turn(lambda: not isValid(job))
    assert states[-1] == "done"


def test_started_is_told_with_the_job(jobs: Jobs, qtbot: QtBot) -> None:
    with qtbot.waitSignal(jobs.started) as caught:
        job = jobs.start("Adding", add_up)
    assert caught.args == [job]


def test_time_left_goes_by_the_pace_since_the_first_share(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("app.jobs.time.monotonic", lambda: now[0])
    gate = Gate()
    job = jobs.start("Waiting", gate)
    assert job.seconds_left() is None
    job._deliver("progress", Progress(0.6, "from the cache"))
    assert job.seconds_left() is None  # 60% in no time: that was not this run's work
    now[0] += 10
    job._deliver("progress", Progress(0.7, "on"))
    assert job.seconds_left() == pytest.approx(30)
    job.cancel()
    assert job.seconds_left() is None
    gate.opened.set()


def test_close_reports_a_stuck_call(qapp: QCoreApplication) -> None:
    jobs, gate = Jobs(), Gate(looks_up=False)
    job = jobs.start("Stuck", gate)
    waiting = jobs.start("Waiting", add_up)
    heard = Heard(job)
    assert gate.entered.wait(30)
    assert not jobs.close(0.05)
    assert heard.events == ["cancelled", "ended"]
    assert not waiting.is_live
    gate.opened.set()
    assert jobs.close(30)
    QCoreApplication.processEvents()
    assert heard.events == ["cancelled", "ended"]


def test_a_stuck_worker_may_outlive_its_jobs(qapp: QCoreApplication) -> None:
    jobs, gate = Jobs(), Gate(looks_up=False)
    jobs.start("Stuck", gate)
    assert gate.entered.wait(30)
    threads = [thread for pool in jobs._pools.values() for thread in pool._threads]
    jobs.close(0)
    jobs.deleteLater()
    QCoreApplication.sendPostedEvents(jobs, QEvent.Type.DeferredDelete.value)
    assert not isValid(jobs)
    gate.opened.set()  # it posts its result to nobody
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_what_is_started_after_close_is_cancelled_and_says_so(qapp: QCoreApplication) -> None:
    jobs = Jobs()
    assert jobs.close(5)
    job = jobs.start("Too late", add_up)
    heard = Heard(job)
    assert not job.is_live
    turn(lambda: not isValid(job))
    assert heard.events == ["cancelled", "ended"]


def test_a_slot_may_start_the_next_job_while_all_is_closed(qapp: QCoreApplication) -> None:
    jobs, gate = Jobs(), Gate()
    job = jobs.start("Waiting", gate)
    late: list[Job] = []
    job.ended.connect(lambda: late.append(jobs.start("Next", add_up)))
    gate.opened.set()
    assert jobs.close(30)
    assert late
    assert not late[0].is_live
