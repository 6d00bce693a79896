"""Threads of the maps' own, over which kernels are split; numba's bear one caller only.

Several maps draw at once with the same threads. Whoever waits works: a part that no thread has
begun is taken back and done by the caller, so that nobody waits for another map's work.
"""

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
    """Call for each part, in this thread and in others; returns when all are done.

    Calls must release the GIL to gain anything, and may spread parts themselves. The first
    exception is raised.
    """
    if not parts:
        return
    waiting = [(_pool().submit(call, part), part) for part in parts[:-1]]
    others = [other for other, _part in waiting]
    errors = [_failure_of(call, parts[-1])]
    for other, part in reversed(waiting):  # threads begin at the other end
        if other.cancel():
            errors.append(_failure_of(call, part))
    errors += [other.exception() for other in others if not other.cancelled()]
    for error in errors:
        if error is not None:
            raise error


def _failure_of(call: Callable[[Part], object], part: Part) -> BaseException | None:
    try:
        call(part)
    except BaseException as error:  # noqa: BLE001  raised once all parts have ended
        return error
    return None


def slices(count: int, parts: int) -> list[tuple[int, int]]:
    """Cut 0..count into about equal ranges (start, stop); fewer where there is little to do."""
    parts = max(1, min(parts, count // 65_536 or 1))
    edges = [count * part // parts for part in range(parts + 1)]
    return list(pairwise(edges))
