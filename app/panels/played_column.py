"""The column that is played and the range of it that is shown: reading it, moving the range."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document, Filter
from app.history import History
from app.jobs import Failure, Job, Jobs
from app.notices import Notices, Problem
from app.panels.play_range import MODES, PlayMode, PlayRange, usual_width
from backends.arrays import Mask, frozen
from backends.corpora.moments import Moments, playable_columns, read_moments
from backends.selection import select
from backends.types import Corpus, MadeBy

KEY = "playing"
NO_COLUMN = Problem("No column holds numbers or dates.", "Open a table that has such a column.")


class PlayedColumn(QObject):
    """A range of the steps of a column; it leaves selection and filter alone until it is asked."""

    changed = Signal()  # column, mode, or how it is played
    stepped = Signal()  # other items lie inside

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._jobs = document, jobs
        self._notices, self._history = notices, history
        self._job: Job | None = None
        self.column = ""
        self.moments: Moments | None = None
        self._read_of: MadeBy | None = None  # how the column came about, if it was computed
        self._range = PlayRange()
        self._wanted: dict[str, Any] = {}  # a project's choices, until the column is read
        document.corpus_changed.connect(self._on_corpus_changed)
        document.columns_changed.connect(self._on_columns_changed)
        document.column_renamed.connect(self._on_column_renamed)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that can be played."""
        corpus = self._document.corpus
        return playable_columns(corpus) if corpus is not None else ()

    @property
    def problem(self) -> Problem | None:
        """Why nothing can be played, or None."""
        return None if self.columns else NO_COLUMN

    @property
    def range(self) -> tuple[int, int]:
        """The steps that are shown, from the first to before the second."""
        return self._range.low, self._range.high

    @property
    def mode(self) -> PlayMode:
        """How the range goes on."""
        return self._range.mode

    @property
    def words(self) -> str:
        """The range for a person to read."""
        moments = self.moments
        if moments is None:
            return "Reading…" if self._job is not None else ""
        return moments.words(*self.range) if moments.steps else "No item has a value"

    @property
    def inside(self) -> Mask | None:
        """Which items lie in the range, (n,); None while there is none."""
        moments = self.moments
        return moments.inside(*self.range) if moments is not None and moments.steps else None

    def choose(self, column: str) -> None:
        """Take another column; it is read in the background."""
        corpus = self._document.corpus
        if corpus is None or column not in self.columns:
            return
        self.column, self.moments = column, None
        self._read_of = corpus.computed.get(column)
        call = partial(read_moments, corpus, column)
        self._job = self._jobs.start(f"Reading {column}", call, lane="io", key=KEY)
        self._job.done.connect(self._on_read)
        self._job.failed.connect(self._on_failed)
        self.changed.emit()
        self.stepped.emit()

    def set_mode(self, mode: PlayMode) -> None:
        """Choose how the range goes on."""
        if mode != self.mode and mode in MODES:
            self._go(self._range.in_mode(mode))
            self.changed.emit()

    def set_range(self, low: int, high: int) -> None:
        """Show other steps, as far as there are some and the mode lets it."""
        self._go(self._range.to(low, high))

    def shift(self, by: int) -> None:
        """Move the range by steps, as far as there are some."""
        self._go(self._range.shifted(by))

    def select_inside(self) -> None:
        """Select the items in the range."""
        inside = self.inside
        if inside is not None and self.moments is not None:
            ends = [float(self.moments.edges[end]) for end in self.range]
            facts = {"kind": "range", "column": self.column, "low": ends[0], "high": ends[1]}
            self._history.select(select(inside, f"{self.column} {self.words}", **facts))

    def filter_inside(self) -> None:
        """Narrow the table to the items in the range, by a condition that can be changed."""
        inside = self.inside
        if inside is not None and self.moments is not None:
            rows = frozen(np.flatnonzero(inside).astype(np.int64, copy=False))
            self._history.narrow(Filter("sql", self.moments.condition(*self.range), rows))

    def _reset(self) -> None:
        self._jobs.cancel(KEY)
        self._job = self.moments = None
        self.column = ""
        self._range, self._wanted = PlayRange(), {}

    def _go(self, to: PlayRange) -> None:
        if to != self._range:
            self._range = to
            self.stepped.emit()

    def _on_read(self, moments: Moments) -> None:
        self.moments, self._job = moments, None
        low, high = 0, 1 if self.mode == "moment" else usual_width(moments.steps)
        if "range" in self._wanted:
            low, high = np.searchsorted(moments.edges, self._wanted["range"]).tolist()
        self._wanted = {}
        self._range = PlayRange(low, low, max(1, moments.steps), self.mode).to(low, high)
        self.changed.emit()
        self.stepped.emit()

    def _on_failed(self, failure: Failure) -> None:
        self._job = None
        self._notices.failure(failure.error, failure.trace)
        self.changed.emit()

    def _on_corpus_changed(self, _corpus: Corpus | None) -> None:
        self._reset()
        self.changed.emit()
        self.stepped.emit()

    def _on_columns_changed(self, corpus: Corpus) -> None:
        """A computed column may be gone, or hold other values."""
        if self.column and self.column not in self.columns:
            self._reset()
        elif self.moments is not None and corpus.computed.get(self.column) != self._read_of:
            self.choose(self.column)
        self.changed.emit()
        self.stepped.emit()

    def _on_column_renamed(self, names: tuple[str, str]) -> None:
        if self.column == names[0]:
            self.column = names[1]
            if self.moments is not None:
                self.moments = replace(self.moments, column=names[1])
