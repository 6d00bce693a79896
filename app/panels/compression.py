"""Measuring what compressing would cost: a sweep over codecs and sizes, seen as it comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.compression_costs import (
    CostSettings,
    costs_as_kept,
    remembered_costs,
)
from app.panels.compression_points import QUANTITIES, Quantity, cell_of, quantities
from app.panels.compression_settings import (
    NO_BUDGETS,
    CompressionSettings,
    as_kept,
    chosen_budgets,
    chosen_codecs,
    remembered,
    without_files,
)
from app.panels.embedding import EmbeddingModel
from app.panels.run import Run
from app.panels.state import PanelState
from app.settings import SettingsStore
from backends.compression.queries import held_out, judged_rows, query_file, with_relevance
from backends.compression.results import Cell, Sweep
from backends.compression.sweep import SweepRequest, sweep
from backends.corpora.columns import read_categories
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

KEY = "compression"
KEPT = 6  # embeddings whose sweeps are held
QUERIES_SHARE = 0.02  # of the progress, for reading queries
NO_CORPUS = Problem("Nothing is open yet.", "Open a file or the sample.")
NO_VECTORS = Problem("There are no vectors to compress.", "Embed the corpus first.")
GROWING = Problem("The vectors are still being computed.", "Wait until they are finished.")
TOO_FEW = Problem("Fewer than two items have a vector.", "Open or embed more items.")
NOT_MEASURED = Problem(
    "How small may these vectors be, and who pays?",
    "Measure compares codecs at several sizes with exact search, on your own items.",
)


@dataclass(frozen=True, eq=False)
class CompressionRequest:
    """What would be measured."""

    corpus: Corpus
    embeddings: Embeddings
    codecs: tuple[str, ...]
    budgets: tuple[float, ...]
    settings: CompressionSettings

    @property
    def words(self) -> object:
        """What makes two requests the same, so that one goes on from the other."""
        return self.embeddings.fingerprint, self.codecs, self.budgets, self.settings


def plan(
    corpus: Corpus | None,
    embeddings: Embeddings | None,
    settings: CompressionSettings,
    *,
    growing: bool = False,
) -> CompressionRequest | Problem:
    """What would be measured now, or why nothing can be."""
    if corpus is None or embeddings is None:
        return NO_CORPUS if corpus is None else NO_VECTORS
    if growing:
        return GROWING
    if embeddings.count < 2:
        return TOO_FEW
    specs = chosen_codecs(settings)
    if isinstance(specs, Problem):
        return specs
    budgets = chosen_budgets(settings, embeddings.dim)
    if isinstance(budgets, Problem):
        return budgets
    if not budgets and any(spec.budgeted for spec in specs):
        return NO_BUDGETS
    names = tuple(spec.id for spec in specs)
    return CompressionRequest(corpus, embeddings, names, budgets, settings)


def measure(request: CompressionRequest, report: Report = SILENT) -> Sweep:
    """Read queries, relevance and labels, then measure every codec at every size.

    Offers the sweep so far after each cell. Raises: BackendError, Cancelled.
    """
    settings, embeddings = request.settings, request.embeddings
    reading = report.span(0.0, QUERIES_SHARE)
    if settings.query_file:
        queries = query_file(Path(settings.query_file), embeddings.dim, reading)
    else:
        judged = None
        if settings.relevance_file:
            judged = judged_rows(Path(settings.relevance_file), request.corpus)
        queries = held_out(embeddings, settings.query_rows, settings.seed, judged)
    if settings.relevance_file:
        queries = with_relevance(queries, Path(settings.relevance_file), request.corpus)
    labels = None
    if settings.labels in request.corpus.columns:
        categories = read_categories(request.corpus, settings.labels, reading)
        labels = (settings.labels, categories.codes.astype(np.int64))
    return sweep(
        SweepRequest(
            embeddings,
            request.codecs,
            request.budgets,  # none only where every codec has a size of its own
            settings.k,
            queries,
            settings.query_rows,
            settings.seed,
            labels,
        ),
        report.span(QUERIES_SHARE, 1.0),
    )


class CompressionModel(QObject):
    """Runs sweeps and keeps what was measured of each embedding; what is shown follows these."""

    state_changed = Signal(object)  # PanelState
    settings_changed = Signal(object)  # CompressionSettings
    sweep_changed = Signal(object)  # Sweep | None: of the active embeddings
    shown_changed = Signal(object)  # Quantity, or the costs are others
    cell_changed = Signal(object)  # Cell | None: the codec that is looked at
    asked = Signal()  # somebody wants to see the panel

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        settings: SettingsStore,
        embedding: EmbeddingModel,
    ) -> None:
        super().__init__(document)
        self.document, self.jobs, self.notices = document, jobs, notices
        self._store = settings
        self._embedding = embedding
        kept = settings.value.compression
        self._settings = remembered(kept)
        self._costs = remembered_costs(_part(kept, "costs"))
        self._quantity = "recall"
        self._sweeps: dict[str, Sweep] = {}  # by fingerprint of the embeddings
        self._asked: dict[str, object] = {}  # words of the request of each of them
        self._chosen: str | None = None
        self._run: Run[Sweep] = Run(self.jobs, self.notices, KEY, self._tell)
        self._measured = ""  # fingerprint of the embeddings of the running job
        document.corpus_changed.connect(self._on_corpus_changed)
        document.active_changed.connect(self._on_active_changed)
        embedding.state_changed.connect(lambda _state: self._tell())

    @property
    def settings(self) -> CompressionSettings:
        """What is chosen for the next run."""
        return self._settings

    @property
    def costs(self) -> CostSettings:
        """The planned memory and its prices."""
        return self._costs

    @property
    def quantity(self) -> Quantity:
        """What the charts show; recall where the chosen one was not measured."""
        there = quantities(self.sweep)
        return next((one for one in there if one.id == self._quantity), there[0])

    @property
    def sweep(self) -> Sweep | None:
        """What was measured of the active embeddings."""
        active = self.document.active
        return self._sweeps.get(active.fingerprint) if active is not None else None

    @property
    def cell(self) -> Cell | None:
        """The codec that is looked at."""
        return cell_of(self.sweep, self._chosen)

    @property
    def invitation(self) -> Problem:
        """What is said while nothing is measured; of compressed vectors, where their charts are."""
        active = self.document.active
        base = active.made_by.base if active is not None else None
        whole = next((e for e in self.document.embeddings if base == e.made_by), None)
        if whole is None:
            return NOT_MEASURED
        return Problem(
            "These vectors are made from others.",
            f"Choose “{whole.title}” in the panel Space to see what was measured of those, or "
            "measure what compressing these would lose.",
        )

    @property
    def state(self) -> PanelState:
        """What the panel shows."""
        return self._run.state(self._plan())

    @property
    def goes_on(self) -> bool:
        """Whether a run with these settings would go on from one that was stopped."""
        request, known = self._plan(), self.sweep
        if isinstance(request, Problem) or known is None or known.finished:
            return False
        return self._asked.get(request.embeddings.fingerprint) == request.words

    def change(self, **fields: Any) -> None:
        """Choose other settings, as `change(k=20)`; they count from the next run."""
        new = replace(self._settings, **fields)
        if new == self._settings:
            return
        self._settings = new
        self._run.forget_failure()
        self._keep()
        self.settings_changed.emit(new)
        self._tell()

    def change_costs(self, **fields: Any) -> None:
        """Plan another memory, as `change_costs(memory=8e9)`."""
        new = replace(self._costs, **fields)
        if new != self._costs:
            self._costs = new
            self._keep()
            self.shown_changed.emit(self.quantity)

    def show_quantity(self, name: str) -> None:
        """Show another quantity in the charts."""
        if name in QUANTITIES and name != self._quantity:
            self._quantity = name
            self.shown_changed.emit(self.quantity)

    def ask(self) -> None:
        """Have the panel brought to the front."""
        self.asked.emit()

    def choose(self, key: str | None) -> None:
        """Look at the codec of a cell, by its fingerprint."""
        if key != self._chosen:
            self._chosen = key
            self.cell_changed.emit(self.cell)

    def run(self) -> None:
        """Measure; what was measured before by the same recipe is taken from the cache."""
        request = self._plan()
        if isinstance(request, Problem):
            self.notices.warn(request.text, request.hint)
            return
        self._run.forget_failure()
        self.choose(None)  # it was measured by the queries of the run before
        name = self._measured = request.embeddings.fingerprint
        self._asked[name] = request.words
        call = partial(measure, request)
        self._run.start(
            "Measuring compression", call, lambda sweep: self._take(name, sweep), partial=True
        )

    def stop(self) -> None:
        """Stop; what has been measured stays, and is not measured again."""
        self._run.stop()

    def _plan(self) -> CompressionRequest | Problem:
        document = self.document
        growing = self._embedding.is_running
        return plan(document.corpus, document.active, self._settings, growing=growing)

    def _keep(self) -> None:
        kept = {**as_kept(self._settings), "costs": costs_as_kept(self._costs)}
        self._store.change(compression=kept)

    def _take(self, name: str, sweep: Sweep) -> None:
        """Keep what was measured of some embeddings; the newest stands last."""
        self._sweeps.pop(name, None)
        self._sweeps[name] = sweep
        for old in list(self._sweeps)[:-KEPT]:
            del self._sweeps[old]
        active = self.document.active
        if active is not None and active.fingerprint == name:
            self.sweep_changed.emit(sweep)

    def _on_corpus_changed(self, _corpus: Corpus | None) -> None:
        self.stop()
        self._sweeps.clear()
        self._asked.clear()
        self.choose(None)
        self._settings = without_files(self._settings)
        self._run.forget_failure()
        self.settings_changed.emit(self._settings)
        self._tell()

    def _on_active_changed(self, active: Embeddings | None) -> None:
        if self._run.is_running and (active is None or active.fingerprint != self._measured):
            self.stop()
        self._run.forget_failure()
        self.choose(None)
        self.sweep_changed.emit(self.sweep)
        self._tell()

    def _tell(self) -> None:
        self.state_changed.emit(self.state)


def _part(kept: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = kept.get(name)
    return found if isinstance(found, Mapping) else {}
