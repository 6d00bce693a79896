"""Directions that hold most of some vectors' squared length: scatter, then its eigenvectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, batches
from backends.decompositions import eigh, qr
from backends.reporting import SILENT, Report

DENSE = 1200  # dimensions up to which all directions are computed
BLOCK_VALUES = 1 << 21  # values of a block: 16 MiB in float64
MORE = 16  # directions that a search for few of many takes along
ROUNDS = 12  # of that search

Doubles = NDArray[np.float64]


def mean_of(vectors: Matrix) -> Doubles:
    """Mean (d,) of rows (t, d), summed in float64."""
    mean: Doubles = vectors.mean(axis=0, dtype=np.float64)
    return mean


def scatter_of(vectors: Matrix, mean: Doubles | None = None, report: Report = SILENT) -> Doubles:
    """Sum over rows (t, d) of (x - mean)(x - mean)^T, (d, d); one pass in float64, by blocks."""
    dim = vectors.shape[1]
    scatter = np.zeros((dim, dim))
    for block in batches(len(vectors), max(1, BLOCK_VALUES // dim)):
        report.step(block.start, len(vectors), "Looking for the main directions")
        part = vectors[block].astype(np.float64)  # (b, d)
        if mean is not None:
            part -= mean
        scatter += part.T @ part
    return scatter


def leading(scatter: Doubles, count: int, seed: int = 0, report: Report = SILENT) -> Matrix:
    """The `count` directions of largest scatter, (d, count) float32, orthonormal, largest first.

    Each points where its largest loading is positive, so that runs agree. All are exact up to
    1,200 dimensions; of more, a few are found by subspace iteration from a seeded start (Halko,
    Martinsson, Tropp 2011, algorithm 4.4, on the scatter itself).
    """
    dim = len(scatter)
    peak = float(np.abs(scatter).max())
    if peak == 0.0:
        return np.eye(dim, count, dtype=np.float32)
    if dim <= DENSE or 4 * (count + MORE) > dim:
        directions = _all(scatter / peak)[:, :count]  # (d, count)
    else:
        directions = _few(scatter / peak, count, seed, report)
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(count)]  # (count,)
    signed: Matrix = (directions * np.where(largest < 0, -1.0, 1.0)).astype(np.float32)
    return np.ascontiguousarray(signed)


def _all(scatter: Doubles) -> Doubles:
    from threadpoolctl import threadpool_limits

    # Its many small steps wait for each other: several threads only help where it is large.
    with threadpool_limits(1 if len(scatter) <= DENSE else None, "blas"):
        _, directions = eigh(scatter)  # ascending
    backwards: Doubles = directions[:, ::-1]
    return backwards


def _few(scatter: Doubles, count: int, seed: int, report: Report) -> Doubles:
    rng = np.random.default_rng(seed)
    basis = qr(rng.standard_normal((len(scatter), count + MORE)))[0]  # (d, c + MORE)
    for number in range(ROUNDS):
        report.step(number, ROUNDS, "Looking for the main directions")
        basis = qr(scatter @ basis)[0]
    turn = _all(basis.T @ scatter @ basis)  # (c + MORE, c + MORE)
    found: Doubles = (basis @ turn)[:, :count]
    return found
