"""What is timed, and what is not."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from backends.codecs.base import Coder, Codes, Params, Searcher, Training
from backends.codecs.registry import codec
from backends.codecs.rounding import Float16
from backends.codecs.source import Source
from backends.compression.measure import Setting, measure
from backends.compression.queries import held_out
from backends.compression.sweep import training_positions
from backends.compression.truth import find_truth
from backends.reporting import SILENT, Report
from backends.types import Embeddings, MadeBy


def test_what_is_loaded_by_the_first_batch_is_not_charged_to_the_codec(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors = np.random.default_rng(0).standard_normal((300, 8), dtype=np.float32)
    made_by = MadeBy("read", (), {"seed": 0})
    embeddings = Embeddings(vectors, np.ones(300, dtype=np.bool_), "file", "v", made_by)
    source, queries = Source(vectors), held_out(embeddings, 50)
    truth = find_truth(queries, source, 5)
    now = [0.0]

    class Loading:
        """Takes .3 s longer the first time that many queries come together."""

        def __init__(self, inner: Searcher) -> None:
            self.inner = inner
            self.loaded = False

        def search(
            self, queries: np.ndarray, k: int, report: Report = SILENT
        ) -> tuple[np.ndarray, np.ndarray]:
            now[0] += 0.1
            if len(queries) > 1 and not self.loaded:
                now[0] += 0.3
                self.loaded = True
            return self.inner.search(queries, k, report)

    class Late(Float16):
        def open(self, codes: Codes, source: Source) -> Searcher:
            return Loading(super().open(codes, source))

    def fit(training: Training, _params: Params, _report: Report) -> Coder:
        return Late(training.vectors.shape[1])

    spec = replace(codec("float16"), load=lambda: fit)
    positions = training_positions(source, queries, 0)
    training = Training(source.take(positions), positions, source)
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    cell = measure(Setting(spec, {}, None, made_by), truth, training)
    assert cell.queries_per_second == pytest.approx(50 / 0.1)
    assert cell.milliseconds == pytest.approx(100)
