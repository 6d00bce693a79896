"""One run of a panel: what it tells, keeps and forgets, whichever way it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.run import Run
from app.panels.state import Blocked, Failed, Idle, PanelState, Running
from backends.errors import BackendError
from backends.reporting import Report


class Panel:
    """What a model has of a run, written down."""

    def __init__(self, jobs: Jobs, *, in_page: bool = False) -> None:
        self.notices = Notices()
        self.states: list[PanelState] = []
        self.taken: list[int] = []
        self.said: list[object] = []
        self.notices.posted.connect(self.said.append)
        self.ends = 0
        self.run: Run[int] = Run(
            jobs, self.notices, "count", self.tell, in_page=in_page, at_end=self.end
        )

    def tell(self) -> None:
        self.states.append(self.run.state(None))

    def end(self) -> None:
        self.ends += 1
        self.tell()

    def start(self, call: Callable[[Report], int], *, partial: bool = False) -> None:
        self.run.start("Counting", call, self.taken.append, partial=partial)


@pytest.fixture
def jobs(qapp: QCoreApplication) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    assert made.close(5)
    made.deleteLater()


def ended(qtbot: QtBot, panel: Panel) -> None:
    qtbot.waitUntil(lambda: not panel.run.is_running)


def offer(report: Report) -> int:
    report.step(1, 2, "Half")
    report.partial(1)
    return 2


def refuse(_report: Report) -> int:
    raise BackendError("No words.", "Give some.")


def break_down(_report: Report) -> int:
    raise ZeroDivisionError


def test_a_run_tells_that_it_starts_goes_on_and_ends(jobs: Jobs, qtbot: QtBot) -> None:
    panel = Panel(jobs)
    panel.start(offer)
    assert len(panel.states) == 1
    assert isinstance(panel.states[0], Running)
    ended(qtbot, panel)
    told = [one.progress.share for one in panel.states if isinstance(one, Running)]
    assert 0.5 in told
    assert panel.ends == 1
    assert panel.states[-1] == Idle()
    assert panel.taken == [2]


def test_what_is_there_so_far_is_taken_where_asked_for(jobs: Jobs, qtbot: QtBot) -> None:
    panel = Panel(jobs)
    panel.start(offer, partial=True)
    ended(qtbot, panel)
    assert panel.taken == [1, 2]


@pytest.mark.parametrize("in_page", [False, True])
@pytest.mark.parametrize("call", [refuse, break_down])
def test_a_failure_is_shown_until_it_is_forgotten(
    jobs: Jobs, qtbot: QtBot, call: Callable[[Report], int], in_page: bool
) -> None:
    panel = Panel(jobs, in_page=in_page)
    panel.start(call)
    ended(qtbot, panel)
    assert isinstance(panel.states[-1], Failed)
    assert not panel.taken
    assert len(panel.said) == (0 if in_page and call is refuse else 1)
    assert isinstance(panel.run.state(Problem("Nothing.", "Open.")), Blocked)
    panel.run.forget_failure()
    assert panel.run.state(None) == Idle()


def test_a_new_run_forgets_the_failure_before(jobs: Jobs, qtbot: QtBot) -> None:
    panel = Panel(jobs)
    panel.start(refuse)
    ended(qtbot, panel)
    panel.start(offer)
    ended(qtbot, panel)
    assert panel.states[-1] == Idle()


def test_the_end_of_a_replaced_run_leaves_the_new_one(jobs: Jobs, qtbot: QtBot) -> None:
    panel, go = Panel(jobs), threading.Event()

    def wait(_report: Report) -> int:
        assert go.wait(20)
        return 1

    panel.start(wait)
    panel.start(lambda _report: 2)
    assert panel.run.is_running
    go.set()
    ended(qtbot, panel)
    assert panel.taken == [2]


def test_a_stopped_run_ends_at_once_and_is_not_taken(jobs: Jobs) -> None:
    panel, go = Panel(jobs), threading.Event()

    def wait(_report: Report) -> int:
        assert go.wait(20)
        return 1

    panel.start(wait)
    panel.run.stop()
    go.set()
    assert not panel.run.is_running
    assert panel.states[-1] == Idle()
    assert not panel.taken
