"""Taking items out: which rows, in which form, and where to.

`plan` turns choices into a request or says what is missing; a file that is in the way becomes a
question, not a failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from PySide6.QtCore import Signal

from app.document import Document
from app.jobs import Failure, Jobs
from app.notices import Notices, Problem
from app.panels.saving import SavingModel
from app.panels.state import PanelState, state_of
from app.panels.targets import named_path
from app.settings import SettingsStore
from backends.arrays import frozen
from backends.export import (
    FORMATS,
    ExportRequest,
    ExportResult,
    Vectors,
    export,
)
from backends.export_tables import Format
from backends.types import Corpus

Which = Literal["selection", "filtered", "all"]
KEY = "export"
REMEMBERED = ("format", "vectors", "positions")

NO_CORPUS = Problem("Nothing is loaded.", "Open a file first.")
NO_ITEMS = Problem("There are no items in this corpus.", "Open another file.")
NOTHING_SELECTED = Problem("Nothing is selected.", "Draw a lasso on the map or click rows.")
NO_FILTER = Problem("There is no filter.", "Type words above the table.")
NO_MATCH = Problem("No item matches the filter.", "Change the words above the table.")
NO_VECTORS = Problem("There are no vectors yet.", "Embed the items first.")
NO_LAYOUT = Problem("There is no map yet.", "Embed the items first.")
NO_TARGET = Problem("No file is named.", "Choose where to write to.")


@dataclass(frozen=True, slots=True)
class SubsetSettings:
    """What the dialog chooses."""

    which: Which = "all"
    format: Format = "csv"
    vectors: Vectors = "none"
    positions: bool = True  # columns x and y, where there is a map
    target: str = ""


def rows_problem(document: Document, which: Which) -> Problem | None:
    """Why these rows cannot be exported; None if they can."""
    if document.corpus is None:
        return NO_CORPUS
    if not len(document.corpus):
        return NO_ITEMS
    if which == "selection" and not len(document.selection):
        return NOTHING_SELECTED
    if which == "filtered" and document.filter is None:
        return NO_FILTER
    if which == "filtered" and document.filter is not None and not len(document.filter.rows):
        return NO_MATCH
    return None


def problem_of(document: Document, settings: SubsetSettings) -> Problem | None:
    """Why nothing can be written now, or None; asked at every change, so it looks at no rows."""
    problem = rows_problem(document, settings.which)
    if problem is not None:
        return problem
    if settings.vectors != "none" and document.active is None:
        return NO_VECTORS
    return NO_TARGET if named_path(settings.target, settings.format) is None else None


def plan(
    document: Document, settings: SubsetSettings, *, overwrite: bool = False
) -> ExportRequest | Problem:
    """What would be written now, or why nothing can be."""
    problem = problem_of(document, settings)
    corpus, path = document.corpus, named_path(settings.target, settings.format)
    if problem is not None or corpus is None or path is None:
        return problem or NO_CORPUS
    if settings.which == "selection":
        rows = document.selection.rows
    elif document.filter is not None and settings.which == "filtered":
        rows = document.filter.rows
    else:
        rows = frozen(np.arange(len(corpus), dtype=np.int64))
    return ExportRequest(
        corpus,
        rows,
        path,
        settings.format,
        settings.vectors,
        document.active,
        document.projection if settings.positions else None,
        _recipe(document, settings.which),
        overwrite,
    )


def _recipe(document: Document, which: Which) -> dict[str, Any]:
    """How the rows were chosen, in words and as data."""
    selection, narrowed = document.selection, document.filter
    filtered = narrowed and {"mode": narrowed.mode, "text": narrowed.text}
    chosen: dict[str, Any] = {"rows": which, "words": "all rows", "description": {"kind": "all"}}
    if which == "selection":
        chosen |= {"words": selection.words, "description": dict(selection.description)}
    elif which == "filtered" and narrowed is not None:
        chosen |= {
            "words": f"filter “{narrowed.text}”",
            "description": {"kind": "filter", **(filtered or {})},
        }
    return {"subset": chosen, "filter": filtered}


class SubsetModel(SavingModel):
    """Keeps the choices and writes the files; `exported` carries an ExportResult."""

    counts_changed = Signal()

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, store: SettingsStore
    ) -> None:
        super().__init__(document, jobs, notices, store, KEY)
        self._settings = _remembered(store.value.export)
        self._written: Corpus | None = None  # of which items are written, or were
        for signal in (
            document.selection_changed,
            document.filter_changed,
            document.active_changed,
        ):
            signal.connect(self._on_facts_changed)
        document.projection_changed.connect(self._on_facts_changed)
        document.corpus_changed.connect(self._on_corpus_changed)

    @property
    def settings(self) -> SubsetSettings:
        """What is chosen."""
        return self._settings

    @property
    def counts(self) -> dict[Which, int]:
        """How many rows each choice has."""
        corpus, narrowed = self.document.corpus, self.document.filter
        return {
            "selection": len(self.document.selection),
            "filtered": 0 if narrowed is None else len(narrowed.rows),
            "all": 0 if corpus is None else len(corpus),
        }

    @property
    def state(self) -> PanelState:
        """Whether it can run, and why not."""
        return state_of(self._job, problem_of(self.document, self._settings), self._failure)

    @property
    def vectors_problem(self) -> Problem | None:
        """Why vectors cannot be exported; None if they can."""
        return NO_VECTORS if self.document.active is None else None

    @property
    def positions_problem(self) -> Problem | None:
        """Why places on the map cannot be exported; None if they can."""
        return NO_LAYOUT if self.document.projection is None else None

    def problem_of(self, which: Which) -> Problem | None:
        """Why these rows cannot be exported; None if they can."""
        return rows_problem(self.document, which)

    def prepare(self) -> None:
        """Choose the rows most likely wanted: the selection, else the filtered ones, else all."""
        order: tuple[Which, ...] = ("selection", "filtered", "all")
        which = next((one for one in order if self.problem_of(one) is None), "all")
        vectors = "none" if self.vectors_problem else self._settings.vectors
        self._failure = None
        self.change(which=which, vectors=vectors)
        self.counts_changed.emit()
        self.state_changed.emit(self.state)

    def change(self, **fields: Any) -> None:
        """Change settings, as `change(format="parquet")`; the target's name follows."""
        self._named = self._named or bool(fields.get("target"))
        new = replace(self._settings, **fields)
        if "target" not in fields:
            new = replace(new, target=self._target(new))
        self._failure = None
        if new != self._settings:
            self._settings = new
            self._store.change(export={key: asdict(new)[key] for key in REMEMBERED})
            self.settings_changed.emit(new)
        self.state_changed.emit(self.state)

    def run(self, *, overwrite: bool = False) -> None:
        """Write the files."""
        planned = plan(self.document, self._settings, overwrite=overwrite)
        if isinstance(planned, Problem) or self._job is not None:
            return
        self._written = planned.corpus
        self._start("Export", partial(export, planned))

    def _target(self, settings: SubsetSettings) -> str:
        words = {"selection": "selection", "filtered": "filtered", "all": "items"}[settings.which]
        return self._target_for(settings.target, settings.format, FORMATS, words)

    def _on_done(self, result: ExportResult) -> None:
        table, *others = result.paths
        self._store.change(last_folder=str(table.parent))
        names = " and ".join(path.name for path in others)
        rows = f"{result.rows:,} row{'s' if result.rows != 1 else ''}"
        self.notices.info(f"Exported {rows} to {table}.", f"Beside it: {names}." if names else "")
        super()._on_done(result)

    def _on_failed(self, failure: Failure) -> None:
        written, now = self._written, self.document.corpus
        if written is None or now is None or written.made_by is not now.made_by:
            # The dialog is about other items now; columns that were computed meanwhile are none.
            self.notices.failure(failure.error, failure.trace)
        else:
            super()._on_failed(failure)

    def _on_facts_changed(self, _fact: object) -> None:
        self.counts_changed.emit()
        self.state_changed.emit(self.state)

    def _on_corpus_changed(self, _corpus: object) -> None:
        self._named = False  # a running export has all that it needs, and goes on
        self.change(which="all")


def _remembered(kept: Mapping[str, Any]) -> SubsetSettings:
    """Choices of last time, where they still mean something."""
    settings = SubsetSettings()
    if kept.get("format") in FORMATS:
        settings = replace(settings, format=kept["format"])
    if kept.get("vectors") in get_args(Vectors):
        settings = replace(settings, vectors=kept["vectors"])
    return replace(settings, positions=bool(kept.get("positions", True)))
