"""The table of items: which rows it shows, in which order.

Filter and order are computed in the background, the newest question wins. Selecting and copying is
`picking`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from app.document import Document, Filter
from app.history import History
from app.jobs import Failure, Job, Jobs
from app.notices import Notices, Problem
from app.panels.cells import Cells
from app.panels.columns import ColumnsModel
from app.panels.picking import Picking
from app.panels.shown_rows import Shown, ShownRows
from app.settings import SettingsStore
from backends.arrays import Rows
from backends.corpora.filtering import filter_rows, sort_rows
from backends.errors import BackendError
from backends.reporting import Report
from backends.types import Corpus, MadeBy

FilterMode = Literal["contains", "sql"]
FILTER, SORT = "filter", "sort"

NO_CORPUS = Problem("Nothing is loaded.", "Open a file, drop one on the window, or paste a table.")
NO_ITEMS = Problem("There are no items in this corpus.", "Open another file.")
NO_MATCH = Problem("No item matches the filter.", "Change the words above, or clear them.")
NOTHING_SELECTED = Problem(
    "Nothing is selected.", "Draw a lasso on the map, or show all rows and click some."
)


@dataclass(frozen=True, slots=True)
class Sort:
    """The column whose order is shown."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows there are, are shown, match the filter, and are selected."""

    total: int
    shown: int
    filtered: int | None
    selected: int


