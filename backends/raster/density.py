"""How densely the plane is covered: a grid of counts, and Gaussian blurs of it of any width.

Everything after counting works on cells, so it costs the same for ten thousand points and for ten
million.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import cmath
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Matrix, frozen

Surface = NDArray[np.float32]  # (height, width), points per cell; row 0 is the lowest
Counts = NDArray[np.int32]  # (height, width)
CELLS = 1024  # on the long side, margins included
MARGIN = 0.08  # of the long side, on each side: blurred points stay on the grid
SAMPLE = 100_000  # rows that say where strays begin
STRAY = 0.001  # share of points on each side that must not decide how large the cells are
LEAST_SIGMA = 0.3  # cells, below which a blur changes nothing


@dataclass(frozen=True, slots=True)
class Ground:
    """Square cells over a part of the plane; cell (0, 0) is the lower left one."""

    left: float
    bottom: float
    cell: float  # side of a cell, units of the plane
    width: int
    height: int

    @property
    def reach(self) -> float:
        """Length of the long side, units of the plane."""
        return self.cell * max(self.width, self.height)

    def place(self, column: float, row: float) -> tuple[float, float]:
        """Place in the plane of a position in cells; whole numbers are the cells' middles."""
        return self.left + (column + 0.5) * self.cell, self.bottom + (row + 0.5) * self.cell


@dataclass(frozen=True, eq=False)
class Density:
    """Where the points of a layout lie, counted by cell."""

    ground: Ground
    counts: Counts
    total: int  # points on the ground; strays far beyond it and rows without a place are not


def count_points(layout: Matrix, cells: int = CELLS) -> Density:
    """Count the points of a layout (n, 2) by cell; rows with NaN or infinity are left out.

    The cells cover all points with a margin, unless a few strays lie so far away that the rest
    would share a handful of cells: those are left out, too.
    """
    box = _bounds(layout)
    if box[0] > box[2]:
        empty = Ground(0.0, 0.0, 1.0, 1, 1)
        return Density(empty, frozen(np.zeros((1, 1), np.int32)), 0)
    ground = _ground(_without_strays(layout, box), cells)
    counts = _count(
        layout, ground.left, ground.bottom, 1 / ground.cell, ground.width, ground.height
    )
    return Density(ground, frozen(counts), int(counts.sum(dtype=np.int64)))


def cells_of(layout: Matrix, ground: Ground) -> NDArray[np.int32]:
    """Flat cell number of each row, (n,), -1 where it has no place on the ground."""
    return np.asarray(
        _cells(layout, ground.left, ground.bottom, 1 / ground.cell, ground.width, ground.height)
    )


def blurred(counts: NDArray[np.generic], sigma: float) -> Surface:
    """Gaussian blur with zeros beyond the rim; cost does not depend on `sigma` (in cells).

    Within .2% of the highest value of what a Gaussian kernel gives, for sigmas from 1 cell on.

    Reference: Deriche 1993, "Recursively implementing the Gaussian and its derivatives".
    """
    if sigma < LEAST_SIGMA:
        return np.ascontiguousarray(counts, np.float32)
    poles, weights = _filter(sigma)
    down = _blur_down(np.ascontiguousarray(counts, np.float32), poles, weights)
    across = _blur_down(np.ascontiguousarray(down.T), poles, weights)
    return np.asarray(np.maximum(np.ascontiguousarray(across.T), np.float32(0)))


def levels_for(surface: Surface, counts: Counts, shares: tuple[float, ...]) -> tuple[float, ...]:
    """Heights above which these shares (0..1) of the points lie: highest-density regions.

    Reference: Hyndman 1996, "Computing and graphing highest density regions".
    """
    held = np.flatnonzero(counts)  # cells without points add nothing
    heights = surface.reshape(-1)[held]
    order = np.argsort(-heights, kind="stable")
    reached = np.cumsum(counts.reshape(-1)[held][order], dtype=np.int64)
    if not len(held):
        return tuple(0.0 for _ in shares)
    at = np.searchsorted(reached, np.asarray(shares) * reached[-1])
    return tuple(float(heights[order[min(int(i), len(held) - 1)]]) for i in at)


