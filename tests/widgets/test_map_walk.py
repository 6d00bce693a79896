"""The map by keys and by ear: walking, listing, selecting, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.panels.neighbours import NeighboursModel
from app.panels.walking import NO_HITS, WalkModel
from backends.types import Hits
from tests.backends.raster import slow
from tests.ears import Ears
from tests.widgets.test_map_view import LAYOUT, LEFT, Key, Stage, filled, stage
from widgets.map_voice import MapVoice
from widgets.map_walk import Walker

__all__ = ["filled", "stage"]  # fixtures
ARROWS = {
    "left": Qt.Key.Key_Left,
    "right": Qt.Key.Key_Right,
    "up": Qt.Key.Key_Up,
    "down": Qt.Key.Key_Down,
}


@dataclass
class Walk:
    stage: Stage
    neighbours: NeighboursModel
    walker: Walker

    @property
    def focus(self) -> int | None:
        return self.stage.document.focus

    def look_at(self, row: int | None) -> None:
        """As a click does, once the neighbours are listed."""
        self.stage.document.set_focus(row)

    def press(self, key: Qt.Key, held: Key = Key.NoModifier) -> None:
        QTest.keyClick(self.stage.view.canvas, key, held)

    def words(self) -> str:
        side = QAccessible.queryAccessibleInterface(self.stage.view.canvas)
        return side.text(QAccessible.Text.Description)


@pytest.fixture
def walk(filled: Stage, qtbot: QtBot) -> Iterator[Walk]:
    document, canvas = filled.document, filled.view.canvas
    neighbours = NeighboursModel(document, filled.jobs, filled.notices, filled.history)
    model = WalkModel(document, neighbours, filled.history, document)
    walker = Walker(canvas, model, MapVoice(canvas, filled.model))
    filled.view.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    yield Walk(filled, neighbours, walker)
    filled.settle(qtbot)


@pytest.mark.parametrize("towards", ARROWS)
@pytest.mark.parametrize("held", [Key.NoModifier, Key.AltModifier])
def test_arrows_walk_from_the_item_in_focus(walk: Walk, towards: str, held: Key) -> None:
    seen = np.isfinite(LAYOUT).all(axis=1)
    walk.look_at(25)
    for _ in range(4):
        before = walk.focus
        assert before is not None
        expected = slow.step(LAYOUT, before, towards, seen)
        walk.press(ARROWS[towards], held)
        assert walk.focus == (expected if expected >= 0 else before)


def test_hidden_classes_are_walked_past(walk: Walk, qtbot: QtBot) -> None:
    code = walk.stage.model.colouring.categories.labels.index("south")  # type: ignore[union-attr]
    walk.stage.model.toggle(code)
    walk.stage.settle(qtbot)
    walk.look_at(30)
    for _ in range(40):
        walk.press(Qt.Key.Key_Down)
        assert walk.focus is not None
        assert not 20 <= walk.focus < 30


def test_arrows_move_the_map_while_no_item_is_in_focus_and_with_ctrl_always(walk: Walk) -> None:
    canvas = walk.stage.view.canvas
    before = canvas.camera
    walk.press(Qt.Key.Key_Right)
    assert walk.focus is None
    assert canvas.camera.x > before.x
    canvas.fit()
    walk.look_at(3)
    walk.press(Qt.Key.Key_Right, Key.ControlModifier)
    assert walk.focus == 3
    assert canvas.camera.x > before.x


def test_alt_and_an_arrow_begin_in_the_middle_and_so_does_home(walk: Walk) -> None:
    canvas = walk.stage.view.canvas
    canvas.look_at(4, 0, 40)
    nearest = int(np.nanargmin(np.hypot(LAYOUT[:, 0] - 4, LAYOUT[:, 1])))
    walk.press(Qt.Key.Key_Left, Key.AltModifier)
    assert walk.focus == nearest
    walk.look_at(0)
    walk.press(Qt.Key.Key_Home)
    assert walk.focus == nearest


def test_an_item_without_a_place_is_left_for_the_middle(walk: Walk) -> None:
    walk.look_at(40)
    walk.press(Qt.Key.Key_Left)
    assert walk.focus == int(np.nanargmin(np.hypot(*(LAYOUT - _middle(walk)).T)))


def _middle(walk: Walk) -> np.ndarray:
    camera = walk.stage.view.canvas.camera
    return np.array([camera.x, camera.y])


def test_the_map_follows_a_walk_out_of_view(walk: Walk) -> None:
    canvas = walk.stage.view.canvas
    walk.look_at(5)
    canvas.look_at(-4, 0, 900)
    for _ in range(12):
        walk.press(Qt.Key.Key_Right)
        assert walk.focus is not None
        assert canvas.rect().contains(walk.stage.spot_of(walk.focus))


def test_a_walk_keeps_the_list_and_enter_lists_anew(walk: Walk, qtbot: QtBot) -> None:
    walk.look_at(5)
    walk.stage.settle(qtbot)
    listed = walk.stage.document.hits
    assert listed is not None
    assert listed.row == 5
    walk.press(Qt.Key.Key_Right)
    walk.stage.settle(qtbot)
    assert walk.stage.document.hits is listed
    walk.press(Qt.Key.Key_Return)
    walk.stage.settle(qtbot)
    assert walk.stage.document.hits is not None
    assert walk.stage.document.hits.row == walk.focus


def test_space_selects_the_item_and_leaves_it_out_again(walk: Walk) -> None:
    walk.stage.model.select_rows(np.array([1, 2]), "replace")
    walk.look_at(7)
    walk.press(Qt.Key.Key_Space)
    assert walk.stage.chosen() == [1, 2, 7]
    walk.press(Qt.Key.Key_Space)
    assert walk.stage.chosen() == [1, 2]
    walk.stage.history.undo()
    assert walk.stage.chosen() == [1, 2, 7]


def test_n_steps_through_the_hits_and_shift_n_back(walk: Walk) -> None:
    document = walk.stage.document
    assert document.active is not None
    rows = np.array([12, 31, 22])
    near = np.array([0.9, 0.8, 0.7], np.float32)
    walk.look_at(4)
    document.set_hits(Hits(rows, near, "near row 4", document.active.fingerprint, row=4))
    visited = []
    for _ in range(4):
        QTest.keyClicks(walk.stage.view.canvas, "n")
        visited.append(walk.focus)
    assert visited == [12, 31, 22, 12]
    walk.press(Qt.Key.Key_N, Key.ShiftModifier)
    assert walk.focus == 22


def test_escape_clears_the_selection_then_lets_the_item_go(walk: Walk) -> None:
    walk.stage.model.select_rows(np.array([1]), "replace")
    walk.look_at(7)
    walk.press(Qt.Key.Key_Escape)
    assert (walk.stage.chosen(), walk.focus) == ([], 7)
    walk.press(Qt.Key.Key_Escape)
    assert walk.focus is None
    assert walk.stage.history.undo_text == "clear selection"


def test_a_screen_reader_is_told_what_is_in_focus(walk: Walk) -> None:
    side = QAccessible.queryAccessibleInterface(walk.stage.view.canvas)
    assert side.role() == QAccessible.Role.Canvas
    assert side.text(QAccessible.Text.Name) == "Map"
    assert side.state().focusable
    assert walk.words() == "40 items, none in focus; nothing selected. Home goes to one."
    walk.look_at(12)
    assert walk.words() == "item 13 of 40: words about item 12; side east"
    walk.stage.model.select_rows(np.array([12, 30]), "replace")
    assert walk.words() == "item 13 of 40: words about item 12; side east; selected"
    assert side.text(QAccessible.Text.Value) == walk.words()
    code = walk.stage.model.colouring.categories.labels.index("west")  # type: ignore[union-attr]
    walk.stage.model.toggle(code)
    assert walk.words().startswith("item 3 of 30:")
    walk.look_at(40)
    assert walk.words() == "item without a place on the map: words about item 40; side no value"


def test_an_empty_map_tells_what_to_do(stage: Stage) -> None:
    MapVoice(stage.view.canvas, stage.model)
    side = QAccessible.queryAccessibleInterface(stage.view.canvas)
    assert "Open a file" in side.text(QAccessible.Text.Description)


def test_walking_and_selecting_are_announced(walk: Walk) -> None:
    walk.look_at(12)
    with Ears() as ears:
        walk.press(Qt.Key.Key_Left)
        assert ears.heard == [walk.words()]
        assert f"words about item {walk.focus}" in ears.heard[0]
        assert QAccessible.Event.DescriptionChanged in ears.kinds
        ears.heard.clear()
        walk.press(Qt.Key.Key_Space)
        assert ears.heard == ["1 item selected"]
        walk.stage.drag(walk.stage.around(-4, 0), Key.ShiftModifier)
        walk.press(Qt.Key.Key_Escape)
        chosen = {*range(10), walk.focus}
        assert ears.heard[1:] == [f"{len(chosen)} items selected", "nothing selected"]
    walk.press(Qt.Key.Key_Left)
    assert len(ears.heard) == 3  # nobody listens any more


def test_hits_and_ends_are_announced(walk: Walk, qtbot: QtBot) -> None:
    with Ears() as ears:
        QTest.keyClicks(walk.stage.view.canvas, "n")
        assert ears.heard == [NO_HITS.text]
        walk.look_at(12)
        walk.stage.settle(qtbot)
        assert ears.heard[-1] == "20 neighbours listed"
        QTest.keyClicks(walk.stage.view.canvas, "n")
        assert "neighbour 1 of 20" in ears.heard[-1]
        for _ in range(60):
            walk.press(Qt.Key.Key_Left)
        assert ears.heard[-1] == "nothing to the left"


def test_the_focus_is_not_announced_while_the_keyboard_is_elsewhere(walk: Walk) -> None:
    walk.stage.view.bar.colour.setFocus()
    with Ears() as ears:
        walk.look_at(12)
    assert not [words for words in ears.heard if "words about" in words]


def test_a_click_is_announced_too(walk: Walk) -> None:
    with Ears() as ears:
        QTest.mouseClick(walk.stage.view.canvas, LEFT, Key.NoModifier, walk.stage.spot_of(7))
        QTest.mouseClick(
            walk.stage.view.canvas, LEFT, Key.NoModifier, walk.stage.spot(0, 0) + QPoint(1, 1)
        )
    said = [words for words in ears.heard if "neighbours" not in words]
    assert len(said) == 2
    assert said[0].startswith("item ")
    assert said[1] == "no item in focus"


def test_legend_rows_say_what_they_are(walk: Walk) -> None:
    with Ears():
        rows = QAccessible.queryAccessibleInterface(walk.stage.view.legend.list)
        said = [rows.child(i).text(QAccessible.Text.Name) for i in range(rows.childCount())]
    assert "west, 10 items, shown" in said
    assert "no value, 1 items, shown" in said
