"""The editor of the templates, as a person uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.panels.templates import TemplatesModel
from backends.directions.terms import SENTENCES
from tests import builders
from tests.app.bench import Bench
from widgets.templates_box import TemplatesBox, TemplatesButton

LEFT = Qt.MouseButton.LeftButton


class Desk(Bench):
    """A window with the button."""

    def __init__(self) -> None:
        super().__init__()
        self.model = TemplatesModel(self.document, self.settings)
        self.window = QWidget()
        self.button = TemplatesButton(self.model)
        QVBoxLayout(self.window).addWidget(self.button)
        self.window.show()

    def open(self) -> TemplatesBox:
        QTest.mouseClick(self.button, LEFT)
        assert self.button.popup is not None
        return self.button.popup.box


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk()
    qtbot.waitExposed(made.window)
    yield made
    delete(made.window)
    assert made.close()


def test_the_button_says_how_many_and_why_none_is_used(desk: Desk) -> None:
    assert desk.button.text() == "5 templates…"
    assert not desk.button.isEnabled()
    assert "looked up among the items" in desk.button.toolTip()
    builders.fill(desk.document)
    assert desk.button.isEnabled()
    assert desk.button.toolTip() == "\n".join(SENTENCES)
    assert desk.button.accessibleName() == "Templates: 5 templates"


def test_what_is_typed_is_taken_when_it_can_be_used(desk: Desk, qtbot: QtBot) -> None:
    builders.fill(desk.document)
    box = desk.open()
    assert box.edit.toPlainText() == "\n".join(SENTENCES)
    assert box.ready[0].isChecked()
    box.edit.selectAll()
    QTest.keyClicks(box.edit, "We like ")
    box.take()
    assert "no place for the word" in box.problem.text()
    assert box.problem.isVisible()
    assert desk.model.templates == SENTENCES
    QTest.keyClicks(box.edit, "{w}")
    qtbot.waitUntil(lambda: desk.model.templates == ("We like {w}",))
    assert not box.problem.isVisible()
    assert not box.ready[0].isChecked()
    assert desk.button.text() == "1 template…"


def test_closing_takes_and_escape_forgets(desk: Desk) -> None:
    builders.fill(desk.document)
    box = desk.open()
    box.edit.setPlainText("{w}!")
    assert desk.button.popup is not None
    desk.button.popup.close()
    assert desk.model.templates == ("{w}!",)
    box = desk.open()
    box.edit.setPlainText("nothing")
    QTest.keyClick(box.edit, Qt.Key.Key_Escape)
    assert desk.model.templates == ("{w}!",)
    assert desk.open().edit.toPlainText() == "{w}!"


def test_ready_templates_are_one_click(desk: Desk) -> None:
    builders.fill(desk.document)
    box = desk.open()
    QTest.mouseClick(box.ready[1], LEFT)
    assert desk.model.templates == ("{w}",)
    assert box.edit.toPlainText() == "{w}"
    assert [button.isChecked() for button in box.ready] == [False, True]
