"""The legend: what is shown, what a click or a key wishes for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.panels.map import ByClass, ByNumber
from app.panels.values import value_text
from backends.corpora.columns import Categories, Numbers
from backends.raster.palette import MOST_COLOURS
from widgets.legend import Legend
from widgets.legend_list import CODE, ROW, SHOWN, SWATCH, alone_rect

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def classes(count: int, *, missing: int = 0, hidden: frozenset[int] = frozenset()) -> ByClass:
    """Class 0 has `count` items, class 1 one less, and so on."""
    counts = np.arange(count, 0, -1)
    codes = np.concatenate([np.repeat(np.arange(count), counts), np.full(missing, -1)])
    labels = tuple(f"class {code}" for code in range(count))
    return ByClass("kind", Categories(codes.astype(np.int32), labels, counts), hidden)


def numbers(low: float, high: float, *, is_date: bool = False, missing: int = 0) -> ByNumber:
    values = np.array([low, high] + [np.nan] * missing, np.float32)
    return ByNumber("year", Numbers(values, low, high, is_date), low, high)


@pytest.fixture
def legend(qtbot: QtBot) -> Iterator[Legend]:
    legend = Legend()
    legend.resize(legend.width(), 400)
    yield legend
    delete(legend)


def rect_of(legend: Legend, row: int) -> QRect:
    return legend.list.visualRect(legend.list.model().index(row, 0))


def wishes(legend: Legend) -> list[tuple[str, Any]]:
    said: list[tuple[str, Any]] = []
    legend.toggled.connect(lambda code: said.append(("toggle", code)))
    legend.soloed.connect(lambda code: said.append(("solo", code)))
    legend.all_shown.connect(lambda: said.append(("all", None)))
    return said


def cell(legend: Legend, row: int, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
    return legend.list.model().index(row, 0).data(role)


def test_without_a_colouring_there_is_no_legend(legend: Legend) -> None:
    legend.show_colouring(classes(3))
    assert legend.isVisible()
    legend.show_colouring(None)
    assert not legend.isVisible()


def test_classes_are_listed_with_their_counts(legend: Legend) -> None:
    legend.show_colouring(classes(3, missing=2))
    names = [cell(legend, row) for row in range(legend.list.model().rowCount())]
    assert names == ["class 0", "class 1", "class 2", "no value"]
    spoken = cell(legend, 3, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "no value, 2 items, shown"
    assert legend.title.text() == "kind"
    assert not legend.note.isVisible()


def test_classes_beyond_the_palette_share_a_grey_and_that_is_said(legend: Legend) -> None:
    legend.show_colouring(classes(MOST_COLOURS + 25))
    colours = [cell(legend, row, SWATCH).name() for row in range(MOST_COLOURS + 25)]
    assert len(set(colours[:MOST_COLOURS])) == MOST_COLOURS
    assert len(set(colours[MOST_COLOURS:])) == 1
    assert "25 smaller classes" in legend.note.text()


@pytest.mark.parametrize(("count", "searchable"), [(12, False), (13, True)])
def test_many_classes_can_be_searched(legend: Legend, count: int, searchable: bool) -> None:
    legend.show_colouring(classes(count))
    assert legend.search.isVisible() == searchable
    if searchable:
        QTest.keyClicks(legend.search, "CLASS 12")
        assert legend.list.model().rowCount() == 1
        assert cell(legend, 0, CODE) == 12


def test_a_click_wishes_to_hide_or_show(legend: Legend) -> None:
    legend.show_colouring(classes(5))
    said = wishes(legend)
    QTest.mouseClick(legend.list.viewport(), LEFT, NONE, rect_of(legend, 2).center())
    assert said == [("toggle", 2)]


def test_the_button_of_a_row_shows_it_alone(legend: Legend) -> None:
    legend.show_colouring(classes(5))
    said = wishes(legend)
    spot = alone_rect(rect_of(legend, 1)).center()
    QTest.mouseClick(legend.list.viewport(), LEFT, NONE, spot)
    assert said == [("solo", 1)]


def test_a_double_click_shows_alone_and_takes_its_first_click_back(legend: Legend) -> None:
    legend.show_colouring(classes(5))
    said = wishes(legend)
    viewport, spot = legend.list.viewport(), rect_of(legend, 3).center()
    QTest.mouseClick(viewport, LEFT, NONE, spot)
    QTest.mouseDClick(viewport, LEFT, NONE, spot)
    assert said == [("toggle", 3), ("toggle", 3), ("solo", 3)]


def test_a_press_that_leaves_its_row_does_nothing(legend: Legend) -> None:
    legend.show_colouring(classes(5))
    said = wishes(legend)
    viewport = legend.list.viewport()
    QTest.mousePress(viewport, LEFT, NONE, rect_of(legend, 0).center())
    QTest.mouseRelease(viewport, LEFT, NONE, rect_of(legend, 2).center())
    QTest.mouseClick(viewport, LEFT, NONE, QPoint(20, 6 * ROW))  # below the last
    assert said == []


def test_keys_do_what_clicks_do(legend: Legend) -> None:
    legend.show_colouring(classes(5))
    said = wishes(legend)
    legend.list.setCurrentIndex(legend.list.model().index(0, 0))
    QTest.keyClick(legend.list, Qt.Key.Key_Down)
    QTest.keyClick(legend.list, Qt.Key.Key_Space)
    QTest.keyClick(legend.list, Qt.Key.Key_Return)
    assert said == [("toggle", 1), ("solo", 1)]


def test_show_all_is_there_while_something_is_hidden(legend: Legend) -> None:
    legend.show_colouring(classes(5))
    assert not legend.everything.isVisible()
    legend.show_colouring(classes(5, hidden=frozenset({1})))
    assert legend.everything.isVisible()
    said = wishes(legend)
    legend.everything.click()
    assert said == [("all", None)]


def test_hiding_keeps_search_and_place(legend: Legend) -> None:
    shown = classes(60)
    legend.show_colouring(shown)
    QTest.keyClicks(legend.search, "class 4")
    legend.list.setCurrentIndex(legend.list.model().index(5, 0))
    legend.show_colouring(ByClass(shown.column, shown.categories, frozenset({44})))
    assert legend.search.text() == "class 4"
    index = legend.list.currentIndex()
    assert index.data(CODE) == 44
    assert index.data(SHOWN) is False


def test_a_hidden_class_looks_different(legend: Legend, qapp: QApplication) -> None:
    legend.show_colouring(classes(5))
    before = legend.list.viewport().grab().toImage()
    legend.show_colouring(classes(5, hidden=frozenset({0})))
    assert legend.list.viewport().grab().toImage() != before


@pytest.mark.parametrize(
    ("low", "high", "is_date", "expected"),
    [
        (1990, 2020, False, ("1990", "2020")),
        (0.5, 19.25, False, ("0.5", "19.25")),
        (-20_000, 1_234_567.5, False, ("-20,000", "1.235e+06")),
        (0, 86_400 * 365, True, ("1970-01-01", "1971-01-01")),
        (0, 3600, True, ("1970-01-01 00:00", "1970-01-01 01:00")),
        (-1e12, 1e13, True, ("-1e+12", "1e+13")),
    ],
)
def test_a_scale_says_its_ends(
    legend: Legend, low: float, high: float, is_date: bool, expected: tuple[str, str]
) -> None:
    legend.show_colouring(numbers(low, high, is_date=is_date))
    assert (legend.scale.low.text(), legend.scale.high.text()) == expected


def test_a_scale_says_how_many_have_no_value(legend: Legend) -> None:
    legend.show_colouring(numbers(0, 1, missing=3))
    assert legend.scale.note.text().startswith("3 items have no value")
    legend.show_colouring(numbers(0, 1))
    assert not legend.scale.note.isVisible()


def test_infinite_ends_are_written_too() -> None:
    assert value_text(float("inf"), 0.0, is_date=False) == "inf"


def ranges(legend: Legend) -> list[tuple[float, float]]:
    """What is chosen comes back to the legend, as it does through the model."""
    said: list[tuple[float, float]] = []

    def choose(low: float, high: float) -> None:
        said.append((low, high))
        shown = numbers(0, 100)
        legend.show_colouring(ByNumber(shown.column, shown.numbers, low, high))

    legend.range_chosen.connect(choose)
    return said


def test_the_ends_of_a_scale_are_dragged(legend: Legend, qtbot: QtBot) -> None:
    legend.show_colouring(numbers(0, 100))
    qtbot.waitExposed(legend)
    said = ranges(legend)
    low, high = legend.scale.bar.handles
    room = legend.scale.bar.width() - low.width()
    QTest.mousePress(low, LEFT, NONE, low.rect().center())
    for _ in range(2):  # from where it is now
        QTest.mouseMove(low, low.rect().center() + QPoint(room // 4, 0))
    QTest.mouseRelease(low, LEFT, NONE)
    assert said
    assert said[-1][0] > 20
    assert said[-1][1] == 100
    assert low.x() > 0
    assert high.x() == room


def test_the_ends_of_a_scale_are_moved_by_keys_and_do_not_pass(legend: Legend) -> None:
    legend.show_colouring(numbers(0, 100))
    said = ranges(legend)
    low, high = legend.scale.bar.handles
    QTest.keyClick(low, Qt.Key.Key_PageUp)
    QTest.keyClick(high, Qt.Key.Key_Left)
    assert said == [(10, 100), (10, 99)]
    QTest.keyClick(low, Qt.Key.Key_End)
    assert said[-1] == (99, 99)
    QTest.mouseDClick(high, LEFT, NONE, high.rect().center())
    assert said[-1] == (0, 100)


def test_a_scale_of_one_value_has_nothing_to_drag(legend: Legend) -> None:
    legend.show_colouring(numbers(5, 5))
    assert not any(handle.isVisibleTo(legend) for handle in legend.scale.bar.handles)


def test_classes_stay_under_the_hand_when_one_is_hidden(legend: Legend, qtbot: QtBot) -> None:
    legend.show()
    legend.show_colouring(classes(5))
    qtbot.waitExposed(legend)
    before = legend.list.mapTo(legend, QPoint(0, 0))
    shown = classes(5)
    legend.show_colouring(ByClass(shown.column, shown.categories, frozenset({1})))
    layout = legend.layout()
    assert layout is not None
    layout.activate()
    assert legend.list.mapTo(legend, QPoint(0, 0)) == before


def test_a_narrowed_scale_says_so_and_can_be_widened_again(legend: Legend) -> None:
    legend.show_colouring(numbers(0, 100))
    assert not legend.everything.isVisibleTo(legend)
    assert (legend.scale.low.text(), legend.scale.high.text()) == ("0", "100")
    said = ranges(legend)
    QTest.keyClick(legend.scale.bar.handles[1], Qt.Key.Key_PageDown)
    assert (legend.scale.low.text(), legend.scale.high.text()) == ("0", "≥ 90")
    assert legend.everything.isVisibleTo(legend)
    legend.everything.click()
    assert said[-1] == (0, 100)
    assert not legend.everything.isVisibleTo(legend)
