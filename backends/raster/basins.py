"""Hills of a density surface: every cell belongs to the peak that climbing from it leads to.

Two hills are one if the saddle between them is hardly lower than the smaller peak, or if chance
alone could have dug a valley as deep between so few points.

Reference: Chazal, Guibas, Oudot, Skraba 2013, "Persistence-based clustering in Riemannian
manifolds" (ToMATo); here on the cells of a grid, so its work does not depend on the points.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.raster.density import Counts, Surface

LEAST_DROP = 0.12  # of the smaller peak, from it to the saddle
CHANCE = 2.5  # standard deviations of the estimate at the peak


def basins(
    surface: Surface, counts: Counts, sigma: float, *, floor: float, fewest: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Number of the hill of each cell (height, width), -1 below `floor`; and each hill's peak cell.

    Hills hold at least `fewest` points: smaller ones join the neighbour over the highest saddle,
    and islands with fewer are no hills. Numbered by height of their peaks, highest first.
    `surface` is `counts` blurred by `sigma` cells.
    """
    flat = surface.reshape(-1)
    high = np.flatnonzero(flat >= max(floor, 1e-9))
    order = high[np.argsort(-flat[high], kind="stable")]
    # The variance of a kernel estimate at height f is f times the kernel's squared integral.
    chance = CHANCE / math.sqrt(4 * math.pi * max(sigma, 0.5) ** 2)
    labels, peaks = _climb(surface, counts, order, LEAST_DROP, chance, fewest)
    return labels, peaks


@njit(nogil=True, cache=True)
def _root(above, i):  # type: ignore[no-untyped-def]
    while above[i] != i:
        above[i] = above[above[i]]
        i = above[i]
    return i


@njit(nogil=True, cache=True)
def _climb(surface, counts, order, least_drop, chance, fewest):  # type: ignore[no-untyped-def]  # noqa: C901  a kernel
    """Give cells to hills from the highest down; where two hills meet, decide if they are one."""
    height, width = surface.shape
    hill = np.full(height * width, -1, np.int32)
    above = np.empty(len(order), np.int32)  # union-find; the root has the highest peak
    peak = np.empty(len(order), np.int64)
    held = np.zeros(len(order), np.int64)  # points so far
    hills = 0
    for cell in order:
        row, column = cell // width, cell % width
        value = np.float64(surface[row, column])
        mine, steepest = -1, -1.0
        for v in range(max(0, row - 1), min(height, row + 2)):
            for u in range(max(0, column - 1), min(width, column + 2)):
                other = v * width + u
                if hill[other] >= 0 and surface[v, u] > steepest:
                    mine, steepest = hill[other], surface[v, u]
        if mine < 0:
            mine = hills
            above[mine], peak[mine] = mine, cell
            hills += 1
        mine = _root(above, mine)
        hill[cell] = mine
        held[mine] += counts[row, column]
        for v in range(max(0, row - 1), min(height, row + 2)):
            for u in range(max(0, column - 1), min(width, column + 2)):
                if hill[v * width + u] < 0:
                    continue
                other = _root(above, hill[v * width + u])
                if other == mine:
                    continue
                low, top = max(mine, other), min(mine, other)  # numbered from the highest
                summit = np.float64(surface[peak[low] // width, peak[low] % width])
                needed = max(least_drop * summit, chance * np.sqrt(summit))
                if summit - value < needed or held[low] < fewest:
                    above[low] = top
                    held[top] += held[low]
                    mine = top
    number = np.full(hills, -1, np.int32)
    peaks = np.empty(hills, np.int64)
    count = 0
    for i in range(hills):
        if above[i] == i and held[i] >= fewest:
            number[i], peaks[count] = count, peak[i]
            count += 1
    out = np.full((height, width), -1, np.int32)
    for cell in order:
        out[cell // width, cell % width] = number[_root(above, hill[cell])]
    return out, peaks[:count].copy()
