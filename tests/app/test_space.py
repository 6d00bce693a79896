"""Layouts in space from panel to disk: chosen, computed, saved, exported, by command too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from pytestqt.qtbot import QtBot

from app import cli
from app.document import Document
from app.panels.projection import ProjectionSettings
from app.panels.turning import IS_FLAT, NO_MAP, TurningModel
from app.project import FILE, capture, open_project, save_project
from app.settings import SettingsStore
from backends.arrays import frozen
from backends.corpora.reading import read_corpus
from backends.export import ExportRequest, export
from backends.projections.registry import PcaParams, UmapParams
from backends.raster.turn import FRONT, Turn
from backends.types import Corpus, Embeddings, MadeBy, Projection
from tests import builders
from tests.app.test_projection_model import LayoutBench


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[LayoutBench]:
    bench = LayoutBench()
    yield bench
    assert bench.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """300 vectors in four groups, one of them unusable."""
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(4, 16))[np.arange(300) % 4] + 0.2 * rng.normal(size=(300, 16))
    vectors[7] = np.nan
    np.save(tmp_path / "four.npy", vectors.astype(np.float32))
    return tmp_path / "four.npy"


def deep(of: Embeddings) -> Projection:
    layout = np.where(of.present[:, None], of.vectors[:, :3], np.float32(np.nan))
    made_by = MadeBy("project", (of.fingerprint,), {"dimensions": 3})
    return Projection(frozen(layout.astype(np.float32)), "pca", "PCA 3D", made_by)


def with_space(document: Document) -> Document:
    builders.fill(document)
    assert document.active is not None
    document.add_projection(deep(document.active))
    return document


def test_the_choice_goes_into_the_parameters() -> None:
    assert ProjectionSettings("umap", dimensions=3).params() == UmapParams(dimensions=3)
    assert ProjectionSettings("pca", dimensions=3).params() == PcaParams(dimensions=3)
    assert ProjectionSettings().params() == UmapParams()


def test_three_dimensions_are_laid_out_and_measured_beside_pca_in_space(
    bench: LayoutBench, source: Path, qtbot: QtBot
) -> None:
    corpus: Corpus = read_corpus([source])
    bench.model.change(dimensions=2, method="pca")
    bench.document.set_corpus(corpus)
    bench.document.add_embeddings(corpus.vectors)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: not bench.jobs.live, timeout=60_000)  # the map, as it is at first
    bench.model.change(dimensions=3, method="umap")
    bench.model.run()
    qtbot.waitUntil(lambda: not bench.jobs.live, timeout=60_000)
    kept = [(layout.method, layout.dims) for layout in bench.document.projections]
    assert kept == [("pca", 2), ("pca", 3), ("umap", 3)]
    trust, layouts = bench.model.trust, bench.document.projections
    assert trust is not None
    assert trust.shown == layouts[2].faithfulness
    assert trust.pca == layouts[1].faithfulness
    assert np.isnan(layouts[2].layout[7]).all()


@pytest.mark.parametrize(("kept", "taken"), [(3, 3), (2, 2), (4, 2), ("x", 2), (None, 2)])
def test_the_choice_is_remembered_if_it_makes_sense(
    tmp_path: Path, qtbot: QtBot, kept: Any, taken: int
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"schema": 1, "dimensions": kept, "neighbours": 9}))
    store = SettingsStore(path)
    assert (store.value.dimensions, store.value.neighbours) == (taken, 9)


def test_a_project_keeps_all_three_coordinates(qtbot: QtBot, tmp_path: Path) -> None:
    state = capture(with_space(Document()), {})
    save_project(tmp_path / "a.embedscope", state)
    again = open_project(tmp_path / "a.embedscope")
    assert again.notes == ()
    assert [layout.dims for layout in again.projections] == [2, 3]
    for old, new in zip(state.projections, again.projections, strict=True):
        assert old.layout.tobytes() == new.layout.tobytes()
        assert old.made_by == new.made_by


@pytest.mark.parametrize("shape", [[8, 4], [8, 1], [8], [8, 3]])
def test_a_layout_of_another_shape_is_left_out_and_named(
    qtbot: QtBot, tmp_path: Path, shape: list[int]
) -> None:
    save_project(tmp_path / "a.embedscope", capture(builders.fill(Document()), {}))
    path = tmp_path / "a.embedscope" / FILE
    data = json.loads(path.read_text())
    data["projections"][0]["layout"]["shape"] = shape
    path.write_text(json.dumps(data))
    again = open_project(tmp_path / "a.embedscope")
    assert again.projections == ()
    assert "layout" in again.notes[0]


def test_an_export_has_x_y_and_z(qtbot: QtBot, tmp_path: Path) -> None:
    document = with_space(Document())
    corpus, layout = document.corpus, document.projection
    assert corpus is not None
    assert layout is not None
    rows = np.array([5, 1], np.int64)
    request = ExportRequest(corpus, rows, tmp_path / "a.parquet", "parquet", projection=layout)
    export(request)
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column_names[-3:] == ["x", "y", "z"]
    for axis, name in enumerate("xyz"):
        assert table[name].to_pylist() == layout.layout[rows, axis].tolist()


@pytest.mark.parametrize("method", ["umap", "pca"])
def test_the_command_lays_out_in_space(
    capsys: pytest.CaptureFixture[str], source: Path, tmp_path: Path, method: str
) -> None:
    out = tmp_path / "l.npy"
    words = ["project", source, "--method", method, "--dimensions", "3", "--out", out, "--json"]
    assert cli.main([str(word) for word in words], never) == 0
    assert json.loads(capsys.readouterr().out)["dimensions"] == 3
    layout = np.load(out)
    assert layout.shape == (300, 3)
    assert np.isnan(layout[7]).all()


def test_the_main_job_in_space_has_z_and_a_picture(
    capsys: pytest.CaptureFixture[str], source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "all"
    words = ["run", source, "--method", "pca", "--dimensions", "3", "--out", out, "--json"]
    assert cli.main([str(word) for word in words], never) == 0
    assert pq.read_table(out / "items.parquet").column_names[-3:] == ["x", "y", "z"]
    assert (out / "map.png").read_bytes()[:4] == b"\x89PNG"


def test_too_few_rows_for_umap_keep_the_dimensions(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    np.save(tmp_path / "few.npy", np.eye(4, dtype=np.float32)[:2])
    words = ["project", tmp_path / "few.npy", "--dimensions", "3", "--out", tmp_path / "l.npy"]
    assert cli.main([str(word) for word in words], never) == 0
    assert np.load(tmp_path / "l.npy").shape == (2, 3)


def never(_request: Any) -> int:
    raise AssertionError("no window is wanted")


def test_only_a_space_can_be_turned(qtbot: QtBot) -> None:
    document = Document()
    model = TurningModel(document)
    told: list[Turn] = []
    model.turn_requested.connect(told.append)
    assert model.problem is NO_MAP
    builders.fill(document)
    assert model.problem is IS_FLAT
    model.spin(True)
    assert not model.spins
    assert document.active is not None
    with qtbot.waitSignal(model.changed):
        document.add_projection(deep(document.active))
    assert model.problem is None
    model.toggle_spin()
    assert model.spins
    model.face()
    assert told == [FRONT]
    assert not model.spins
    model.spin(True)
    document.set_corpus(None)
    assert not model.spins
