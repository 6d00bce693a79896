"""Having a column computed: what stands in the way, what becomes of it, taking it out again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notice, Notices, Problem
from app.panels import measures
from app.panels.items import ItemsModel
from app.panels.map import ByNumber, MapModel
from app.panels.measures import MEASURES, NO_SELECTION, ONE_SIDE, MeasuresModel
from app.panels.neighbours import NO_ROW, NO_VECTOR, NeighboursModel
from backends.corpora.computed import how_made
from backends.selection import select
from backends.types import Embeddings, Roles
from tests import builders

ROWS = 40


class Bench:
    """A document with vectors and a map, and the models that columns come from and go to."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot, self.root = qtbot, QObject()
        root = self.root
        self.document, self.jobs, self.notices = Document(root), Jobs(root), Notices(root)
        self.history = History(self.document, root)
        common = (self.document, self.jobs, self.notices, self.history)
        self.map = MapModel(*common, root)
        self.items = ItemsModel(*common)
        self.neighbours = NeighboursModel(*common)
        self.model = MeasuresModel(
            self.document, self.jobs, self.notices, self.neighbours, self.map
        )
        self.said: list[Notice] = []
        self.notices.posted.connect(self.said.append)

    def fill(self) -> Embeddings:
        self.document.set_corpus(builders.corpus(ROWS))
        assert self.document.corpus is not None
        embeddings = builders.embeddings(self.document.corpus, 8, present=ROWS - 1)
        self.document.add_embeddings(embeddings)
        self.document.add_projection(builders.projection(embeddings))
        return embeddings

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.jobs.live, timeout=30_000)

    def run(self, name: str) -> None:
        self.model.run(name)
        self.settle()

    def values(self, column: str) -> list[float | None]:
        found: list[float | None] = self.document.corpus.table.column(column).to_pylist()
        return found


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    assert made.jobs.close(10)
    delete(made.root)


@pytest.mark.parametrize("name", MEASURES)
def test_what_stands_in_the_way_is_said(bench: Bench, name: str) -> None:
    assert bench.model.problem(name) is not None
    bench.document.set_corpus(builders.corpus(ROWS))
    assert bench.model.problem(name) is not None
    bench.run(name)
    assert [notice.level for notice in bench.said] == ["warning"]
    assert bench.document.corpus.computed == {}


def test_a_similarity_needs_a_question_that_has_a_vector(bench: Bench) -> None:
    bench.fill()
    assert isinstance(bench.model.problem("similarity"), Problem)
    bench.neighbours.ask_row(ROWS - 1)
    assert bench.model.problem("similarity") is NO_VECTOR
    bench.neighbours.ask_row(3)
    assert bench.model.problem("similarity") is None
    bench.neighbours.ask_row(None)
    bench.document.set_corpus(None)
    assert bench.model.problem("similarity") not in (None, NO_ROW)


def test_similarity_to_the_query_is_a_column_that_colours_the_map(bench: Bench) -> None:
    embeddings = bench.fill()
    bench.neighbours.ask_row(3)
    bench.settle()
    bench.run("similarity")
    (name,) = bench.document.corpus.computed
    assert name == "Similarity to “gull and tide”"
    values = bench.values(name)
    assert values[3] == pytest.approx(1, abs=1e-6)
    assert values[-1] is None
    hits = bench.document.hits
    assert hits is not None
    found = [values[row] for row in hits.rows]
    np.testing.assert_allclose(found, hits.similarities, atol=1e-6)
    assert isinstance(bench.map.colouring, ByNumber)
    assert bench.map.colour_by == name
    assert name in bench.said[-1].text
    assert f"in the vectors “{embeddings.title}”" in bench.said[-1].hint


def test_a_row_without_a_name_is_called_by_its_number(bench: Bench) -> None:
    bench.document.set_corpus(builders.corpus(columns={"year": [1, 2, 3, 4]}, roles=Roles()))
    bench.document.add_embeddings(builders.embeddings(bench.document.corpus))
    bench.neighbours.ask_row(3)
    bench.run("similarity")
    assert list(bench.document.corpus.computed) == ["Similarity to row 3"]


def test_a_long_question_has_a_short_name(bench: Bench) -> None:
    long = {"text": ["so many words " * 40, *["x"] * 5], "id": list("abcdef")}
    bench.document.set_corpus(builders.corpus(columns=long))
    bench.document.add_embeddings(builders.embeddings(bench.document.corpus))
    bench.neighbours.ask_row(0)
    bench.run("similarity")
    (name,) = bench.document.corpus.computed
    assert len(name) <= len("Similarity to “”") + measures.ASKED_LETTERS
    assert name.endswith("…”")


def test_asked_twice_it_is_computed_once(bench: Bench) -> None:
    bench.fill()
    bench.run("outliers")
    bench.map.set_colour_by(None)
    before = bench.document.corpus
    bench.run("outliers")
    assert bench.document.corpus is before
    assert bench.map.colour_by == "Outlier score"
    assert "already" in bench.said[-1].hint


