"""The document: what is loaded and what was computed from it. One setter and one signal per fact.

Setters run in the GUI thread, compare, store and emit; what depends on a changed fact is cleared
here, in one place and in order: corpus -> embeddings, projections -> hits, focus, filter,
selection. Roles of columns and computed columns are `document_columns`'.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from app.document_columns import ColumnFacts
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


class Document(ColumnFacts):
    """Holds facts; knows nothing of panels, windows or jobs."""

    corpus_changed = Signal(object)  # Corpus | None
    embeddings_changed = Signal(object)  # tuple[Embeddings, ...]
    active_changed = Signal(object)  # Embeddings | None
    projection_changed = Signal(object)  # Projection | None
    selection_changed = Signal(object)  # Selection
    filter_changed = Signal(object)  # Filter | None
    focus_changed = Signal(object)  # int | None
    hits_changed = Signal(object)  # Hits | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._embeddings: dict[str, Embeddings] = {}
        self._active: str | None = None
        self._projections: dict[str, list[Projection]] = {}  # by embeddings, newest last
        self._heirs: dict[str, str] = {}  # fingerprint of a replaced partial -> what replaced it
        self._selection = NOTHING
        self._filter: Filter | None = None
        self._focus: int | None = None
        self._hits: Hits | None = None
        self._held: dict[str, object] | None = None  # inside a batch: last value by signal
        self._untold: list[dict[str, object]] = []  # after batches: what is still to be emitted

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
        return self.projections_of(self._active or "")

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

    def projections_of(self, embeddings: str) -> tuple[Projection, ...]:
        """Projections of the embeddings of that fingerprint, oldest first.

        While embeddings grow, the layouts of the part that they replaced stand in until the first
        one of their own arrives: `Projection.embeddings` then names the part.
        """
        return tuple(self._projections.get(embeddings, ()))

    def set_corpus(self, corpus: Corpus | None) -> None:
        """Replace the items; everything that was computed from the old ones is dropped."""
        with self.batch():
            self._corpus = corpus
            self._embeddings.clear()
            self._projections.clear()
            self._heirs.clear()
            self._active = None
            self._emit("corpus_changed", corpus)
            self.set_hits(None)
            self.set_focus(None)
            self.set_filter(None)
            self.set_selection(NOTHING)
            self._emit("embeddings_changed", ())
            self._emit("active_changed", None)
            self._emit("projection_changed", None)
            if corpus is not None and corpus.vectors is not None:
                self.add_embeddings(corpus.vectors)

    def add_embeddings(
        self, embeddings: Embeddings, *, show: bool = True, replaces: str | None = None
    ) -> None:
        """Keep embeddings beside the others (one of the same name is replaced) and show them.

        `replaces` is the fingerprint of an earlier part of the same run: these take its place,
        stay active if it was, and keep its layouts and hits on the screen until better ones come.

        Raises: ValueError if they are not embeddings of this corpus.
        """
        if self._corpus is None or len(embeddings) != len(self._corpus):
            count = "no" if self._corpus is None else str(len(self._corpus))
            raise ValueError(f"{len(embeddings)} embeddings for a corpus of {count} rows")
        name = embeddings.fingerprint
        with self.batch():
            if replaces is not None and replaces != name and replaces in self._embeddings:
                self._inherit(replaces, name)
            again = name == self._active
            self._embeddings[name] = embeddings
            self._emit("embeddings_changed", self.embeddings)
            if again:
                self._emit("active_changed", embeddings)
                self._emit("projection_changed", self.projection)
            elif show or self._active is None:
                self.set_active(name)

    def _inherit(self, old: str, new: str) -> None:
        """Put the name of grown embeddings in the place of the part that they grew from."""
        self._embeddings = {
            new if name == old else name: value
            for name, value in self._embeddings.items()
            if name != new
        }
        layouts = self._projections.pop(old, [])
        self._projections.setdefault(new, layouts)
        self._heirs[old] = new
        self._heirs.pop(new, None)  # the way back, should a run ever be repeated
        if self._active == old:
            self._active = new

    def drop_embeddings(self, fingerprint: str) -> None:
        """Forget embeddings and their projections; the ones before them are shown if they were."""
        if self._embeddings.pop(fingerprint, None) is None:
            return
        self._projections.pop(fingerprint, None)
        with self.batch():
            self._emit("embeddings_changed", self.embeddings)
            if self._active == fingerprint:
                self.set_active(next(reversed(self._embeddings), None))

    def set_active(self, fingerprint: str | None) -> None:
        """Choose the embeddings that panels show; their newest projection comes with them.

        Raises: KeyError if there are none of that name.
        """
        if fingerprint == self._active:
            return
        if fingerprint is not None and fingerprint not in self._embeddings:
            raise KeyError(fingerprint)
        self._active = fingerprint
        with self.batch():
            self.set_hits(None)
            self._emit("active_changed", self.active)
            self._emit("projection_changed", self.projection)

    def add_projection(self, projection: Projection) -> None:
        """Show a layout; it replaces one of the same name and stopped ones of its method.

        One of a part that has grown since counts for what replaced it, unless that has one of its
        own already; one of embeddings that were dropped in the meantime is dropped too.
        """
        of = projection.embeddings
        while of in self._heirs:
            of = self._heirs[of]
        kept = self._projections.get(of, [])
        own = [old for old in kept if old.embeddings == of]
        late = projection.embeddings != of
        if of not in self._embeddings or (late and own):
            return
        others = [old for old in (kept if late else own) if not _outdone(old, projection)]
        self._projections[of] = [*others, projection]
        if of == self._active:
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
        """Hold signals back; then emit each once, with its last value, in order of first change.

        A slot may change further facts: those are told at once, and what this batch still had to
        say about them is out of date and not said any more.
        """
        if self._held is not None:
            yield
            return
        self._held = {}
        try:
            yield
        finally:
            held, self._held = self._held, None
            self._tell(held)

    def _emit(self, name: str, value: object) -> None:
        assert QThread.currentThread() is self.thread(), "facts are set in the GUI thread"
        if self._held is not None:
            self._held[name] = value
        else:
            self._tell({name: value})

    def _tell(self, facts: dict[str, object]) -> None:
        for older in self._untold:
            for name in facts:
                older.pop(name, None)
        self._untold.append(facts)
        while facts:
            name = next(iter(facts))
            getattr(self, name).emit(facts.pop(name))
        self._untold.pop()


def _outdone(old: Projection, new: Projection) -> bool:
    """Whether a layout need not be kept beside a newer one."""
    return old.made_by == new.made_by or (old.method == new.method and not old.finished)
