"""Labels of a map that is really found and named, in the background, without a widget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.contours import ContoursModel
from app.panels.shows import ShowsModel
from app.panels.state import Blocked, Idle, Running
from app.panels.topic_edits import read_edits
from app.panels.topics import NO_CORPUS, NO_LAYOUT, SWITCHED_OFF, TopicsModel
from backends.arrays import frozen
from backends.types import Corpus, MadeBy, Projection, Roles
from tests import builders

ROWS = 400
SUBJECTS = ("tide and salt", "piano and chord", "orchard and cider", "glacier and ice")


def shore() -> Corpus:
    """Four subjects, one after the other, with a second column of words."""
    return builders.corpus(
        columns={
            "text": [f"the {SUBJECTS[row % 4]} of {row}" for row in range(ROWS)],
            "label": [
                f"number {row // 4 % 5} of kind {'abcd'[row % 4] * 3}" for row in range(ROWS)
            ],
            "year": [2000 + row % 7 for row in range(ROWS)],
        }
    )


def laid_out(of: Any, seed: int = 0) -> Projection:
    """Each subject in a corner of its own."""
    rng = np.random.default_rng(seed)
    corners = np.array([[0, 0], [30, 0], [0, 30], [30, 30]])
    layout = corners[np.arange(ROWS) % 4] + rng.normal(size=(ROWS, 2))
    return Projection(
        frozen(layout.astype(np.float32)),
        "umap",
        "UMAP",
        MadeBy("project", (of.fingerprint,), {"seed": seed}),
    )


@dataclass
class Stage:
    document: Document
    jobs: Jobs
    history: History
    shows: ShowsModel
    model: TopicsModel
    contours: ContoursModel
    qtbot: QtBot

    def fill(self, seed: int = 0) -> None:
        corpus = shore()
        self.document.set_corpus(corpus)
        vectors = builders.embeddings(corpus)
        self.document.add_embeddings(vectors)
        self.document.add_projection(laid_out(vectors, seed))
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.jobs.live, timeout=60_000)

    def numbers(self) -> dict[str, int]:
        """Number of the region by the first subject's word in its name, coarse ones only."""
        found = {}
        for label in self.model.labels:
            for word in ("tide", "piano", "orchard", "glacier"):
                if word in label.text and label.level == 0:
                    found[word] = label.number
        return found


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    root = QObject()
    document, jobs, notices = Document(root), Jobs(root), Notices(root)
    history, shows = History(document, root), ShowsModel(None, root)
    model = TopicsModel(document, jobs, notices, history, shows)
    contours = ContoursModel(document, jobs, notices, shows)
    yield Stage(document, jobs, history, shows, model, contours, qtbot)
    assert jobs.close(5)


def test_a_layout_that_is_shown_gets_labels(stage: Stage) -> None:
    assert stage.model.labels == ()
    stage.fill()
    assert set(stage.numbers()) == {"tide", "piano", "orchard", "glacier"}
    tide = next(label for label in stage.model.labels if "tide" in label.text)
    assert (tide.x, tide.y) == pytest.approx((0, 0), abs=1)
    assert tide.count == pytest.approx(ROWS / 4, abs=4)


def test_the_state_says_what_stands_in_the_way(stage: Stage) -> None:
    assert stage.model.state == Blocked(NO_CORPUS)
    stage.document.set_corpus(shore())
    assert stage.model.state == Blocked(NO_LAYOUT)
    states: list[object] = []
    stage.model.state_changed.connect(states.append)
    stage.fill()
    assert any(isinstance(state, Running) for state in states)
    assert stage.model.state == Idle()
    stage.shows.set_on("labels", False)
    assert stage.model.state == Blocked(SWITCHED_OFF)


def test_nothing_is_looked_for_while_nobody_wants_to_see_it(stage: Stage) -> None:
    stage.shows.set_on("labels", False)
    stage.fill()
    assert stage.model.topics is None
    stage.model.want("list", wanted=True)
    stage.settle()
    assert stage.model.topics is not None
    assert stage.model.labels == ()  # the list alone shows them
    stage.shows.set_on("labels", True)
    assert not stage.jobs.live  # they are known
    assert stage.model.labels


