"""Threads of the map's own, over which kernels are split; numba's bear one caller only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeVar

from backends.device import core_count

Part = TypeVar("Part")
MOST_THREADS = 8


@cache
def threads() -> int:
    """How many threads draw, the caller's own among them."""
    return max(1, min(MOST_THREADS, core_count()))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, threads() - 1), thread_name_prefix="raster")


def spread(call: Callable[[Part], object], parts: Sequence[Part]) -> None:
    """Call for each part, the last one in this thread; returns when all are done.

    Calls must release the GIL to gain anything. The first exception is raised.
    """
    if not parts:
        return
    others = [_pool().submit(call, part) for part in parts[:-1]]
    try:
        call(parts[-1])
    finally:
        for other in others:
            other.exception()  # wait for all, whatever happened
    for other in others:
        other.result()


def slices(count: int, parts: int) -> list[tuple[int, int]]:
    """Cut 0..count into about equal ranges (start, stop); fewer where there is little to do."""
    parts = max(1, min(parts, count // 65_536 or 1))
    edges = [count * part // parts for part in range(parts + 1)]
    return list(pairwise(edges))
