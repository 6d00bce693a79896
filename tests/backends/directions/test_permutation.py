"""Permutation p-values are exact, effect sizes bounded, and few terms can show little."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from backends.directions.permutation import (
    bootstrap_interval,
    effect_size,
    permutation_test,
    smallest_effect,
)

# Multiples of 1/64 add up exactly, so that the slow version knows what a tie is.
values = st.lists(st.integers(-64, 64).map(lambda i: i / 64), min_size=2, max_size=5)


def slowly(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """P by trying every partition, one after the other, and comparing the statistic itself."""
    both = [*x.tolist(), *y.tolist()]
    observed = sum(x) - sum(y)
    reached = tried = 0
    for chosen in combinations(range(len(both)), len(x)):
        inside = sum(both[i] for i in chosen)
        outside = sum(both[i] for i in range(len(both)) if i not in chosen)
        reached += inside - outside >= observed - 1e-9
        tried += 1
    return reached / tried


def smallest(x: NDArray[np.float64], y: NDArray[np.float64], ddof: int = 1) -> float | None:
    return smallest_effect(x, y, permutation_test(x, y), ddof)


@given(values, values)
def test_p_is_that_of_all_partitions(x: list[float], y: list[float]) -> None:
    one, other = np.array(x), np.array(y)
    found = permutation_test(one, other)
    assert found.kind == "exact"
    assert found.p == pytest.approx(slowly(one, other), abs=1e-12)
    assert found.p >= found.smallest


def test_eight_against_eight_is_exact() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(0.4, 1, 8), rng.normal(0, 1, 8)
    found = permutation_test(x, y)
    assert (found.kind, found.partitions) == ("exact", 12_870)
    assert found.p == pytest.approx(slowly(x, y), abs=1e-12)
    assert permutation_test(np.arange(8.0) + 10, np.arange(8.0)).p == 1 / 12_870


def test_more_partitions_are_sampled_and_come_near() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(0.5, 1, 9), rng.normal(0, 1, 9)
    found = permutation_test(x, y, runs=50_000, seed=1)
    assert (found.kind, found.partitions) == ("sampled", 50_000)
    assert found.p == pytest.approx(slowly(x, y), abs=0.005)
    assert found == permutation_test(x, y, runs=50_000, seed=1)
    best = permutation_test(x + 100, y, runs=1_000)
    assert best.p == best.smallest == 1 / 1_001, "never zero"


def test_unequal_groups_keep_their_sizes() -> None:
    x, y = np.array([1.0]), np.zeros(9)
    assert permutation_test(x, y).p == 0.1
    assert permutation_test(y, x).p == 1.0
    big = permutation_test(np.ones(3), np.zeros(60), runs=2_000)
    assert big.p == pytest.approx(1 / 2_001, abs=1e-3)


def test_ties_count_as_reached() -> None:
    assert permutation_test(np.ones(4), np.ones(4)).p == 1.0
    # Equal sums that rounding tells apart.
    x = np.array([0.1, 0.2, 0.3])
    assert permutation_test(x, np.array([0.3, 0.1, 0.2])).p == slowly(x, np.array([0.3, 0.1, 0.2]))


@given(st.integers(2, 6), st.integers(0, 2**32))
def test_effect_sizes_of_equal_groups_are_bounded(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=size), rng.normal(size=size)
    assert abs(effect_size(x, y, 0)) <= 2 + 1e-9
    n = 2 * size
    assert effect_size(x, y, 1) == pytest.approx(effect_size(x, y, 0) * np.sqrt((n - 1) / n))
    assert effect_size(y, x) == pytest.approx(-effect_size(x, y))


def test_one_against_one_is_always_two() -> None:
    assert effect_size(np.array([0.31]), np.array([0.3]), 0) == pytest.approx(2.0)
    assert bootstrap_interval(np.array([0.3]), np.array([0.1])) is None
    assert smallest(np.array([0.3]), np.array([0.1])) is None


def test_equal_values_have_no_effect() -> None:
    assert effect_size(np.ones(4), np.ones(4)) == 0.0


def test_published_effects_convert_between_deviations() -> None:
    """Nine rows of GloVe 840B: those of one package, with ddof 0, against the paper's.

    The tenth, young and old names, does not convert (1.552 against 1.21) and is left out.
    """
    rows = [
        *((1.8734, 1.81, 16), (1.0896, 1.06, 16), (1.2780, 1.24, 16), (1.4442, 1.38, 12)),
        *((1.5196, 1.50, 50), (1.5496, 1.53, 50), (1.4163, 1.41, 64), (1.5226, 1.50, 32)),
        (1.3045, 1.28, 32),
    ]
    for without, published, n in rows:
        assert without * np.sqrt((n - 1) / n) == pytest.approx(published, abs=0.0075)


def test_the_smallest_effect_is_where_p_crosses_the_level() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=5), rng.normal(size=5)
    found = smallest(x, y)
    assert found is not None
    both = np.concatenate([x, y])
    reached = []
    for chosen in combinations(range(10), 5):
        rest = [i for i in range(10) if i not in chosen]
        if permutation_test(both[list(chosen)], both[rest]).p <= 0.05:
            reached.append(effect_size(both[list(chosen)], both[rest], 1))
    assert found == pytest.approx(min(reached))


@given(values, values, st.integers(0, 1))
def test_an_effect_is_as_large_as_the_smallest_exactly_if_p_is_small(
    x: list[float], y: list[float], ddof: int
) -> None:
    one, other = np.array(x), np.array(y)
    least = smallest(one, other, ddof)
    is_small = permutation_test(one, other).p <= 0.05
    if least is None:
        assert not is_small
    else:
        assert is_small == (effect_size(one, other, ddof) >= least - 1e-9)


def test_of_sampled_partitions_the_smallest_effect_is_near_the_exact_one() -> None:
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=9), rng.normal(size=9)
    both = np.concatenate([x, y])
    sums = sorted(sum(both[list(chosen)]) for chosen in combinations(range(18), 9))
    exact = sums[-int(0.05 * len(sums))]
    found = permutation_test(x, y, runs=100_000)
    assert found.kind == "sampled"
    assert found.critical == pytest.approx(exact, abs=0.05)
    assert permutation_test(x, y, runs=19).critical is None, "of 19 the largest has p = 2 / 20"
    assert permutation_test(x, y, runs=39).critical is not None


def test_three_against_three_can_just_reach_the_level() -> None:
    x, y = np.array([3.0, 4.0, 6.0]), np.array([0.0, 1.0, 2.0])
    assert smallest(x, y) == pytest.approx(effect_size(x, y))
    assert smallest(x[:2], y[:2]) is None, "six partitions: no p below a sixth"
    assert smallest(np.ones(4), np.ones(4)) is None, "equal values have no effect to see"


def test_the_bootstrap_covers_the_effect() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.normal(1, 1, 30), rng.normal(0, 1, 30)
    interval = bootstrap_interval(x, y, seed=2)
    assert interval is not None
    assert interval[0] < effect_size(x, y) < interval[1]
    assert interval == bootstrap_interval(x, y, seed=2)
