"""Layouts in space from all sides, against a slow obvious version."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from backends.raster import turning
from backends.raster.camera import Camera
from backends.raster.colour import Paint, arrange, plain_codes
from backends.raster.draw import dots_for, draw
from backends.raster.pick import pick
from backends.raster.points import build_points
from backends.raster.turn import FRONT, LEVELS, Turn, reach_of, turned
from backends.raster.viewpoint import Viewpoint

ANGLES = st.builds(Turn, st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))  # degrees


def cloud(n: int = 500, seed: int = 0) -> NDArray[np.float32]:
    """Points in space, some of them without a place."""
    layout = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32) * (5, 3, 2)
    layout[::97] = np.nan
    return layout.astype(np.float32)


def slowly(point: Any, turn: Turn) -> tuple[float, float, float]:
    """One point, turned by one angle after the other, each in its own plane."""
    x, y, z = map(float, point)
    a, b, c = (math.radians(angle) for angle in turn.angles)
    x, z = x * math.cos(a) + z * math.sin(a), z * math.cos(a) - x * math.sin(a)
    y, z = y * math.cos(b) - z * math.sin(b), z * math.cos(b) + y * math.sin(b)
    return x * math.cos(c) - y * math.sin(c), y * math.cos(c) + x * math.sin(c), z


@given(ANGLES)
def test_points_are_where_a_slow_version_puts_them(turn: Turn) -> None:
    layout = cloud(120)
    seen = turned(layout, turn)
    expected = np.array([slowly(point, turn) for point in layout])
    np.testing.assert_allclose(seen.layout, expected[:, :2], atol=2e-5)
    assert np.isnan(seen.layout[::97]).all()
    assert seen.layout.dtype == np.float32
    assert not seen.layout.flags.writeable


@given(ANGLES)
def test_nearer_points_are_in_no_farther_level(turn: Turn) -> None:
    layout = cloud()
    seen = turned(layout, turn)
    depth = np.array([slowly(point, turn)[2] for point in layout])
    order = np.argsort(depth[np.isfinite(depth)])
    levels = seen.depth[np.isfinite(depth)][order].astype(int)
    apart = np.diff(np.sort(depth[np.isfinite(depth)])) > 1e-5  # rounding may exchange equals
    assert (np.diff(levels)[apart] >= 0).all()
    share = (np.sort(depth[np.isfinite(depth)]) / reach_of(layout) + 1) / 2
    wanted = np.clip(share * LEVELS, 0, LEVELS - 1)
    assert (np.abs(levels + 0.5 - wanted) <= 0.501).all()
    assert levels.max() - levels.min() > LEVELS // 3


def test_the_front_shows_x_and_y_as_they_are() -> None:
    layout = cloud()
    assert np.array_equal(turned(layout, FRONT).layout, layout[:, :2], equal_nan=True)


@pytest.mark.parametrize(
    ("turn", "to"),
    [
        (FRONT.by(90, 0), (0, 0, -1)),  # the right side goes away from the eye
        (FRONT.by(-90, 0), (0, 0, 1)),
        (FRONT.by(0, 90), (1, 0, 0)),
    ],
)
def test_a_turn_goes_the_way_the_hand_does(turn: Turn, to: tuple[int, int, int]) -> None:
    assert turn.of(1, 0, 0) == pytest.approx(to, abs=1e-12)
    right, down = FRONT.by(10, 0).of(0, 0, 1), FRONT.by(0, 10).of(0, 0, 1)
    assert right[0] > 0  # what is near follows the hand
    assert down[1] < 0


def test_the_pitch_ends_above_and_below() -> None:
    assert FRONT.by(0, 300).pitch == 90
    assert FRONT.by(0, -300).pitch == -90
    assert FRONT.by(350, 0).yaw == -10


@given(ANGLES, st.tuples(*[st.floats(-10, 10)] * 3))
def test_back_is_the_way_back(turn: Turn, point: tuple[float, float, float]) -> None:
    assert turn.back(*turn.of(*point)) == pytest.approx(point, abs=1e-9)


def picture(layout: NDArray[np.float32], turn: Turn) -> NDArray[np.uint32]:
    points = build_points(turned(layout, turn).layout)
    camera = Camera(scale=12.0, width=200, height=150)
    paint = Paint(plain_codes(len(layout)), np.array([[90, 40, 200]], np.uint8), (9, 9, 9))
    return draw(points, arrange(points, paint), camera, dots_for(points, camera))


def test_a_full_turn_gives_the_same_picture() -> None:
    layout, turn = cloud(), FRONT.by(25, 40)
    around = turn
    for _ in range(8):
        around = around.by(45, 0)
    assert np.array_equal(picture(layout, around), picture(layout, turn))
    assert not np.array_equal(picture(layout, turn.by(45, 0)), picture(layout, turn))


@given(ANGLES, st.floats(-6, 6), st.floats(-6, 6), st.integers(0, 5))
def test_picking_finds_the_nearest_on_the_screen(turn: Turn, x: float, y: float, seed: int) -> None:
    layout = cloud(200, seed)
    places = turned(layout, turn).layout
    away = np.hypot(*(places.astype(np.float64) - (x, y)).T)
    row = pick(build_points(places), x, y, 2.0)
    if np.nanmin(away) > 2.0:
        assert row == -1
    else:
        assert away[row] == pytest.approx(np.nanmin(away), rel=1e-6)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_number_of_threads_changes_nothing(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout, turn = cloud(200_000), FRONT.by(30, 20)
    expected = turned(layout, turn)
    monkeypatch.setattr(turning, "threads", lambda: threads)
    seen = turned(layout, turn)
    assert np.array_equal(seen.layout, expected.layout, equal_nan=True)
    assert np.array_equal(seen.depth, expected.depth)


@pytest.mark.parametrize("layout", [np.zeros((0, 3)), np.full((4, 3), np.nan), np.ones((5, 3))])
def test_few_points_and_none(layout: NDArray[np.float64]) -> None:
    held = layout.astype(np.float32)
    seen = turned(held, FRONT.by(10, 10))
    assert seen.layout.shape == (len(held), 2)
    assert (seen.depth < LEVELS).all()
    assert len(build_points(seen.layout)) == int(np.isfinite(held).all(axis=1).sum())


def test_the_depth_that_is_told_apart_is_the_same_from_every_side() -> None:
    layout = cloud()
    away = np.linalg.norm(layout, axis=1)
    reach = reach_of(layout)
    assert 0.85 < (away[np.isfinite(away)] <= reach).mean() < 0.95
    side = turned(layout, FRONT.by(70, 10)).layout
    flipped = np.column_stack([side, np.zeros(len(side), np.float32)])
    assert reach_of(flipped.astype(np.float32)) < reach


def test_what_is_in_the_middle_of_the_picture_stays_there() -> None:
    rng = np.random.default_rng(4)
    group = rng.normal(scale=0.05, size=(50, 3)) + np.array((3, 1, 2))
    layout = np.vstack([rng.normal(size=(500, 3)) * 4, group]).astype(np.float32)
    viewpoint = Viewpoint()
    viewpoint.take(layout, anew=True)
    camera = Camera(3.0, 1.0, 400.0, 200, 150)  # the group fills the picture
    turn = FRONT
    for _ in range(20):
        turn = turn.by(6, 2)
        camera = viewpoint.look_from(turn, camera, whole=False)
    middle = np.median(turned(layout, turn).layout[-50:], axis=0)
    assert camera.to_pixel(*middle.tolist()) == pytest.approx((100, 75), abs=40)
    moved = camera.panned(30, 0)
    there = viewpoint.look_from(turn, moved, whole=False)  # the person went somewhere else
    assert (there.x, there.y) == pytest.approx((moved.x, moved.y))


def test_as_a_whole_it_turns_about_its_own_middle() -> None:
    viewpoint, camera = Viewpoint(), Camera(0.5, 0.25, 30.0, 200, 150)
    viewpoint.take(cloud(), anew=True)
    assert viewpoint.look_from(FRONT.by(30, 30), camera, whole=True) == camera
    assert viewpoint.turn == FRONT.by(30, 30)


def test_a_flat_layout_has_no_sides() -> None:
    viewpoint, camera = Viewpoint(), Camera()
    bounds = viewpoint.take(cloud()[:, :2], anew=True)
    assert bounds is not None
    assert viewpoint.turn is None
    assert viewpoint.look_from(FRONT.by(30, 0), camera, whole=False) is camera
    assert viewpoint.turn is None


def test_the_bounds_are_those_of_what_is_seen() -> None:
    layout, viewpoint = cloud(), Viewpoint()
    viewpoint.take(layout, anew=True)
    viewpoint.look_from(FRONT.by(50, 20), Camera(), whole=True)
    bounds = viewpoint.take(layout, anew=False)
    assert bounds == pytest.approx(build_points(turned(layout, FRONT.by(50, 20)).layout).bounds)
    assert viewpoint.take(layout, anew=True) == pytest.approx(build_points(layout[:, :2]).bounds)
