"""Rounding numbers to a few levels and writing codes back as unit vectors (numba).

Sums of squares may be taken in any order, which lets them run in vector registers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# Constants of splitmix64 (Steele, Lea, Flood 2014): a generator that is one hash of a counter.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def round_columns(vectors: Any, offset: Any, step: Any, low: int, high: int, out: Any) -> None:
    """Round (x - offset) / step of each dimension to low..high, half to even; steps may be 0."""
    rows, dim = vectors.shape
    divisor = np.where(step > 0, step, np.float32(1))
    least, most = np.float32(low), np.float32(high)
    for row in range(rows):
        for j in range(dim):
            level = np.rint((vectors[row, j] - offset[j]) / divisor[j])
            out[row, j] = min(max(level, least), most)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def round_at_random(vectors: Any, offset: Any, step: Any, seed: int, start: int, out: Any) -> None:
    """floor((x - offset) / step + u) in -128..127, u uniform in [0, 1) by seed, position and j."""
    rows, dim = vectors.shape
    divisor = np.where(step > 0, step, np.float32(1))
    for row in range(rows):
        counter = np.uint64(start + row) * np.uint64(dim)
        for j in range(dim):
            mixed = (counter + np.uint64(j)) * _GOLDEN + np.uint64(seed) * _MIX_2
            mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
            mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
            mixed ^= mixed >> np.uint64(31)
            uniform = np.float64(mixed >> np.uint64(11)) * 2.0**-53
            level = np.floor((np.float64(vectors[row, j]) - offset[j]) / divisor[j] + uniform)
            out[row, j] = min(max(level, -128.0), 127.0)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def round_rows(vectors: Any, codes: Any, scales: Any) -> None:
    """Scale each row so that its largest value is 127, and round; scales (b,) undo it."""
    rows, dim = vectors.shape
    for row in range(rows):
        peak = np.float32(0)
        for j in range(dim):
            peak = max(peak, abs(vectors[row, j]))
        scale = peak / np.float32(127)
        scales[row] = scale
        divisor = scale if scale > 0 else np.float32(1)
        for j in range(dim):
            codes[row, j] = np.rint(vectors[row, j] / divisor)


@njit(nogil=True, cache=True, fastmath={"reassoc"})  # type: ignore[untyped-decorator]
def to_unit(out: Any) -> None:
    """Scale rows (b, w) to length 1 where they lie; rows of zeros stay."""
    rows, dim = out.shape
    for row in range(rows):
        square = np.float32(0)
        for j in range(dim):
            square += out[row, j] * out[row, j]
        inverse = np.float32(1) / np.sqrt(square) if square > 0 else np.float32(0)
        for j in range(dim):
            out[row, j] *= inverse


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def write_columns(codes: Any, offset: Any, step: Any, out: Any) -> None:
    """Write offset + step * code of each dimension."""
    rows, dim = codes.shape
    for row in range(rows):
        for j in range(dim):
            out[row, j] = offset[j] + step[j] * np.float32(codes[row, j])


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def write_halves(codes: Any, bits: Any, out: Any) -> None:
    """Write finite halves, given as uint16, as float32; `bits` is the same memory as out (uint32).

    Exponent and fraction are moved to their new places, and the exponent's bias, 15 instead of
    127, is made up for by a factor, which serves halves below 2^-14 as well.
    """
    rows, dim = codes.shape
    for row in range(rows):
        for j in range(dim):
            half = np.uint32(codes[row, j])
            bits[row, j] = ((half & 0x7FFF) << 13) | ((half & 0x8000) << 16)
        for j in range(dim):
            out[row, j] *= np.float32(2.0**112)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def write_nibbles(codes: Any, offset: Any, step: Any, out: Any) -> None:
    """Write offset + step * code of codes two a byte, the even dimension in the low half."""
    rows = codes.shape[0]
    dim = out.shape[1]
    for row in range(rows):
        for pair in range(dim // 2):
            byte = codes[row, pair]
            even, odd = 2 * pair, 2 * pair + 1
            out[row, even] = offset[even] + step[even] * np.float32(byte & 15)
            out[row, odd] = offset[odd] + step[odd] * np.float32(byte >> 4)
        if dim % 2:
            last = dim - 1
            out[row, last] = offset[last] + step[last] * np.float32(codes[row, dim // 2] & 15)


@njit(nogil=True, cache=True, fastmath={"reassoc"})  # type: ignore[untyped-decorator]
def dot_rows(queries: Any, vectors: Any, out: Any) -> None:
    """Dot products (m, b) of few queries; a matrix product would wake threads for nothing."""
    rows, width = vectors.shape
    for row in range(rows):
        for query in range(len(queries)):
            total = np.float32(0)
            for j in range(width):
                total += queries[query, j] * vectors[row, j]
            out[query, row] = total
