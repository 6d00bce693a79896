"""Products of numbers that share a dimension (numba): many small matrices side by side."""

from __future__ import annotations

from typing import Any

from numba import njit


@njit(nogil=True, cache=True, fastmath=True)  # type: ignore[untyped-decorator]
def add_products(grid: Any, gram: Any) -> None:
    """Add the products over quotients of a grid (g, R, d) to `gram` (R, R, d), lower half only.

    The dimension is the innermost loop, so that it runs over neighbours in memory. As d calls of
    a matrix product this waits for threads most of the time.
    """
    groups, count, dim = grid.shape
    for group in range(groups):
        for row in range(count):
            for column in range(row + 1):
                for place in range(dim):
                    gram[row, column, place] += grid[group, row, place] * grid[group, column, place]
