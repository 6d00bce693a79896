"""The document: what is loaded and what was computed from it. One setter and one signal per fact.

Setters run in the GUI thread, compare, store and emit; what depends on a changed fact is cleared
here, in one place
and in order: corpus -> embeddings, projections -> hits, focus, filter, selection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from backends.arrays import Rows
from backends.selection import NOTHING, Selection
from backends.types import Corpus, Embeddings, Hits, Projection


@dataclass(frozen=True)
class Filter:
    """Which rows the table shows, and the person's words for it."""

    mode: str  # "contains" or "sql"
    text: str
    rows: Rows  # (k,) ascending

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filter) and (self.mode, self.text) == (other.mode, other.text)

    def __hash__(self) -> int:
        return hash((self.mode, self.text))


class Document(QObject):
    """Holds facts; knows nothing of panels, windows or jobs."""

    corpus_changed = Signal(object)  # Corpus | None
    roles_changed = Signal(object)  # Corpus
    embeddings_changed = Signal(object)  # tuple[Embeddings, ...]
    active_changed = Signal(object)  # Embeddings | None
    projection_changed = Signal(object)  # Projection | None
    selection_changed = Signal(object)  # Selection
    filter_changed = Signal(object)  # Filter | None
    focus_changed = Signal(object)  # int | None
    hits_changed = Signal(object)  # Hits | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._corpus: Corpus | None = None
        self._embeddings: dict[str, Embeddings] = {}
        self._active: str | None = None
        self._projections: dict[
            str, list[Projection]
        ] = {}  # by fingerprint of embeddings, newest last
        self._selection = NOTHING
        self._filter: Filter | None = None
        self._focus: int | None = None
        self._hits: Hits | None = None
        self._held: dict[str, object] | None = None

    @property
    def corpus(self) -> Corpus | None:
        """The items, or None while nothing is loaded."""
        return self._corpus

    @property
    def embeddings(self) -> tuple[Embeddings, ...]:
        """All embeddings of the corpus, in the order in which they came."""
        return tuple(self._embeddings.values())

    @property
    def active(self) -> Embeddings | None:
        """The embeddings that panels show."""
        return self._embeddings.get(self._active) if self._active else None

    @property
    def projections(self) -> tuple[Projection, ...]:
        """Projections made from the active embeddings, oldest first; the last is shown."""
        return tuple(self._projections.get(self._active or "", ()))

    @property
    def projection(self) -> Projection | None:
        """The layout that is shown: the newest one of the active embeddings."""
        return self.projections[-1] if self.projections else None

    @property
    def selection(self) -> Selection:
        """The chosen rows; `NOTHING` if there are none."""
        return self._selection

    @property
    def filter(self) -> Filter | None:
        """What the table is narrowed to, or None for all rows."""
        return self._filter

    @property
    def focus(self) -> int | None:
        """The row the person looks at."""
        return self._focus

    @property
    def hits(self) -> Hits | None:
        """The neighbours that are listed and highlighted."""
        return self._hits

    def set_corpus(self, corpus: Corpus | None) -> None:
        """Replace the items; everything that was computed from the old ones is dropped."""
        with self.batch():
            self.set_hits(None)
            self.set_focus(None)
            self.set_filter(None)
            self.set_selection(NOTHING)
            self._corpus = corpus
            self._embeddings.clear()
            self._projections.clear()
            self._active = None
            self._emit("corpus_changed", corpus)
            self._emit("embeddings_changed", ())
            self._emit("active_changed", None)
            self._emit("projection_changed", None)
            if corpus is not None and corpus.vectors is not None:
                self.add_embeddings(corpus.vectors)

    def set_roles(self, **changes: str | None) -> None:
        """Choose which column is the text or names the rows; computed things stay."""
        if self._corpus is not None:
            self._corpus = self._corpus.with_roles(**changes)
            self._emit("roles_changed", self._corpus)

    def add_embeddings(self, embeddings: Embeddings, *, show: bool = True) -> None:
        """Keep embeddings beside the others (one of the same name is replaced) and show them."""
        self._embeddings[embeddings.fingerprint] = embeddings
        with self.batch():
            self._emit("embeddings_changed", self.embeddings)
            if show or self._active is None:
                self.set_active(embeddings.fingerprint)

    def drop_embeddings(self, fingerprint: str) -> None:
        """Forget embeddings and their projections; the ones before them are shown if they were."""
        if self._embeddings.pop(fingerprint, None) is None:
            return
        self._projections.pop(fingerprint, None)
        with self.batch():
            self._emit("embeddings_changed", self.embeddings)
            if self._active == fingerprint:
                self._active = None
                self.set_active(next(reversed(self._embeddings), None))

    def set_active(self, fingerprint: str | None) -> None:
        """Choose the embeddings that panels show; their newest projection comes with them."""
        if fingerprint == self._active and fingerprint is not None:
            self._emit("active_changed", self.active)
            return
        self._active = fingerprint
        with self.batch():
            self.set_hits(None)
            self._emit("active_changed", self.active)
            self._emit("projection_changed", self.projection)

    def add_projection(self, projection: Projection) -> None:
        """Show a layout; an earlier one of the same name is replaced."""
        kept = self._projections.setdefault(projection.embeddings, [])
        kept[:] = [old for old in kept if old.fingerprint != projection.fingerprint]
        kept.append(projection)
        if projection.embeddings == self._active:
            self._emit("projection_changed", projection)

    def set_selection(self, selection: Selection) -> None:
        """Choose rows; an equal set of rows changes nothing."""
        if selection != self._selection:
            self._selection = selection
            self._emit("selection_changed", selection)

    def set_filter(self, value: Filter | None) -> None:
        """Narrow what the table shows."""
        if value != self._filter:
            self._filter = value
            self._emit("filter_changed", value)

    def set_focus(self, row: int | None) -> None:
        """Look at one row."""
        if row != self._focus:
            self._focus = row
            self._emit("focus_changed", row)

    def set_hits(self, hits: Hits | None) -> None:
        """List and highlight neighbours."""
        if hits is not self._hits:
            self._hits = hits
            self._emit("hits_changed", hits)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Hold signals back; then emit each once, with its last value, in order of first change."""
        if self._held is not None:
            yield
            return
        self._held = {}
        try:
            yield
        finally:
            held, self._held = self._held, None
            for name, value in held.items():
                getattr(self, name).emit(value)

    def _emit(self, name: str, value: object) -> None:
        assert QThread.currentThread() is self.thread(), "facts are set in the GUI thread"
        if self._held is not None:
            self._held[name] = value
        else:
            getattr(self, name).emit(value)
