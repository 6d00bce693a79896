"""Rows inside a polygon: cells that lie wholly inside are taken whole, only the rim is tested.

Even-odd: a place is inside if a ray to the right crosses the outline an odd number of times.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Rows
from backends.raster.points import Points, cell_at


def inside(
    points: Points,
    polygon: Sequence[tuple[float, float]] | NDArray[np.float64],
    layer: NDArray[np.uint8] | None = None,
) -> Rows:
    """Corpus rows inside a polygon (v, 2) in the plane, ascending; it closes itself.

    Points whose `layer` (m,) is 0 are left out. Fewer than three corners hold nothing.
    """
    corners = np.array(polygon, np.float64).reshape(-1, 2)  # (v, 2)
    if len(corners) < 3 or not len(points):
        return np.empty(0, np.int64)
    found = _inside(points.x, points.y, points.offsets, points.grid.numbers(), corners)  # (m,)
    if layer is not None:
        found &= layer != 0
    return np.sort(points.order[found]).astype(np.int64)


@njit(nogil=True, cache=True)
def _odd(px, py, corners):  # type: ignore[no-untyped-def]
    """Whether a place is inside by the even-odd rule."""
    odd = False
    j = len(corners) - 1
    for i in range(len(corners)):
        xi, yi, xj, yj = corners[i, 0], corners[i, 1], corners[j, 0], corners[j, 1]
        if (yi > py) != (yj > py) and px < (xj - xi) * (py - yi) / (yj - yi) + xi:
            odd = not odd
        j = i
    return odd


@njit(nogil=True, cache=True)
def _mark_rim(corners, grid, rim):  # type: ignore[no-untyped-def]
    """Mark every cell that an edge may touch, and one more on each side against rounding."""
    left, bottom, per_x, per_y, side = grid
    j = len(corners) - 1
    for i in range(len(corners)):
        xi, yi, xj, yj = corners[i, 0], corners[i, 1], corners[j, 0], corners[j, 1]
        j = i
        if yi > yj:
            xi, yi, xj, yj = xj, yj, xi, yi
        low, high = cell_at(yi, bottom, per_y, side), cell_at(yj, bottom, per_y, side)
        for row in range(low, high + 1):
            # The part of the edge in this row; rows at the rim reach as far as the edge does.
            start = yi if row == low else bottom + row / per_y
            stop = yj if row == high else bottom + (row + 1) / per_y
            a, b = xi, xj
            if yj > yi:
                slope = (xj - xi) / (yj - yi)
                a, b = xi + (start - yi) * slope, xi + (stop - yi) * slope
            west = cell_at(min(a, b), left, per_x, side)
            east = cell_at(max(a, b), left, per_x, side)
            for near in range(max(0, row - 1), min(side, row + 2)):
                rim[near, max(0, west - 1) : min(side, east + 2)] = True


@njit(nogil=True, cache=True)
def _inside(x, y, offsets, grid, corners):  # type: ignore[no-untyped-def]
    """Membership of each point, (m,) bool."""
    left, bottom, per_x, per_y, side = grid
    found = np.zeros(len(x), np.bool_)
    rim = np.zeros((side, side), np.bool_)
    _mark_rim(corners, grid, rim)
    low = cell_at(corners[:, 1].min(), bottom, per_y, side)
    high = cell_at(corners[:, 1].max(), bottom, per_y, side)
    west = cell_at(corners[:, 0].min(), left, per_x, side)
    east = cell_at(corners[:, 0].max(), left, per_x, side)
    for row in range(low, high + 1):
        column = west
        while column <= east:
            start = column
            if rim[row, column]:
                while column <= east and rim[row, column]:
                    column += 1
                for i in range(offsets[row * side + start], offsets[row * side + column]):
                    found[i] = _odd(np.float64(x[i]), np.float64(y[i]), corners)
                continue
            while column <= east and not rim[row, column]:
                column += 1
            # No edge comes near these cells: one place speaks for all of them.
            middle_x, middle_y = left + (start + 0.5) / per_x, bottom + (row + 0.5) / per_y
            if _odd(middle_x, middle_y, corners):
                found[offsets[row * side + start] : offsets[row * side + column]] = True
    return found
