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

from backends.arrays import Matrix
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


def step(
    points: Points,
    layout: Matrix,
    row: int,
    towards: Towards,
    layer: NDArray[np.uint8] | None = None,
) -> int:
    """Corpus row next to a row of the layout (n, 2) in a direction of the plane, or -1.

    Points whose `layer` (m,) is 0 are not there, but one may be walked away from. First come
    points in the very same place with a higher row, then the nearest ahead; of equally near ones
    the lowest row. A row without a place has nothing next to it.
    """
    if not 0 <= row < len(layout) or not np.isfinite(layout[row]).all():
        return -1
    across, sign = _AXES[towards]
    seen = _EVERYTHING if layer is None else layer
    return int(
        _step(
            points.x, points.y, points.order, points.offsets, points.grid.numbers(), seen,
            float(layout[row, 0]), float(layout[row, 1]), row, across, sign,
        )
    )  # fmt: skip


def nearest_shown(
    points: Points, x: float, y: float, layer: NDArray[np.uint8] | None = None
) -> int:
    """Corpus row of the point nearest to a place of the plane, however far, or -1."""
    left, bottom, right, top = points.bounds
    farthest = float(np.hypot(max(x - left, right - x), max(y - bottom, top - y))) * 1.001
    radius = min(points.spread, farthest)
    while radius < farthest:
        if (row := pick(points, x, y, radius, layer)) >= 0:
            return row
        radius *= 4
    return pick(points, x, y, np.nextafter(farthest, np.inf), layer)


@njit(nogil=True, cache=True)
def _step(  # type: ignore[no-untyped-def]
    x, y, order, offsets, grid, layer, at_x, at_y, row, across, sign
):
    """Go ahead slab by slab (a column or a row of cells), as long as something nearer may come."""
    left, bottom, per_x, per_y, side = grid
    twin = _twin(x, y, order, offsets, grid, layer, at_x, at_y, row)
    if twin >= 0:
        return twin
    here = cell_at(at_x, left, per_x, side) if across else cell_at(at_y, bottom, per_y, side)
    start, per = (left, per_x) if across else (bottom, per_y)
    beside, per_beside = (bottom, per_y) if across else (left, per_x)
    at, at_beside = (at_x, at_y) if across else (at_y, at_x)
    best, nearest = -1, np.inf
    slab = here
    while 0 <= slab < side:
        # Borders of the slab, a cell wider against rounding; what is beyond the rim has none.
        near_edge = start + (slab if sign > 0 else slab + 1) / per
        behind = slab == (0 if sign > 0 else side - 1)  # the rim: it reaches back without end
        gap = 0.0 if behind else max(0.0, (near_edge - at) * sign - 1.0 / per)
        if gap * gap > nearest:
            break
        last = slab == (side - 1 if sign > 0 else 0)
        far_edge = start + (slab + 1 if sign > 0 else slab) / per
        reach = np.inf if last else (far_edge - at) * sign + 1.0 / per
        reach = min(reach, np.sqrt(nearest / SIDEWAYS))
        low = cell_at(at_beside - reach, beside, per_beside, side)
        high = cell_at(at_beside + reach, beside, per_beside, side)
        low, high = max(0, low - 1), min(side - 1, high + 1)
        for other in range(low, high + 1):
            cell = other * side + slab if across else slab * side + other
            for i in range(offsets[cell], offsets[cell + 1]):
                if len(layer) and layer[i] == 0:
                    continue
                dx, dy = np.float64(x[i]) - at_x, np.float64(y[i]) - at_y
                along, aside = (dx * sign, dy) if across else (dy * sign, dx)
                if along <= 0.0 or abs(aside) > along:
                    continue
                away = along * along + SIDEWAYS * (aside * aside)
                if away < nearest or (away == nearest and order[i] < best):
                    best, nearest = order[i], away
        slab += 1 if sign > 0 else -1
    return best


@njit(nogil=True, cache=True)
def _twin(x, y, order, offsets, grid, layer, at_x, at_y, row):  # type: ignore[no-untyped-def]
    """The next row in the very same place, or -1; rows of a cell ascend."""
    left, bottom, per_x, per_y, side = grid
    cell = cell_at(at_y, bottom, per_y, side) * side + cell_at(at_x, left, per_x, side)
    for i in range(offsets[cell], offsets[cell + 1]):
        same = x[i] == at_x and y[i] == at_y
        if same and order[i] > row and not (len(layer) and layer[i] == 0):
            return order[i]
    return -1
