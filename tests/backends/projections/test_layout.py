from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backends.graph import neighbour_graph
from backends.projections import layout
from backends.projections.fuzzy import FuzzySet, curve, fuzzy_set
from backends.projections.layout import Rule, optimise, start_from
from backends.reporting import SILENT, Cancelled
from tests.backends.clouds import Listener, blobs

A, B = curve(0.1)


def pair(distance: float) -> tuple[FuzzySet, NDArray[np.float32]]:
    edges = FuzzySet(
        np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32), np.ones(2, dtype=np.float32)
    )
    return edges, np.array([[0.0, 0.0], [distance, 0.0]], dtype=np.float32)


def ignore(_layout: Any, _epoch: int) -> None:
    """Nobody looks."""


@pytest.mark.parametrize("distance", [1e-3, 0.1, 0.5, 1.0, 3.0, 20.0])
def test_the_table_holds_the_gradients_of_the_paper(distance: float) -> None:
    squared = np.float32(distance**2)
    entry = layout._table(A, B)[squared.view(np.int32) >> 16]
    power = distance ** (2 * B)
    attraction = -2 * A * B * distance ** (2 * (B - 1)) / (1 + A * power)
    repulsion = 2 * B / ((0.001 + distance**2) * (1 + A * power))
    np.testing.assert_allclose(entry, [attraction, repulsion], rtol=0.02)


def test_equal_places_and_the_ends_of_the_range_give_finite_coefficients() -> None:
    assert np.isfinite(layout._table(A, B)).all()


def test_neighbours_come_together() -> None:
    edges, start = pair(8.0)
    found = optimise(edges, start, Rule(A, B, 200, 1), SILENT, ignore)
    assert np.linalg.norm(found[0] - found[1]) < 3.0


def test_strangers_move_apart() -> None:
    # Row 0 and 1 belong together, so do 2 and 3; the pairs begin in one place.
    edges = FuzzySet(
        np.array([0, 1, 2, 3, 4]),
        np.array([1, 0, 3, 2], dtype=np.int32),
        np.ones(4, dtype=np.float32),
    )
    start = np.random.default_rng(0).normal(scale=1e-2, size=(4, 2)).astype(np.float32)
    found = optimise(edges, start, Rule(A, B, 300, 1), SILENT, ignore)
    inside = np.linalg.norm(found[0] - found[1]) + np.linalg.norm(found[2] - found[3])
    assert np.linalg.norm(found[:2].mean(axis=0) - found[2:].mean(axis=0)) > inside


def test_an_edge_is_drawn_as_often_as_its_weight_says() -> None:
    weights = np.linspace(0.01, 1, 50).astype(np.float32)
    edges = FuzzySet(np.array([0, 50]), np.zeros(50, dtype=np.int32), weights)
    draw = layout._Draw.of(edges, Rule(A, B, 400, 3))
    counters = draw.phases[None, :] + np.arange(401, dtype=np.uint32)[:, None] * draw.steps
    drawn = (counters[1:] < draw.steps).sum(axis=0)  # (50,) a counter that has overflowed
    np.testing.assert_allclose(drawn, 400 * weights, atol=1.01)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_the_layout_is_the_same_to_the_last_bit_on_any_number_of_cores(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    edges = fuzzy_set(neighbour_graph(blobs(400), 14))
    start = start_from(blobs(400, dim=2).vectors, 7)
    alone = optimise(edges, start, Rule(A, B, 30, 7), SILENT, ignore)
    monkeypatch.setattr(layout, "core_count", lambda: cores)
    monkeypatch.setattr(layout, "_SMALL", 0)
    monkeypatch.setattr(layout, "_EDGES_A_CALL", 500)
    shared = optimise(edges, start, Rule(A, B, 30, 7), SILENT, ignore)
    np.testing.assert_array_equal(shared, alone)
    other = optimise(edges, start, Rule(A, B, 30, 8), SILENT, ignore)
    assert not np.array_equal(other, alone)


def test_pieces_cover_all_rows_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_EDGES_A_CALL", 10)
    starts = np.concatenate([[0], np.cumsum(np.random.default_rng(0).integers(0, 9, 100))])
    pieces = layout._pieces(starts, 3)
    assert [row for low, high in pieces for row in range(low, high)] == list(range(100))
    assert len(pieces) > 10


def test_the_start_is_neither_written_to_nor_kept() -> None:
    edges, start = pair(3.0)
    before = start.copy()
    optimise(edges, start, Rule(A, B, 5, 0), SILENT, ignore)
    np.testing.assert_array_equal(start, before)


@pytest.mark.parametrize("cores", [1, 2])
def test_every_epoch_reports_and_can_be_the_last(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "core_count", lambda: cores)
    monkeypatch.setattr(layout, "_SMALL", 0)
    edges, start = pair(3.0)
    listener, epochs = Listener(patience=4), []
    with pytest.raises(Cancelled):
        optimise(
            edges, start, Rule(A, B, 50, 0), listener.report, lambda _, epoch: epochs.append(epoch)
        )
    assert epochs == [1, 2, 3]
    assert len(listener.progress) == 4


def test_equal_points_do_not_start_in_one_place() -> None:
    start = start_from(np.zeros((50, 2), dtype=np.float32), 0)
    assert len(np.unique(start, axis=0)) == 50
    assert start.std() > 0.5
