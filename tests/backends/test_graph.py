from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends import graph
from backends.errors import TooFewRows
from backends.graph import forget_graphs, kept_graph, neighbour_graph
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
    monkeypatch.setattr(graph, "EXACT_PRODUCTS", 1.0)
    listener = Listener()
    found = neighbour_graph(embeddings, 15, listener.report)
    shared = (found.neighbours[:, :, None] == exact.neighbours[:, None, :]).any(axis=1).mean()
    assert shared > 0.95
    assert found.recall == pytest.approx(shared, abs=0.02)
    assert exact.recall == 1.0
    assert not (found.neighbours == np.arange(6000)[:, None]).any()
    assert (np.diff(found.similarities, axis=1) <= 0).all()
    true = similarities(embeddings)
    kept = np.take_along_axis(true, found.neighbours, 1)
    np.testing.assert_allclose(found.similarities, kept, atol=1e-6)
    shares = [one.share for one in listener.progress]
    assert shares == sorted(shares)


def test_an_approximate_search_is_the_same_on_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from backends import neighbour_descent

    embeddings = blobs(3000, dim=40, centres=10, spread=1.0)
    monkeypatch.setattr(graph, "EXACT_PRODUCTS", 1.0)
    found = []
    for cores in (1, 2, 3):
        monkeypatch.setattr(neighbour_descent, "core_count", lambda cores=cores: cores)
        forget_graphs()
        found.append(neighbour_graph(embeddings, 10))
    for other in found[1:]:
        np.testing.assert_array_equal(other.neighbours, found[0].neighbours)
        np.testing.assert_array_equal(other.similarities, found[0].similarities)


@pytest.mark.parametrize("k", [1, 15, 90])
def test_an_approximate_search_fills_every_list_with_different_rows(
    monkeypatch: pytest.MonkeyPatch, k: int
) -> None:
    vectors = np.random.default_rng(1).normal(size=(1500, 12))
    vectors[::3] = vectors[0]  # 500 rows of the same place
    present = np.arange(1500) % 7 != 3
    monkeypatch.setattr(graph, "EXACT_PRODUCTS", 1.0)
    found = neighbour_graph(cloud(vectors, present), k)
    assert found.neighbours.shape == (present.sum(), k)
    assert found.neighbours.min() >= 0
    assert all(len(set(row)) == k for row in found.neighbours.tolist())
    twins = np.flatnonzero(found.rows % 3 == 0)
    np.testing.assert_allclose(found.similarities[twins], 1.0, atol=1e-5)


def test_an_approximate_search_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "EXACT_PRODUCTS", 1.0)
    embeddings = blobs(5000, dim=20)
    for patience in (1, 4, 12):
        forget_graphs()
        with pytest.raises(Cancelled):
            neighbour_graph(embeddings, 15, Listener(patience).report)
        assert kept_graph(embeddings, 1) is None
