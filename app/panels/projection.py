"""Laying the active embeddings out: PCA, then the chosen method, and how far to trust it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Job, Jobs
from app.notices import Notices, Problem
from app.panels.embedding import EmbeddingModel
from app.panels.layouts import LayoutsModel
from app.panels.state import PanelState, state_of
from app.settings import SettingsStore
from backends.projections.axes import FEW
from backends.projections.registry import (
    PROJECTIONS,
    AxesParams,
    PcaParams,
    UmapParams,
    project,
)
from backends.reporting import Progress, Report
from backends.types import Embeddings, Faithfulness, Projection

NO_VECTORS = Problem("There are no vectors to lay out.", "Embed the corpus first.")
NO_ROWS = Problem("No item has a usable vector.", "Choose another text column or encoder.")
KEY = "projection"
MEASURE = "measure"
FEWEST = 3  # items with a vector, for UMAP
MOST_UNASKED = 2_000_000  # items that UMAP is begun with before anybody asks: more take an hour


@dataclass(frozen=True, slots=True)
class ProjectionSettings:
    """What the panel chooses; `neighbours`, `min_distance` and `seed` are UMAP's alone."""

    method: str = "umap"
    neighbours: int = 15
    min_distance: float = 0.1
    seed: int = 42
    dimensions: int = 2

    @property
    def is_tunable(self) -> bool:
        """Whether the method looks at UMAP's settings."""
        return PROJECTIONS[self.method].params is UmapParams

    def params(self) -> Any:
        """The parameters in the form that the method takes."""
        if not self.is_tunable:
            kind = AxesParams if self.method == "axes" else PcaParams
            return kind(dimensions=self.dimensions)
        return UmapParams(
            neighbours=self.neighbours,
            min_distance=self.min_distance,
            seed=self.seed,
            dimensions=self.dimensions,
        )


@dataclass(frozen=True, slots=True)
class ProjectionRequest:
    """What would be computed: the embeddings and the settings."""

    embeddings: Embeddings
    settings: ProjectionSettings


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the shown layout can be trusted, and PCA's layout of the same vectors beside it."""

    title: str
    shown: Faithfulness
    pca: Faithfulness | None
    finished: bool = True  # False for the last picture of a stopped run


def plan(
    embeddings: Embeddings | None, settings: ProjectionSettings
) -> ProjectionRequest | Problem:
    """What would be computed now, or why nothing can be."""
    if embeddings is None:
        return NO_VECTORS
    if embeddings.count == 0:
        return NO_ROWS
    return ProjectionRequest(embeddings, settings)


