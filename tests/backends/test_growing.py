"""A selection and its neighbours against comparing everything with everything."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends import growing
from backends.arrays import Rows
from backends.errors import BackendError
from backends.graph import forget_graphs, kept_graph, neighbour_graph
from backends.growing import grow, grown_selection
from backends.reporting import Cancelled, Progress, Report
from backends.selection import STEPS_KEPT, select
from backends.types import Embeddings
from tests import builders


@pytest.fixture(autouse=True)
def no_graphs() -> None:
    forget_graphs()


def vectors(rows: int, dim: int = 6, seed: int = 0, present: int | None = None) -> Embeddings:
    return builders.embeddings(builders.corpus(rows), dim, seed=seed, present=present)


def slow_grow(embeddings: Embeddings, rows: Rows, k: int) -> list[int]:
    """Sort all cosines of each row."""
    unit = embeddings.vectors.astype(np.float64)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-300)
    out = set(rows.tolist())
    for row in rows[embeddings.present[rows]]:
        near = unit @ unit[row]
        near[~embeddings.present] = -np.inf
        near[row] = -np.inf
        others = int(embeddings.present.sum()) - 1
        out |= set(np.argsort(-near, kind="stable")[: min(k, others)].tolist())
    return sorted(out)


@given(st.integers(2, 60), st.integers(0, 9), st.integers(1, 12), st.integers(0, 5), st.booleans())
def test_growing_adds_the_nearest_of_each(
    rows: int, seed: int, k: int, absent: int, blocked: bool
) -> None:
    embeddings = vectors(rows, seed=seed, present=max(2, rows - absent))
    chosen = np.flatnonzero(np.random.default_rng(seed).random(rows) < 0.3)
    chosen = np.union1d(chosen, [0])
    with pytest.MonkeyPatch.context() as patch:
        if blocked:
            patch.setattr(growing, "_VECTORS", 7)
            patch.setattr(growing, "_QUERIES", 3)
        grown = grow(embeddings, chosen, k)
    assert grown.rows.tolist() == slow_grow(embeddings, chosen, k)
    assert grown.recall == 1.0


def test_a_graph_that_lies_ready_gives_the_same() -> None:
    embeddings = vectors(300, 8)
    chosen = np.array([3, 50, 299])
    searched = grow(embeddings, chosen, 5).rows
    assert kept_graph(embeddings, 5) is None  # a few rows are no reason to make one
    neighbour_graph(embeddings, 15)
    assert grow(embeddings, chosen, 5).rows.tolist() == searched.tolist()


def test_too_many_rows_make_the_graph_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = vectors(200, 8)
    chosen = np.arange(150)
    expected = slow_grow(embeddings, chosen, 3)
    monkeypatch.setattr(growing, "MOST_PRODUCTS", 1.0)
    assert grow(embeddings, chosen, 3).rows.tolist() == expected
    assert kept_graph(embeddings, 3) is not None


@pytest.mark.parametrize(("rows", "k"), [([9], 3), ([0], 0)])
def test_what_has_no_neighbours_says_so(rows: list[int], k: int) -> None:
    with pytest.raises(BackendError):
        grow(vectors(10, present=8), np.array(rows), k)


def test_it_reports_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "_VECTORS", 10)
    said: list[Progress] = []
    enough = threading.Event()

    def hear(progress: Progress) -> None:
        said.append(progress)
        if len(said) == 2:
            enough.set()

    with pytest.raises(Cancelled):
        grow(vectors(100), np.array([1]), 3, Report(hear, stop=enough))
    assert [progress.share for progress in said] == [0.0, 0.1]


def test_the_description_says_from_what_it_grew() -> None:
    embeddings = vectors(40)
    old = select([1, 2], "lasso", kind="lasso")
    new = grown_selection(old, grow(embeddings, old.rows, 4), 4, embeddings.fingerprint)
    assert new.words == "lasso grown by 4 neighbours"
    assert new.description == {
        "kind": "grow",
        "k": 4,
        "embeddings": embeddings.fingerprint,
        "of": {"kind": "lasso"},
    }
    for _ in range(2 * STEPS_KEPT):  # growing all day does not nest without end
        new = grown_selection(new, grow(embeddings, new.rows, 1), 1, embeddings.fingerprint)
    depth, inner = 0, new.description
    while "of" in inner:
        depth, inner = depth + 1, inner["of"]
    assert depth <= STEPS_KEPT + 1