def test_a_layout_seen_before_costs_nothing(stage: Stage) -> None:
    stage.fill()
    first = stage.model.topics
    active = stage.document.active
    assert active is not None
    stage.document.add_projection(laid_out(active, seed=1))
    assert stage.model.topics is None  # the old ones would be in the wrong places
    stage.settle()
    assert stage.model.topics is not first
    stage.document.add_projection(laid_out(active, seed=0))
    assert stage.model.topics is first
    assert not stage.jobs.live


def test_a_layout_that_is_outdated_is_not_named_to_the_end(stage: Stage) -> None:
    corpus = shore()
    stage.document.set_corpus(corpus)
    vectors = builders.embeddings(corpus)
    stage.document.add_embeddings(vectors)
    stage.document.add_projection(laid_out(vectors, seed=0))
    (first,) = stage.jobs.live
    stage.document.add_projection(laid_out(vectors, seed=1))
    assert first.state == "cancelled"
    stage.document.set_corpus(None)
    assert not stage.jobs.live
    stage.settle()
    assert stage.model.topics is None


def test_another_column_gives_other_names_to_the_same_regions(stage: Stage) -> None:
    stage.fill()
    assert stage.model.columns == ("text", "label")
    before = stage.model.topics
    stage.model.set_column("label")
    stage.settle()
    after = stage.model.topics
    assert before is not None
    assert after is not None
    assert (after.regions.deepest == before.regions.deepest).all()
    assert {label.text for label in stage.model.labels if label.level == 0} == {
        "aaa", "bbb", "ccc", "ddd",
    }  # fmt: skip
    stage.model.set_column("year")  # holds no texts
    assert stage.model.column == "label"


def test_renaming_can_be_undone_and_taken_back(stage: Stage) -> None:
    stage.fill()
    tide = stage.numbers()["tide"]
    automatic = stage.model.text(tide)
    with stage.qtbot.waitSignal(stage.model.changed):
        stage.model.rename(tide, "  The   sea ")
    assert stage.model.text(tide) == "The sea"
    assert "The sea" in {label.text for label in stage.model.labels}
    assert stage.history.undo_text == "rename to “The sea”"
    stage.history.undo()
    assert stage.model.text(tide) == automatic
    stage.history.redo()
    stage.model.rename(tide, "")
    assert stage.model.text(tide) == automatic
    assert not stage.model.is_edited(tide)


def test_a_hidden_label_is_not_written_and_comes_back(stage: Stage) -> None:
    stage.fill()
    tide = stage.numbers()["tide"]
    stage.model.rename(tide, "The sea")
    stage.model.hide(tide)
    assert tide not in {label.number for label in stage.model.labels}
    stage.model.hide(tide, hidden=False)
    assert stage.model.text(tide) == "The sea"
    stage.model.hide(tide)
    stage.model.reset(tide)
    assert stage.numbers()["tide"] == tide
    stage.model.rename(tide, "The sea")
    stage.model.reset()
    assert not stage.model.is_edited(tide)


def test_selecting_a_region_selects_its_items(stage: Stage) -> None:
    stage.fill()
    numbers = stage.numbers()
    stage.model.select(numbers["tide"])
    assert set(stage.document.selection.rows % 4) == {0}
    stage.model.select(numbers["piano"], "add")
    assert set(stage.document.selection.rows % 4) == {0, 1}
    assert stage.history.undo_text is not None
    assert "cluster" in stage.history.undo_text
    stage.history.undo()
    assert set(stage.document.selection.rows % 4) == {0}


