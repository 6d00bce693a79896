"""Labels of the map: the regions of its layout, what they are called, and what a person made of it.

Regions and names are found in the background whenever a finished layout is shown and somebody
wants to see them; they are kept by layout and text column. Renaming and hiding can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.jobs import Failure, Job, Jobs
from app.notices import Notices, Problem
from app.panels.hit_texts import title_column
from app.panels.labels import label_column
from app.panels.shows import ShowsModel
from app.panels.state import PanelState, state_of
from app.panels.topic_edits import (
    Edits,
    EditTopics,
    TopicLabel,
    labels_of,
    read_edits,
    spot_of,
    with_edit,
)
from backends.curate.naming import Names, NamingRequest, name_regions
from backends.curate.regions import Regions, find_regions
from backends.reporting import Report
from backends.selection import Mode, select
from backends.types import Corpus, Embeddings, Projection

NO_CORPUS = Problem("Nothing is open yet.", "Open a file or the sample.")
NO_LAYOUT = Problem("There is no map to name the regions of.", "Lay the vectors out first.")
SWITCHED_OFF = Problem("Labels are switched off.", "Switch them on in the menu View.")
KEY = "topics"
SHOW = "labels"
KEPT = 3  # layouts and columns whose regions are kept


@dataclass(frozen=True, eq=False)
class Topics:
    """Regions of a layout and their automatic names."""

    projection: str  # fingerprint of the layout
    column: str | None  # the column that was asked for
    regions: Regions
    names: Names


@dataclass(frozen=True, eq=False)
class TopicsRequest:
    """What would be computed."""

    corpus: Corpus
    projection: Projection
    embeddings: Embeddings | None
    column: str | None


def plan(document: Document, column: str | None, *, wanted: bool = True) -> TopicsRequest | Problem:
    """What would be computed now, or why nothing can be."""
    if document.corpus is None:
        return NO_CORPUS
    if document.projection is None:
        return NO_LAYOUT
    if not wanted:
        return SWITCHED_OFF
    return TopicsRequest(document.corpus, document.projection, document.active, column)


def find_topics(request: TopicsRequest, report: Report) -> Topics:
    """Find the regions of a layout and name them. Raises: BackendError, Cancelled."""
    layout, corpus = request.projection.layout, request.corpus
    regions = find_regions(layout, report.span(0, 0.4))
    naming = NamingRequest(
        corpus,
        regions,
        layout,
        request.column or corpus.roles.text,
        request.column or label_column(corpus) or title_column(corpus),
        request.embeddings.vectors if request.embeddings is not None else None,
    )
    names = name_regions(naming, report.span(0.4, 1))
    return Topics(request.projection.fingerprint, request.column, regions, names)


class TopicsModel(QObject):
    """Has regions found and named, and remembers what a person calls them."""

    changed = Signal(object)  # Topics | None: others, or other words for them
    state_changed = Signal(object)  # PanelState
    column_changed = Signal(object)  # str | None
    go_requested = Signal(object)  # number of the region to look at

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        shows: ShowsModel,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._history = history
        self._shows = shows
        self._column: str | None = None
        self._known: dict[tuple[str, str, str | None], Topics] = {}
        self._topics: Topics | None = None
        self._edits: dict[str, Edits] = {}  # by fingerprint of the layout
        self._labels: tuple[TopicLabel, ...] | None = None
        self._job: Job | None = None
        self._failure: Failure | None = None
        self._wanted_by: set[str] = set()
        document.projection_changed.connect(lambda _projection: self._renew())
        document.roles_changed.connect(lambda _corpus: self._renew())
        document.corpus_changed.connect(self._on_corpus_changed)
        shows.changed.connect(self._on_shows_changed)

    @property
    def topics(self) -> Topics | None:
        """Regions and automatic names of the layout that is shown, once they are known."""
        return self._topics

    @property
    def labels(self) -> tuple[TopicLabel, ...]:
        """What is to be written on the map; nothing while labels are switched off."""
        topics = self._topics
        if topics is None or not self._shows.is_on(SHOW):
            return ()
        if self._labels is None:
            self._labels = labels_of(topics.regions, topics.names, self._own_edits)
        return self._labels

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
            self.column_changed.emit(name)
            self._renew()

    def want(self, who: str, *, wanted: bool) -> None:
        """Have regions found for somebody who shows them, be the labels on or off."""
        before = self._is_wanted
        (self._wanted_by.add if wanted else self._wanted_by.discard)(who)
        if before != self._is_wanted:
            self._renew()

    def text(self, number: int) -> str:
        """What a region is called: by the person, else automatically."""
        assert self._topics is not None
        edit = self._own_edits.get(spot_of(self._topics.regions.all[number]))
        return edit.name if edit is not None and edit.name else self._topics.names.text(number)

    def is_hidden(self, number: int) -> bool:
        """Whether a region's label is not shown."""
        edit = self._edit(number)
        return edit is not None and edit.hidden

    def is_edited(self, number: int) -> bool:
        """Whether a region is called or shown otherwise than automatically."""
        return self._edit(number) is not None

    def rename(self, number: int, name: str) -> None:
        """Call a region by another name; an empty one brings the automatic name back."""
        name = " ".join(name.split())
        if self._topics is None or name == self.text(number):
            return
        automatic = not name or name == self._topics.names.text(number)
        self._change(
            number, None if automatic else name, self.is_hidden(number), f"rename to “{name}”"
        )

    def hide(self, number: int, *, hidden: bool = True) -> None:
        """Hide the label of a region, or show it again; the region stays."""
        if self._topics is not None and hidden != self.is_hidden(number):
            edit = self._edit(number)
            verb = "hide" if hidden else "show"
            name = edit.name if edit is not None else None
            self._change(number, name, hidden, f"{verb} label “{self.text(number)}”")

    def reset(self, number: int | None = None) -> None:
        """Bring the automatic label of a region back, or those of all regions of this layout."""
        if self._topics is None or not self._own_edits:
            return
        if number is None:
            self._do({}, "bring automatic labels back")
        elif self.is_edited(number):
            self._change(number, None, False, "bring an automatic label back")

    def select(self, number: int, mode: Mode = "replace") -> None:
        """Select the items of a region."""
        topics = self._topics
        if topics is None:
            return
        region = topics.regions.all[number]
        chosen = select(
            topics.regions.rows(number),
            f"cluster “{self.text(number)}”",
            kind="cluster",
            projection=topics.projection,
            level=region.level,
            peak=[float(value) for value in region.peak],
            name=self.text(number),
        )
        self._history.select(chosen, mode)

    def go_to(self, number: int) -> None:
        """Look at a region on the map."""
        if self._topics is not None:
            self.go_requested.emit(number)

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
        if isinstance(column, str):
            self.set_column(column)
        self.changed.emit(self._topics)

    def set_edits(self, layout: str, edits: Edits) -> None:
        """Take what a person made of a layout's labels, without a trace in the history."""
        self._edits[layout] = edits
        self._labels = None
        self.changed.emit(self._topics)

    @property
    def _is_wanted(self) -> bool:
        return self._shows.is_on(SHOW) or bool(self._wanted_by)

    @property
    def _own_edits(self) -> Edits:
        return self._edits.get(self._topics.projection, {}) if self._topics is not None else {}

    def _edit(self, number: int) -> Any:
        if self._topics is None:
            return None
        return self._own_edits.get(spot_of(self._topics.regions.all[number]))

    def _change(self, number: int, name: str | None, hidden: bool, words: str) -> None:
        assert self._topics is not None
        spot = spot_of(self._topics.regions.all[number])
        self._do(with_edit(self._own_edits, spot, name, hidden), words)

    def _do(self, edits: Edits, words: str) -> None:
        assert self._topics is not None
        layout = self._topics.projection
        self._history.do(EditTopics(self, layout, self._edits.get(layout, {}), edits, words))

    def _plan(self) -> TopicsRequest | Problem:
        return plan(self._document, self._column, wanted=self._is_wanted)

    def _renew(self) -> None:
        """Show what is known of the layout that is shown now, or have it found."""
        self._jobs.cancel(KEY)
        self._failure = None
        request = self._plan()
        known = self._known.get(_key(request)) if isinstance(request, TopicsRequest) else None
        self._show(known)
        if isinstance(request, TopicsRequest) and known is None:
            self._start(request)
        self._tell()

    def _start(self, request: TopicsRequest) -> None:
        job = self._jobs.start("Naming regions", partial(find_topics, request), lane="io", key=KEY)
        self._job = job
        job.progressed.connect(lambda _progress: self._tell())
        job.done.connect(lambda topics: self._on_found(_key(request), topics))
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

    def _on_corpus_changed(self, _corpus: Corpus | None) -> None:
        self._known.clear()
        self._edits.clear()
        if self._column is not None and self._column not in self.columns:
            self._column = None
            self.column_changed.emit(None)
        self._renew()

    def _on_shows_changed(self, name: str) -> None:
        if name == SHOW:
            self._renew()
            self.changed.emit(self._topics)

    def _show(self, topics: Topics | None) -> None:
        if topics is not self._topics:
            self._topics, self._labels = topics, None
            self.changed.emit(topics)

    def _tell(self) -> None:
        self.state_changed.emit(self.state)


def _key(request: TopicsRequest) -> tuple[str, str, str | None]:
    text = request.column or request.corpus.roles.text
    return request.corpus.fingerprint, request.projection.fingerprint, text
