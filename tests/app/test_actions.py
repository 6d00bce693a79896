"""Actions: what stands in the way is known, and whoever shows it is told when that changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.actions import Action, Actions
from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Problem
from backends.selection import select
from tests import builders

NO_CORPUS = Problem("No corpus loaded.", "Open a file or the sample.")
NOTHING_TO_UNDO = Problem("There is nothing to undo.")
NOTHING_RUNS = Problem("Nothing runs.")


class Table:
    """Actions over a real document, history and jobs."""

    def __init__(self) -> None:
        self.document, self.jobs = Document(), Jobs()
        self.history = History(self.document)
        self.actions = Actions(self.document, self.jobs, self.history)
        self.ran: list[str] = []
        document, history = self.document, self.history
        for action in (
            Action("open", "Open…", "File", "Ctrl+O", run=lambda: self.ran.append("open")),
            Action(
                *("close", "Close", "File", "Ctrl+W"),
                when=lambda: None if document.corpus else NO_CORPUS,
                run=lambda: document.set_corpus(None),
            ),
            Action(
                *("undo", "Undo", "Edit", "Ctrl+Z; Alt+Backspace"),
                when=lambda: None if history.undo_text else NOTHING_TO_UNDO,
                run=history.undo,
                words=lambda: f"Undo {history.undo_text}" if history.undo_text else "Undo",
            ),
            Action("stop", "Stop", when=lambda: None if self.jobs.live else NOTHING_RUNS),
            Action("whole", "All rows", "View", checked=lambda: document.filter is None),
        ):
            self.actions.add(action)


@pytest.fixture
def table(qapp: QCoreApplication) -> Iterator[Table]:
    made = Table()
    made.actions.refresh()
    yield made
    assert made.jobs.close(5)
    made.actions.refresh()


def test_the_table_is_in_order_and_by_menu(table: Table) -> None:
    assert [action.id for action in table.actions] == ["open", "close", "undo", "stop", "whole"]
    assert len(table.actions) == 5
    assert [action.id for action in table.actions.in_menu("File")] == ["open", "close"]
    assert table.actions["undo"].shortcut == "Ctrl+Z; Alt+Backspace"


@pytest.mark.parametrize(
    "action", [Action("open", "Again"), Action("other", "Other", shortcut="ctrl+z")]
)
def test_ids_and_shortcuts_are_given_once(table: Table, action: Action) -> None:
    with pytest.raises(ValueError, match=action.id):
        table.actions.add(action)
    assert len(table.actions) == 5


def test_what_stands_in_the_way_is_the_tooltip(table: Table) -> None:
    assert table.actions.problem("close") is NO_CORPUS
    assert table.actions.run("close") is NO_CORPUS
    assert table.actions.run("open") is None
    assert table.ran == ["open"]
    state = table.actions.state("close")
    assert (state.enabled, state.problem, state.text) == (False, NO_CORPUS, "Close")


def test_a_change_of_the_document_is_told_once_for_those_it_touches(
    table: Table, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(table.actions.changed) as caught:
        builders.fill(table.document)
    assert caught.args == [frozenset({"close", "whole"})]
    assert table.actions.state("close").enabled
    assert not table.actions.state("whole").checked
    assert table.actions["whole"].checkable
    assert not table.actions["open"].checkable


def test_texts_follow_the_state(table: Table, qtbot: QtBot) -> None:
    table.document.set_corpus(builders.corpus())
    table.actions.refresh()
    with qtbot.waitSignal(table.actions.changed) as caught:
        table.history.select(select((1,), "lasso"))
    assert caught.args == [frozenset({"undo"})]
    assert table.actions.text("undo") == "Undo select lasso"
    table.actions.run("undo")
    assert table.actions.text("undo") == "Undo"


def test_jobs_count_too(table: Table, qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.actions.changed) as caught:
        job = table.jobs.start("Reading", lambda report: None, lane="io")
        table.actions.refresh()
    assert caught.args == [frozenset({"stop"})]
    with qtbot.waitSignal(table.actions.changed):
        pass
    assert not job.is_live
    assert table.actions.run("stop") is NOTHING_RUNS


def test_nothing_new_is_not_told(table: Table, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(table.actions.changed):
        table.document.focus_changed.emit(None)
        table.actions.refresh()


def test_what_no_fact_tells_can_be_looked_at_again_and_is_told_once(
    table: Table, qtbot: QtBot
) -> None:
    state = {"on": False}
    table.actions.add(Action("tool", "Lasso", keys="L", checked=lambda: state["on"]))
    table.actions.refresh()
    state["on"] = True
    told: list[frozenset[str]] = []
    table.actions.changed.connect(told.append)
    with qtbot.waitSignal(table.actions.changed):
        table.actions.refresh_soon()
        table.actions.refresh_soon()
    assert told == [frozenset({"tool"})]
