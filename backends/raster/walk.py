"""From one point to the next in a direction, found by looking at the few cells ahead of it.

Ahead is what lies within 45 degrees of the direction; near is what is reached by a short step
along it, sideways counting double. Points in the same place follow each other by row, so that a
walk passes through all of them and goes on.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.raster.pick import pick
from backends.raster.points import Points, cell_at

Towards = Literal["left", "right", "up", "down"]
_AXES: dict[Towards, tuple[bool, float]] = {  # along x?, sign
    "left": (True, -1.0),
    "right": (True, 1.0),
    "up": (False, 1.0),
    "down": (False, -1.0),
}
SIDEWAYS = 4.0  # weight of the squared sideways distance: sideways counts double
_EVERYTHING = np.empty(0, np.uint8)
_EVERYTHING.flags.writeable = False  # as inks are: one kernel for both


def step(
    points: Points,
    row: int,
    towards: Towards,
    inks: NDArray[np.uint8] | None = None,
) -> int:
    """Corpus row next to a row in a direction of the plane, or -1.

    Points whose ink (m,) is 0 are not there, but one may be walked away from. First come
    points in the very same place with a higher row, then the nearest ahead; of equally near ones
    the lowest row. A row without a place has nothing next to it.
    """
    layout = points.layout
    if not 0 <= row < len(layout) or not np.isfinite(layout[row]).all():
        return -1
    across, sign = _AXES[towards]
    seen = _EVERYTHING if inks is None else inks
    return int(
        _step(layout, points.order, points.offsets, points.grid.numbers(), seen, row, across, sign)
    )


def nearest_shown(points: Points, x: float, y: float, inks: NDArray[np.uint8] | None = None) -> int:
    """Corpus row of the point nearest to a place of the plane, however far, or -1."""
    left, bottom, right, top = points.bounds
    farthest = float(np.hypot(max(x - left, right - x), max(y - bottom, top - y))) * 1.001
    radius = min(points.spread, farthest)
    while radius < farthest:
        if (row := pick(points, x, y, radius, inks)) >= 0:
            return row
        radius *= 4
    return pick(points, x, y, np.nextafter(farthest, np.inf), inks)


@njit(nogil=True, cache=True)
def _step(layout, order, offsets, grid, inks, row, across, sign):  # type: ignore[no-untyped-def]
    """Go ahead slab by slab (a column or a row of cells), as long as something nearer may come."""
    left, bottom, per_x, per_y, side = grid
    at_x, at_y = np.float64(layout[row, 0]), np.float64(layout[row, 1])
    twin = _twin(layout, order, offsets, grid, inks, row)
    if twin >= 0:
        return twin
    start, per = (left, per_x) if across else (bottom, per_y)
    beside, per_beside = (bottom, per_y) if across else (left, per_x)
    at, at_beside = (at_x, at_y) if across else (at_y, at_x)
    # Strays lie anywhere, in the order of their heights.
    found = (np.int64(-1), np.inf)
    for i in range(offsets[side * side], len(order)):
        found = _nearer(layout, order, inks, at_x, at_y, i, across, sign, found)
    slab = cell_at(at, start, per, side)
    while 0 <= slab < side:
        # Borders of the slab, a cell wider against rounding.
        near_edge = start + (slab if sign > 0 else slab + 1) / per
        gap = max(0.0, (near_edge - at) * sign - 1.0 / per)
        if gap * gap > found[1]:
            break
        far_edge = start + (slab + 1 if sign > 0 else slab) / per
        reach = min((far_edge - at) * sign + 1.0 / per, np.sqrt(found[1] / SIDEWAYS))
        low = max(0, cell_at(at_beside - reach, beside, per_beside, side) - 1)
        high = min(side - 1, cell_at(at_beside + reach, beside, per_beside, side) + 1)
        for other in range(low, high + 1):
            cell = other * side + slab if across else slab * side + other
            for i in range(offsets[cell], offsets[cell + 1]):
                found = _nearer(layout, order, inks, at_x, at_y, i, across, sign, found)
        slab += 1 if sign > 0 else -1
    return found[0]


@njit(nogil=True, cache=True)
def _nearer(layout, order, inks, at_x, at_y, i, across, sign, found):  # type: ignore[no-untyped-def]
    """Row and weighted squared distance of a point ahead, or what was found if that is better."""
    if len(inks) and inks[i] == 0:
        return found
    best, nearest = found
    row = np.int64(order[i])
    dx, dy = np.float64(layout[row, 0]) - at_x, np.float64(layout[row, 1]) - at_y
    along, aside = (dx * sign, dy) if across else (dy * sign, dx)
    if along <= 0.0 or abs(aside) > along:
        return found
    away = along * along + SIDEWAYS * (aside * aside)
    if away < nearest or (away == nearest and row < best):
        return row, away
    return found


@njit(nogil=True, cache=True)
def _twin(layout, order, offsets, grid, inks, row):  # type: ignore[no-untyped-def]
    """The next row in the very same place, or -1; of those, rows ascend in a cell and in strays."""
    left, bottom, per_x, per_y, side = grid
    at_x, at_y = layout[row, 0], layout[row, 1]
    x, y = (np.float64(at_x) - left) * per_x, (np.float64(at_y) - bottom) * per_y
    first, last = np.int64(offsets[side * side]), np.int64(len(order))
    if 0.0 <= x < side and 0.0 <= y < side:
        cell = np.int64(y) * side + np.int64(x)
        first, last = np.int64(offsets[cell]), np.int64(offsets[cell + 1])
    for i in range(first, last):
        other = np.int64(order[i])
        same = layout[other, 0] == at_x and layout[other, 1] == at_y
        if same and other > row and not (len(inks) and inks[i] == 0):
            return other
    return np.int64(-1)
