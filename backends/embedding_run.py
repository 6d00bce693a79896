"""Make an embedding: settle its name, plan it, encode batch after batch on all cores, finish it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Generator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from backends import cache, fingerprint
from backends import embedding_plan as planning
from backends import embedding_store as store
from backends.arrays import Mask, Matrix, frozen
from backends.device import step_back
from backends.embedding_plan import Scan, Texts
from backends.encoders.base import Counts, Encoder, Fittable, Pace, Precision
from backends.encoders.calibrate import package_version
from backends.errors import BackendError, UnwritableFile
from backends.files import naming_failure
from backends.reporting import Report
from backends.types import Embeddings, MadeBy
from backends.wording import counted, either

PARTIAL_SECONDS = 1.0
LEARNING_ROWS = 100_000  # at most so many texts a fitted encoder learns from
WARMING_UP = "Warming up: loading the model"
LOOK_SECONDS = 0.05  # how often it is asked whether to go on waiting for a model
SHARE_OF_READING = 0.04  # of the progress bar
SHARE_OF_LEARNING = 0.5

Batches = Generator[int, None, None]

_fitted: dict[str, Encoder] = {}


@dataclass(frozen=True, slots=True)
class EmbedStats:
    """What one call of `embed` did."""

    rows: int
    reused: int  # rows whose vectors were there already
    truncated: int
    empty: int
    seconds: float
    texts_per_second: float  # of those that were encoded
    precision: str
    engine: str


@dataclass(frozen=True)
class Work:
    """What is to be made, and what had to be found out to give it a name."""

    texts: Texts
    loaded: Encoder | Fittable
    made_by: MadeBy
    pace: Pace | None  # None for encoders that learn from the corpus first
    found: Scan | None = None
    counts: Counts | None = None

    @property
    def folder(self) -> Path:
        """Where it lies in the cache."""
        return entry(self.made_by)

    @property
    def precision(self) -> Precision:
        """In which the vectors are computed."""
        return self.pace.precision if self.pace else "fp32"

    @property
    def reuse_key(self) -> str:
        """Embeddings of one key have interchangeable vectors; "" where each corpus has its own."""
        if isinstance(self.loaded, Fittable):
            return ""
        params = self.made_by.params
        names = ("encoder_fingerprint", "precision", "engine")
        return fingerprint.of_json([str(params[name]) for name in names])


def whole(made_by: MadeBy) -> MadeBy:
    """Name of the complete embedding that a part is a part of; its own for a complete one."""
    params = {name: value for name, value in made_by.params.items() if name != "rows_done"}
    return replace(made_by, params=params)


def entry(made_by: MadeBy) -> Path:
    """Folder of an embedding; a partial one has the folder of the whole."""
    return cache.entry("embeddings", whole(made_by).fingerprint)


def opened(encoder: Encoder | Fittable, folder: Path) -> Encoder:
    """An encoder that can encode: what a fittable one learnt lies in the embedding's folder.

    Raises: BackendError if that is not there any more.
    """
    if not isinstance(encoder, Fittable):
        return encoder
    if folder.name not in _fitted:
        _fitted[folder.name] = encoder.open(folder)
    return _fitted[folder.name]


def prepare(texts: Texts, loaded: Encoder | Fittable, name: str, report: Report) -> Work:
    """Settle the precision, which is part of the result's name; measure it if nobody has yet.

    Raises: BackendError, Cancelled.
    """
    pace, found, counts = None, None, None
    report = report.span(0, SHARE_OF_READING)
    if not isinstance(loaded, Fittable):
        pace = loaded.known_pace()
        if pace is None:
            warming = _warming(loaded, "fp32", report)
            found = _scan(texts, report.span(0, 0.5))
            counts = planning.count(texts, found.firsts, loaded, report.span(0.5, 1))
            _join(warming, report)
            pace = loaded.measure_pace(planning.sample(texts, found), report)
    params = {
        "encoder": name,
        "encoder_fingerprint": loaded.fingerprint,
        "column": texts.column,
        "precision": pace.precision if pace else "fp32",
        "engine": loaded.engine,
    }
    versions = {package: package_version(package) for package in loaded.packages}
    made_by = MadeBy("embed", (texts.corpus.fingerprint,), params, versions)
    return Work(texts, loaded, made_by, pace, found, counts)


def finished(work: Work) -> tuple[Embeddings, EmbedStats] | None:
    """The result if it lies complete in the cache. Loads no model."""
    result = store.read_result(work.folder)
    if result is None:
        return None
    try:
        vectors, present = store.open_vectors(work.folder), store.open_present(work.folder)
        stats = EmbedStats(**result["stats"])
        notes = tuple(str(note) for note in result["notes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not len(vectors) == len(present) == len(work.texts):
        return None
    name = str(work.made_by.params["encoder"])
    made = Embeddings(vectors, present, name, work.loaded.title, work.made_by, notes)
    return made, stats


def make(work: Work, report: Report) -> None:
    """Take up the plan that is there or make one, encode what is missing, mark it as finished.

    Raises: BackendError, Cancelled; finished batches stay in either case.
    """
    started = time.perf_counter()
    plan = store.read_plan(work.folder)
    found = None if plan else work.found or _scan(work.texts, report.span(0, SHARE_OF_READING / 2))
    learns = isinstance(work.loaded, Fittable)
    encoder, note = _encoder(work, report.span(0, SHARE_OF_LEARNING))
    report = report.span(SHARE_OF_LEARNING, 1) if learns else report
    warming = _warming(encoder, work.precision, report)
    if plan is None:
        assert found is not None
        plan = _new_plan(work, encoder, found, report.span(0, SHARE_OF_READING))
    _join(warming, report)
    before = time.perf_counter()
    with store.Draft(work.folder, plan) as draft:
        encoded = _encode_all(work, encoder, draft, report.span(SHARE_OF_READING, 1))
    ended = time.perf_counter()
    notes = [note] if note else []
    notes += _notes(plan, draft.present, encoder)
    rate = encoded / max(ended - before, 1e-9)
    counts = (plan.rows, plan.reused, int(plan.cut.sum()), plan.empty)
    stats = EmbedStats(*counts, ended - started, rate, plan.precision, encoder.engine)
    facts = {"notes": notes, "stats": asdict(stats), "reuse_key": plan.reuse_key}
    store.write_result(work.folder, draft.present, facts)


def _scan(texts: Texts, report: Report) -> Scan:
    found = planning.scan(texts, report)
    if not len(found.firsts):
        raise BackendError(
            f"The column “{texts.column}” has no text in any row.", hint="Choose another column."
        )
    return found


def _warming(encoder: Encoder, precision: Precision, report: Report) -> threading.Thread:
    """Load the model while the texts are read; what goes wrong is said by the first batch.

    It is announced, because the first import of torch stalls everything for a moment.
    """
    report.step(0, 0, WARMING_UP)

    def warm() -> None:
        with contextlib.suppress(Exception):
            encoder.warm(precision)

    thread = threading.Thread(target=warm, name="warming", daemon=True)
    thread.start()
    return thread


def _join(warming: threading.Thread, report: Report) -> None:
    """Wait for the model. Raises: Cancelled; then the loading ends by itself."""
    if warming.is_alive():
        report.step(0, 0, WARMING_UP)
    while warming.is_alive():
        report.check()
        warming.join(LOOK_SECONDS)


def _encoder(work: Work, report: Report) -> tuple[Encoder, str]:
    """The encoder, which may have to learn from the corpus first, and a note if it saw a part."""
    if not isinstance(work.loaded, Fittable):
        return work.loaded, ""
    n = len(work.texts)
    part = n > LEARNING_ROWS
    note = f"The words were learnt from {LEARNING_ROWS:,} of {n:,} texts." if part else ""
    with contextlib.suppress(BackendError):
        return opened(work.loaded, work.folder), note
    chosen = np.random.default_rng(0).choice(n, LEARNING_ROWS, replace=False) if part else n
    texts = work.texts.at(np.sort(chosen) if part else np.arange(n))
    fitted = work.loaded.fit([text for text in texts if text.strip()], report)
    with naming_failure(work.folder):
        fitted.save(work.folder)
    _fitted[work.folder.name] = fitted
    return fitted, note


def _new_plan(work: Work, encoder: Encoder, found: Scan, report: Report) -> store.Plan:
    """Reserve the space, copy what is known, and fix the batches of the rest."""
    known = planning.look_up(found, work.reuse_key, work.folder, report)
    counts = work.counts
    if counts is None:
        there = np.concatenate([found.firsts[:0], *(part.rows for part in known)])
        new = np.setdiff1d(found.firsts, there, assume_unique=True)
        counts = planning.count(work.texts, new, encoder, report)
    pace = work.pace or encoder.known_pace()
    assert pace is not None
    plan = planning.make_plan(found, known, counts, encoder, pace, work.reuse_key)
    store.reserve(work.folder, plan.rows, plan.dim)
    with store.Draft(work.folder, plan) as draft:
        for part in known:
            for block in range(0, len(part.rows), store.BLOCK_ROWS):
                report.check()
                some = slice(block, block + store.BLOCK_ROWS)
                draft.copy_in(part.rows[some], part.vectors[part.there[some]])
    store.save_array(work.folder / "hashes.npy", found.hashes)
    store.write_plan(work.folder, plan)
    return plan


def _encode_all(work: Work, encoder: Encoder, draft: store.Draft, report: Report) -> int:
    """Encode the batches that are not finished; return how many texts that were."""
    plan = draft.plan
    todo = [batch for batch in range(len(plan)) if batch not in draft.finished]
    done = int(plan.tokens.sum() - plan.tokens[todo].sum())
    total, rows = int(plan.tokens.sum()), plan.rows - plan.empty
    shown = time.monotonic()
    with contextlib.closing(_encoded(work, encoder, draft, todo)) as batches:
        report.step(done, total, f"Embedding {int(draft.present.sum()):,} of {rows:,}")
        for batch in batches:
            done += int(plan.tokens[batch])
            here = int(draft.present.sum())
            report.step(done, total, f"Embedding {here:,} of {rows:,}")
            if time.monotonic() - shown >= PARTIAL_SECONDS:
                report.partial(_snapshot(work, draft))
                shown = time.monotonic()
    return sum(len(plan.batch_rows(batch)) for batch in todo)


def _encoded(work: Work, encoder: Encoder, draft: store.Draft, todo: list[int]) -> Batches:
    """Batches as they are finished and kept. Closed early, it keeps those under way and stops."""

    def encode(batch: int) -> Matrix:
        texts = work.texts.at(draft.plan.batch_rows(batch))
        return encoder.encode(texts, "passage", draft.plan.precision)

    workers, waiting = draft.plan.workers, iter(todo)
    pending: dict[Future[Matrix], int] = {}
    with ThreadPoolExecutor(workers, "encode", initializer=step_back) as pool:
        try:
            while True:
                # One more than workers, so that none waits while a batch is written.
                for batch in waiting:
                    pending[pool.submit(encode, batch)] = batch
                    if len(pending) > workers:
                        break
                if not pending:
                    return
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    batch = pending.pop(future)
                    draft.write(batch, future.result())
                    yield batch
        finally:
            for future in pending:
                future.cancel()
            for future, batch in pending.items():
                if not future.cancelled() and future.exception() is None:
                    with contextlib.suppress(UnwritableFile):
                        draft.write(batch, future.result())


def _snapshot(work: Work, draft: store.Draft) -> Embeddings:
    """What is finished so far: the same memory, of which only rows not yet present will change."""
    present: Mask = frozen(draft.present.copy())
    params = {**work.made_by.params, "rows_done": int(present.sum())}
    made_by = replace(work.made_by, params=params)
    name = str(params["encoder"])
    return Embeddings(draft.vectors, present, name, work.loaded.title, made_by)


def _notes(plan: store.Plan, present: Mask, encoder: Encoder) -> list[str]:
    """What a person should know about rows that were cut or have no vector."""
    notes = []
    filled = plan.rows - plan.empty
    if cut := int(plan.cut.sum()):
        notes.append(
            f"{cut:,} of {counted(filled, 'text')} {either(cut, 'is', 'are')} longer than "
            f"{encoder.max_tokens} tokens; {either(cut, 'its end was', 'their ends were')} "
            "not read."
        )
    if plan.empty:
        have = either(plan.empty, "has", "have")
        rows = counted(plan.rows, "row")
        notes.append(f"{plan.empty:,} of {rows} {have} no text and so no vector.")
    if lost := filled - int(present.sum()):
        them = either(lost, "it", "them")
        texts = counted(filled, "text")
        notes.append(f"{lost:,} of {texts} gave no vector: nothing in {them} is known.")
    return notes
