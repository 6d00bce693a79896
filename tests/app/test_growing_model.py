"""Growing the selection: when it can be done, what it does, what stops it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notice, Notices
from app.panels.growing import GROWING, NO_SELECTION, NO_VECTOR, NO_VECTORS, TOO_FEW, GrowModel
from app.panels.neighbours import NeighboursModel
from backends.selection import NOTHING, select
from tests import builders


@dataclass
class Bench:
    document: Document
    jobs: Jobs
    notices: Notices
    history: History
    neighbours: NeighboursModel
    model: GrowModel

    def settle(self, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: not self.jobs.live, timeout=20_000)

    def hits_of(self, row: int, qtbot: QtBot) -> set[int]:
        """What the list shows for an item."""
        self.neighbours.ask_row(row)
        self.settle(qtbot)
        assert self.document.hits is not None
        return set(self.document.hits.rows.tolist())


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    root = QObject()
    document, jobs, notices = Document(root), Jobs(root), Notices(root)
    history = History(document, root)
    neighbours = NeighboursModel(document, jobs, notices, history)
    yield Bench(
        document, jobs, notices, history, neighbours,
        GrowModel(document, jobs, notices, history, neighbours),
    )  # fmt: skip
    assert jobs.close(5)
    delete(root)


def test_what_stands_in_the_way_is_said_step_by_step(bench: Bench, qtbot: QtBot) -> None:
    document, model = bench.document, bench.model
    assert model.problem is NO_SELECTION
    corpus = builders.corpus(30)
    document.set_corpus(corpus)
    document.set_selection(select([3], "row 3", kind="rows"))
    assert model.problem is NO_VECTORS
    document.add_embeddings(builders.embeddings(corpus, present=1))
    assert model.problem is TOO_FEW
    document.add_embeddings(builders.embeddings(corpus, present=3))
    assert model.problem is NO_VECTOR
    document.add_embeddings(builders.embeddings(corpus))
    assert model.problem is None
    model.run()
    assert model.problem is GROWING
    bench.settle(qtbot)


def test_it_adds_what_the_list_shows_in_one_step(bench: Bench, qtbot: QtBot) -> None:
    builders.fill(bench.document, 60)
    bench.settle(qtbot)
    bench.neighbours.change(k=4)
    assert bench.model.text == "Grow by 4 nearest neighbours each"
    before = bench.document.selection
    rows = before.rows.tolist()
    expected = set(rows).union(*(bench.hits_of(row, qtbot) for row in rows))
    bench.model.run()
    bench.settle(qtbot)
    assert set(bench.document.selection.rows.tolist()) == expected
    assert bench.history.undo_text == "select lasso grown by 4 neighbours"
    bench.history.undo()
    assert bench.document.selection == before


def test_another_selection_stops_it(bench: Bench, qtbot: QtBot) -> None:
    builders.fill(bench.document, 60)
    bench.settle(qtbot)
    bench.model.run()
    bench.history.select(select([7], "row 7", kind="rows"))
    bench.settle(qtbot)
    assert bench.document.selection.rows.tolist() == [7]
    assert bench.model.problem is None


def test_nothing_to_add_is_said(bench: Bench, qtbot: QtBot) -> None:
    builders.fill(bench.document, 20)
    bench.settle(qtbot)
    bench.document.set_selection(select(np.arange(20), "all items", kind="all"))
    said: list[Notice] = []
    bench.notices.posted.connect(said.append)
    bench.model.run()
    bench.settle(qtbot)
    assert "already" in said[0].text
    assert bench.history.undo_text is None
    bench.document.set_selection(NOTHING)
    assert bench.model.problem is NO_SELECTION
