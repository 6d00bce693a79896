"""Points of a layout in the order of a grid of cells, so that a region is a few ranges of them.

The cells of one grid row follow each other, left to right, rows bottom to top: a rectangle of the
plane is one contiguous range of points per grid row, and a screen band owns whole rows.
"""

# ruff: noqa: ANN001, ANN201  (numba infers the types of kernels)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Matrix, frozen

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
SAMPLE = 50_000  # rows the grid's extent is taken from
MOST_CELLS = 4096  # per side


@dataclass(frozen=True, eq=False)
class Grid:
    """`side` x `side` cells; those at the rim also hold everything beyond the rim."""

    left: float
    bottom: float
    per_x: float  # cells per unit of the plane
    per_y: float
    side: int

    def numbers(self) -> tuple[float, float, float, float, int]:
        """Fields in the order in which kernels take them."""
        return self.left, self.bottom, self.per_x, self.per_y, self.side


@dataclass(frozen=True, eq=False)
class Points:
    """The m of n rows that have a place, in spatial order."""

    x: Floats  # (m,)
    y: Floats  # (m,)
    order: Ints  # (m,) corpus row of each point
    offsets: Ints  # (side * side + 1,) where each cell's points begin
    grid: Grid
    n: int  # rows of the layout
    bounds: tuple[float, float, float, float]  # left, bottom, right, top; zeros if there are none
    spread: float  # length of side of the square that a point has to itself, typically
    crowd: float  # points per unit area where it is densest (99th percentile of points)

    def __len__(self) -> int:
        return len(self.x)


def build_points(layout: Matrix) -> Points:
    """Put a layout (n, 2) into spatial order; rows with NaN or infinity are left out.

    The order within a cell is that of the rows. Copies; the layout may change afterwards.
    """
    rows = np.flatnonzero(np.isfinite(layout).all(axis=1)).astype(np.int32)  # (m,)
    placed = np.ascontiguousarray(layout[rows], np.float32)  # (m, 2)
    grid = _grid(placed)
    cells = cells_of(placed, *grid.numbers())  # (m,)
    order, offsets = counting_sort(cells, grid.side * grid.side)
    x, y = np.ascontiguousarray(placed[order, 0]), np.ascontiguousarray(placed[order, 1])
    bounds = (0.0, 0.0, 0.0, 0.0)
    if len(x):
        bounds = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    spread, crowd = _density(offsets, grid, bounds[:2] == bounds[2:])
    return Points(
        frozen(x), frozen(y), frozen(rows[order]), frozen(offsets), grid, len(layout), bounds,
        spread, crowd,
    )  # fmt: skip


def _grid(placed: Matrix) -> Grid:
    """Cells over the middle 99% with a margin: a few strays must not make all cells too coarse."""
    m = len(placed)
    side = int(np.clip(np.sqrt(m) / 2, 1, MOST_CELLS))
    if not m:
        return Grid(0.0, 0.0, 1.0, 1.0, 1)
    sample = placed[:: max(1, m // SAMPLE)].astype(np.float64)
    low, high = np.quantile(sample, [0.005, 0.995], axis=0)  # (2,), (2,)
    margin = 0.1 * (high - low)
    low, size = low - margin, high - low + 2 * margin
    # Points on a line still get cells with an area; all in one place is one cell.
    least = max(float(size.max()) / 100, float(np.abs(high).max()) * 1e-6, 1e-30)
    per = side / np.maximum(size, least)
    return Grid(float(low[0]), float(low[1]), float(per[0]), float(per[1]), side)


def _density(offsets: Ints, grid: Grid, one_place: bool) -> tuple[float, float]:
    """How far apart points typically lie, and how many share a unit area where most do."""
    counts = np.diff(offsets)
    held = np.sort(counts[counts > 0])
    if not len(held) or one_place:  # as much room as one likes
        return np.inf, 0.0
    cell = 1.0 / (grid.per_x * grid.per_y)  # its area
    reached = np.searchsorted(np.cumsum(held, dtype=np.int64), 0.99 * held.sum())
    crowd = float(held[min(int(reached), len(held) - 1)]) / cell
    return float(np.sqrt(len(held) * cell / held.sum())), crowd


@njit(nogil=True, cache=True, inline="always")
def cell_at(value, start, per, side):  # type: ignore[no-untyped-def]
    """Cell of a coordinate. Never falls when the value rises, so ranges of values are ranges."""
    at = (np.float64(value) - start) * per
    if not at > 0.0:
        return 0
    return side - 1 if at >= side else np.int64(at)


@njit(nogil=True, cache=True)
def cells_of(placed, left, bottom, per_x, per_y, side):  # type: ignore[no-untyped-def]
    """Cell number of each place, (m,) int32."""
    out = np.empty(len(placed), np.int32)
    for i in range(len(placed)):
        column = cell_at(placed[i, 0], left, per_x, side)
        out[i] = cell_at(placed[i, 1], bottom, per_y, side) * side + column
    return out


@njit(nogil=True, cache=True)
def counting_sort(cells, count):  # type: ignore[no-untyped-def]
    """Indices in order of their cell, stable, (m,) int32; and each cell's start, (count + 1,)."""
    offsets = np.zeros(count + 1, np.int32)
    for cell in cells:
        offsets[cell + 1] += 1
    for cell in range(count):
        offsets[cell + 1] += offsets[cell]
    place = offsets[:count].copy()
    order = np.empty(len(cells), np.int32)
    for i in range(len(cells)):
        order[place[cells[i]]] = i
        place[cells[i]] += 1
    return order, offsets
