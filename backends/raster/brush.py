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
from backends.raster.points import STEPS, Points, cell_at


def swept(
    points: Points,
    path: Sequence[tuple[float, float]] | NDArray[np.float64],
    radius: float,
    inks: NDArray[np.uint8] | None = None,
) -> Rows:
    """Corpus rows within `radius` of a path (v, 2) in the plane, ascending; one spot is a disc.

    Points whose ink (m,) is 0 are left out. An empty path sweeps over nothing.
    """
    spots = np.array(path, np.float64).reshape(-1, 2)  # (v, 2)
    if not len(spots) or not len(points) or not radius >= 0:
        return np.empty(0, np.int64)
    found = np.zeros(len(points), np.bool_)  # (m,)
    grid = points.grid.numbers()
    _sweep(points.layout, points.order, points.across, points.up, points.offsets, grid, spots,
           float(radius), found)  # fmt: skip
    # A mark for each row, found again in order: half of ten million rows take a second to sort.
    marks = np.zeros(points.n, np.bool_)
    _mark(points.order, found, _EVERYTHING if inks is None else inks, marks)
    return np.flatnonzero(marks)


_EVERYTHING = np.empty(0, np.uint8)
_EVERYTHING.flags.writeable = False  # as inks are: one kernel for both


@njit(nogil=True, cache=True)
def _mark(order, found, inks, marks):  # type: ignore[no-untyped-def]
    """Mark the rows (n,) of the points found that have an ink."""
    for i in range(len(found)):
        if found[i] and (len(inks) == 0 or inks[i] != 0):
            marks[np.uint32(order[i])] = True


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
def _sweep(layout, order, across, up, offsets, grid, spots, radius, found):  # type: ignore[no-untyped-def]
    """Mark the points under the sweep, (m,) bool."""
    left, bottom, per_x, per_y, side = grid
    whole = np.zeros((side, side), np.bool_)  # cells that need not be looked at again
    inner = (radius * (1.0 - 1e-9)) ** 2  # of corners, against rounding
    for k in range(max(1, len(spots) - 1)):
        ax, ay = spots[k, 0], spots[k, 1]
        bx, by = spots[min(k + 1, len(spots) - 1), 0], spots[min(k + 1, len(spots) - 1), 1]
        low = max(0, cell_at(min(ay, by) - radius, bottom, per_y, side) - 1)
        high = min(side - 1, cell_at(max(ay, by) + radius, bottom, per_y, side) + 1)
        for row in range(low, high + 1):
            floor, ceiling = bottom + (row - 1) / per_y, bottom + (row + 2) / per_y
            near, far = _part(ax, ay, bx, by, floor - radius, ceiling + radius)
            west = max(0, cell_at(near - radius, left, per_x, side) - 1)
            east = min(side - 1, cell_at(far + radius, left, per_x, side) + 1)
            for column in range(west, east + 1):
                start, stop = offsets[row * side + column], offsets[row * side + column + 1]
                if whole[row, column] or start == stop:
                    continue
                covered = True
                for corner in range(4):
                    # A hundredth of a cell wider: points are sorted into cells by rounding.
                    cx = left + (column - 0.01 + 1.02 * (corner & 1)) / per_x
                    cy = bottom + (row - 0.01 + 1.02 * (corner >> 1)) / per_y
                    covered = covered and _away(cx, cy, ax, ay, bx, by) <= inner
                if covered:
                    whole[row, column] = True
                    found[start:stop] = True
                    continue
                _test(layout, order, across, up, grid, row, column, start, stop,
                      (ax, ay, bx, by), radius, found)  # fmt: skip
    _test_strays(layout, order, offsets[side * side], spots, radius, found)


@njit(nogil=True, cache=True)
def _test(  # type: ignore[no-untyped-def]
    layout, order, across, up, grid, row, column, start, stop, segment, radius, found
):
    """Mark points of one cell.

    The place within the cell is at hand, the one in the layout must be fetched: so it is only where
    the former, true to a step, leaves it open.
    """
    left, bottom, per_x, per_y, _side = grid
    ax, ay, bx, by = segment
    step_x, step_y = 1.0 / (per_x * STEPS), 1.0 / (per_y * STEPS)
    base_x, base_y = left + column / per_x + step_x / 2, bottom + row / per_y + step_y / 2
    slack = 2 * (step_x + step_y)
    sure, open_ = max(0.0, radius - slack) ** 2, (radius + slack) ** 2
    for i in range(start, stop):
        if found[i]:
            continue
        away = _away(base_x + across[i] * step_x, base_y + up[i] * step_y, ax, ay, bx, by)
        if away <= open_:
            if away >= sure:
                x, y = layout[order[i], 0], layout[order[i], 1]
                away = _away(np.float64(x), np.float64(y), ax, ay, bx, by)
            found[i] = away <= radius * radius


@njit(nogil=True, cache=True)
def _test_strays(layout, order, start, spots, radius, found):  # type: ignore[no-untyped-def]
    """Mark strays; those outside the frame of the whole sweep are passed at once."""
    west, east = spots[:, 0].min() - radius, spots[:, 0].max() + radius
    low, high = spots[:, 1].min() - radius, spots[:, 1].max() + radius
    for i in range(start, len(order)):
        x, y = np.float64(layout[order[i], 0]), np.float64(layout[order[i], 1])
        if not (west <= x <= east and low <= y <= high):
            continue
        for k in range(max(1, len(spots) - 1)):
            j = min(k + 1, len(spots) - 1)
            away = _away(x, y, spots[k, 0], spots[k, 1], spots[j, 0], spots[j, 1])
            found[i] = found[i] or away <= radius * radius


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
