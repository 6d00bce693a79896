"""Arrows in a picture: where they are, how strong, and that nothing leaves the picture."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from backends.raster import arrows as kernel
from backends.raster.arrows import FAINT, draw_arrows

RED = np.array([[200, 0, 0]], np.uint8)


def drawn(
    *ends: tuple[float, float, float, float],
    shape: tuple[int, int] = (60, 80),
    width: float = 1.0,
    alpha: float = 1.0,
    colours: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Blue, green, red, alpha, (height, width, 4)."""
    chosen = np.repeat(RED, len(ends), axis=0) if colours is None else colours
    picture = draw_arrows(np.array(ends, np.float32), chosen, alpha, width, 1.0, shape)
    return picture.view(np.uint8).reshape(*shape, 4)


def test_a_level_line_covers_its_own_pixels_and_grows_stronger() -> None:
    picture = drawn((10, 30.5, 70, 30.5))
    opacity = picture[30, :, 3].astype(float) / 255
    assert opacity[:10].max() == opacity[71:].max() == 0
    assert opacity[11] == pytest.approx(FAINT, abs=0.03)
    assert (np.diff(opacity[11:60]) >= 0).all()
    assert opacity[68] > 0.9
    beside = picture[[28, 29, 31, 32], 12:60, 3]
    assert beside.max() <= 2


@pytest.mark.parametrize("end", [(70, 12), (70, 50), (12, 5), (55, 58), (5, 30.5)])
def test_a_line_is_as_wide_as_it_says_in_any_direction(end: tuple[float, float]) -> None:
    kept, kernel.POINT = kernel.POINT, 0.0
    try:
        picture = drawn((40, 30.5, *end), width=1.5)
    finally:
        kernel.POINT = kept
    length = np.hypot(end[0] - 40, end[1] - 30.5)
    area = picture[:, :, 3].astype(float).sum() / 255
    assert area == pytest.approx(length * 1.5 * (1 + FAINT) / 2, rel=0.08)


def test_the_point_lies_at_the_tail() -> None:
    right, left = drawn((10, 30.5, 70, 30.5)), drawn((70, 30.5, 10, 30.5))
    off = np.r_[0:29, 33:60]
    assert right[off, 60:70, 3].any()
    assert not right[off, :60, 3].any()
    assert left[off, 10:20, 3].any()
    assert not left[off, 21:, 3].any()


def test_colours_are_premultiplied_and_the_last_lies_on_top() -> None:
    colours = np.array([[200, 0, 0], [0, 0, 250]], np.uint8)
    both = drawn((10, 30.5, 70, 30.5), (10, 30.5, 70, 30.5), colours=colours, alpha=0.5)
    blue, green, red, alpha = both[30, 50].astype(int)
    assert blue > red > 0
    assert green == 0
    assert max(blue, red) <= alpha < 255


def test_what_has_no_place_or_no_length_is_not_drawn() -> None:
    nan = float("nan")
    assert not drawn((nan, 3, 20, 20), (3, 3, nan, nan), (20, 20, 21, 21)).any()


def test_lines_may_lie_anywhere() -> None:
    rng = np.random.default_rng(0)
    far = rng.uniform(-1e6, 1e6, (500, 4))
    near = rng.uniform(-40, 120, (500, 4))
    ends = np.concatenate((far, near)).astype(np.float32)
    colours = rng.integers(0, 256, (1000, 3)).astype(np.uint8)
    inside = draw_arrows(ends, colours, 0.9, 1.3, 1.0, (60, 80))
    # The same lines in the middle of a larger picture give the same pixels.
    wide = draw_arrows(
        ends + np.array([50, 40, 50, 40], np.float32), colours, 0.9, 1.3, 1.0, (140, 180)
    )
    a = inside.view(np.uint8).astype(int)
    b = np.ascontiguousarray(wide[40:100, 50:130]).view(np.uint8).astype(int)
    assert np.abs(a - b).mean() < 1.0


def test_threads_give_the_same_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    ends = rng.uniform(0, 80, (200, 4)).astype(np.float32)
    colours = rng.integers(0, 256, (200, 3)).astype(np.uint8)
    pictures = []
    for count in (1, 2, 5):
        monkeypatch.setattr(kernel, "threads", lambda count=count: count)
        pictures.append(draw_arrows(ends, colours, 0.8, 1.2, 1.0, (61, 80)))
    for other in pictures[1:]:
        a, b = pictures[0].view(np.uint8).astype(int), other.view(np.uint8).astype(int)
        assert np.abs(a - b).max() <= 2
