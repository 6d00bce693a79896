"""Embedding from a panel's point of view: plan, run, stop, go on, one beside the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.panels.embedding import (
    NO_CORPUS,
    NO_TEXT,
    EmbeddingModel,
    EmbeddingSettings,
    expected_seconds,
    plan,
)
from app.panels.state import Blocked, Idle, Running
from backends.corpora.reading import ReadOptions, read_corpus
from backends.types import Corpus, Embeddings
from resources import SAMPLE
from tests.app.bench import Bench

WORDS = ("river", "bank", "money", "loan", "water", "fish", "boat", "coin", "credit", "shore")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    path = tmp_path / "texts.csv"
    lines = [f'{i},"{WORDS[i % 10]} and {WORDS[(i * 7) % 10]} number {i}"' for i in range(60)]
    path.write_text("id,text\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return read_corpus([path], ReadOptions(text="text"))


class EmbeddingBench(Bench):
    """With the model at work on it."""

    def __init__(self) -> None:
        super().__init__()
        self.settings.change(encoder="lexical")
        self.model = EmbeddingModel(*self.common)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[EmbeddingBench]:
    bench = EmbeddingBench()
    yield bench
    assert bench.close()


def test_without_a_corpus_or_a_text_it_says_what_is_missing(corpus: Corpus) -> None:
    settings = EmbeddingSettings("lexical")
    assert plan(None, settings) is NO_CORPUS
    assert plan(corpus.with_roles(text=None), settings) is NO_TEXT


def test_it_embeds_and_shows_the_result(
    bench: EmbeddingBench, corpus: Corpus, qtbot: QtBot
) -> None:
    bench.document.set_corpus(corpus)
    assert isinstance(bench.model.state, Idle)
    with qtbot.waitSignal(bench.document.active_changed, timeout=30_000):
        bench.model.run()
        assert isinstance(bench.model.state, Running)
    active = bench.document.active
    assert active is not None
    assert active.count == 60
    assert isinstance(bench.model.state, Idle)


def test_two_encoders_live_side_by_side(
    bench: EmbeddingBench, corpus: Corpus, qtbot: QtBot
) -> None:
    bench.document.set_corpus(corpus)
    for encoder in ("lexical", "minilm"):
        bench.model.change(encoder=encoder)
        with qtbot.waitSignal(
            bench.document.active_changed,
            timeout=60_000,
            check_params_cb=lambda e, encoder=encoder: e is not None and e.encoder == encoder,
        ):
            bench.model.run()
        qtbot.waitUntil(lambda: not bench.model.is_running, timeout=30_000)
    assert [entry.encoder for entry in bench.document.embeddings] == ["lexical", "minilm"]


def test_what_would_take_long_waits_for_a_word(bench: EmbeddingBench) -> None:
    assert expected_seconds(10_000, "minilm") < 60 < expected_seconds(886_000, "minilm")


def test_a_new_corpus_ends_the_run(bench: EmbeddingBench, corpus: Corpus, qtbot: QtBot) -> None:
    bench.document.set_corpus(corpus)
    bench.model.run()
    bench.document.set_corpus(None)
    assert not bench.model.is_running
    assert isinstance(bench.model.state, Blocked)
    qtbot.waitUntil(lambda: not bench.jobs.live and not bench.jobs.stopping, timeout=30_000)
    assert bench.document.embeddings == ()


def test_a_blocked_run_says_why(bench: EmbeddingBench) -> None:
    bench.model.run()
    assert [notice.text for notice in bench.said] == [NO_CORPUS.text]


@pytest.fixture
def many(tmp_path: Path) -> Corpus:
    lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "many.csv"
    path.write_text("".join(lines[:4001]), encoding="utf-8")
    return read_corpus([path], ReadOptions(text="definition"))


def stopped_part(bench: EmbeddingBench, corpus: Corpus, qtbot: QtBot) -> Embeddings:
    """What is in the document after a run with MiniLM was stopped at its first picture."""
    bench.document.set_corpus(corpus)
    bench.model.change(encoder="minilm")
    with qtbot.waitSignal(
        bench.document.active_changed,
        timeout=60_000,
        check_params_cb=lambda e: e is not None and e.count > 0,
    ):
        bench.model.run()
    bench.model.stop()
    part = bench.document.active
    assert part is not None
    assert 0 < part.count < 4000
    return part


def test_stop_keeps_what_is_done_and_the_next_run_goes_on(
    bench: EmbeddingBench, many: Corpus, qtbot: QtBot
) -> None:
    part = stopped_part(bench, many, qtbot)
    assert part.vectors[part.present].any(axis=1).all()
    assert "They are kept" in bench.said[-1].hint
    done = part.vectors[part.present].copy()
    with qtbot.waitSignal(
        bench.document.active_changed,
        timeout=60_000,
        check_params_cb=lambda e: e is not None and e.count == 4000,
    ):
        bench.model.run()
    whole = bench.document.active
    assert whole is not None
    assert len(bench.document.embeddings) == 1
    assert np.array_equal(whole.vectors[part.present], done)


def test_a_part_of_one_run_stays_when_another_encoder_runs(
    bench: EmbeddingBench, many: Corpus, qtbot: QtBot
) -> None:
    part = stopped_part(bench, many, qtbot)
    bench.model.change(encoder="lexical")
    bench.model.run()
    qtbot.waitUntil(lambda: not bench.model.is_running, timeout=60_000)
    names = [entry.encoder for entry in bench.document.embeddings]
    assert names == ["minilm", "lexical"]
    assert bench.document.embeddings[0].count == part.count
