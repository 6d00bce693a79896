"""What the map decides: columns, colours, hidden classes, selections, what a project keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.map import NO_CORPUS, NO_LAYOUT, NO_VECTORS, ByClass, ByNumber, MapModel
from tests import builders

COLUMNS: dict[str, list[Any]] = {
    "text": [f"a text of its own, number {row}" for row in range(40)],
    "kind": ["bird"] * 20 + ["fish"] * 12 + ["moss"] * 6 + [None, None],
    "year": list(range(1980, 2020)),
    "half": [row / 2 if row else None for row in range(40)],
}


@dataclass
class Stage:
    document: Document
    jobs: Jobs
    notices: Notices
    history: History
    model: MapModel

    def open(self, qtbot: QtBot, **columns: list[Any]) -> None:
        self.document.set_corpus(builders.corpus(columns=columns or COLUMNS))
        self.settle(qtbot)

    def settle(self, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: not self.jobs.live, timeout=10_000)


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    root = QObject()
    document, jobs, notices = Document(root), Jobs(root), Notices(root)
    history = History(document, root)
    model = MapModel(document, jobs, notices, history, root)
    yield Stage(document, jobs, notices, history, model)
    assert jobs.close(5)
    delete(root)  # here and now: collected in a worker's thread, it would crash


def test_columns_are_offered_by_kind_and_texts_are_not(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    found = [(column.name, column.kind) for column in stage.model.columns]
    assert found == [("kind", "categories"), ("year", "numbers"), ("half", "numbers")]


def test_a_column_of_few_classes_colours_the_map_unasked(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    colouring = stage.model.colouring
    assert isinstance(colouring, ByClass)
    assert [colouring.label(code) for code in colouring.codes] == [
        *("bird", "fish", "moss", "no value")
    ]
    assert colouring.missing == 2


def test_a_number_column_has_its_range(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    stage.model.set_colour_by("half")
    stage.settle(qtbot)
    colouring = stage.model.colouring
    assert isinstance(colouring, ByNumber)
    assert (colouring.low, colouring.high) == (0.5, 19.5)
    assert np.isnan(colouring.numbers.values[0])


def test_the_newest_wish_wins(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    stage.model.set_colour_by("year")
    stage.model.set_colour_by(None)
    stage.settle(qtbot)
    assert stage.model.colouring is None
    assert stage.model.colour_by is None


def test_a_column_that_is_not_there_leaves_one_colour(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    stage.model.set_colour_by("nonsense")
    assert stage.model.colour_by is None


def test_a_failure_to_read_is_a_notice_and_leaves_one_colour(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    changed = stage.document.corpus
    assert changed is not None
    object.__setattr__(changed, "table", changed.table.drop_columns(["year"]))  # behind its back
    with qtbot.waitSignal(stage.notices.posted) as posted:
        stage.model.set_colour_by("year")
    assert "year" in posted.args[0].text
    assert stage.model.colouring is None


def hidden(model: MapModel) -> set[int]:
    assert isinstance(model.colouring, ByClass)
    return set(model.colouring.hidden)


def test_hide_solo_and_show_all(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    model = stage.model
    model.toggle(1)
    assert hidden(model) == {1}
    model.solo(0)
    assert hidden(model) == {1, 2, 3}
    model.solo(0)
    assert hidden(model) == set()
    model.solo(2)
    model.show_all()
    assert hidden(model) == set()


def test_hiding_what_is_hidden_already_says_nothing(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    with qtbot.assertNotEmitted(stage.model.colouring_changed):
        stage.model.show_all()


def test_a_new_corpus_starts_afresh(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    stage.open(qtbot, text=["one", "two"], number=[1.5, 2.5])
    assert [column.name for column in stage.model.columns] == ["number"]
    assert stage.model.colouring is None
    stage.document.set_corpus(None)
    assert stage.model.columns == ()


@pytest.mark.parametrize(("asked", "got"), [(2.0, 2.0), (0.0, 0.5), (99.0, 4.0)])
def test_the_size_stays_in_its_limits(stage: Stage, asked: float, got: float) -> None:
    stage.model.set_size(asked)
    assert stage.model.size == got


def test_a_lasso_is_a_selection_that_can_be_undone(stage: Stage, qtbot: QtBot) -> None:
    builders.fill(stage.document, 40)
    stage.settle(qtbot)
    stage.model.clear_selection()
    stage.model.select_rows(np.array([3, 1]), "replace", polygon=[(0, 0), (1, 0), (1, 1)])
    chosen = stage.document.selection
    assert chosen.rows.tolist() == [1, 3]
    assert stage.document.projection is not None
    assert chosen.description == {
        "kind": "lasso",
        "projection": stage.document.projection.fingerprint,
        "polygon": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]],
    }
    stage.model.select_rows(np.array([1, 2]), "subtract", kind="box")
    assert stage.document.selection.rows.tolist() == [3]
    stage.history.undo()
    assert stage.document.selection == chosen


def test_what_is_missing_is_said_step_by_step(stage: Stage, qtbot: QtBot) -> None:
    model, document = stage.model, stage.document
    seen = [model.problem]
    corpus = builders.corpus()
    document.set_corpus(corpus)
    seen.append(model.problem)
    vectors = builders.embeddings(corpus)
    document.add_embeddings(vectors)
    seen.append(model.problem)
    document.add_projection(builders.projection(vectors))
    assert [*seen, model.problem] == [NO_CORPUS, NO_VECTORS, NO_LAYOUT, None]
    stage.settle(qtbot)


def test_the_card_says_text_and_value(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    card = stage.model.card(25)
    assert (card.text, card.column, card.value) == (COLUMNS["text"][25], "kind", "fish")
    assert stage.model.card(39).value == ""
    assert stage.model.card(99).text == ""


def test_a_card_without_text_says_the_row(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot, text=[None, "b"], kind=["x", "x"])
    assert stage.model.card(0).text == "Row 0"


@pytest.mark.parametrize("late", [False, True])
def test_a_project_gets_its_map_back(stage: Stage, qtbot: QtBot, late: bool) -> None:
    stage.open(qtbot)
    stage.model.toggle(1)
    stage.model.set_size(2.0)
    stage.model.set_tool("box")
    state = stage.model.project_state()
    stage.document.set_corpus(builders.corpus(columns=COLUMNS))
    if late:
        stage.settle(qtbot)
        stage.model.set_colour_by(None)
    stage.model.set_size(1.0)
    stage.model.set_tool("pan")
    stage.model.restore_project_state(state)
    stage.settle(qtbot)
    assert stage.model.project_state() == state
    assert hidden(stage.model) == {1}


def test_a_project_gets_its_range_back(stage: Stage, qtbot: QtBot) -> None:
    stage.open(qtbot)
    stage.model.set_colour_by("year")
    stage.settle(qtbot)
    stage.model.set_range(1990, 2000)
    state = stage.model.project_state()
    stage.document.set_corpus(builders.corpus(columns=COLUMNS))
    stage.model.restore_project_state(state)
    stage.settle(qtbot)
    assert isinstance(stage.model.colouring, ByNumber)
    assert (stage.model.colouring.low, stage.model.colouring.high) == (1990, 2000)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"colour_by": "gone", "size": "big", "tool": "axe", "hidden": 3},
        {"colour_by": "year", "range": [3, "x"]},
        {"colour_by": "kind", "hidden": [["bird"]], "size": None},
        {"colour_by": "year", "range": [None, None]},
    ],
)
def test_a_damaged_state_does_no_harm(stage: Stage, qtbot: QtBot, state: dict[str, Any]) -> None:
    stage.open(qtbot)
    stage.model.restore_project_state(state)
    stage.settle(qtbot)
    assert stage.model.tool == "pan"
    assert stage.model.size == 1.0
    if isinstance(stage.model.colouring, ByNumber):
        assert (stage.model.colouring.low, stage.model.colouring.high) == (1980, 2019)
    elif isinstance(stage.model.colouring, ByClass):
        assert not stage.model.colouring.hidden


def test_what_a_project_wanted_is_not_for_the_next_corpus(stage: Stage, qtbot: QtBot) -> None:
    stage.document.set_corpus(builders.corpus(columns=COLUMNS))
    stage.model.restore_project_state({"colour_by": "kind", "hidden": ["bird"]})
    stage.open(qtbot, **{**COLUMNS, "text": list(reversed(COLUMNS["text"]))})
    colouring = stage.model.colouring
    assert isinstance(colouring, ByClass)
    assert colouring.hidden == frozenset()


def test_a_project_saved_before_its_colours_are_read_keeps_them(stage: Stage, qtbot: QtBot) -> None:
    stage.document.set_corpus(builders.corpus(columns=COLUMNS))
    stage.model.restore_project_state({"colour_by": "kind", "hidden": ["bird"]})
    state = stage.model.project_state()
    assert (state["colour_by"], state["hidden"]) == ("kind", ["bird"])
    stage.settle(qtbot)
    assert stage.model.project_state()["hidden"] == ["bird"]
