"""One line about the document, in the status bar: items, vectors, filter, selection."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.document import Document

LONGEST_WORDS = 60


class Summary(QLabel):
    """Follows the document; gives way when the window is narrow."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setProperty("muted", True)
        self.setAccessibleName("What is loaded and selected")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setContentsMargins(6, 0, 0, 0)
        for signal in (
            *(document.corpus_changed, document.active_changed),
            *(document.selection_changed, document.filter_changed),
        ):
            signal.connect(self.show_document)
        self.show_document()

    def show_document(self) -> None:
        """Say how many items there are, have vectors, match the filter and are selected."""
        document = self._document
        parts = []
        if document.corpus is not None:
            parts.append(f"{len(document.corpus):,} items")
        if document.active is not None:
            parts.append(f"{document.active.count:,} vectors of {document.active.dim} dimensions")
        if document.filter is not None:
            parts.append(f"{len(document.filter.rows):,} match the filter")
        selection = document.selection
        if len(selection):
            words = selection.words
            short = words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"
            parts.append(f"{len(selection):,} selected: {short}")
        self.setText("  ·  ".join(parts))
        self.setToolTip(selection.words if len(selection) else "")
