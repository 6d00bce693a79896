"""Decompositions of small matrices (some hundreds of rows), each on one thread.

In them BLAS shares out hundreds of tiny products, and its threads wait for one another by turning:
on a machine with other work that took up to two hundred times as long as one thread does, and on an
idle one it gains nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", np.float32, np.float64)
_lock = threading.Lock()
_inside = 0
_limits: Any = None


def eigh(matrix: NDArray[Kind]) -> tuple[NDArray[Kind], NDArray[Kind]]:
    """Eigenvalues (d,), ascending, and eigenvectors (d, d), columns, of a symmetric matrix."""
    with one_blas_thread():
        values, vectors = np.linalg.eigh(matrix)
    return values, vectors


def svd(matrix: NDArray[Kind]) -> tuple[NDArray[Kind], NDArray[Kind], NDArray[Kind]]:
    """Left vectors, singular values and right vectors (rows); see `numpy.linalg.svd`."""
    with one_blas_thread():
        left, strengths, right = np.linalg.svd(matrix)
    return left, strengths, right


def qr(matrix: NDArray[Kind]) -> tuple[NDArray[Kind], NDArray[Kind]]:
    """An orthonormal basis and a triangular matrix; see `numpy.linalg.qr`."""
    with one_blas_thread():
        basis, triangle = np.linalg.qr(matrix)
    return basis, triangle


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Have numpy's BLAS work on one thread; the number is put back when the last one leaves.

    The number belongs to the whole process, so products in other threads are slower meanwhile.
    """
    global _inside, _limits  # one number for the process
    with _lock:
        if _inside == 0:
            _limits = _blas().limit(limits=1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limits.restore_original_limits()


@lru_cache(maxsize=1)
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
