"""Measuring compression: what stands in the way, what comes in, what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.notices import Notice
from app.panels import compression
from app.panels.compression_settings import (
    NO_BUDGETS,
    NO_CODECS,
    CompressionSettings,
    chosen_budgets,
    chosen_codecs,
    remembered,
)
from app.panels.state import Blocked, Idle, Running
from backends.codecs.registry import CODECS
from backends.compression.results import Sweep
from tests import builders
from tests.compression import fill, measure, settle


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


def problem(app: Application) -> object:
    state = app.compression.state
    return state.problem if isinstance(state, Blocked) else None


def test_what_stands_in_the_way_is_said(app: Application) -> None:
    model = app.compression
    assert problem(app) is compression.NO_CORPUS
    app.document.set_corpus(builders.corpus(20))
    assert problem(app) is compression.NO_VECTORS
    assert app.document.corpus is not None
    app.document.add_embeddings(builders.embeddings(app.document.corpus, present=1))
    assert problem(app) is compression.TOO_FEW
    app.document.add_embeddings(builders.embeddings(app.document.corpus))
    assert isinstance(model.state, Idle)
    model.change(codecs=())
    assert problem(app) is NO_CODECS
    model.change(codecs=("truncate",), shares=())
    assert problem(app) is NO_BUDGETS
    model.change(codecs=("float16",))
    assert isinstance(model.state, Idle)  # it has one size, whatever is asked for
    model.change(chains="float16+gzip")
    assert "gzip" in problem(app).text  # type: ignore[attr-defined]
    said: list[Notice] = []
    app.notices.posted.connect(said.append)
    model.run()
    assert [notice.level for notice in said] == ["warning"]


def test_cells_come_in_one_by_one_and_stay(app: Application, qtbot: QtBot) -> None:
    fill(app)
    seen: list[int] = []
    states: list[object] = []
    app.compression.sweep_changed.connect(lambda sweep: seen.append(len(sweep.cells)))
    app.compression.state_changed.connect(states.append)
    measure(app, qtbot)
    sweep = app.compression.sweep
    assert sweep is not None
    assert sweep.finished
    assert {cell.codec for cell in sweep.cells} == {"float16", "int4", "sign", "truncate"}
    assert seen == sorted(seen)
    assert any(isinstance(state, Running) for state in states)
    assert isinstance(app.compression.state, Idle)
    half = next(cell for cell in sweep.cells if cell.codec == "float16")
    assert half.bytes_per_vector == 32
    assert half.recall.mean > 0.99


def test_a_run_that_was_stopped_goes_on(app: Application, qtbot: QtBot) -> None:
    fill(app)
    model = app.compression
    model.change(codecs=("float16", "int4", "sign"), shares=(4,), query_rows=60)

    def stop(sweep: Sweep | None) -> None:
        if sweep is not None and sweep.cells and not sweep.finished:
            model.stop()

    model.sweep_changed.connect(stop)
    model.run()
    settle(app, qtbot)
    model.sweep_changed.disconnect(stop)
    if not model.sweep.finished:  # it may be done before anybody can stop it
        assert model.goes_on
        kept = {cell.fingerprint for cell in model.sweep.cells}
        model.change(k=7)
        assert not model.goes_on
        model.change(k=10)
        assert model.goes_on
        model.run()
        settle(app, qtbot)
        assert kept <= {cell.fingerprint for cell in model.sweep.cells}
    assert model.sweep.finished
    assert not model.goes_on


def test_each_embedding_has_its_own_sweep(app: Application, qtbot: QtBot) -> None:
    first = fill(app)
    measure(app, qtbot)
    model = app.compression
    model.choose(model.sweep.cells[0].fingerprint)
    assert model.cell is model.sweep.cells[0]
    other = builders.embeddings(app.document.corpus, 6)
    app.document.add_embeddings(other)
    assert model.sweep is None
    assert model.cell is None
    app.document.set_active(first.fingerprint)
    assert model.sweep is not None
    app.document.set_corpus(None)
    assert model.sweep is None


def test_measuring_again_looks_at_no_codec_of_before(app: Application, qtbot: QtBot) -> None:
    fill(app)
    measure(app, qtbot)
    model = app.compression
    model.choose(model.sweep.cells[-1].fingerprint)
    settle(app, qtbot)
    assert app.compressed.lists is not None
    measure(app, qtbot, query_rows=30, k=3)
    assert model.cell is None
    assert app.compressed.lists is None
    for cell in model.sweep.cells:  # each fits the queries of now
        model.choose(cell.fingerprint)
        assert len(cell.kept) == 30
    settle(app, qtbot)


def test_another_embedding_stops_a_run(app: Application, qtbot: QtBot) -> None:
    fill(app)
    app.compression.run()
    app.document.add_embeddings(builders.embeddings(app.document.corpus, 6))
    assert isinstance(app.compression.state, Idle)
    settle(app, qtbot)
    assert app.compression.sweep is None


def test_labels_and_relevance_are_read(app: Application, qtbot: QtBot, tmp_path: Path) -> None:
    embeddings = fill(app)
    queries = tmp_path / "queries.npy"
    np.save(queries, np.asarray(embeddings.vectors[:20]))
    judged = tmp_path / "judged.txt"
    judged.write_text("\n".join(f"{row} item-{row} 1" for row in range(20)), encoding="utf-8")
    measure(app, qtbot, codecs=("float16",), query_file=str(queries), relevance_file=str(judged))
    sweep = app.compression.sweep
    assert sweep.truth.queries.title == "queries.npy"
    assert sweep.cells[0].ndcg.mean == pytest.approx(1.0)
    assert sweep.cells[0].purity is None  # a query from outside has no label
    measure(app, qtbot, codecs=("float16",), query_file="", relevance_file="", labels="place")
    assert app.compression.sweep.labels == "place"
    assert 0.8 < app.compression.sweep.cells[0].purity.mean <= 1


def test_a_file_that_is_not_there_is_said(app: Application, qtbot: QtBot, tmp_path: Path) -> None:
    fill(app)
    said: list[Notice] = []
    app.notices.posted.connect(said.append)
    measure(app, qtbot, query_file=str(tmp_path / "nothing.npy"))
    assert [notice.level for notice in said] == ["error"]
    assert "This is a bug" not in said[0].text
    assert app.compression.sweep is None


def test_choices_are_remembered_but_not_another_corpus_files(app: Application) -> None:
    fill(app)
    model = app.compression
    model.change(codecs=("int4",), k=7, shares=(8, 16), own_bytes="5", labels="place")
    model.change(query_file="/queries.npy")
    model.change_costs(memory=2e9, shown=True)
    app.settings.flush()
    again = Application()
    assert again.compression.settings == CompressionSettings(
        codecs=("int4",), k=7, shares=(8, 16), own_bytes="5"
    )
    assert again.compression.costs.memory == 2e9
    assert again.close()
    delete(again)
    app.document.set_corpus(None)
    assert model.settings.query_file == ""
    assert model.settings.labels == ""
    assert model.settings.k == 7


@pytest.mark.parametrize(
    "kept",
    [
        {"k": 0, "codecs": "all", "shares": [3, 4], "seed": -1, "chains": 5, "query_rows": True},
        {"k": "ten", "shares": None, "own_bytes": None, "more": {}},
    ],
)
def test_what_makes_no_sense_is_not_remembered(kept: dict[str, object]) -> None:
    settings = remembered(kept)
    assert settings.k == 10
    assert settings.codecs is None
    assert set(settings.shares) <= {2, 4, 8, 16, 32, 64}
    assert chosen_codecs(settings)


@pytest.mark.parametrize(
    ("words", "sizes"),
    [
        ("", [32.0]),
        ("96 48, 12", [96.0, 48.0, 32.0, 12.0]),
        ("1,536; 0.5", [1536.0, 32.0, 0.5]),
        ("32", [32.0]),
        ("64,16", [64.0, 32.0, 16.0]),
    ],
)
def test_bytes_are_read_as_they_are_typed(words: str, sizes: list[float]) -> None:
    found = chosen_budgets(CompressionSettings(shares=(2,), own_bytes=words), 16)
    assert list(found) == sizes  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["many", "96 -4", "0", "nan", "1e999"])
def test_what_is_no_size_is_said(words: str) -> None:
    found = chosen_budgets(CompressionSettings(own_bytes=words), 16)
    assert "no number of bytes" in found.text  # type: ignore[union-attr]


def test_the_default_codecs_are_those_of_the_registry() -> None:
    wanted = [name for name, spec in CODECS.items() if spec.default and spec.missing is None]
    assert list(CompressionSettings().ticked) == wanted
    assert CompressionSettings(codecs=("float16", "gone")).ticked == ("float16",)
