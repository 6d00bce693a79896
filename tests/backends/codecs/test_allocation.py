"""Lengths by group: the best of all combinations, within the numbers, no worse than equal ones."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backends.codecs import allocation
from backends.codecs.allocation import allocate, error_of, uniform

GAINS = arrays(np.float64, (3, 4), elements=st.integers(0, 30).map(float))
ROWS = arrays(np.int64, (3,), elements=st.integers(1, 12))


def errors_of(gains: np.ndarray) -> np.ndarray:
    """Error with 0..c coefficients, of what each gains: (g, c + 1)."""
    tails = np.flip(np.cumsum(np.flip(gains, axis=1), axis=1), axis=1)
    return np.concatenate([tails, np.zeros((len(gains), 1))], axis=1)


@given(GAINS, ROWS, st.integers(0, 150))
def test_three_groups_of_five_sizes_get_the_best_of_all_combinations(
    gains: np.ndarray, rows: np.ndarray, numbers: int
) -> None:
    errors = errors_of(gains)
    kept = allocate(errors, rows, numbers)
    assert (kept * rows).sum() <= numbers
    possible = (np.array(c) for c in product(range(5), repeat=3))
    best = min(error_of(errors, c) for c in possible if (c * rows).sum() <= numbers)
    assert error_of(errors, kept) == best


@given(GAINS, ROWS, st.integers(0, 150))
def test_without_going_through_all_equal_lengths_are_never_better(
    gains: np.ndarray, rows: np.ndarray, numbers: int
) -> None:
    errors = errors_of(gains)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(allocation, "MOST_COMBINATIONS", 0)
        kept = allocate(errors, rows, numbers)
    assert (kept * rows).sum() <= numbers
    assert error_of(errors, kept) <= error_of(errors, uniform(errors, rows, numbers))


def test_many_groups_lose_less_than_with_any_exchange_of_one_coefficient() -> None:
    rng = np.random.default_rng(0)
    gains = -np.sort(-rng.exponential(size=(40, 60)), axis=1)
    rows = np.full(40, 7)
    kept = allocate(errors_of(gains), rows, 7 * 40 * 20)
    assert kept.sum() == 40 * 20
    last = min(gains[g, length - 1] for g, length in enumerate(kept) if length > 0)
    following = max(gains[g, length] for g, length in enumerate(kept) if length < 60)
    assert last >= following


def test_nothing_to_give_is_borne() -> None:
    assert allocate(np.zeros((2, 4)), np.array([3, 0]), 0).tolist() == [0, 0]
    assert allocate(errors_of(np.ones((2, 3))), np.array([3, 0]), 99).max() <= 3
