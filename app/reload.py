"""Going on with a file that has changed: what a person chose is found again among the new rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.document import Filter
from app.project_facts import ProjectState
from app.reload_columns import carried
from app.sources import stamps_of
from backends.arrays import Rows
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.selection import NOTHING, select
from backends.types import Corpus


def reload(state: ProjectState, corpus: Corpus, report: Report = SILENT) -> ProjectState:
    """Carry selection, filter and focus over to the corpus as it is now.

    Rows are found again by the id column. Without one they keep their numbers, if there are as many
    rows as before; otherwise the choices are dropped. Either way the notes say so. Computed columns
    keep the values of rows that are what they were. Embeddings are kept only if nothing has changed
    at all: embedding again takes known texts from the cache.

    Raises: Cancelled.
    """
    same = corpus.fingerprint == state.corpus.fingerprint
    roles = {
        part: name
        for part in ("text", "id")
        if (name := getattr(state.corpus.roles, part)) in corpus.columns
    }
    corpus = corpus.with_roles(**roles)
    report.step(0, 2, "Finding the same rows again")
    found, notes = _new_rows(state.corpus, corpus, same)
    selection, lost = state.selection, 0
    if not same and len(selection):
        rows = found[selection.rows]
        lost = int((rows < 0).sum())
        kept = {"kind": "reloaded", "from": dict(selection.description), "lost": lost}
        selection = (
            select(rows[rows >= 0], selection.words, **kept) if lost < len(rows) else NOTHING
        )
    corpus = carried(state.corpus, corpus, found, notes, same=same)
    if lost:
        notes.append(f"{lost:,} of {len(state.selection):,} selected rows are not there any more.")
    focus = None if state.focus is None else int(found[state.focus])
    report.step(1, 2, "Filtering again")
    return ProjectState(
        corpus,
        state.embeddings if same else (corpus.vectors,) if corpus.vectors is not None else (),
        state.active if same else None,
        state.projections if same else (),
        selection,
        _filter(state.filter, corpus, report, notes) if not same else state.filter,
        focus if focus is not None and focus >= 0 else None,
        state.panels,
        stamps_of(corpus.sources),
        state.revision,
        notes=tuple(notes),
        shown=state.shown if same else (),
    )


def read_again(state: ProjectState, split: str = "", report: Report = SILENT) -> ProjectState:
    """Read the corpus's files again and carry everything over, as `reload` does.

    `split` is how texts are divided: "line", "paragraph", "file" or "" where nobody chose.

    Raises: BackendError; Cancelled.
    """
    from backends.corpora.reading import ReadOptions, read_corpus

    old = state.corpus
    how: Any = split or None
    options = ReadOptions(old.roles.text, old.roles.vectors, old.roles.id, how)
    return reload(state, read_corpus(old.sources, options, report.span(0, 0.9)), report)


def _new_rows(old: Corpus, new: Corpus, same: bool) -> tuple[Rows, list[str]]:
    """For each old row its new one, or -1; (n,)."""
    if same:
        return np.arange(len(old)), ["The file holds the same rows as before."]
    column = old.roles.id
    if column is not None and column in new.columns:
        ids = new.table.column(column).to_pylist()
        places = {value: row for row, value in reversed(list(enumerate(ids)))}  # the first of each
        places.pop(None, None)
        found = _looked_up(places, old.table.column(column).to_pylist())
        return found, [f"The rows were found again by “{column}”.", *_doubtful(ids, column)]
    if len(old) == len(new):
        return np.arange(len(old)), ["No column names the rows, so they kept their numbers."]
    gone: NDArray[np.int64] = np.full(len(old), -1, dtype=np.int64)
    return gone, [
        f"The file has {len(new):,} rows now, {len(old):,} before, and no column names them: "
        "what was selected cannot be found again. Choose an id column first."
    ]


def _looked_up(places: dict[Any, int], values: Iterable[Any]) -> Rows:
    return np.fromiter((places.get(value, -1) for value in values), dtype=np.int64)


def _doubtful(ids: list[Any], column: str) -> list[str]:
    known = [value for value in ids if value is not None]
    repeated = len(known) - len(set(known))
    if not repeated:
        return []
    return [f"{repeated:,} values of “{column}” occur more than once; the first row counts."]


def _filter(old: Filter | None, corpus: Corpus, report: Report, notes: list[str]) -> Filter | None:
    if old is None:
        return None
    from backends.corpora.filtering import filter_rows

    mode: Any = old.mode
    try:
        return Filter(old.mode, old.text, filter_rows(corpus, mode, old.text, report.span(0.5, 1)))
    except BackendError as error:
        notes.append(f"The filter “{old.text}” does not fit any more: {error.what}")
        return None
