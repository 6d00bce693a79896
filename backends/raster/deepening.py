"""The kernel that brings codes and levels of depth together, split over the map's threads.

Numba kernels: import this module inside functions only.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import frozen
from backends.raster.threads import slices, spread, threads


def combined(
    codes: NDArray[Any],
    table: NDArray[np.uint16],
    depth: NDArray[np.uint8],
    known: int,
    levels: int,
) -> NDArray[np.uint16]:
    """Entry of colour and depth for each row, (n,): `table[code] * levels + level`.

    The depth has `known` levels, of which `levels` are told apart.
    """
    held = np.ascontiguousarray(codes).view()
    held.flags.writeable = False  # one kernel, whoever the codes come from
    out = np.empty(len(held), np.uint16)
    spread(
        lambda part: _combine(held, table, depth, known, levels, *part, out),
        slices(len(held), threads()),
    )
    return frozen(out)


@njit(nogil=True, cache=True)
def _combine(codes, table, depth, known, levels, start, stop, out):  # type: ignore[no-untyped-def]
    for i in range(np.uint64(start), np.uint64(stop)):
        level = np.uint32(depth[i]) * np.uint32(levels) // np.uint32(known)
        out[i] = np.uint16(table[codes[i]] * np.uint32(levels) + level)
