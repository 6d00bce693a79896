"""INLP and LEACE: what they promise on the rows learnt from, and what holds on the others."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import linalg
from sklearn.linear_model import LogisticRegression

from backends.arrays import frozen, unit_rows
from backends.directions.base import Direction, Space
from backends.directions.erasing.base import Labelled, Task
from backends.directions.erasing.learnt import InlpParams, LeaceParams, inlp, leace
from backends.directions.erasing.making import Erased, erase
from backends.directions.erasing.preparing import EraseRequest, label
from backends.directions.registry import ColumnGiven, find_direction
from backends.errors import BackendError
from backends.reporting import SILENT
from tests.backends.directions.spaces import space


def groups(
    n: int = 1600, *, dim: int = 20, seed: int = 0, share: float = 0.4
) -> tuple[Space, Direction]:
    """Two groups of rows that differ in three dimensions, and the direction between them."""
    rng = np.random.default_rng(seed)
    sides = rng.random(n) < share
    rows = rng.normal(size=(n, dim)) @ rng.normal(size=(dim, dim))
    rows[:, :3] += 3.0 * sides[:, None] * np.array([2.0, -1.0, 1.5])
    where = space(rows, kind=["b" if side else "a" for side in sides])
    return where, find_direction(where, "column", ColumnGiven("kind", "a", "b"), "difference")


@pytest.fixture(scope="module")
def both() -> tuple[Space, Direction]:
    return groups()


def made(both: tuple[Space, Direction], how: str, **more: object) -> Erased:
    return erase(EraseRequest(*both, how, **more))  # type: ignore[arg-type]


def parts(
    done: Erased,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Changed vectors and sides of the rows learnt from, and of the others."""
    labelled = done.prepared.task.labelled
    assert labelled is not None
    vectors = np.asarray(done.embeddings.vectors, np.float64)
    fit, test = (labelled.rows[at] for at in (labelled.training, labelled.held_out))
    return (
        vectors[fit],
        labelled.sides[labelled.training],
        vectors[test],
        labelled.sides[labelled.held_out],
    )


def test_the_two_parts_are_whole_apart_and_of_both_sides(both: tuple[Space, Direction]) -> None:
    found = label(EraseRequest(*both, "leace", training=0.3, seed=4))
    kinds = both[0].corpus.table.column("kind").to_pylist()
    assert [("a", "b")[side] for side in found.sides] == [kinds[row] for row in found.rows]
    together = np.concatenate([found.training, found.held_out])
    assert sorted(together.tolist()) == list(range(len(found.rows)))
    assert len(found.training) / len(found.rows) == pytest.approx(0.3, abs=0.01)
    for part in (found.training, found.held_out):
        assert found.sides[part].mean() == pytest.approx(found.sides.mean(), abs=0.01)


