"""Keeping the k best of each query while blocks of similarities pass by (numba)."""

from __future__ import annotations

from typing import Any

from numba import njit


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def keep_best(similarities: Any, start: int, positions: Any, best: Any) -> None:
    """Insert each similarity (m, b) that beats the worst kept one into the sorted lists (m, k).

    Only a larger one displaces, so equal ones stay in the order of positions.
    """
    queries, width = similarities.shape
    k = best.shape[1]
    for query in range(queries):
        worst = best[query, k - 1]
        for column in range(width):
            value = similarities[query, column]
            if value > worst:
                place = k - 1
                while place > 0 and best[query, place - 1] < value:
                    best[query, place] = best[query, place - 1]
                    positions[query, place] = positions[query, place - 1]
                    place -= 1
                best[query, place] = value
                positions[query, place] = start + column
                worst = best[query, k - 1]
