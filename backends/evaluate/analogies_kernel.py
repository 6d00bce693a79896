"""The best answers among a block of items for many questions at once (numba)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def improve(
    cosines: Any, inverse: Any, questions: Any, codes: Any, first: int, best: Any, where: Any
) -> None:
    """Put better answers among items first..first + w into `best` and `where`, (q, 4) each.

    `cosines` (u, w) of asked words with items, `inverse` (u, w) 1 / (shifted cosine + epsilon),
    `questions` (q, 3) codes of a, b, c, `codes` (w,) the word that each item is or -1. Columns: sum
    and product without the words of the question, sum and product with them. Of equal values the
    first item counts.
    """
    width = cosines.shape[1]
    one_more = np.float32(1)
    for i in range(len(questions)):
        a, b, c = questions[i, 0], questions[i, 1], questions[i, 2]
        less, one, two, over = cosines[a], cosines[b], cosines[c], inverse[a]
        add_before, mul_before = best[i, 0], best[i, 1]
        # Counting what is better is done for many items at a time; seeking the best is not.
        better = np.int32(0)
        for j in range(width):
            better += np.int32(
                (one[j] - less[j] + two[j] > add_before)
                | ((one_more + one[j]) * (one_more + two[j]) * over[j] > mul_before)
            )
        # What beats the best answer with the question's words beats that without them.
        if better:
            _look(less, one, two, over, codes, questions[i], first, best[i], where[i])


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _look(
    less: Any,
    one: Any,
    two: Any,
    over: Any,
    codes: Any,
    question: Any,
    first: int,
    best: Any,
    where: Any,
) -> None:
    """Find the places of better answers of one question among the items of a block."""
    a, b, c = question[0], question[1], question[2]
    one_more = np.float32(1)
    for j in range(len(codes)):
        add = one[j] - less[j] + two[j]
        mul = (one_more + one[j]) * (one_more + two[j]) * over[j]
        if add > best[2]:
            best[2] = add
            where[2] = first + j
        if mul > best[3]:
            best[3] = mul
            where[3] = first + j
        own = codes[j] >= 0 and (codes[j] == a or codes[j] == b or codes[j] == c)
        if not own and add > best[0]:
            best[0] = add
            where[0] = first + j
        if not own and mul > best[1]:
            best[1] = mul
            where[1] = first + j
