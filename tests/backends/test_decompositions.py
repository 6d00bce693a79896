"""Decompositions on one BLAS thread: the same results, and the number of threads is put back."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from backends.decompositions import eigh, one_blas_thread, qr, svd


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if is_numpys(library)}


def is_numpys(library: dict[str, object]) -> bool:
    return library["user_api"] == "blas" and "numpy" in str(library["filepath"])


def test_they_are_numpys() -> None:
    matrix = np.random.default_rng(0).standard_normal((9, 9))
    symmetric = matrix @ matrix.T
    values, vectors = eigh(symmetric)
    assert vectors * values @ vectors.T == pytest.approx(symmetric)
    left, strengths, right = svd(matrix)
    assert left * strengths @ right == pytest.approx(matrix)
    basis, triangle = qr(matrix)
    assert basis @ triangle == pytest.approx(matrix)


def test_the_number_of_threads_comes_back_when_the_last_one_leaves() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        with one_blas_thread():
            with one_blas_thread():
                assert blas_threads() == {1}
            assert blas_threads() == {1}  # the outer one is still at work
        assert blas_threads() == {2}
