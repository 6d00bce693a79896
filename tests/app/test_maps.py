"""Maps beside the first: what each shows, what becomes of it, and what a project keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.application import Application
from app.panels.maps import ENOUGH, NO_MAP, BesideMap
from app.panels.measures import ONE_MAP
from backends.arrays import frozen
from backends.projections.agreement import shared_by_row
from backends.types import Embeddings, MadeBy, Projection
from tests import builders

ROWS = 300
GROUPS = np.array([[-4, 0], [4, 0], [0, -3], [0, 3]], np.float32)


def laid_out(of: Embeddings, method: str = "pca", *, seed: int = 0) -> Projection:
    rng = np.random.default_rng(seed)
    layout = rng.normal(0, 0.3, (len(of), 2)) + GROUPS[rng.integers(0, 4, len(of))]
    made_by = MadeBy("project", (of.fingerprint,), {"seed": seed, "method": method})
    return Projection(frozen(layout.astype(np.float32)), method, method.upper(), made_by)


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    app = Application()
    app.projection.change(method="pca")  # nothing is laid out unasked
    app.map.shows.set_on("labels", False)  # nobody looks
    yield app
    assert app.close()


@pytest.fixture
def vectors(app: Application) -> Embeddings:
    corpus = builders.corpus(ROWS)
    made = builders.embeddings(corpus)
    with app.document.batch():  # nobody finds vectors without a layout
        app.document.set_corpus(corpus)
        app.document.add_embeddings(made)
        app.document.add_projection(laid_out(made))
    return made


def opened(app: Application) -> BesideMap:
    beside = app.maps.open()
    assert beside is not None
    return beside


def test_there_is_nothing_to_open_without_a_layout(app: Application) -> None:
    assert app.maps.problem is NO_MAP
    assert app.maps.open() is None
    assert app.maps.maps == ()


def test_the_layout_before_is_shown_beside(app: Application, vectors: Embeddings) -> None:
    pca, first, second = (
        laid_out(vectors),
        laid_out(vectors, "umap", seed=1),
        laid_out(vectors, "umap", seed=2),
    )
    for layout in (pca, first, second):
        app.document.add_projection(layout)
    beside = opened(app)
    assert beside.showing.projection is first
    assert beside.title == "Map 2: UMAP · seed 1 of random 0"


def test_else_pca_of_the_same_vectors(app: Application, vectors: Embeddings) -> None:
    pca, umap = laid_out(vectors), laid_out(vectors, "umap")
    with app.document.batch():
        app.document.set_corpus(builders.corpus(ROWS))
        app.document.add_embeddings(vectors)
        app.document.add_projection(umap)
        app.document.add_projection(pca, show=False)
    assert app.map.trails.before is None
    assert opened(app).showing.projection is pca


def test_else_the_same_and_whatever_the_first_map_shows(
    app: Application, vectors: Embeddings, qtbot: QtBot
) -> None:
    pca = laid_out(vectors)
    app.document.add_projection(pca)
    beside = opened(app)
    assert beside.showing.follows
    assert beside.showing.projection is pca
    umap = laid_out(vectors, "umap")
    with qtbot.waitSignal(beside.showing.projection_changed):
        app.document.add_projection(umap)
    assert beside.showing.projection is umap


def test_at_most_four_are_open(app: Application, vectors: Embeddings) -> None:
    app.document.add_projection(laid_out(vectors))
    numbers = [opened(app).number for _ in range(3)]
    assert numbers == [2, 3, 4]
    assert app.maps.problem is ENOUGH
    assert app.maps.open() is None
    app.maps.close(app.maps.maps[1])
    assert opened(app).number == 3


def test_layouts_of_other_vectors_can_be_chosen_as_they_come(
    app: Application, vectors: Embeddings, qtbot: QtBot
) -> None:
    assert app.document.corpus is not None
    app.document.add_projection(laid_out(vectors))
    beside = opened(app)
    other = builders.embeddings(app.document.corpus, seed=9)
    app.document.add_embeddings(other, show=False)
    layout = laid_out(other, "umap", seed=5)
    with qtbot.waitSignal(beside.showing.choices_changed):
        app.document.add_projection(layout)  # of vectors that no panel shows
    assert [(c.text, c.of) for c in beside.showing.choices] == [
        ("PCA", "random 0"),
        ("UMAP", "random 9"),
    ]
    with qtbot.waitSignal(beside.renamed):
        beside.showing.choose(layout.fingerprint)
    assert beside.showing.projection is layout
    assert beside.showing.active == other
    assert beside.title == "Map 2: UMAP of random 9"
    app.document.set_active(other.fingerprint)
    assert beside.showing.projection is layout


def test_a_layout_that_goes_leaves_the_first_maps_and_that_is_said(
    app: Application, vectors: Embeddings
) -> None:
    assert app.document.corpus is not None
    pca = laid_out(vectors)
    app.document.add_projection(pca)
    other = builders.embeddings(app.document.corpus, seed=9)
    app.document.add_embeddings(other, show=False)
    layout = laid_out(other, "umap")
    app.document.add_projection(layout)
    beside = opened(app)
    beside.showing.choose(layout.fingerprint)
    said: list[str] = []
    app.notices.posted.connect(lambda notice: said.append(notice.text))
    app.document.drop_embeddings(other.fingerprint)
    assert beside.showing.follows
    assert beside.showing.projection is pca
    assert said == ["UMAP of random 9 is gone."]


def test_grown_vectors_take_the_chosen_layout_along(app: Application, vectors: Embeddings) -> None:
    assert app.document.corpus is not None
    app.document.add_projection(laid_out(vectors))
    part = builders.embeddings(app.document.corpus, seed=9, present=10)
    app.document.add_embeddings(part, show=False)
    early = laid_out(part, seed=1)
    app.document.add_projection(early)
    beside = opened(app)
    beside.showing.choose(early.fingerprint)
    whole = builders.embeddings(app.document.corpus, seed=9)
    app.document.add_embeddings(whole, show=False, replaces=part.fingerprint)
    assert beside.showing.projection is early  # until there is one of the whole
    late = laid_out(whole, seed=1)
    app.document.add_projection(late)
    app.document.set_active(whole.fingerprint)
    said: list[object] = []
    app.notices.posted.connect(said.append)
    app.document.drop_projection(early.fingerprint)
    assert beside.showing.projection is late  # the same method, vectors of the same name
    assert not said


def test_another_corpus_closes_them_without_a_word(app: Application, vectors: Embeddings) -> None:
    app.document.add_projection(laid_out(vectors))
    app.document.add_projection(laid_out(vectors, "umap"))
    assert not opened(app).showing.follows
    said: list[object] = []
    app.notices.posted.connect(said.append)
    app.document.set_corpus(builders.corpus(5))
    assert app.maps.maps == ()
    assert not said


def test_what_is_one_maps_own_is_not_the_others(
    app: Application, vectors: Embeddings, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "year" in [column.name for column in app.map.columns])
    app.document.add_projection(laid_out(vectors))
    beside, remembered = opened(app), app.settings.value.map
    beside.set_tool("lasso")
    beside.set_size(2.0)
    beside.shows.set_on("scale", False)
    assert (app.map.tool, app.map.size, app.map.shows.is_on("scale")) == ("pan", 1.0, True)
    assert app.settings.value.map == remembered
    assert beside.colours is app.map.colours
    app.map.set_colour_by("year")
    assert beside.colour_by == "year"


def test_outlines_are_described_in_the_layout_they_were_drawn_on(
    app: Application, vectors: Embeddings
) -> None:
    app.document.add_projection(laid_out(vectors))
    app.document.add_projection(laid_out(vectors, "umap"))
    beside = opened(app)
    beside.select_rows(np.arange(3), "replace", polygon=((0, 0), (1, 0), (1, 1)))
    shown = beside.showing.projection
    assert shown is not None
    assert app.document.selection.description["projection"] == shown.fingerprint
    assert app.map.showing.projection is not shown


def test_a_project_brings_them_back(
    app: Application, vectors: Embeddings, tmp_path: Path, qtbot: QtBot
) -> None:
    for layout in (laid_out(vectors), laid_out(vectors, "umap"), laid_out(vectors, "umap", seed=2)):
        app.document.add_projection(layout)
    chosen, following = opened(app), opened(app)
    following.showing.choose(None)
    chosen.set_linked(True)
    chosen.set_size(2.0)
    chosen.shows.set_on("minimap", False)
    name = chosen.showing.chosen
    job = app.session.save(tmp_path / "two.embedscope")
    assert job is not None
    qtbot.waitUntil(lambda: not app.jobs.live)
    app.document.set_corpus(None)
    assert app.maps.maps == ()
    with qtbot.waitSignal(app.session.opened):
        app.session.open(tmp_path / "two.embedscope")
    again, other = app.maps.maps
    assert (again.number, other.number) == (2, 3)
    assert again.showing.chosen == name
    assert again.linked
    assert not again.shows.is_on("minimap")
    assert again.size == 2.0
    assert other.showing.follows
    assert not other.linked
    qtbot.waitUntil(lambda: not app.jobs.live)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"maps": None},
        {"maps": [None, 3, "x"]},
        {"maps": [{"number": "two", "layout": 7, "linked": "yes", "shown": [], "camera": 4}]},
        {"maps": [{"number": 2}, {"number": 2}, {"number": -1}, {"number": 3}, {"number": 4}]},
    ],
)
def test_a_damaged_project_leaves_out_what_makes_no_sense(
    app: Application, vectors: Embeddings, state: dict[str, object]
) -> None:
    app.document.add_projection(laid_out(vectors))
    app.maps.restore_project_state(state)
    assert len(app.maps.maps) <= 3
    assert len({beside.number for beside in app.maps.maps}) == len(app.maps.maps)
    assert all(beside.showing.follows and not beside.linked for beside in app.maps.maps)


def test_hovering_is_nothing_that_actions_ask_about(
    app: Application, vectors: Embeddings, qtbot: QtBot
) -> None:
    from app.actions import Action, Actions

    app.document.add_projection(laid_out(vectors))
    beside, asked = opened(app), []
    table = Actions(app.document, app.jobs, app.history)
    table.add(Action("one", "One", when=lambda: asked.append(1)))
    qtbot.waitUntil(lambda: not app.jobs.live)
    table.refresh()
    asked.clear()
    for row in range(20):
        with qtbot.waitSignal(app.map.hover.changed):
            app.map.hover.set_row(row, app.map)
        assert app.map.hover.row_elsewhere(beside) == row
        assert app.map.hover.row_elsewhere(app.map) is None
    qtbot.wait(1)
    assert not asked


def test_names_given_to_clusters_are_the_same_on_all_maps(
    app: Application, vectors: Embeddings, qtbot: QtBot
) -> None:
    app.map.shows.set_on("labels", True)
    layout = laid_out(vectors)
    app.document.add_projection(layout)
    beside = opened(app)
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=60_000)
    assert beside.topics.topics is not None
    assert beside.topics.topics is app.topics.topics  # found once
    beside.topics.rename(0, "mine")
    assert app.topics.text(0) == "mine"
    app.maps.close(beside)
    app.history.undo()
    assert app.topics.text(0) != "mine"


def test_another_layout_beside_has_regions_of_its_own(
    app: Application, vectors: Embeddings, qtbot: QtBot
) -> None:
    app.map.shows.set_on("labels", True)
    pca, umap = laid_out(vectors), laid_out(vectors, "umap", seed=3)
    app.document.add_projection(pca)
    app.document.add_projection(umap)
    beside = opened(app)
    beside.shows.set_on("contours", True)
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=60_000)
    assert app.topics.topics is not None
    assert beside.topics.topics is not None
    assert app.topics.topics.projection == umap.fingerprint
    assert beside.topics.topics.projection == pca.fingerprint
    assert beside.contours.contours
    assert not app.contours.contours


def test_a_column_says_where_two_maps_disagree(
    app: Application, vectors: Embeddings, qtbot: QtBot
) -> None:
    assert app.measures.problem("shared") is ONE_MAP
    app.document.add_projection(laid_out(vectors, "umap", seed=7))
    beside = opened(app)
    assert app.measures.problem("shared") is None
    app.measures.run("shared")
    qtbot.waitUntil(lambda: not app.jobs.live)
    assert app.document.corpus is not None
    assert app.document.projection is not None
    assert beside.showing.projection is not None
    values = app.document.corpus.table.column("Neighbours shared by UMAP and PCA").to_numpy()
    layouts = app.document.projection.layout, beside.showing.projection.layout
    np.testing.assert_allclose(values, shared_by_row(*layouts))
    assert app.map.colour_by == "Neighbours shared by UMAP and PCA"
    beside.showing.choose(None)
    assert app.measures.problem("shared") is ONE_MAP
