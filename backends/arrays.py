"""Checks and small operations on matrices that every backend shares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from backends.errors import UnusableVectors

Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

Array = TypeVar("Array", bound=NDArray[Any])


def frozen(array: Array) -> Array:
    """Return the same array, no longer writeable; what crosses a boundary is frozen."""
    array.flags.writeable = False
    return array


def as_matrix(values: NDArray[Any]) -> Matrix:
    """Return (n, d) float32, copied only when it is not that already.

    Values beyond the range of float32 become infinite, so their rows are not usable.

    Raises: UnusableVectors if there are not two dimensions or the values are no real numbers.
    """
    if values.ndim != 2 or values.shape[1] == 0:
        raise UnusableVectors(
            "Vectors must be a table of n rows and d columns, "
            f"but this array has the shape {values.shape}.",
            hint="Save one vector a row, as a two-dimensional array.",
        )
    if values.dtype.kind not in "fiub":
        raise UnusableVectors(
            f"Vectors must be real numbers, but this array holds {values.dtype}.",
            hint="Convert it to float32 before saving it.",
        )
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(values, dtype=np.float32)


def usable_rows(vectors: Matrix) -> Mask:
    """Rows that have a direction: all finite, not all zero; (n,) bool. Works in blocks."""
    usable = np.empty(len(vectors), dtype=np.bool_)
    for block in batches(len(vectors), max(1, (1 << 24) // max(1, vectors.shape[1]))):
        part = vectors[block]
        usable[block] = np.isfinite(part).all(axis=1) & (part != 0).any(axis=1)
    return usable


def unit_rows(matrix: Matrix) -> Matrix:
    """Return a copy with rows of length 1; zero rows stay zero, rows with NaN or inf become it."""
    # The largest value first: squares of very large or small values would leave float32's range.
    peaks = np.abs(matrix).max(axis=1, keepdims=True)  # (n, 1)
    usable = (peaks > 0) & np.isfinite(peaks)  # (n, 1)
    scaled: Matrix = np.divide(matrix, peaks, out=np.zeros_like(matrix), where=usable)  # (n, d)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)  # (n, 1)
    np.divide(scaled, lengths, out=scaled, where=lengths > 0)
    return scaled


def plane_of(layout: Matrix) -> Matrix:
    """A layout (n, 2 or 3) as it is seen from the front, (n, 2); of two dimensions, itself."""
    if layout.shape[1] == 2:
        return layout
    return frozen(np.ascontiguousarray(layout[:, :2]))


def batches(n: int, size: int) -> Iterator[slice]:
    """Slices of at most `size` rows that cover 0..n in order."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
