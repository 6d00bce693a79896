"""The job bar: what runs, how far, and a button that stops it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.jobs import Jobs
from backends.reporting import Report
from widgets.job_bar import JobBar


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    assert jobs.close(5)


@pytest.fixture
def bar(qtbot: QtBot, jobs: Jobs) -> JobBar:
    bar = JobBar(jobs)
    qtbot.addWidget(bar)
    bar.show()
    return bar


class Held:
    """A computation that goes on until it is let go or cancelled."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def __call__(self, report: Report) -> str:
        while not self.let_go.wait(0.005):
            report.step(3, 10, "Embedding 3 of 10")
        return "finished"


def test_a_running_job_is_shown_with_its_progress(bar: JobBar, jobs: Jobs, qtbot: QtBot) -> None:
    held = Held()
    job = jobs.start("Embedding", held)
    qtbot.waitUntil(lambda: "3 of 10" in bar._text.text())
    assert bar._bar.value() == 300
    with qtbot.waitSignal(job.ended):
        held.let_go.set()
    qtbot.waitUntil(lambda: not bar._bar.isVisible())
    assert bar._text.text() == ""


def test_its_button_stops_the_job(bar: JobBar, jobs: Jobs, qtbot: QtBot) -> None:
    job = jobs.start("Embedding", Held())
    qtbot.waitUntil(lambda: bar._stop.isVisible() and bar._stop.isEnabled())
    with qtbot.waitSignal(job.cancelled):
        qtbot.mouseClick(bar._stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bar._bar.isVisible())


def test_a_second_job_of_the_lane_is_counted(bar: JobBar, jobs: Jobs, qtbot: QtBot) -> None:
    first, second = Held(), Held()
    jobs.start("Embedding", first)
    job = jobs.start("Layout", second)
    qtbot.waitUntil(lambda: "and 1 more" in bar._text.text())
    first.let_go.set()
    with qtbot.waitSignal(job.ended):
        second.let_go.set()
