from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends import graph
from backends.errors import TooFewRows
from backends.graph import forget_graphs, neighbour_graph
from backends.reporting import Cancelled
from tests.backends.clouds import Listener, blobs, cloud, similarities


@pytest.fixture(autouse=True)
def _no_graph_from_before() -> None:
    forget_graphs()


@given(st.integers(2, 40), st.integers(1, 12), st.integers(1, 20), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_it_finds_what_sorting_all_similarities_finds(n: int, dim: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings = cloud(rng.normal(size=(n, dim)), rng.random(n) < 0.8)
    if embeddings.count < 2:
        with pytest.raises(TooFewRows):
            neighbour_graph(embeddings, k)
        return
    found = neighbour_graph(embeddings, k)
    true = similarities(embeddings)[np.ix_(found.rows, found.rows)]
    best = -np.sort(-true, axis=1)[:, : found.k]
    assert found.k == min(k, embeddings.count - 1)
    np.testing.assert_array_equal(found.rows, np.flatnonzero(embeddings.present))
    np.testing.assert_allclose(found.similarities, best, atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(true, found.neighbours, 1), best, atol=1e-6)


def test_no_row_is_its_own_neighbour_even_among_duplicates() -> None:
    vectors = np.repeat(np.eye(3), 30, axis=0)
    found = neighbour_graph(cloud(vectors), 5)
    assert not (found.neighbours == np.arange(90)[:, None]).any()
    np.testing.assert_array_equal(
        found.neighbours // 30, np.repeat([0, 1, 2], 30)[:, None] + 0 * found.neighbours
    )


def test_ties_are_in_the_order_of_rows() -> None:
    found = neighbour_graph(cloud(np.ones((6, 4))), 5)
    for row in range(6):
        assert found.neighbours[row].tolist() == [other for other in range(6) if other != row]


def test_fewer_neighbours_of_the_same_embeddings_come_from_memory() -> None:
    embeddings = blobs(60)
    first = neighbour_graph(embeddings, 20)
    second = neighbour_graph(embeddings, 7)
    assert first.seconds > 0
    assert second.seconds == 0
    np.testing.assert_array_equal(second.neighbours, first.neighbours[:, :7])
    assert neighbour_graph(embeddings, 25).k == 25


def test_rows_added_under_the_same_name_are_seen() -> None:
    whole = blobs(40)
    half = cloud(whole.vectors, np.arange(40) < 20)
    object.__setattr__(half, "made_by", whole.made_by)
    assert len(neighbour_graph(half, 5).rows) == 20
    assert len(neighbour_graph(whole, 5).rows) == 40


def test_it_can_be_stopped() -> None:
    listener = Listener(patience=2)
    with pytest.raises(Cancelled):
        neighbour_graph(blobs(9000, dim=8), 15, listener.report)
    assert len(listener.progress) == 2


def test_many_rows_are_searched_approximately_and_the_recall_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embeddings = blobs(6000, dim=80, centres=40)
    exact = neighbour_graph(embeddings, 15)
    forget_graphs()
    monkeypatch.setattr(graph, "EXACT_LIMIT", 1000)
    found = neighbour_graph(embeddings, 15)
    shared = (found.neighbours[:, :, None] == exact.neighbours[:, None, :]).any(axis=1).mean()
    assert shared > 0.9
    assert found.recall == pytest.approx(shared, abs=0.05)
    assert exact.recall == 1.0
    assert not (found.neighbours == np.arange(6000)[:, None]).any()
    assert (np.diff(found.similarities, axis=1) <= 0).all()
