"""A layout that a person chose for a map: one of any vectors of the document, or the first map's.

The document forgets layouts, and replaces those of a part by those of the whole: what was chosen is
then looked for again, and where nothing like it is left, the first map's is shown and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.panels.layouts import entry_text
from backends.types import Embeddings, Projection

AS_FIRST = "As the first map"


@dataclass(frozen=True, slots=True)
class LayoutChoice:
    """One layout as a list of choices shows it."""

    fingerprint: str
    text: str  # among the layouts of the same vectors
    of: str  # title of the vectors


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was chosen, in words that outlive it."""

    fingerprint: str
    method: str
    embeddings: str  # title
    text: str


class ChosenLayout(QObject):
    """Says which layout a map shows; the document's while nothing is chosen."""

    projection_changed = Signal(object)  # Projection | None
    choices_changed = Signal()
    lost = Signal(object)  # what cannot be shown any more, in words

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._wanted: _Wanted | None = None
        self._shown = document.projection
        self._is_closed = False
        self._told: tuple[LayoutChoice, ...] = self.choices
        document.layouts_changed.connect(self._on_layouts_changed)
        document.embeddings_changed.connect(self._on_layouts_changed)
        document.projection_changed.connect(self._on_document_changed)
        document.active_changed.connect(self._on_document_changed)

    @property
    def follows(self) -> bool:
        """Whether it is the first map's layout, whichever that is."""
        return self._wanted is None

    @property
    def chosen(self) -> str | None:
        """The fingerprint of the layout that was chosen; None for the first map's."""
        return self._wanted.fingerprint if self._wanted is not None else None

    @property
    def projection(self) -> Projection | None:
        """The layout that is shown."""
        if self._is_closed:
            return None
        return self._found()[1] if self._wanted is not None else self._document.projection

    @property
    def active(self) -> Embeddings | None:
        """The vectors that it lays out."""
        if self._is_closed:
            return None
        return self._found()[0] if self._wanted is not None else self._document.active

    @property
    def choices(self) -> tuple[LayoutChoice, ...]:
        """All layouts there are, those of the same vectors one after the other."""
        document, found = self._document, []
        for vectors in document.embeddings:
            layouts = document.projections_of(vectors.fingerprint)
            found += [
                LayoutChoice(layout.fingerprint, entry_text(layout, layouts), vectors.title)
                for layout in layouts
            ]
        return tuple(found)

    @property
    def text(self) -> str:
        """What is shown: "PCA of MiniLM"; "" while there is nothing."""
        shown, vectors = self.projection, self.active
        if shown is None or vectors is None:
            return ""
        layouts = self._document.projections_of(vectors.fingerprint)
        return f"{entry_text(shown, layouts)} of {vectors.title}"

    def choose(self, fingerprint: str | None) -> None:
        """Show a layout, or whatever the first map shows; one that is not there changes nothing."""
        if fingerprint is None:
            self._wanted = None
        else:
            choice = next((c for c in self.choices if c.fingerprint == fingerprint), None)
            layout = self._layout(fingerprint)[1]
            if choice is None or layout is None:
                return
            words = f"{choice.text} of {choice.of}"
            self._wanted = _Wanted(fingerprint, layout.method, choice.of, words)
        self._tell()

    def close(self) -> None:
        """Show nothing any more, and say nothing: the map is about to go."""
        self._is_closed = True

    def _layout(self, fingerprint: str) -> tuple[Embeddings | None, Projection | None]:
        for vectors in self._document.embeddings:
            for layout in self._document.projections_of(vectors.fingerprint):
                if layout.fingerprint == fingerprint:
                    return vectors, layout
        return None, None

    def _found(self) -> tuple[Embeddings | None, Projection | None]:
        return self._layout(self._wanted.fingerprint if self._wanted is not None else "")

    def _heir(self, wanted: _Wanted) -> str | None:
        """The newest layout made by the same method of vectors that are called the same."""
        named = [v for v in self._document.embeddings if v.title == wanted.embeddings]
        heirs = [
            layout.fingerprint
            for vectors in named
            for layout in self._document.projections_of(vectors.fingerprint)
            if layout.method == wanted.method
        ]
        return heirs[-1] if heirs else None

    def _on_layouts_changed(self, _layouts: object) -> None:
        wanted = self._wanted
        if self._is_closed:
            return
        if wanted is not None and self._found()[1] is None:
            heir = self._heir(wanted)
            self._wanted = None
            if heir is not None:
                self.choose(heir)
            elif self._document.corpus is not None:
                self.lost.emit(wanted.text)
        choices = self.choices
        if choices != self._told:
            self._told = choices
            self.choices_changed.emit()
        self._tell()

    def _on_document_changed(self, _fact: object) -> None:
        self._tell()

    def _tell(self) -> None:
        """Say that another layout is shown, or the same one of vectors that have grown."""
        shown = self.projection
        if shown is not self._shown and not self._is_closed:
            self._shown = shown
            self.projection_changed.emit(shown)
