"""The document: what is loaded and what was computed from it. One setter and one signal per fact.

Setters run in the GUI thread, compare, store and emit; what depends on a changed fact is cleared
here, in one place and in order: corpus -> embeddings, projections -> hits, focus, filter,
selection. Columns are `document_columns`', directions and word sets `document_directions`'.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.document_directions import DirectionFacts
from app.layouts import Layouts
from backends.arrays import Rows
from backends.directions.base import Direction
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


class Document(DirectionFacts):
    """Holds facts; knows nothing of panels, windows or jobs."""

    corpus_changed = Signal(object)  # Corpus | None
    embeddings_changed = Signal(object)  # tuple[Embeddings, ...]
    active_changed = Signal(object)  # Embeddings | None
    projection_changed = Signal(object)  # Projection | None
    projections_changed = Signal(object)  # tuple[Projection, ...] of the active embeddings
    layouts_changed = Signal(object)  # tuple[Projection, ...] of all embeddings
    selection_changed = Signal(object)  # Selection
    filter_changed = Signal(object)  # Filter | None
    focus_changed = Signal(object)  # int | None
    hits_changed = Signal(object)  # Hits | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._embeddings: dict[str, Embeddings] = {}
        self._active: str | None = None
        self._layouts = Layouts()
        self._selection = NOTHING
        self._filter: Filter | None = None
        self._focus: int | None = None
        self._hits: Hits | None = None

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
        """Projections made from the active embeddings, oldest first."""
        return self.projections_of(self._active or "")

    @property
    def layouts(self) -> tuple[Projection, ...]:
        """Projections made from all embeddings, in the order of these."""
        return tuple(layout for name in self._embeddings for layout in self._layouts.of(name))

    @property
    def projection(self) -> Projection | None:
        """The layout that is shown: the one chosen of the active embeddings, else the newest."""
        return self._layouts.shown(self._active or "")

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
        return self._layouts.of(embeddings)

    def projection_of(self, embeddings: str) -> Projection | None:
        """The layout that is shown while the embeddings of that fingerprint are active."""
        return self._layouts.shown(embeddings)

    def set_corpus(self, corpus: Corpus | None) -> None:
        """Replace the items; everything that was computed from the old ones is dropped."""
        with self.batch():
            self._corpus = corpus
            self._embeddings.clear()
            self._layouts.clear()
            self._active = None
            self._emit("corpus_changed", corpus)
            self.set_directions(())
            self.set_hits(None)
            self.set_focus(None)
            self.set_filter(None)
            self.set_selection(NOTHING)
            self._emit("embeddings_changed", ())
            self._emit("active_changed", None)
            self._tell_layouts()
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
                self._tell_layouts()
            elif show or self._active is None:
                self.set_active(name)

    def _inherit(self, old: str, new: str) -> None:
        """Put the name of grown embeddings in the place of the part that they grew from."""
        self._embeddings = {
            new if name == old else name: value
            for name, value in self._embeddings.items()
            if name != new
        }
        self._layouts.inherit(old, new)
        if self._active == old:
            self._active = new

    def drop_embeddings(self, fingerprint: str) -> None:
        """Forget embeddings and their projections; the ones before them are shown if they were."""
        if self._embeddings.pop(fingerprint, None) is None:
            return
        self._layouts.forget(fingerprint)
        with self.batch():
            self.set_directions(self.directions)
            self._emit("embeddings_changed", self.embeddings)
            self._emit("layouts_changed", self.layouts)
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
            self._tell_layouts()

    def set_directions(self, directions: tuple[Direction, ...]) -> None:
        """Replace the directions; those of embeddings that are gone are dropped."""
        super().set_directions(tuple(d for d in directions if d.embeddings in self._embeddings))

    def add_projection(self, projection: Projection, *, show: bool = True) -> None:
        """Keep a layout and show it; it replaces one of the same name and stopped ones of its kind.

        One of a part that has grown since counts for what replaced it, unless that has one of its
        own already; one of embeddings that were dropped in the meantime is dropped too. Without
        `show`, it is shown only in the place of the one that it replaces.
        """
        of = self._layouts.add(projection, self._embeddings, show=show)
        if of is not None and of == self._active:
            self._tell_layouts()
        elif of is not None:
            self._emit("layouts_changed", self.layouts)

    def show_projection(self, fingerprint: str) -> None:
        """Show another layout of the active embeddings. Raises: KeyError if there is none."""
        if self._layouts.show(self._active or "", fingerprint):
            self._emit("projection_changed", self.projection)

    def drop_projection(self, fingerprint: str) -> None:
        """Forget a layout of the active embeddings; if it was shown, the newest other one is."""
        if self._layouts.drop(self._active or "", fingerprint):
            self._tell_layouts()

    def _tell_layouts(self) -> None:
        with self.batch():
            self._emit("projections_changed", self.projections)
            self._emit("layouts_changed", self.layouts)
            self._emit("projection_changed", self.projection)

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
