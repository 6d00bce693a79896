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
    inks: NDArray[np.uint8] | None = None,
) -> Rows:
    """Corpus rows inside a polygon (v, 2) in the plane, ascending; it closes itself.

    Points whose ink (m,) is 0 are left out. Fewer than three corners hold nothing.
    """
    corners = np.array(polygon, np.float64).reshape(-1, 2)  # (v, 2)
    if len(corners) < 3 or not len(points):
        return np.empty(0, np.int64)
    seen = _EVERYTHING if inks is None else inks
    # A mark for each row, found again in order: half of ten million rows take a second to sort.
    found = np.zeros(points.n, np.bool_)
    _inside(
        points.layout, points.order, points.offsets, points.grid.numbers(), seen, corners, found
    )
    return np.flatnonzero(found)


_EVERYTHING = np.empty(0, np.uint8)
_EVERYTHING.flags.writeable = False  # as inks are: one kernel for both


@njit(nogil=True, cache=True)
def _odd(px, py, edges):  # type: ignore[no-untyped-def]
    """Whether a place is inside by the even-odd rule; edges (e, 4) are x, y, x, y."""
    odd = False
    for i in range(len(edges)):
        xi, yi, xj, yj = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        if (yi > py) != (yj > py) and px < (xj - xi) * (py - yi) / (yj - yi) + xi:
            odd = not odd
    return odd


@njit(nogil=True, cache=True)
def _edges(corners, low, high):  # type: ignore[no-untyped-def]
    """Edges (e, 4) that reach into the heights from low to high: no other decides there."""
    found = np.empty((len(corners), 4))
    count = 0
    j = len(corners) - 1
    for i in range(len(corners)):
        yi, yj = corners[i, 1], corners[j, 1]
        if max(yi, yj) >= low and min(yi, yj) <= high:
            found[count, 0], found[count, 1] = corners[i, 0], yi
            found[count, 2], found[count, 3] = corners[j, 0], yj
            count += 1
        j = i
    return found[:count]


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
def _inside(layout, order, offsets, grid, inks, corners, found):  # type: ignore[no-untyped-def]
    """Mark the rows inside, (n,) bool."""
    left, bottom, per_x, per_y, side = grid
    rim = np.zeros((side, side), np.bool_)
    _mark_rim(corners, grid, rim)
    low = cell_at(corners[:, 1].min(), bottom, per_y, side)
    high = cell_at(corners[:, 1].max(), bottom, per_y, side)
    west = cell_at(corners[:, 0].min(), left, per_x, side)
    east = cell_at(corners[:, 0].max(), left, per_x, side)
    for row in range(low, high + 1):
        # A little more than the row, against rounding.
        edges = _edges(corners, bottom + (row - 0.5) / per_y, bottom + (row + 1.5) / per_y)
        column = west
        while column <= east:
            first = column
            is_rim = rim[row, column]
            while column <= east and rim[row, column] == is_rim:
                column += 1
            start, stop = offsets[row * side + first], offsets[row * side + column]
            if is_rim:
                _test(layout, order, start, stop, inks, edges, found)
                continue
            # No edge comes near these cells: one place speaks for all of them.
            middle_x, middle_y = left + (first + 0.5) / per_x, bottom + (row + 0.5) / per_y
            if _odd(middle_x, middle_y, edges):
                for i in range(np.uint64(start), np.uint64(stop)):
                    if len(inks) == 0 or inks[i] != 0:
                        found[np.uint32(order[i])] = True
    every = _edges(corners, -np.inf, np.inf)
    _test(layout, order, offsets[side * side], len(order), inks, every, found)


@njit(nogil=True, cache=True)
def _test(layout, order, start, stop, inks, edges, found):  # type: ignore[no-untyped-def]
    """Mark those of a range of points that lie inside."""
    for i in range(start, stop):
        row = order[i]
        if len(inks) == 0 or inks[i] != 0:
            found[row] = _odd(np.float64(layout[row, 0]), np.float64(layout[row, 1]), edges)
