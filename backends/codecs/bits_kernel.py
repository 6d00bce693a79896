"""Sign bits of several planes to vectors and back (numba).

Eight signs are moved as one word of eight bytes, so that all else runs in vector registers. Words
are read as processors of today lay them out: the first byte is the lowest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# A word of bytes 0 or 1 times this has the first byte's bit on top, and the next seven below.
_GATHER = np.uint64(0x8040201008040201)
_TOP = np.uint64(56)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def residual_bits(values: Any, scales: Any, out: Any) -> None:
    """Write the planes (b, t, bytes) of values (b, m): x > 0, then of what is left, and so on.

    Values are overwritten by what is left in the end. The first dimension is the highest bit of a
    byte, as in numpy.packbits; bits behind the last are 0.
    """
    rows, dim = values.shape
    size = out.shape[2]
    signs = np.zeros(8 * size, dtype=np.uint8)
    words = signs.view(np.uint64)
    for row in range(rows):
        for plane in range(scales.shape[0]):
            for j in range(dim):
                above = values[row, j] > 0
                signs[j] = above
                values[row, j] -= scales[plane, j] if above else -scales[plane, j]
            for byte in range(size):
                out[row, plane, byte] = (words[byte] * _GATHER) >> _TOP


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def write_levels(codes: Any, corners: Any, scales: Any, out: Any) -> None:
    """Write the sum over planes of +-scales (t, 8 * bytes) into the first columns of out.

    `corners` (256,) has the eight signs of each byte as a word of eight int8.
    """
    rows, depth, size = codes.shape
    words = np.empty(size, dtype=np.uint64)
    signs = words.view(np.int8)
    for row in range(rows):
        for plane in range(depth):
            for byte in range(size):
                words[byte] = corners[codes[row, plane, byte]]
            if plane == 0:
                for j in range(8 * size):
                    out[row, j] = scales[0, j] * np.float32(signs[j])
            else:
                for j in range(8 * size):
                    out[row, j] += scales[plane, j] * np.float32(signs[j])


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
