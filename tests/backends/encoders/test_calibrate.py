"""When half precision is taken, and that the answer is remembered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from backends.arrays import Matrix
from backends.encoders import calibrate
from backends.encoders.base import Pace, Precision
from backends.encoders.registry import load_encoder
from backends.reporting import SILENT

TEXTS = ["one", "two words", "three short words"]


class Clocked:
    """An encoder whose clock says what each precision costs."""

    def __init__(self, half_cost: float, error: float) -> None:
        self.now = 0.0
        self.calls: list[tuple[int, str]] = []
        self._cost = {"fp32": 1.0, "bf16": half_cost}
        self._error = {"fp32": 0.0, "bf16": error}

    def encode(self, texts: Sequence[str], precision: Precision) -> Matrix:
        self.now += self._cost[precision] * len(texts)
        self.calls.append((len(texts), precision))
        vectors = np.ones((len(texts), 2), dtype=np.float32)
        vectors[-1, 0] += self._error[precision]
        return vectors


@pytest.mark.parametrize(
    ("half_cost", "error", "chosen"),
    [(0.5, 0.001, "bf16"), (1.5, 0.0, "fp32"), (0.5, 0.3, "fp32"), (100.0, 0.0, "fp32")],
)
def test_half_precision_must_be_faster_and_as_good(
    half_cost: float, error: float, chosen: str
) -> None:
    clocked = Clocked(half_cost, error)
    precision, _, _ = calibrate.compare(clocked.encode, TEXTS, lambda: clocked.now, SILENT)
    assert precision == chosen


def test_a_hopeless_processor_is_not_made_to_work() -> None:
    clocked = Clocked(100.0, 0.0)
    calibrate.compare(clocked.encode, TEXTS, lambda: clocked.now, SILENT)
    assert (len(TEXTS), "bf16") not in clocked.calls


@pytest.mark.parametrize(
    ("tokens", "seconds", "batch"), [(1000, 0.1, 512), (1000, 1e-9, 512), (1000, 60, 128)]
)
def test_a_batch_takes_about_as_long_as_one_may_wait(
    tokens: int, seconds: float, batch: int
) -> None:
    assert calibrate.batch_tokens(tokens, seconds) == batch


def test_the_sample_has_short_and_long_texts() -> None:
    texts = ["w " * length for length in range(1, 200)]
    counts = np.arange(1, 200, dtype=np.int32)
    sample = calibrate.pick_sample(texts, counts)
    assert texts[0] in sample
    assert sum(len(text.split()) for text in sample) <= calibrate.SAMPLE_TOKENS
    assert max(len(text.split()) for text in sample) > 10


def test_a_pace_is_measured_once_and_remembered() -> None:
    encoder = load_encoder("minilm")
    assert encoder.known_pace() is None
    pace = encoder.measure_pace(TEXTS * 5)
    assert encoder.known_pace() == pace
    assert pace.precision in ("fp32", "bf16")


def test_a_damaged_memory_is_as_none() -> None:
    calibrate.remember("key", Pace("fp32", 1, 1), 1.0, {})
    assert calibrate.recall("key") == Pace("fp32", 1, 1)
    from backends.cache import cache_root

    (cache_root() / "encoders/paces.json").write_text('{"key": {"precision": 3}}', "utf-8")
    assert calibrate.recall("key") is None
