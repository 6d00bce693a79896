"""Brings what is known by row into the order of the points, split over the map's threads."""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Rows, frozen
from backends.raster.colour import COLOUR, CONTEXT
from backends.raster.points import Points
from backends.raster.threads import slices, spread, threads


def gather(
    points: Points, codes: NDArray[Any], table: NDArray[np.uint8], chosen: Rows | None
) -> tuple[NDArray[np.uint8], bool, bool]:
    """Ink of each point, (m,); whether any stands back; whether any is seen.

    `table` gives the ink of each code; rows that are not among the `chosen` stand back.
    """
    mask = np.zeros(len(codes) if chosen is not None else 0, np.bool_)
    if chosen is not None:
        mask[chosen] = True
    inks = np.empty(len(points), np.uint8)
    parts = slices(len(points), threads())
    found = np.zeros((len(parts), 2), np.bool_)
    held = np.ascontiguousarray(codes).view()
    held.flags.writeable = False  # one kernel, whoever the codes come from
    order = points.order
    spread(
        lambda part: _gather(
            order, held, table, mask, chosen is not None, *parts[part], inks, found[part]
        ),
        range(len(parts)),
    )
    return frozen(inks), bool(found[:, 0].any()), bool(found[:, 1].any())


@njit(nogil=True, cache=True)
def _gather(order, codes, table, mask, is_masked, start, stop, inks, found):  # type: ignore[no-untyped-def]
    stands_back = seen = False
    for i in range(np.uint64(start), np.uint64(stop)):
        row = np.uint32(order[i])
        ink = table[codes[row]]
        if ink >= COLOUR and is_masked and not mask[row]:
            ink = np.uint8(CONTEXT)
        stands_back |= ink == CONTEXT
        seen |= ink != 0
        inks[i] = ink
    found[0] = stands_back
    found[1] = seen
