from __future__ import annotations

import numpy as np
import pytest

from backends.errors import BackendError, UnusableVectors
from backends.query import Query, RowTerm, VectorTerm, row_query, vector_query
from tests.backends.clouds import blobs, cloud


def test_a_row_points_where_its_vector_points() -> None:
    embeddings = cloud([[3.0, 4.0], [0.0, 2.0]])
    np.testing.assert_allclose(row_query(embeddings, 0).direction(embeddings), [0.6, 0.8])


def test_terms_are_mixed_by_weight_whatever_their_length() -> None:
    embeddings = cloud([[100.0, 0.0], [0.0, 0.01]])
    query = Query((RowTerm(0, 3.0), RowTerm(1, -4.0)), "mixture")
    np.testing.assert_allclose(query.direction(embeddings), [0.6, -0.8], rtol=1e-6)


def test_rows_asked_about_and_excluded_ones_are_no_answer() -> None:
    query = Query((RowTerm(2), RowTerm(5)), "two", excluded=frozenset({7}))
    assert query.rows == {2, 5, 7}
    assert query.row is None


def test_one_row_is_remembered() -> None:
    embeddings = blobs(5)
    assert row_query(embeddings, np.int64(3)).row == 3
    assert vector_query(np.ones(4)).row is None


@pytest.mark.parametrize("row", [-1, 3, 99])
def test_a_row_that_is_not_there_is_named(row: int) -> None:
    with pytest.raises(BackendError, match=f"There is no row {row}"):
        row_query(blobs(3), row)


def test_a_row_without_a_vector_has_no_neighbours() -> None:
    with pytest.raises(BackendError, match="Row 1 has no vector"):
        row_query(cloud([[1.0, 2.0], [0.0, 0.0]]), 1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.0, 0.0], "is zero"),
        ([np.nan, 1.0], "NaN or infinity"),
        ([np.inf, 1.0], "NaN or infinity"),
        ([1.0, 2.0, 3.0], "2 dimensions"),
    ],
)
def test_a_vector_without_a_direction_is_refused(values: list[float], words: str) -> None:
    embeddings = cloud([[1.0, 2.0]])
    with pytest.raises(UnusableVectors, match=words):
        vector_query(np.array(values)).direction(embeddings)


def test_terms_that_cancel_out_have_no_direction() -> None:
    embeddings = cloud([[1.0, 2.0]])
    query = Query((RowTerm(0), VectorTerm(np.float32([-2.0, -4.0]))), "nothing")
    with pytest.raises(BackendError, match="cancel"):
        query.direction(embeddings)


def test_an_empty_query_is_refused() -> None:
    with pytest.raises(BackendError, match="empty"):
        Query((), "").direction(cloud([[1.0]]))


def test_the_vector_given_is_copied() -> None:
    values = np.ones(2, dtype=np.float32)
    query = vector_query(values)
    values[0] = 50
    np.testing.assert_allclose(query.direction(cloud([[1.0, 2.0]])), [0.5**0.5] * 2, rtol=1e-6)
