"""The list of directions: kept, named, removed, undone, and brought back by a project."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from app.history import History
from app.panels.directions import DirectionsModel
from backends.directions.wordsets import Collection, WordSet
from tests import builders
from tests.app.bench import Bench


class Desk(Bench):
    """A document with vectors, and its list of directions."""

    def __init__(self) -> None:
        super().__init__()
        builders.fill(self.document)
        self.history = History(self.document)
        self.model = DirectionsModel(self.document, self.notices, self.history)

    def add(self, title: str, axis: int = 0) -> str:
        active = self.document.active
        assert active is not None
        made = builders.direction(active, title, axis=axis)
        self.model.keep(made)
        return made.fingerprint

    @property
    def titles(self) -> list[str]:
        return [one.title for one in self.document.directions]


@pytest.fixture
def desk(qapp: QCoreApplication) -> Desk:
    return Desk()


def test_a_direction_is_kept_once_and_looked_at(desk: Desk) -> None:
    first = desk.add("gender")
    second = desk.add("gender", axis=1)
    desk.add("another name", axis=0)
    assert desk.titles == ["gender", "gender (2)"]
    assert desk.document.direction is desk.document.directions[0]
    assert first != second


def test_names_and_removals_are_undone(desk: Desk) -> None:
    name = desk.add("gender")
    told: list[object] = []
    desk.document.directions_changed.connect(told.append)
    desk.model.rename(name, "  she  to he ")
    assert desk.titles == ["she to he"]
    desk.model.rename(name, " ")
    desk.model.remove(name)
    assert desk.titles == []
    assert desk.document.direction is None
    assert desk.history.undo_text == "remove direction “she to he”"
    desk.history.undo()
    desk.history.undo()
    assert desk.titles == ["gender"]
    desk.history.undo()
    assert desk.titles == []
    assert len(told) == 5


def test_directions_go_with_their_embeddings(desk: Desk) -> None:
    kept = desk.add("of the first")
    assert desk.document.corpus is not None
    other = builders.embeddings(desk.document.corpus, seed=1)
    desk.document.add_embeddings(other)
    desk.add("of the second")
    assert [one.title for one in desk.model.here] == ["of the second"]
    desk.document.drop_embeddings(other.fingerprint)
    assert desk.titles == ["of the first"]
    desk.history.undo()
    desk.history.redo()
    assert desk.titles == ["of the first"], (
        "undo brings no direction back into vectors that are gone"
    )
    desk.model.choose(kept)
    desk.document.set_corpus(builders.corpus(5))
    assert desk.titles == []
    assert desk.document.direction is None


def test_a_project_keeps_directions_to_the_bit(desk: Desk) -> None:
    desk.add("gender", axis=2)
    state = json.loads(json.dumps(desk.model.project_state()))
    before = desk.document.directions[0]
    desk.document.set_directions(())
    desk.model.restore_project_state(state)
    after = desk.document.directions[0]
    assert np.array_equal(after.basis, before.basis)
    assert (after.title, after.ends, after.made_by, after.evidence) == (
        before.title,
        before.ends,
        before.made_by,
        before.evidence,
    )
    assert desk.document.direction is after
    assert desk.said == []


@pytest.mark.parametrize(
    "damage",
    [
        {"basis": [[2.0, 0, 0, 0]]},
        {"basis": [[1.0, 0, 0]]},
        {"basis": "no"},
        {"evidence": {}},
        {"ends": ["one"]},
        {"made_by": {}},
    ],
)
def test_a_damaged_direction_costs_only_itself(desk: Desk, damage: dict[str, object]) -> None:
    desk.add("good")
    desk.add("bad", axis=1)
    state = json.loads(json.dumps(desk.model.project_state()))
    state["directions"][1].update(damage)
    desk.model.restore_project_state(state)
    assert desk.titles == ["good"]
    assert "1 direction" in desk.said[0].text


def test_evidence_names_the_pairs_that_disagree(desk: Desk) -> None:
    desk.add("gender")
    evidence = desk.document.directions[0].evidence
    assert evidence.consistency == pytest.approx(0.125)
    assert [pair.negative for pair in evidence.disagreeing] == ["reef"]


def test_word_sets_outlive_the_corpus_and_are_undone(desk: Desk) -> None:
    own = Collection((WordSet("sea", "terms", ("tide",), own=True),))
    desk.history.put("new word set", "word_sets", own)
    assert desk.document.word_sets == own
    desk.history.undo()
    assert desk.document.word_sets == Collection()
    desk.history.redo()
    desk.document.set_corpus(builders.corpus(5))
    assert desk.document.word_sets == own
