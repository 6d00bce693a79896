"""Spatial order, picking and lassoing against slow versions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.raster.camera import Camera, bounds_of
from backends.raster.colour import (
    Paint,
    arrange,
    class_codes,
    plain_codes,
    plain_palette,
    scale_codes,
)
from backends.raster.lasso import inside
from backends.raster.pick import pick
from backends.raster.points import build_points, places
from tests.backends.raster import slow

# Coordinates on a coarse lattice, too, so that points lie exactly on edges, corners and borders.
lattice = st.integers(-6, 6).map(lambda value: value / 2)
number = st.one_of(lattice, st.floats(-1e4, 1e4, width=32), st.just(float("nan")))
spots = st.lists(st.tuples(number, number), max_size=80)
corner = st.tuples(*2 * [st.one_of(lattice, st.floats(-10, 10), st.floats(-2e4, 2e4))])


def layout_of(items: list[tuple[float, float]]) -> np.ndarray:
    return np.array(items, np.float32).reshape(-1, 2)


@given(spots)
@settings(deadline=None)
def test_points_keep_every_row_that_has_a_place(items: list[tuple[float, float]]) -> None:
    layout = layout_of(items)
    points = build_points(layout)
    placed = np.flatnonzero(np.isfinite(layout).all(axis=1))
    assert sorted(points.order.tolist()) == placed.tolist()
    grid, exact = points.grid, layout[points.order].astype(np.float64)
    step = np.array([1 / grid.per_x, 1 / grid.per_y]) / 65_536
    away = np.abs(places(points) - exact)
    assert (away <= step * 0.501 + 1e-9 * np.abs(exact)).all()
    assert points.offsets[0] == 0
    assert points.offsets[-1] + points.strays == len(placed)
    assert (np.diff(exact[points.offsets[-1] :, 1]) >= 0).all()  # strays, from low to high
    assert points.n == len(layout)
    if len(placed):
        assert points.bounds == bounds_of(layout)


def test_strays_do_not_coarsen_the_grid() -> None:
    layout = np.random.default_rng(0).normal(size=(10_000, 2)).astype(np.float32)
    layout[:3] = [[1e6, 0], [0, -1e6], [1e7, 1e7]]
    points = build_points(layout)
    assert np.diff(points.offsets).max() < 200
    strays = points.order[points.offsets[-1] :].tolist()
    assert {0, 1, 2} <= set(strays)
    assert len(strays) < 200


@given(spots, st.floats(0.1, 30), st.floats(0.1, 30), st.integers(0, 4))
@settings(deadline=None)
def test_no_window_shows_more_than_is_said(
    items: list[tuple[float, float]], width: float, height: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    layout = np.vstack([layout_of(items), rng.normal(0, 5, (3000, 2)).astype(np.float32)])
    said = build_points(layout).most_in_view(width, height)
    for x, y in rng.normal(0, 5, (20, 2)):
        with np.errstate(invalid="ignore"):
            inside = (np.abs(layout - [x, y]) <= [width / 2, height / 2]).all(axis=1)
        assert inside.sum() <= said <= len(layout)


def test_a_point_takes_eight_bytes_beside_the_layout_and_its_ink_one() -> None:
    layout = np.random.default_rng(1).normal(size=(300_000, 2)).astype(np.float32)
    points = build_points(layout)
    assert points.layout.base is layout
    held = points.order.nbytes + points.across.nbytes + points.up.nbytes
    ink = arrange(points, Paint(plain_codes(len(layout)), plain_palette([(1, 2, 3)]), (0, 0, 0)))
    assert (held + ink.inks.nbytes) / len(layout) == 9
    assert points.offsets.nbytes / len(layout) < 1


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_changes_no_order(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = np.random.default_rng(2).normal(size=(400_000, 2)).astype(np.float32)
    layout[::1000] *= 50
    expected = build_points(layout)
    monkeypatch.setattr("backends.raster.points.threads", lambda: threads)
    points = build_points(layout)
    for name in ("order", "across", "up", "offsets"):
        np.testing.assert_array_equal(getattr(points, name), getattr(expected, name))


@given(spots, lattice, lattice, st.floats(0, 5), st.integers(0, 3))
@settings(deadline=None)
def test_pick_finds_the_nearest(
    items: list[tuple[float, float]], x: float, y: float, radius: float, hide: int
) -> None:
    layout = layout_of(items)
    points = build_points(layout)
    seen = np.arange(len(layout)) % 4 >= hide
    row = pick(points, x, y, radius, np.where(seen[points.order], 2, 0).astype(np.uint8))
    expected = slow.nearest(layout, x, y, radius, seen & np.isfinite(layout).all(axis=1))
    if np.isnan(expected):
        assert row == -1
    else:
        assert slow.nearest(layout[[row]], x, y, radius, seen[[row]]) == expected


def test_of_equally_near_the_one_in_colour_is_picked_then_the_lowest_row() -> None:
    points = build_points(np.zeros((4, 2), np.float32))
    assert pick(points, 0, 0, 1) == 0
    layer = np.array([1, 1, 2, 2], np.uint8)[points.order]
    assert pick(points, 0, 0, 1, layer) == 2


@given(spots, st.lists(corner, min_size=3, max_size=12))
@settings(deadline=None, max_examples=300)
def test_lasso_equals_even_odd_over_all_points(
    items: list[tuple[float, float]], polygon: list[tuple[float, float]]
) -> None:
    layout = layout_of(items)
    expected = slow.inside(layout, np.array(polygon))
    np.testing.assert_array_equal(inside(build_points(layout), polygon), expected)


@pytest.mark.parametrize("seed", range(12))
def test_lasso_with_many_cells_equals_even_odd_over_all_points(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layout = np.round(rng.normal(size=(20_000, 2)), seed % 3 + 1).astype(np.float32)
    layout[rng.integers(0, 20_000, 20)] *= 1e4  # beyond the grid's rim
    angle = np.sort(rng.uniform(0, 2 * np.pi, 60))
    polygon = np.c_[np.cos(angle), np.sin(angle)] * rng.uniform(0.1, 3, (60, 1))
    polygon[: seed % 4] *= 1e4
    if seed % 2:  # crosses itself
        polygon = np.round(rng.permutation(polygon), 1)
    rows = inside(build_points(layout), polygon)
    np.testing.assert_array_equal(rows, slow.inside(layout, polygon))
    assert rows.dtype == np.int64


def test_hidden_points_are_not_lassoed() -> None:
    points = build_points(np.zeros((3, 2), np.float32))
    layer = np.array([2, 0, 1], np.uint8)[points.order]
    square = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    assert inside(points, square, layer).tolist() == [0, 2]


@pytest.mark.parametrize("polygon", [[], [(0, 0)], [(0, 0), (1, 1)]])
def test_a_line_holds_nothing(polygon: list[tuple[float, float]]) -> None:
    assert inside(build_points(np.zeros((3, 2), np.float32)), polygon).tolist() == []


scales = st.floats(1e-3, 1e3)


@given(lattice, lattice, scales, st.floats(0.1, 10), st.floats(-50, 50), st.floats(-50, 50))
def test_zoom_keeps_the_place_under_the_cursor(
    x: float, y: float, scale: float, factor: float, px: float, py: float
) -> None:
    camera = Camera(x, y, scale, 80, 60)
    before = camera.to_plane(px, py)
    np.testing.assert_allclose(camera.zoomed(factor, px, py).to_plane(px, py), before, atol=1e-6)


@given(lattice, lattice, scales, st.floats(-50, 50), st.floats(-50, 50))
def test_a_pan_moves_places_by_its_pixels(
    x: float, y: float, scale: float, dx: float, dy: float
) -> None:
    camera = Camera(x, y, scale, 80, 60)
    moved = camera.panned(dx, dy).to_pixel(*camera.to_plane(10, 20))
    np.testing.assert_allclose(moved, (10 + dx, 20 + dy), atol=1e-6)


@pytest.mark.parametrize(
    "bounds",
    [(0, 0, 1, 1), (-5, 2, 100, 3), (4, 4, 4, 4), (0, 0, 0, 0), (1e6, 1, 1e6, 9), (3, 1, 4, 1)],
)
def test_fit_shows_everything(bounds: tuple[float, float, float, float]) -> None:
    left, bottom, right, top = bounds
    camera = Camera(width=200, height=100).fitted(bounds)
    for x, y in ((left, bottom), (right, top)):
        px, py = camera.to_pixel(x, y)
        assert 0 <= px <= 200
        assert 0 <= py <= 100


def test_another_resolution_shows_the_same_part() -> None:
    camera = Camera(1, 2, 10, 100, 80, 1.0)
    sharp = camera.sized(200, 160, 2.0)
    np.testing.assert_allclose(camera.to_plane(0, 0), sharp.to_plane(0, 0))


def test_codes_of_a_scale() -> None:
    values = np.array([0, 5, 10, -3, 99, np.nan], np.float32)
    assert scale_codes(values, 0, 10).tolist() == [0, 126, 252, 0, 252, 253]
    assert scale_codes(values[:2], 5, 5).tolist() == [126, 126]


def test_codes_of_classes() -> None:
    assert class_codes(
        np.array([0, -1, 2], np.int32), np.array([5, 6, 7, 9], np.uint8)
    ).tolist() == [*(5, 9, 7)]
