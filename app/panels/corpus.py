"""Getting a corpus in: look at the head, ask only where a guess is unsafe, then read the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, cast

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Job, Jobs
from app.notices import Notices
from app.settings import SettingsStore
from backends.corpora.reading import Preview, ReadOptions, inspect, read_corpus, save_pasted
from backends.reporting import Report
from backends.types import Corpus
from resources import SAMPLE

KEY = "open"
Split = Literal["line", "paragraph", "file"]


class CorpusModel(QObject):
    """Opens files, folders and pasted text; what was open stays until the new one has been read."""

    asked = Signal(object)  # Preview: somebody has to say what is what, then calls `read`
    opened = Signal(object)  # Corpus, after the document has it

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, settings: SettingsStore
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._settings = settings

    def open(self, paths: Sequence[Path], options: ReadOptions | None = None) -> None:
        """Look at files, then read them or ask; `options` come from the command line."""
        if not paths:
            return
        chosen = tuple(paths)
        job = self._start(f"Looking at {chosen[0].name}", partial(inspect, chosen))
        job.done.connect(lambda preview: self._on_inspected(preview, options or ReadOptions()))

    def open_sample(self) -> None:
        """Open the 10,000 WordNet definitions that come with the application."""
        self.open([SAMPLE])

    def paste(self, text: str) -> None:
        """Open pasted text or a pasted table."""
        if not text.strip():
            self._notices.warn(
                "There is no text on the clipboard.", "Copy some lines or table cells first."
            )
            return
        job = self._start("Looking at the clipboard", lambda _report: save_pasted(text))
        job.done.connect(lambda path: self.open([path]))

    def read(self, paths: Sequence[Path], options: ReadOptions) -> None:
        """Read files with every question answered."""
        if options.split is not None:
            self._settings.change(split=options.split)
        title = f"Reading {paths[0].name}"
        job = self._start(title, partial(read_corpus, tuple(paths), options))
        job.done.connect(self._on_read)

    def _start(self, title: str, call: Callable[[Report], object]) -> Job:
        job = self._jobs.start(title, call, lane="io", key=KEY)
        job.failed.connect(self._on_failed)
        return job

    def _on_inspected(self, preview: Preview, options: ReadOptions) -> None:
        named = options.text or options.vectors or options.split
        if preview.question == "split" and not named and self._settings.value.split:
            options = ReadOptions(split=cast("Split", self._settings.value.split))
            named = options.split
        if preview.question is None or named:
            self.read(preview.paths, options)
        else:
            self.asked.emit(preview)

    def _on_read(self, corpus: Corpus) -> None:
        self._document.set_corpus(corpus)
        for note in corpus.notes:
            self._notices.info(note)
        self.opened.emit(corpus)

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)
