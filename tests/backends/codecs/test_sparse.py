"""Pruning against sorting, and bytes against formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.codecs import sparse
from backends.codecs.source import Source
from tests.backends.codecs.tables import (
    DIMS,
    SIZES,
    all_of,
    bytes_of,
    encoded,
    solved,
    source_of,
)


@given(SIZES, DIMS, st.floats(2, 100))
@settings(max_examples=60, deadline=None)
def test_sparse_rows_keep_the_largest_numbers_of_each(n: int, dim: int, budget: float) -> None:
    source = source_of(n, dim)
    params, note = solved("sparse", source, budget)
    coder, codes = encoded("sparse", source, params)
    vectors, decoded = all_of(source), coder.decode(codes, slice(0, n))
    for row, kept in zip(vectors, decoded, strict=True):
        largest = sorted(range(dim), key=lambda place: -abs(row[place]))[: params["kept"]]
        wanted = np.zeros(dim)
        wanted[largest] = row[largest]
        assert kept == pytest.approx(wanted, abs=1e-3)
    place = -(-dim // 8) if params["places"] == "bits" else params["kept"]
    value = {"float16": 2, "float32": 4}[params["values"]]
    assert bytes_of(codes) == place + params["kept"] * value
    assert note or bytes_of(codes) <= budget


def test_places_are_bits_where_those_are_smaller() -> None:
    few, _ = solved("sparse", source_of(9, 384), 48.0)
    many, _ = solved("sparse", source_of(9, 384), 384.0)
    assert (few["places"], few["kept"]) == ("positions", 12)  # 12 (2 + 2)
    assert (many["places"], many["kept"]) == ("bits", 168)  # 48 + 168 x 2


@given(SIZES, DIMS, st.integers(1, 300), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_threshold_is_that_of_a_sort(n: int, dim: int, kept: int, ties: bool) -> None:
    vectors = np.random.default_rng(n).standard_normal((n, dim)).astype(np.float32)
    if ties:
        vectors = np.sign(vectors) * (np.abs(vectors) > 0.5)  # zeros, and few different sizes
    source = Source(vectors)
    table = all_of(source)
    sizes = np.sort(np.abs(table[table != 0]))[::-1]
    kept = min(kept, n * dim)
    threshold, count, equal = sparse.threshold_of(source, kept)
    assert count == min(kept, len(sizes))
    if kept <= len(sizes):
        smallest = np.uint32(threshold).view(np.float32)
        assert smallest == sizes[kept - 1]
        assert equal == kept - int((sizes > smallest).sum())
    coder, codes = encoded("prune", source, {"kept": kept, "values": "float32"})
    decoded = coder.decode(codes, slice(0, n))
    assert np.sort(np.abs(decoded[decoded != 0]))[::-1].tolist() == sizes[:count].tolist()
    assert (decoded[decoded != 0] == table[decoded != 0]).all()


def test_sparse_rows_in_words_are_two_for_each_number_and_one_for_each_row() -> None:
    source = source_of(50, 70_000)  # places, pointers and numbers of four bytes
    kept = 100_000
    coder, codes = encoded("prune", source, {"kept": kept, "values": "float32"})
    assert codes.nbytes / 4 == 2 * kept + 50 + 1
    assert np.count_nonzero(coder.decode(codes, slice(0, 50))) == kept


@pytest.mark.parametrize(("dim", "place"), [(256, 1), (257, 2)])
def test_the_smallest_types_that_do_are_taken(dim: int, place: int) -> None:
    source = source_of(40, dim)
    params, _ = solved("prune", source, 60.0)
    _, codes = encoded("prune", source, params)
    assert codes.nbytes == params["kept"] * (place + 2) + 41 * 2
    assert 60.0 * 40 - codes.nbytes < place + 2