def _without_strays(
    layout: Matrix, box: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    sample = layout[:: max(1, len(layout) // SAMPLE)]
    sample = sample[np.isfinite(sample).all(axis=1)]
    if len(sample) < 100:
        return box
    low, high = np.quantile(sample.astype(np.float64), [STRAY, 1 - STRAY], axis=0)  # (2,), (2,)
    room = 0.5 * max(float((high - low).max()), 1e-12)
    left, bottom = (max(box[i], float(low[i]) - room) for i in range(2))
    right, top = (min(box[i + 2], float(high[i]) + room) for i in range(2))
    return left, bottom, right, top


def _ground(box: tuple[float, float, float, float], cells: int) -> Ground:
    left, bottom, right, top = box
    large = max(abs(left), abs(bottom), abs(right), abs(top))
    across = max(right - left, top - bottom, 1e-6 * large, 1e-12)
    margin = MARGIN * across / (1 - 2 * MARGIN)
    cell = (across + 2 * margin) / cells
    width = min(cells, int(np.ceil((right - left + 2 * margin) / cell)))
    height = min(cells, int(np.ceil((top - bottom + 2 * margin) / cell)))
    middle_x, middle_y = (left + right) / 2, (bottom + top) / 2
    return Ground(middle_x - width * cell / 2, middle_y - height * cell / 2, cell, width, height)


def _filter(sigma: float) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Poles and weights of two complex first-order filters that add up to half a Gaussian."""
    rates = (complex(-1.783, 0.6318), complex(-1.723, 1.997))
    weights = (complex(1.680, -3.735), complex(-0.6803, 0.2598))
    poles = [cmath.exp(rate / sigma) for rate in rates]
    # The whole response adds up to 1, so no point is lost or made by blurring.
    gain = sum((w * (1 + p) / (1 - p)).real for w, p in zip(weights, poles, strict=True))
    return np.array(poles, np.complex128), np.array(weights, np.complex128) / gain


@njit(nogil=True, cache=True)
def _bounds(layout):  # type: ignore[no-untyped-def]
    left = bottom = np.inf
    right = top = -np.inf
    for i in range(len(layout)):
        x, y = np.float64(layout[i, 0]), np.float64(layout[i, 1])
        if np.isfinite(x) and np.isfinite(y):
            left, right = min(left, x), max(right, x)
            bottom, top = min(bottom, y), max(top, y)
    return left, bottom, right, top


@njit(nogil=True, cache=True)
def _cell(x, y, left, bottom, per, width, height):  # type: ignore[no-untyped-def]
    """Flat cell number, -1 beyond the ground and for NaN."""
    column, row = (np.float64(x) - left) * per, (np.float64(y) - bottom) * per
    if not (0.0 <= column < width and 0.0 <= row < height):
        return -1
    return np.int64(row) * width + np.int64(column)


@njit(nogil=True, cache=True)
def _count(layout, left, bottom, per, width, height):  # type: ignore[no-untyped-def]
    out = np.zeros(height * width, np.int32)
    for i in range(len(layout)):
        cell = _cell(layout[i, 0], layout[i, 1], left, bottom, per, width, height)
        if cell >= 0:
            out[cell] += 1
    return out.reshape(height, width)


@njit(nogil=True, cache=True)
def _cells(layout, left, bottom, per, width, height):  # type: ignore[no-untyped-def]
    out = np.empty(len(layout), np.int32)
    for i in range(len(layout)):
        out[i] = _cell(layout[i, 0], layout[i, 1], left, bottom, per, width, height)
    return out


@njit(nogil=True, cache=True)
def _blur_down(source, poles, weights):  # type: ignore[no-untyped-def]
    """Filter each column forwards and backwards; a row at a time, so that memory is read in order.

    Real and imaginary parts apart: the inner loop then works on several columns at once.
    """
    height, width = source.shape
    out = np.empty((height, width), np.float32)
    p, q, r, s = poles[0].real, poles[0].imag, poles[1].real, poles[1].imag
    a, b, c, d = weights[0].real, weights[0].imag, weights[1].real, weights[1].imag
    for backwards in range(2):
        first, second = np.zeros((2, width)), np.zeros((2, width))
        for line in range(height):
            y = height - 1 - line if backwards else line
            for x in range(width):
                re = p * first[0, x] - q * first[1, x]
                im = p * first[1, x] + q * first[0, x]
                re2 = r * second[0, x] - s * second[1, x]
                im2 = r * second[1, x] + s * second[0, x]
                value = np.float64(source[y, x])
                if backwards:  # the middle counts once
                    out[y, x] += np.float32(a * re - b * im + c * re2 - d * im2)
                first[0, x], first[1, x] = re + value, im
                second[0, x], second[1, x] = re2 + value, im2
                if not backwards:
                    out[y, x] = np.float32(a * first[0, x] - b * im + c * second[0, x] - d * im2)
    return out
