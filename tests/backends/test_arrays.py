"""Matrices: checked, unit length, in batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backends.arrays import as_matrix, batches, frozen, unit_rows, usable_rows
from backends.errors import UnusableVectors

MATRICES = arrays(
    np.float32,
    st.tuples(st.integers(0, 5), st.integers(1, 4)),
    elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
)


def test_a_frozen_array_cannot_be_written_to() -> None:
    array = np.zeros(3)
    assert frozen(array) is array
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "i1", "i8", "u2", "?"])
def test_real_numbers_become_float32(dtype: str) -> None:
    values = np.array([[0, 1], [1, 0]]).astype(dtype)
    matrix = as_matrix(values)
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    assert matrix.tolist() == [[0, 1], [1, 0]]


def test_what_is_right_already_is_not_copied() -> None:
    values = np.zeros((3, 2), dtype=np.float32)
    assert np.shares_memory(as_matrix(values), values)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(3),
        np.zeros((2, 2, 2)),
        np.zeros((3, 0)),
        np.zeros((2, 2), dtype=complex),
        np.array([["a", "b"]]),
        np.array([[None, 1]]),
    ],
    ids=lambda values: f"{values.dtype}{values.shape}",
)
def test_anything_else_is_refused_in_words(values: np.ndarray[Any, Any]) -> None:
    with pytest.raises(UnusableVectors) as caught:
        as_matrix(values)
    assert caught.value.hint


def test_values_beyond_float32_are_not_usable() -> None:
    matrix = as_matrix(np.array([[1e300, 0.0], [1.0, 0.0]]))
    assert usable_rows(matrix).tolist() == [False, True]


@given(MATRICES)
def test_usable_rows_are_finite_and_not_zero(matrix: Any) -> None:
    expected = [all(np.isfinite(row)) and any(row != 0) for row in matrix]
    assert usable_rows(matrix).tolist() == expected


def test_usable_rows_are_found_across_blocks() -> None:
    matrix = np.ones((9, 1 << 23), dtype=np.float16)  # two rows a block
    matrix[[3, 8]] = 0
    assert np.flatnonzero(~usable_rows(matrix)).tolist() == [3, 8]  # type: ignore[arg-type]


@given(MATRICES)
def test_rows_have_length_one_or_are_zero(matrix: Any) -> None:
    before = matrix.copy()
    unit = unit_rows(matrix)
    lengths = np.linalg.norm(unit.astype(np.float64), axis=1)
    usable = usable_rows(matrix)
    assert np.allclose(lengths[usable], 1, atol=1e-5)
    assert (lengths[~usable] == 0).all()
    assert np.array_equal(matrix, before, equal_nan=True)
    scale = np.abs(matrix[usable]).max(axis=1, keepdims=True, initial=0)
    slow = matrix[usable].astype(np.float64) / scale
    slow /= np.linalg.norm(slow, axis=1, keepdims=True)
    assert np.allclose(unit[usable], slow, atol=1e-6)


@given(st.integers(0, 50), st.integers(1, 20))
def test_batches_cover_everything_once_in_order(n: int, size: int) -> None:
    slices = list(batches(n, size))
    assert [row for part in slices for row in range(part.start, part.stop)] == list(range(n))
    assert all(0 < part.stop - part.start <= size for part in slices)