def test_a_project_keeps_what_a_person_made_of_labels(stage: Stage) -> None:
    stage.fill()
    numbers = stage.numbers()
    stage.model.set_column("label")
    stage.settle()
    stage.model.rename(numbers["tide"], "The sea")
    stage.model.hide(numbers["piano"])
    kept = stage.model.project_state()
    stage.fill()
    assert stage.model.column == "label"
    stage.model.set_column(None)
    stage.settle()
    assert not stage.model.is_edited(numbers["tide"])
    stage.model.restore_project_state(kept)
    stage.settle()
    assert stage.model.column == "label"
    assert stage.model.text(numbers["tide"]) == "The sea"
    assert stage.model.is_hidden(numbers["piano"])
    stage.model.restore_project_state({**kept, "column": None})  # of a project that chose none
    stage.settle()
    assert stage.model.column is None


@pytest.mark.parametrize(
    "value", [None, 3, [], {"a": 1}, {"a": {"b": 2}}, {"a": {"b": {"name": 7, "hidden": "yes"}}}]
)
def test_edits_that_make_no_sense_are_left_out(value: object) -> None:
    assert read_edits(value) == {}


def test_a_region_in_another_that_is_the_same_thing_has_no_label_of_its_own(stage: Stage) -> None:
    stage.fill()
    topics = stage.model.topics
    assert topics is not None
    assert len(topics.regions) > 4  # the corners come back on finer levels
    assert len([label for label in stage.model.labels if "tide" in label.text]) == 1
    same = next(iter(topics.regions.children[stage.numbers()["tide"]]))
    stage.model.rename(same, "A part of it")
    assert "A part of it" in {label.text for label in stage.model.labels}


def test_a_failure_is_said_and_leaves_no_labels(stage: Stage) -> None:
    said: list[Any] = []
    stage.model._notices.posted.connect(said.append)
    stage.fill()
    corpus, active = stage.document.corpus, stage.document.active
    assert corpus is not None
    assert active is not None
    stage.model._column = "gone"  # as if the file had lost it
    stage.document.add_projection(laid_out(active, seed=3))
    stage.settle()
    assert said[-1].text == "There is no column “gone”."
    assert stage.model.labels == ()


def test_contours_are_drawn_when_they_are_switched_on(stage: Stage) -> None:
    stage.fill()
    assert stage.contours.contours == ()
    with stage.qtbot.waitSignal(stage.contours.changed):
        stage.shows.set_on("contours", True)
    stage.settle()
    first = stage.contours.contours
    assert [contour.share for contour in first] == [0.25, 0.5, 0.75, 0.95]
    stage.shows.set_on("contours", False)
    assert stage.contours.contours == ()
    stage.shows.set_on("contours", True)
    assert stage.contours.contours is first
    active = stage.document.active
    assert active is not None
    stage.document.add_projection(laid_out(active, seed=1))
    assert stage.contours.contours == ()
    stage.settle()
    assert len(stage.contours.contours) == 4


def test_rows_without_a_place_do_no_harm(stage: Stage) -> None:
    corpus = shore()
    stage.document.set_corpus(corpus)
    vectors = builders.embeddings(corpus)
    stage.document.add_embeddings(vectors)
    layout = laid_out(vectors).layout.copy()
    layout[::2] = np.nan
    stage.document.add_projection(replace(laid_out(vectors), layout=frozen(layout)))
    stage.settle()
    assert {label.count for label in stage.model.labels} <= set(range(12, 101))
    assert set(stage.numbers()) == {"piano", "glacier"}


def test_numbers_name_no_cluster(stage: Stage) -> None:
    """Vectors without words: their rows have numbers, which say nothing of a cluster."""
    corpus = builders.corpus(columns={"row": list(range(ROWS))}, roles=Roles())
    stage.document.set_corpus(corpus)
    vectors = builders.embeddings(corpus)
    stage.document.add_embeddings(vectors)
    stage.document.add_projection(laid_out(vectors))
    stage.settle()
    texts = {label.text for label in stage.model.labels}
    assert len(texts) == len(stage.model.labels) >= 4
    assert all(text.startswith("Cluster ") for text in texts)
