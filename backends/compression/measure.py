"""One codec at one setting: fitted, encoded, searched and counted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, frozen
from backends.codecs.base import BlockCoder, CodecSpec, Coder, Codes, Params, Searcher, Training
from backends.codecs.faiss_export import factory
from backends.codecs.source import Source
from backends.compression.recall import (
    RANKS,
    estimate,
    exact_similarities,
    ndcg_by_query,
    nearest_found,
    purity_by_query,
    recall_by_query,
    reciprocal_rank_by_query,
)
from backends.compression.results import Cell, Estimate, Memory, Truth
from backends.compression.truth import own_positions, without_own
from backends.device import core_count
from backends.reporting import SILENT, Report
from backends.types import MadeBy

ERROR_SAMPLE = 2000  # rows whose distortion is measured
# A batch that takes no longer is asked again and the faster counts: the first one loads kernels.
BATCHES, BATCH_SECONDS = 2, 0.5
ALONE = 10  # queries that are timed one by one
ALONE_SECONDS = 1.0  # and how long that may take in all


@dataclass(frozen=True, eq=False, slots=True)
class Compressed:
    """A corpus under one codec: what panels search, decode and export."""

    spec: CodecSpec
    coder: Coder
    codes: Codes
    fit_seconds: float
    encode_seconds: float


@dataclass(frozen=True, eq=False, slots=True)
class Setting:
    """A codec with its solved settings, as a recipe names it."""

    spec: CodecSpec
    params: Params
    budget: float | None
    made_by: MadeBy
    notes: tuple[str, ...] = ()


def compress(spec: CodecSpec, params: Params, training: Training, report: Report) -> Compressed:
    """Fit a codec on training rows and encode all rows of their source.

    Raises: BackendError if the codec does not work here; Cancelled.
    """
    fit = spec.load()
    for module, _ in spec.needs:
        import_module(module)  # which takes seconds once, whoever comes first
    began = time.perf_counter()
    coder: Coder = fit(training, params, report.span(0.0, 0.4))
    fit_seconds = time.perf_counter() - began
    if isinstance(coder, BlockCoder):
        coder.encode_block(training.vectors[:1], 0)  # kernels are loaded
    began = time.perf_counter()
    codes = coder.encode(training.source, report.span(0.4, 0.7))
    return Compressed(spec, coder, codes, fit_seconds, time.perf_counter() - began)


def measure(
    setting: Setting,
    truth: Truth,
    training: Training,
    labels: NDArray[np.int64] | None = None,
    report: Report = SILENT,
) -> Cell:
    """Compress, ask all queries and compare with the truth.

    `labels` (n corpus rows,) are codes for purity, -1 for none.

    Raises: BackendError if the codec does not work here; Cancelled.
    """
    compressed = compress(setting.spec, setting.params, training, report)
    coder, codes, source = compressed.coder, compressed.codes, training.source
    searcher = coder.open(codes, source)
    positions, batch_seconds, milliseconds = _ask(searcher, truth, source, report)
    ranked = _ranked(searcher, positions, truth, source, report)
    exact = exact_similarities(truth.queries.vectors, positions, source)
    found = _rows(positions, source)
    kept = recall_by_query(exact, truth.similarities)
    errors = distortion(coder, codes, source, training.seed)
    return Cell(
        codec=setting.spec.id,
        title=setting.spec.title,
        params=dict(coder.params),
        budget=setting.budget,
        memory=count_memory(coder, codes),
        recall=estimate(kept),
        recall_1=estimate(nearest_found(exact, truth.similarities)),
        found=frozen(found),
        kept=frozen(kept),
        mse=float(errors.mean()),
        errors=frozen(errors),
        fit_seconds=compressed.fit_seconds,
        encode_seconds=compressed.encode_seconds,
        queries_per_second=len(positions) / max(batch_seconds, 1e-9),
        milliseconds=milliseconds,
        threads=core_count(),
        made_by=setting.made_by,
        curve=coder.curve,
        factory=factory(coder),
        notes=(*setting.notes, *coder.notes),
        **_judged(found, ranked, truth, labels),
    )


def count_memory(coder: Coder, codes: Codes) -> Memory:
    """Bytes of what searching needs, from the arrays themselves."""
    return Memory(
        rows=codes.rows,
        codes=codes.nbytes,
        side=coder.side_bytes,
        refine=coder.refine_bytes,
        refine_on_disk=coder.refine_on_disk,
    )


def distortion(coder: Coder, codes: Codes, source: Source, seed: int) -> Matrix:
    """Squared distance of each of a sample of rows from what its code stands for, (s,)."""
    rng = np.random.default_rng(seed)
    count = min(ERROR_SAMPLE, source.rows)
    sample = np.sort(rng.choice(source.rows, count, replace=False)).astype(np.int64)
    decoded = coder.decode(codes, sample)  # (s, d)
    return np.asarray(((source.take(sample) - decoded) ** 2).sum(axis=1), dtype=np.float32)


def _ask(
    searcher: Searcher, truth: Truth, source: Source, report: Report
) -> tuple[NDArray[np.int64], float, float]:
    """Positions found (m, k) without the queries' own, seconds of the batch, ms of one query."""
    queries = truth.queries.vectors
    own = own_positions(truth.queries, source)
    wanted = min(source.rows, truth.k + int(own is not None))
    searcher.search(queries[:1], wanted, report)  # whatever is compiled or warmed up once
    seconds = np.inf
    for _again in range(BATCHES):
        began = time.perf_counter()
        positions, similarities = searcher.search(queries, wanted, report.span(0.7, 0.95))
        seconds = min(seconds, time.perf_counter() - began)
        if seconds > BATCH_SECONDS:
            break
    positions, _ = without_own(positions, similarities, own, truth.k)
    times: list[float] = []
    for number in range(min(ALONE, len(queries))):
        report.check()
        one = time.perf_counter()
        searcher.search(queries[number : number + 1], wanted)
        times.append(time.perf_counter() - one)
        if sum(times) > ALONE_SECONDS:
            break
    return positions, seconds, 1000 * statistics.median(times) if times else 0.0


def _ranked(
    searcher: Searcher, positions: NDArray[np.int64], truth: Truth, source: Source, report: Report
) -> NDArray[np.int64]:
    """Corpus rows (m, ranks) that relevance is looked for among: ten, though k may be less."""
    if truth.queries.relevant is not None and truth.k < RANKS:
        own = own_positions(truth.queries, source)
        wanted = min(source.rows, RANKS + int(own is not None))
        found = searcher.search(truth.queries.vectors, wanted, report.quiet())
        positions, _ = without_own(*found, own, RANKS)
    return _rows(positions, source)


def _rows(positions: NDArray[np.int64], source: Source) -> NDArray[np.int64]:
    """Corpus rows of positions; -1 stays -1."""
    return np.where(positions < 0, -1, source.corpus_rows[np.maximum(positions, 0)])


def _judged(
    found: NDArray[np.int64],
    ranked: NDArray[np.int64],
    truth: Truth,
    labels: NDArray[np.int64] | None,
) -> Mapping[str, Any]:
    judged: dict[str, Estimate] = {}
    queries = truth.queries
    if labels is not None and queries.rows is not None:
        judged["purity"] = estimate(purity_by_query(found, labels[queries.rows], labels))
    if queries.relevant is not None:
        judged["ndcg"] = estimate(ndcg_by_query(ranked, queries.relevant))
        judged["mrr"] = estimate(reciprocal_rank_by_query(ranked, queries.relevant))
    return judged
