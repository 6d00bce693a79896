"""What is measured of which vectors, the ladder, and sizes that become embeddings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.application import Application
from app.panels import layers as module
from app.panels.layers import LayersSettings, plan, words_of
from app.panels.state import Blocked, Failed, Idle, Running
from backends.compression.leading import leading_dimensions
from backends.types import BASE, MadeBy
from tests import builders
from tests.backends.compression.test_layers import TEXTS
from tests.backends.encoders.tiny import LAYERS, WIDTH, build_model, corpus_of, set_pace

LONG = 60_000


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = build_model(tmp_path / "model")
    set_pace(folder)
    return folder


@pytest.fixture
def app(qtbot: QtBot, model: Path) -> Iterator[Application]:
    application = Application()
    application.embedding.change(encoder=str(model))
    application.document.set_corpus(corpus_of(list(TEXTS)))
    yield application
    assert application.close()


def wait(app: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


def measure(app: Application, qtbot: QtBot) -> None:
    app.layers.run()
    wait(app, qtbot)
    assert app.layers.grid is not None


def test_it_says_what_stands_in_the_way(qtbot: QtBot) -> None:
    app = Application()
    try:
        assert app.layers.state == Blocked(module.NO_CORPUS)
        app.document.set_corpus(builders.corpus(8).with_roles(text=None))
        assert app.layers.state == Blocked(module.NO_TEXT)
        app.document.set_roles(text="text")
        app.embedding.change(encoder="lexical")
        assert app.layers.state == Blocked(module.NO_LAYERS)
        app.embedding.change(encoder="minilm")
        assert app.layers.state == Idle()
        corpus = app.document.corpus
        assert corpus is not None
        app.document.add_embeddings(builders.embeddings(corpus, present=1))
        assert app.layers.state == Blocked(module.TOO_FEW)
        assert app.layers.make_problem((1, 8)) is module.NO_GRID
    finally:
        assert app.close()


def test_the_model_of_the_active_vectors_is_measured(app: Application, model: Path) -> None:
    document, settings = app.document, LayersSettings()
    chosen = plan(document, str(model), settings)
    assert not isinstance(chosen, module.Problem)
    assert (chosen.encoder, chosen.column, chosen.embeddings) == (str(model), "text", None)
    assert document.corpus is not None
    finished = builders.embeddings(document.corpus)
    document.add_embeddings(finished)
    stored = plan(document, str(model), settings)
    assert not isinstance(stored, module.Problem)
    assert (stored.encoder, stored.embeddings) == (None, finished)
    part = leading_dimensions(finished, 2)
    document.add_embeddings(part)
    again = plan(document, str(model), settings)
    assert not isinstance(again, module.Problem)
    assert again.embeddings is finished  # of which these are a part
    base = MadeBy("compress", (part.fingerprint,), {"codec": "sign", BASE: part.made_by.as_json()})
    document.add_embeddings(replace(part, made_by=base))
    third = plan(document, str(model), settings)
    assert not isinstance(third, module.Problem)
    assert third.embeddings is finished


def test_it_measures_shows_progress_and_stays_when_a_size_becomes_active(
    app: Application, qtbot: QtBot
) -> None:
    states: list[object] = []
    app.layers.state_changed.connect(states.append)
    measure(app, qtbot)
    assert any(isinstance(state, Running) for state in states)
    grid = app.layers.grid
    assert grid is not None
    assert (grid.layers, grid.dim) == (LAYERS, WIDTH)
    assert app.layers.active_pair is None
    app.layers.make(1, 16)
    assert app.layers.make_problem((1, 16)) is module.BUSY
    wait(app, qtbot)
    made = app.document.active
    assert made is not None
    assert made.title == "model, layer 1 of 2, 16 dimensions"
    assert (made.dim, made.count) == (16, len(TEXTS))
    assert app.layers.grid is grid
    assert app.layers.active_pair == (1, 16)


def test_an_embedding_made_of_a_cell_is_searched_and_kept_in_a_project(
    app: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    measure(app, qtbot)
    app.layers.make(1, 16)
    wait(app, qtbot)
    made = app.document.active
    assert made is not None
    app.neighbours.ask_text(TEXTS[3])
    wait(app, qtbot)
    assert app.document.hits is not None
    assert app.document.hits.rows[0] == 3
    assert app.document.hits.similarities[0] == pytest.approx(1.0, abs=1e-5)
    app.layers.change(k=4, dims=(4, 8))
    app.layers.ladder.add(2, 7)
    wait(app, qtbot)
    folder = tmp_path / "p.embedscope"
    app.session.save(folder)
    wait(app, qtbot)
    other = Application()
    try:
        other.session.open(folder)
        qtbot.waitUntil(lambda: other.document.active is not None, timeout=LONG)
        again = other.document.active
        assert again is not None
        assert (again.fingerprint, again.title) == (made.fingerprint, made.title)
        np.testing.assert_array_equal(again.vectors, made.vectors)
        other.neighbours.ask_text(TEXTS[3])
        wait(other, qtbot)
        assert other.document.hits is not None
        assert other.document.hits.rows[0] == 3
        assert (other.layers.settings.k, other.layers.settings.dims) == (4, (4, 8))
        assert other.layers.ladder.chosen == ((1, 16), (2, 7), (2, 32))
    finally:
        assert other.close()


def test_dimensions_of_vectors_that_are_there_are_cut_without_encoding(
    app: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.embedding.run()
    wait(app, qtbot)
    whole = app.document.active
    assert whole is not None
    measure(app, qtbot)
    runs: list[object] = []
    monkeypatch.setattr(app.embedding, "embed_with", lambda *words: runs.append(words))
    app.layers.make(LAYERS, 8)
    wait(app, qtbot)
    made = app.document.active
    assert made is not None
    assert not runs
    assert made.title == "model, layer 2 of 2, 8 dimensions"
    assert app.layers.active_pair == (LAYERS, 8)
    app.layers.make(LAYERS, WIDTH)
    assert app.document.active is whole
    assert app.layers.active_pair == (LAYERS, WIDTH)


def test_of_finished_vectors_a_part_becomes_an_embedding(app: Application, qtbot: QtBot) -> None:
    corpus = app.document.corpus
    assert corpus is not None
    vectors = builders.embeddings(corpus, dim=12)
    app.document.add_embeddings(vectors)
    measure(app, qtbot)
    grid = app.layers.grid
    assert grid is not None
    assert grid.layers is None
    assert app.layers.active_pair == (0, 12)
    app.layers.make(0, 6)
    wait(app, qtbot)
    assert app.document.active is not None
    assert app.document.active.dim == 6
    assert app.layers.grid is grid
    assert app.layers.active_pair == (0, 6)
    app.document.set_active(vectors.fingerprint)
    assert app.layers.grid is grid
    recipe = {"codec": "sign", BASE: vectors.made_by.as_json()}
    compressed = replace(vectors, made_by=MadeBy("compress", (vectors.fingerprint,), recipe))
    app.document.add_embeddings(compressed)
    assert app.layers.grid is grid
    assert app.layers.active_pair is None  # it is none of these sizes


def test_an_encoder_without_layers_fails_in_one_sentence(
    app: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    said: list[str] = []
    app.notices.posted.connect(lambda notice: said.append(notice.text))
    app.embedding.change(encoder=str(tmp_path / "nothing"))
    app.layers.run()
    wait(app, qtbot)
    assert isinstance(app.layers.state, Failed)
    assert len(said) == 1
    app.layers.change(k=3)
    assert app.layers.state == Idle()


def test_stopping_leaves_what_was_there(app: Application, qtbot: QtBot) -> None:
    measure(app, qtbot)
    grid = app.layers.grid
    app.layers.change(sample=20)
    app.layers.run()
    app.layers.stop()
    wait(app, qtbot)
    assert app.layers.grid is grid
    assert app.layers.state == Idle()
    app.document.set_corpus(None)
    assert app.layers.grid is None


def test_the_ladder_is_edited_and_measured(app: Application, qtbot: QtBot) -> None:
    ladder = app.layers.ladder
    assert ladder.rungs == ()
    assert ladder.add(1, 8) is not None
    measure(app, qtbot)
    grid = app.layers.grid
    assert grid is not None
    assert [rung.pair for rung in ladder.rungs] == [(1, 16), (2, 32)]
    assert [rung.cell for rung in ladder.rungs] == [grid.cell(1, 16), grid.cell(2, 32)]
    assert ladder.add(0, 5) is None
    assert ladder.rungs[0].cell is None
    wait(app, qtbot)
    cell = ladder.rungs[0].cell
    assert cell is not None
    assert (cell.pair, cell.bytes_per_vector) == ((0, 5), 20)
    assert ladder.change((0, 5), (0, 16)) is None
    assert ladder.rungs[0].cell is grid.cell(0, 16)
    for wrong in ((3, 8), (1, 33), (1, 0)):
        assert ladder.change((0, 16), wrong) is not None
    ladder.add(1, 3)
    assert ladder.is_measuring
    app.jobs.cancel("ladder")
    assert not ladder.is_measuring
    assert ladder.cell((1, 3)) is None
    ladder.remove((1, 3))
    ladder.remove((2, 32))
    assert ladder.pairs == ((0, 16), (1, 16))
    ladder.reset()
    assert ladder.pairs == ((1, 16), (2, 32))


def test_everything_can_be_taken_away_as_csv(
    app: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    measure(app, qtbot)
    grid = app.layers.grid
    assert grid is not None
    app.layers.ladder.add(1, 5)
    wait(app, qtbot)
    path = tmp_path / "layers.csv"
    app.layers.save_csv(str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert len(rows) == len(grid.cells) + 1
    listed = [(int(r["layer"]), int(r["dimensions"])) for r in rows if r["ladder"] == "1"]
    assert listed == [(1, 5), (1, 16), (2, 32)]
    last = rows[-1]
    assert (last["recall"], last["bytes_per_vector"], last["relative_time"]) == (
        *("1.0000", str(4 * WIDTH)),
        "1.0000",
    )
    warned: list[str] = []
    app.notices.posted.connect(lambda notice: warned.append(notice.level))
    app.layers.save_csv(str(tmp_path / "missing" / "no" / "layers.csv"))
    app.layers.save_csv(str(tmp_path))
    assert "warning" in warned


def test_a_size_is_said_in_words(app: Application, qtbot: QtBot) -> None:
    measure(app, qtbot)
    grid = app.layers.grid
    assert grid is not None
    words = words_of(grid, grid.full)
    assert words.startswith(f"layer 2 of 2, 32 dimensions: recall@{grid.k} 100.0%")
    assert "128 bytes" in words
    assert words.endswith("(100%)")
    assert app.layers.advice


@pytest.mark.parametrize(
    "state", [{}, {"k": "x", "dims": [0], "pairs": 3}, {"k": -1, "pairs": [[1], ["a", 2], None]}]
)
def test_a_state_that_makes_no_sense_is_left_out(
    app: Application, state: dict[str, object]
) -> None:
    app.layers.restore_project_state(state)
    assert app.layers.settings == LayersSettings()
    assert not app.layers.ladder.chosen
