"""Vectors that are places are shown where they are."""

from __future__ import annotations

import numpy as np
import pytest

from backends.errors import BackendError, TooFewRows
from backends.projections.registry import AxesParams, project
from tests.backends.clouds import cloud


def test_places_are_neither_turned_nor_stretched() -> None:
    places = np.random.default_rng(0).normal(5, (40, 3), (200, 2)).astype(np.float32)
    present = np.arange(200) % 7 > 0
    projection = project(cloud(places, present), "axes")
    assert projection.faithfulness is None  # nothing was lost
    assert np.isnan(projection.layout[~present]).all()
    between = np.diff(projection.layout[present], axis=0)
    np.testing.assert_allclose(between, np.diff(places[present], axis=0), atol=1e-4)


@pytest.mark.parametrize(("dim", "dims"), [(1, 2), (2, 3), (3, 3), (50, 2), (50, 3)])
def test_missing_dimensions_are_nought_and_others_are_left_out(dim: int, dims: int) -> None:
    vectors = np.random.default_rng(1).normal(size=(60, dim)).astype(np.float32)
    projection = project(cloud(vectors), "axes", AxesParams(dimensions=dims))
    assert projection.layout.shape == (60, dims)
    width = min(dim, dims)
    expected = vectors[:, :width] - vectors[:, :width].mean(axis=0)
    np.testing.assert_allclose(projection.layout[:, :width], expected, atol=1e-5)
    assert not projection.layout[:, width:].any()
    assert (projection.faithfulness is None) == (dim <= dims)


def test_bad_calls_get_a_sentence() -> None:
    vectors = np.ones((4, 2), np.float32)
    with pytest.raises(TooFewRows, match="no row has a vector"):
        project(cloud(vectors, np.zeros(4, bool)), "axes")
    with pytest.raises(BackendError, match="2 or 3 dimensions"):
        project(cloud(vectors), "axes", AxesParams(dimensions=4))
