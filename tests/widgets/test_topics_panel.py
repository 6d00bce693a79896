"""The list of regions, beside a map that it moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QTreeWidgetItem
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from tests import builders
from tests.app.test_topics_model import laid_out, shore
from widgets.panels.topics import NAME, TopicsPanel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def app() -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def panel(app: Application, qtbot: QtBot) -> Iterator[TopicsPanel]:
    made = TopicsPanel(app.topics, app.topic_column)
    made.resize(320, 500)
    made.show()
    made.look(True)
    qtbot.waitExposed(made)
    yield made
    delete(made)


def fill(app: Application, qtbot: QtBot) -> None:
    corpus = shore()
    vectors = builders.embeddings(corpus)
    with app.document.batch():
        app.document.set_corpus(corpus)
        app.document.add_embeddings(vectors)
        app.document.add_projection(laid_out(vectors))
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=60_000)


def row(panel: TopicsPanel, word: str) -> QTreeWidgetItem:
    return next(item for item in panel.tree.rows() if word in item.text(NAME))


def shown(panel: TopicsPanel) -> list[str]:
    return [item.text(NAME) for item in panel.tree.rows() if not item.isHidden()]


def test_it_says_why_there_is_nothing_to_list(app: Application, panel: TopicsPanel) -> None:
    assert panel.empty.isVisible()
    assert "Nothing is open yet." in panel.empty.accessibleName()
    app.document.set_corpus(shore())
    assert "There is no map" in panel.empty.accessibleName()


def test_it_lists_regions_and_their_counts(
    app: Application, panel: TopicsPanel, qtbot: QtBot
) -> None:
    fill(app, qtbot)
    assert panel.tree.isVisible()
    assert panel.tree.topLevelItemCount() == 4
    topics = app.topics.topics
    assert topics is not None
    for item in panel.tree.rows():
        count = topics.regions.all[panel.tree.number_of(item)].count
        assert item.text(1) == f"{count:,}"


def test_it_has_regions_found_though_labels_are_off(
    app: Application, panel: TopicsPanel, qtbot: QtBot
) -> None:
    app.map.shows.set_on("labels", False)
    panel.look(False)
    fill(app, qtbot)
    assert app.topics.topics is None
    panel.look(True)
    qtbot.waitUntil(lambda: panel.tree.topLevelItemCount() == 4, timeout=60_000)


def test_searching_leaves_what_has_the_letters(
    app: Application, panel: TopicsPanel, qtbot: QtBot
) -> None:
    fill(app, qtbot)
    QTest.keyClicks(panel.search, "TIDE")
    assert len(shown(panel)) == 1
    QTest.keyClicks(panel.search, "xyz")
    assert panel.empty.isVisible()
    assert "No cluster is called so." in panel.empty.accessibleName()
    panel.search.clear()
    assert len(shown(panel)) == 4


def test_a_click_goes_there_and_return_does_too(
    app: Application, panel: TopicsPanel, qtbot: QtBot
) -> None:
    fill(app, qtbot)
    gone: list[int] = []
    app.topics.go_requested.connect(gone.append)
    item = row(panel, "tide")
    spot = panel.tree.visualItemRect(item).center()
    QTest.mouseClick(panel.tree.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, spot)
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    assert gone == [panel.tree.number_of(item)] * 2
    QTest.keyClick(panel.tree, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert set(app.document.selection.rows % 4) == {0}


def test_f2_renames_on_the_map_too_and_an_empty_name_is_automatic(
    app: Application, panel: TopicsPanel, qtbot: QtBot
) -> None:
    fill(app, qtbot)
    item = row(panel, "tide")
    automatic = item.text(NAME)
    for typed, name in (("The sea", "The sea"), ("", automatic)):
        panel.tree.setCurrentItem(item)
        QTest.keyClick(panel.tree, Qt.Key.Key_F2)
        (field,) = panel.tree.findChildren(QLineEdit)
        field.selectAll()
        if typed:
            QTest.keyClicks(field, typed)
        else:
            QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda name=name: name in shown(panel))
        qtbot.waitUntil(lambda: not panel.tree.findChildren(QLineEdit))
        item = row(panel, name)
        assert name in {label.text for label in app.topics.labels}


def test_the_menu_hides_a_label_and_the_row_says_so(
    app: Application, panel: TopicsPanel, qtbot: QtBot
) -> None:
    fill(app, qtbot)

    def choose(text: str) -> None:
        menu: QMenu = panel.build_menu(row(panel, "tide"))
        next(action for action in menu.actions() if action.text() == text).trigger()
        delete(menu)

    number = panel.tree.number_of(row(panel, "tide"))
    choose("Hide its label")
    assert number not in {label.number for label in app.topics.labels}
    assert row(panel, "tide").font(NAME).italic()
    choose("Show its label")
    assert number in {label.number for label in app.topics.labels}
    choose("Select its items")
    assert set(app.document.selection.rows % 4) == {0}


def test_another_column_names_the_regions(
    app: Application, panel: TopicsPanel, qtbot: QtBot
) -> None:
    fill(app, qtbot)
    assert [panel.column.itemText(i) for i in range(3)] == ["the items' text", "text", "label"]
    panel.column.setCurrentIndex(2)
    panel.column.activated.emit(2)
    qtbot.waitUntil(lambda: "aaa" in shown(panel), timeout=60_000)


def test_the_regions_of_a_level_colour_the_map(
    app: Application, panel: TopicsPanel, qtbot: QtBot
) -> None:
    assert not panel.colour.isEnabled()
    assert panel.colour.toolTip() == "There are no clusters yet"
    fill(app, qtbot)
    assert panel.level.itemText(0) == "Coarse (4)"
    panel.colour.click()
    qtbot.waitUntil(lambda: app.map.colour_by == "cluster", timeout=60_000)
