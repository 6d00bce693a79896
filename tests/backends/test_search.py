from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.errors import BackendError
from backends.query import Query, RowTerm, row_query, vector_query
from backends.reporting import Cancelled
from backends.search import search
from tests.backends.clouds import Listener, blobs, cloud, similarities


@given(st.integers(1, 40), st.integers(1, 8), st.integers(1, 50), st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_hits_are_what_sorting_all_similarities_gives(n: int, dim: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(-2, 3, size=(n, dim))  # many ties, some zero rows
    embeddings = cloud(values)
    if not embeddings.present[0]:
        return
    hits = search(embeddings, row_query(embeddings, 0), k)
    true = similarities(embeddings)[0].round(9)
    order = [row for row in np.lexsort((np.arange(n), -true)) if embeddings.present[row] and row]
    np.testing.assert_allclose(hits.similarities, true[order[:k]], atol=1e-6)
    # Vectors that differ may tie but for rounding; equal ones tie exactly, in the order of rows.
    certain = {row for row in order if true[row] > true[order[:k]][-1] + 1e-6} if order else set()
    assert certain <= set(hits.rows.tolist())
    assert len(set(hits.rows.tolist())) == len(hits.rows)
    for before, after in pairwise(hits.rows.tolist()):
        assert true[before] >= true[after] - 1e-6
        assert before < after or not np.array_equal(values[before], values[after])


def test_equal_vectors_are_in_the_order_of_rows_wherever_they_stand() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(5000, 33))
    vectors[::7] = vectors[0]
    hits = search(cloud(vectors), vector_query(vectors[0]), 600)
    assert hits.rows.tolist() == list(range(0, 4200, 7))


def test_the_row_itself_and_excluded_rows_are_left_out_and_others_take_their_place() -> None:
    embeddings = cloud(np.ones((10, 3)))
    query = Query((RowTerm(2),), "two", excluded=frozenset({0, 4}))
    hits = search(embeddings, query, 5)
    assert hits.rows.tolist() == [1, 3, 5, 6, 7]
    assert (hits.row, hits.title, hits.embeddings) == (2, "two", embeddings.fingerprint)


def test_the_farthest_come_with_the_least_similarity_first() -> None:
    embeddings = cloud([[1, 0], [1, 1], [-1, 0], [0, 1]])
    hits = search(embeddings, Query((RowTerm(0),), "far", mode="farthest"), 3)
    assert hits.rows.tolist() == [2, 3, 1]
    np.testing.assert_allclose(hits.similarities, [-1, 0, 0.5**0.5], atol=1e-6)


def test_more_than_there_are_gives_all_that_have_a_vector() -> None:
    embeddings = cloud([[1, 0], [0, 0], [0, 1], [np.nan, 1]])
    assert search(embeddings, row_query(embeddings, 0), 100).rows.tolist() == [2]


def test_one_row_alone_has_no_neighbours() -> None:
    embeddings = cloud([[1.0, 2.0]])
    assert len(search(embeddings, row_query(embeddings, 0))) == 0


def test_lengths_at_the_ends_of_the_range_of_float32_do_not_matter() -> None:
    directions = np.random.default_rng(0).normal(size=(30, 12))
    sizes = np.resize([1e-38, 1.0, 3e37], 30)[:, None]
    scaled = cloud(directions * sizes)
    plain = cloud(directions)
    found = search(scaled, vector_query(directions[0]), 30)
    expected = search(plain, vector_query(directions[0]), 30)
    assert found.rows.tolist() == expected.rows.tolist()
    np.testing.assert_allclose(found.similarities, expected.similarities, atol=1e-5)


@pytest.mark.parametrize("k", [0, -3])
def test_asking_for_nothing_is_a_problem(k: int) -> None:
    embeddings = blobs(4)
    with pytest.raises(BackendError, match="positive"):
        search(embeddings, row_query(embeddings, 0), k)


def test_it_can_be_stopped() -> None:
    embeddings = blobs(50, seed=12)
    with pytest.raises(Cancelled):
        search(embeddings, row_query(embeddings, 0), report=Listener(patience=1).report)


def test_searches_in_several_threads_do_not_disturb_each_other() -> None:
    embeddings = blobs(3000, seed=13)
    alone = [search(embeddings, row_query(embeddings, row)).rows.tolist() for row in range(12)]
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda row: search(embeddings, row_query(embeddings, row)), range(12))
        assert [hits.rows.tolist() for hits in together] == alone
