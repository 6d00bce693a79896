"""Codecs times budgets on one corpus, the cheapest first; each cell is measured once and kept.

What was measured before, by the same recipe, is taken from the cache, so a sweep that was stopped
goes on where it was and one with another codec costs that codec alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Rows
from backends.codecs.base import Ask, CodecSpec, Training
from backends.codecs.registry import CODECS, codec
from backends.codecs.source import Source
from backends.compression import store
from backends.compression.measure import Setting, measure
from backends.compression.queries import held_out
from backends.compression.results import Cell, NoCell, QuerySet, Sweep, Truth
from backends.compression.truth import find_truth, own_positions, with_judgements
from backends.errors import BackendError, MissingPackage
from backends.recipe import application_version
from backends.reporting import SILENT, Report
from backends.types import Embeddings, MadeBy

SHARES = (2, 4, 8, 16, 32, 64)  # budgets of the default sweep: float32 over these
TRAINING_ROWS = 65_536  # that a codec learns from at most
TRUTH_SHARE = 0.05  # of the progress


@dataclass(frozen=True, eq=False)
class SweepRequest:
    """What is to be measured."""

    embeddings: Embeddings
    codecs: tuple[str, ...] = ()  # ids or chains; nothing: the default ones
    budgets: tuple[float, ...] = ()  # bytes a vector; nothing: float32 over `SHARES`
    k: int = 10
    queries: QuerySet | None = None  # None: rows held out
    query_rows: int = 1000  # that are held out
    seed: int = 0
    labels: tuple[str, NDArray[np.int64]] | None = None  # a column's name, codes (n,), -1 none


@dataclass(frozen=True, eq=False, slots=True)
class _Task:
    """One cell to measure, or why it cannot be."""

    spec: CodecSpec
    budget: float | None
    setting: Setting | None
    problem: NoCell | None = None


def default_budgets(dim: int) -> tuple[float, ...]:
    """Bytes a vector at 1/2 to 1/64 of float32, from large to small."""
    return tuple(4 * dim / share for share in SHARES)


def default_codecs() -> tuple[str, ...]:
    """Codecs of the default sweep whose packages are there."""
    return tuple(spec.id for spec in CODECS.values() if spec.default and not spec.missing)


def sweep(request: SweepRequest, report: Report = SILENT) -> Sweep:
    """Measure every codec at every budget; offers the sweep so far after each cell.

    Codecs that cannot be had here, or not at this size, are listed with the reason. Settings that
    two budgets share are measured once.

    Raises: BackendError if there is nothing to measure by or a codec does not exist; Cancelled.
    """
    began = time.perf_counter()
    source = Source.of(request.embeddings)
    queries = request.queries or held_out(request.embeddings, request.query_rows, request.seed)
    if source.rows < 2:
        raise BackendError(
            "Compression is measured by neighbours, and there are fewer than two vectors.",
            hint="Load or embed more rows.",
        )
    name, labels = request.labels if request.labels is not None else (None, None)
    truth = _truth(request, queries, source, report.span(0.0, TRUTH_SHARE))
    truth = with_judgements(truth, source, labels, report.quiet())
    bench = _Bench(truth, source, labels, request.seed)
    tasks = tuple(_tasks(request, truth, source, len(bench.positions)))
    now = Sweep(truth, total=len(tasks), rows=source.rows, dim=source.dim, labels=name)
    report.partial(now)
    for number, task in enumerate(tasks):
        start, end = (
            TRUTH_SHARE + (1 - TRUTH_SHARE) * n / len(tasks) for n in (number, number + 1)
        )
        outcome = bench.outcome(task, report.span(start, end))
        if isinstance(outcome, NoCell):
            now = replace(now, missing=(*now.missing, outcome))
        elif outcome.fingerprint not in {cell.fingerprint for cell in now.cells}:
            now = replace(now, cells=(*now.cells, outcome))
        now = replace(now, seconds=time.perf_counter() - began)
        report.partial(now)
    return replace(now, finished=True)


def training_positions(source: Source, queries: QuerySet, seed: int) -> Rows:
    """Positions of the rows that codecs learn from, (t,) ascending: no query is among them."""
    own = own_positions(queries, source)
    free = np.ones(source.rows, dtype=np.bool_)
    if own is not None:
        free[own] = False
    positions = np.flatnonzero(free)
    if len(positions) > TRAINING_ROWS:
        rng = np.random.default_rng(seed)
        positions = np.sort(rng.choice(positions, TRAINING_ROWS, replace=False))
    return positions.astype(np.int64)


def recipe(
    request: SweepRequest, truth: Truth, spec: CodecSpec, params: Mapping[str, object]
) -> MadeBy:
    """What names a cell: the vectors, the queries, the codec with its settings, the column."""
    inputs = [request.embeddings.fingerprint, truth.queries.made_by.fingerprint]
    if request.labels is not None:
        from backends.fingerprint import of_array

        inputs.append(of_array(request.labels[1]))
    versions = {"embedscope": application_version(), "numpy": metadata.version("numpy")}
    for module, package in spec.needs:
        if module != "numpy":
            versions[package] = metadata.version(package)
    return MadeBy(
        "compress",
        tuple(inputs),
        {"codec": spec.id, **params, "k": truth.k, "seed": request.seed},
        versions,
    )


def _truth(request: SweepRequest, queries: QuerySet, source: Source, report: Report) -> Truth:
    made_by = store.truth_made_by(queries, request.embeddings.fingerprint, request.k)
    truth = store.kept_truth(made_by, queries)
    if truth is None:
        truth = find_truth(queries, source, request.k, report)
        store.keep_truth(made_by, truth)
    return truth


def _tasks(request: SweepRequest, truth: Truth, source: Source, training: int) -> Iterator[_Task]:
    """All cells, cheapest codec first; of one codec the largest budget first."""
    names: Sequence[str] = request.codecs or default_codecs()
    budgets = sorted(request.budgets or default_budgets(source.dim), reverse=True)
    for spec in sorted((codec(name) for name in dict.fromkeys(names)), key=lambda s: s.cost):
        for budget in budgets if spec.budgeted else (None,):
            yield _task(request, truth, spec, Ask(source.dim, source.rows, training, budget))


def _task(request: SweepRequest, truth: Truth, spec: CodecSpec, ask: Ask) -> _Task:
    try:
        if spec.missing:
            raise MissingPackage(spec.title, spec.missing)
        solved = spec.solve(ask)
    except BackendError as error:
        problem = NoCell(spec.id, spec.title, ask.budget, error.what, error.hint)
        return _Task(spec, ask.budget, None, problem)
    made_by = recipe(request, truth, spec, solved.params)
    notes = (solved.note,) if solved.note else ()
    return _Task(spec, ask.budget, Setting(spec, solved.params, ask.budget, made_by, notes))


def _words(task: _Task) -> str:
    if task.budget is None:
        return f"Measuring {task.spec.title}"
    return f"Measuring {task.spec.title} at {task.budget:,.4g} bytes"


class _Bench:
    """Turns tasks into cells, each setting once; what codecs learn from is read when needed."""

    def __init__(
        self, truth: Truth, source: Source, labels: NDArray[np.int64] | None, seed: int
    ) -> None:
        self.positions = training_positions(source, truth.queries, seed)
        self._truth = truth
        self._source = source
        self._labels = labels
        self._seed = seed
        self._training: Training | None = None
        self._done: dict[str, Cell] = {}

    def outcome(self, task: _Task, report: Report) -> Cell | NoCell:
        """The cell of a task: from an earlier budget, from the cache, or measured now."""
        report.step(0, 1, _words(task))
        if task.setting is None:
            assert task.problem is not None
            return task.problem
        made_by = task.setting.made_by
        cell = self._done.get(made_by.fingerprint) or store.kept_cell(made_by)
        if cell is None:
            measured = self._measured(task, task.setting, report)
            if isinstance(measured, NoCell):
                return measured
            cell = measured
            store.keep_cell(cell)
        self._done[made_by.fingerprint] = cell
        # A budget and what is said of it belong to the question, not to what was measured.
        return replace(cell, budget=task.budget, notes=(*task.setting.notes, *cell.notes))

    def _measured(self, task: _Task, setting: Setting, report: Report) -> Cell | NoCell:
        try:
            if self._training is None:
                vectors = self._source.take(self.positions)
                self._training = Training(vectors, self.positions, self._source, self._seed)
            bare = replace(setting, budget=None, notes=())
            return measure(bare, self._truth, self._training, self._labels, report)
        except BackendError as error:
            what, hint = error.what, error.hint
        except MemoryError:
            what = "There is not enough memory for it at this size."
            hint = "Measure it on fewer rows."
        return NoCell(task.spec.id, task.spec.title, task.budget, what, hint)
