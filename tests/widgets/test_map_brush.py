"""The brush under a real hand: what it sweeps over is selected, a stroke is one step."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.backends.raster import slow
from tests.widgets.test_map_view import LAYOUT, LEFT, Key, Stage, filled, stage

__all__ = ["filled", "stage"]  # fixtures


@pytest.fixture
def brushing(filled: Stage) -> Stage:
    filled.model.set_tool("brush")
    return filled


def swept_by(stage: Stage, path: list[QPoint]) -> set[int]:
    camera = stage.view.canvas.camera
    ratio = camera.ratio
    plane = [camera.to_plane(spot.x() * ratio, spot.y() * ratio) for spot in path]
    away = slow.swept(LAYOUT, np.array(plane), stage.model.brush.radius * ratio / camera.scale)
    return set(np.flatnonzero(away <= stage.model.brush.radius * ratio / camera.scale).tolist())


def test_a_stroke_selects_what_it_sweeps_over_in_one_step(brushing: Stage) -> None:
    path = [brushing.spot(-4.6, 0), brushing.spot(-4, 0.1), brushing.spot(-3.4, 0)]
    brushing.drag(path)
    expected = swept_by(brushing, path)
    assert expected
    assert expected <= set(range(10))
    assert set(brushing.chosen()) == expected
    said = brushing.document.selection.description
    assert said["kind"] == "brush"
    assert said["radius"] == pytest.approx(
        brushing.model.brush.radius / brushing.view.canvas.camera.scale
    )
    np.testing.assert_allclose(said["path"][0], [-4.6, 0], atol=0.05)
    brushing.history.undo()
    assert brushing.chosen() == []
    assert brushing.history.undo_text is None


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (Key.NoModifier, range(10)),
        (Key.ShiftModifier, range(15)),
        (Key.AltModifier, range(10, 15)),
        (Key.ShiftModifier | Key.AltModifier, range(5, 10)),
    ],
)
def test_keys_say_what_becomes_of_the_selection(
    brushing: Stage, keys: Key, expected: range
) -> None:
    brushing.model.brush.set_radius(60)
    brushing.model.select_rows(np.arange(5, 15), "replace")
    brushing.drag([brushing.spot(-4.1, 0), brushing.spot(-3.9, 0)], keys)
    assert brushing.chosen() == list(expected)


def test_a_dab_selects_what_lies_under_it(brushing: Stage) -> None:
    brushing.model.brush.set_radius(60)
    QTest.mouseClick(brushing.view.canvas, LEFT, Key.NoModifier, brushing.spot(4, 0))
    assert brushing.chosen() == list(range(10, 20))
    assert brushing.document.focus is None


def test_two_quick_dabs_are_two_dabs(brushing: Stage) -> None:
    canvas = brushing.view.canvas
    brushing.model.brush.set_radius(60)
    canvas.zoom_by(1.1)
    before = canvas.camera
    QTest.mouseClick(canvas, LEFT, Key.ShiftModifier, brushing.spot(4, 0))
    QTest.mouseDClick(canvas, LEFT, Key.ShiftModifier, brushing.spot(-4, 0))
    QTest.mouseRelease(canvas, LEFT, Key.ShiftModifier, brushing.spot(-4, 0))
    assert brushing.chosen() == list(range(20))
    assert canvas.camera == before


def test_hidden_classes_are_not_painted(brushing: Stage, qtbot: QtBot) -> None:
    code = brushing.model.colouring.categories.labels.index("west")  # type: ignore[union-attr]
    brushing.model.toggle(code)
    brushing.settle(qtbot)
    brushing.model.brush.set_radius(60)
    brushing.drag([brushing.spot(-4, 0), brushing.spot(-3.9, 0)])
    assert brushing.chosen() == []


def test_brackets_and_the_wheel_change_its_size_and_it_is_seen(brushing: Stage) -> None:
    canvas, brush = brushing.view.canvas, brushing.model.brush
    QTest.mouseMove(canvas, brushing.spot(0, 0))
    before, radius, camera = canvas.grab().toImage(), brush.radius, canvas.camera
    QTest.keyClicks(canvas, "]")
    assert brush.radius == pytest.approx(radius * 1.25)
    assert canvas.grab().toImage() != before
    QTest.keyClicks(canvas, "[")
    assert canvas.grab().toImage() == before
    spot = QPointF(brushing.spot(0, 0))
    wheel = QWheelEvent(
        spot, canvas.mapToGlobal(spot), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, Key.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, wheel)
    assert brush.radius == pytest.approx(radius * 1.25**2)
    assert canvas.camera == camera
    for _ in range(40):
        QTest.keyClicks(canvas, "[")
    assert brush.radius == 4.0


def test_p_takes_the_brush_and_the_help_says_how_it_grows(filled: Stage) -> None:
    QTest.keyClicks(filled.view.canvas, "p")
    assert filled.model.tool == "brush"
    assert "Ctrl+wheel" in filled.view.help.text()
    QTest.keyClicks(filled.view.canvas, "l")
    assert "Ctrl+wheel" not in filled.view.help.text()


def test_escape_drops_a_stroke(brushing: Stage) -> None:
    canvas = brushing.view.canvas
    QTest.mousePress(canvas, LEFT, Key.NoModifier, brushing.spot(4, 0))
    QTest.mouseMove(canvas, brushing.spot(3.5, 0))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, Key.NoModifier, brushing.spot(3.5, 0))
    assert brushing.chosen() == []


def test_the_selection_outlives_other_colours_and_another_layout(
    brushing: Stage, qtbot: QtBot
) -> None:
    from tests.widgets.test_map_view import projection

    brushing.model.brush.set_radius(60)
    brushing.drag([brushing.spot(4, 0), brushing.spot(4.1, 0)])
    chosen = brushing.chosen()
    assert len(chosen) == 10
    brushing.model.set_colour_by("number")
    brushing.settle(qtbot)
    assert brushing.chosen() == chosen
    assert brushing.document.active is not None
    brushing.document.add_projection(projection(brushing.document.active, LAYOUT * -3, "other"))
    brushing.settle(qtbot)
    assert brushing.chosen() == chosen
    assert brushing.view.canvas.frame is not None
    shown = brushing.view.canvas.frame
    assert set(shown.points.order[shown.ink.inks >= 2].tolist()) == set(chosen)
