"""How items moved: which layout was the one before, and whose trails are found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.panels import trails
from app.panels.layouts import LayoutsModel
from app.panels.shows import ShowsModel
from app.panels.trails import NO_ITEMS, NO_LAYOUT_BEFORE, TrailsModel
from backends.arrays import frozen
from backends.selection import NOTHING, select
from backends.types import Embeddings, Hits, MadeBy, Projection
from tests import builders
from tests.app.bench import Bench

ROWS = 40


class Trails(Bench):
    """A document with embeddings, and the model of trails."""

    def __init__(self) -> None:
        super().__init__()
        self.shows = ShowsModel(None, self.document)
        self.model = TrailsModel(self.document, self.jobs, self.notices, self.shows, self.document)
        self.document.set_corpus(builders.corpus(ROWS))
        self.vectors = self.embed(0)

    def embed(self, seed: int) -> Embeddings:
        assert self.document.corpus is not None
        vectors = builders.embeddings(self.document.corpus, seed=seed)
        self.document.add_embeddings(vectors)
        return vectors

    def lay_out(self, layout: NDArray[np.float32], name: str, **facts: int) -> Projection:
        assert self.document.active is not None
        made_by = MadeBy("project", (self.document.active.fingerprint,), {"name": name, **facts})
        projection = Projection(frozen(layout.astype(np.float32)), "pca", name, made_by)
        self.document.add_projection(projection)
        return projection


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Trails]:
    bench = Trails()
    bench.shows.set_on("trails", True)
    yield bench
    assert bench.close()


def cloud(seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(ROWS, 2)).astype(np.float32)


def test_a_layout_that_is_only_turned_leaves_no_trail(bench: Trails) -> None:
    first = cloud()
    bench.lay_out(first, "first")
    assert bench.model.words == NO_LAYOUT_BEFORE
    bench.lay_out(first[:, ::-1] * 3 + 7, "turned")
    bench.document.set_selection(select(range(ROWS), "all"))
    assert bench.model.start is not None
    np.testing.assert_allclose(bench.model.start, first[:, ::-1] * 3 + 7, atol=1e-4)


def test_the_layout_before_is_the_one_that_was_shown_whatever_its_embeddings(
    bench: Trails,
) -> None:
    first = bench.lay_out(cloud(), "first")
    assert bench.model.before is None
    other = bench.embed(1)
    assert bench.document.projection is None
    assert bench.model.before is None  # nothing is shown
    second = bench.lay_out(cloud(1), "second")
    assert bench.model.before is first
    bench.document.set_active(bench.vectors.fingerprint)
    assert bench.model.before is second
    bench.document.add_projection(bench.document.projection or first)  # measured, perhaps
    assert bench.model.before is second
    bench.document.set_active(other.fingerprint)
    assert bench.model.before is first
    bench.document.set_corpus(builders.corpus(3))
    assert bench.model.before is None


def test_whose_trails_are_found(bench: Trails) -> None:
    document, model = bench.document, bench.model
    layout = cloud()
    bench.lay_out(layout, "first")
    moved = layout.copy()
    moved[5] += 40
    moved[6] -= 9
    bench.lay_out(moved, "second")
    assert model.words == NO_ITEMS
    document.set_focus(6)
    assert model.moves is not None
    assert model.moves.rows.tolist() == [6]
    near = np.array([5, 7])
    document.set_hits(Hits(near, np.array([0.9, 0.8], np.float32), "near", "e", row=6))
    assert sorted(model.moves.rows.tolist()) == [5, 6, 7]
    document.set_selection(select((1, 5, 9), "lasso"))
    assert model.moves.rows.tolist()[0] == 5
    assert model.moves.of == 3
    assert model.words == "Trails from first · name first: 3 selected"
    document.set_selection(NOTHING)
    assert len(model.moves.rows) == 3
    bench.shows.set_on("trails", False)
    assert model.moves is None


def test_many_are_cut_to_the_farthest_and_said(
    bench: Trails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trails, "MOST_TRAILS", 7)
    bench.lay_out(cloud(), "first")
    bench.lay_out(cloud(1), "second")
    bench.document.set_selection(select(range(ROWS), "all"))
    assert bench.model.moves is not None
    start, end = bench.model.start, cloud(1)
    assert start is not None
    far = np.argsort(-np.hypot(*(end - start).T))[:7]
    assert bench.model.moves.rows.tolist() == far.tolist()
    assert "7 farthest of 40 selected" in bench.model.words


def test_very_many_rows_are_brought_over_in_the_background(
    bench: Trails, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(trails, "MOST_AT_ONCE", ROWS - 1)
    bench.lay_out(cloud(), "first")
    bench.document.set_focus(3)
    with qtbot.waitSignal(bench.model.changed, check_params_cb=lambda: True):
        bench.lay_out(cloud(1), "second")
    assert bench.model.start is None  # too many to be seen on their way
    qtbot.waitUntil(lambda: bench.model.moves is not None)
    assert bench.model.moves is not None
    assert bench.model.moves.rows.tolist() == [3]


def test_the_list_of_layouts_says_in_what_they_differ(bench: Trails) -> None:
    layouts = LayoutsModel(bench.document)
    first = bench.lay_out(cloud(), "A", seed=1, neighbours=15)
    bench.lay_out(cloud(1), "A", seed=2, neighbours=15)
    assert [entry.text for entry in layouts.entries] == ["A · seed 1", "A · seed 2"]
    assert [entry.shown for entry in layouts.entries] == [False, True]
    layouts.show(first.fingerprint)
    assert bench.document.projection is first
    layouts.forget(first.fingerprint)
    assert [entry.text for entry in layouts.entries] == ["A"]
    assert "15 neighbours" in layouts.entries[0].tip
