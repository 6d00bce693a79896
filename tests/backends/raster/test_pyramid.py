"""The far view: it shows what the near one shows, and loses nothing."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.raster import pyramid as far
from backends.raster.camera import Camera
from backends.raster.colour import Paint, arrange
from backends.raster.draw import dots_for, draw
from backends.raster.points import Points, build_points
from backends.raster.pyramid import is_far, pyramid_of, spread_cells
from backends.raster.stamps import LEAST_RADIUS

PALETTE = np.array([[0, 114, 178], [213, 94, 0], [230, 159, 0]], np.uint8)
GREY = (195, 200, 208)
N = 300_000


def layout_of(n: int = N) -> tuple[np.ndarray, np.ndarray]:
    """A wide cloud, a dense one, and a tiny one of 30 far from both; with their classes."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], [n // 2, n - n // 2])
    layout = rng.normal(0, 1, (n, 2)) * np.where(labels == 0, 2.0, 0.2)[:, None]
    layout[:30] = rng.normal(9, 0.01, (30, 2))
    labels[:30] = 2
    return layout.astype(np.float32), labels


@pytest.fixture(scope="module")
def scene() -> tuple[Points, Paint]:
    layout, labels = layout_of()
    return build_points(layout), Paint(labels, PALETTE, GREY)


def both(
    points: Points, paint: Paint, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> tuple[np.ndarray, np.ndarray]:
    """The same camera's near and far picture, with the smallest dots."""
    ink = arrange(points, paint)
    dots = dots_for(points, camera, size=1e-3)
    assert dots.radius == LEAST_RADIUS
    near = draw(points, ink, camera, dots)
    monkeypatch.setattr(far, "EXACT_MOST", 10)
    assert is_far(points, camera)
    return near, draw(points, ink, camera, dots)


def channels(picture: np.ndarray) -> np.ndarray:
    return np.stack([(picture >> shift) & 255 for shift in (24, 16, 8, 0)], axis=-1).astype(float)


def in_blocks(picture: np.ndarray, size: int = 8) -> np.ndarray:
    """Means of blocks of pixels, (h / size, w / size, 4)."""
    height, width = (side // size * size for side in picture.shape)
    parts = channels(picture)[:height, :width].reshape(height // size, size, -1, size, 4)
    return parts.mean(axis=(1, 3))


# As many points a pixel as there are where the far view is taken: ten on average, and more.
@pytest.mark.parametrize("zoom", [1.0, 1.3, 1.6])
@pytest.mark.parametrize("chosen", [None, np.arange(0, N, 3)])
def test_near_and_far_agree(
    zoom: float, chosen: np.ndarray | None, scene: tuple[Points, Paint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    points, plain = scene
    paint = Paint(plain.codes, plain.palette, GREY, selected=chosen)
    camera = Camera(width=160, height=120).fitted(points.bounds).zoomed(zoom, 60, 80)
    near, distant = both(points, paint, camera.panned(0.3, 0.7), monkeypatch)
    away = np.abs(in_blocks(near) - in_blocks(distant))
    assert near.any()
    assert away.mean() < 1.5
    assert away.max() < 24
    crowded = channels(near)[..., 0] > 200  # there, single pixels agree as well
    assert np.abs(channels(near) - channels(distant))[crowded].mean() < 8


@pytest.mark.parametrize("zoom", [0.3, 0.7, 1.0, 1.9, 3.3])
def test_a_few_points_far_from_the_rest_never_vanish(
    zoom: float, scene: tuple[Points, Paint], monkeypatch: pytest.MonkeyPatch
) -> None:
    points, paint = scene
    camera = Camera(9, 9, 30.0, 64, 64)
    camera = camera.zoomed(zoom, 32, 32)
    near, distant = both(points, paint, camera, monkeypatch)
    for picture in (near, distant):
        middle = channels(picture)[24:40, 24:40]
        assert middle[..., 0].max() > 100
        red, green, blue = (middle[..., k].sum() for k in (1, 2, 3))
        assert red > green > blue  # in its own colour


def test_every_level_holds_every_point_once(scene: tuple[Points, Paint]) -> None:
    points, plain = scene
    chosen = np.arange(0, N, 7)
    paint = Paint(plain.codes, PALETTE, GREY, frozenset({2}), selected=chosen)
    levels = pyramid_of(points, arrange(points, paint)).levels
    assert len(levels) >= 4
    inner = points.order[: points.offsets[-1]]
    shown = plain.codes[inner] != 2
    picked = np.isin(inner, chosen)
    for level in levels:
        assert level.counts.sum() == (shown & picked).sum()
        assert level.under.sum() == (shown & ~picked).sum()
    mean = channels(levels[-1].colours)[..., 1:]
    held = levels[-1].counts[..., None]
    expected = PALETTE[plain.codes[inner[shown & picked]]].mean(axis=0)
    np.testing.assert_allclose((mean * held).sum(axis=(0, 1)) / held.sum(), expected, atol=2)


@settings(deadline=None, max_examples=60)
@given(
    size=st.floats(0.5, 1.0),
    left=st.floats(0, 3),
    top=st.floats(0, 3),
    seed=st.integers(0, 100),
)
def test_spread_over_pixels_no_ink_is_lost(size: float, left: float, top: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 5, (20, 30)).astype(np.uint32)
    colours = rng.integers(0, 1 << 24, (20, 30)).astype(np.uint32)
    under = rng.integers(0, 3, (20, 30)).astype(np.uint32)
    width, height = 40, 30
    sums = np.zeros((width * height, 4), np.float32)
    below = np.zeros(width * height, np.float32)
    for first in range(0, height, 10):  # in bands, as it is drawn
        part = slice(first * width, (first + 10) * width)
        spread_cells(
            counts, colours, under, True, left, top, size, first, first + 10, width,
            sums[part], below[part],
        )  # fmt: skip
    assert sums[:, 3].sum() == pytest.approx(counts.sum(), rel=1e-4)
    assert below.sum() == pytest.approx(under.sum(), rel=1e-4)
    for channel, shift in enumerate((16, 8, 0)):
        ink = (counts * ((colours >> shift) & 255)).sum()
        assert sums[:, channel].sum() == pytest.approx(ink, rel=1e-4)
    # And it lies where the cells lie: their middle is the pixels' middle.
    line, column = np.divmod(np.arange(width * height), width)
    rows, columns = np.indices(counts.shape)
    x, y = left + (columns + 0.5) * size, top + (rows + 0.5) * size
    for place, cells in ((column, x), (line, y)):
        weighted = (sums[:, 3] * (place + 0.5)).sum() / sums[:, 3].sum()
        assert weighted == pytest.approx((counts * cells).sum() / counts.sum(), abs=0.3)


def test_which_view_it_is_does_not_depend_on_the_pan(
    scene: tuple[Points, Paint], monkeypatch: pytest.MonkeyPatch
) -> None:
    points, _ = scene
    monkeypatch.setattr(far, "EXACT_MOST", 30_000)
    camera = Camera(width=640, height=480).fitted(points.bounds)
    assert is_far(points, camera)
    assert is_far(points, camera.panned(5000, 0))  # nothing in view
    near = camera.zoomed(200, 320, 240)
    assert not is_far(points, near)
    assert not is_far(points, near.panned(30, 40))


def test_a_pyramid_is_made_once_and_goes_with_its_ink(scene: tuple[Points, Paint]) -> None:
    points, paint = scene
    ink = arrange(points, paint)
    assert pyramid_of(points, ink) is pyramid_of(points, ink)
    held = len(far._made)
    del ink
    gc.collect()
    assert len(far._made) == held - 1
