"""The point nearest to a place, found by looking at the few cells round it."""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.raster.points import STEPS, Points, cell_at


def pick(
    points: Points, x: float, y: float, radius: float, inks: NDArray[np.uint8] | None = None
) -> int:
    """Corpus row of the point nearest to a place in the plane within `radius`, or -1.

    Points whose ink (m,) is 0 are not there. Of points equally near, one in colour comes before one
    in the context, then the lowest row.
    """
    seen = _EVERYTHING if inks is None else inks
    return int(
        _pick(
            points.layout, points.order, points.across, points.up, points.offsets,
            points.grid.numbers(), seen, float(x), float(y), float(radius),
        )
    )  # fmt: skip


_EVERYTHING = np.empty(0, np.uint8)
_EVERYTHING.flags.writeable = False  # as inks are: one kernel for both


@njit(nogil=True, cache=True)
def _pick(layout, order, across, up, offsets, grid, inks, at_x, at_y, radius):  # type: ignore[no-untyped-def]
    left, bottom, per_x, per_y, side = grid
    west, east = (
        cell_at(at_x - radius, left, per_x, side),
        cell_at(at_x + radius, left, per_x, side),
    )
    low, high = (
        cell_at(at_y - radius, bottom, per_y, side),
        cell_at(at_y + radius, bottom, per_y, side),
    )
    # The place within the cell is at hand, the one in the layout must be fetched: so it is only for
    # points that may be nearer, as the former is true to a step.
    step_x, step_y = 1.0 / (per_x * STEPS), 1.0 / (per_y * STEPS)
    slack = step_x + step_y
    found = (np.int64(-1), radius * radius, 0)
    for row in range(low, high + 1):
        base_y = bottom + row / per_y + step_y / 2 - at_y
        for column in range(west, east + 1):
            cell = np.uint64(row * side + column)
            start, stop = np.uint64(offsets[cell]), np.uint64(offsets[cell + np.uint64(1)])
            base_x = left + column / per_x + step_x / 2 - at_x
            limit = (math.sqrt(found[1]) + slack) ** 2
            for i in range(start, stop):
                dx, dy = base_x + across[i] * step_x, base_y + up[i] * step_y
                if dx * dx + dy * dy <= limit:
                    found = _nearer(layout, order, inks, at_x, at_y, np.int64(i), found)
                    limit = (math.sqrt(found[1]) + slack) ** 2
    for i in range(offsets[side * side], len(order)):
        found = _nearer(layout, order, inks, at_x, at_y, np.int64(i), found)
    return found[0]


@njit(nogil=True, cache=True)
def _nearer(layout, order, inks, at_x, at_y, i, found):  # type: ignore[no-untyped-def]
    """Row, squared distance and kind of a point, or of what was found before if that is better."""
    here = min(np.int64(inks[i]), 2) if len(inks) else 2
    if here == 0:  # before its place is fetched
        return found
    best, nearest, kind = found
    row = np.int64(order[i])
    away = (layout[row, 0] - at_x) ** 2 + (layout[row, 1] - at_y) ** 2
    if not away <= nearest:
        return found
    if best < 0 or away < nearest or here > kind or (here == kind and row < best):
        return row, np.float64(away), here
    return found
