"""The page of word sets as a person uses it, with mouse, keys, clipboard and dropped files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from backends.directions.wordsets import WordSet
from widgets.panels.directions import DirectionsPanel
from widgets.panels.word_sets import WordSetsPanel
from widgets.theme import apply_theme

OUT = Path(__file__).parents[1] / "out"
LEFT = Qt.MouseButton.LeftButton
SHOWN = Qt.ItemDataRole.DisplayRole


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def page(app: Application, qtbot: QtBot) -> Iterator[WordSetsPanel]:
    panel = DirectionsPanel(app.directions)
    panel.resize(1000, 340)
    panel.show()
    qtbot.waitExposed(panel)
    made = panel.show_page("sets")
    assert isinstance(made, WordSetsPanel)
    yield made
    delete(panel)


def own(app: Application) -> tuple[WordSet, ...]:
    return app.document.word_sets.sets


def click_set(page: WordSetsPanel, name: str) -> None:
    item = page.list.item(name)
    assert item is not None
    tree = page.list.tree
    tree.scrollToItem(item)
    QTest.mouseClick(tree.viewport(), LEFT, pos=tree.visualItemRect(item).center())


def shown(page: WordSetsPanel) -> list[list[str]]:
    rows = page.table.rows
    return [
        [str(rows.data(rows.index(row, column), SHOWN)) for column in range(len(rows.heads))]
        for row in range(rows.rowCount())
    ]


def editor(page: WordSetsPanel) -> QLineEdit:
    (field,) = (e for e in page.table.viewport().findChildren(QLineEdit) if e.isVisible())
    assert isinstance(field, QLineEdit)
    return field


def type_into_cell(page: WordSetsPanel, text: str) -> None:
    field = editor(page)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()  # Qt commits what was typed on the next turn of the event loop


def test_it_says_what_to_do_and_shows_ready_sets(page: WordSetsPanel) -> None:
    assert "drop a CSV or JSON file" in page.empty.accessibleName()
    assert page.empty.isVisible()
    click_set(page, "Occupations, % women")
    assert page.name.text() == "Occupations, % women"
    assert page.name.isReadOnly()
    assert page.count.text() == "40 terms"
    assert shown(page)[0] == ["carpenter", "2.0"]
    assert len(shown(page)) == 40
    assert "Bureau of Labor Statistics" in page.source.text()
    assert not page.add.isVisible()
    assert page.found.text().startswith("Nothing is embedded yet")


def test_a_copy_is_edited_and_undone(app: Application, page: WordSetsPanel) -> None:
    click_set(page, "Gender pairs")
    QTest.mouseClick(page.copy_set, LEFT)
    assert page.name.text() == "Gender pairs (2)"
    QTest.mouseClick(page.add, LEFT)
    type_into_cell(page, "uncle")
    assert len(own(app)[0]) == 10, "half a pair is not in the set"
    page.table.setCurrentIndex(page.table.rows.index(10, 1))
    page.table.edit(page.table.currentIndex())
    type_into_cell(page, "aunt")
    assert own(app)[0].pairs[-1] == ("uncle", "aunt")
    page.table.selectRow(0)
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    assert own(app)[0].pairs[0] == ("boy", "girl")
    assert app.history.undo_text == "edit “Gender pairs (2)”"
    app.history.undo()
    assert shown(page)[0] == ["man", "woman"]
    page.name.selectAll()
    QTest.keyClicks(page.name, "Mine")
    QTest.keyClick(page.name, Qt.Key.Key_Return)
    assert own(app)[0].name == "Mine"
    assert page.list.item("Mine") is not None


def test_terms_are_typed_one_after_the_other(app: Application, page: WordSetsPanel) -> None:
    page.files.new_terms.trigger()
    assert page.name.hasFocus() or not page.isActiveWindow()
    page.table.add()
    type_into_cell(page, "tide")
    assert page.table.currentIndex().row() == 1, "the next term is at hand"
    page.table.add()
    type_into_cell(page, "salt")
    assert own(app)[0].terms == ("tide", "salt")
    page.table.setCurrentIndex(page.table.rows.index(0, 0))
    page.table.edit(page.table.currentIndex())
    editor(page).selectAll()
    type_into_cell(page, "salt")
    rows = page.table.rows
    assert rows.data(rows.index(1, 1), SHOWN) == "✗ given twice"
    assert "more than once" in page.odd.text()


def test_the_clipboard_goes_both_ways(app: Application, page: WordSetsPanel) -> None:
    board = QApplication.clipboard()
    board.setText("she-he, woman-man")
    page.files.new_pasted.trigger()
    assert own(app)[0].pairs == (("she", "he"), ("woman", "man"))
    board.setText("girl\tboy")
    QTest.mouseClick(page.paste, LEFT)
    page.table.selectionModel().clear()
    QTest.mouseClick(page.copy, LEFT)
    assert board.text() == "she\the\nwoman\tman\ngirl\tboy"
    page.table.selectRow(1)
    QTest.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert board.text() == "woman\tman"
    QTest.keyClick(page.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert own(app)[0].pairs[-1] == ("woman", "man")


def test_files_are_dropped_loaded_and_saved(
    app: Application,
    page: WordSetsPanel,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "sea.csv").write_text("set,term\nSea,tide\nSea,salt\n")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "sea.csv"))])
    action, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), action, mime, LEFT, none)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(9, 9), action, mime, LEFT, none)
    QApplication.sendEvent(page, drop)
    qtbot.waitUntil(lambda: page.name.text() == "Sea")
    saved = str(tmp_path / "out")
    kind = "Comma-separated (*.csv)"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (saved, kind))
    page.files.save_one.trigger()
    assert (tmp_path / "out.csv").read_text() == "set,term\nSea,tide\nSea,salt\n"
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([f"{saved}.csv"], ""))
    QTest.mouseClick(page.files.load, LEFT)
    qtbot.waitUntil(lambda: page.name.text() == "Sea (2)")
    other = QMimeData()
    other.setUrls([QUrl.fromLocalFile(str(tmp_path / "items.parquet"))])
    enter = QDragEnterEvent(QPoint(9, 9), action, other, LEFT, none)
    QApplication.sendEvent(page, enter)
    assert not enter.isAccepted(), "a table of items is the window's"


def test_the_filter_and_removing(app: Application, page: WordSetsPanel) -> None:
    page.files.new_terms.trigger()
    QTest.keyClicks(page.list.filter, "hyacinth")
    assert page.list.item("Flowers") is not None
    assert page.list.item("New set") is None
    QTest.keyClicks(page.list.filter, "zzz")
    assert page.list.none.isVisible()
    page.list.filter.clear()
    page.list.tree.setFocus()
    QTest.keyClick(page.list.tree, Qt.Key.Key_Delete)
    assert own(app) == ()
    assert page.empty.isVisible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_control_has_a_name_and_a_tooltip(
    app: Application, page: WordSetsPanel, theme: str
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, theme)  # type: ignore[arg-type]
    click_set(page, "Professions")
    QTest.mouseClick(page.copy_set, LEFT)
    for control in (*page.findChildren(QAbstractButton), *page.findChildren(QLineEdit)):
        if control.isVisible() and control.objectName() != "qt_spinbox_lineedit":
            name = control.accessibleName() or control.metaObject().className()
            assert control.toolTip() or "Header" in name or "Corner" in name, name
    assert page.minimumSizeHint().width() <= 1000
    OUT.mkdir(exist_ok=True)
    page.grab().save(str(OUT / f"word-sets-{theme}.png"))
    apply_theme(application, "light")


def test_a_test_is_seen_copied_and_changed_on_the_page(
    page: WordSetsPanel, app: Application
) -> None:
    ready = app.directions.words.tests.all[0]
    item = page.list.item(ready.name, test=True)
    assert item is not None
    page.list.tree.setCurrentItem(item)
    view = page.test
    assert view.isVisible()
    assert [label.text() for label in view.fixed] == [
        "Flowers (25 terms)",
        "Insects (25 terms)",
        "Pleasant (25 terms)",
        "Unpleasant (25 terms)",
    ]
    assert "aster, clover" in view.words[0].text()
    assert "1.5" in view.published.text()
    assert not view.remove.isVisible()
    QTest.mouseClick(view.copy, LEFT)
    view.name.setText("Mine")
    view.name.editingFinished.emit()
    assert [one.name for one in app.document.word_sets.tests] == ["Mine"]
    names = [one.name for one in view._offered]
    view.parts[1].activated.emit(names.index("Weapons"))
    assert app.document.word_sets.tests[0].targets[1].name == "Weapons"
    assert not view.published.isVisible()
    QTest.mouseClick(view.edits[1], LEFT)
    assert not view.isVisible()
    assert page.name.text() == "Weapons (2)"
    assert app.document.word_sets.tests[0].targets[1] == own(app)[0]
    item = page.list.item("Mine", test=True)
    assert item is not None
    page.list.tree.setCurrentItem(item)
    QTest.keyClick(page.list.tree, Qt.Key.Key_Delete)
    assert app.document.word_sets.tests == ()
    app.history.undo()
    assert [one.name for one in app.document.word_sets.tests] == ["Mine"]


def test_columns_of_numbers_are_changed_through_the_menu(
    page: WordSetsPanel, app: Application
) -> None:
    page.files.new_terms.trigger()
    assert not page.more.rename_column.menuAction().isEnabled()
    dialog = page.more.ask_column()
    assert dialog is not None
    dialog.setTextValue("share")
    dialog.accept()
    assert list(own(app)[0].scores) == ["share"]
    dialog = page.more.ask_name("share")
    dialog.setTextValue("pay")
    dialog.accept()
    assert page.table.rows.heads == ("Term", "pay")
    page.more.remove_column.actions()[0].trigger()
    assert own(app)[0].kind == "terms"
