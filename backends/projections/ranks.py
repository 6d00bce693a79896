"""Counting how many similarities lie above each of a few thresholds.

Numba kernels: import this module inside functions only.
"""

# ruff: noqa: ANN001, ANN201  (numba infers the types of kernels)

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def count_above(values, thresholds):  # type: ignore[no-untyped-def]
    """Per row of values (b, n), how many are greater than each threshold (b, k); (b, k) int64."""
    counts = np.empty(thresholds.shape, np.int64)
    for i in range(values.shape[0]):
        for j in range(thresholds.shape[1]):
            limit = thresholds[i, j]
            count = np.int32(0)
            for at in range(values.shape[1]):
                count += np.int32(values[i, at] > limit)
            counts[i, j] = count
    return counts
