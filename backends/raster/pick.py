"""The point nearest to a place, found by looking at the few cells round it."""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.raster.points import Points, cell_at


def pick(
    points: Points, x: float, y: float, radius: float, layer: NDArray[np.uint8] | None = None
) -> int:
    """Corpus row of the point nearest to a place in the plane within `radius`, or -1.

    Points whose `layer` (m,) is 0 are not there. Of points equally near, one in colour comes
    before one in the context, then the lowest row.
    """
    seen = _EVERYTHING if layer is None else layer
    return int(
        _pick(
            points.x, points.y, points.order, points.offsets, points.grid.numbers(), seen,
            float(x), float(y), float(radius),
        )
    )  # fmt: skip


_EVERYTHING = np.empty(0, np.uint8)


@njit(nogil=True, cache=True)
def _pick(x, y, order, offsets, grid, layer, at_x, at_y, radius):  # type: ignore[no-untyped-def]
    left, bottom, per_x, per_y, side = grid
    west, east = (
        cell_at(at_x - radius, left, per_x, side),
        cell_at(at_x + radius, left, per_x, side),
    )
    low, high = (
        cell_at(at_y - radius, bottom, per_y, side),
        cell_at(at_y + radius, bottom, per_y, side),
    )
    best, nearest, kind = -1, radius * radius, 0
    for row in range(low, high + 1):
        for i in range(offsets[row * side + west], offsets[row * side + east + 1]):
            here = layer[i] if len(layer) else 2
            away = (x[i] - at_x) ** 2 + (y[i] - at_y) ** 2
            if here == 0 or away > nearest:
                continue
            if best < 0 or away < nearest or here > kind or (here == kind and order[i] < best):
                best, nearest, kind = order[i], away, here
    return best
