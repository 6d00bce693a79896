"""Sweeping over points against measuring every distance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.raster.brush import swept
from backends.raster.points import build_points
from tests.backends.raster import slow

lattice = st.integers(-6, 6).map(lambda value: value / 2)
number = st.one_of(lattice, st.floats(-1e4, 1e4, width=32), st.just(float("nan")))
spots = st.lists(st.tuples(number, number), max_size=80)
place = st.tuples(*2 * [st.one_of(lattice, st.floats(-10, 10), st.floats(-2e4, 2e4))])
ROUNDING = 1e-9  # relative, of a distance


def check(layout: np.ndarray, path: np.ndarray, radius: float) -> None:
    rows = swept(build_points(layout), path, radius)
    assert (np.diff(rows) > 0).all()
    found = np.zeros(len(layout), bool)
    found[rows] = True
    away = slow.swept(layout, path, radius)
    reach = 1.0 + np.abs(path).max() + np.abs(np.nan_to_num(layout)).max(initial=0)
    slack = ROUNDING * reach
    assert found[away < radius - slack].all()
    assert not found[(away > radius + slack) | np.isnan(away)].any()


@given(spots, st.lists(place, min_size=1, max_size=8), st.one_of(lattice.map(abs), st.floats(0, 5)))
@settings(deadline=None, max_examples=300)
def test_a_sweep_holds_what_is_near_its_path(
    items: list[tuple[float, float]], path: list[tuple[float, float]], radius: float
) -> None:
    check(np.array(items, np.float32).reshape(-1, 2), np.array(path), radius)


@pytest.mark.parametrize("seed", range(8))
def test_with_many_cells_it_is_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layout = rng.normal(size=(20_000, 2)).astype(np.float32)
    layout[rng.integers(0, 20_000, 20)] *= 1e4
    path = np.cumsum(rng.normal(0, 0.2, (40, 2)), axis=0)
    path[: seed % 3] *= 1e4
    check(layout, path, (0.02, 0.4)[seed % 2])


def test_on_a_lattice_the_rim_belongs_to_the_brush() -> None:
    layout = np.array([[0, 0], [3, 4], [5, 0], [6, 0]], np.float32)
    points = build_points(layout)
    assert swept(points, [(0, 0)], 5).tolist() == [0, 1, 2]
    assert swept(points, [(0, 0)], 5, np.array([2, 0, 1, 2], np.uint8)[points.order]).tolist() == [
        *(0, 2)
    ]


def test_no_path_and_no_points_give_nothing() -> None:
    assert swept(build_points(np.zeros((3, 2), np.float32)), [], 1).tolist() == []
    assert swept(build_points(np.full((3, 2), np.nan, np.float32)), [(0, 0)], 1).tolist() == []
