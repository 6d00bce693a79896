"""Rows that a round brush swept over: cells wholly under it are taken whole, others point by point.

The sweep is everything no farther from a path than the radius. Each segment of the path covers a
capsule, which is convex: a cell whose corners it covers is covered.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Rows
from backends.raster.points import Points, cell_at


def swept(
    points: Points,
    path: Sequence[tuple[float, float]] | NDArray[np.float64],
    radius: float,
    layer: NDArray[np.uint8] | None = None,
) -> Rows:
    """Corpus rows within `radius` of a path (v, 2) in the plane, ascending; one spot is a disc.

    Points whose `layer` (m,) is 0 are left out. An empty path sweeps over nothing.
    """
    spots = np.array(path, np.float64).reshape(-1, 2)  # (v, 2)
    if not len(spots) or not len(points) or not radius >= 0:
        return np.empty(0, np.int64)
    found = _swept(
        points.x, points.y, points.offsets, points.grid.numbers(), spots, float(radius)
    )  # (m,)
    if layer is not None:
        found &= layer != 0
    return np.sort(points.order[found]).astype(np.int64)


@njit(nogil=True, cache=True, inline="always")
def _away(px, py, ax, ay, bx, by):  # type: ignore[no-untyped-def]
    """Squared distance of a place to a segment."""
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = 0.0
    if length > 0.0:
        along = min(max(((px - ax) * dx + (py - ay) * dy) / length, 0.0), 1.0)
    ex, ey = px - (ax + along * dx), py - (ay + along * dy)
    return ex * ex + ey * ey


@njit(nogil=True, cache=True)
def _swept(x, y, offsets, grid, spots, radius):  # type: ignore[no-untyped-def]
    """Membership of each point, (m,) bool."""
    left, bottom, per_x, per_y, side = grid
    found = np.zeros(len(x), np.bool_)
    whole = np.zeros((side, side), np.bool_)  # cells that need not be looked at again
    inner = (radius * (1.0 - 1e-9)) ** 2  # of corners, against rounding
    most = radius * radius
    for k in range(max(1, len(spots) - 1)):
        ax, ay = spots[k, 0], spots[k, 1]
        bx, by = spots[min(k + 1, len(spots) - 1), 0], spots[min(k + 1, len(spots) - 1), 1]
        low = max(0, cell_at(min(ay, by) - radius, bottom, per_y, side) - 1)
        high = min(side - 1, cell_at(max(ay, by) + radius, bottom, per_y, side) + 1)
        for row in range(low, high + 1):
            floor = -np.inf if row == 0 else bottom + (row - 1) / per_y
            ceiling = np.inf if row == side - 1 else bottom + (row + 2) / per_y
            near, far = _part(ax, ay, bx, by, floor - radius, ceiling + radius)
            west = max(0, cell_at(near - radius, left, per_x, side) - 1)
            east = min(side - 1, cell_at(far + radius, left, per_x, side) + 1)
            for column in range(west, east + 1):
                cell = row * side + column
                if whole[row, column] or offsets[cell] == offsets[cell + 1]:
                    continue
                if 0 < row < side - 1 and 0 < column < side - 1:
                    covered = True
                    for corner in range(4):
                        # A hundredth of a cell wider: points are sorted into cells by rounding.
                        cx = left + (column - 0.01 + 1.02 * (corner & 1)) / per_x
                        cy = bottom + (row - 0.01 + 1.02 * (corner >> 1)) / per_y
                        covered = covered and _away(cx, cy, ax, ay, bx, by) <= inner
                    if covered:
                        whole[row, column] = True
                        found[offsets[cell] : offsets[cell + 1]] = True
                        continue
                for i in range(offsets[cell], offsets[cell + 1]):
                    if not found[i]:
                        away = _away(np.float64(x[i]), np.float64(y[i]), ax, ay, bx, by)
                        found[i] = away <= most
    return found


@njit(nogil=True, cache=True)
def _part(ax, ay, bx, by, floor, ceiling):  # type: ignore[no-untyped-def]
    """West and east end of the part of a segment between two heights."""
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    near, far = ax, bx
    if by > ay:
        slope = (bx - ax) / (by - ay)
        if floor > ay:
            near = ax + (floor - ay) * slope
        if ceiling < by:
            far = ax + (ceiling - ay) * slope
    return min(near, far), max(near, far)
