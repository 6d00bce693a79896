"""What colours the map and how: the column, its classes or its scale, and what a hand changed.

Looks are kept by column, in the project; colours and names also in the settings, for other files
with the same classes. Every change by a hand goes through the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History, Restyle
from app.jobs import Failure, Jobs
from app.notices import Notices
from app.panels.colouring import (
    ByClass,
    ByNumber,
    Colouring,
    MapColumn,
    read_colouring,
)
from app.panels.kept_look import as_read, kept, restored
from app.panels.look_memory import LookMemory
from app.panels.map_columns import MapColumns
from app.settings import SettingsStore
from backends.arrays import Rows
from backends.corpora.columns import Numbers
from backends.corpora.spread import has_ranks, ranks_of
from backends.types import Corpus

FEW_ROWS = 300_000  # of more selected rows the classes are counted in the background
COUNTS, COLOURS, RANKS = "class counts", "map colours", "map ranks"


class ColoursModel(QObject):
    """Decides what the colours of the map mean."""

    columns_changed = Signal(object)  # tuple[MapColumn, ...]
    colouring_changed = Signal(object)  # Colouring
    counts_changed = Signal(object)  # NDArray (classes + 2,) | None

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        settings: SettingsStore | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._history = history
        self._memory = LookMemory(settings)
        self._colour_by: str | None = None
        self._colouring: Colouring = None
        self._looks: dict[str, Mapping[str, Any]] = {}  # plain data by column
        self._wanted: str | None = None  # a project's column, until columns are known
        self._gone: str | None = None  # a column that was shown and removed: it may be brought back
        self._styles: dict[str, tuple[Any, ...]] = {}  # for columns that are still being read
        self.counts: NDArray[np.int64] | None = None  # within the selection, if there is one
        self._new_names: dict[str, str] = {}  # of renamed columns, for changes that are undone
        self._found = MapColumns(document, jobs, notices, self)
        self._found.changed.connect(self._on_columns_changed)
        self._found.found.connect(self._on_columns_found)
        self._found.outdated.connect(self._on_columns_outdated)
        document.column_renamed.connect(self._on_column_renamed)
        document.corpus_changed.connect(self._on_corpus_changed)
        document.selection_changed.connect(lambda _selection: self._count())
        self._on_corpus_changed(document.corpus)

    @property
    def columns(self) -> tuple[MapColumn, ...]:
        """Columns that can colour the map, in the order of the corpus."""
        return self._found.all

    @property
    def colour_by(self) -> str | None:
        """The column that is asked for; its colours follow once it is read."""
        return self._colour_by

    @property
    def colouring(self) -> Colouring:
        """The colours that are shown."""
        return self._colouring

    def set_colour_by(self, name: str | None) -> None:
        """Colour by a column, or plainly; the column is read in the background."""
        if self._found.known:
            self._wanted = None
            self._memory.choose(self._document.corpus, name)
        self._gone = None
        self._choose(name)

    def change(self, new: Colouring, text: str, gesture: object = None) -> None:
        """Show the same column in another style, by hand; `text` completes "Undo ..."."""
        old = self._colouring
        if old is None or new is None or old.style == new.style:
            return
        self._history.restyle(Restyle(text, old.column, old.style, new.style, self._apply, gesture))

    def state(self) -> dict[str, Any]:
        """Plain data for a project."""
        self._keep_look()
        name = self._wanted if self._wanted is not None else self._colour_by
        value: dict[str, Any] = {"colour_by": name or None}
        here = self._looks.get(name or "", {})
        value.update({part: here[part] for part in ("hidden", "range") if part in here})
        looks = {column: dict(look) for column, look in self._looks.items()}
        return {**value, "looks": looks}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a project's state; what does not fit the corpus is left out."""
        looks = state.get("looks")
        self._looks = {
            column: look
            for column, look in (looks.items() if isinstance(looks, Mapping) else ())
            if isinstance(look, Mapping)
        }
        name = state.get("colour_by")
        self._wanted = name if isinstance(name, str) else ""
        if isinstance(name, str):  # projects had one look once
            one = {part: state[part] for part in ("hidden", "range") if part in state}
            self._looks[name] = {**one, **self._looks.get(name, {})}
        self._styles.clear()
        if self._found.known:
            self._take_wanted()

    def _choose(self, name: str | None, *, anew: bool = False) -> None:
        if name == self._colour_by and not anew:
            return
        self._keep_look()
        self._colour_by = name
        self._jobs.cancel(COLOURS)
        corpus = self._document.corpus
        kind = next((column.kind for column in self.columns if column.name == name), None)
        if name is None or corpus is None or kind is None:
            self._colour_by = None
            self._show(None)
            return
        own = self._looks.get(name)
        looks = (own, ()) if own is not None else ({}, self._memory.looks(name))
        call = partial(read_colouring, corpus, name, kind, looks=looks)
        job = self._jobs.start(f"Reading {name}", call, lane="io", key=COLOURS)
        job.done.connect(self._on_read)
        job.failed.connect(self._on_failed)

    def _apply(self, column: str, style: tuple[Any, ...]) -> None:
        """Show a column in a style; what is done to another than the shown one brings it back."""
        while column in self._new_names:
            column = self._new_names[column]
        now = self._colouring
        if now is None or now.column != column or self._colour_by != column:
            self._styles[column] = style
            self._choose(column)
            return
        self._show(now.styled(style))
        if isinstance(self._colouring, ByClass):
            self._memory.remember(self._colouring)

    def _rank(self) -> None:
        """Work the ranks of the shown values out, if they are to be coloured by them."""
        now = self._colouring
        if not isinstance(now, ByNumber) or not now.look.is_even or has_ranks(now.numbers):
            return
        call = partial(_ranked_in_background, now.numbers)
        job = self._jobs.start(f"Ranking {now.column}", call, lane="io", key=RANKS)
        job.done.connect(lambda _ranks: self.colouring_changed.emit(self._colouring))
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))

    def _show(self, colouring: Colouring) -> None:
        before, self._colouring = self._colouring, colouring
        self._rank()
        self.colouring_changed.emit(colouring)
        if _groups(before) != _groups(colouring):
            self._count()

    def _keep_look(self) -> None:
        """Take down how the shown column looks."""
        if self._colouring is not None and self._colouring.column == self._colour_by:
            self._looks[self._colouring.column] = kept(self._colouring)

    def _count(self) -> None:
        """Count the classes of the selected items."""
        self._jobs.cancel(COUNTS)
        colouring, selection = self._colouring, self._document.selection
        if not isinstance(colouring, ByClass) or not len(selection):
            self._set_counts(None)
        elif len(selection) <= FEW_ROWS:
            self._set_counts(_counted(colouring, selection.rows))
        else:
            self._set_counts(None)
            call = partial(_counted_in_background, colouring, selection.rows)
            job = self._jobs.start("Counting classes", call, lane="io", key=COUNTS)
            job.done.connect(self._set_counts)

    def _set_counts(self, counts: NDArray[np.int64] | None) -> None:
        if counts is not self.counts:
            self.counts = counts
            self.counts_changed.emit(counts)

    def _take_wanted(self) -> None:
        name, self._wanted = self._wanted, None
        if not any(column.name == name for column in self.columns):
            name = None
        now = self._colouring
        if now is not None and name == self._colour_by == now.column:
            self._show(restored(as_read(now), self._looks.get(now.column, {})))
        else:
            self._colouring = None if name != self._colour_by else now  # its look is not kept
            self._choose(name)

    def _on_corpus_changed(self, corpus: Corpus | None) -> None:
        for key in (COLOURS, RANKS):
            self._jobs.cancel(key)
        self._looks, self._styles, self._wanted, self._colour_by = {}, {}, None, None
        self._gone = None
        self._new_names.clear()
        self._show(None)
        self._found.find(corpus)

    def _on_columns_found(self, first: str | None) -> None:
        if self._wanted is not None:
            self._take_wanted()
        elif self._colour_by is None:  # a computed column may have been quicker
            last = self._memory.choice(self._document.corpus)
            there = last == "" or any(column.name == last for column in self.columns)
            self._choose((last or None) if there else first)

    def _on_columns_changed(self, columns: tuple[MapColumn, ...]) -> None:
        self.columns_changed.emit(columns)
        gone = self._gone
        if gone is not None and self._colour_by is None and any(c.name == gone for c in columns):
            self._gone = None
            self._choose(gone)

    def _on_columns_outdated(self, names: frozenset[str]) -> None:
        before = self._colour_by
        self._choose(before, anew=before in names)
        if self._colour_by is None:
            self._gone = before

    def _on_column_renamed(self, names: tuple[str, str]) -> None:
        old, new = names
        self._new_names[old] = new
        self._new_names.pop(new, None)
        if old in self._looks:
            self._looks[new] = self._looks.pop(old)
        if self._colouring is not None and self._colouring.column == self._colour_by == old:
            self._colour_by = new
            self._show(replace(self._colouring, column=new))

    def _on_read(self, colouring: Colouring) -> None:
        style = self._styles.pop(colouring.column, None) if colouring is not None else None
        self._show(colouring if style is None or colouring is None else colouring.styled(style))

    def _on_failed(self, failure: Failure) -> None:
        self._colour_by = None
        self._show(None)
        self._notices.failure(failure.error, failure.trace)


def _groups(colouring: Colouring) -> object:
    """What counts of classes depend on."""
    return (colouring.categories, colouring.own) if isinstance(colouring, ByClass) else None


def _ranked_in_background(numbers: Numbers, _report: object) -> None:
    ranks_of(numbers)


def _counted(colouring: ByClass, rows: Rows) -> NDArray[np.int64] | None:
    """Classes of the rows; None if the rows are of another corpus than the classes."""
    if len(rows) and rows[-1] >= len(colouring.categories.codes):
        return None
    return colouring.counts_within(rows)


def _counted_in_background(
    colouring: ByClass, rows: Rows, _report: object
) -> NDArray[np.int64] | None:
    return _counted(colouring, rows)
