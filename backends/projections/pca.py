"""Principal components: where the vectors spread most, exact and in a moment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, unit_rows
from backends.decompositions import eigh
from backends.errors import TooFewRows
from backends.projections.base import PcaParams, Sheet, recorded
from backends.reporting import SILENT, Report
from backends.types import Embeddings, Projection

EXTENT = 10.0  # largest coordinate on the screen
_DENSE = 1200  # dimensions up to which all directions are computed
_BLOCK_VALUES = 1 << 21  # values of a block: 16 MiB in float64


def project_pca(
    embeddings: Embeddings, params: PcaParams, report: Report = SILENT
) -> tuple[Projection, Sheet]:
    """Lay rows out along their leading principal components, two or three.

    The layout is float32 (n, 2 or 3), centred on 0, its largest coordinate is `EXTENT`. Vectors
    with one dimension, or all alike, lie on a line or a point.

    Raises: TooFewRows if no row has a vector; BackendError for other dimensions.
    Reference: Pearson 1901; components by eigen-decomposition of the covariance in float64.
    """
    if embeddings.count == 0:
        raise TooFewRows(
            "There is nothing to lay out: no row has a vector.",
            hint="Embed a text column, or load a file with vectors.",
        )
    sheet = Sheet(embeddings, "pca", "PCA", recorded(params), {"pca": "1"})
    with sheet.stage("components"):
        layout = components(
            embeddings,
            unit_length=params.unit_length,
            report=report,
            dimensions=params.dimensions,
        )
    return sheet.draw(layout), sheet


def components(
    embeddings: Embeddings,
    *,
    unit_length: bool = True,
    report: Report = SILENT,
    dimensions: int = 2,
) -> Matrix:
    """Coordinates (m, dimensions) float32 of the m rows present, on the scale of the screen.

    Each axis points where its largest loading is positive, so that runs agree.
    """
    rows = np.flatnonzero(embeddings.present).astype(np.int64)
    blocks = _Blocks(embeddings, rows, unit_length)
    mean, covariance = _covariance(blocks, report.span(0.0, 0.6))
    axes = _leading(covariance, dimensions)  # (d, dimensions)
    layout = np.zeros((len(rows), dimensions), dtype=np.float64)
    rest = report.span(0.6, 1.0)
    for block in batches(len(rows), blocks.size):
        rest.step(block.start, len(rows), "Principal components")
        layout[block, : axes.shape[1]] = (blocks[block] - mean) @ axes  # (b, dimensions)
    peak = float(np.abs(layout).max())
    # Rounding spreads even equal vectors a little: what is below it is no direction.
    if peak <= 1e-6 * float(np.abs(mean).max()):
        return np.zeros((len(rows), dimensions), dtype=np.float32)
    scaled: Matrix = (layout * (EXTENT / peak)).astype(np.float32)
    return scaled


class _Blocks:
    """Rows with a vector as float64, a block at a time."""

    def __init__(self, embeddings: Embeddings, rows: Rows, unit_length: bool) -> None:
        self._vectors = embeddings.vectors
        self._all = len(rows) == len(embeddings)
        self._rows = rows
        self._unit = unit_length
        self.count = len(rows)
        self.dim = embeddings.dim
        self.size = max(1, _BLOCK_VALUES // self.dim)

    def __getitem__(self, block: slice) -> NDArray[np.float64]:
        part = self._vectors[block] if self._all else self._vectors[self._rows[block]]
        return (unit_rows(part) if self._unit else part).astype(np.float64)


def _covariance(blocks: _Blocks, report: Report) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (d,) and scatter (d, d). Shifted by the first row: no cancellation far from 0."""
    shift = blocks[slice(0, 1)][0]  # (d,)
    total = np.zeros(blocks.dim)
    scatter = np.zeros((blocks.dim, blocks.dim))
    for block in batches(blocks.count, blocks.size):
        report.step(block.start, blocks.count, "Principal components")
        part = blocks[block] - shift  # (b, d)
        total += part.sum(axis=0)
        scatter += part.T @ part
    offset = total / blocks.count
    scatter -= np.outer(offset, total)
    return shift + offset, scatter


def _leading(scatter: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The directions of largest scatter, (d, count), or (d, d) where there are fewer."""
    dim = len(scatter)
    peak = np.abs(scatter).max()
    if peak == 0.0 or not np.isfinite(peak):
        return np.eye(dim)[:, :count]
    if dim <= _DENSE:
        # It comes with scikit-learn.
        from threadpoolctl import threadpool_limits

        # Its many small steps wait for each other: on busy cores two threads took 2 s, one 15 ms.
        with threadpool_limits(1, "blas"):
            _, directions = eigh(scatter / peak)  # ascending
    else:
        from scipy.sparse.linalg import eigsh

        # A few of thousands: Lanczos takes a second where the full decomposition takes a minute.
        values, directions = eigsh(scatter / peak, k=count, which="LA", v0=np.ones(dim))
        directions = directions[:, np.argsort(values)]
    axes: NDArray[np.float64] = directions[:, ::-1][:, :count]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    return axes * np.where(largest < 0, -1.0, 1.0)
