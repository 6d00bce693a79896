"""What all projections share: their settings, and the sheet on which a layout is handed over."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from backends.arrays import Matrix, Rows, frozen
from backends.errors import BackendError, TooFewRows
from backends.types import Embeddings, MadeBy, Projection

DIMENSIONS = (2, 3)  # that a layout can have
SPREAD = 1.0  # UMAP's scale of the layout: how far apart what belongs together may lie


@dataclass(frozen=True, slots=True)
class PcaParams:
    """Settings of PCA."""

    unit_length: bool = True  # compare directions only, as search and UMAP do
    dimensions: int = 2  # 3 for a layout in space


@dataclass(frozen=True, slots=True)
class AxesParams:
    """Settings of the vectors' own axes."""

    dimensions: int = 2  # 3 for a layout in space


@dataclass(frozen=True, slots=True)
class UmapParams:
    """Settings of UMAP, own and umap-learn's. A seed gives the same layout again on a machine."""

    neighbours: int = 15  # with the row itself, as umap-learn counts
    min_distance: float = 0.1
    epochs: int | None = None  # None: by the number of rows
    seed: int = 42
    dimensions: int = 2  # 3 for a layout in space


@dataclass
class Sheet:
    """Turns layouts of rows that have a vector into `Projection`s of the corpus, with times."""

    embeddings: Embeddings
    method: str
    title: str
    params: Mapping[str, Any]
    versions: Mapping[str, str]
    stages: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    is_exact: bool = False  # the layout holds all that the vectors hold: nothing to be measured

    @property
    def rows(self) -> Rows:
        """Corpus rows that have a vector, ascending."""
        return np.flatnonzero(self.embeddings.present).astype(np.int64)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the seconds of the block to a stage."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self.stages[name] = self.stages.get(name, 0.0) + spent

    def draw(self, layout: Matrix, *, epoch: int | None = None) -> Projection:
        """Return a projection of a copy of the layout (m, 2 or 3) of the rows present.

        It is centred on 0.

        `epoch` marks a picture on the way to the finished one, which has a name of its own.
        """
        params = dict(self.params) if epoch is None else {**self.params, "stopped_after": epoch}
        whole = np.full((len(self.embeddings), layout.shape[1]), np.nan, dtype=np.float32)
        centre = layout.mean(axis=0, dtype=np.float64)
        whole[self.embeddings.present] = layout - centre
        return Projection(
            frozen(whole),
            self.method,
            self.title if layout.shape[1] == 2 else f"{self.title} 3D",
            MadeBy("project", (self.embeddings.fingerprint,), params, self.versions),
            finished=epoch is None,
            stages=dict(self.stages),
            notes=tuple(self.notes),
        )


def recorded(params: AxesParams | PcaParams | UmapParams) -> dict[str, Any]:
    """Settings as a layout keeps them.

    Two dimensions go without saying: layouts have the names that they had before there were three.

    Raises: BackendError for other dimensions than two or three.
    """
    if params.dimensions not in DIMENSIONS:
        raise BackendError(
            f"A layout has 2 or 3 dimensions, not {params.dimensions}.",
            hint="2 is a map, 3 is a space that can be turned.",
        )
    kept = asdict(params)
    if params.dimensions == 2:
        del kept["dimensions"]
    return kept


def umap_sheet(
    embeddings: Embeddings,
    params: UmapParams,
    *,
    method: str,
    title: str,
    versions: Mapping[str, str],
) -> Sheet:
    """Begin a UMAP layout: check what was asked and say what has to be changed.

    Raises: TooFewRows below three rows with a vector; BackendError for settings out of range.
    """
    if params.neighbours < 2:
        raise BackendError(
            f"UMAP needs at least 2 neighbours, not {params.neighbours}.",
            hint="15 is usual; more show the larger structure.",
        )
    if not 0.0 <= params.min_distance <= SPREAD:
        raise BackendError(
            f"The minimum distance must be from 0 to {SPREAD:g}, not {params.min_distance:g}.",
            hint="0.1 is usual; 0 packs clusters tightly.",
        )
    if params.epochs is not None and params.epochs < 1:
        raise BackendError(
            f"UMAP needs at least one epoch, not {params.epochs}.",
            hint="Leave the number of epochs open to have it chosen by the number of rows.",
        )
    n = embeddings.count
    if n < 3:
        raise TooFewRows(
            f"UMAP needs at least 3 rows with a vector, but there are {n}.",
            hint="Use PCA for so few, or load more rows.",
        )
    sheet = Sheet(embeddings, method, title, recorded(params), versions)
    if n < params.neighbours:
        sheet.notes.append(
            f"Only {n} rows have a vector, so {n} neighbours were used, not {params.neighbours}."
        )
    return sheet
