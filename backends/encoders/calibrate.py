"""How this machine runs a model best: half precision only where it is faster and as good.

On a processor without bf16 instructions half precision is up to 100 times slower, so it is measured
and never assumed. The result is remembered by processor, torch version and model.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from backends.arrays import Matrix, unit_rows
from backends.device import accelerator, processor
from backends.encoders import memory
from backends.encoders.base import Counts, Pace, Precision
from backends.reporting import Report

LEAST_COSINE = 0.999  # of a half-precision vector to the full one, in the worst of the sample
ACCELERATOR_TOKENS = 16_384  # a batch on CUDA or MPS
SAMPLE_TEXTS = 48
SAMPLE_TOKENS = 1024
BUDGET_SECONDS = 2.0
HOPELESS = 3.0  # so many times slower on the first tiny batch: do not even try a real one
BATCH_SECONDS = 0.05  # what a person who types a search, or stops, has to wait for
LEAST_BATCH, MOST_BATCH = 128, 512  # tokens; larger batches leave the processor's caches

Encode = Callable[[Sequence[str], Precision], Matrix]


def package_version(package: str) -> str:
    """Installed version without importing the package; "missing" if it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def key_of(fingerprint: str, engine: str) -> str:
    """Name under which a pace is remembered."""
    # Without importing torch: what it may see of accelerators is decided by its build and this.
    seen = os.environ.get("CUDA_VISIBLE_DEVICES", "all")
    return f"{processor()}|{seen}|torch {package_version('torch')}|{engine}|{fingerprint}"


def recall(key: str) -> Pace | None:
    """The remembered pace, or None if there is none or it was written by another version."""
    fact = memory.recall("paces", key)
    try:
        return Pace(fact["precision"], int(fact["tokens_per_batch"]), int(fact["workers"]))
    except (KeyError, TypeError, ValueError):
        return None


def accelerator_pace(key: str) -> Pace:
    """What is taken on CUDA (half precision) and MPS without a measurement; remembered."""
    pace = Pace("fp16" if accelerator() == "cuda" else "fp32", ACCELERATOR_TOKENS, 1)
    remember(key, pace, 1.0, {})
    return pace


def remember(key: str, pace: Pace, cosine: float, seconds: dict[str, float]) -> None:
    """Keep a pace with the measurements that led to it."""
    fact = {
        "precision": pace.precision,
        "tokens_per_batch": pace.tokens_per_batch,
        "workers": pace.workers,
        "least_cosine": cosine,
        "seconds": seconds,
    }
    memory.remember("paces", key, fact)


def pick_sample(texts: Sequence[str], counts: Counts) -> list[str]:
    """Texts of all lengths, shortest to longest, that fill about one measurement."""
    order = np.argsort(counts, kind="stable")
    chosen: list[str] = []
    tokens = 0
    for place in np.linspace(0, len(order) - 1, min(SAMPLE_TEXTS, len(order))).astype(int):
        row = int(order[place])
        if chosen and tokens + int(counts[row]) > SAMPLE_TOKENS:
            break
        chosen.append(texts[row])
        tokens += int(counts[row])
    return chosen


def compare(
    encode: Encode,
    sample: Sequence[str],
    clock: Callable[[], float],
    report: Report,
    *,
    half: Precision = "bf16",
) -> tuple[Precision, float, dict[str, float]]:
    """Run a sample in full and in half precision: which to take, worst cosine, seconds of each.

    `clock` is the thread's processor time where one thread does all the work: a busy machine then
    does not mislead.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    tiny = sample[:1]
    encode(tiny, "fp32")  # the first call also pays for memory and kernels
    full_tiny, _ = _timed(encode, tiny, "fp32", clock)
    report.check()
    encode(tiny, half)
    half_tiny, _ = _timed(encode, tiny, half, clock)
    seconds = {}
    seconds["fp32"], reference = _timed(encode, sample, "fp32", clock)
    if half_tiny > HOPELESS * full_tiny:
        return "fp32", 0.0, seconds
    report.check()
    seconds[half], other = _timed(encode, sample, half, clock)
    for _ in range(2):
        if time.monotonic() > deadline:
            break
        report.check()
        seconds["fp32"] = min(seconds["fp32"], _timed(encode, sample, "fp32", clock)[0])
        seconds[half] = min(seconds[half], _timed(encode, sample, half, clock)[0])
    cosine = float((unit_rows(reference) * unit_rows(other)).sum(axis=1).min())
    good = cosine > LEAST_COSINE and seconds[half] < seconds["fp32"]
    return (half if good else "fp32"), cosine, seconds


def batch_tokens(tokens: int, seconds: float) -> int:
    """Tokens that take about `BATCH_SECONDS`, as a power of two within the limits."""
    wanted = tokens / max(seconds, 1e-6) * BATCH_SECONDS
    power = 2 ** round(np.log2(max(wanted, 1.0)))
    return int(np.clip(power, LEAST_BATCH, MOST_BATCH))


def _timed(
    encode: Encode, texts: Sequence[str], precision: Precision, clock: Callable[[], float]
) -> tuple[float, Matrix]:
    start = clock()
    vectors = encode(texts, precision)
    return clock() - start, vectors