def test_other_vectors_have_a_column_of_their_own(bench: Bench) -> None:
    bench.fill()
    bench.run("outliers")
    bench.document.add_embeddings(builders.embeddings(bench.document.corpus, 8, seed=1))
    bench.run("outliers")
    assert list(bench.document.corpus.computed) == ["Outlier score", "Outlier score 2"]
    assert bench.values("Outlier score") != bench.values("Outlier score 2")


def test_the_share_kept_needs_the_map_of_these_very_vectors(bench: Bench) -> None:
    part = bench.fill()
    bench.run("kept")
    (name,) = bench.document.corpus.computed
    assert name == "Neighbours kept by PCA"
    values = [value for value in bench.values(name) if value is not None]
    assert len(values) == ROWS - 1
    assert all(0 <= value <= 1 for value in values)
    grown = builders.embeddings(bench.document.corpus, 8)
    bench.document.add_embeddings(grown, replaces=part.fingerprint)
    assert bench.document.projection is not None
    assert bench.model.problem("kept") is measures.OLD_LAYOUT


def test_another_corpus_stops_what_is_being_computed(bench: Bench) -> None:
    bench.fill()
    bench.model.run("outliers")
    bench.document.set_corpus(builders.corpus(5))
    bench.settle()
    assert bench.document.corpus.computed == {}
    assert [notice for notice in bench.said if notice.level != "info"] == []


def test_too_few_vectors_have_no_neighbours(bench: Bench) -> None:
    bench.document.set_corpus(builders.corpus(4))
    one = builders.embeddings(bench.document.corpus, present=1)
    bench.document.add_embeddings(one)
    bench.document.add_projection(builders.projection(one))
    assert bench.model.problem("outliers") is measures.TOO_FEW
    assert bench.model.problem("kept") is measures.TOO_FEW


def test_removing_one_can_be_undone(bench: Bench) -> None:
    bench.fill()
    bench.run("outliers")
    bench.run("kept")
    computed = dict(bench.document.corpus.computed)
    values = bench.values("Outlier score")
    bench.items.columns.remove("Outlier score")
    assert list(bench.document.corpus.computed) == ["Neighbours kept by PCA"]
    assert bench.history.undo_text == "remove column “Outlier score”"
    bench.history.undo()
    assert list(bench.document.corpus.computed.items()) == list(computed.items())
    assert bench.values("Outlier score") == values
    bench.history.redo()
    assert list(bench.document.corpus.computed) == ["Neighbours kept by PCA"]
    bench.items.columns.remove("year")  # of the file
    assert "year" in bench.document.corpus.columns


def test_a_column_is_known_by_its_making_when_another_has_its_name(bench: Bench) -> None:
    bench.fill()
    bench.run("outliers")
    old = bench.document.corpus.computed["Outlier score"]
    bench.items.columns.remove("Outlier score")
    bench.document.add_embeddings(builders.embeddings(bench.document.corpus, 8, seed=1))
    bench.run("outliers")
    new = bench.document.corpus.computed["Outlier score"]
    bench.history.undo()
    assert dict(bench.document.corpus.computed) == {"Outlier score": new, "Outlier score 2": old}
    bench.history.redo()
    assert dict(bench.document.corpus.computed) == {"Outlier score": new}


def test_renaming_one_can_be_undone(bench: Bench) -> None:
    bench.fill()
    bench.run("outliers")
    bench.items.columns.rename("Outlier score", "  odd\none ")
    assert list(bench.document.corpus.computed) == ["odd one"]
    assert bench.map.colour_by == "odd one"
    bench.history.undo()
    assert list(bench.document.corpus.computed) == ["Outlier score"]
    bench.history.redo()
    assert list(bench.document.corpus.computed) == ["odd one"]
    for name in ("odd one", "  "):
        bench.items.columns.rename("odd one", name)
    assert bench.history.undo_text == "rename column “Outlier score”"


def test_a_direction_needs_some_items_and_some_others(bench: Bench) -> None:
    bench.fill()
    assert bench.model.problem("towards") is NO_SELECTION
    for rows in (range(ROWS), [ROWS - 1]):  # all that have a vector, and one that has none
        bench.document.set_selection(select(rows, "them", kind="rows"))
        assert bench.model.problem("towards") is ONE_SIDE
    bench.document.set_selection(select([1, 2, 3], "three rows", kind="rows"))
    bench.run("towards")
    values = bench.values("Towards 3 selected")
    assert values[ROWS - 1] is None
    inside = [value for value in values[1:4] if value is not None]
    others = [value for value in (values[0], *values[4:]) if value is not None]
    assert np.mean(inside) > max(0.0, float(np.mean(others)))
    bench.document.set_selection(select([5], "row 5", kind="rows"))
    bench.run("towards")  # another selection is another column
    assert bench.document.corpus is not None
    assert len(bench.document.corpus.computed) == 2
    assert "three rows" in how_made(next(iter(bench.document.corpus.computed.values())))
