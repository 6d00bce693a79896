"""Comparing packed sub-codes bit by bit (numba)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, inline="always")  # type: ignore[untyped-decorator]
def _ones(word: Any) -> Any:
    """How many bits of a word are set; compilers know this pattern."""
    word = np.uint64(word)
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def sub_code_dots(queries: Any, rows: Any, size: int, dots: Any) -> None:
    """Dot products of codes, from their sub-codes alone; no rounding happens.

    `queries` (m, u + 1, w) and `rows` (b, u + 1, w) are unsigned words, `dots` (m, b) float32
    receives sum over s, t of 2^-(s+t) (size - 2 Hamming(q_s, r_t)).
    Reference: symmetric distance of BEBR (Gan et al. 2023, section 3.3).
    """
    codes, words = rows.shape[1], rows.shape[2]
    unit = np.float32(1.0) / np.float32(1 << (2 * (codes - 1)))
    for query in range(queries.shape[0]):
        for row in range(rows.shape[0]):
            total = 0
            for left in range(codes):
                for right in range(codes):
                    apart = np.uint64(0)
                    for word in range(words):
                        apart += _ones(queries[query, left, word] ^ rows[row, right, word])
                    total += (size - 2 * np.int64(apart)) << (2 * (codes - 1) - left - right)
            dots[query, row] = np.float32(total) * unit
