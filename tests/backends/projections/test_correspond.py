"""One layout over another: what is the same part, and how far to believe it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.projections.correspond import MOST_ROWS, correspond

RNG = np.random.default_rng(3)
LAYOUT = RNG.normal(size=(300, 2)).astype(np.float32) * np.float32([3, 1])


def turned(degrees: float, *, mirrored: bool = False) -> np.ndarray:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return turn @ np.diag([-1.0, 1.0]) if mirrored else turn


@given(st.floats(0, 360), st.floats(0.01, 100), st.booleans())
def test_a_turned_and_enlarged_copy_corresponds_in_full(
    degrees: float, scale: float, mirrored: bool
) -> None:
    copy = LAYOUT @ turned(degrees, mirrored=mirrored) * scale + [5, -7]
    found = correspond(LAYOUT, copy.astype(np.float32))
    assert found.is_good
    assert found.residual < 1e-4
    assert found.scale == pytest.approx(scale, rel=1e-4)
    for row in range(0, 300, 50):
        x, y = found.place(*LAYOUT[row].tolist())
        assert (x, y) == pytest.approx(copy[row].tolist(), abs=1e-3 * scale + 1e-3)


def test_the_residual_is_the_procrustes_statistic_of_scipy() -> None:
    from scipy.spatial import procrustes

    other = LAYOUT + RNG.normal(size=LAYOUT.shape).astype(np.float32)
    _, _, disparity = procrustes(LAYOUT.astype(float), other.astype(float))
    assert correspond(LAYOUT, other).residual == pytest.approx(disparity, rel=1e-4)
    assert correspond(other, LAYOUT).residual == pytest.approx(disparity, rel=1e-4)


def test_layouts_with_nothing_in_common_are_not_shrunk() -> None:
    """The scale of least squares would be near nought, and show a speck."""
    other = RNG.normal(size=LAYOUT.shape).astype(np.float32)
    found = correspond(LAYOUT, other)
    assert not found.is_good
    assert found.residual > 0.9
    assert found.scale == pytest.approx(np.sqrt(2 / 10), rel=0.2)


def test_the_way_back_leads_back() -> None:
    other = RNG.normal(size=LAYOUT.shape).astype(np.float32)
    found = correspond(LAYOUT, other)
    assert found.back.place(*found.place(1.5, -2.5)) == pytest.approx((1.5, -2.5))
    assert found.back.scale * found.scale == pytest.approx(1)


def test_rows_that_one_layout_has_no_place_for_do_not_count() -> None:
    copy = LAYOUT * 2
    copy[:100] = np.nan
    other = LAYOUT.copy()
    other[250:] = np.nan
    found = correspond(other, copy)
    assert found.rows == 150
    assert found.residual < 1e-6
    assert found.scale == pytest.approx(2)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows(rows: int) -> None:
    nothing = np.full((5, 2), np.nan, np.float32)
    nothing[:rows] = np.float32([[1, 2], [3, 4]])[:rows]
    found = correspond(nothing, nothing)
    assert found.is_good is (rows == 2)
    x, y = found.place(1, 2)
    assert np.isfinite([x, y, found.scale, found.back.scale]).all()


def test_all_in_one_place() -> None:
    found = correspond(np.zeros((4, 2), np.float32), LAYOUT[:4])
    assert not found.is_good
    assert np.isfinite(found.place(0, 0)).all()


def test_of_many_rows_evenly_spread_ones_are_looked_at() -> None:
    many = RNG.normal(size=(3 * MOST_ROWS, 2)).astype(np.float32)
    found = correspond(many, many @ turned(90).astype(np.float32))
    assert MOST_ROWS <= found.rows < 2 * MOST_ROWS
    assert found.residual < 1e-6
