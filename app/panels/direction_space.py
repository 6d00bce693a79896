"""Where directions are looked for: the active vectors, how words get theirs, columns, word sets.

What every page about directions shares.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Job, Jobs
from app.notices import Notices, Problem
from app.panels.colouring import find_columns
from app.panels.templates import TemplatesModel
from backends.corpora.columns import column_kind, read_categories
from backends.directions.base import Space
from backends.directions.registry import space_of
from backends.directions.shipped import shipped
from backends.directions.terms import NoTerms
from backends.directions.wordsets import Collection, Kind, WordSet
from backends.reporting import Report
from backends.types import Corpus

COLUMNS, LABELS = "direction columns", "direction labels"
MOST_LABELS = 1_000  # that a list offers


class SpaceModel(QObject):
    """Follows the document; says what words and columns can be used."""

    changed = Signal()  # other vectors, or words get theirs otherwise
    columns_changed = Signal()
    labels_changed = Signal()
    sets_changed = Signal()

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, templates: TemplatesModel
    ) -> None:
        super().__init__(document)
        self._document, self._jobs, self._notices = document, jobs, notices
        self.templates = templates
        self._column: str | None = None
        self._categories: tuple[str, ...] | None = None  # None: not looked for yet
        self._labels: dict[str, tuple[str, ...]] = {}
        self._space: Space | None = None
        self._wanted = False
        document.corpus_changed.connect(self._on_corpus_changed)
        document.columns_changed.connect(self._on_columns_changed)
        document.active_changed.connect(lambda _active: self._forget())
        document.roles_changed.connect(lambda _corpus: self._forget())
        templates.changed.connect(lambda _templates: self._forget())
        document.word_sets_changed.connect(lambda _sets: self.sets_changed.emit())

    @property
    def space(self) -> Space | None:
        """The space of the active vectors, or None without any."""
        corpus, active = self._document.corpus, self._document.active
        if corpus is None or active is None:
            return None
        if self._space is None:
            self._space = space_of(corpus, active, self.templates.templates, self._column)
        return self._space

    @property
    def can_encode(self) -> bool:
        """Whether the encoder of the active vectors is known."""
        return self.templates.used

    @property
    def column(self) -> str | None:
        """Column whose items are the words; None: encoded, or the column of text or id."""
        return self._column

    @property
    def looked_up_in(self) -> str | None:
        """The column where words are looked up now, or None if they are not."""
        return getattr(self.space.terms, "column", None) if self.space is not None else None

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Columns that may hold words: those of the file."""
        corpus = self._document.corpus
        return corpus.source_columns if corpus is not None else ()

    @property
    def word_problem(self) -> Problem | None:
        """Why words have no vectors here, or None."""
        terms = self.space.terms if self.space is not None else None
        if isinstance(terms, NoTerms):
            return Problem(terms.problem.what, terms.problem.hint)
        return None

    @property
    def sets(self) -> Collection:
        """Word sets that come with the application, and the person's own."""
        return shipped().joined(self._document.word_sets)

    def sets_of(self, *kinds: Kind) -> tuple[WordSet, ...]:
        """Those of some kinds."""
        return tuple(one for one in self.sets.sets if one.kind in kinds)

    @property
    def categories(self) -> tuple[str, ...]:
        """Columns of categories, once they have been looked for."""
        return self._categories or ()

    def labels(self, column: str) -> tuple[str, ...]:
        """Values of a column of categories, the commonest first; () until they are read."""
        if column in self._labels or self._document.corpus is None:
            return self._labels.get(column, ())
        call = partial(_labels_of, self._document.corpus, column)
        job = self._start(f"Values of {column}", call, LABELS)
        job.done.connect(lambda found: self._on_labels(column, found))
        return ()

    def set_column(self, column: str | None) -> None:
        """Look words up in another column; None goes back to what is usual here."""
        if column != self._column:
            self._column = column
            self._forget()

    def want(self) -> None:
        """Look for columns of categories, once somebody is about to choose one."""
        self._wanted = True
        corpus = self._document.corpus
        if corpus is None or self._categories is not None:
            return
        self._categories = ()
        job = self._start("Looking at the columns", partial(_categories_of, corpus), COLUMNS)
        job.done.connect(self._on_columns_found)

    def _start(self, title: str, call: object, key: str) -> Job:
        job = self._jobs.start(title, call, lane="io", key=key)  # type: ignore[arg-type]  # a partial
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))
        return job

    def _forget(self) -> None:
        self._space = None
        self.changed.emit()

    def _on_labels(self, column: str, found: tuple[str, ...]) -> None:
        self._labels[column] = found
        self.labels_changed.emit()

    def _on_columns_found(self, found: tuple[str, ...]) -> None:
        self._categories = found
        self.columns_changed.emit()

    def _on_corpus_changed(self, _corpus: Corpus | None) -> None:
        self._column = None
        self._on_columns_changed(None)

    def _on_columns_changed(self, _corpus: object) -> None:
        for key in (COLUMNS, LABELS):
            self._jobs.cancel(key)
        self._space, self._categories = None, None
        self._labels.clear()
        self.columns_changed.emit()
        if self._wanted:
            self.want()


def _categories_of(corpus: Corpus, report: Report) -> tuple[str, ...]:
    found, _first = find_columns(corpus, report)
    names = [column.name for column in found if column.kind == "categories"]
    return (*names, *(n for n in corpus.computed if column_kind(corpus, n) == "categories"))


def _labels_of(corpus: Corpus, column: str, report: Report) -> tuple[str, ...]:
    return read_categories(corpus, column, report).labels[:MOST_LABELS]
