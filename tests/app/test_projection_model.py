"""The layout from a panel's point of view: PCA first, then UMAP; stop keeps the last picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.panels.embedding import EmbeddingModel
from app.panels.projection import (
    KEY,
    NO_ROWS,
    NO_VECTORS,
    ProjectionModel,
    ProjectionRequest,
    ProjectionSettings,
    plan,
)
from app.panels.state import Blocked, Idle
from backends.corpora.reading import read_corpus
from backends.types import Corpus, Embeddings, MadeBy
from tests.app.bench import Bench


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """400 vectors in four clusters, as a file of vectors."""
    draw = np.random.default_rng(5)
    centres = draw.normal(size=(4, 16))
    vectors = centres[np.arange(400) % 4] + 0.2 * draw.normal(size=(400, 16))
    np.save(tmp_path / "four.npy", vectors.astype(np.float32))
    return read_corpus([tmp_path / "four.npy"])


class LayoutBench(Bench):
    """With the model at work on it, and the methods that were shown."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = EmbeddingModel(*self.common)
        self.model = ProjectionModel(*self.common, self.embedding)
        self.shown: list[str] = []
        self.document.projection_changed.connect(
            lambda p: self.shown.append(p.method if p else "none")
        )


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[LayoutBench]:
    bench = LayoutBench()
    yield bench
    assert bench.close()


def embeddings_of(corpus: Corpus) -> Embeddings:
    assert corpus.vectors is not None
    return corpus.vectors


def test_what_stands_in_the_way_is_said(corpus: Corpus) -> None:
    settings = ProjectionSettings()
    vectors = embeddings_of(corpus)
    nothing = np.zeros(len(vectors), dtype=np.bool_)
    empty = Embeddings(vectors.vectors, nothing, "file", "empty", MadeBy("test"))
    assert plan(None, settings) is NO_VECTORS
    assert plan(empty, settings) is NO_ROWS
    assert isinstance(plan(vectors, settings), ProjectionRequest)


