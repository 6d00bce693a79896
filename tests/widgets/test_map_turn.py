"""A layout in space under a hand: real model, real drawing thread, real mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.panels.contours import ContoursModel
from app.panels.look import Look
from app.panels.map import TOOLS
from app.panels.pictures import PictureSettings
from app.panels.state import Blocked
from app.panels.topics import TopicsModel
from app.panels.turning import IN_SPACE
from backends.arrays import frozen
from backends.raster.colour import COLOUR
from backends.raster.turn import FRONT, Turn, turned
from backends.types import Embeddings, MadeBy, Projection
from tests import builders
from tests.widgets.test_map_view import COLUMNS, Stage, projection, stage
from widgets.map_axes import AxesLayer
from widgets.picture_actions import source_of
from widgets.picture_drawing import Sheet, draw_image, prepare
from widgets.picture_page import build_page
from widgets.picture_points import Stock
from widgets.theme import apply_theme, current_theme

__all__ = ["stage"]  # the fixture

# Four groups of ten at the corners of a box, two of them behind the others; one without a vector.
GROUPS = np.array([[-4, -2, 3], [4, 2, 3], [-4, -2, -3], [4, 2, -3]], np.float32)
NOISE = np.random.default_rng(0).normal(0, 0.2, (40, 3)).astype(np.float32)
SPACE = np.vstack([np.repeat(GROUPS, 10, axis=0) + NOISE, [[np.nan] * 3]]).astype(np.float32)
Key = Qt.KeyboardModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def in_space(of: Embeddings, name: str = "box") -> Projection:
    made_by = MadeBy("project", (of.fingerprint,), {"name": name, "dimensions": 3})
    return Projection(frozen(SPACE.copy()), "pca", "PCA 3D", made_by)


@pytest.fixture
def deep(stage: Stage, qtbot: QtBot) -> Iterator[Stage]:
    corpus = builders.corpus(columns=COLUMNS)
    stage.document.set_corpus(corpus)
    vectors = builders.embeddings(corpus, present=40)
    stage.document.add_embeddings(vectors)
    stage.document.add_projection(in_space(vectors))
    stage.settle(qtbot)
    yield stage
    stage.model.turning.spin(False)


def turn_of(stage: Stage) -> Turn:
    turn = stage.view.canvas.viewpoint.turn
    assert turn is not None
    return turn


def drag(
    stage: Stage, button: Qt.MouseButton, dx: int, dy: int, keys: Key = Key.NoModifier
) -> None:
    canvas = stage.view.canvas
    start = QPoint(200, 200)
    QTest.mousePress(canvas, button, keys, start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(canvas, start + QPoint(round(dx * part), round(dy * part)))
    QTest.mouseRelease(canvas, button, keys, start + QPoint(dx, dy))


def seen(stage: Stage, row: int) -> QPoint:
    """Where an item is seen, worked out from the layout."""
    x, y = turned(SPACE, turn_of(stage)).layout[row].tolist()
    return stage.spot(x, y)


@pytest.mark.parametrize(
    ("tool", "button", "keys"),
    [
        ("turn", LEFT, Key.NoModifier),
        ("pan", LEFT, Key.ControlModifier),
        ("lasso", LEFT, Key.ControlModifier),
        ("box", RIGHT, Key.NoModifier),
        ("pan", RIGHT, Key.NoModifier),
    ],
)
def test_a_drag_turns(
    deep: Stage, qtbot: QtBot, tool: Any, button: Qt.MouseButton, keys: Key
) -> None:
    deep.model.set_tool(tool)
    assert deep.model.tool == tool
    before = deep.view.canvas.grab().toImage()
    drag(deep, button, 100, 50, keys)
    deep.settle(qtbot)
    assert turn_of(deep) == FRONT.by(40, 20)  # .4 degrees a pixel
    assert deep.view.canvas.grab().toImage() != before
    assert deep.view.canvas.row_at(seen(deep, 15).toPointF()) in range(10, 20)
    assert not deep.chosen()


def test_without_those_keys_tools_do_what_they_do(deep: Stage) -> None:
    drag(deep, LEFT, 60, 0)
    assert turn_of(deep) == FRONT
    deep.model.set_tool("box")
    drag(deep, LEFT, 60, 60)
    assert turn_of(deep) == FRONT


def test_a_right_click_does_nothing_and_a_left_click_looks_at_an_item(deep: Stage) -> None:
    deep.model.set_tool("turn")
    QTest.mouseClick(deep.view.canvas, RIGHT, Key.NoModifier, seen(deep, 5))
    assert deep.document.focus is None
    QTest.mouseClick(deep.view.canvas, LEFT, Key.NoModifier, seen(deep, 5))
    assert deep.document.focus in {*range(10), *range(20, 30)}
    assert turn_of(deep) == FRONT


def test_the_cursor_says_that_it_turns(deep: Stage) -> None:
    canvas = deep.view.canvas
    deep.model.set_tool("turn")
    QTest.mouseMove(canvas, QPoint(20, 20))
    assert canvas.cursor().shape() == Qt.CursorShape.SizeAllCursor
    QTest.mouseMove(canvas, seen(deep, 5))
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    deep.model.set_tool("lasso")
    assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    QTest.mousePress(canvas, RIGHT, Key.NoModifier, QPoint(20, 20))
    assert canvas.cursor().shape() == Qt.CursorShape.SizeAllCursor
    QTest.mouseRelease(canvas, RIGHT, Key.NoModifier, QPoint(20, 20))
    assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor


def test_what_the_hand_holds_goes_with_it(deep: Stage) -> None:
    """A point that is near moves as the hand does, one that is far the other way."""
    near, far = seen(deep, 5), seen(deep, 25)
    deep.model.set_tool("turn")
    drag(deep, LEFT, 50, 0)
    scale = deep.view.canvas.camera
    assert scale.scale > 0
    assert seen(deep, 5).x() > near.x()
    assert seen(deep, 25).x() < far.x()


def test_arrow_keys_turn_with_the_tool_and_move_without(deep: Stage) -> None:
    canvas = deep.view.canvas
    QTest.keyClick(canvas, Qt.Key.Key_T)
    assert deep.model.tool == "turn"
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert turn_of(deep) == Turn(10, 5)
    QTest.keyClick(canvas, Qt.Key.Key_H)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert turn_of(deep) == Turn(10, 5)


@pytest.mark.parametrize("tool", ["lasso", "box"])
def test_an_outline_selects_what_is_seen_under_it(deep: Stage, qtbot: QtBot, tool: Any) -> None:
    deep.model.turning.look_from(Turn(60, 25))
    deep.settle(qtbot)
    deep.model.set_tool(tool)
    places = turned(SPACE, Turn(60, 25)).layout
    x, y = np.median(places[20:30], axis=0).tolist()
    path = deep.around(x, y) if tool == "lasso" else [deep.spot(x - 1, y - 1), deep.spot(x + 1, y)]
    path = path if tool == "lasso" else [path[0], deep.spot(x + 1, y + 1)]
    deep.drag(path)
    assert deep.chosen() == list(range(20, 30))
    told = deep.document.selection.description
    assert told["turn"] == [60.0, 25.0, 0.0]
    assert told["projection"] == deep.document.projection.fingerprint  # type: ignore[union-attr]


def test_from_the_front_groups_hide_behind_others(deep: Stage) -> None:
    """So an outline takes both, as no other side would."""
    deep.model.set_tool("lasso")
    deep.drag(deep.around(-4, -2))
    assert deep.chosen() == [*range(10), *range(20, 30)]


def test_marks_and_the_way_to_an_item_follow_the_turn(deep: Stage, qtbot: QtBot) -> None:
    deep.model.turning.look_from(Turn(90, 0))
    deep.settle(qtbot)
    scene = deep.view.canvas.scene()
    assert scene is not None
    spot = scene.place.of(25)
    assert spot is not None
    assert (spot - seen(deep, 25).toPointF()).manhattanLength() < 2
    assert scene.place.of(40) is None
    deep.view.canvas.zoom_by(8)
    deep.view.go_to(25)
    middle = deep.view.canvas.rect().center()
    assert (seen(deep, 25) - middle).manhattanLength() < 4


def test_hovering_finds_what_is_seen(deep: Stage, qtbot: QtBot) -> None:
    deep.model.turning.look_from(Turn(75, -30))
    deep.settle(qtbot)
    QTest.mouseMove(deep.view.canvas, seen(deep, 32))
    assert deep.view.canvas._hover in range(30, 40)


def test_while_all_is_looked_at_turning_moves_nothing_out_of_view(
    deep: Stage, qtbot: QtBot
) -> None:
    area = deep.view.canvas.rect()
    for yaw in range(0, 360, 40):
        deep.model.turning.look_from(Turn(yaw, yaw / 5))
        deep.settle(qtbot)
        assert all(area.contains(seen(deep, row)) for row in range(40))
    assert not deep.view.canvas.is_moved
    wide = deep.view.canvas.camera.scale
    deep.model.turning.face()
    deep.settle(qtbot)
    deep.view.fit()
    assert deep.view.canvas.camera.scale > wide  # as large as it can be, from here


def test_where_one_zoomed_in_the_middle_stays(deep: Stage, qtbot: QtBot) -> None:
    canvas = deep.view.canvas
    canvas.look_at(*GROUPS[1, :2].tolist(), canvas.camera.scale * 4)
    deep.settle(qtbot)
    for _ in range(5):
        canvas.turn_by(3, 1)
    deep.settle(qtbot)
    held = frozenset(range(10, 20)) | frozenset(range(30, 40))
    area = canvas.rect()
    assert any(area.contains(seen(deep, row)) for row in held)


def test_the_front_is_an_action_away(deep: Stage, qtbot: QtBot) -> None:
    before = deep.view.canvas.grab().toImage()
    deep.model.turning.look_from(Turn(33, 12))
    deep.settle(qtbot)
    deep.model.turning.face()
    deep.view.fit()
    deep.settle(qtbot)
    assert turn_of(deep) == FRONT
    assert deep.view.canvas.grab().toImage() == before


@pytest.mark.parametrize("hold", ["press", "key", "wheel", "hide", "flat"])
def test_it_spins_until_something_is_done(deep: Stage, qtbot: QtBot, hold: str) -> None:
    canvas, turning = deep.view.canvas, deep.model.turning
    turning.toggle_spin()
    assert turning.spins
    qtbot.waitUntil(lambda: turn_of(deep).yaw > 0.5)
    assert turn_of(deep).pitch == 0
    if hold == "press":
        QTest.mousePress(canvas, LEFT, Key.NoModifier, QPoint(200, 200))
        QTest.mouseRelease(canvas, LEFT, Key.NoModifier, QPoint(200, 200))
    elif hold == "key":
        QTest.keyClick(canvas, Qt.Key.Key_Plus)
    elif hold == "wheel":
        QTest.wheelEvent(canvas.window().windowHandle(), QPoint(200, 200), QPoint(0, 120))
    elif hold == "hide":
        deep.view.hide()
    else:
        active = deep.document.active
        assert active is not None
        deep.document.add_projection(projection(active))
    assert not turning.spins
    assert not deep.view.spin.is_running


def test_a_hidden_map_does_not_begin_to_spin(deep: Stage) -> None:
    deep.view.hide()
    deep.model.turning.spin(True)
    assert not deep.model.turning.spins
    assert not deep.view.spin.is_running


def test_a_flat_map_cannot_be_turned_and_says_why(stage: Stage, qtbot: QtBot) -> None:
    stage.fill(qtbot)
    button = stage.view.bar.tools.button(TOOLS.index("turn"))
    assert not button.isEnabled()
    assert "flat" in button.toolTip()
    before = stage.view.canvas.camera
    QTest.keyClick(stage.view.canvas, Qt.Key.Key_T)
    assert stage.model.tool == "pan"
    stage.model.set_tool("lasso")
    QTest.keyClick(stage.view.canvas, Qt.Key.Key_T)
    assert stage.model.tool == "lasso"
    drag(stage, RIGHT, 50, 50)
    stage.model.turning.spin(True)
    stage.model.turning.face()
    assert not stage.model.turning.spins
    assert stage.view.canvas.camera == before
    assert stage.view.canvas.viewpoint.turn is None
    active = stage.document.active
    assert active is not None
    stage.document.add_projection(in_space(active))
    assert button.isEnabled()
    assert "Turn" in button.toolTip()
    stage.model.set_tool("turn")
    stage.document.add_projection(projection(active, name="again"))
    assert stage.model.tool == "pan"
    stage.settle(qtbot)


def test_another_layout_is_seen_from_the_front(deep: Stage, qtbot: QtBot) -> None:
    deep.model.turning.look_from(Turn(33, 12))
    active = deep.document.active
    assert active is not None
    deep.document.add_projection(in_space(active, "other"))
    assert turn_of(deep) == FRONT
    deep.settle(qtbot)


def test_a_layout_under_way_keeps_the_side(deep: Stage, qtbot: QtBot) -> None:
    deep.model.turning.look_from(Turn(33, 12))
    deep.view.show_layout(SPACE * 2)
    deep.settle(qtbot)
    assert turn_of(deep) == Turn(33, 12)


@pytest.mark.parametrize("zoomed", [False, True])
def test_a_project_keeps_the_side(deep: Stage, qtbot: QtBot, zoomed: bool, tmp_path: Path) -> None:
    import json

    deep.model.turning.look_from(Turn(33, 12))
    if zoomed:
        deep.view.canvas.zoom_by(2)
    deep.settle(qtbot)
    camera = deep.view.canvas.camera
    path = tmp_path / "map.json"
    path.write_text(json.dumps(deep.model.project_state()))
    deep.model.turning.face()
    deep.view.fit()
    assert deep.model.look is None  # nothing to keep
    deep.settle(qtbot)
    deep.model.restore_project_state(json.loads(path.read_text()))
    deep.settle(qtbot)
    assert turn_of(deep) == Turn(33, 12)
    assert deep.view.canvas.is_moved == zoomed
    if zoomed:
        assert deep.view.canvas.camera == camera


@pytest.mark.parametrize(
    "turn", [3, "x", {}, {"yaw": 1}, {"yaw": "a", "pitch": 0, "roll": 0}, [1, 2, 3]]
)
def test_a_side_that_makes_no_sense_is_left_out(turn: Any) -> None:
    state = {"x": 0, "y": 1, "scale": 2, "projection": "p", "turn": turn}
    assert Look.of(state) is None
    del state["turn"]
    assert Look.of(state) == Look(0, 1, 2, "p")


def test_a_look_at_a_flat_map_is_kept_as_it_was() -> None:
    assert Look(0, 1, 2, "p").as_json() == {"x": 0, "y": 1, "scale": 2, "projection": "p"}
    deep = Look(0, 1, 2, "p", Turn(5, 6, 7), whole=True)
    assert Look.of(deep.as_json()) == deep


def test_axes_are_shown_in_space_only_and_turn_along(
    deep: Stage, qtbot: QtBot, qapp: QApplication
) -> None:
    def corner() -> Any:
        canvas = deep.view.canvas
        return canvas.grab(QRect(4, canvas.height() - 130, 90, 90)).toImage()

    assert any(isinstance(layer, AxesLayer) for layer in deep.view.canvas.layers)
    front = corner()
    deep.model.shows.set_on("axes", False)
    empty = corner()
    assert front != empty
    deep.model.shows.set_on("axes", True)
    deep.model.turning.look_from(Turn(40, 30))
    deep.settle(qtbot)
    assert corner() not in (front, empty)
    active = deep.document.active
    assert active is not None
    deep.document.add_projection(projection(active))
    deep.settle(qtbot)
    flat = corner()
    deep.model.shows.set_on("axes", False)
    assert corner() == flat


def test_far_points_fade_into_the_ground_of_the_theme(
    deep: Stage, qtbot: QtBot, qapp: QApplication
) -> None:
    deep.model.set_colour_by(None)
    deep.model.turning.look_from(Turn(30, 0))
    kept = current_theme()
    try:
        for name in ("light", "dark"):
            apply_theme(qapp, name)  # type: ignore[arg-type]
            deep.settle(qtbot)
            image = deep.view.canvas.grab().toImage()
            ground = image.pixelColor(3, 3).lightness()
            near, far = (
                abs(image.pixelColor(seen(deep, row)).lightness() - ground) for row in (5, 35)
            )
            assert near > 1.4 * far
            assert far > 8
    finally:
        apply_theme(qapp, "dark" if kept.is_dark else "light")


def test_an_exported_picture_is_seen_from_the_same_side(deep: Stage, qtbot: QtBot) -> None:
    deep.model.set_colour_by(None)
    deep.model.turning.look_from(Turn(30, 0))
    deep.settle(qtbot)
    source = source_of(deep.view, deep.model)
    assert source is not None
    assert np.array_equal(source.layout, turned(SPACE, Turn(30, 0)).layout, equal_nan=True)
    stock = Stock()
    page = build_page(PictureSettings(width=640, height=480, ground="dark"), source, stock)
    ink = prepare(page, stock).ink
    order = source.points.order.tolist()
    near, far = (ink.palette[ink.inks[order.index(row)] - COLOUR].sum() for row in (5, 35))
    assert near > 1.4 * far  # on a dark ground, whatever the theme of the window
    plain = replace(page, layers=None)
    with_axes, without = (draw_image(Sheet(p, prepare(p, stock))) for p in (page, plain))
    assert with_axes != without


def test_in_space_there_are_no_trails_and_the_map_says_so(deep: Stage, qtbot: QtBot) -> None:
    active = deep.document.active
    assert active is not None
    deep.model.shows.set_on("trails", True)
    deep.document.set_focus(3)
    deep.document.add_projection(projection(active))
    assert deep.model.trails.before is None
    deep.document.add_projection(projection(active, name="another"))
    assert deep.model.trails.before is not None
    deep.document.add_projection(in_space(active, "again"))
    assert deep.model.trails.before is None
    assert "space" in deep.model.trails.words
    deep.settle(qtbot)


def test_in_space_there_are_no_labels_and_contours(deep: Stage, qtbot: QtBot) -> None:
    stage = deep
    topics = TopicsModel(
        stage.document, stage.jobs, stage.notices, stage.history, stage.model.shows
    )
    contours = ContoursModel(stage.document, stage.jobs, stage.notices, stage.model.shows)
    stage.model.shows.set_on("contours", True)
    stage.settle(qtbot)
    assert isinstance(topics.state, Blocked)
    assert topics.state.problem is IN_SPACE
    assert stage.model.turning.flat_problem is IN_SPACE
    assert topics.labels == ()
    assert contours.contours == ()
    active = stage.document.active
    assert active is not None
    stage.document.add_projection(projection(active))
    stage.settle(qtbot)
    assert stage.model.turning.flat_problem is None
    assert contours.contours
    stage.document.add_projection(in_space(active, "again"))
    assert contours.contours == ()
