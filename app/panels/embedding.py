"""Turning the corpus into vectors: which encoder, how long it will take, what is there already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Job, Jobs
from app.notices import Notices, Problem
from app.panels.state import PanelState, state_of
from app.settings import SettingsStore
from backends.embed import EmbedRequest, embed
from backends.embedding_run import whole
from backends.encoders.registry import EncoderInfo, list_encoders
from backends.projections.registry import PcaParams, project
from backends.reporting import Progress, Report
from backends.types import Corpus, Embeddings, Projection

NO_CORPUS = Problem("No corpus is loaded.", "Open a file or the sample.")
NO_TEXT = Problem(
    "No column is chosen as the text.",
    "Choose one above, or right-click a column's header in the table.",
)
UNKNOWN = Problem("This encoder cannot be used here.", "Choose another one.")
KEY = "embedding"
PREVIEW = "preview"
PREVIEW_GROWTH = 1.6  # the first picture is made anew when so many times the items are there
# Texts a second, measured on two cores; only to say beforehand whether it is seconds or hours.
USUAL_SPEED = {"lexical": 2_000.0}
TRANSFORMER_SPEED = 1_000.0
SLOW_START = 3.0  # seconds until a model has been loaded
UNASKED_SECONDS = 60.0  # what takes longer starts only when somebody says so


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """What the panel chooses."""

    encoder: str = "minilm"


def plan(corpus: Corpus | None, settings: EmbeddingSettings) -> EmbedRequest | Problem:
    """What would be computed now, or why nothing can be."""
    if corpus is None:
        return NO_CORPUS
    if corpus.roles.text is None:
        return NO_TEXT
    if not settings.encoder:
        return UNKNOWN
    return EmbedRequest(corpus, settings.encoder, corpus.roles.text)


def expected_seconds(rows: int, encoder: str) -> float:
    """Rough guess from the usual speed on two cores."""
    return SLOW_START + rows / USUAL_SPEED.get(encoder, TRANSFORMER_SPEED)


class EmbeddingModel(QObject):
    """Runs one embedding at a time; what was finished when it is stopped is kept."""

    state_changed = Signal(object)  # PanelState
    settings_changed = Signal(object)  # EmbeddingSettings

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, settings: SettingsStore
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._store = settings
        self._settings = EmbeddingSettings(settings.value.encoder or "minilm")
        self._job: Job | None = None
        self._newest: Embeddings | None = None
        self._pictured = 0  # items in the newest first picture
        self._failure: Failure | None = None
        document.corpus_changed.connect(self._on_corpus_changed)
        document.roles_changed.connect(lambda _corpus: self._tell())

    @property
    def settings(self) -> EmbeddingSettings:
        """What is chosen."""
        return self._settings

    @property
    def encoders(self) -> tuple[EncoderInfo, ...]:
        """What can be chosen, and what could be if it were installed."""
        return list_encoders()

    @property
    def state(self) -> PanelState:
        """What the panel shows."""
        return state_of(self._job, plan(self._document.corpus, self._settings), self._failure)

    @property
    def seconds_expected(self) -> float | None:
        """How long a run would take, roughly; None if it cannot run."""
        corpus = self._document.corpus
        if corpus is None:
            return None
        return expected_seconds(len(corpus), self._settings.encoder)

    def change(self, *, encoder: str) -> None:
        """Choose another encoder, for the next run and the next corpus."""
        self._settings = EmbeddingSettings(encoder)
        self._store.change(encoder=encoder)
        self._failure = None
        self.settings_changed.emit(self._settings)
        self._tell()

    def run_unasked(self) -> None:
        """Start when a corpus was just opened, if that is done within a minute."""
        seconds = self.seconds_expected
        if seconds is not None and seconds <= UNASKED_SECONDS and self._document.active is None:
            self.run()

    def run(self) -> None:
        """Embed the corpus with the chosen encoder; a run under way is stopped first."""
        self._start(plan(self._document.corpus, self._settings))

    def embed_with(self, encoder: str, column: str | None = None) -> None:
        """Embed it with another encoder, as a part of a model; the chosen one stays chosen."""
        request = plan(self._document.corpus, EmbeddingSettings(encoder))
        if column is not None and not isinstance(request, Problem):
            request = replace(request, column=column)
        self._start(request)

    def _start(self, request: EmbedRequest | Problem) -> None:
        if isinstance(request, Problem):
            self._notices.warn(request.text, request.hint)
            return
        self._jobs.cancel(PREVIEW)
        self._keep_partial()
        self._pictured = 0
        self._failure = None
        title = f"Embedding with {request.encoder}"
        job = self._jobs.start(title, partial(embed, request), key=KEY)
        self._job = job
        job.progressed.connect(self._on_progressed)
        job.partial.connect(self._on_partial)
        job.done.connect(self._on_done)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        job.ended.connect(lambda: self._on_ended(job))
        self._tell()

    def stop(self) -> None:
        """Stop; the finished part stays, and the next run goes on from it."""
        if self._job is not None:
            self._job.cancel()

    @property
    def is_running(self) -> bool:
        """Whether an embedding is under way."""
        return self._job is not None

    def _keep_partial(self) -> None:
        newest, self._newest = self._newest, None
        if newest is not None:
            self._show(newest)

    def _show(self, embeddings: Embeddings) -> None:
        """Put embeddings in the place of an earlier part of theirs, of another run if need be."""
        of = whole(embeddings.made_by)
        names = [kept.made_by for kept in self._document.embeddings if kept.made_by != of]
        part = next((name.fingerprint for name in names if whole(name) == of), None)
        self._document.add_embeddings(embeddings, replaces=part)

    def _on_progressed(self, _progress: Progress) -> None:
        self._tell()

    def _on_partial(self, embeddings: Embeddings) -> None:
        """Lay out what is there, so that the first picture stands before the last text is read."""
        self._newest = embeddings
        busy = any(job.key == PREVIEW for job in self._jobs.live)
        if busy or embeddings.count < PREVIEW_GROWTH * self._pictured:
            return
        self._pictured = embeddings.count

        params = PcaParams(dimensions=self._store.value.dimensions)

        def picture(report: Report) -> Projection:
            return project(embeddings, "pca", params, report, measure=False)

        job = self._jobs.start("First picture", picture, lane="io", key=PREVIEW)
        job.done.connect(lambda projection: self._on_previewed(embeddings, projection))

    def _on_previewed(self, embeddings: Embeddings, projection: Projection) -> None:
        if self._job is None:
            return
        with self._document.batch():
            self._show(embeddings)
            self._document.add_projection(projection)

    def _on_done(self, embeddings: Embeddings) -> None:
        self._newest = None
        self._job = None
        self._jobs.cancel(PREVIEW)
        self._show(embeddings)
        for note in embeddings.notes:
            self._notices.info(note)

    def _on_failed(self, failure: Failure) -> None:
        self._failure = failure
        self._keep_partial()
        self._notices.failure(failure.error, failure.trace)

    def _on_cancelled(self) -> None:
        """Keep what is done, whichever button stopped it."""
        self._job = None
        self._jobs.cancel(PREVIEW)
        kept = self._newest
        self._keep_partial()
        if kept is not None:
            self._notices.info(
                f"Stopped after {kept.count:,} of {len(kept):,} items.",
                "They are kept; Embed goes on from there.",
            )

    def _on_ended(self, job: Job) -> None:
        if self._job is job:
            self._job = None
        self._tell()

    def _on_corpus_changed(self, _corpus: object) -> None:
        self._newest = None
        self._failure = None
        self._jobs.cancel(PREVIEW)
        self._jobs.cancel(KEY)
        self._tell()

    def _tell(self) -> None:
        self.state_changed.emit(self.state)
