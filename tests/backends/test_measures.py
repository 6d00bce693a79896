"""Columns of numbers about rows, against slow obvious versions."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.arrays import frozen
from backends.corpora.computed import how_made
from backends.errors import BackendError
from backends.graph import forget_graphs
from backends.measures import K, kept_neighbours, outlier_score, similarity, towards
from backends.projections.faithfulness import faithfulness
from backends.query import Query, row_query, vector_query
from backends.reporting import SILENT, Cancelled, Report
from backends.selection import select
from backends.types import Embeddings, MadeBy, Projection
from tests.backends.clouds import Listener, blobs, cloud, similarities


@pytest.fixture(autouse=True)
def _no_graph_from_before() -> None:
    forget_graphs()


def row(embeddings: Embeddings, number: int, _report: Report) -> Query:
    return row_query(embeddings, number)


@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 99))
def test_similarity_is_the_cosine_of_every_row(n: int, dim: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings = cloud(
        rng.normal(size=(n, dim)) * rng.uniform(1e-3, 1e3, (n, 1)), rng.random(n) < 0.8
    )
    vector = rng.normal(size=dim).astype(np.float32)
    measure = similarity(embeddings, "it", {}, lambda _report: vector_query(vector))
    found = measure.call(SILENT).values
    vectors = embeddings.vectors.astype(np.float64)
    with np.errstate(invalid="ignore"):
        expected = vectors @ vector / np.linalg.norm(vectors, axis=1) / np.linalg.norm(vector)
    expected[~embeddings.present] = np.nan
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=2e-6)
    assert not (np.abs(found[embeddings.present]) > 1).any()


def test_a_row_is_wholly_similar_to_itself_and_vectors_beyond_float32_have_cosines() -> None:
    embeddings = cloud(np.array([[3e38, 3e38], [1e38, 0], [0, 2e-38], [-1, -1]]))
    found = similarity(embeddings, "row 0", {}, partial(row, embeddings, 0)).call(SILENT).values
    np.testing.assert_allclose(found, [1, 0.5**0.5, 0.5**0.5, -1], atol=1e-6)


def test_outliers_are_those_far_from_their_nearest() -> None:
    embeddings = blobs(200, spread=0.1)
    vectors = embeddings.vectors.copy()
    vectors[17] = -vectors.mean(axis=0) * 50
    odd = cloud(vectors, np.arange(200) != 5)
    found = outlier_score(odd).call(SILENT)
    table = similarities(odd)
    table[:, 5] = -np.inf
    expected = 1 - np.sort(table, axis=1)[:, -K:].mean(axis=1)
    np.testing.assert_allclose(found.values, expected, atol=1e-5)
    assert np.isnan(found.values[5])
    assert np.nanargmax(found.values) == 17
    assert found.note == ""


def test_twins_have_no_distance_below_nought() -> None:
    found = outlier_score(cloud(np.ones((20, 7)) / 3)).call(SILENT).values
    assert (found >= 0).all()
    np.testing.assert_allclose(found, 0, atol=1e-6)


def test_an_approximate_search_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.graph.EXACT_PRODUCTS", 1.0)
    found = outlier_score(blobs(6000, dim=80, spread=2.0)).call(SILENT)
    assert "approximately: 9" in found.note


def laid_out(embeddings: Embeddings) -> Projection:
    layout = np.where(embeddings.present[:, None], embeddings.vectors[:, :2], np.nan)
    made_by = MadeBy("project", (embeddings.fingerprint,))
    return Projection(frozen(layout.astype(np.float32)), "pca", "PCA", made_by)


def test_kept_neighbours_are_the_faithfulness_row_by_row() -> None:
    embeddings = blobs(300)
    projection = laid_out(embeddings)
    found = kept_neighbours(embeddings, projection).call(SILENT).values
    whole = faithfulness(projection, embeddings, K)
    assert whole is not None
    assert whole.sample == 300
    assert found.mean() == pytest.approx(whole.neighbour_recall, abs=1e-6)
    assert 0 <= found.min() < found.max() <= 1


def test_each_says_how_it_is_made_and_what_from() -> None:
    embeddings = blobs(30)
    projection = laid_out(embeddings)
    measures = (
        similarity(embeddings, "“tide”", {"text": "tide"}, partial(row, embeddings, 0)),
        outlier_score(embeddings),
        kept_neighbours(embeddings, projection),
    )
    assert [measure.name for measure in measures] == [
        *("Similarity to “tide”", "Outlier score", "Neighbours kept by PCA")
    ]
    assert all("the vectors “cloud”" in how_made(measure.made_by) for measure in measures)
    assert measures[2].made_by.inputs == (embeddings.fingerprint, projection.fingerprint)
    assert len({measure.made_by for measure in measures}) == 3


def test_what_differs_is_another_column_and_what_does_not_is_the_same() -> None:
    embeddings = blobs(30)
    asked = [
        similarity(embeddings, "it", {"text": text}, partial(row, embeddings, 0)).made_by
        for text in ("tide", "tide", "salt")
    ]
    assert asked[0] == asked[1] != asked[2]
    growing = Embeddings(
        embeddings.vectors, frozen(np.arange(30) < 20), "file", "cloud", embeddings.made_by
    )
    assert outlier_score(embeddings).made_by == outlier_score(embeddings).made_by
    assert outlier_score(embeddings).made_by != outlier_score(growing).made_by
    assert outlier_score(embeddings).made_by != outlier_score(embeddings, 10).made_by


def test_each_can_be_stopped() -> None:
    embeddings = blobs(400)
    for measure in (
        similarity(embeddings, "it", {}, partial(row, embeddings, 0)),
        outlier_score(embeddings),
        kept_neighbours(embeddings, laid_out(embeddings)),
    ):
        with pytest.raises(Cancelled):
            measure.call(Listener(1).report)


@given(n=st.integers(3, 40), dim=st.integers(1, 9), seed=st.integers(0, 1000))
def test_a_direction_is_the_difference_of_the_means(n: int, dim: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, dim)).astype(np.float32)
    present = rng.random(n) < 0.8
    chosen = np.flatnonzero(rng.random(n) < 0.4)
    embeddings = cloud(np.where(present[:, None], vectors, 0), present)
    inside = np.isin(np.arange(n), chosen) & present
    outside = present & ~inside
    if not inside.any() or not outside.any():
        return
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    direction = units[inside].mean(axis=0) - units[outside].mean(axis=0)
    length = np.linalg.norm(direction)
    measure = towards(embeddings, select(chosen, "some", kind="rows"))
    if length < 1e-5:
        return
    values = measure.call(SILENT).values
    np.testing.assert_allclose(values[present], units[present] @ direction / length, atol=2e-4)
    assert np.isnan(values[~present]).all()
    assert values[inside].mean() > values[outside].mean()


def test_there_is_no_direction_to_what_lies_where_the_others_lie() -> None:
    embeddings = cloud(np.ones((6, 4), np.float32), np.ones(6, bool))
    with pytest.raises(BackendError, match="no direction"):
        towards(embeddings, select([1, 2], "some", kind="rows")).call(SILENT)
