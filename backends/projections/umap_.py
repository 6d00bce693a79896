"""umap-learn, the reference implementation, on our exact neighbours, and moving while it works."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.errors import MissingPackage
from backends.graph import NeighbourGraph, neighbour_graph
from backends.projections.base import SPREAD, Sheet, UmapParams, umap_sheet
from backends.projections.live import pictures, recall_note
from backends.projections.pca import components
from backends.reporting import SILENT, Report
from backends.types import Embeddings, Projection

_SPECTRAL_FROM = 1000  # rows; for fewer its eigenvector solver often fails
_REPULSIONS = 5


def project_umap_learn(
    embeddings: Embeddings, params: UmapParams, report: Report = SILENT
) -> tuple[Projection, Sheet]:
    """Lay rows out with umap-learn's own fuzzy set, spectral start and optimisation.

    The layout is float32 (n, 2 or 3), centred on 0. Importing the library, its compilation in a new
    process and the spectral start take seconds and cannot be stopped; the optimisation can at
    every epoch.

    Raises: TooFewRows below three rows with a vector; BackendError for settings out of range;
    MissingPackage.
    """
    title, versions = "UMAP (umap-learn)", {"umap-learn": _version()}
    sheet = umap_sheet(embeddings, params, method="umap-learn", title=title, versions=versions)
    neighbours = min(params.neighbours, embeddings.count)
    with sheet.stage("neighbours"):
        graph = neighbour_graph(embeddings, neighbours - 1, report.span(0.0, 0.2))
    if graph.recall < 1.0:
        sheet.notes.append(recall_note(graph.recall))
    with sheet.stage("import"):
        report.step(0.2, 1, "Loading umap-learn")
        import umap  # noqa: F401  first, so that the seconds it takes have a name of their own
    random = np.random.RandomState(params.seed)
    with sheet.stage("memberships"):
        report.step(0.25, 1, "Joining neighbourhoods")
        edges = library_fuzzy_set(graph, random)
    with sheet.stage("start"):
        report.step(0.35, 1, "Spectral start")
        start = _start(embeddings, graph, edges, random, params.dimensions)
    with sheet.stage("layout"):
        stage = report.span(0.4, 1.0)
        layout = _optimise(edges, start, params, _Watch(sheet, stage, start), random)
    return sheet.draw(layout), sheet


def library_fuzzy_set(graph: NeighbourGraph, random: np.random.RandomState) -> Any:
    """umap-learn's fuzzy simplicial set of the graph, a scipy COO matrix (m, m)."""
    from umap.umap_ import fuzzy_simplicial_set

    m = len(graph.rows)
    own = np.arange(m, dtype=np.int32)[:, None]
    indices = np.concatenate([own, graph.neighbours], axis=1)  # (m, k + 1) with the row itself
    distances = np.maximum(1.0 - graph.similarities, 0.0, dtype=np.float32)
    distances[distances < 1e-6] = 0.0  # as float32 cannot tell them from equal
    distances = np.concatenate([np.zeros((m, 1), np.float32), distances], axis=1)
    unused = np.empty((m, 1), dtype=np.float32)  # only its length is looked at
    found = fuzzy_simplicial_set(
        unused, graph.k + 1, random, "cosine", knn_indices=indices, knn_dists=distances
    )
    return found[0].tocoo()


def _version() -> str:
    try:
        return version("umap-learn")
    except PackageNotFoundError as error:
        raise MissingPackage("This layout", "umap-learn") from error


def _start(
    embeddings: Embeddings,
    graph: NeighbourGraph,
    edges: Any,
    random: np.random.RandomState,
    dimensions: int,
) -> Matrix:
    """Start of umap-learn's extent of 0..10: spectral, or PCA for few or disconnected rows.

    umap-learn lays out each connected part by itself, and its solver fails on small ones.
    """
    from scipy.sparse.csgraph import connected_components
    from umap.spectral import spectral_layout
    from umap.umap_ import noisy_scale_coords

    layout: NDArray[Any] = components(embeddings, dimensions=dimensions)
    parts, _ = connected_components(edges)
    if len(graph.rows) >= _SPECTRAL_FROM and parts == 1:
        vectors = embeddings.vectors[graph.rows]
        layout = spectral_layout(vectors, edges, dimensions, random, metric="cosine")
    if not np.abs(layout).max() > 0.0:  # equal vectors: any start is as good
        layout = random.uniform(-10.0, 10.0, size=layout.shape)
    layout = noisy_scale_coords(layout, random, max_coord=10, noise=0.0001)
    low, high = layout.min(axis=0), layout.max(axis=0)
    return np.ascontiguousarray(10.0 * (layout - low) / (high - low), dtype=np.float32)


def _optimise(
    edges: Any, layout: Matrix, params: UmapParams, watch: _Watch, random: np.random.RandomState
) -> Matrix:
    from umap.layouts import optimize_layout_euclidean
    from umap.umap_ import find_ab_params, make_epochs_per_sample

    epochs = params.epochs or (500 if len(layout) <= 10_000 else 200)  # its own defaults
    watch.epochs = epochs
    kept = edges.data >= edges.data.max() / epochs
    a, b = find_ab_params(SPREAD, params.min_distance)
    limits = np.iinfo(np.int32)
    done: Matrix = optimize_layout_euclidean(
        layout,
        layout,
        edges.row[kept],
        edges.col[kept],
        epochs,
        len(layout),
        make_epochs_per_sample(edges.data[kept], epochs),
        a,
        b,
        random.randint(limits.min, limits.max, 3).astype(np.int64),
        negative_sample_rate=_REPULSIONS,
        tqdm_kwds={"file": watch, "disable": False, "mininterval": 0, "miniters": 1},
        move_other=True,
    )
    return done


@dataclass
class _Watch:
    """The file that umap-learn's progress bar writes to: each line is an epoch, and a way out.

    The optimisation works in the array `layout`, so its movement can be seen from here.
    """

    sheet: Sheet
    report: Report
    layout: Matrix
    epochs: int = 1

    def __post_init__(self) -> None:
        self._show = pictures(self.sheet, self.report)
        self._epoch = 0
        self._left = False

    def write(self, text: str) -> None:
        """Report an epoch. Raises Cancelled once; the bar still writes while it is closed."""
        if self._left or not text.strip():
            return
        self._epoch = min(self._epoch + 1, self.epochs)
        try:
            self.report.step(self._epoch - 1, self.epochs, "Optimising the layout")
            self._show(self.layout, self._epoch)
        except BaseException:
            self._left = True
            raise

    def flush(self) -> None:
        """Nothing is kept back."""
