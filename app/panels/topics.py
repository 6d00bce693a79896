"""Labels of the map: the regions of its layout, what they are called, and what a person made of it.

Regions and names are found in the background whenever a finished layout is shown and somebody
wants to see them; they are kept by layout and text column. Renaming and hiding can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import Signal

from app.document import Document
from app.history import History
from app.jobs import Failure, Job, Jobs
from app.notices import Notices, Problem
from app.panels.hit_texts import title_column
from app.panels.labels import label_column
from app.panels.showing import Showing, job_key
from app.panels.shows import ShowsModel
from app.panels.state import PanelState, state_of
from app.panels.topic_edits import read_edits
from app.panels.topic_names import TopicNames, Topics
from app.panels.turning import IN_SPACE
from backends.corpora.columns import column_kind
from backends.curate.naming import NamingRequest, name_regions
from backends.curate.regions import find_regions
from backends.reporting import Report
from backends.types import Corpus, Embeddings, Projection

NO_CORPUS = Problem("Nothing is open yet.", "Open a file or the sample.")
NO_LAYOUT = Problem("There is no map to find clusters on.", "Lay the vectors out first.")
SWITCHED_OFF = Problem("Labels are switched off.", "Switch them on in the menu View.")
KEY = "topics"
SHOW = "labels"
KEPT = 4  # layouts and columns whose regions are kept


@dataclass(frozen=True, eq=False)
class TopicsRequest:
    """What would be computed."""

    corpus: Corpus
    projection: Projection
    embeddings: Embeddings | None
    column: str | None


def plan(
    document: Document,
    column: str | None,
    *,
    wanted: bool = True,
    showing: Showing | None = None,
) -> TopicsRequest | Problem:
    """What would be computed now for a map, the first unless said, or why nothing can be."""
    showing = showing if showing is not None else document
    if document.corpus is None:
        return NO_CORPUS
    if showing.projection is None:
        return NO_LAYOUT
    if showing.projection.dims == 3:
        return IN_SPACE
    if not wanted:
        return SWITCHED_OFF
    return TopicsRequest(document.corpus, showing.projection, showing.active, column)


def find_topics(request: TopicsRequest, report: Report) -> Topics:
    """Find the regions of a layout and name them. Raises: BackendError, Cancelled."""
    layout, corpus = request.projection.layout, request.corpus
    regions = find_regions(layout, report.span(0, 0.4))
    naming = NamingRequest(
        corpus,
        regions,
        layout,
        request.column or corpus.roles.text,
        request.column or label_column(corpus) or _words_column(corpus),
        request.embeddings.vectors if request.embeddings is not None else None,
    )
    names = name_regions(naming, report.span(0.4, 1))
    return Topics(request.projection.fingerprint, request.column, regions, names)


def _words_column(corpus: Corpus) -> str | None:
    """The column that stands for the items, unless it holds numbers: those name nothing."""
    column = title_column(corpus)
    if column is None or column_kind(corpus, column) in ("numbers", "dates"):
        return None
    return column


class TopicsModel(TopicNames):
    """Has regions found and named, and remembers what a person calls them."""

    state_changed = Signal(object)  # PanelState
    columns_changed = Signal()  # which columns there are, or which one is used

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        shows: ShowsModel,
        showing: Showing | None = None,
    ) -> None:
        super().__init__(history, shows)
        self._document = document
        self._showing = showing = showing if showing is not None else document
        self._key = job_key(KEY, showing)
        self._jobs = jobs
        self._notices = notices
        self._shows = shows
        self._column: str | None = None
        self._known: dict[tuple[str, str, str | None], Topics] = {}
        self._job: Job | None = None
        self._failure: Failure | None = None
        self._wanted_by: set[str] = set()
        showing.projection_changed.connect(self._on_fact_changed)
        document.roles_changed.connect(self._on_fact_changed)
        document.corpus_changed.connect(self._on_corpus_changed)
        shows.changed.connect(self._on_shows_changed)

    @property
    def state(self) -> PanelState:
        """Whether regions are being found, and what stands in the way."""
        return state_of(self._job, self._plan(), self._failure)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of texts, which can name regions."""
        corpus = self._document.corpus
        if corpus is None:
            return ()
        return tuple(f.name for f in corpus.table.schema if "string" in str(f.type))

    @property
    def column(self) -> str | None:
        """The column whose words name regions; None takes the text of the items."""
        return self._column

    def set_column(self, name: str | None) -> None:
        """Name regions by the words of another column."""
        if name != self._column and (name is None or name in self.columns):
            self._column = name
            self.columns_changed.emit()
            self._renew()

    def want(self, who: str, *, wanted: bool) -> None:
        """Have regions found for somebody who shows them, be the labels on or off."""
        before = self._is_wanted
        (self._wanted_by.add if wanted else self._wanted_by.discard)(who)
        if before != self._is_wanted:
            self._renew()

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        edits = {
            layout: {spot: edit.as_json() for spot, edit in made.items()}
            for layout, made in self._edits.items()
            if made
        }
        return {"column": self._column, "edits": edits}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take a project's state; what makes no sense is left out."""
        self._edits = read_edits(state.get("edits"))
        self._labels = None
        column = state.get("column")
        self.set_column(column if isinstance(column, str) else None)
        self.changed.emit(self._topics)

    @property
    def _is_shown(self) -> bool:
        return self._shows.is_on(SHOW)

    @property
    def _is_wanted(self) -> bool:
        return self._shows.is_on(SHOW) or bool(self._wanted_by)

    def _plan(self) -> TopicsRequest | Problem:
        return plan(self._document, self._column, wanted=self._is_wanted, showing=self._showing)

    def _renew(self) -> None:
        """Show what is known of the layout that is shown now, or have it found."""
        self._jobs.cancel(self._key)
        self._failure = None
        request = self._plan()
        known = self._known.get(key_of(request)) if isinstance(request, TopicsRequest) else None
        self._show(known)
        if isinstance(request, TopicsRequest) and known is None:
            self._start(request)
        self._tell()

    def _start(self, request: TopicsRequest) -> None:
        call = partial(find_topics, request)
        job = self._jobs.start("Naming clusters", call, lane="io", key=self._key)
        self._job = job
        job.progressed.connect(lambda _progress: self._tell())
        job.done.connect(lambda topics: self._on_found(key_of(request), topics))
        job.failed.connect(self._on_failed)
        job.ended.connect(lambda: self._on_ended(job))

    def _on_found(self, key: tuple[str, str, str | None], topics: Topics) -> None:
        self._known[key] = topics
        for old in list(self._known)[:-KEPT]:
            del self._known[old]
        self._show(topics)

    def _on_failed(self, failure: Failure) -> None:
        self._failure = failure
        self._notices.failure(failure.error, failure.trace)

    def _on_ended(self, job: Job) -> None:
        if self._job is job:
            self._job = None
        self._tell()

    def _on_fact_changed(self, _fact: object) -> None:
        self._renew()

    def _on_corpus_changed(self, _corpus: Corpus | None) -> None:
        self._known.clear()
        self._edits.clear()
        if self._column is not None and self._column not in self.columns:
            self._column = None
        self.columns_changed.emit()
        self._renew()

    def _on_shows_changed(self, name: str) -> None:
        if name == SHOW:
            self._renew()
            self.changed.emit(self._topics)

    def _tell(self) -> None:
        self.state_changed.emit(self.state)


def key_of(request: TopicsRequest) -> tuple[str, str, str | None]:
    """What regions and names are kept by."""
    text = request.column or request.corpus.roles.text
    return request.corpus.fingerprint, request.projection.fingerprint, text
