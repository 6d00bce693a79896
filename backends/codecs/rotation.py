"""Directions that binary codes are taken along: principal axes, turned at random or by ITQ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.decompositions import eigh, one_blas_thread, qr, svd
from backends.reporting import SILENT, Report

MOST_ROWS = 8192  # that a rotation is learned from
_ITERATIONS = 50  # of ITQ, as in the paper
_ENOUGH = 1e-3  # relative gain of an iteration below which ITQ has arrived
_STAY = 1e-2  # pull towards the rotation before, a row: decides where values have no spread


def principal_axes(vectors: Matrix, most: int) -> tuple[Matrix, Matrix]:
    """Mean (d,) of rows (t, d), and their leading axes (d, most), orthonormal columns.

    Each axis points where its largest loading is positive, so that runs agree.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    dim = vectors.shape[1]
    covariance = np.zeros((dim, dim))
    for start in range(0, len(vectors), 4096):
        part = vectors[start : start + 4096] - mean  # (b, d) float64
        covariance += part.T @ part
    axes = eigh(covariance)[1][:, ::-1][:, :most]  # (d, most), largest first
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[largest, np.arange(most)] < 0, -1.0, 1.0)
    return mean.astype(np.float32), axes.astype(np.float32)


def random_rotation(size: int, seed: int) -> Matrix:
    """A rotation (size, size), uniform over all of them.

    Reference: Mezzadri 2007: QR of normal numbers, the diagonal of R made positive.
    """
    normal = np.random.default_rng(seed).standard_normal((size, size))
    q, r = qr(normal)
    return (q * np.where(np.diag(r) < 0, -1.0, 1.0)).astype(np.float32)


def some_rows(vectors: Matrix, most: int = MOST_ROWS) -> Matrix:
    """At most so many rows, evenly spread."""
    return vectors[:: max(1, -(-len(vectors) // most))]


@one_blas_thread()  # products of a moment, hundreds of times
def itq_rotation(
    values: Matrix, seed: int, report: Report = SILENT
) -> tuple[Matrix, NDArray[np.float64]]:
    """Turn centred values (t, b) so that they lie near corners of the cube.

    Returns the rotation (b, b) and the quantisation loss |sign(V R) - V R|^2 a row before each
    iteration and at the end; no iteration makes it larger.

    Reference: Gong, Lazebnik 2011, "Iterative Quantization", section 2.2: alternate codes
    B = sign(V R) and the rotation that solves the Procrustes problem for them. V is scaled to a
    mean square of 1, which changes neither codes nor rotation. The rotation is pulled a little
    towards the one before, which keeps the loss falling and the problem solvable where directions
    have no spread (unit vectors of many models have such a one).
    """
    scale = np.sqrt(np.mean(np.square(values), dtype=np.float64))
    v: Matrix = values / np.float32(scale if scale > 0 else 1)
    rotation = random_rotation(values.shape[1], seed)
    losses: list[float] = []
    for iteration in range(_ITERATIONS):
        report.step(iteration, _ITERATIONS, "Turning towards corners")
        turned: Matrix = v @ rotation  # (t, b)
        losses.append(_corner_loss(turned))
        if len(losses) > 1 and losses[-2] - losses[-1] < _ENOUGH * losses[-2]:
            break
        corners = np.where(turned > 0, np.float32(1), np.float32(-1))
        towards = (v.T @ corners).astype(np.float64) + _STAY * len(v) * rotation  # (b, b)
        rotation = nearest_rotation(towards).astype(np.float32)
    else:
        turned = v @ rotation
        losses.append(_corner_loss(turned))
    return rotation, np.array(losses)


def nearest_rotation(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The orthogonal matrix nearest to a square one: its polar factor, M (M^T M)^(-1/2).

    Several times faster than singular vectors, which are left for what is near to singular.
    """
    squares, axes = eigh(matrix.T @ matrix)
    if squares[0] > 1e-10 * squares[-1]:
        polar: NDArray[np.float64] = matrix @ (axes / np.sqrt(squares)) @ axes.T
        return polar
    left, _, right = svd(matrix)
    rotation: NDArray[np.float64] = left @ right
    return rotation


def _corner_loss(turned: Matrix) -> float:
    """Squared distance of a row from its corner, mean over rows: sum of (|v| - 1)^2."""
    return float(np.square(np.abs(turned) - 1).sum(axis=1).mean(dtype=np.float64))
