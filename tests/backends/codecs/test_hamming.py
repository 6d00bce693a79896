"""Packed bits: searching them by popcount, a query's levels as planes."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.codecs.hamming import ROOM, BitScan, level_planes, sign_planes, words_of
from backends.codecs.hamming_kernel import TILE
from backends.reporting import Cancelled, Report


def some_values(n: int, bits: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, bits), dtype=np.float32)


def slow_search(levels: np.ndarray, values: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosines between whole numbers and corners, by a stable sort of them all."""
    corners = np.where(values > 0, 1.0, -1.0)
    dots = levels.astype(np.float64) @ corners.T
    order = np.argsort(-dots, axis=1, kind="stable")[:, :k]
    lengths = np.sqrt(np.square(levels).sum(axis=1) * values.shape[1])[:, None]
    return order, np.take_along_axis(dots, order, axis=1) / lengths


@pytest.mark.parametrize("bits", [1, 5, 8, 13, 16, 32, 50, 64, 384, 385])
@pytest.mark.parametrize("queries", [1, 4, 5, 23])
@pytest.mark.parametrize("plane_bits", [1, 6])
def test_the_nearest_are_those_of_a_stable_sort(bits: int, queries: int, plane_bits: int) -> None:
    values = some_values(2 * TILE + 37, bits)
    values[TILE - 3 : TILE + 3] = values[0]  # equal codes on both sides of a tile's edge
    asked = some_values(queries, bits, seed=1)
    asked[0] = values[0]
    planes, levels = level_planes(asked, plane_bits)
    if plane_bits == 1:
        assert np.array_equal(planes, sign_planes(asked))
    scan = BitScan(
        np.packbits(values > 0, axis=1),
        bits,
        lambda _queries: (planes, np.square(levels).sum(axis=1)),
    )
    found, cosines = scan.search(asked, 40)
    expected, expected_cosines = slow_search(levels, values, 40)
    assert found.dtype == np.int64
    assert cosines.dtype == np.float32
    assert found.tolist() == expected.tolist()
    assert cosines == pytest.approx(expected_cosines, abs=1e-6)


@pytest.mark.parametrize("queries", [1, 6])
def test_rows_that_come_nearer_and_nearer_are_kept_in_order(queries: int) -> None:
    """The worst case for a limit: every row is below it."""
    n, bits = 3000, 64
    values = np.where(np.arange(bits) < np.linspace(0, bits, n)[:, None], 1.0, -1.0)
    asked = np.ones((queries, bits), dtype=np.float32)
    codes = np.packbits(values > 0, axis=1)
    squares = np.full(queries, bits, dtype=np.float32)
    found, _ = BitScan(codes, bits, lambda q: (sign_planes(q), squares)).search(asked, 700)
    assert found.tolist() == slow_search(asked, values, 700)[0].tolist()


@pytest.mark.parametrize("queries", [1, 6])
def test_a_late_row_takes_the_last_place(queries: int) -> None:
    """After the kept ones were sorted, what is nearer than the k-th alone still comes in."""
    differing = np.array([10, 20, 30, *[300] * (3 * ROOM), 25, 25, 30])
    values = np.where(np.arange(400) < differing[:, None], -1.0, 1.0)
    asked = np.ones((queries, 400), dtype=np.float32)
    codes = np.packbits(values > 0, axis=1)
    squares = np.full(queries, 400, dtype=np.float32)
    found, _ = BitScan(codes, 400, lambda q: (sign_planes(q), squares)).search(asked, 3)
    assert found.tolist() == [[0, 1, 3 + 3 * ROOM]] * queries


@given(st.integers(1, 6), st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=20))
def test_planes_stand_for_the_nearest_odd_whole_numbers(bits: int, row: list[float]) -> None:
    values = np.array([row], dtype=np.float32)
    planes, levels = level_planes(values, bits)
    back = np.zeros(len(row))
    for plane in range(bits):
        back += 2**plane * (np.unpackbits(planes[0, plane], count=len(row)) * 2.0 - 1)
    assert back.tolist() == levels[0].tolist()
    assert (levels % 2 == 1).all()
    peak = np.abs(values).max()
    if peak > 0:
        assert np.abs(levels / 2**bits - values / peak).max() <= 2.0**-bits * 1.001


@pytest.mark.parametrize(("size", "kind"), [(48, "u8"), (12, "u4"), (6, "u2"), (7, "u1")])
def test_words_are_the_widest_and_no_copy(size: int, kind: str) -> None:
    codes = np.zeros((5, size), dtype=np.uint8)
    words = words_of(codes)
    assert words.dtype == np.dtype(kind)
    assert np.shares_memory(words, codes)


def test_codes_that_lie_askew_are_searched_all_the_same() -> None:
    values = some_values(90, 64)
    room = np.zeros(90 * 8 + 1, dtype=np.uint8)
    codes = room[1:].reshape(90, 8)
    codes[:] = np.packbits(values > 0, axis=1)
    squares = np.full(3, 64, dtype=np.float32)
    found, _ = BitScan(codes, 64, lambda q: (sign_planes(q), squares)).search(values[:3], 1)
    assert found[:, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(("queries", "k"), [(0, 3), (2, 0), (2, 50)])
def test_nothing_asked_and_more_than_there_is(queries: int, k: int) -> None:
    values = some_values(9, 16)
    squares = np.full(queries, 16, dtype=np.float32)
    scan = BitScan(np.packbits(values > 0, axis=1), 16, lambda q: (sign_planes(q), squares))
    found, cosines = scan.search(some_values(queries, 16), k)
    assert found.shape == cosines.shape == (queries, min(k, 9))
    assert all(sorted(row) == list(range(len(row))) for row in found.tolist() if k == 50)


@pytest.mark.parametrize("queries", [1, 8])
def test_a_search_can_be_stopped(queries: int) -> None:
    values = some_values(50, 16)
    stop = threading.Event()
    stop.set()
    squares = np.full(queries, 16, dtype=np.float32)
    scan = BitScan(np.packbits(values > 0, axis=1), 16, lambda q: (sign_planes(q), squares))
    with pytest.raises(Cancelled):
        scan.search(some_values(queries, 16), 3, Report(stop=stop))