def slow_leace(
    x: NDArray[np.float64], z: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """LEACE as the paper writes it, with one-hot labels and square roots of whole matrices."""
    mean = x.mean(axis=0)
    sxx = np.cov(x.T, bias=True)
    sxz = (x - mean).T @ (z - z.mean(axis=0)) / len(x)
    whiten = np.linalg.inv(linalg.sqrtm(sxx).real)
    onto = linalg.orth(whiten @ sxz, rcond=1e-9)
    inner = np.linalg.inv(whiten) @ onto @ onto.T @ whiten
    return np.eye(len(mean)) - inner, inner @ mean


def test_leace_is_what_the_paper_writes(both: tuple[Space, Direction]) -> None:
    done = made(both, "leace")
    labelled = done.prepared.task.labelled
    assert labelled is not None
    units, sides = labelled.part(both[0].embeddings, labelled.training)
    matrix, offset = slow_leace(units.astype(np.float64), np.eye(2)[sides])
    assert done.erasure.affine is not None
    acting = done.erasure.affine.matrix.T
    assert acting == pytest.approx(matrix, abs=1e-5)
    assert done.erasure.affine.offset == pytest.approx(offset, abs=1e-5)
    everything = unit_rows(both[0].embeddings.vectors).astype(np.float64)
    assert done.embeddings.vectors == pytest.approx(everything @ matrix.T + offset, abs=1e-5)
    assert done.erasure.rank == 1


def test_leace_leaves_no_covariance_with_the_labels_it_learnt_from(
    both: tuple[Space, Direction],
) -> None:
    vectors, sides, _, _ = parts(made(both, "leace"))
    before = unit_rows(both[0].embeddings.vectors)
    cross = (vectors - vectors.mean(axis=0)).T @ (sides - sides.mean()) / len(sides)
    assert np.abs(cross).max() < 1e-6
    assert np.abs(vectors).max() > 0.1 * np.abs(before).max()  # it did not take everything


@pytest.mark.parametrize("how", ["leace", "inlp"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_linear_probe_finds_no_more_than_chance_on_rows_not_learnt_from(
    how: str, seed: int
) -> None:
    done = made(groups(6000, seed=seed), how, seed=seed)
    fit, sides, test, theirs = parts(done)
    probe = LogisticRegression(max_iter=2000).fit(fit, sides)
    right = probe.score(test, theirs)
    majority = max(theirs.mean(), 1 - theirs.mean())
    error = np.sqrt(majority * (1 - majority) / len(theirs))
    assert abs(right - majority) < 3 * error
    before = unit_rows(done.request.space.embeddings.vectors)
    labelled = done.prepared.task.labelled
    assert labelled is not None
    old = LogisticRegression(max_iter=2000).fit(before[labelled.rows[labelled.training]], sides)
    assert old.score(before[labelled.rows[labelled.held_out]], theirs) > majority + 5 * error


def test_fitting_on_all_rows_would_give_less_than_chance() -> None:
    """The trap: a probe on one half does worse on the other where both were fitted on."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 300))
    sides = np.repeat([0, 1], 200)
    rows[:, 0] += sides
    where = space(rows, kind=["ab"[side] for side in sides])
    everything = np.arange(400)
    whole = Labelled(("a", "b"), everything, sides, everything, everything, "all")
    basis = np.eye(1, 300, dtype=np.float32)
    trapped = leace(Task(where.embeddings, basis, labelled=whole), LeaceParams(), SILENT)
    vectors = trapped.of_rows(where.embeddings, everything)
    order = rng.permutation(400)
    fit, test = order[:200], order[200:]
    probe = LogisticRegression(C=100, max_iter=5000)
    assert probe.fit(vectors[fit], sides[fit]).score(vectors[test], sides[test]) < 0.4
    direction = find_direction(where, "column", ColumnGiven("kind", "a", "b"), "difference")
    done = erase(EraseRequest(where, direction, "leace"))
    learnt, theirs, held_out, others = parts(done)
    assert probe.fit(learnt, theirs).score(held_out, others) > 0.45
    assert any("to learn from for 300 dimensions" in note for note in done.embeddings.notes)


def slow_intersection(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Projection onto what all null spaces share, by Ben-Israel: of the sum of row spaces."""
    total = sum(np.outer(one, one) / (one @ one) for one in normals)
    values, vectors = np.linalg.eigh(total)
    inside = vectors[:, values > 1e-9]
    return np.eye(normals.shape[1]) - inside @ inside.T


def test_inlp_projects_onto_what_all_null_spaces_share(both: tuple[Space, Direction]) -> None:
    done = made(both, "inlp")
    assert done.erasure.affine is not None
    matrix = done.erasure.affine.matrix.astype(np.float64)
    assert matrix @ matrix == pytest.approx(matrix, abs=1e-5)
    assert np.linalg.matrix_rank(matrix, tol=1e-3) == 20 - done.erasure.rank
    taken = np.linalg.svd(np.eye(20) - matrix)[2][: done.erasure.rank]
    assert slow_intersection(taken) == pytest.approx(matrix, abs=1e-5)
    assert done.erasure.rank >= 1


def test_inlp_stops_where_a_classifier_is_down_to_guessing(both: tuple[Space, Direction]) -> None:
    done = made(both, "inlp")
    history = done.erasure.history
    assert history[0] > 0.8
    assert history[-1] < 0.7
    assert len(history) == done.erasure.rank + 1  # the last one found nothing, and took nothing
    short = made(both, "inlp", params=InlpParams(rounds=1))
    assert short.erasure.rank == 1
    assert any("allow more rounds" in note for note in short.embeddings.notes)


def test_lengths_are_not_given_back_and_that_is_said(both: tuple[Space, Direction]) -> None:
    done = made(both, "leace")
    assert any("brought to length 1 first" in note for note in done.embeddings.notes)
    unit = space(
        unit_rows(both[0].embeddings.vectors), kind=both[0].corpus.table["kind"].to_pylist()
    )
    again = find_direction(unit, "column", ColumnGiven("kind", "a", "b"), "difference")
    quiet = erase(EraseRequest(unit, again, "leace"))
    assert not any("brought to length 1 first" in note for note in quiet.embeddings.notes)


def test_variance_of_nothing_is_no_trouble() -> None:
    """More dimensions than rows, and one that is the same everywhere."""
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(size=(24, 40)), np.ones((24, 1))], axis=1)
    where = space(rows, kind=["a", "b"] * 12)
    direction = find_direction(where, "column", ColumnGiven("kind", "a", "b"), "difference")
    vectors, sides, _, _ = parts(erase(EraseRequest(where, direction, "leace")))
    assert np.isfinite(vectors).all()
    cross = (vectors - vectors.mean(axis=0)).T @ (sides - sides.mean()) / len(sides)
    assert np.abs(cross).max() < 1e-6


def test_a_group_too_small_to_learn_from_is_named() -> None:
    rows = np.random.default_rng(0).normal(size=(40, 5))
    where = space(rows, kind=["a"] * 37 + ["b"] * 3)
    direction = find_direction(where, "column", ColumnGiven("kind", "a", "b"), "difference")
    for how in ("inlp", "leace"):
        with pytest.raises(BackendError, match="b” has 2 items"):
            erase(EraseRequest(where, direction, how))


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, float("nan")])
def test_a_share_that_leaves_one_part_empty_is_refused(
    both: tuple[Space, Direction], share: float
) -> None:
    with pytest.raises(BackendError, match="share"):
        made(both, "leace", training=share)


def test_without_labels_they_say_what_is_missing(both: tuple[Space, Direction]) -> None:
    task = Task(both[0].embeddings, frozen(np.eye(1, 20, dtype=np.float32)))
    with pytest.raises(BackendError, match="two groups"):
        inlp(task, InlpParams(), SILENT)
