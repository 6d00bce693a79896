"""Walking from point to point against looking at all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.raster.points import build_points
from backends.raster.walk import Towards, nearest_shown, step
from tests.backends.raster import slow

TOWARDS: tuple[Towards, ...] = ("left", "right", "up", "down")
lattice = st.integers(-6, 6).map(lambda value: value / 2)
number = st.one_of(lattice, st.floats(-1e4, 1e4, width=32), st.just(float("nan")))
spots = st.lists(st.tuples(number, number), min_size=1, max_size=60)


@given(spots, st.integers(0, 59), st.sampled_from(TOWARDS), st.integers(0, 3))
@settings(deadline=None, max_examples=400)
def test_a_step_finds_the_nearest_ahead(
    items: list[tuple[float, float]], row: int, towards: Towards, hide: int
) -> None:
    layout = np.array(items, np.float32).reshape(-1, 2)
    row %= len(layout)
    points = build_points(layout)
    seen = np.arange(len(layout)) % 4 >= hide
    inks = np.where(seen[points.order], 2, 0).astype(np.uint8)
    assert step(points, row, towards, inks) == slow.step(layout, row, towards, seen)


@pytest.mark.parametrize("towards", TOWARDS)
def test_with_many_cells_and_strays_every_step_is_the_slow_one(towards: Towards) -> None:
    rng = np.random.default_rng(3)
    layout = np.round(rng.normal(size=(4000, 2)), 2).astype(np.float32)
    layout[rng.integers(0, 4000, 12)] *= 1e3
    layout[:200] = layout[200:400]  # pairs in one place
    points = build_points(layout)
    strays = np.argsort(np.abs(layout).max(axis=1))[-12:]
    for row in [*strays, *rng.integers(0, 4000, 60)]:
        found = step(points, int(row), towards)
        assert found == slow.step(layout, int(row), towards, np.ones(4000, bool)), row


@pytest.mark.parametrize("towards", TOWARDS)
def test_the_few_that_are_shown_are_found_through_empty_cells(towards: Towards) -> None:
    rng = np.random.default_rng(5)
    layout = rng.uniform(-1, 1, (20_000, 2)).astype(np.float32)
    points = build_points(layout)
    assert points.grid.side > 60
    for few in (2, 5, 40):
        seen = np.zeros(len(layout), bool)
        seen[rng.integers(0, len(layout), few)] = True
        inks = seen[points.order].astype(np.uint8)
        for row in rng.integers(0, len(layout), 25):
            found = step(points, int(row), towards, inks)
            assert found == slow.step(layout, int(row), towards, seen)


def test_a_walk_passes_through_all_that_share_a_place() -> None:
    layout = np.array([[1, 0], [0, 0], [1, 0], [2, 0], [1, 0]], np.float32)
    points = build_points(layout)
    walked, row = [], 1
    while (row := step(points, row, "right")) >= 0:
        walked.append(row)
    assert walked == [0, 2, 4, 3]


@given(spots, st.sampled_from(TOWARDS))
@settings(deadline=None)
def test_no_walk_goes_on_for_ever(items: list[tuple[float, float]], towards: Towards) -> None:
    layout = np.array(items, np.float32).reshape(-1, 2)
    points = build_points(layout)
    row, walked = 0, {0}
    while (row := step(points, row, towards)) >= 0:
        assert row not in walked
        walked.add(row)


@pytest.mark.parametrize("row", [-1, 1, 2])
def test_from_nowhere_there_is_no_way(row: int) -> None:
    layout = np.array([[0, 0], [np.nan, 0]], np.float32)
    assert step(build_points(layout), row, "left") == -1


@given(spots, number, number, st.integers(0, 4))
@settings(deadline=None)
def test_the_nearest_shown_is_found_however_far(
    items: list[tuple[float, float]], x: float, y: float, hide: int
) -> None:
    x, y = np.nan_to_num(x), np.nan_to_num(y)
    layout = np.array(items, np.float32).reshape(-1, 2)
    points = build_points(layout)
    seen = (np.arange(len(layout)) % 4 >= hide) & np.isfinite(layout).all(axis=1)
    inks = np.where(seen[points.order], 2, 0).astype(np.uint8)
    row = nearest_shown(points, x, y, inks)
    expected = slow.nearest(layout, x, y, np.inf, seen)
    if np.isnan(expected):
        assert row == -1
    else:
        assert slow.nearest(layout[[row]], x, y, np.inf, seen[[row]]) == expected


def test_a_map_without_points_has_no_nearest() -> None:
    assert nearest_shown(build_points(np.full((3, 2), np.nan, np.float32)), 0, 0) == -1
