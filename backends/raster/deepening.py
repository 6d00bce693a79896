"""The kernel that brings codes and levels of depth together, split over the map's threads.

Numba kernels: import this module inside functions only.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import frozen
from backends.raster.colour import Codes
from backends.raster.threads import slices, spread, threads


def combined(
    codes: Codes,
    entries: NDArray[np.uint8],
    steps: NDArray[np.uint8],
    depth: NDArray[np.uint8],
    known: int,
    levels: int,
) -> Codes:
    """Entry of colour and depth for each row, (n,): `entries[code] + steps[code] * level`.

    The depth has `known` levels, of which `levels` are told apart.
    """
    held = np.ascontiguousarray(codes).view()
    held.flags.writeable = False  # one kernel, whoever the codes come from
    level = (np.arange(known) * levels // known).astype(np.uint8)
    out = np.empty(len(held), np.uint8)
    spread(
        lambda part: _combine(held, entries, steps, depth, level, *part, out),
        slices(len(held), threads()),
    )
    return frozen(out)


@njit(nogil=True, cache=True)
def _combine(codes, entries, steps, depth, level, start, stop, out):  # type: ignore[no-untyped-def]
    for i in range(np.uint64(start), np.uint64(stop)):
        code = codes[i]
        out[i] = entries[code] + steps[code] * level[depth[i]]
