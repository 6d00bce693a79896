"""The legend under a hand: colours, names, order, groups, search; all through a real model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.by_class import ByClass
from app.panels.by_number import ByNumber
from app.panels.map import MapModel
from backends.raster.palette import MOST_COLOURS
from backends.selection import select
from tests import builders
from widgets.legend import Legend
from widgets.legend_editing import LegendEditor
from widgets.legend_model import CODE, COUNT, INSIDE, OPEN, PAGE, SHARE, WITHIN
from widgets.legend_painter import chevron_rect

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier
MANY = 100
NAMES = [f"class {code}" for code in range(MANY) for _ in range(MANY + 1 - code)]
COLUMNS: dict[str, list[Any]] = {
    "text": [f"words {row}" for row in range(len(NAMES) + 4)],
    "many": [*NAMES, None, None, None, None],
    "few": [("bird", "fish", "moss", "tree")[row % 4] for row in range(len(NAMES) + 4)],
    "score": [float(row - 100) for row in range(len(NAMES) + 4)],
}


@dataclass
class Stage:
    document: Document
    jobs: Jobs
    history: History
    model: MapModel
    legend: Legend
    editor: LegendEditor

    def show(self, column: str, qtbot: QtBot) -> None:
        self.model.set_colour_by(column)
        qtbot.waitUntil(lambda: not self.jobs.live, timeout=10_000)

    @property
    def classes(self) -> ByClass:
        assert isinstance(self.model.colouring, ByClass)
        return self.model.colouring

    @property
    def scale(self) -> ByNumber:
        assert isinstance(self.model.colouring, ByNumber)
        return self.model.colouring

    @property
    def names(self) -> list[str]:
        model = self.legend.list.model()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def data(self, row: int, role: int) -> Any:
        return self.legend.list.model().index(row, 0).data(role)

    def middle(self, row: int) -> QPoint:
        index = self.legend.list.model().index(row, 0)
        return self.legend.list.visualRect(index).center()

    def go_to(self, row: int) -> None:
        self.legend.list.setCurrentIndex(self.legend.list.model().index(row, 0))

    def menu(self, code: int | None) -> dict[str, QAction]:
        menu = self.editor.build_menu(code)
        return {action.text(): action for action in actions_of(menu)}


def actions_of(menu: QMenu) -> list[QAction]:
    found = []
    for action in menu.actions():
        inner = action.menu()
        found += actions_of(inner) if isinstance(inner, QMenu) else [action]
    return found


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    root = QObject()
    document, jobs, notices = Document(root), Jobs(root), Notices(root)
    history = History(document, root)
    model = MapModel(document, jobs, notices, history, root)
    legend = Legend()
    editor = LegendEditor(legend, model)
    model.colouring_changed.connect(legend.show_colouring)
    legend.resize(220, 500)
    document.set_corpus(builders.corpus(columns=COLUMNS))
    qtbot.waitUntil(lambda: not jobs.live, timeout=10_000)
    stage = Stage(document, jobs, history, model, legend, editor)
    stage.show("few", qtbot)
    legend.show()
    qtbot.waitExposed(legend)
    yield stage
    assert jobs.close(5)
    delete(legend)
    delete(root)


def test_a_menu_says_what_can_be_done(stage: Stage) -> None:
    menu = stage.menu(0)
    assert menu["Hide"].shortcut().toString() == "Space"
    assert not menu["Automatic colour"].isEnabled()
    assert not menu["Move up"].isEnabled()
    assert menu["Move down"].isEnabled()
    menu["Move down"].trigger()
    assert stage.names == ["fish", "bird", "moss", "tree"]
    assert stage.menu(None)["By hand"].isChecked()
    stage.menu(None)["By name"].trigger()
    assert stage.names == ["bird", "fish", "moss", "tree"]
    assert not stage.menu(None)["By value"].isEnabled()
    stage.menu(None)["Automatic colours, names and order"].trigger()
    assert stage.classes.look.order == "count"


def test_a_colour_is_tried_and_taken(stage: Stage) -> None:
    stage.menu(1)["Colour…"].trigger()
    dialog = stage.editor.dialog
    assert dialog is not None
    assert not dialog.isModal()
    for text in ("#102030", "#405060"):
        dialog.setCurrentColor(QColor(text))
    assert stage.classes.look.colours == {1: "#405060"}  # the map follows at once
    dialog.accept()
    assert stage.editor.dialog is None
    stage.history.undo()
    assert stage.classes.look.colours == {}
    assert stage.history.undo_text is None  # it was one change


def test_a_colour_that_is_not_taken_leaves_no_trace(stage: Stage) -> None:
    stage.go_to(1)
    QTest.keyClick(stage.legend.list, Qt.Key.Key_Return, ALT)
    dialog = stage.editor.dialog
    assert dialog is not None
    dialog.setCurrentColor(QColor("#102030"))
    dialog.reject()
    assert stage.classes.look.colours == {}
    assert stage.history.undo_text is None


def test_the_dialog_of_a_class_that_is_gone_closes(stage: Stage, qtbot: QtBot) -> None:
    stage.editor.ask_colour(1)
    stage.show("score", qtbot)
    assert stage.editor.dialog is None
    assert stage.history.undo_text is None


def test_a_name_is_typed_over(stage: Stage, qtbot: QtBot) -> None:
    stage.go_to(2)
    QTest.keyClick(stage.legend.list, Qt.Key.Key_F2)
    field = stage.legend.list.findChild(QLineEdit)
    assert field is not None
    field.setText("Lichen")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stage.names == ["bird", "fish", "Lichen", "tree"])
    assert stage.data(2, Qt.ItemDataRole.AccessibleTextRole).startswith("Lichen, ")
    stage.menu(2)["Name as in the data"].trigger()
    assert stage.names[2] == "moss"


def test_keys_move_a_class_and_stay_on_it(stage: Stage) -> None:
    stage.go_to(3)
    for _ in range(2):
        QTest.keyClick(stage.legend.list, Qt.Key.Key_Up, ALT)
    assert stage.names == ["bird", "tree", "fish", "moss"]
    assert stage.legend.list.currentIndex().data() == "tree"
    QTest.keyClick(stage.legend.list, Qt.Key.Key_Down, ALT)
    assert stage.names == ["bird", "fish", "tree", "moss"]


def test_a_class_is_dragged_to_another_place(stage: Stage) -> None:
    viewport = stage.legend.list.viewport()
    QTest.mousePress(viewport, LEFT, NONE, stage.middle(0))
    for row in (1, 2):
        QTest.mouseMove(viewport, stage.middle(row) + QPoint(0, 6))
    QTest.mouseRelease(viewport, LEFT, NONE, stage.middle(2) + QPoint(0, 6))
    assert stage.names == ["fish", "moss", "bird", "tree"]
    assert not stage.classes.hidden  # it was no click
    stage.history.undo()
    assert stage.names == ["bird", "fish", "moss", "tree"]


def test_what_is_selected_is_counted(stage: Stage) -> None:
    assert stage.data(0, WITHIN) is None
    stage.document.set_selection(select(np.arange(6), "six"))
    assert [stage.data(row, WITHIN) for row in range(4)] == [2, 2, 1, 1]
    spoken = stage.data(0, Qt.ItemDataRole.AccessibleTextRole)
    count = stage.data(0, COUNT)
    assert spoken == f"bird, 2 of {count:,} items selected, shown"


def test_the_group_opens_by_mouse_keys_and_menu(stage: Stage, qtbot: QtBot) -> None:
    stage.show("many", qtbot)
    group = MOST_COLOURS + 1  # after "no value"
    assert stage.names[-2:] == ["no value", f"{MANY - MOST_COLOURS} others"]
    assert stage.data(group, OPEN) is False
    stage.legend.list.scrollToBottom()
    rect = stage.legend.list.visualRect(stage.legend.list.model().index(group, 0))
    spot = chevron_rect(rect).center()
    QTest.mouseClick(stage.legend.list.viewport(), LEFT, NONE, spot)
    assert len(stage.names) == MANY + 2
    assert not stage.classes.hidden
    assert [stage.data(row, INSIDE) for row in (group - 1, group, group + 1)] == [
        False,
        False,
        True,
    ]
    stage.go_to(group)
    QTest.keyClick(stage.legend.list, Qt.Key.Key_Left)
    assert len(stage.names) == group + 1
    stage.menu(None)["List the others one by one"].trigger()
    assert len(stage.names) == MANY + 2


def test_hiding_one_of_the_group_leaves_it_partly_shown(stage: Stage, qtbot: QtBot) -> None:
    stage.show("many", qtbot)
    group = MOST_COLOURS + 1
    QTest.keyClicks(stage.legend.search, "class 55")
    assert stage.names == ["class 55"]
    stage.go_to(0)
    QTest.keyClick(stage.legend.list, Qt.Key.Key_Space)
    stage.legend.search.clear()
    assert 0 < stage.data(group, SHARE) < 1
    assert "partly hidden" in stage.data(group, Qt.ItemDataRole.AccessibleTextRole)


def test_a_search_without_a_hit_says_so(stage: Stage, qtbot: QtBot) -> None:
    stage.show("many", qtbot)
    QTest.keyClicks(stage.legend.search, "walrus")
    assert stage.names == []
    assert "No class" in stage.legend.note.text()


def test_a_hundred_thousand_classes_come_in_pages(stage: Stage, qtbot: QtBot) -> None:
    labels = [f"v{i}" for i in range(50_000)]
    columns = {"text": [f"t{i}" for i in range(100_000)], "v": labels * 2}
    stage.document.set_corpus(builders.corpus(columns=columns))
    qtbot.waitUntil(lambda: not stage.jobs.live, timeout=20_000)
    stage.show("v", qtbot)
    model = stage.legend.model
    model.set_open(True)
    assert model.rowCount() == PAGE
    stage.legend.list.scrollToBottom()
    qtbot.waitUntil(lambda: model.rowCount() > PAGE)
    code = stage.classes.find("v49999")[0]
    stage.legend.list.go_to(code)
    assert stage.legend.list.currentIndex().data(CODE) == code
    QTest.keyClicks(stage.legend.search, "v4999")
    assert {stage.data(row, Qt.ItemDataRole.DisplayRole) for row in range(model.rowCount())} == {
        "v4999",
        *(f"v4999{i}" for i in range(10)),
    }


def typed(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_ends_of_a_scale_are_typed(stage: Stage, qtbot: QtBot) -> None:
    stage.show("score", qtbot)
    legend = stage.legend
    typed(legend.scale.low, "10")
    typed(legend.scale.high, "1,000.5")
    assert (stage.scale.low, stage.scale.high) == (10, 1000.5)
    typed(legend.scale.low, "much")
    assert legend.scale.low.property("problem")
    assert "not a number" in legend.scale.low.toolTip()
    assert stage.scale.low == 10
    QTest.keyClick(legend.scale.low, Qt.Key.Key_Escape)
    assert legend.scale.low.text() == "10"
    stage.history.undo()
    assert (stage.scale.low, stage.scale.high) == (10, stage.scale.numbers.high)


def test_a_drag_of_an_end_is_one_change(stage: Stage, qtbot: QtBot) -> None:
    stage.show("score", qtbot)
    low = stage.legend.scale.bar.handles[0]
    QTest.mousePress(low, LEFT, NONE, low.rect().center())
    for _ in range(3):
        QTest.mouseMove(low, low.rect().center() + QPoint(15, 0))
    QTest.mouseRelease(low, LEFT, NONE)
    assert stage.scale.low > stage.scale.numbers.low
    stage.history.undo()
    assert stage.scale.low == stage.scale.numbers.low
    assert stage.history.undo_text is None


def test_the_controls_of_a_scale_change_it(stage: Stage, qtbot: QtBot) -> None:
    stage.show("score", qtbot)
    scale = stage.legend.scale
    scale.robust.click()
    assert not scale.robust.isEnabled()
    assert stage.scale.low > stage.scale.numbers.low
    scale.full.click()
    assert stage.scale.low == stage.scale.numbers.low
    assert not scale.centre.isVisible()
    scale.scales.setCurrentIndex(scale.scales.findData("diverging"))
    scale.scales.activated.emit(scale.scales.currentIndex())
    assert stage.scale.look.scale == "diverging"
    assert scale.centre.isVisible()
    assert scale.centre.text() == "0"
    typed(scale.centre, "50")
    assert stage.scale.centre == 50
    typed(scale.centre, " ")
    assert stage.scale.look.centre is None
    scale.reverse.click()
    scale.even.click()
    qtbot.waitUntil(lambda: not stage.jobs.live)
    assert (stage.scale.look.is_reversed, stage.scale.look.is_even) == (True, True)
    stage.menu(None)["Automatic colours and range"].trigger()
    assert not scale.even.isChecked()
    assert scale.scales.currentData() == "viridis"


def test_the_bar_comes_near_a_narrow_range_but_not_under_the_hand(
    stage: Stage, qtbot: QtBot
) -> None:
    stage.show("score", qtbot)
    low, high = stage.legend.scale.bar.handles
    stage.model.edits.set_range(100, 200)
    assert high.x() - low.x() > stage.legend.scale.bar.width() / 3
    stage.model.edits.show_full_range()
    before = high.x()
    high.setFocus()
    for _ in range(9):
        QTest.keyClick(high, Qt.Key.Key_PageDown)
    assert high.x() < before / 3


def test_every_control_has_a_name_and_a_tooltip(stage: Stage, qtbot: QtBot) -> None:
    legend = stage.legend
    scale = legend.scale
    fields = (scale.low, scale.high, scale.centre, scale.scales, scale.reverse)
    buttons = (legend.more, legend.everything, legend.search, *fields)
    stage.show("score", qtbot)
    assert all(control.accessibleName() and control.toolTip() for control in buttons)
    assert all(
        button.text() and button.toolTip() for button in (scale.full, scale.robust, scale.even)
    )
