"""UMAP's picture of the data: how strongly each row belongs to each of its neighbours.

Numba kernels: import this module inside functions only.
Reference: McInnes, Healy, Melville 2018, arXiv 1802.03426, algorithms 2 and 3.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.graph import NeighbourGraph

SAME = 1e-6  # cosine distance below which float32 cannot tell two directions apart
_USUAL = {(0.1, 1.0): (1.5769434605, 0.8950608780)}  # spares importing scipy


@dataclass(frozen=True, eq=False)
class FuzzySet:
    """A symmetric sparse matrix of memberships in 0..1, by rows; columns ascend in a row."""

    starts: NDArray[np.int64]  # (m + 1,) where each row begins
    columns: NDArray[np.int32]  # (e,)
    weights: Matrix  # (e,)

    def __len__(self) -> int:
        return len(self.starts) - 1


def fuzzy_set(graph: NeighbourGraph) -> FuzzySet:
    """Join the neighbourhoods of all rows into one fuzzy set.

    A graph of k neighbours corresponds to umap-learn's `n_neighbors = k + 1`, which counts the row
    itself.
    """
    distances = np.maximum(1.0 - graph.similarities, 0.0, dtype=np.float32)  # (m, k)
    distances[distances < SAME] = 0.0
    scales, nearest = _smooth(distances, np.log2(graph.k + 1.0))
    # A copy: for numba a read-only or strided array is another type, to be compiled anew.
    columns, weights = _memberships(graph.neighbours.copy(), distances, scales, nearest)
    return FuzzySet(*_union(columns, weights))


@lru_cache(maxsize=32)
def curve(min_distance: float, spread: float = 1.0) -> tuple[float, float]:
    """Find a and b for which 1 / (1 + a x^(2b)) is nearest to UMAP's ideal fall-off."""
    if (min_distance, spread) in _USUAL:
        return _USUAL[min_distance, spread]
    return fit_curve(min_distance, spread)


def fit_curve(min_distance: float, spread: float) -> tuple[float, float]:
    """Fit a and b by least squares on 300 distances up to three times the spread."""
    from scipy.optimize import curve_fit

    x = np.linspace(0.0, 3.0 * spread, 300)
    ideal = np.where(x < min_distance, 1.0, np.exp(-(x - min_distance) / spread))
    (a, b), _ = curve_fit(lambda x, a, b: 1.0 / (1.0 + a * x ** (2 * b)), x, ideal)
    return float(a), float(b)


@njit(nogil=True, cache=True)
def _smooth(distances, target):  # type: ignore[no-untyped-def]
    """Per row: distance of the nearest other row, and the scale at which memberships add up.

    Binary search of the scale for which the sum of memberships is `target`.
    """
    m, k = distances.shape
    scales = np.zeros(m, np.float32)
    nearest = np.zeros(m, np.float32)
    mean_of_all = distances.sum() / (m * (k + 1.0))
    for i in range(m):
        rho = np.float32(0.0)
        for j in range(k):
            if distances[i, j] > 0.0:
                rho = distances[i, j]
                break
        low = 0.0
        high = np.inf
        middle = 1.0
        for _ in range(64):
            total = 0.0
            for j in range(k):
                beyond = distances[i, j] - rho
                total += np.exp(-beyond / middle) if beyond > 0.0 else 1.0
            if abs(total - target) < 1e-5:
                break
            if total > target:
                high = middle
                middle = (low + high) / 2.0
            else:
                low = middle
                middle = middle * 2.0 if high == np.inf else (low + high) / 2.0
        mean = distances[i].sum() / (k + 1.0) if rho > 0.0 else mean_of_all
        scales[i] = max(middle, 1e-3 * mean)
        nearest[i] = rho
    return scales, nearest


@njit(nogil=True, cache=True)
def _memberships(neighbours, distances, scales, nearest):  # type: ignore[no-untyped-def]
    """Columns (m, k), ascending in a row so that two rows can be merged, and weights (m, k)."""
    m, k = neighbours.shape
    columns = np.empty((m, k), np.int32)
    weights = np.empty((m, k), np.float32)
    for i in range(m):
        for j in range(k):
            beyond = distances[i, j] - nearest[i]
            weight = np.float32(1.0)
            if beyond > 0.0 and scales[i] > 0.0:
                weight = np.float32(np.exp(-beyond / scales[i]))
            column = neighbours[i, j]
            at = j
            while at > 0 and columns[i, at - 1] > column:
                columns[i, at] = columns[i, at - 1]
                weights[i, at] = weights[i, at - 1]
                at -= 1
            columns[i, at] = column
            weights[i, at] = weight
    return columns, weights


@njit(nogil=True, cache=True)
def _transpose(columns, weights):  # type: ignore[no-untyped-def]
    """Where each row of the transpose begins, its columns, ascending, and its weights."""
    m, k = columns.shape
    begins = np.zeros(m + 1, np.int64)
    for i in range(m):
        for j in range(k):
            begins[columns[i, j] + 1] += 1
    for i in range(m):
        begins[i + 1] += begins[i]
    free = begins[:-1].copy()
    sources = np.empty(m * k, np.int32)
    turned = np.empty(m * k, np.float32)
    for i in range(m):
        for j in range(k):
            at = free[columns[i, j]]
            sources[at] = i
            turned[at] = weights[i, j]
            free[columns[i, j]] = at + 1
    return begins, sources, turned


@njit(nogil=True, cache=True)
def _union(columns, weights):  # type: ignore[no-untyped-def]
    """Probabilistic union of the directed memberships and their transpose: a + b - a b."""
    m, k = columns.shape
    begins, sources, turned = _transpose(columns, weights)
    starts = np.zeros(m + 1, np.int64)
    out_columns = np.empty(2 * m * k, np.int32)
    out_weights = np.empty(2 * m * k, np.float32)
    size = 0
    for i in range(m):
        left = 0
        right = begins[i]
        while left < k or right < begins[i + 1]:
            a = columns[i, left] if left < k else m
            b = sources[right] if right < begins[i + 1] else m
            if a == b:
                out_columns[size] = a
                both = weights[i, left] * turned[right]
                out_weights[size] = weights[i, left] + turned[right] - both
                left += 1
                right += 1
            elif a < b:
                out_columns[size] = a
                out_weights[size] = weights[i, left]
                left += 1
            else:
                out_columns[size] = b
                out_weights[size] = turned[right]
                right += 1
            size += 1
        starts[i + 1] = size
    return starts, out_columns[:size].copy(), out_weights[:size].copy()
