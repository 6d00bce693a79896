"""Regions of the map as a column of the items: to colour by, to filter by, to take away.

The column is put in when a person asks for it. It belongs to the layout of that moment and stays
when another one is shown; what its regions are called follows the labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Jobs
from app.notices import Notices
from app.panels.topic_names import Topics
from app.panels.topics import TopicsModel
from backends import fingerprint
from backends.corpora.computed import HOW, Classes, as_column
from backends.reporting import Report
from backends.types import Corpus, MadeBy

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "topic column"
NAME = "cluster"
OPERATION = "cluster"  # by which the column was made
LEVELS = ("coarse", "medium", "fine", "finer", "finest")


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A level that regions can be taken of."""

    level: int
    name: str
    count: int  # its regions


class TopicColumn(QObject):
    """Puts the regions of a level into the document and keeps their names true."""

    put = Signal(object)  # str: a person asked for it, and there it is
    changed = Signal()  # which levels there are

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, topics: TopicsModel
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._topics = topics
        self._name: str | None = None  # of the column that is kept true
        self._of: str | None = None  # fingerprint of the layout whose regions it holds
        self._level = 0
        self._gone: tuple[str, str, int] | None = None  # one that was removed: it may come back
        topics.changed.connect(self._on_topics_changed)
        document.corpus_changed.connect(self._on_corpus_changed)
        document.column_renamed.connect(self._on_column_renamed)
        document.columns_changed.connect(self._on_columns_changed)

    @property
    def levels(self) -> tuple[LevelChoice, ...]:
        """Levels of the regions that are shown, coarse to fine."""
        topics = self._topics.topics
        if topics is None:
            return ()
        counts = Counter(region.level for region in topics.regions.all)
        return tuple(
            LevelChoice(level, LEVELS[level], counts[level])
            for level in range(topics.regions.levels)
            if counts[level]
        )

    @property
    def name(self) -> str | None:
        """The column that holds regions, if there is one."""
        return self._name

    def put_level(self, level: int) -> None:
        """Put the regions of a level into a column; it replaces the one put in before."""
        topics = self._topics.topics
        if topics is not None:
            self._of, self._level, self._gone = topics.projection, level, None
            self._start(topics, asked=True)

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project; the column itself is one of the document's."""
        return {"name": self._name, "of": self._of, "level": self._level}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Go on keeping a column's names true. Raises: KeyError, TypeError, ValueError."""
        corpus = self._document.corpus
        if corpus is not None and state["name"] in corpus.computed:
            level = int(state["level"])
            self._name, self._of, self._level = str(state["name"]), str(state["of"]), level

    def _start(self, topics: Topics, *, asked: bool) -> None:
        names = [self._topics.text(number) for number in range(len(topics.regions))]
        own = [self._topics.is_renamed(number) for number in range(len(topics.regions))]
        call = partial(_column_of, topics, self._level, names, own)
        job = self._jobs.start("Putting clusters into a column", call, lane="io", key=KEY)
        job.done.connect(lambda made: self._on_made(topics, *made, asked=asked))
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))

    def _on_made(self, topics: Topics, column: pa.ChunkedArray, named: str, *, asked: bool) -> None:
        corpus = self._document.corpus
        if corpus is None or len(corpus) != len(column):
            return
        how = f"Clusters of the map, {LEVELS[self._level]}"
        params = {"level": self._level, "names": named, HOW: how}
        made_by = MadeBy(OPERATION, (corpus.fingerprint, topics.projection), params)
        wanted = self._name or NAME
        self._name = self._document.put_column(wanted, column, made_by, replaces=self._name)
        if asked:
            self.put.emit(self._name)

    def _on_topics_changed(self, topics: Topics | None) -> None:
        self.changed.emit()
        if topics is not None and self._name is not None and topics.projection == self._of:
            self._start(topics, asked=False)

    def _on_corpus_changed(self, _corpus: Corpus | None) -> None:
        self._jobs.cancel(KEY)
        self._name = self._of = self._gone = None

    def _on_column_renamed(self, names: tuple[str, str]) -> None:
        if names[0] == self._name:
            self._name = names[1]

    def _on_columns_changed(self, corpus: Corpus) -> None:
        """Let go of a column that was removed, and take it up again when that is undone."""
        if self._name is not None and self._name not in corpus.computed:
            self._jobs.cancel(KEY)
            self._gone = (self._name, self._of or "", self._level)
            self._name = self._of = None
        elif self._name is None and self._gone is not None:
            how = corpus.computed.get(self._gone[0])
            if how is not None and how.operation == OPERATION:
                self._name, self._of, self._level = self._gone
                self._gone = None


def _column_of(
    topics: Topics, level: int, names: list[str], own: list[bool], report: Report
) -> tuple[pa.ChunkedArray, str]:
    """Each row's region by name, and a name for all those names.

    Regions that a person calls alike are one class; those that are alike by chance get a number.
    """
    report.step(0, 1, "Looking up clusters")
    place: dict[str, int] = {}
    code = np.full(len(names) + 1, -1, np.int32)  # the last entry: no region
    for number, region in enumerate(topics.regions.all):
        if region.level != level:
            continue
        name, count = names[number], 1
        while name in place and not own[number]:
            count += 1
            name = f"{names[number]} ({count})"
        code[number] = place.setdefault(name, len(place))
    codes = code[topics.regions.codes(level)]  # (n,)
    column = as_column(Classes(codes, tuple(place)), len(codes))
    return column, fingerprint.of_json(list(place))
