"""Layouts brought over each other, held against scipy's Procrustes analysis."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import procrustes

from backends.projections.align import align, between, farthest

Layout = NDArray[np.float32]


def cloud(seed: int, n: int = 50) -> Layout:
    return np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)


def turned(layout: Layout, angle: float, *, mirror: bool, scale: float, shift: float) -> Layout:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if mirror:
        turn = turn @ np.diag([1.0, -1.0])
    return (layout @ turn * scale + shift).astype(np.float32)


@given(
    st.integers(0, 1000),
    st.floats(0, 6.3),
    st.booleans(),
    st.floats(0.01, 100),
    st.floats(-50, 50),
)
def test_a_layout_that_was_only_turned_has_not_moved(
    seed: int, angle: float, mirror: bool, scale: float, shift: float
) -> None:
    new = cloud(seed)
    old = turned(new, angle, mirror=mirror, scale=scale, shift=shift)
    moved = align(old, new).apply(old)
    np.testing.assert_allclose(moved, new, atol=2e-5 * max(1, (1 + abs(shift)) / scale))


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_is_what_scipy_finds(seed: int) -> None:
    old, new = cloud(seed), cloud(seed + 100) * 7 + 3
    old[3], new[8] = np.nan, np.inf
    both = np.isfinite(old).all(axis=1) & np.isfinite(new).all(axis=1)
    expected_new, expected_old, disparity = procrustes(new[both], old[both])
    middle = new[both].mean(axis=0)
    size = np.linalg.norm(new[both] - middle)
    moved = align(old, new).apply(old)
    np.testing.assert_allclose((moved[both] - middle) / size, expected_old, atol=1e-5)
    np.testing.assert_allclose((new[both] - middle) / size, expected_new, atol=1e-5)
    left = ((moved[both] - new[both]) ** 2).sum() / size**2
    assert left == pytest.approx(disparity, rel=1e-4)
    assert np.isnan(moved[3]).all()


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_rows_in_one_place_are_only_shifted(rows: int) -> None:
    old = np.full((6, 2), np.nan, np.float32)
    old[:rows] = (2, 3)
    new = cloud(0, 6)
    moved = align(old, new).apply(old)
    if rows:
        np.testing.assert_allclose(moved[:rows].mean(axis=0), new[:rows].mean(axis=0), atol=1e-5)
        np.testing.assert_allclose(moved[:rows], moved[:1].repeat(rows, axis=0), atol=1e-6)
    assert np.isnan(moved[rows:]).all()


def test_the_farthest_movers_come_first() -> None:
    start, end = np.zeros((9, 2), np.float32), np.zeros((9, 2), np.float32)
    end[:, 0] = [5, 1, 9, 2, 8, 3, np.nan, 7, 4]
    rows = np.array([0, 1, 2, 4, 6, 7])
    moves = farthest(start, end, rows, 3)
    assert moves.rows.tolist() == [2, 4, 7]
    assert (len(moves.starts), moves.of) == (3, 6)
    assert farthest(start, end, rows, 10).rows.tolist() == [2, 4, 7, 0, 1]


def test_on_the_way_new_rows_are_in_their_place_and_lost_ones_are_gone() -> None:
    start = np.array([[0, 0], [np.nan, np.nan], [1, 1]], np.float32)
    end = np.array([[4, 8], [2, 2], [np.nan, np.nan]], np.float32)
    half = between(start, end, 0.5)
    np.testing.assert_array_equal(half, [[2, 4], [2, 2], [np.nan, np.nan]])
    np.testing.assert_array_equal(between(start, end, 1.0)[:2], end[:2])