def test_pca_stands_first_and_umap_follows(
    bench: LayoutBench, corpus: Corpus, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(
        bench.document.projection_changed,
        timeout=60_000,
        check_params_cb=lambda p: p is not None and p.method == "umap",
    ):
        bench.document.set_corpus(corpus)
    assert [name for name in bench.shown if name != "none"][:2] == ["pca", "umap"]
    trust = bench.model.trust
    assert trust is not None
    assert trust.pca is not None
    assert trust.shown.trustworthiness > 0.9
    assert isinstance(bench.model.state, Idle)


@pytest.mark.parametrize("by", ["panel", "job bar"])
def test_stop_keeps_the_last_picture(
    bench: LayoutBench, corpus: Corpus, qtbot: QtBot, by: str
) -> None:
    with qtbot.waitSignal(
        bench.model.partial,
        timeout=60_000,
        check_params_cb=lambda p: p.method == "umap" and not p.finished,
    ):
        bench.document.set_corpus(corpus)
    if by == "panel":
        bench.model.stop()
    else:  # its button knows jobs only
        next(job for job in bench.jobs.live if job.key == KEY).cancel()
    kept = bench.document.projection
    assert kept is not None
    assert kept.method == "umap"
    assert not kept.finished
    assert np.isfinite(kept.layout).all()
    assert bench.said[-1].text.startswith("Stopped")
    qtbot.waitUntil(lambda: bench.model.trust is not None, timeout=30_000)
    assert bench.model.trust is not None
    assert not bench.model.trust.finished
    assert bench.model.trust.pca is not None
    bench.model.run()
    qtbot.waitUntil(lambda: not bench.jobs.live, timeout=60_000)
    assert [p.method for p in bench.document.projections] == ["pca", "umap"]
    assert bench.model.trust.finished


def test_the_same_seed_gives_the_same_map(bench: LayoutBench, corpus: Corpus, qtbot: QtBot) -> None:
    layouts = []
    for _ in range(2):
        with qtbot.waitSignal(
            bench.document.projection_changed,
            timeout=60_000,
            check_params_cb=lambda p: p is not None and p.method == "umap",
        ):
            bench.document.set_corpus(corpus)
        assert bench.document.projection is not None
        layouts.append(bench.document.projection.layout)
        bench.document.set_corpus(None)
    assert np.array_equal(layouts[0], layouts[1])


def test_settings_are_remembered(bench: LayoutBench) -> None:
    bench.model.change(neighbours=30, seed=7)
    assert bench.settings.value.neighbours == 30
    assert bench.model.settings.params().seed == 7
    assert isinstance(bench.model.state, Blocked)


@pytest.mark.parametrize("rows", [1, 2])
def test_one_item_or_two_are_laid_out_by_pca_and_it_is_said(
    bench: LayoutBench, qtbot: QtBot, tmp_path: Path, rows: int
) -> None:
    np.save(tmp_path / "few.npy", np.eye(4, dtype=np.float32)[:rows])
    bench.document.set_corpus(read_corpus([tmp_path / "few.npy"]))
    qtbot.waitUntil(lambda: not bench.jobs.live, timeout=30_000)
    assert bench.document.projection is not None
    assert bench.document.projection.method == "pca"
    assert bench.model.state == Idle()
    assert [notice.level for notice in bench.said] == ["info"]
    assert "at least 3 items" in bench.said[0].text
    bench.model.run_unasked()  # it has been done
    assert not bench.jobs.live


def test_a_run_left_for_other_vectors_is_done_on_the_way_back(
    bench: LayoutBench, corpus: Corpus, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(
        bench.model.partial,
        timeout=60_000,
        check_params_cb=lambda p: p.method == "umap" and not p.finished,
    ):
        bench.document.set_corpus(corpus)
    first = embeddings_of(corpus)
    other = replace(first, made_by=MadeBy("test", (corpus.fingerprint,)))
    bench.document.add_embeddings(other)
    bench.document.set_active(first.fingerprint)
    qtbot.waitUntil(lambda: not bench.jobs.live, timeout=60_000)
    shown = bench.document.projection
    assert shown is not None
    assert (shown.method, shown.finished) == ("umap", True)
    assert [p.method for p in bench.document.projections] == ["pca", "umap"]


@pytest.mark.parametrize(("dim", "dims"), [(1, 2), (2, 2), (3, 3)])
def test_vectors_that_are_places_are_shown_where_they_are(
    bench: LayoutBench, qtbot: QtBot, tmp_path: Path, dim: int, dims: int
) -> None:
    places = np.random.default_rng(0).normal(size=(50, dim)).astype(np.float32)
    np.save(tmp_path / "places.npy", places)
    bench.document.set_corpus(read_corpus([tmp_path / "places.npy"]))
    qtbot.waitUntil(lambda: not bench.jobs.live, timeout=60_000)
    assert bench.document.projection is not None
    assert [p.method for p in bench.document.projections] == ["axes"]
    assert bench.document.projection.dims == dims
    assert bench.model.settings.method == "umap"  # what the person chose stands
    bench.model.run_unasked()
    assert not bench.jobs.live  # it has been done


def test_very_many_items_are_laid_out_by_pca_until_somebody_asks(
    bench: LayoutBench, corpus: Corpus, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.panels.projection.MOST_UNASKED", 399)
    with qtbot.waitSignal(bench.notices.posted) as posted:
        bench.document.set_corpus(corpus)
    assert posted.args[0].text.startswith("400 items are laid out by PCA")
    qtbot.waitUntil(lambda: not bench.jobs.live, timeout=60_000)
    assert [p.method for p in bench.document.projections] == ["pca"]
    bench.model.run()
    qtbot.waitUntil(lambda: not bench.jobs.live, timeout=60_000)
    assert [p.method for p in bench.document.projections] == ["pca", "umap"]
