"""Neighbours that two layouts share, against counting them one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.projections.agreement import shared_by_row


def slowly(first: np.ndarray, second: np.ndarray, k: int) -> np.ndarray:
    usable = np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1)
    rows = np.flatnonzero(usable)
    k = min(k, len(rows) - 1)
    found = np.full(len(first), np.nan)
    for row in rows if k > 0 else ():
        others = rows[rows != row]
        near = []
        for layout in (first, second):
            away = np.linalg.norm(layout[others] - layout[row], axis=1)
            near.append(set(others[np.argsort(away)[:k]].tolist()))
        found[row] = len(near[0] & near[1]) / k
    return found


@given(
    st.integers(0, 60),
    st.integers(1, 8),
    st.integers(0, 5),
    st.sampled_from([2, 3]),
    st.integers(0, 99),
)
def test_shares_are_those_that_are_counted(
    n: int, k: int, missing: int, dims: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(n, 2)).astype(np.float32)
    second = rng.normal(size=(n, dims)).astype(np.float32)
    second[:, :2] += first
    first[:missing] = np.nan
    second[n - missing :] = np.nan
    shares = shared_by_row(first, second, k)
    np.testing.assert_allclose(shares, slowly(first, second, k), atol=1e-6)
    np.testing.assert_array_equal(shares, shared_by_row(second, first, k))


def test_a_turned_copy_shares_all_and_another_layout_hardly_any() -> None:
    rng = np.random.default_rng(0)
    layout = rng.normal(size=(2_000, 2)).astype(np.float32)
    turned = layout @ np.array([[0, 1], [-1, 0]], np.float32) * 3
    assert shared_by_row(layout, turned).mean() == pytest.approx(1, abs=1e-3)
    assert shared_by_row(layout, rng.normal(size=(2_000, 2)).astype(np.float32)).mean() < 0.05
