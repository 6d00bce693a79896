from __future__ import annotations

import numpy as np
import pytest

from backends.arrays import unit_rows
from backends.errors import BackendError
from backends.indexes import exact
from backends.indexes.exact import reciprocal_lengths
from backends.indexes.registry import INDEXES, open_index
from backends.reporting import Cancelled
from tests.backends.clouds import Listener, blobs, cloud


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_answers_many_queries_with_rows_and_falling_similarities(name: str) -> None:
    embeddings = blobs(200)
    queries = unit_rows(embeddings.vectors[:9])
    rows, similarities = open_index(name, embeddings).search(queries, 12)
    assert rows.shape == similarities.shape == (9, 12)
    assert rows.dtype == np.int64
    assert rows[:, 0].tolist() == list(range(9))
    np.testing.assert_allclose(similarities[:, 0], 1.0, atol=1e-6)
    assert (np.diff(similarities, axis=1) <= 0).all()


@pytest.mark.parametrize("name", INDEXES)
def test_absent_rows_are_never_found(name: str) -> None:
    embeddings = cloud(blobs(40).vectors, np.arange(40) % 3 > 0)
    rows, _ = open_index(name, embeddings).search(unit_rows(embeddings.vectors[1:2]), 40)
    assert sorted(rows[0].tolist()) == [row for row in range(40) if row % 3]


@pytest.mark.parametrize("name", INDEXES)
def test_embeddings_without_a_vector_give_no_hits(name: str) -> None:
    rows, similarities = open_index(name, cloud(np.zeros((3, 2)))).search(np.float32([[1, 0]]), 4)
    assert rows.shape == similarities.shape == (1, 0)


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_can_be_stopped(name: str) -> None:
    embeddings = blobs(20, seed=5)
    with pytest.raises(Cancelled):
        open_index(name, embeddings).search(
            unit_rows(embeddings.vectors[:1]), 3, Listener(patience=1).report
        )


def test_an_index_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(BackendError, match="“magic”") as problem:
        open_index("magic", blobs(3))
    assert "exact" in problem.value.hint


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = blobs(300, seed=6)
    queries = unit_rows(embeddings.vectors[:4])
    whole = open_index("exact", embeddings).search(queries, 10)
    monkeypatch.setattr(exact, "_BLOCK_VALUES", 64)
    pieces = open_index("exact", embeddings).search(queries, 10)
    np.testing.assert_array_equal(whole[0], pieces[0])


def test_lengths_are_measured_once() -> None:
    embeddings = cloud([[3.0, 4.0], [0.0, 0.0]])
    first = reciprocal_lengths(embeddings)
    np.testing.assert_allclose(first, [0.2, 0.0])
    assert reciprocal_lengths(embeddings) is first
    assert open_index("exact", embeddings).bytes_per_vector == 4


def test_only_the_latest_lengths_are_remembered() -> None:
    first = blobs(3, seed=100)
    kept = reciprocal_lengths(first)
    for seed in range(exact.KEPT):
        reciprocal_lengths(blobs(3, seed=200 + seed))
    assert reciprocal_lengths(first) is not kept
