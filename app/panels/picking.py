"""What a person picks in the table: rows selected, one looked at, rows copied.

Every change of the selection goes through the history, so that it can be undone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.cells import tab_separated
from app.panels.shown_rows import NO_ROWS
from backends.arrays import Mask, Rows, frozen
from backends.selection import NOTHING, Mode, Selection, select

COPY = "copy"
MOST_COPIED = 50_000
MOST_LISTED = 50  # rows that a description lists one by one


class Picking(QObject):
    """Selection and focus of the document by places in a table that shows `rows`."""

    selection_changed = Signal(object)  # Mask (n,)
    focus_changed = Signal(object)  # int | None, the corpus row
    copied = Signal(object)  # str, tab-separated

    def __init__(self, document: Document, jobs: Jobs, notices: Notices, history: History) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._history = history
        self.rows: Rows = NO_ROWS  # the corpus rows in the order shown
        self._mask: Mask = frozen(np.zeros(0, dtype=np.bool_))
        document.corpus_changed.connect(lambda _corpus: self._renew(document.selection))
        document.selection_changed.connect(self._renew)
        document.focus_changed.connect(self.focus_changed)
        self._renew(document.selection)

    @property
    def mask(self) -> Mask:
        """Which corpus rows are selected; (n,)."""
        return self._mask

    @property
    def count(self) -> int:
        """How many rows are selected."""
        return len(self._document.selection)

    @property
    def focus(self) -> int | None:
        """The corpus row that is looked at."""
        return self._document.focus

    def between(self, first: int, last: int, mode: Mode = "replace") -> None:
        """Select the rows shown from one place to another, both included, in either order."""
        low, high = sorted((first, last))
        rows = self.rows[low : high + 1]
        words = f"row {int(rows[0])}" if len(rows) == 1 else f"{len(rows):,} rows of the table"
        listed = {"listed": sorted(rows.tolist())} if len(rows) <= MOST_LISTED else {}
        self._history.select(select(rows, words, kind="rows", count=len(rows), **listed), mode)

    def preview(self, first: int, last: int) -> None:
        """Show what `between` would select, while the button or key is still down."""
        low, high = sorted((first, last))
        mask = np.zeros(len(self._mask), dtype=np.bool_)
        mask[self.rows[low : high + 1]] = True
        self._mask = frozen(mask)
        self.selection_changed.emit(self._mask)

    def toggle(self, position: int) -> None:
        """Add one row to the selection, or take it out."""
        chosen = bool(self._mask[self.rows[position]])
        self.between(position, position, "subtract" if chosen else "add")

    def everything(self) -> None:
        """Select all rows of the corpus."""
        if len(self._mask):
            rows = np.arange(len(self._mask))
            self._history.select(select(rows, "all rows", kind="all"))

    def filtered(self, mode: Mode = "replace") -> None:
        """Select the rows that the filter leaves, shown or not."""
        value = self._document.filter
        if value is not None:
            words = f"where {value.text}" if value.mode == "sql" else f"containing “{value.text}”"
            found = select(value.rows, words, kind="filter", mode=value.mode, text=value.text)
            self._history.select(found, mode)

    def nothing(self) -> None:
        """Clear the selection."""
        self._history.select(NOTHING)

    def look_at(self, position: int) -> None:
        """Look at one of the rows shown."""
        self._document.set_focus(int(self.rows[position]))

    def copy(self, columns: Sequence[str]) -> None:
        """Hand the selected rows, or the one looked at, over as text by `copied`."""
        corpus, rows = self._document.corpus, self._chosen()
        if corpus is None or not len(rows):
            return
        if len(rows) > MOST_COPIED:
            text = f"Only the first {MOST_COPIED:,} of {len(rows):,} rows were copied."
            self._notices.warn(text, "Export them to take all of them.")
            rows = rows[:MOST_COPIED]
        job = self._jobs.start(
            "Copy rows",
            lambda report: tab_separated(corpus, rows, columns, report),
            lane="io",
            key=COPY,
        )
        job.done.connect(self.copied)
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))

    def _chosen(self) -> Rows:
        """Selected rows in the order shown, if all of them are; else ascending; else the focus."""
        shown = self.rows[self._mask[self.rows]]
        if len(shown) < self.count:
            return self._document.selection.rows
        if not len(shown) and self.focus is not None:
            return np.array([self.focus], dtype=np.int64)
        return shown

    def _renew(self, selection: Selection) -> None:
        corpus = self._document.corpus
        self._mask = frozen(selection.mask(0 if corpus is None else len(corpus)))
        self.selection_changed.emit(self._mask)
