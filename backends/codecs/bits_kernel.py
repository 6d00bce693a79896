"""Sign bits of several planes to vectors and back (numba)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def residual_bits(values: Any, scales: Any, out: Any) -> None:
    """Write the planes (b, t, bytes) of values (b, m): x > 0, then of what is left, and so on.

    Values are overwritten by what is left in the end. `out` must be zero; the first dimension is
    the highest bit of a byte, as in numpy.packbits.
    """
    rows, dim = values.shape
    for row in range(rows):
        for plane in range(scales.shape[0]):
            for j in range(dim):
                if values[row, j] > 0:
                    out[row, plane, j >> 3] |= np.uint8(128 >> (j & 7))
                    values[row, j] -= scales[plane, j]
                else:
                    values[row, j] += scales[plane, j]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def write_levels(codes: Any, corners: Any, scales: Any, out: Any) -> None:
    """Write the sum over planes of +-scales (t, 8 * bytes) into the first columns of out.

    `corners` (256, 8) has the eight signs of each byte.
    """
    rows, depth, size = codes.shape
    for row in range(rows):
        for byte in range(size):
            first = 8 * byte
            signs = corners[codes[row, 0, byte]]
            for i in range(8):
                out[row, first + i] = signs[i] * scales[0, first + i]
            for plane in range(1, depth):
                signs = corners[codes[row, plane, byte]]
                for i in range(8):
                    out[row, first + i] += signs[i] * scales[plane, first + i]


@njit(nogil=True, cache=True, fastmath={"reassoc"})  # type: ignore[untyped-decorator]
def scale_to_cosine(mean: Any, mean_square: float, out: Any) -> None:
    """Divide each row (b, w + 1) by the length of mean + row; its last column becomes 1 / length.

    `mean` (w,) is the mean along the same directions. A dot product with (query, query . mean) is
    then the cosine between the query and the decoded row.
    """
    rows, width = out.shape[0], out.shape[1] - 1
    for row in range(rows):
        square = np.float32(mean_square)
        for j in range(width):
            square += out[row, j] * (out[row, j] + np.float32(2) * mean[j])
        inverse = np.float32(1) / np.sqrt(square) if square > 0 else np.float32(0)
        for j in range(width):
            out[row, j] *= inverse
        out[row, width] = inverse
