"""The picture equals the slow one pixel for pixel, and shows what it should."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.raster import draw as drawing
from backends.raster import threads as splitting
from backends.raster.camera import Camera
from backends.raster.colour import COLOUR, CONTEXT, HIDDEN, Ink, Paint, arrange, plain_codes
from backends.raster.draw import Dots, dots_for, draw
from backends.raster.points import Points, build_points
from backends.raster.stamps import LEAST_RADIUS, opacities
from tests.backends.raster import slow

PALETTE = np.array([[0, 114, 178], [213, 94, 0], [255, 255, 255], [0, 0, 0]], np.uint8)
GREY = (195, 200, 208)


def layout_of(seed: int, n: int, spread: float = 3.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, spread, (n, 2)).astype(np.float32)


def ink_of(points: Points, seed: int, layers: Sequence[int] = (HIDDEN, CONTEXT, COLOUR)) -> Ink:
    rng = np.random.default_rng(seed)
    kinds = rng.choice(np.array(layers, np.uint8), len(points))
    codes = rng.integers(0, len(PALETTE), len(points)).astype(np.uint8)
    inks = np.where(kinds == COLOUR, kinds + codes, kinds)
    return Ink(inks, PALETTE, GREY, bool((inks == CONTEXT).any()), bool(inks.any()))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    n=st.integers(0, 60),
    radius=st.one_of(st.just(LEAST_RADIUS), st.floats(0.6, 7)),
    scale=st.floats(0.5, 60),
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    crowd=st.floats(1.5, 40),
    layers=st.sampled_from([(COLOUR,), (HIDDEN, CONTEXT, COLOUR), (CONTEXT,), (HIDDEN,)]),
)
def test_equals_the_slow_picture_pixel_for_pixel(
    seed: int,
    n: int,
    radius: float,
    scale: float,
    width: int,
    height: int,
    crowd: float,
    layers: Sequence[int],
) -> None:
    points = build_points(layout_of(seed, n))
    ink = ink_of(points, seed, layers)
    camera = Camera(0.3, -0.2, scale, width, height)
    dots = Dots(radius, 0.7, 0.97, crowd)
    expected = slow.draw(points, ink, camera, dots)
    np.testing.assert_array_equal(draw(points, ink, camera, dots), expected)


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_the_number_of_threads_changes_nothing(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = build_points(layout_of(1, 3000))
    ink = ink_of(points, 1)
    camera = Camera(width=200, height=333).fitted(points.bounds)
    dots = dots_for(points, camera)
    expected = draw(points, ink, camera, dots)
    pool = ThreadPoolExecutor(4)
    monkeypatch.setattr(drawing, "threads", lambda: threads)
    monkeypatch.setattr(splitting, "_pool", lambda: pool)
    np.testing.assert_array_equal(draw(points, ink, camera, dots), expected)
    pool.shutdown()


def test_the_order_of_rows_changes_nothing() -> None:
    layout = layout_of(2, 500)
    codes = np.arange(500, dtype=np.uint16) % 4
    shuffled = np.random.default_rng(0).permutation(500)
    pictures = []
    for rows in (np.arange(500), shuffled):
        points = build_points(layout[rows])
        ink = arrange(points, Paint(codes[rows], PALETTE, GREY))
        camera = Camera(width=120, height=90).fitted(points.bounds)
        pictures.append(draw(points, ink, camera, dots_for(points, camera)))
    np.testing.assert_array_equal(*pictures)


def test_a_single_dot_is_round_and_in_its_place() -> None:
    points = build_points(np.array([[1.0, 2.0]], np.float32))
    ink = arrange(points, Paint(plain_codes(1), PALETTE[:1], GREY))
    camera = Camera(0, 0, 10.0, 101, 101)
    picture = draw(points, ink, camera, Dots(6.0, 0.9, 0.97, 1.5))
    alpha = (picture >> 24).astype(float)
    ys, xs = np.indices(alpha.shape) + 0.5
    px, py = camera.to_pixel(1.0, 2.0)  # up is towards row 0
    assert abs((alpha * xs).sum() / alpha.sum() - px) < 0.1
    assert abs((alpha * ys).sum() / alpha.sum() - py) < 0.1
    assert abs(alpha.sum() / alpha.max() - np.pi * 36) < 2
    seen = picture[round(py - 0.5), round(px - 0.5)]
    share = (seen >> 24) / 255
    assert share == round(0.9 * 255) / 255
    for shift, channel in zip((16, 8, 0), PALETTE[0], strict=True):
        assert ((seen >> shift) & 255) == round(channel * share)


@pytest.mark.parametrize("place", [1e30, -1e30, 3e9, 1e-30])
def test_a_camera_far_away_draws_nothing_and_does_not_crash(place: float) -> None:
    points = build_points(layout_of(3, 100))
    ink = ink_of(points, 3)
    picture = draw(points, ink, Camera(place, place, 1e6, 50, 40), Dots(2.0, 0.9, 0.97, 2))
    if abs(place) > 1:
        assert not picture.any()


def test_selected_items_are_in_colour_and_the_others_stay_visible() -> None:
    layout = np.array([[-1, 0], [1, 0]], np.float32)
    points = build_points(layout)
    paint = Paint(plain_codes(2), PALETTE[:1], GREY, selected=np.array([1]))
    camera = Camera(0, 0, 20.0, 81, 41)
    picture = draw(points, arrange(points, paint), camera, dots_for(points, camera))
    left, right = picture[20, 20], picture[20, 60]
    assert (left >> 24) > 120  # grey, but there
    channels = [(left >> shift) & 255 for shift in (16, 8, 0)]
    assert max(channels) - min(channels) < 20
    assert (right & 255) > ((right >> 16) & 255) + 100  # blue


def test_selection_goes_before_filter_and_hidden_before_both() -> None:
    points = build_points(layout_of(4, 6))
    codes = np.array([0, 0, 0, 1, 1, 1], np.uint16)
    kept, chosen = np.array([0, 3]), np.array([1, 4])
    both = arrange(points, Paint(codes, PALETTE, GREY, frozenset({1}), chosen, kept))
    narrowed = arrange(points, Paint(codes, PALETTE, GREY, kept=kept))
    by_row = np.empty(6, int)
    by_row[points.order] = np.minimum(both.inks, COLOUR)
    assert by_row.tolist() == [CONTEXT, COLOUR, CONTEXT, HIDDEN, HIDDEN, HIDDEN]
    by_row[points.order] = np.minimum(narrowed.inks, COLOUR)
    assert by_row.tolist() == [COLOUR, CONTEXT, CONTEXT, COLOUR, CONTEXT, CONTEXT]


def test_a_million_in_one_place_do_not_overflow() -> None:
    layout = np.zeros((1_000_000, 2), np.float32)
    points = build_points(layout)
    ink = arrange(points, Paint(plain_codes(len(layout)), PALETTE[2:3], GREY))
    picture = draw(points, ink, Camera(0, 0, 1.0, 9, 9), Dots(1.0, 0.5, 0.97, 100))
    full = round(0.97 * 255)
    assert picture[4, 4] == sum(full << shift for shift in (24, 16, 8, 0))


@pytest.mark.parametrize(
    "places",
    [[(3, 4)], [(3, 4)] * 5, [(0, 0), (1, 0)], [(0, 5), (0, 6), (0, 9)], [(1e6, 1e6)] * 2],
)
def test_few_points_are_large_even_on_a_line_or_in_one_place(
    places: list[tuple[float, float]],
) -> None:
    points = build_points(np.array(places, np.float32))
    camera = Camera(width=300, height=200).fitted(points.bounds)
    dots = dots_for(points, camera)
    assert dots.radius > 4
    assert dots.single > 0.8


@pytest.mark.parametrize(("n", "least", "most"), [(20, 5, 6), (10_000, 1.5, 4), (1_000_000, 0, 1)])
def test_dots_suit_the_number_of_points(n: int, least: float, most: float) -> None:
    points = build_points(layout_of(5, n))
    camera = Camera(width=1280, height=960).fitted(points.bounds)
    assert least <= dots_for(points, camera).radius <= most


def test_dots_grow_with_zoom_and_not_with_panning() -> None:
    points = build_points(layout_of(6, 10_000))
    camera = Camera(width=640, height=480).fitted(points.bounds)
    near = camera.zoomed(4, 320, 240)
    assert dots_for(points, near).radius > dots_for(points, camera).radius
    assert dots_for(points, near.panned(500, 30)) == dots_for(points, near)


def test_equalised_shades_tell_crowded_places_apart_that_the_logarithm_does_not() -> None:
    """Four squares of 40, 80, 160 and 320 dots a pixel, in a field of very dense ones."""
    rng = np.random.default_rng(9)
    parts = [rng.uniform((1.5 * k, 0), (1.5 * k + 1, 1), (4000 * 2**k, 2)) for k in range(4)]
    points = build_points(np.vstack(parts).astype(np.float32))
    camera = Camera(2.75, 0.5, 10.0, 70, 30)
    ink = arrange(points, Paint(plain_codes(points.n), PALETTE[:1], GREY))
    steps = {}
    for equalised in (False, True):
        dots = dots_for(points, camera, equalised=equalised)
        alpha = (draw(points, ink, camera, dots) >> 24).astype(float)
        found = [alpha[12:18, 10 + 15 * k : 16 + 15 * k].mean() for k in range(4)]
        assert found == sorted(found)
        steps[equalised] = np.diff(found).min()
    assert steps[True] > 30 > steps[False]


@given(st.lists(st.floats(0, 50), min_size=1, max_size=40), st.floats(0.2, 0.94))
def test_opacity_never_falls_where_there_are_more_dots(levels: list[float], single: float) -> None:
    table = opacities(single, 0.97, 20.0, tuple(sorted(levels))).astype(int)
    assert (np.diff(table) >= 0).all()
    assert table[0] == 0
    assert table[-1] == round(0.97 * 255)


def test_the_picture_given_is_the_picture_filled() -> None:
    points = build_points(layout_of(7, 50))
    ink = ink_of(points, 7)
    camera = Camera(0, 0, 10, 60, 50)
    out = np.full((50, 60), 7, np.uint32)
    assert draw(points, ink, camera, dots_for(points, camera), out) is out
    assert not (out == 7).any()
    other = draw(points, ink, camera, dots_for(points, camera), np.empty((2, 2), np.uint32))
    np.testing.assert_array_equal(out, other)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_reference_picture(theme: str, data: Path) -> None:
    """Eight clusters over their ground; made by `python -m tests.backends.raster.test_draw`."""
    expected = np.load(data / "raster" / f"{theme}.npy")
    away = np.abs(reference(theme).astype(int) - expected)
    assert away.mean() < 1.0
    assert np.quantile(away, 0.999) <= 24


def reference(theme: str) -> np.ndarray:
    """RGB picture (120, 160, 3) of eight clusters, one of them selected away."""
    rng = np.random.default_rng(8)
    labels = rng.integers(0, 8, 4000)
    layout = rng.normal(0, 4, (8, 2))[labels] + rng.normal(0, 0.6, (4000, 2))
    points = build_points(layout.astype(np.float32))
    dark = theme == "dark"
    colours = np.array([[0, 114, 178], [213, 94, 0], [0, 158, 115], [230, 159, 0]] * 2, np.uint8)
    paint = Paint(
        labels.astype(np.uint16), colours, (74, 80, 90) if dark else GREY,
        selected=np.flatnonzero(labels > 1),
    )  # fmt: skip
    camera = Camera(width=160, height=120).fitted(points.bounds)
    picture = draw(points, arrange(points, paint), camera, dots_for(points, camera))
    ground = np.array([18, 20, 23] if dark else [253, 253, 254])
    alpha = (picture >> 24)[..., None] / 255
    rgb = np.stack([(picture >> shift) & 255 for shift in (16, 8, 0)], axis=-1)
    return np.round(rgb + ground * (1 - alpha)).astype(np.uint8)


if __name__ == "__main__":
    folder = Path(__file__).parents[2] / "data" / "raster"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("light", "dark"):
        np.save(folder / f"{name}.npy", reference(name))
