"""Layouts with three dimensions: what they keep, and that those with two stay what they were."""

from __future__ import annotations

import numpy as np
import pytest

from backends.errors import BackendError
from backends.projections import layout as optimiser
from backends.projections.registry import PcaParams, UmapParams, project
from backends.types import Embeddings, MadeBy, Projection
from tests.backends.clouds import blobs


def test_layouts_in_the_plane_keep_the_names_they_had() -> None:
    vectors = embedded(60)
    for method, params in (("umap", UmapParams(epochs=2)), ("pca", PcaParams())):
        made = project(vectors, method, params, measure=False).made_by
        assert "dimensions" not in made.params
        deep = project(vectors, method, type(params)(dimensions=3), measure=False)
        assert deep.made_by.params["dimensions"] == 3
        assert deep.made_by != made
    # As it was before there were three dimensions.
    plain = {"neighbours": 15, "min_distance": 0.1, "epochs": None, "seed": 42}
    named = MadeBy("project", ("e",), plain, {"layout": "1"})
    assert named.fingerprint == "7cdbdc2854ae3276b1abfc305dc356dc"


def embedded(n: int = 360, dim: int = 30, seed: int = 0) -> Embeddings:
    """Three groups far apart, and a row without a vector."""
    rng = np.random.default_rng(seed)
    middles = np.eye(3, dim) * 8
    vectors = (middles[np.arange(n) % 3] + rng.normal(size=(n, dim))).astype(np.float32)
    present = np.ones(n, np.bool_)
    present[7] = False
    vectors[7] = 0
    return Embeddings(vectors, present, "file", "groups", MadeBy("embed", ("x",), {"seed": seed}))


@pytest.mark.parametrize("method", ["umap", "umap-learn", "pca"])
def test_three_groups_stand_apart_in_space(method: str) -> None:
    params = PcaParams(dimensions=3) if method == "pca" else UmapParams(dimensions=3)
    found = project(embedded(), method, params)
    assert found.dims == 3
    assert found.title.endswith("3D")
    assert found.layout.shape == (360, 3)
    assert np.isnan(found.layout[7]).all()
    placed = np.delete(found.layout, 7, axis=0)
    group = np.delete(np.arange(360) % 3, 7)
    middles = np.array([placed[group == i].mean(axis=0) for i in range(3)])
    away = np.linalg.norm(placed[:, None] - middles[None], axis=2)
    assert (away.argmin(axis=1) == group).all()
    assert (placed.std(axis=0) > 0.05).all()  # all three dimensions are used
    assert placed.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-4)
    assert found.faithfulness is not None


def test_a_space_keeps_at_least_as_many_neighbours_as_a_map() -> None:
    vectors = embedded(900)
    flat = project(vectors, "umap", UmapParams()).faithfulness
    deep = project(vectors, "umap", UmapParams(dimensions=3)).faithfulness
    assert flat is not None
    assert deep is not None
    assert deep.trustworthiness >= flat.trustworthiness
    assert deep.neighbour_recall >= flat.neighbour_recall


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_a_seed_gives_the_same_bits_on_any_number_of_cores(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = embedded(2600)  # enough edges for more than one thread

    def lay_out() -> Projection:
        return project(vectors, "umap", UmapParams(epochs=30, dimensions=3), measure=False)

    expected = lay_out().layout
    monkeypatch.setattr(optimiser, "core_count", lambda: cores)
    assert lay_out().layout.tobytes() == expected.tobytes()


def test_faithfulness_is_measured_in_space() -> None:
    """Groups that lie behind each other are apart in space and not on the front's map."""
    rng = np.random.default_rng(0)
    vectors = np.repeat(np.eye(4, 4) * 5, 50, axis=0) + rng.normal(scale=0.3, size=(200, 4))
    made = MadeBy("embed", ("x",))
    of = Embeddings(vectors.astype(np.float32), np.ones(200, np.bool_), "file", "x", made)
    layout = np.column_stack([rng.normal(size=(200, 2)), np.repeat(np.arange(4) * 20, 50)])
    from backends.projections.faithfulness import faithfulness, recall_by_row

    deep = Projection(layout.astype(np.float32), "x", "x", MadeBy("project", ("e",)))
    flat = Projection(deep.plane, "x", "x", MadeBy("project", ("e",)))
    in_space, from_front = faithfulness(deep, of), faithfulness(flat, of)
    assert in_space is not None
    assert from_front is not None
    assert in_space.trustworthiness > 0.85 > from_front.trustworthiness
    assert np.nanmean(recall_by_row(deep, of)) > np.nanmean(recall_by_row(flat, of))


def test_pca_in_space_begins_with_the_plane() -> None:
    vectors = embedded()
    flat, deep = (project(vectors, "pca", PcaParams(dimensions=d), measure=False) for d in (2, 3))
    np.testing.assert_allclose(deep.plane[:7], flat.layout[:7], atol=1e-4)
    spread = np.nanstd(deep.layout, axis=0)
    assert (np.diff(spread) <= 1e-6).all()  # widest first


@pytest.mark.parametrize("dim", [1, 2])
def test_vectors_of_fewer_dimensions_lie_on_a_line_or_a_plane(dim: int) -> None:
    params = PcaParams(unit_length=False, dimensions=3)
    found = project(blobs(40, dim), "pca", params, measure=False).layout
    assert found.shape == (40, 3)
    assert found[:, :dim].any(axis=0).all()
    assert (found[:, dim:] == 0).all()


@pytest.mark.parametrize("dimensions", [1, 4])
@pytest.mark.parametrize("method", ["umap", "umap-learn", "pca"])
def test_other_dimensions_are_an_error(method: str, dimensions: int) -> None:
    kind = PcaParams if method == "pca" else UmapParams
    with pytest.raises(BackendError, match=f"2 or 3 dimensions, not {dimensions}"):
        project(embedded(60), method, kind(dimensions=dimensions))
