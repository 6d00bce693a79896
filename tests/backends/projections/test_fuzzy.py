from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from backends.graph import neighbour_graph
from backends.projections.fuzzy import FuzzySet, curve, fit_curve, fuzzy_set
from backends.projections.umap_ import library_fuzzy_set
from backends.types import Embeddings
from tests.backends.clouds import blobs, cloud


def matrix(edges: FuzzySet) -> csr_matrix:
    m = len(edges)
    return csr_matrix((edges.weights, edges.columns, edges.starts), shape=(m, m))


def duplicates() -> Embeddings:
    vectors = np.array(blobs(90).vectors)
    vectors[30:40] = vectors[0]
    vectors[50:53] = vectors[1]
    return cloud(vectors)


@pytest.mark.parametrize("neighbours", [2, 5, 15])
@pytest.mark.parametrize("make", [lambda: blobs(120), duplicates], ids=["blobs", "duplicates"])
def test_it_is_umap_learns_fuzzy_set(neighbours: int, make: type[Embeddings]) -> None:
    graph = neighbour_graph(make(), neighbours - 1)
    ours = matrix(fuzzy_set(graph)).toarray()
    theirs = library_fuzzy_set(graph, np.random.RandomState(0)).toarray()
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    assert (ours > 0).sum() > 90


def test_it_is_symmetric_with_ascending_columns_and_no_row_in_itself() -> None:
    edges = fuzzy_set(neighbour_graph(blobs(200), 14))
    table = matrix(edges)
    assert abs(table - table.T).max() < 1e-6
    assert table.diagonal().max() == 0
    for row in range(len(edges)):
        columns = edges.columns[edges.starts[row] : edges.starts[row + 1]]
        assert (np.diff(columns) > 0).all()


def test_memberships_of_a_row_add_up_to_the_logarithm_of_its_neighbours() -> None:
    # Before the union: a ring of directions where nothing is mutual cannot be had, so look at
    # the published property on the strongest edge instead: the nearest neighbour belongs wholly.
    graph = neighbour_graph(blobs(100), 14)
    table = matrix(fuzzy_set(graph)).toarray()
    nearest = table[np.arange(100), graph.neighbours[:, 0]]
    np.testing.assert_allclose(nearest, 1.0, atol=1e-6)


def test_equal_vectors_belong_to_each_other_wholly() -> None:
    edges = fuzzy_set(neighbour_graph(cloud(np.ones((20, 4))), 5))
    np.testing.assert_array_equal(edges.weights, 1.0)


@pytest.mark.parametrize(
    ("min_distance", "spread", "a", "b"), [(0.1, 1.0, 1.577, 0.895), (0.001, 1.0, 1.929, 0.792)]
)
def test_the_curve_has_the_published_values(
    min_distance: float, spread: float, a: float, b: float
) -> None:
    assert curve(min_distance, spread) == pytest.approx((a, b), abs=1e-3)
    assert fit_curve(min_distance, spread) == pytest.approx((a, b), abs=1e-3)


@pytest.mark.parametrize("min_distance", [0.0, 0.05, 0.5, 0.99, 1.0])
def test_the_curve_is_umap_learns(min_distance: float) -> None:
    from umap.umap_ import find_ab_params

    assert curve(min_distance) == pytest.approx(find_ab_params(1.0, min_distance), rel=1e-4)
