"""What every layer of a model makes of some texts, in one forward pass, kept in the cache.

One array holds the pooled vectors of all layers: layer 0 is the output of the embedding, the last
is the model itself. Compression, probing and pooling all read from it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends import cache
from backends.arrays import batches, frozen, unit_rows
from backends.device import accelerator, step_back
from backends.encoders import calibrate
from backends.encoders.base import Layered, Pace, Precision
from backends.errors import UnwritableFile
from backends.files import replacing_folder
from backends.fingerprint import of_array, of_texts
from backends.reporting import SILENT, Report
from backends.types import MadeBy

KIND = "layers"
SCHEMA = 1
TIMING_SECONDS = 4.0  # if timing every layer takes longer, two are timed and the rest estimated
ROUNDS = 3
SMALL_BATCH = 8  # texts, while timing
SHARE_OF_PASS = 0.8


@dataclass(frozen=True, eq=False)
class HiddenStates:
    """Pooled vectors of every layer, of unit length, and how long the first layers take."""

    vectors: NDArray[np.float32]  # (L + 1, n, d); a text without direction is a row of zeros
    seconds: tuple[float, ...]  # (L + 1,) for one text by a model of so many layers
    measured: bool  # False: all but the first and the last of these are interpolated
    made_by: MadeBy

    @property
    def layers(self) -> int:
        """Number of layers L."""
        return len(self.vectors) - 1


def hidden_states(encoder: Layered, texts: Sequence[str], report: Report = SILENT) -> HiddenStates:
    """Run the texts through the model once and pool what each layer yields.

    Pooling, modules after it and precision are those of an embedding by the same encoder. Batches
    of about equal length run side by side; it stops within one of them.

    Raises: BackendError, Cancelled.
    """
    report.step(0, 0, "Warming up: loading the model")
    pace = encoder.known_pace() or encoder.measure_pace(texts[:: max(1, len(texts) // 256)], report)
    made_by = _recipe(encoder, texts, pace.precision)
    known = _kept(made_by, len(texts))
    if known is not None:
        return known
    encoder.warm(pace.precision)
    vectors = _run(encoder, texts, pace, report.span(0, SHARE_OF_PASS))
    seconds, measured = _time(encoder, texts, pace.precision, report.span(SHARE_OF_PASS, 1))
    made = HiddenStates(frozen(vectors), seconds, measured, made_by)
    _keep(made)
    return made


def _recipe(encoder: Layered, texts: Sequence[str], precision: Precision) -> MadeBy:
    params = {
        "encoder_fingerprint": encoder.fingerprint,
        "engine": encoder.engine,
        "precision": precision,
    }
    versions = {package: calibrate.package_version(package) for package in encoder.packages}
    return MadeBy("hidden states", (of_array(of_texts(texts)),), params, versions)


def _run(encoder: Layered, texts: Sequence[str], pace: Pace, report: Report) -> NDArray[np.float32]:
    counts = encoder.count_tokens(texts)
    if encoder.max_tokens is not None:
        counts = np.minimum(counts, encoder.max_tokens)
    parts = _parts(counts, pace.tokens_per_batch)
    stack = np.empty((encoder.layers + 1, len(texts), encoder.dim), dtype=np.float32)
    done, read = 0.0, 0

    def encode(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        report.check()
        return encoder.encode_layers([texts[row] for row in rows], "passage", pace.precision)

    words = "Reading all layers of {:,} of {:,} texts"
    report.step(0, counts.sum(), words.format(0, len(texts)))
    with ThreadPoolExecutor(pace.workers, "layers", initializer=step_back) as pool:
        futures = {pool.submit(encode, rows): rows for rows in parts}
        try:
            for future in as_completed(futures):
                rows = futures.pop(future)
                for layer, vectors in enumerate(future.result()):
                    stack[layer, rows] = unit_rows(vectors)
                done, read = done + float(counts[rows].sum()), read + len(rows)
                report.step(done, counts.sum(), words.format(read, len(texts)))
        finally:
            for future in futures:
                future.cancel()
    return stack


def _parts(counts: NDArray[np.int32], budget: int) -> list[NDArray[np.int64]]:
    """Rows by batches of at most so many tokens, padding included; long texts first."""
    order = np.argsort(-counts, kind="stable")
    parts, start = [], 0
    while start < len(order):
        size = max(1, budget // max(1, int(counts[order[start]])))
        parts.append(order[start : start + size])
        start += size
    return parts


def _time(
    encoder: Layered, texts: Sequence[str], precision: Precision, report: Report
) -> tuple[tuple[float, ...], bool]:
    """Seconds for one text by the first 0..L layers alone, and whether each was measured.

    Of the own forward pass the thread's processor time is taken, so a busy machine does not
    mislead; several threads encode as many batches side by side.
    """
    alone = encoder.engine == "torch" and accelerator() == "cpu"
    clock = time.thread_time if alone else time.perf_counter
    chosen = calibrate.pick_sample(texts, encoder.count_tokens(texts))
    number = encoder.layers
    ends = [0, number]
    best = dict.fromkeys(range(number + 1), np.inf)

    def run(layer: int) -> float:
        report.check()
        began = clock()
        for part in batches(len(chosen), SMALL_BATCH):
            encoder.encode_cut(chosen[part], "passage", precision, layer)
        return clock() - began

    run(number)  # the first call pays for memory and kernels
    for layer in ends:
        best[layer] = run(layer)
    rounds = (number + 1) * sum(best[layer] for layer in ends) / 2
    measured = rounds <= TIMING_SECONDS
    wanted = list(range(number + 1)) if measured else ends
    for turn in range(ROUNDS if rounds * ROUNDS <= TIMING_SECONDS else 1):
        for layer in wanted:
            report.step(turn * len(wanted) + layer, ROUNDS * len(wanted), "Timing the layers")
            best[layer] = min(best[layer], run(layer))
    seconds = np.interp(range(number + 1), wanted, [best[layer] for layer in wanted])
    return tuple((seconds / len(chosen)).tolist()), measured


def _keep(made: HiddenStates) -> None:
    facts = {"schema": SCHEMA, "seconds": made.seconds, "measured": made.measured}
    entry = cache.entry(KIND, made.made_by.fingerprint)
    with suppress(UnwritableFile), replacing_folder(entry) as draft:
        np.save(draft / "vectors.npy", made.vectors, allow_pickle=False)
        (draft / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def _kept(made_by: MadeBy, texts: int) -> HiddenStates | None:
    folder = cache.entry(KIND, made_by.fingerprint)
    try:
        facts: dict[str, Any] = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        if facts["schema"] != SCHEMA or vectors.shape[1] != texts:
            return None
        seconds = tuple(float(value) for value in facts["seconds"])
        return HiddenStates(vectors, seconds, bool(facts["measured"]), made_by)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