class ItemsModel(QObject):
    """What the table shows; selection, focus and filter are the document's."""

    rows_changed = Signal(object)  # Rows in the order shown
    filter_changed = Signal(object)  # Filter | None
    sort_changed = Signal(object)  # Sort | None
    shown_changed = Signal(object)  # Shown
    problem_changed = Signal(object)  # str | None
    busy_changed = Signal(object)  # bool

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        settings: SettingsStore | None = None,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._history = history
        self.picking = Picking(document, jobs, notices, history)
        self._view = ShownRows(0)
        self._sort: Sort | None = None
        self._sorted_by: MadeBy | None = None  # how the column of that order was computed
        self._shown: Shown = "all"
        self._problem: str | None = None
        self._running: set[Job] = set()
        document.corpus_changed.connect(self._on_corpus_changed)
        self.columns = ColumnsModel(document, jobs, notices, history, settings)  # after the rows
        document.column_renamed.connect(self._on_column_renamed)
        document.columns_changed.connect(self._on_columns_changed)
        document.filter_changed.connect(self._on_filter_changed)
        document.selection_changed.connect(self._on_selection_changed)
        self._on_corpus_changed(document.corpus)

    @property
    def corpus(self) -> Corpus | None:
        """The items."""
        return self._document.corpus

    @property
    def rows(self) -> Rows:
        """The corpus rows that are shown, in their order; (k,)."""
        return self._view.rows

    @property
    def filter(self) -> Filter | None:
        """What the table is narrowed to."""
        return self._document.filter

    @property
    def sort(self) -> Sort | None:
        """The order that was asked for last; None is the source's."""
        return self._sort

    @property
    def shown(self) -> Shown:
        """Which rows are shown."""
        return self._shown

    @property
    def problem(self) -> str | None:
        """What is wrong with the filter that was asked for last."""
        return self._problem

    @property
    def busy(self) -> bool:
        """Whether a filter or an order is being computed."""
        return bool(self._running)

    @property
    def counts(self) -> Counts:
        """Numbers for the line below the table."""
        filtered = None if self.filter is None else len(self.filter.rows)
        total = len(self._view.everything)
        return Counts(total, len(self.rows), filtered, self.picking.count)

    @property
    def emptiness(self) -> Problem | None:
        """Why no row is shown; None if some are."""
        if len(self.rows):
            return None
        if self.corpus is None:
            return NO_CORPUS
        if not len(self.corpus):
            return NO_ITEMS
        return NOTHING_SELECTED if self._shown == "selected" else NO_MATCH

    def cells(self) -> Cells | None:
        """Texts of the cells in the order shown."""
        return None if self.corpus is None else Cells(self.corpus, self.rows)

    def position_of(self, row: int) -> int | None:
        """Where a corpus row stands in the table, None if it is not shown."""
        return self._view.position_of(row)

    def narrow(self, mode: FilterMode, text: str) -> None:
        """Show the rows that match; no text shows all. The newest question wins."""
        self._jobs.cancel(FILTER)
        self._set_problem(None)
        corpus, text, now = self.corpus, text.strip(), self.filter
        if corpus is None or not text:
            self._history.narrow(None)
        elif now is None or (now.mode, now.text) != (mode, text):
            job = self._start(FILTER, "Filter rows", partial(filter_rows, corpus, mode, text))
            job.done.connect(lambda rows: self._history.narrow(Filter(mode, text, rows)))
            job.failed.connect(self._on_filter_failed)

    def show(self, shown: Shown) -> None:
        """Show all rows, the filtered ones or the selected ones."""
        if shown != self._shown:
            self._shown = shown
            self.shown_changed.emit(shown)
            self._compose()

    def toggle_sort(self, column: str) -> None:
        """Order by a column: ascending, then descending, then as in the source."""
        now = self._sort
        if now is None or now.column != column:
            self.order_by(Sort(column))
        else:
            self.order_by(None if now.descending else Sort(column, descending=True))

    def order_by(self, sort: Sort | None) -> None:
        """Show another order; the rows follow when it is computed."""
        self._jobs.cancel(SORT)
        self._sort = sort
        self.sort_changed.emit(sort)
        corpus, rows = self.corpus, self._view.everything
        self._sorted_by = corpus.computed.get(sort.column) if sort and corpus else None
        if sort is None or corpus is None:
            self._set_order(None)
            return

        def call(report: Report) -> Rows:
            return sort_rows(corpus, rows, sort.column, descending=sort.descending, report=report)

        job = self._start(SORT, f"Sort by {sort.column}", call)
        job.done.connect(self._set_order)
        job.failed.connect(self._on_sort_failed)

    def select_shown(self) -> None:
        """Select what the table shows: everything, or what the filter leaves."""
        if self._shown == "all":
            self.picking.everything()
        elif self._shown == "filtered":
            self.picking.filtered()

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project: order, rows shown, looks of columns."""
        sort = self._sort
        return {
            "sort": sort and {"column": sort.column, "descending": sort.descending},
            "shown": self._shown,
            **self.columns.state(),
        }

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `project_state` gave; what does not fit this corpus is left out."""
        self.columns.restore(state)
        sort = state.get("sort")
        if isinstance(sort, Mapping) and sort.get("column") in self.columns.names:
            self.order_by(Sort(str(sort["column"]), bool(sort.get("descending"))))
        shown = state.get("shown")
        if shown in ("all", "selected") or (shown == "filtered" and self.filter is not None):
            self.show(shown)

    def _start(self, key: str, title: str, call: Callable[[Report], Any]) -> Job:
        job = self._jobs.start(title, call, lane="io", key=key)
        self._running.add(job)
        job.ended.connect(lambda: self._on_ended(job))
        self.busy_changed.emit(True)
        return job

    def _compose(self) -> None:
        """Work out the rows to show from order, filter and selection."""
        some: Rows | None = None
        if self._shown == "selected":
            some = self._document.selection.rows
        elif self._shown == "filtered" and self.filter is not None:
            some = self.filter.rows
        rows = self._view.narrow(some)
        self.picking.rows = rows
        self.rows_changed.emit(rows)

    def _set_order(self, order: Rows | None) -> None:
        self._view.set_order(order)
        self._compose()

    def _set_problem(self, problem: str | None) -> None:
        if problem != self._problem:
            self._problem = problem
            self.problem_changed.emit(problem)

    def _on_corpus_changed(self, corpus: Corpus | None) -> None:
        for key in (FILTER, SORT):
            self._jobs.cancel(key)
        self._view = ShownRows(0 if corpus is None else len(corpus))
        self._sort, self._shown = None, "all"
        self._set_problem(None)
        self.sort_changed.emit(None)
        self.shown_changed.emit("all")
        self._compose()

    def _on_column_renamed(self, names: tuple[str, str]) -> None:
        if self._sort is not None and self._sort.column == names[0]:
            self._sort = replace(self._sort, column=names[1])

    def _on_columns_changed(self, corpus: Corpus) -> None:
        """An order by a column that is gone or has other values now does not hold any more."""
        sort = self._sort
        if sort is not None and corpus.computed.get(sort.column) != self._sorted_by:
            self.order_by(sort if sort.column in corpus.columns else None)
        else:
            self.sort_changed.emit(sort)

    def _on_filter_changed(self, value: Filter | None) -> None:
        self._set_problem(None)
        self.filter_changed.emit(value)
        wanted: Shown = "all" if value is None else "filtered"
        if self._shown != wanted:
            self.show(wanted)
        else:
            self._compose()

    def _on_selection_changed(self, _selection: object) -> None:
        if self._shown == "selected":
            self._compose()

    def _on_ended(self, job: Job) -> None:
        self._running.discard(job)
        self.busy_changed.emit(self.busy)

    def _on_filter_failed(self, failure: Failure) -> None:
        if isinstance(failure.error, BackendError):
            self._set_problem(" ".join(filter(None, (failure.error.what, failure.error.hint))))
        else:
            self._on_failed(failure)

    def _on_sort_failed(self, failure: Failure) -> None:
        self._sort = None
        self.sort_changed.emit(None)
        self._set_order(None)
        self._on_failed(failure)

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)