class ProjectionModel(QObject):
    """Runs PCA, then the chosen method; the last picture of a stopped run stays."""

    state_changed = Signal(object)  # PanelState
    settings_changed = Signal(object)  # ProjectionSettings
    partial = Signal(object)  # Projection under way
    trust_changed = Signal(object)  # Trust | None

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        settings: SettingsStore,
        embedding: EmbeddingModel,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._store = settings
        self._embedding = embedding
        self.layouts = LayoutsModel(document, self)
        chosen = settings.value
        method = chosen.method if chosen.method in PROJECTIONS else "umap"
        self._settings = ProjectionSettings(
            method, chosen.neighbours, chosen.min_distance, chosen.seed, chosen.dimensions
        )
        self._job: Job | None = None
        self._laid_out = ""  # fingerprint of the embeddings of the running job
        self._newest: Projection | None = None
        self._failure: Failure | None = None
        document.active_changed.connect(self._on_active_changed)
        document.projection_changed.connect(self._on_projection_changed)

    @property
    def settings(self) -> ProjectionSettings:
        """What is chosen."""
        return self._settings

    @property
    def state(self) -> PanelState:
        """What the panel shows."""
        return state_of(self._job, plan(self._document.active, self._settings), self._failure)

    @property
    def trust(self) -> Trust | None:
        """What is known about the shown layout."""
        shown = self._document.projection
        if shown is None or shown.faithfulness is None:
            return None
        like = (p for p in self._own() if p.method == "pca" and p.dims == shown.dims)
        pca = next(like, None)
        beside = pca.faithfulness if pca is not None else None
        return Trust(shown.title, shown.faithfulness, beside, shown.finished)

    def change(self, **fields: Any) -> None:
        """Choose other settings, as `change(neighbours=30)`; they count from the next run."""
        self._settings = replace(self._settings, **fields)
        self._store.change(**asdict(self._settings))
        self._failure = None
        self.settings_changed.emit(self._settings)
        self._tell()

    def run(self) -> None:
        """Lay out the active embeddings: PCA first if that was not done, then the chosen method."""
        request = plan(self._document.active, self._settings)
        if isinstance(request, Problem):
            self._notices.warn(request.text, request.hint)
            return
        self._failure = None
        methods = [self._method_for(request.embeddings)]
        if methods[0] != self._settings.method:
            self._notices.info(
                f"{PROJECTIONS[self._settings.method].title} needs at least {FEWEST} items with a "
                f"vector; {request.embeddings.count} can be laid out by PCA.",
                "Open more items for a map of neighbourhoods.",
            )
        dims = self._settings.dimensions
        finished = [p.method for p in self._own() if p.faithfulness is not None and p.dims == dims]
        if methods[0] not in ("pca", "axes") and "pca" not in finished:
            methods.insert(0, "pca")
        self._start(request, methods)

    def run_unasked(self) -> None:
        """Lay out embeddings that have just become active, unless that was done or they grow."""
        if self._embedding.is_running or self._job is not None:
            return
        active = self._document.active
        if active is None or active.count == 0:
            return
        method = self._unasked(active)
        if any(p.method == method for p in self._own()):
            return
        if method == self._method_for(active):
            self.run()
            return
        dims = max(2, active.dim) if method == "axes" else self._settings.dimensions
        settings = replace(self._settings, method=method, dimensions=dims)
        self._start(ProjectionRequest(active, settings), [method])
        if method == "pca":
            self._notices.info(
                f"{active.count:,} items are laid out by PCA: UMAP takes an hour or more.",
                "Lay out begins it all the same.",
            )

    def _unasked(self, embeddings: Embeddings) -> str:
        """The method to begin with: a file's vectors may be places already."""
        if embeddings.dim <= FEW and embeddings.encoder == "file":
            return "axes"
        many = embeddings.count > MOST_UNASKED and self._settings.is_tunable
        return "pca" if many else self._method_for(embeddings)

    def stop(self) -> None:
        """Stop; the picture that stands is kept."""
        if self._job is not None:
            self._job.cancel()

    def _own(self) -> list[Projection]:
        """Layouts of the active embeddings, without those of the part that they grew from."""
        active = self._document.active
        name = active.fingerprint if active is not None else ""
        return [p for p in self._document.projections if p.embeddings == name]

    def _method_for(self, embeddings: Embeddings) -> str:
        """The chosen method, or PCA where it is UMAP and there are one or two items."""
        few = embeddings.count < FEWEST and self._settings.is_tunable
        return "pca" if few else self._settings.method

    def _keep_picture(self) -> bool:
        """Show the last picture of a run that ends early; return whether there was one."""
        newest, self._newest = self._newest, None
        if newest is None:
            return False
        self._document.add_projection(newest)
        of = next((e for e in self._document.embeddings if e.fingerprint == self._laid_out), None)
        if of is not None:
            call = partial(_measured, newest, of)
            job = self._jobs.start("Measuring the last picture", call, key=MEASURE)
            # Only what is known of it is new: who looks at another layout goes on doing so.
            job.done.connect(lambda done: self._document.add_projection(done, show=False))
        return True

    def _start(self, request: ProjectionRequest, methods: list[str]) -> None:
        method, *rest = methods
        settings = replace(request.settings, method=method)
        title = f"Layout by {PROJECTIONS[method].title}"
        call = partial(project, request.embeddings, method, settings.params())
        self._newest = None
        job = self._jobs.start(title, call, key=KEY)
        self._job = job
        self._laid_out = request.embeddings.fingerprint
        job.progressed.connect(self._on_progressed)
        job.partial.connect(self._on_partial)
        job.done.connect(lambda projection: self._on_done(projection, request, rest))
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        job.ended.connect(lambda: self._on_ended(job))
        self._tell()

    def _on_progressed(self, _progress: Progress) -> None:
        self._tell()

    def _on_partial(self, projection: Projection) -> None:
        self._newest = projection
        self.partial.emit(projection)

    def _on_done(self, projection: Projection, request: ProjectionRequest, rest: list[str]) -> None:
        self._newest = None
        self._job = None
        self._document.add_projection(projection)
        for note in projection.notes:
            self._notices.info(note)
        if rest:
            self._start(request, rest)

    def _on_failed(self, failure: Failure) -> None:
        self._failure = failure
        self._newest = None
        self._notices.failure(failure.error, failure.trace)

    def _on_cancelled(self) -> None:
        if self._keep_picture():
            self._notices.info("Stopped; the last picture is kept.", "Lay out computes it anew.")

    def _on_ended(self, job: Job) -> None:
        if self._job is job:
            self._job = None
        self._tell()

    def _on_active_changed(self, active: Embeddings | None) -> None:
        wanted = active.fingerprint if active is not None else None
        if self._job is not None and wanted != self._laid_out:
            if any(kept.fingerprint == self._laid_out for kept in self._document.embeddings):
                self._newest = None  # nobody stopped it: it is done on the way back
            self._keep_picture()
            self._job.cancel()
        self.run_unasked()
        self._tell()

    def _on_projection_changed(self, _projection: object) -> None:
        self.trust_changed.emit(self.trust)

    def _tell(self) -> None:
        self.state_changed.emit(self.state)


def _measured(projection: Projection, embeddings: Embeddings, report: Report) -> Projection:
    from backends.projections.faithfulness import faithfulness

    return replace(projection, faithfulness=faithfulness(projection, embeddings, report=report))
