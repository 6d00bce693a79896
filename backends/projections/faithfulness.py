"""How far a layout can be trusted: whom it puts together that were apart, and whom it parts.

Measured by cosine against all rows, on a sample of anchors, and for every layout alike, so that
UMAP can stand beside PCA.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, unit_rows
from backends.device import core_count
from backends.graph import neighbour_graph
from backends.reporting import SILENT, Report
from backends.types import Embeddings, Faithfulness, Projection

ANCHORS = 4000
_BUDGET = 5e10  # multiplications and comparisons: about a second on two cores
_RANKING = 100  # what ranking costs a row, in multiplications
_LEAST_ANCHORS = 500
_BLOCK_VALUES = 1 << 23  # similarities of a block, 32 MiB
_FEW = 2e8  # multiplications that may be done in float64


def faithfulness(
    projection: Projection, embeddings: Embeddings, k: int = 15, report: Report = SILENT
) -> Faithfulness | None:
    """Measure trustworthiness and neighbour recall of a layout; None below three rows.

    Up to `ANCHORS` rows are measured (fewer where that would take more than about a second), each
    against all rows that have a vector. `k` is lowered below half of them.
    Rows whose similarities are equal share the better rank: a layout cannot tell twins apart.

    Reference: Venna and Kaski 2001, Neighborhood preservation in nonlinear projection methods;
    with all rows as anchors it is scikit-learn's `trustworthiness` with metric="cosine".
    """
    rows = np.flatnonzero(embeddings.present).astype(np.int64)
    n = len(rows)
    k = min(k, (n - 1) // 2)
    if k < 1:
        return None
    anchors = _anchors(n, embeddings.dim)
    near = map_neighbours(projection.layout[rows], anchors, k, report.span(0.0, 0.2))  # (a, k)
    ranks = _true_ranks(embeddings, rows, anchors, near, report.span(0.2, 1.0))  # (a, k)
    worst = len(anchors) * k * (2 * n - 3 * k - 1) / 2
    return Faithfulness(
        trustworthiness=1.0 - float(np.maximum(ranks - k, 0).sum()) / worst,
        neighbour_recall=float((ranks <= k).mean()),
        k=k,
        sample=len(anchors),
    )


def recall_by_row(
    projection: Projection, embeddings: Embeddings, k: int = 15, report: Report = SILENT
) -> Matrix:
    """Share of each row's k true neighbours that are among its k nearest on the map.

    (n,) float32 in 0..1; NaN for rows without a vector, and for all where there are too few.
    Takes the neighbour graph from memory where a layout was just made.
    """
    shares = np.full(len(embeddings), np.nan, dtype=np.float32)
    rows = np.flatnonzero(embeddings.present).astype(np.int64)
    k = min(k, len(rows) - 1)
    if k < 1:
        return shares
    true = neighbour_graph(embeddings, k, report.span(0.0, 0.7)).neighbours  # (m, k)
    every = np.arange(len(rows))
    near = map_neighbours(projection.layout[rows], every, k, report.span(0.7, 0.9))  # (m, k)
    for block in batches(len(rows), 1 << 14):
        report.step(block.start, len(rows), "Comparing neighbours")
        shared = (near[block, :, None] == true[block, None, :]).any(axis=1)  # (b, k)
        shares[rows[block]] = shared.mean(axis=1)
    return shares


def _anchors(n: int, dim: int) -> Rows:
    """Positions to measure at, ascending; the same for every layout of as many rows."""
    count = int(min(ANCHORS, max(_LEAST_ANCHORS, _BUDGET / (n * (dim + _RANKING)))))
    if count >= n:
        return np.arange(n, dtype=np.int64)
    return np.sort(np.random.default_rng(0).choice(n, count, replace=False)).astype(np.int64)


def map_neighbours(layout: Matrix, anchors: Rows, k: int, report: Report) -> NDArray[np.int64]:
    """Positions of the k nearest others on the map, (a, k); every row has a place on it."""
    from scipy.spatial import cKDTree

    report.step(0, 1, "Measuring the layout")
    # Many points in one place make a tree of halves very deep; cells in the middle do not.
    tree = cKDTree(layout, balanced_tree=False, compact_nodes=False)
    near = np.empty((len(anchors), k), dtype=np.int64)
    for block in batches(len(anchors), 4096):
        report.step(block.start, len(anchors), "Measuring the layout")
        own = anchors[block]
        _, found = tree.query(layout[own], k=k + 1, workers=core_count())  # (b, k + 1)
        is_self = found == own[:, None]
        is_self[~is_self.any(axis=1), -1] = True  # hidden among others in the same place
        near[block] = found[~is_self].reshape(-1, k)
    return near


def _true_ranks(
    embeddings: Embeddings, rows: Rows, anchors: Rows, near: NDArray[np.int64], report: Report
) -> NDArray[np.int64]:
    """Rank (from 1) of each map neighbour among all rows by similarity to its anchor, (a, k)."""
    from backends.projections.ranks import count_above

    n, dim = len(rows), embeddings.dim
    exact = len(anchors) * n * dim <= _FEW
    vectors = _unit(embeddings, rows, np.float64 if exact else np.float32)  # (n, d)
    slack = 1e-9 if exact else 1e-6  # rounding does not make one of two equals the nearer
    ranks = np.empty(near.shape, dtype=np.int64)
    for block in batches(len(anchors), max(1, _BLOCK_VALUES // n)):
        report.step(block.start, len(anchors), "Measuring the layout")
        own = anchors[block]
        similarities = vectors[own] @ vectors.T  # (b, n)
        thresholds = np.take_along_axis(similarities, near[block], axis=1) + slack  # (b, k)
        similarities[np.arange(len(own)), own] = -2.0
        ranks[block] = 1 + count_above(similarities, thresholds.astype(similarities.dtype))
    return ranks


def _unit(embeddings: Embeddings, rows: Rows, dtype: Any) -> NDArray[Any]:
    vectors = np.empty((len(rows), embeddings.dim), dtype=dtype)
    for block in batches(len(rows), max(1, (1 << 22) // embeddings.dim)):
        vectors[block] = unit_rows(embeddings.vectors[rows[block]].astype(dtype))
    return vectors
