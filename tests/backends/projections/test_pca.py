from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from backends.arrays import unit_rows
from backends.errors import TooFewRows
from backends.projections import pca
from backends.projections.pca import EXTENT, components
from backends.projections.registry import PcaParams, project
from backends.reporting import Cancelled
from tests.backends.clouds import Listener, blobs, cloud


@given(st.integers(4, 60), st.integers(2, 20), st.integers(0, 99), st.booleans())
@settings(max_examples=40, deadline=None)
def test_it_is_scikit_learns_up_to_sign_and_scale(n: int, dim: int, seed: int, unit: bool) -> None:
    rng = np.random.default_rng(seed)
    embeddings = cloud(rng.normal(size=(n, dim)) * rng.uniform(0.5, 3, dim) + rng.normal(size=dim))
    vectors = unit_rows(embeddings.vectors) if unit else embeddings.vectors
    true = PCA(2).fit(vectors.astype(np.float64))
    first, second = true.explained_variance_
    rest = true.noise_variance_ * (min(n, dim) - 2) if dim > 2 else 0.0
    if second < 1e-6 * first or first - second < 1e-3 * first or second - rest < 1e-9:
        return  # directions that are hardly defined may be turned
    expected = true.transform(vectors.astype(np.float64))
    expected *= EXTENT / np.abs(expected).max()
    found = components(embeddings, unit_length=unit)
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found * signs, expected, atol=2e-2)


def test_many_dimensions_give_the_same_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = blobs(80, dim=30)
    dense = components(embeddings)
    monkeypatch.setattr(pca, "_DENSE", 5)
    np.testing.assert_allclose(components(embeddings), dense, atol=1e-4)


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = blobs(80, dim=10)
    whole = components(embeddings)
    monkeypatch.setattr(pca, "_BLOCK_VALUES", 70)
    np.testing.assert_allclose(components(embeddings), whole, atol=1e-5)


def test_far_from_the_origin_nothing_is_lost() -> None:
    plain = np.random.default_rng(0).normal(size=(50, 4))
    near = components(cloud(plain), unit_length=False)
    far = components(cloud(plain + 1000.0), unit_length=False)
    np.testing.assert_allclose(far, near, atol=0.02)


@pytest.mark.parametrize(
    "values",
    [
        [[1.0, 2.0, 3.0]],
        [[1.0, 2.0, 3.0]] * 5,
        [[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]],
        [[5.0]] * 3,
    ],
    ids=["one row", "equal vectors", "one direction", "one dimension"],
)
def test_vectors_that_are_all_alike_lie_on_one_point(values: list[list[float]]) -> None:
    layout = project(cloud(values), "pca").layout
    np.testing.assert_array_equal(layout, np.zeros((len(values), 2)))


def test_two_rows_lie_on_a_line_through_the_middle() -> None:
    layout = project(cloud([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), "pca").layout
    np.testing.assert_allclose(np.abs(layout), [[EXTENT, 0], [EXTENT, 0]], atol=1e-4)
    np.testing.assert_allclose(layout.sum(axis=0), 0, atol=1e-5)


def test_one_dimension_lies_on_a_line() -> None:
    layout = project(cloud([[1.0], [2.0], [4.0]]), "pca", PcaParams(unit_length=False)).layout
    assert layout[:, 1].tolist() == [0, 0, 0]
    assert layout[0, 0] < layout[1, 0] < layout[2, 0]


def test_nothing_to_lay_out_is_a_problem() -> None:
    with pytest.raises(TooFewRows, match="no row has a vector"):
        project(cloud(np.zeros((3, 2))), "pca")


def test_it_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        project(blobs(50), "pca", None, Listener(patience=1).report)
