"""How many coefficients each group of rows gets, so that together they lose least for their bytes.

A group's error falls with every coefficient it keeps, and each costs as many numbers as the group
has rows. The search is over prefix lengths, one a group; equal lengths are among what it compares.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Lengths = NDArray[np.int64]

MOST_COMBINATIONS = 1 << 18  # that are gone through for the best of all


def error_of(errors: Doubles, kept: Lengths) -> float:
    """Sum of the groups' errors at these lengths; `errors` (g, c + 1) by coefficients kept."""
    return float(errors[np.arange(len(errors)), kept].sum())


def uniform(errors: Doubles, rows: Lengths, numbers: int) -> Lengths:
    """The same length for all groups, (g,): as many as `numbers` in all pay for."""
    most = errors.shape[1] - 1
    each = min(most, numbers // max(1, int(rows.sum())))
    return np.full(len(errors), each, dtype=np.int64)


def allocate(errors: Doubles, rows: Lengths, numbers: int) -> Lengths:
    """Lengths (g,) whose coefficients take at most `numbers` numbers, with least error in all.

    `errors` (g, c + 1) is each group's error when it keeps 0..c coefficients, `rows` (g,) is how
    many numbers one more of them takes. Where there are few combinations the best is found.
    Otherwise always the coefficients that gain most a number come first, along the lower convex
    hull of each group's errors; that is optimal but for the few numbers left over at the end.
    Never worse than equal lengths, which are compared.
    Reference: Shoham and Gersho 1988 for the hull.
    """
    kept = _exact(errors, rows, numbers)
    if kept is None:
        kept = _greedy(errors, rows, numbers)
    even = uniform(errors, rows, numbers)
    return kept if error_of(errors, kept) <= error_of(errors, even) else even


def _greedy(errors: Doubles, rows: Lengths, numbers: int) -> Lengths:
    groups, most = len(errors), errors.shape[1] - 1
    cost = np.maximum(rows, 1)  # of a group without rows nothing is paid, and nothing gained
    gains = np.stack([_hull_gains(row) for row in errors]) / cost[:, None]  # (g, c) a number
    order = np.argsort(-gains.ravel(), kind="stable")
    order = order[gains.ravel()[order] > 0]
    group = order // most
    fits = np.cumsum(cost[group]) <= numbers  # a prefix
    kept: Lengths = np.bincount(group[fits], minlength=groups).astype(np.int64)
    left = numbers - int((kept * cost).sum())
    for number in group[~fits]:  # what is left may still pay for a coefficient of a small group
        if left < cost.min():
            break
        if cost[number] <= left:
            kept[number] += 1
            left -= int(cost[number])
    return kept


def _hull_gains(errors: Doubles) -> Doubles:
    """What each coefficient gains, (c,), averaged where a later one gains more: never rising."""
    sums: list[float] = []
    counts: list[int] = []
    for gain in -np.diff(errors):
        total, count = float(gain), 1
        while sums and sums[-1] * count < total * counts[-1]:
            total += sums.pop()
            count += counts.pop()
        sums.append(total)
        counts.append(count)
    return np.repeat(np.array(sums) / np.array(counts), counts) if sums else np.zeros(0)


def _exact(errors: Doubles, rows: Lengths, numbers: int) -> Lengths | None:
    """The best lengths (g,), or None where there are too many combinations to go through.

    Takes up one group after the other and keeps the combinations (s,) that no other beats in both
    numbers and error.
    """
    spent = np.zeros(1, dtype=np.int64)  # (s,)
    error = np.zeros(1)  # (s,)
    kept = np.zeros((1, 0), dtype=np.int64)  # (s, groups so far)
    lengths = np.arange(errors.shape[1])
    for row, cost in zip(errors, rows, strict=True):
        if len(spent) * len(row) > MOST_COMBINATIONS:
            return None
        all_spent = (spent[:, None] + cost * lengths).ravel()  # (s * (c + 1),)
        all_error = (error[:, None] + row).ravel()
        order = np.lexsort((all_error, all_spent))
        order = order[all_spent[order] <= numbers]
        falling = np.minimum.accumulate(all_error[order])
        better = np.concatenate(([True], falling[1:] < falling[:-1]))
        order = order[better]
        spent, error = all_spent[order], all_error[order]
        before, length = np.divmod(order, len(row))
        kept = np.column_stack((kept[before], lengths[length]))
    best: Lengths = kept[-1].astype(np.int64)
    return best
