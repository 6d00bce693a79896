"""Embeddings that were stopped: they grow in place when their own run goes on, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.panels import embedding
from app.panels.embedding import EmbeddingModel
from backends.arrays import frozen
from backends.embed import EmbedRequest
from backends.projections.registry import project
from backends.reporting import Report
from backends.types import Corpus, Embeddings, MadeBy
from tests import builders
from tests.app.bench import Bench

ROWS = 40


def part(request: EmbedRequest, rows: int) -> Embeddings:
    """What a run has after some rows; the whole has no `rows_done`, as in a real one."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(ROWS, 4)).astype(np.float32)
    present = np.arange(ROWS) < rows
    params: dict[str, object] = {"encoder": request.encoder, "column": request.column}
    params |= {"rows_done": rows} if rows < ROWS else {}
    made_by = MadeBy("embed", (request.corpus.fingerprint,), params)
    return Embeddings(frozen(vectors), frozen(present), request.encoder, request.encoder, made_by)


class Runs:
    """Stands for `embed`: each run offers a part and ends when it is told to."""

    def __init__(self) -> None:
        self.rows = 10

    def __call__(self, request: EmbedRequest, report: Report) -> Embeddings:
        if self.rows < ROWS:
            report.partial(part(request, self.rows))
            while True:
                report.check()
        return part(request, ROWS)


class PartialBench(Bench):
    """A model whose runs stop where they are told to."""

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self.runs = runs
        self.corpus: Corpus = builders.corpus(ROWS)
        self.model = EmbeddingModel(*self.common)
        self.document.set_corpus(self.corpus)

    def run_to(self, rows: int, encoder: str, until: Callable[[Callable[[], bool]], None]) -> None:
        """Let a run come so far that its part is on the screen."""
        self.runs.rows = rows
        self.model.change(encoder=encoder)
        self.model.run()
        until(lambda: self.shown() == (encoder, rows))

    def shown(self) -> tuple[str, int] | None:
        active = self.document.active
        return None if active is None else (active.encoder, active.count)

    def kept(self) -> list[tuple[str, int]]:
        return [(value.encoder, value.count) for value in self.document.embeddings]


@pytest.fixture
def bench(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[PartialBench]:
    runs = Runs()
    monkeypatch.setattr(embedding, "embed", runs)
    made = PartialBench(runs)
    yield made
    assert made.close()


def test_another_encoder_leaves_a_part_and_its_layout_alone(
    bench: PartialBench, qtbot: QtBot
) -> None:
    bench.run_to(10, "first", qtbot.waitUntil)
    bench.model.stop()
    bench.run_to(ROWS, "second", qtbot.waitUntil)
    assert bench.kept() == [("first", 10), ("second", ROWS)]
    assert bench.document.projection is None, "the layout is the first encoder's"
    first, _ = bench.document.embeddings
    assert bench.document.projections_of(first.fingerprint)


def test_a_part_from_a_project_grows_in_place(bench: PartialBench, qtbot: QtBot) -> None:
    kept = part(EmbedRequest(bench.corpus, "first", "text"), 10)
    bench.document.add_embeddings(kept)
    bench.document.add_projection(project(kept, "pca", measure=False))
    bench.run_to(ROWS, "first", qtbot.waitUntil)
    assert bench.kept() == [("first", ROWS)]


def test_a_late_picture_does_not_bring_an_earlier_part_back(
    bench: PartialBench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures: list[int] = []

    def slow(embeddings: Embeddings, *_: object, **__: object) -> object:
        pictures.append(embeddings.count)
        while True:
            _[2].check()  # type: ignore[attr-defined]

    monkeypatch.setattr(embedding, "project", slow)
    bench.runs.rows = 10
    bench.model.change(encoder="first")
    bench.model.run()
    qtbot.waitUntil(lambda: pictures == [10])
    bench.model.run()
    assert not any(job.key == embedding.PREVIEW for job in bench.jobs.live)
    assert bench.kept() == [("first", 10)]


def test_a_part_grows_in_place_after_another_encoder_was_at_work(
    bench: PartialBench, qtbot: QtBot
) -> None:
    bench.run_to(10, "first", qtbot.waitUntil)
    bench.model.stop()
    bench.run_to(ROWS, "second", qtbot.waitUntil)
    bench.run_to(ROWS, "first", qtbot.waitUntil)
    assert sorted(bench.kept()) == [("first", ROWS), ("second", ROWS)]


def test_stopped_in_the_job_bar_it_keeps_its_newest_part(bench: PartialBench, qtbot: QtBot) -> None:
    bench.runs.rows = 10
    bench.model.change(encoder="first")
    with qtbot.waitSignal(bench.jobs.started):
        bench.model.run()
    job = next(job for job in bench.jobs.live if job.key == embedding.KEY)
    with qtbot.waitSignal(job.partial):
        pass
    job.cancel()  # its button knows jobs only
    assert bench.kept() == [("first", 10)]
    assert "Stopped after 10" in bench.said[-1].text
    assert not bench.model.is_running
