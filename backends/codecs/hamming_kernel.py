"""Counting differing bits and keeping the nearest codes while rows pass by (numba).

The distance of a code is the sum over planes p of 2^p times its differing bits from plane p of the
query: one plane is Hamming distance, several are a query rounded to 2^planes levels. What is kept
is one whole number, distance first and position behind, so sorting needs no second key.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numba.extending import intrinsic

POSITION_BITS = np.int64(40)
TILE = 512  # rows that a batch of queries meets at once: 24 KiB of 384-bit codes


@intrinsic  # type: ignore[untyped-decorator]
def _ones(_typing: Any, word: Any) -> Any:
    """Number of ones in an unsigned word of any width, in the same width."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), generate


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def scan_one(words: Any, start: int, stop: int, planes: Any, kept: Any, state: Any, k: int) -> None:
    """Show the codes (n, w) of start..stop to one query, planes (p, w), in the order of rows.

    `kept` (room,) with room > k, and `state` (2,) int64: how many are kept, and the distance that
    a later row has to be below.
    """
    width = words.shape[1]
    count, limit = state[0], state[1]
    for row in range(start, stop):
        distance = np.int64(0)
        for plane in range(planes.shape[0]):
            differing = np.uint64(0)
            for w in range(width):
                differing += np.uint64(_ones(words[row, w] ^ planes[plane, w]))
            distance += np.int64(differing) << plane
        if distance < limit:
            kept[count] = (distance << POSITION_BITS) | row
            count += 1
            if count == len(kept):
                kept.sort()
                count = k
                limit = kept[k - 1] >> POSITION_BITS
    state[0], state[1] = count, limit


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _keep(distances: Any, rows: int, first: int, kept: Any, state: Any, k: int) -> None:
    """Keep what is nearer than the limit among distances of the rows from `first` on."""
    count, limit = state[0], state[1]
    for r in range(rows):
        if distances[r] < limit:
            kept[count] = (np.int64(distances[r]) << POSITION_BITS) | (first + r)
            count += 1
            if count == len(kept):
                kept.sort()
                count = k
                limit = kept[k - 1] >> POSITION_BITS
    state[0], state[1] = count, limit


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _measure(turned: Any, rows: int, planes: Any, differing: Any, distances: Any) -> None:
    """Distances of a turned tile (w, rows) from the planes (p, w) of one query."""
    distances[:rows] = 0
    for plane in range(planes.shape[0]):
        differing[:rows] = 0
        for w in range(planes.shape[1]):
            word = planes[plane, w]
            for r in range(rows):
                differing[r] += np.uint32(_ones(turned[w, r] ^ word))
        for r in range(rows):
            distances[r] += differing[r] << np.uint32(plane)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def scan_many(
    words: Any, start: int, stop: int, planes: Any, kept: Any, state: Any, k: int
) -> None:
    """The same for queries (m, p, w), with kept (m, room) and state (m, 2).

    A tile of codes is turned so that one word of many rows lies side by side, for vector registers.
    """
    queries, _depth, width = planes.shape
    turned = np.empty((width, TILE), dtype=words.dtype)
    distances = np.empty(TILE, dtype=np.uint32)
    differing = np.empty(TILE, dtype=np.uint32)
    for first in range(start, stop, TILE):
        rows = min(TILE, stop - first)
        for r in range(rows):
            for w in range(width):
                turned[w, r] = words[first + r, w]
        for query in range(queries):
            _measure(turned, rows, planes[query], differing, distances)
            _keep(distances, rows, first, kept[query], state[query], k)
