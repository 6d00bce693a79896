from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from backends.arrays import frozen
from backends.projections import faithfulness as measured
from backends.projections.faithfulness import faithfulness, recall_by_row
from backends.reporting import Cancelled
from backends.types import Embeddings, MadeBy, Projection
from tests.backends.clouds import Listener, blobs, cloud, similarities


def laid_out(embeddings: Embeddings, layout: np.ndarray) -> Projection:
    whole = np.where(embeddings.present[:, None], layout, np.nan).astype(np.float32)
    return Projection(frozen(whole), "pca", "by hand", MadeBy("project", (embeddings.fingerprint,)))


def slow_recall(embeddings: Embeddings, layout: np.ndarray, k: int) -> np.ndarray:
    """Share of common neighbours per row, by sorting everything."""
    distances = np.linalg.norm(layout[:, None] - layout[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    near = np.argsort(distances, axis=1)[:, :k]
    true = np.argsort(-similarities(embeddings), axis=1)[:, :k]
    return np.array([len(set(a) & set(b)) / k for a, b in zip(near, true, strict=True)])


@pytest.mark.parametrize(("n", "k"), [(40, 5), (100, 15), (500, 15)])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_is_scikit_learns_trustworthiness_and_the_share_of_common_neighbours(
    n: int, k: int, seed: int
) -> None:
    embeddings = blobs(n, seed=seed)
    layout = np.random.default_rng(seed).normal(size=(n, 2)) + embeddings.vectors[:, :2]
    layout = layout.astype(np.float32)
    found = faithfulness(laid_out(embeddings, layout), embeddings, k)
    assert found is not None
    expected = trustworthiness(
        embeddings.vectors.astype(np.float64), layout, n_neighbors=k, metric="cosine"
    )
    assert found.trustworthiness == pytest.approx(expected, abs=1e-6)
    expected = slow_recall(embeddings, layout.astype(np.float64), k).mean()
    assert found.neighbour_recall == pytest.approx(expected, abs=1e-6)
    assert (found.k, found.sample) == (k, n)


def test_float32_and_blocks_make_hardly_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = blobs(400)
    projection = laid_out(embeddings, embeddings.vectors[:, :2])
    before = faithfulness(projection, embeddings)
    monkeypatch.setattr(measured, "_FEW", 0)
    monkeypatch.setattr(measured, "_BLOCK_VALUES", 3000)
    after = faithfulness(projection, embeddings)
    assert before is not None
    assert after is not None
    assert after.trustworthiness == pytest.approx(before.trustworthiness, abs=1e-5)
    assert after.neighbour_recall == pytest.approx(before.neighbour_recall, abs=1e-3)


def test_a_sample_is_close_to_the_whole_and_always_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embeddings = blobs(1500)
    projection = laid_out(embeddings, embeddings.vectors[:, :2])
    whole = faithfulness(projection, embeddings)
    monkeypatch.setattr(measured, "ANCHORS", 600)
    sample = faithfulness(projection, embeddings)
    assert whole is not None
    assert sample is not None
    assert sample.sample == 600
    assert sample.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.02)
    assert faithfulness(projection, embeddings) == sample


def test_a_layout_that_is_the_vectors_is_wholly_faithful() -> None:
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 300)
    layout = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    embeddings = cloud(layout)
    found = faithfulness(laid_out(embeddings, layout), embeddings)
    assert found is not None
    assert found.trustworthiness == pytest.approx(1.0, abs=1e-4)
    assert found.neighbour_recall > 0.99


def test_twins_are_as_good_as_each_other() -> None:
    vectors = np.repeat(np.random.default_rng(0).normal(size=(10, 8)), 30, axis=0)
    embeddings = cloud(vectors)
    place = np.repeat(np.arange(10.0), 30)[:, None] * [1.0, 0.0]
    found = faithfulness(laid_out(embeddings, place), embeddings)
    assert found is not None
    assert (found.trustworthiness, found.neighbour_recall) == (1.0, 1.0)


def test_rows_without_a_vector_are_not_there() -> None:
    whole = blobs(120)
    present = np.arange(120) % 4 > 0
    part = cloud(whole.vectors, present)
    alone = cloud(whole.vectors[present])
    layout = whole.vectors[:, :2]
    found = faithfulness(laid_out(part, layout), part)
    assert found == faithfulness(laid_out(alone, layout[present]), alone)
    shares = recall_by_row(laid_out(part, layout), part, 5)
    np.testing.assert_array_equal(np.isnan(shares), ~present)


@pytest.mark.parametrize(("n", "k"), [(1, None), (2, None), (3, 1), (8, 3), (31, 15), (90, 15)])
def test_k_is_lowered_where_rows_are_few(n: int, k: int | None) -> None:
    embeddings = blobs(n)
    found = faithfulness(laid_out(embeddings, embeddings.vectors[:, :2]), embeddings)
    assert (found.k if found else None) == k


def test_recall_by_row_is_the_share_of_common_neighbours_of_each() -> None:
    embeddings = blobs(200)
    layout = embeddings.vectors[:, :2]
    found = recall_by_row(laid_out(embeddings, layout), embeddings, 10)
    np.testing.assert_allclose(found, slow_recall(embeddings, layout, 10), atol=1e-6)


def test_one_row_has_no_recall() -> None:
    embeddings = blobs(1)
    assert np.isnan(recall_by_row(laid_out(embeddings, np.zeros((1, 2))), embeddings)).all()


@pytest.mark.parametrize("patience", [1, 2])
def test_it_can_be_stopped(patience: int) -> None:
    embeddings = blobs(100)
    listener = Listener(patience)
    with pytest.raises(Cancelled):
        faithfulness(
            laid_out(embeddings, embeddings.vectors[:, :2]), embeddings, 5, listener.report
        )
    assert len(listener.progress) == patience
