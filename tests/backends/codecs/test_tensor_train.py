"""The tensor train against the TT-SVD written out, and its equation of memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.codecs import tensor_train
from backends.codecs.base import Ask, CannotFit
from backends.codecs.registry import codec
from backends.codecs.source import Source
from tests.backends.codecs.tables import (
    DIMS,
    SIZES,
    all_of,
    encoded,
    solved,
    source_of,
)


@given(st.integers(1, 5000))
def test_three_factors_are_near_each_other_and_hardly_more(count: int) -> None:
    factors = tensor_train.three_factors(count)
    product = factors[0] * factors[1] * factors[2]
    assert count <= product
    assert sorted(factors, reverse=True) == list(factors)
    if count >= 64:
        assert product <= 1.15 * count
        assert factors[0] <= 4 * factors[2]


def test_the_factors_of_usual_sizes() -> None:
    assert tensor_train.three_factors(384) == (8, 8, 6)
    assert tensor_train.three_factors(1000) == (10, 10, 10)
    assert tensor_train.three_factors(1) == (1, 1, 1)


@given(SIZES, DIMS, st.floats(0.1, 100))
@settings(max_examples=60, deadline=None)
def test_the_words_of_a_train_are_its_bytes_and_no_larger_rank_fits(
    n: int, dim: int, budget: float
) -> None:
    source = source_of(n, dim)
    params, note = solved("tt", source, budget)
    _, codes = encoded("tt", source, params)
    n1, n2, n3 = params["rows"]
    d1, d2, d3 = params["columns"]
    r1, r2 = params["ranks"]
    words = n1 * d1 * r1 + r1 * n2 * d2 * r2 + r2 * n3 * d3
    assert codes.nbytes == 4 * words
    assert words <= budget * n / 4 or (note and (r1, r2) == (1, 1))
    modes = (n1 * d1, n2 * d2, n3 * d3)
    for larger in ((r1 + 1, r2), (r1, r2 + 1)):
        full = larger[0] > min(modes[0], modes[1] * modes[2])
        full = full or larger[1] > min(modes[2], modes[0] * modes[1])
        assert full or tensor_train.words_of(modes, larger) > budget * n / 4


@given(SIZES, DIMS)
@settings(max_examples=40, deadline=None)
def test_a_train_of_full_rank_is_the_table(n: int, dim: int) -> None:
    source = source_of(n, dim)
    params, _ = solved("tt", source, 1e6)
    coder, codes = encoded("tt", source, params)
    assert coder.decode(codes, slice(0, n)) == pytest.approx(all_of(source), abs=1e-5)


def test_a_train_is_the_tt_svd_of_the_permuted_tensor() -> None:
    source = source_of(58, 23)  # padded to 60 and 24
    params = {"rows": [5, 3, 4], "columns": [2, 4, 3], "ranks": [6, 7]}
    coder, codes = encoded("tt", source, params)
    padded = np.zeros((60, 24))
    padded[:58, :23] = all_of(source)
    # A row's digits are (i2, i1, i3); modes are (i1 j1), (i2 j2), (i3 j3).
    tensor = padded.reshape(3, 5, 4, 2, 4, 3).transpose(1, 3, 0, 4, 2, 5)
    tensor = tensor.reshape(10, 12, 12)
    left, sizes, right = np.linalg.svd(tensor.reshape(10, 144), full_matrices=False)
    rest = (sizes[:6, None] * right[:6]).reshape(6 * 12, 12)
    left_2, sizes_2, right_2 = np.linalg.svd(rest, full_matrices=False)
    best = (left_2[:, :7] * sizes_2[:7]) @ right_2[:7]
    wanted = (left[:, :6] @ best.reshape(6, 144)).reshape(5, 2, 3, 4, 4, 3)
    wanted = wanted.transpose(2, 0, 4, 1, 3, 5).reshape(60, 24)[:58, :23]
    assert coder.decode(codes, slice(0, 58)) == pytest.approx(wanted, abs=1e-5)
    # What the second cut loses comes on top of the first; both are orthogonal.
    lost = ((padded[:58, :23] - wanted) ** 2).sum()
    assert lost <= (sizes[6:] ** 2).sum() + (sizes_2[7:] ** 2).sum() + 1e-9


def test_a_table_of_products_is_a_train_of_rank_one() -> None:
    rng = np.random.default_rng(3)
    first, middle, last = (Source(rng.standard_normal(size)) for size in ((6, 2), (4, 2), (5, 3)))
    table = np.einsum("ad,be,cf->bacdef", *map(all_of, (first, middle, last)))  # (i2 i1 i3 ...)
    source = Source(table.reshape(120, 12).astype(np.float32))  # products of unit vectors
    params = {"rows": [6, 4, 5], "columns": [2, 2, 3], "ranks": [1, 1]}
    coder, codes = encoded("tt", source, params)
    assert codes.nbytes == 4 * (12 + 8 + 15)
    assert coder.decode(codes, slice(0, 120)) == pytest.approx(all_of(source), abs=1e-6)


def test_a_table_too_large_for_a_train_is_refused_in_a_sentence() -> None:
    assert codec("tt").solve(Ask(384, 1_000_000, 10_000, 96.0)).params["rows"]
    with pytest.raises(CannotFit, match="too much memory"):
        codec("tt").solve(Ask(4096, 2_000_000_000, 10_000, 96.0))
