"""What is timed, and what is not."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
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


def test_what_is_loaded_once_is_not_charged_to_the_codec_that_comes_first(
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
        def encode_block(self, vectors: np.ndarray, start: int) -> Mapping[str, np.ndarray]:
            now[0] += 5.0 if len(vectors) == 1 else 1.0
            return super().encode_block(vectors, start)

        def open(self, codes: Codes, source: Source) -> Searcher:
            return Loading(super().open(codes, source))

    def fit(training: Training, _params: Params, _report: Report) -> Coder:
        assert "xml.dom.pulldom" in sys.modules
        now[0] += 2.0
        return Late(training.vectors.shape[1])

    monkeypatch.delitem(sys.modules, "xml.dom.pulldom", raising=False)
    spec = replace(codec("float16"), load=lambda: fit, needs=(("xml.dom.pulldom", "python"),))
    positions = training_positions(source, queries, 0)
    training = Training(source.take(positions), positions, source)
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    cell = measure(Setting(spec, {}, None, made_by), truth, training)
    assert cell.queries_per_second == pytest.approx(50 / 0.1)
    assert cell.milliseconds == pytest.approx(100)
    assert cell.fit_seconds == pytest.approx(2)
    assert cell.encode_seconds == pytest.approx(1)
