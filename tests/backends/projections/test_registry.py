from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backends.errors import BackendError, MissingPackage, TooFewRows
from backends.graph import forget_graphs
from backends.projections import registry
from backends.projections.registry import PROJECTIONS, PcaParams, UmapParams, project, warm_up
from backends.registry import Spec
from backends.reporting import Cancelled
from backends.types import Embeddings, Projection
from tests.backends.clouds import Listener, blobs, cloud

UMAPS = ("umap", "umap-learn")
EVERY = tuple(PROJECTIONS)


def quick(method: str, **changes: Any) -> PcaParams | UmapParams:
    return PcaParams() if method == "pca" else UmapParams(**{"epochs": 30, **changes})


def check(projection: Projection, embeddings: Embeddings) -> None:
    layout = projection.layout
    assert layout.shape == (len(embeddings), 2)
    assert layout.dtype == np.float32
    assert not layout.flags.writeable
    np.testing.assert_array_equal(np.isfinite(layout).all(axis=1), embeddings.present)
    np.testing.assert_allclose(layout[embeddings.present].mean(axis=0), 0, atol=1e-4)
    assert projection.embeddings == embeddings.fingerprint


@pytest.mark.parametrize("method", EVERY)
def test_a_layout_has_a_place_for_every_row_that_has_a_vector(method: str) -> None:
    embeddings = cloud(blobs(90).vectors, np.arange(90) % 5 > 0)
    projection = project(embeddings, method, quick(method))
    check(projection, embeddings)
    assert projection.finished
    assert projection.method == method
    assert projection.faithfulness is not None
    assert projection.faithfulness.sample == embeddings.count
    assert all(seconds >= 0 for seconds in projection.stages.values())
    assert "faithfulness" in projection.stages


@pytest.mark.parametrize("method", EVERY)
def test_a_seed_gives_the_same_layout_again(method: str) -> None:
    embeddings = blobs(120)
    first = project(embeddings, method, quick(method), measure=False)
    forget_graphs()
    again = project(embeddings, method, quick(method), measure=False)
    np.testing.assert_array_equal(first.layout, again.layout)
    assert first.fingerprint == again.fingerprint
    assert first.faithfulness is None


@pytest.mark.parametrize("method", UMAPS)
def test_another_seed_gives_another_layout(method: str) -> None:
    embeddings = blobs(120)
    first = project(embeddings, method, quick(method), measure=False)
    other = project(embeddings, method, quick(method, seed=1), measure=False)
    assert not np.array_equal(first.layout, other.layout)
    assert first.fingerprint != other.fingerprint


@pytest.mark.parametrize("method", UMAPS)
def test_groups_come_out_as_groups(method: str) -> None:
    embeddings = blobs(300, centres=3, spread=0.1)
    layout = project(embeddings, method, UmapParams(epochs=150)).layout
    group = np.arange(300) % 3
    centres = np.stack([layout[group == g].mean(axis=0) for g in range(3)])
    nearest = np.linalg.norm(layout[:, None] - centres[None], axis=2).argmin(axis=1)
    assert (nearest == group).mean() > 0.99


@pytest.mark.parametrize("method", UMAPS)
@pytest.mark.parametrize(
    "vectors",
    [
        np.random.default_rng(0).normal(size=(3, 4)),
        np.random.default_rng(0).normal(size=(9, 1)),
        np.ones((40, 3)),
        np.repeat(np.eye(2), [5, 5], axis=0) + 0.01 * np.random.default_rng(0).normal(size=(10, 2)),
        np.repeat(np.random.default_rng(0).normal(size=(4, 5)), 20, axis=0),
    ],
    ids=["three rows", "one dimension", "equal vectors", "two far groups", "duplicates only"],
)
def test_what_hardly_has_a_layout_gets_one(method: str, vectors: np.ndarray) -> None:
    embeddings = cloud(vectors)
    check(project(embeddings, method, quick(method)), embeddings)


@pytest.mark.parametrize("method", UMAPS)
def test_fewer_rows_than_neighbours_are_noted(method: str) -> None:
    few = project(blobs(8), method, quick(method))
    assert few.notes == ("Only 8 rows have a vector, so 8 neighbours were used, not 15.",)
    assert project(blobs(15), method, quick(method)).notes == ()


