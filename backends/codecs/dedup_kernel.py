"""Merging blocks of numbers that are nearly equal, one after the other (numba)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def bucket_of(block: Any, lines: Any, shifts: Any, width: float, table: int, cells: int) -> int:
    """Bucket 0..cells-1 (a power of two) of a block (c,) in one of the tables.

    `lines` (tables, lines, c) and `shifts` (tables, lines): the block's places on random lines,
    cut into pieces of `width`.
    """
    key = np.uint64(table + 1)
    for line in range(lines.shape[1]):
        along = 0.0
        for column in range(len(block)):
            along += lines[table, line, column] * block[column]
        piece = np.int64(np.floor(along / width + shifts[table, line]))
        key = (key ^ np.uint64(piece)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return int(key & np.uint64(cells - 1))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def near(block: Any, other: Any, delta: float, misses: int, best: float) -> float:
    """Squared distance of two blocks (c,), or infinity.

    It is infinity if more than `misses` numbers differ by more than `delta`, and if it is not
    below `best`.
    """
    missed, squares = 0, 0.0
    for column in range(len(block)):
        difference = abs(block[column] - other[column])
        if difference > delta:
            missed += 1
            if missed > misses:
                return np.inf
        squares += difference * difference
        if squares >= best:
            return np.inf
    return squares


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def put_into_chains(heads: Any, after: Any, buckets: Any, number: int) -> None:
    """Make a unique block the newest of its bucket in every table."""
    for table in range(len(buckets)):
        after[table, number] = heads[table, buckets[table]]
        heads[table, buckets[table]] = number


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def merge(
    blocks: Any,
    order: Any,
    unique: Any,
    count: int,
    chains: Any,
    lines: Any,
    shifts: Any,
    settings: Any,
    found: Any,
) -> int:
    """Give each block (N, c), in the given order, a unique block, and add those that have none.

    `unique` (U, c) holds `count` blocks; `chains` are `heads` (tables, cells), the newest unique
    block of each bucket or -1, `after` (tables, U), the next older one, and `seen` (U,), the last
    block that looked at it; `settings` are delta, misses, width, the most that are looked at in a
    bucket, and how many blocks went before. The number of each is written to `found` (N,).

    Returns the new count, or -1 as soon as there is no room for a unique block.
    """
    heads, after, seen = chains
    delta, misses, width, most, walked = settings
    tables, cells = heads.shape
    buckets = np.empty(tables, dtype=np.int64)
    for turn in range(len(order)):
        number = order[turn]
        block = blocks[number]
        best, chosen = np.inf, -1
        for table in range(tables):
            bucket = bucket_of(block, lines, shifts, width, table, cells)
            buckets[table] = bucket
            candidate = heads[table, bucket]
            looked = 0
            while candidate >= 0 and looked < most and best > 0.0:
                if seen[candidate] != walked + turn:
                    seen[candidate] = walked + turn
                    squares = near(block, unique[candidate], delta, misses, best)
                    if squares < best:
                        best, chosen = squares, candidate
                looked += 1
                candidate = after[table, candidate]
        if chosen < 0:
            if count == len(unique):
                return -1
            unique[count] = block
            put_into_chains(heads, after, buckets, count)
            chosen = count
            count += 1
        found[number] = chosen
    return count
