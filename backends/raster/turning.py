"""The kernel that turns points, split over the map's threads.

Numba kernels: import this module inside functions only.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.raster.threads import slices, spread, threads


def project_rows(
    layout: Matrix, matrix: NDArray[np.float64], reach: float, levels: int
) -> tuple[Matrix, NDArray[np.uint8]]:
    """Where rows of (n, 3) are seen, (n, 2), and in which level of depth, (n,)."""
    held = np.ascontiguousarray(layout, np.float32).view()
    held.flags.writeable = False  # one kernel, whoever the layout comes from
    seen = np.empty((len(held), 2), np.float32)
    depth = np.empty(len(held), np.uint8)
    # Levels are of equal width from -reach to reach; what lies beyond belongs to the outermost.
    per = levels / (2.0 * reach) if reach > 0 else 0.0
    rows = np.array(matrix, np.float32)
    spread(
        lambda part: _project(held, rows, np.float32(per), levels, *part, seen, depth),
        slices(len(held), threads()),
    )
    return seen, depth


@njit(nogil=True, cache=True)
def _project(layout, matrix, per, levels, start, stop, seen, depth):  # type: ignore[no-untyped-def]
    xx, xy, xz = matrix[0, 0], matrix[0, 1], matrix[0, 2]
    yx, yy, yz = matrix[1, 0], matrix[1, 1], matrix[1, 2]
    zx, zy, zz = matrix[2, 0], matrix[2, 1], matrix[2, 2]
    middle, last = np.float32(levels * 0.5), np.float32(levels - 1)
    for i in range(np.uint64(start), np.uint64(stop)):
        x, y, z = layout[i, 0], layout[i, 1], layout[i, 2]
        seen[i, 0] = xx * x + xy * y + xz * z
        seen[i, 1] = yx * x + yy * y + yz * z
        level = (zx * x + zy * y + zz * z) * per + middle
        # NaN is not above 0.
        depth[i] = np.uint8(min(level, last)) if level > np.float32(0.0) else np.uint8(0)
