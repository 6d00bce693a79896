"""Shades of depth: what is near keeps its colour, what is far fades, and all fit into the inks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backends.raster.camera import Camera
from backends.raster.colour import (
    CONTEXT,
    HIDDEN,
    MOST_ENTRIES,
    Paint,
    arrange,
    class_codes,
    scale_codes,
)
from backends.raster.depth import shading
from backends.raster.draw import dots_for, draw
from backends.raster.palette import GONE, class_entries, class_palette, scale_colours
from backends.raster.points import build_points
from backends.raster.sight import Sight
from backends.raster.turn import FRONT, LEVELS

GROUND = (250, 250, 252)
GREY = (190, 190, 190)


def paint_of(
    classes: int, n: int = 4000, hidden: frozenset[int] = frozenset(), **more: Any
) -> Paint:
    kinds = np.arange(n, dtype=np.int32) % (classes + 1) - 1
    entries = class_entries(classes, hidden=hidden)
    gone = frozenset({GONE}) if hidden else frozenset()
    return Paint(class_codes(kinds, entries), class_palette(dark=False), GREY, gone, **more)


def seen(paint: Paint) -> NDArray[np.uint8]:
    """Colour of each row."""
    return np.asarray(paint.palette)[paint.codes]


def far_off(colours: NDArray[Any]) -> NDArray[np.float64]:
    """How far colours are from the ground."""
    found: NDArray[np.float64] = np.linalg.norm(colours.astype(float) - GROUND, axis=-1)
    return found


@pytest.mark.parametrize("classes", [1, 5, 20, 200, 3000])
def test_what_is_near_has_its_own_colour(classes: int) -> None:
    paint = paint_of(classes)
    near = shading(paint, GROUND).at(np.full(4000, LEVELS - 1, np.uint8))
    assert np.array_equal(seen(near), seen(paint))


@pytest.mark.parametrize("classes", [1, 20, 3000])
def test_each_level_is_nearer_to_the_ground_than_the_next(classes: int) -> None:
    ready = shading(paint_of(classes), GROUND)
    away = [far_off(seen(ready.at(np.full(4000, level, np.uint8)))) for level in range(LEVELS)]
    assert all((far <= near + 1).all() for far, near in pairwise(away))
    assert (away[0] < 0.5 * away[-1]).all()
    assert (away[0] > 5).all()  # and is still seen


@pytest.mark.parametrize("dark", [False, True])
def test_a_scale_becomes_coarser_and_stays_a_scale(dark: bool) -> None:
    values = np.linspace(0, 1, 4000, dtype=np.float32)
    values[-1] = np.nan
    paint = Paint(scale_codes(values, 0, 1), scale_colours(dark=dark), GREY)
    ready = shading(paint, GROUND)
    near = ready.at(np.full(4000, LEVELS - 1, np.uint8))
    assert len(ready.palette) <= MOST_ENTRIES
    apart = np.abs(seen(near).astype(int) - seen(paint)).max(axis=1)
    assert apart.max() <= 20
    assert apart[-1] == 0  # items without a value are no part of the scale
    assert len(np.unique(seen(near), axis=0)) > 20


def test_many_colours_of_all_kinds_fit_all_the_same() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (254, 3)).astype(np.uint8)
    codes = (np.arange(4000) % 254).astype(np.uint8)
    ready = shading(Paint(codes, colours, GREY, frozenset({3, 4})), GROUND)
    points = build_points(np.random.default_rng(1).normal(size=(4000, 2)).astype(np.float32))
    depth = np.arange(4000, dtype=np.uint8) % LEVELS
    ink = arrange(points, ready.at(depth))
    assert len(ink.palette) <= MOST_ENTRIES


def test_a_hidden_class_is_hidden_even_if_another_has_its_colour() -> None:
    paint = paint_of(60, hidden=frozenset({50, 2}))  # 50 is one of those that share a grey
    points = build_points(np.random.default_rng(1).normal(size=(4000, 2)).astype(np.float32))
    ready = shading(paint, GROUND)
    ink = arrange(points, ready.at((np.arange(4000) % LEVELS).astype(np.uint8)))
    kinds = np.arange(4000) % 61 - 1
    assert np.array_equal(ink.inks == HIDDEN, np.isin(kinds[points.order], [50, 2]))


@pytest.mark.parametrize("own", [30, 60, 150])
def test_colours_chosen_by_hand_are_never_mixed_with_each_other(own: int) -> None:
    colours = np.random.default_rng(2).integers(0, 256, (20 + own, 3)).astype(np.uint8)
    codes = (np.arange(4000) % len(colours)).astype(np.uint8)
    paint = Paint(codes, colours, GREY)
    near = shading(paint, GROUND).at(np.full(4000, LEVELS - 1, np.uint8))
    assert np.array_equal(seen(near), seen(paint))


def test_selected_rows_are_shaded_and_the_others_stand_back() -> None:
    paint = paint_of(5, selected=np.arange(100))
    points = build_points(np.random.default_rng(1).normal(size=(4000, 2)).astype(np.float32))
    ink = arrange(points, shading(paint, GROUND).at(np.zeros(4000, np.uint8)))
    assert np.array_equal(ink.inks == CONTEXT, points.order >= 100)


def test_a_near_point_is_clearer_than_a_far_one_in_the_picture() -> None:
    layout = np.array([[-1, 0, 2], [1, 0, -2]], np.float32)
    sight = Sight()
    paint = Paint(np.zeros(2, np.uint8), np.array([[20, 60, 160]], np.uint8), GREY)
    camera = Camera(scale=40.0, width=200, height=100)
    away = []
    for turn in (FRONT, FRONT.by(180, 0)):  # from behind, both change places
        points = build_points(sight.places(layout, turn))
        ink = arrange(points, sight.paint(paint, GROUND))
        drawn = draw(points, ink, camera, dots_for(points, camera))
        left, right = (drawn[50, x] & np.uint32(0xFFFFFF) for x in (60, 140))
        away.append((left & 255, right & 255))
    assert away[0][0] < away[0][1]
    assert away[0] == away[1]


def test_what_does_not_change_is_not_done_again() -> None:
    layout = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    paint, sight = paint_of(3, 50), Sight()
    places = sight.places(layout, FRONT)
    mixed = sight.paint(paint, GROUND)
    assert sight.places(layout, FRONT) is places
    assert sight.paint(paint, GROUND) is mixed
    assert sight.paint(paint, (0, 0, 0)) is not mixed
    assert sight.places(layout, FRONT.by(1, 0)) is not places
    flat = layout[:, :2]
    assert sight.places(flat, None) is flat
    assert sight.paint(paint, GROUND) is paint
    assert sight.depth is None
