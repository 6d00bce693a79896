"""The choice of the colouring column: groups, a search where there are many."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.panels.map import MapColumn
from widgets.column_choice import SEARCH_FROM, ColumnChoice

MIXED = (
    MapColumn("year", "numbers"),
    MapColumn("kind", "categories", count=12),
    MapColumn("day", "dates"),
    MapColumn("similar", "numbers", computed=True),
    MapColumn("town", "categories", count=5_000),
    MapColumn("height", "numbers"),
)
MANY = tuple(MapColumn(f"measure {i}", "numbers") for i in range(SEARCH_FROM)) + MIXED


@pytest.fixture
def choice(qtbot: QtBot) -> Iterator[ColumnChoice]:
    choice = ColumnChoice()
    choice.show()
    qtbot.waitExposed(choice)
    yield choice
    delete(choice)


def test_columns_stand_in_groups_whose_headings_cannot_be_chosen(choice: ColumnChoice) -> None:
    choice.show_columns(MIXED)
    assert [choice.itemText(at) for at in range(choice.count())] == [
        *("One colour", "Classes", "kind", "town", "Numbers", "year", "height"),
        *("Dates", "day", "Computed", "similar"),
    ]
    flags = choice.model().index(1, 0).flags()
    assert not flags & Qt.ItemFlag.ItemIsEnabled
    assert "5,000 classes" in choice.itemData(3, Qt.ItemDataRole.ToolTipRole)


def test_what_is_chosen_stays_when_other_columns_come(choice: ColumnChoice) -> None:
    choice.show_columns(MIXED[:2])
    choice.show_column("kind")
    choice.show_columns(MIXED)
    assert choice.currentData() == "kind"
    choice.show_column(None)
    assert choice.currentText() == "One colour"


def test_many_columns_are_searched_and_picked_by_keys(choice: ColumnChoice, qtbot: QtBot) -> None:
    choice.show_columns(MANY)
    choice.showPopup()
    popup = choice.popup
    assert popup is not None
    QTest.keyClicks(popup.search, "o")
    shown = [popup.list.item(at).text() for at in range(popup.list.count())]
    assert shown == ["Classes", "town"]
    with qtbot.waitSignal(choice.chosen) as chosen:
        QTest.keyClick(popup.search, Qt.Key.Key_Return)
    assert chosen.args == ["town"]
    assert choice.currentData() == "town"


def test_arrows_pass_over_headings(choice: ColumnChoice) -> None:
    choice.show_columns(MANY)
    choice.showPopup()
    popup = choice.popup
    assert popup is not None
    assert popup.list.currentItem().text() == "One colour"
    QTest.keyClick(popup.search, Qt.Key.Key_Down)
    assert popup.list.currentItem().text() == "kind"
    QTest.keyClick(popup.search, Qt.Key.Key_Up)
    assert popup.list.currentItem().text() == "One colour"
    QTest.keyClicks(popup.search, "nothing")
    assert popup.empty.isVisible()
    popup.close()
