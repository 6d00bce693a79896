"""How numbers are spread: counted like numpy, ranked like a sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.corpora.columns import Numbers
from backends.corpora.spread import BINS, NO_RANK, RANKS, has_ranks, ranks_of, spread_of


def numbers_of(values: list[float]) -> Numbers:
    array = np.array(values, np.float32)
    finite = array[np.isfinite(array)].astype(float)
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    return Numbers(array, float(low), float(high), False)


@given(st.lists(st.one_of(st.floats(-1e6, 1e6, width=32), st.just(float("nan"))), max_size=60))
def test_every_value_is_counted_once(values: list[float]) -> None:
    spread = spread_of(numbers_of(values))
    assert spread.missing == int(np.isnan(values).sum())
    assert spread.counts.sum() == len(values) - spread.missing
    assert len(spread.counts) == BINS


def test_robust_ends_leave_strays_out() -> None:
    values = np.random.default_rng(0).normal(size=10_000)
    spread = spread_of(numbers_of([*values.tolist(), 1e6, -1e6]))
    expected = np.quantile(values, (0.02, 0.98))
    np.testing.assert_allclose(spread.robust, expected, atol=0.02)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=200))
def test_ranks_rise_with_values(values: list[int]) -> None:
    ranks = ranks_of(numbers_of([float(value) for value in values]))
    order = np.argsort(values, kind="stable")
    assert (np.diff(ranks[order].astype(int)) >= 0).all()
    assert all((ranks[i] == ranks[j]) == (values[i] == values[j]) for i in (0, 1) for j in (0, 1))


def test_ranks_share_the_items_out_evenly() -> None:
    values = np.exp(np.random.default_rng(0).normal(size=20_000) * 2)
    numbers = numbers_of([*values.tolist(), float("nan")])
    assert not has_ranks(numbers)
    ranks = ranks_of(numbers)
    assert has_ranks(numbers)
    assert ranks[-1] == NO_RANK
    shares = np.histogram(ranks[:-1], 10, (0, RANKS))[0] / len(values)
    np.testing.assert_allclose(shares, 0.1, atol=0.005)


def test_part_of_the_histogram_is_near_the_exact_one() -> None:
    values = np.random.default_rng(0).normal(size=50_000)
    numbers = numbers_of(values.tolist())
    found = spread_of(numbers).counts_between(numbers, -1.0, 1.0)
    exact = np.histogram(values, BINS, (-1, 1))[0]
    assert abs(found - exact).mean() < 0.1 * exact.mean()


@pytest.mark.parametrize("values", [[], [float("nan")], [float("inf")], [3.0, 3.0]])
def test_columns_without_a_spread_do_no_harm(values: list[float]) -> None:
    numbers = numbers_of(values)
    assert len(ranks_of(numbers)) == len(values)
    assert len(spread_of(numbers).counts_between(numbers, numbers.low, numbers.high)) == BINS
