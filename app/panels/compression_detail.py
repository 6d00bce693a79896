"""The codec that is looked at: its neighbours of an item, and who pays for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.jobs import Failure, Job
from app.notices import Problem
from app.panels.compression import CompressionModel
from app.panels.compression_groups import (
    CompressionGroups,
    Grouping,
    Payers,
    find_payers,
)
from app.panels.compression_lists import Lists, lists_of, names, of_query, query_number
from app.panels.measures import MeasuresModel
from backends.compression.apply import as_embeddings, export_codes
from backends.compression.opened import Neighbourhood, OpenedCodec, open_cell
from backends.compression.pays import losers, recall_column
from backends.compression.results import Cell, Sweep, Truth
from backends.compression.settings import Setting, settings_for
from backends.export import TargetExists
from backends.measures import Measure
from backends.reporting import Report
from backends.types import Corpus, Embeddings

PAYS = "compression pays"
LOOK = "compression lists"
TAKE = "compression take"
LOSERS = 50
NO_CELL = Problem("No codec is looked at.", "Click a point of a chart, or a row of the table.")
NOT_ROWS = Problem(
    "The queries come from a file, so no row can be shown that loses.",
    "Look at an item on the map, or measure with held-out rows.",
)
NOTHING_LOST = Problem("No query loses a neighbour under this codec.")
NO_COLUMN = Problem(
    "There is neither a column of categories nor a map with clusters.",
    "Lay the vectors out on a map of two dimensions.",
)


@dataclass(frozen=True, slots=True)
class Loser:
    """A query row that loses neighbours."""

    row: int
    name: str
    recall: float


class CompressionDetail(QObject):
    """Follows the cell of a `CompressionModel`; what takes long is computed when asked for."""

    lists_changed = Signal(object)  # Lists | None
    payers_changed = Signal(object)  # Payers | None
    columns_changed = Signal()
    busy_changed = Signal()  # a codec is being opened, or not any more
    target_exists = Signal(object)  # TargetExists: may it be replaced?

    def __init__(
        self, model: CompressionModel, measures: MeasuresModel, groups: CompressionGroups
    ) -> None:
        super().__init__(model)
        self.model = model
        self.groups = groups
        self._measures = measures
        self._document, self._jobs = model.document, model.jobs
        self._opened: OpenedCodec | None = None
        self._lists: Lists | None = None
        self._payers: Payers | None = None
        self._job: Job | None = None
        model.cell_changed.connect(lambda _cell: self._on_cell_changed())
        self._document.focus_changed.connect(self._on_focus_changed)
        groups.columns_changed.connect(self._on_columns_changed)
        groups.regions_changed.connect(self._on_regions_changed)

    @property
    def cell(self) -> Cell | None:
        """The codec that is looked at."""
        return self.model.cell

    @property
    def truth(self) -> Truth | None:
        """The exact neighbours that it was measured against."""
        sweep = self.model.sweep
        return sweep.truth if sweep is not None else None

    @property
    def lists(self) -> Lists | None:
        """Neighbours of the item that is looked at."""
        return self._lists

    @property
    def payers(self) -> Payers | None:
        """Recall by category."""
        return self._payers

    @property
    def is_busy(self) -> bool:
        """Whether a codec is being opened or asked."""
        return self._job is not None

    @property
    def losers(self) -> tuple[Loser, ...]:
        """Query rows that lose most, the worst first."""
        cell, truth, corpus = self.cell, self.truth, self._document.corpus
        if cell is None or truth is None or corpus is None:
            return ()
        rows, shares = losers(cell, truth, LOSERS)
        told = zip(rows, names(corpus, rows), shares, strict=True)
        return tuple(Loser(int(row), name, float(share)) for row, name, share in told)

    @property
    def asked_row(self) -> int | None:
        """The item in focus, if its lists are not shown and have to be asked for."""
        row, active = self._document.focus, self._document.active
        shown = self._lists.row if self._lists is not None else None
        if self.cell is None or active is None or row is None or row == shown:
            return None
        return row if active.present[row] else None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What other systems would be told, to keep vectors as the codec does."""
        sweep = self.model.sweep
        return settings_for(self.cell, sweep.dim) if self.cell and sweep else ()

    def set_grouping(self, grouping: Grouping) -> None:
        """List the categories of another column, or the regions of the map."""
        if grouping != self.groups.shown:
            self.groups.choose(grouping)
            self._count()

    def select_group(self, name: str) -> None:
        """Select the items of a group that is listed."""
        if self._payers is not None:
            self.groups.select(self._payers, name)

    def show_row(self, row: int) -> None:
        """Show the neighbours of an item; the codec is fitted again unless it was a query."""
        cell, sweep, active = self.cell, self.model.sweep, self._document.active
        corpus = self._document.corpus
        if cell is None or sweep is None or active is None or corpus is None:
            return
        number = query_number(sweep.truth, row)
        if number is not None:
            self._show(lists_of(of_query(number, cell, sweep.truth, active), corpus))
            return
        call = partial(_neighbours, self._opener(active, cell, sweep), row, sweep.truth.k)
        job = self._start(f"Neighbours under {cell.title}", call, LOOK)
        job.done.connect(lambda found: self._on_neighbours(cell, corpus, found))

    def visit(self, row: int) -> None:
        """Look at an item that is listed, on the map and in every panel."""
        self._document.set_focus(row)

    def colour_map(self) -> None:
        """Compute recall of every item into a column, and colour the map by it."""
        measure = self.recall_measure
        if measure is not None:
            self._measures.compute(measure, "compute", "recall")

    @property
    def recall_measure(self) -> Measure | None:
        """The column with every item's recall under the codec."""
        cell, sweep, active = self.cell, self.model.sweep, self._document.active
        if cell is None or sweep is None or active is None:
            return None
        return recall_column(active, cell, sweep.truth.queries, sweep.truth.k)

    def use_vectors(self) -> None:
        """Take what the codec keeps as embeddings of the corpus, for every panel."""
        cell, sweep, active = self.cell, self.model.sweep, self._document.active
        if cell is None or sweep is None or active is None:
            return
        call = partial(_as_embeddings, self._opener(active, cell, sweep))
        job = self._start(f"Vectors under {cell.title}", call, TAKE)
        job.done.connect(self._document.add_embeddings)

    def export(self, path: Path, *, overwrite: bool = False) -> None:
        """Write codes and tables to an .npz, with a recipe beside it."""
        cell, sweep, active = self.cell, self.model.sweep, self._document.active
        if cell is None or sweep is None or active is None:
            return
        call = partial(_export, self._opener(active, cell, sweep), path, overwrite)
        job = self._start(f"Saving codes of {cell.title}", call, TAKE)
        job.done.connect(lambda paths: self.model.notices.info(f"The codes are in {paths[0]}."))

    def _opener(self, active: Embeddings, cell: Cell, sweep: Sweep) -> Callable[[Report], Any]:
        """What opens the codec, unless it is open."""
        opened = self._opened
        if opened is not None and opened.cell.fingerprint == cell.fingerprint:
            return lambda _report: opened
        self._opened = None  # its codes may be large: one at a time
        return partial(open_cell, active, cell, sweep.truth.queries)

    def _start(self, title: str, call: Callable[[Report], Any], key: str) -> Job:
        job = self._job = self._jobs.start(title, call, lane="compute", key=key)
        job.failed.connect(self._on_failed)
        job.ended.connect(lambda: self._on_ended(job))
        self.busy_changed.emit()
        return job

    def _on_neighbours(
        self, cell: Cell, corpus: Corpus, found: tuple[OpenedCodec, Neighbourhood]
    ) -> None:
        now, there = self.cell, self._document.corpus
        if now is None or now.fingerprint != cell.fingerprint or there is None:
            return
        if there.fingerprint == corpus.fingerprint:
            self._opened = found[0]
            self._show(lists_of(found[1], there))

    def _show(self, lists: Lists | None) -> None:
        self._lists = lists
        self.lists_changed.emit(lists)

    def _count(self) -> None:
        """Have recall by category found."""
        cell, truth, corpus = self.cell, self.truth, self._document.corpus
        shown = self.groups.shown
        self._payers = None
        self._jobs.cancel(PAYS)
        if cell is not None and truth is not None and corpus is not None and shown is not None:
            measure = self.recall_measure
            made = next(
                (n for n, how in corpus.computed.items() if measure and how == measure.made_by),
                None,
            )
            if made is not None or truth.queries.rows is not None:
                read = self.groups.reader(shown)
                call = partial(find_payers, corpus, shown, read, cell, truth, made)
                job = self._jobs.start("Who pays", call, lane="io", key=PAYS)
                job.done.connect(self._on_payers)
                job.failed.connect(self._on_failed)
                return
        self.payers_changed.emit(None)

    def _on_payers(self, payers: Payers) -> None:
        self._payers = payers
        self.groups.keep(payers.grouping)
        self.payers_changed.emit(payers)

    def _on_cell_changed(self) -> None:
        for key in (LOOK, TAKE):
            self._jobs.cancel(key)
        if self.cell is None:
            self._opened = None
        self.groups.want(self.cell is not None)
        self._show(None)
        worst, focus = self.losers[:1], self._document.focus
        truth = self.truth
        if truth is not None and query_number(truth, focus) is not None and focus is not None:
            self.show_row(focus)
        elif worst:
            self.show_row(worst[0].row)
        self._count()

    def _on_focus_changed(self, row: int | None) -> None:
        """Follow the focus where that costs nothing."""
        cell, truth, opened = self.cell, self.truth, self._opened
        shown = self._lists
        if cell is None or truth is None or row is None:
            return
        if shown is not None and any(one.row == row for one in (*shown.exact, *shown.found)):
            self.busy_changed.emit()  # who goes to a neighbour goes on reading the lists
            return
        is_open = opened is not None and opened.cell.fingerprint == cell.fingerprint
        active = self._document.active
        there = active is not None and bool(active.present[row])
        if query_number(truth, row) is not None or (is_open and there):
            self.show_row(row)
        else:
            self.busy_changed.emit()

    def _on_columns_changed(self) -> None:
        self.columns_changed.emit()
        if self.cell is not None:
            self._count()

    def _on_regions_changed(self) -> None:
        """List the map's regions as they are now; of a column nothing has changed."""
        self.columns_changed.emit()
        shown = self.groups.shown
        listed = self._payers.grouping if self._payers is not None else None
        if self.cell is not None and (shown != listed or (shown and shown.is_regions)):
            self._count()

    def _on_failed(self, failure: Failure) -> None:
        if isinstance(failure.error, TargetExists):
            self.target_exists.emit(failure.error)
        else:
            self.model.notices.failure(failure.error, failure.trace)

    def _on_ended(self, job: Job) -> None:
        if self._job is job:
            self._job = None
        self.busy_changed.emit()


def shares_found(kept: NDArray[Any], k: int) -> NDArray[np.int64]:
    """How many queries found 0, 1, ... k of their neighbours, (k + 1,)."""
    return np.bincount(np.rint(kept * k).astype(np.int64), minlength=k + 1)


def _neighbours(
    opener: Callable[[Report], OpenedCodec], row: int, k: int, report: Report
) -> tuple[OpenedCodec, Neighbourhood]:
    opened = opener(report.span(0.0, 0.8))
    return opened, opened.neighbours(row, k, report.span(0.8, 1.0))


def _as_embeddings(opener: Callable[[Report], OpenedCodec], report: Report) -> Embeddings:
    return as_embeddings(opener(report.span(0.0, 0.5)), report.span(0.5, 1.0))


def _export(
    opener: Callable[[Report], OpenedCodec], path: Path, overwrite: bool, report: Report
) -> tuple[Path, ...]:
    return export_codes(opener(report.span(0.0, 0.8)), path, overwrite=overwrite, report=report)
