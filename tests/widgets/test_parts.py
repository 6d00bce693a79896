"""Controls that fit into narrow places."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QSpinBox, QToolTip
from pytestqt.qtbot import QtBot

from widgets.bind import named
from widgets.elided_combo import ElidedCombo
from widgets.parts import ElidedLabel, disable


def test_a_combo_box_cuts_a_long_text_and_says_it_whole(qtbot: QtBot) -> None:
    combo = named(ElidedCombo(), "Encoder", tip="What turns text into vectors")
    qtbot.addWidget(combo)
    combo.addItem("MiniLM (all-MiniLM-L6-v2)")
    combo.resize(130, 26)
    combo.show()
    assert combo.shown_text().endswith("…")
    here = QPoint(5, 5)
    QApplication.sendEvent(combo, QHelpEvent(QEvent.Type.ToolTip, here, combo.mapToGlobal(here)))
    assert QToolTip.text() == "MiniLM (all-MiniLM-L6-v2)\nWhat turns text into vectors"
    combo.resize(400, 26)
    assert combo.shown_text() == "MiniLM (all-MiniLM-L6-v2)"


def test_an_entry_that_is_not_available_stays_listed_but_cannot_be_chosen(qtbot: QtBot) -> None:
    combo = ElidedCombo()
    qtbot.addWidget(combo)
    combo.addItems(["here", "missing", "there"])
    disable(combo, 1)
    assert combo.count() == 3
    qtbot.keyClick(combo, "m")
    assert combo.currentText() == "here"


def test_a_label_cuts_what_does_not_fit_and_keeps_the_text(qtbot: QtBot) -> None:
    label = ElidedLabel("20 nearest to “a rather long title of an item”", heading=True)
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.show()
    assert label.shown_text().endswith("…")
    assert label.minimumSizeHint().width() <= 120 or label.minimumWidth() == 40
    assert label.text().endswith("item”")


def test_numbers_stand_off_the_edge_of_their_field(qtbot: QtBot) -> None:
    box = named(QSpinBox(), "Seed")
    qtbot.addWidget(box)
    field = box.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    assert field.textMargins().left() >= 4