@pytest.mark.parametrize("method", UMAPS)
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_rows_are_a_problem_with_a_way_out(method: str, rows: int) -> None:
    vectors = np.zeros((5, 3))
    vectors[:rows] = np.random.default_rng(0).normal(size=(rows, 3))
    with pytest.raises(TooFewRows, match=f"there are {rows}") as problem:
        project(cloud(vectors), method)
    assert "PCA" in problem.value.hint


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"neighbours": 1}, "at least 2 neighbours"),
        ({"min_distance": -0.1}, "from 0 to 1"),
        ({"min_distance": 1.5}, "from 0 to 1"),
        ({"epochs": 0}, "at least one epoch"),
    ],
)
def test_settings_out_of_range_are_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BackendError, match=words):
        project(blobs(20), "umap", UmapParams(**changes))


def test_a_method_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(BackendError, match="“magic”") as problem:
        project(blobs(5), "magic")
    assert "umap-learn" in problem.value.hint


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = Spec("far", "Far", load=lambda: None, needs=(("no_such_module", "no-such-package"),))
    monkeypatch.setitem(registry.PROJECTIONS, "far", spec)
    with pytest.raises(MissingPackage, match="no-such-package"):
        project(blobs(5), "far")


@pytest.mark.parametrize("method", EVERY)
@pytest.mark.parametrize("patience", [1, 3])
def test_it_can_be_stopped_within_a_report(method: str, patience: int) -> None:
    forget_graphs()
    listener = Listener(patience)
    with pytest.raises(Cancelled):
        project(blobs(60), method, quick(method), listener.report)
    assert len(listener.progress) == patience


@pytest.mark.parametrize("method", UMAPS)
def test_the_picture_moves_and_the_last_one_can_be_kept(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backends.projections import live

    monkeypatch.setattr(live, "SECONDS_A_PICTURE", 0.0)
    embeddings = cloud(blobs(60).vectors, np.arange(60) > 4)
    listener = Listener(after_partials=12)
    with pytest.raises(Cancelled):
        project(embeddings, method, quick(method, epochs=40), listener.report)
    assert len(listener.partials) == 12
    for picture in listener.partials:
        check(picture, embeddings)
        assert not picture.finished
    assert len({picture.fingerprint for picture in listener.partials}) == 12
    assert not np.array_equal(listener.partials[0].layout, listener.partials[11].layout)


@pytest.mark.parametrize("method", EVERY)
def test_the_finished_picture_is_offered_before_it_is_measured(method: str) -> None:
    listener = Listener()
    projection = project(blobs(60), method, quick(method), listener.report)
    last = listener.partials[-1]
    assert last.finished
    assert last.faithfulness is None
    assert last.fingerprint == projection.fingerprint
    np.testing.assert_array_equal(last.layout, projection.layout)
    shares = [progress.share for progress in listener.progress]
    assert shares == sorted(shares)


def test_both_implementations_are_about_as_faithful() -> None:
    embeddings = blobs(1200, dim=30, centres=12, spread=0.9)  # one connected graph
    ours, theirs = (project(embeddings, method, UmapParams(epochs=200)) for method in UMAPS)
    assert ours.faithfulness is not None
    assert theirs.faithfulness is not None
    assert ours.faithfulness.trustworthiness > theirs.faithfulness.trustworthiness - 0.03


def test_an_approximate_search_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    from backends import graph

    forget_graphs()
    monkeypatch.setattr(graph, "EXACT_PRODUCTS", 1.0)
    embeddings = cloud(np.random.default_rng(0).normal(size=(6000, 200)))
    notes = project(embeddings, "umap", quick("umap"), measure=False).notes
    assert len(notes) == 1
    assert "approximately" in notes[0]


def test_warming_up_leaves_nothing_to_compile() -> None:
    from backends.projections.layout import _advance

    warm_up()
    before = len(_advance.signatures)
    project(blobs(60), "umap", quick("umap"))
    project(blobs(60), "umap", quick("umap", neighbours=16))
    assert len(_advance.signatures) == before
