"""Layers and dimensions of a model: how much of its neighbours each size keeps, and what it costs.

What is measured is the model of the active vectors, or the chosen encoder while there are none; of
vectors without a model, and of models without layers, the dimensions alone. A size that was made
an embedding leaves the grid as it is: the model that it is a part of is still the one measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.embedding import EmbeddingModel
from app.panels.ladder import Ladder
from app.panels.run import Run
from app.panels.state import PanelState
from backends.compression.layers import (
    IsoLine,
    LayerCell,
    LayerGrid,
    LayersRequest,
    Pair,
    cheapest,
    iso_costs,
    measure_layers,
)
from backends.compression.leading import OPERATION, leading_dimensions
from backends.encoders.truncated import Cut, base_of, parse_cut
from backends.errors import BackendError
from backends.files import replacing
from backends.types import Embeddings, MadeBy

NO_CORPUS = Problem("Nothing is open yet.", "Open a file or the sample.")
NO_TEXT = Problem("There is no text and there are no vectors.", "Choose the column with the text.")
NO_LAYERS = Problem(
    "The chosen encoder has no layers.",
    "Choose a transformer, as MiniLM; or embed first, then its dimensions can be measured.",
)
TOO_FEW = Problem("There are fewer than two vectors to compare.", "Load or embed more rows.")
NO_GRID = Problem("Nothing is measured yet.", "Measure the layers first.")
NO_CELL = Problem("No size is chosen.", "Click a cell, or walk there with the arrow keys.")
BUSY = Problem("An embedding is being made.", "Wait for it, or stop it.")
WITHOUT_LAYERS = ("lexical",)  # built-in encoders that learn from words
KEY = "layers"
MAKE_KEY = "layers-make"
KEPT = 4  # grids of other models and vectors
GOOD = 0.9  # recall that the advice looks for


@dataclass(frozen=True, slots=True)
class LayersSettings:
    """What the panel chooses."""

    k: int = 10
    sample: int = 2000  # rows among which neighbours are found
    dims: tuple[int, ...] = ()  # none: powers of two


def plan(document: Document, encoder: str, settings: LayersSettings) -> LayersRequest | Problem:
    """What would be measured now, or why nothing can be."""
    corpus = document.corpus
    if corpus is None:
        return NO_CORPUS
    request = LayersRequest(corpus, k=settings.k, sample=settings.sample, dims=settings.dims)
    if document.active is None:
        if corpus.roles.text is None:
            return NO_TEXT
        if encoder in WITHOUT_LAYERS or not encoder:
            return NO_LAYERS
        return replace(request, encoder=base_of(encoder), column=corpus.roles.text)
    made_by, whole = whole_of(document.active, document.embeddings)
    if whole.count < 2:
        return TOO_FEW
    if made_by.operation != "embed" or "encoder" not in made_by.params:
        return replace(request, embeddings=whole)
    name, column = str(made_by.params["encoder"]), str(made_by.params["column"])
    # A part of a model stands for the model; the dimensions of a whole one can be cut in any case.
    stored = whole if parse_cut(name) is None else None
    return replace(request, encoder=base_of(name), column=column, embeddings=stored)


def whole_of(active: Embeddings, there: tuple[Embeddings, ...]) -> tuple[MadeBy, Embeddings]:
    """How the vectors were made that these were cut or compressed from, and they if still there."""
    made_by, whole = active.made_by, active
    names = {value.fingerprint: value for value in there}
    while (base := made_by.base) is not None:
        made_by, whole = base, names.get(base.fingerprint, whole)
    return made_by, whole


def subject(request: LayersRequest) -> tuple[str, ...]:
    """What a request is about: equal for all settings, and for all parts of one model."""
    if request.encoder is not None:
        return request.corpus.fingerprint, request.encoder, request.column or ""
    assert request.embeddings is not None
    return request.corpus.fingerprint, request.embeddings.fingerprint


class LayersModel(QObject):
    """Measures the grid, keeps the ladder of sizes, and makes a size an embedding."""

    state_changed = Signal(object)  # PanelState
    settings_changed = Signal(object)  # LayersSettings
    grid_changed = Signal(object)  # LayerGrid | None
    active_changed = Signal()  # which size is the active embedding

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, embedding: EmbeddingModel
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._embedding = embedding
        self._settings = LayersSettings()
        self._grids: dict[tuple[str, ...], LayerGrid] = {}
        self._grid: LayerGrid | None = None
        self._run: Run[LayerGrid] = Run(self._jobs, self._notices, KEY, self._tell)
        self._embeds = False  # whether an embedding is under way, which `make` waits for
        self.ladder = Ladder(jobs, notices, self)
        document.corpus_changed.connect(self._on_corpus_changed)
        for changed in (document.active_changed, document.roles_changed):
            changed.connect(self._on_fact_changed)
        embedding.settings_changed.connect(self._on_fact_changed)
        embedding.state_changed.connect(self._on_embedding_changed)

    @property
    def settings(self) -> LayersSettings:
        """What is chosen for the next measurement."""
        return self._settings

    @property
    def state(self) -> PanelState:
        """What the panel shows."""
        return self._run.state(self._plan())

    @property
    def grid(self) -> LayerGrid | None:
        """What was measured of the model or vectors at hand, or None."""
        return self._grid

    @property
    def lines(self) -> tuple[IsoLine, ...]:
        """Lines of equal cost through the grid."""
        return iso_costs(self._grid) if self._grid is not None else ()

    @property
    def active_pair(self) -> Pair | None:
        """The size that the active vectors are, if they are one of this grid."""
        active, grid = self._document.active, self._grid
        if active is None or grid is None:
            return None
        made_by, _ = whole_of(active, ())
        if active.made_by.base is not None and active.made_by.operation != OPERATION:
            return None  # compressed otherwise
        if grid.layers is None:
            return 0, active.dim
        cut = parse_cut(str(made_by.params.get("encoder", "")))
        return (cut.layer if cut is not None else grid.layers), active.dim

    @property
    def advice(self) -> str:
        """The cheapest size that keeps most neighbours, in a sentence; "" without a grid."""
        grid = self._grid
        best = cheapest(grid, GOOD) if grid is not None else None
        if grid is None or best is None:
            return ""
        if best.pair == grid.full.pair:
            return f"No smaller size keeps {GOOD:.0%} of the neighbours."
        return f"The cheapest that keeps {GOOD:.0%}: {words_of(grid, best)}."

    def change(self, **fields: Any) -> None:
        """Change settings, as `change(k=5)`, for the next measurement."""
        new = replace(self._settings, **fields)
        if new != self._settings:
            self._settings = new
            self._run.forget_failure()
            self.settings_changed.emit(new)
            self._tell()

    def run(self) -> None:
        """Measure the grid anew; what runs is stopped first."""
        request = self._plan()
        if isinstance(request, Problem):
            self._notices.warn(request.text, request.hint)
            return
        call = partial(measure_layers, request)
        self._run.start("Comparing layers", call, lambda grid: self._on_done(request, grid))

    def stop(self) -> None:
        """Stop measuring; the grid before stays."""
        self._run.stop()

    def make_problem(self, pair: Pair | None) -> Problem | None:
        """Why a size cannot be made an embedding now, or None."""
        if self._grid is None:
            return NO_GRID
        if pair is None:
            return NO_CELL
        return BUSY if self._embedding.is_running else None

    def make(self, layer: int, dims: int) -> None:
        """Embed the whole corpus by the model of that size; shown as any other embedding.

        Where only dimensions are cut and the vectors are there, nothing is encoded again.
        """
        grid = self._grid
        if grid is None or self.make_problem((layer, dims)) is not None:
            return
        whole = grid.request.embeddings
        last = grid.layers is None or layer == grid.layers
        if last and whole is not None and self._is_whole(whole):
            self._cut(grid, whole, dims)
            return
        name = grid.request.encoder
        assert name is not None
        if not (last and dims == grid.dim):
            name = Cut(name, layer, dims).name
        self._embedding.embed_with(name, grid.request.column)

    def save_csv(self, path: str) -> None:
        """Write all cells and the ladder into a file; what goes wrong is said."""
        try:
            with replacing(Path(path)) as draft:
                draft.write_text(self.ladder.csv_text(), encoding="utf-8")
        except BackendError as error:
            self._notices.warn(error.what, error.hint)
        else:
            self._notices.info(f"Saved {path}.")

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        chosen = self._settings
        pairs = self.ladder.chosen
        return {
            "k": chosen.k,
            "sample": chosen.sample,
            "dims": list(chosen.dims),
            "pairs": None if pairs is None else [list(pair) for pair in pairs],
        }

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept; what does not fit is left out."""
        fits: dict[str, Any] = {}
        for name in ("k", "sample"):
            if isinstance(state.get(name), int) and state[name] > 0:
                fits[name] = state[name]
        dims = state.get("dims")
        if isinstance(dims, list) and all(isinstance(item, int) and item > 0 for item in dims):
            fits["dims"] = tuple(dims)
        self.change(**fits)
        self.ladder.restore(state.get("pairs"))

    def _is_whole(self, whole: Embeddings) -> bool:
        """Whether all rows are embedded and the document still has the vectors."""
        there = {value.fingerprint for value in self._document.embeddings}
        return whole.fingerprint in there and "rows_done" not in whole.made_by.params

    def _cut(self, grid: LayerGrid, whole: Embeddings, dims: int) -> None:
        if dims == whole.dim:
            self._document.set_active(whole.fingerprint)
            return
        place = f"layer {grid.layers} of {grid.layers}, " if grid.layers is not None else ""
        call = partial(
            leading_dimensions, whole, dims, title=f"{grid.title}, {place}{dims} dimensions"
        )
        job = self._jobs.start(f"Keeping {dims} dimensions", call, lane="io", key=MAKE_KEY)
        job.done.connect(self._document.add_embeddings)
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))

    def _plan(self) -> LayersRequest | Problem:
        return plan(self._document, self._embedding.settings.encoder, self._settings)

    def _on_done(self, request: LayersRequest, grid: LayerGrid) -> None:
        key = subject(request)
        self._grids.pop(key, None)
        self._grids[key] = grid
        for old in list(self._grids)[:-KEPT]:
            del self._grids[old]
        self._show()

    def _on_corpus_changed(self, _corpus: object) -> None:
        for key in (KEY, MAKE_KEY):
            self._jobs.cancel(key)
        self._grids.clear()
        self._run.forget_failure()
        self._show()
        self._tell()

    def _on_fact_changed(self, _fact: object) -> None:
        self._show()
        self._tell()
        self.active_changed.emit()

    def _on_embedding_changed(self, _state: object) -> None:
        if self._embeds != self._embedding.is_running:
            self._embeds = not self._embeds
            self.active_changed.emit()

    def _show(self) -> None:
        """Show what is known of the model or vectors at hand."""
        request = self._plan()
        known = None if isinstance(request, Problem) else self._grids.get(subject(request))
        if known is not self._grid:
            self._grid = known
            self.ladder.set_grid(known)
            self.grid_changed.emit(known)

    def _tell(self) -> None:
        self.state_changed.emit(self.state)


def words_of(grid: LayerGrid, cell: LayerCell) -> str:
    """A size and what it keeps and costs, in one line."""
    place = f"layer {cell.layer} of {grid.layers}, " if grid.layers is not None else ""
    recall = cell.recall
    kept = f"recall@{grid.k} {recall.mean:.1%} ({recall.low:.1%} to {recall.high:.1%})"
    size = f"{cell.bytes_per_vector:,} bytes"
    if cell.seconds != cell.seconds:  # no model runs
        return f"{place}{cell.dims:,} dimensions: {kept}, {size}"
    time = f"{1000 * cell.seconds:.2g} ms a text ({cell.relative_time:.0%})"
    return f"{place}{cell.dims:,} dimensions: {kept}, {size}, {time}"
