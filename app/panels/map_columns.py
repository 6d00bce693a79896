"""Which columns can colour the map: the file's, looked at once in the background, and computed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Jobs
from app.notices import Notices
from app.panels.colouring import MapColumn, find_columns
from backends.corpora.columns import column_kind
from backends.types import Corpus

KEY = "map columns"


class MapColumns(QObject):
    """Follows the document's columns; a computed one is known at once, by what it was put in as."""

    changed = Signal(object)  # tuple[MapColumn, ...]
    found = Signal(object)  # str | None: the file's are known now, and this one is to begin with
    outdated = Signal(object)  # frozenset[str]: these are gone, or hold other values

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._of_source: tuple[MapColumn, ...] = ()
        self._corpus: Corpus | None = None
        self.known = False  # whether the file's columns have been looked at
        document.columns_changed.connect(self._on_columns_changed)

    @property
    def all(self) -> tuple[MapColumn, ...]:
        """Columns that can colour the map, computed ones last."""
        corpus = self._corpus
        computed = [] if corpus is None else [(n, column_kind(corpus, n)) for n in corpus.computed]
        made = tuple(
            MapColumn(name, kind, computed=True) for name, kind in computed if kind != "text"
        )
        return (*self._of_source, *made)

    def find(self, corpus: Corpus | None) -> None:
        """Look at another corpus; computed columns are offered before the answer."""
        self._jobs.cancel(KEY)
        self._of_source, self._corpus, self.known = (), corpus, False
        self.changed.emit(self.all)
        if corpus is None:
            return
        job = self._jobs.start(
            "Looking at the columns", partial(find_columns, corpus), lane="io", key=KEY
        )
        job.done.connect(self._on_found)
        job.failed.connect(self._on_failed)

    def _on_found(self, found: tuple[tuple[MapColumn, ...], str | None]) -> None:
        self._of_source, first = found
        self.known = True
        self.changed.emit(self.all)
        self.found.emit(first)

    def _on_columns_changed(self, corpus: Corpus) -> None:
        before = self._corpus.computed if self._corpus is not None else {}
        self._corpus = corpus
        self.changed.emit(self.all)
        old = frozenset(name for name, how in before.items() if corpus.computed.get(name) != how)
        if old:
            self.outdated.emit(old)

    def _on_failed(self, failure: Failure) -> None:
        self.found.emit(None)
        self._notices.failure(failure.error, failure.trace)
