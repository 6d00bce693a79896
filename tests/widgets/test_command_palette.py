"""The command palette in the real window, by keys and mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ears import Ears
from tests.widgets.test_main_window import OUT, application, loaded, table, window
from widgets.command_palette import CommandPalette
from widgets.main_window import MainWindow
from widgets.palette_list import keys_text
from widgets.theme import apply_theme

__all__ = ["application", "loaded", "table", "window"]  # fixtures
Key = Qt.Key


@pytest.fixture
def palette(loaded: MainWindow, qtbot: QtBot) -> CommandPalette:
    loaded.activateWindow()
    loaded.map.canvas.setFocus()
    qtbot.waitUntil(loaded.map.canvas.hasFocus)
    QTest.keyClick(loaded.map.canvas, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    found = loaded.findChild(CommandPalette)
    assert isinstance(found, CommandPalette)
    assert found.isVisible()
    return found


def press(palette: CommandPalette, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(palette.search, key)


def listed(palette: CommandPalette) -> list[str]:
    model = palette.list.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def chosen(palette: CommandPalette) -> str:
    entry = palette.list.entry()
    assert entry is not None
    return entry.text


def test_it_lists_every_action_and_every_column(
    loaded: MainWindow, palette: CommandPalette
) -> None:
    texts = set(listed(palette))
    for action in loaded.actions_table:
        if action.id != "palette":
            assert loaded.actions_table.text(action.id) in texts
    assert {f"Colour by {column.name}" for column in loaded.application.map.columns} <= texts
    assert {"Brush selection", "Zoom in", "Move the map left", "Next item above"} <= texts


def test_typing_finds_and_enter_does_it_and_gives_the_keyboard_back(
    loaded: MainWindow, palette: CommandPalette
) -> None:
    QTest.keyClicks(palette.search, "selall")
    assert chosen(palette) == "Select all"
    press(palette, Key.Key_Return)
    assert not palette.isVisible()
    assert loaded.map.canvas.hasFocus()
    assert len(loaded.application.document.selection) == 40
    loaded.show_palette()
    assert chosen(palette) == "Select all"  # used lately
    assert palette.search.text() == ""


def test_escape_closes_and_so_do_its_keys_and_a_click_elsewhere(
    loaded: MainWindow, palette: CommandPalette
) -> None:
    press(palette, Key.Key_Escape)
    assert not palette.isVisible()
    assert loaded.map.canvas.hasFocus()
    loaded.show_palette()
    QTest.keyClick(palette.search, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert not palette.isVisible()
    loaded.show_palette()
    QTest.mouseClick(loaded.map.canvas, Qt.MouseButton.LeftButton)
    assert not palette.isVisible()
    assert loaded.map.canvas.hasFocus()


def test_arrows_and_pages_move_the_choice(palette: CommandPalette) -> None:
    texts = listed(palette)
    assert chosen(palette) == texts[0]
    press(palette, Key.Key_Down, Key.Key_Down)
    assert chosen(palette) == texts[2]
    press(palette, Key.Key_Up)
    assert chosen(palette) == texts[1]
    press(palette, Key.Key_PageDown)
    assert chosen(palette) == texts[12]
    press(palette, Key.Key_PageUp, Key.Key_PageUp)
    assert chosen(palette) == texts[0]
    press(palette, Key.Key_Up)
    assert chosen(palette) == texts[-1]
    press(palette, Key.Key_PageDown)
    assert chosen(palette) == texts[-1]
    press(palette, Key.Key_Down)
    assert chosen(palette) == texts[0]


def test_what_cannot_be_done_says_why_and_stays(
    loaded: MainWindow, palette: CommandPalette
) -> None:
    QTest.keyClicks(palette.search, "clear selection")
    entry = palette.list.entry()
    assert entry is not None
    assert "Nothing is selected" in entry.reason
    with Ears() as ears:
        press(palette, Key.Key_Return)
    assert palette.isVisible()
    assert "Nothing is selected" in ears.heard[-1]


def test_it_follows_what_can_be_done_while_it_is_open(
    loaded: MainWindow, palette: CommandPalette, qtbot: QtBot
) -> None:
    QTest.keyClicks(palette.search, "clear selection")
    loaded.actions_table.run("select_all")
    qtbot.waitUntil(lambda: (entry := palette.list.entry()) is not None and not entry.problem)
    assert chosen(palette) == "Clear selection"


def test_a_column_that_is_chosen_colours_the_map(
    loaded: MainWindow, palette: CommandPalette, qtbot: QtBot
) -> None:
    loaded.application.map.set_colour_by(None)
    QTest.keyClicks(palette.search, "animal")
    assert chosen(palette) == "Colour by animal"
    model = palette.list.model()
    spot = palette.list.visualRect(model.index(0, 0)).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    qtbot.waitUntil(lambda: not loaded.application.jobs.live)
    assert loaded.application.map.colour_by == "animal"
    assert not palette.isVisible()


def test_nothing_found_is_said(palette: CommandPalette) -> None:
    with Ears() as ears:
        QTest.keyClicks(palette.search, "qqqq")
    assert palette.note.isVisible()
    assert not palette.list.isVisible()
    assert ears.heard[-1] == palette.note.text()
    press(palette, Key.Key_Return, Key.Key_Down)
    assert palette.isVisible()


def test_rows_are_told_to_a_screen_reader(palette: CommandPalette) -> None:
    QTest.keyClicks(palette.search, "fit the map")
    with Ears() as ears:
        rows = QAccessible.queryAccessibleInterface(palette.list)
        assert rows.child(0).text(QAccessible.Text.Name) == "Fit the map, Ctrl+0, View"
        press(palette, Key.Key_Down)
        entry = palette.list.entry()
        assert entry is not None
        assert ears.heard == [entry.spoken]


def test_keys_of_the_map_are_shown_as_such_and_are_not_the_windows(
    loaded: MainWindow, palette: CommandPalette
) -> None:
    QTest.keyClicks(palette.search, "brush selection")
    entry = palette.list.entry()
    assert entry is not None
    assert keys_text(entry) == "P on the map"
    press(palette, Key.Key_Escape)
    field = loaded.panel("neighbours").findChild(type(palette.search).__mro__[1])
    assert field is not None
    field.setFocus()
    QTest.keyClicks(field, "p")
    assert loaded.application.map.tool != "brush"
    assert field.text() == "p"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_small_window(
    loaded: MainWindow, palette: CommandPalette, theme: str, qtbot: QtBot
) -> None:
    application = QApplication.instance()
    apply_theme(application, theme)  # type: ignore[arg-type]
    loaded.resize(1024, 700)
    qtbot.waitUntil(lambda: loaded.width() == 1024)
    assert loaded.rect().contains(palette.geometry())
    loaded.grab().save(str(OUT / f"palette-{theme}.png"))
    apply_theme(application, "light")  # type: ignore[arg-type]


def test_actions_walk_and_choose_tools(
    loaded: MainWindow, palette: CommandPalette, qtbot: QtBot
) -> None:
    canvas = loaded.map.canvas
    qtbot.waitUntil(lambda: canvas.image.is_idle and canvas.image.is_warm, timeout=60_000)
    QTest.keyClicks(palette.search, "item in the middle")
    press(palette, Key.Key_Return)
    assert loaded.application.document.focus is not None
    assert canvas.hasFocus()
    loaded.show_palette()
    QTest.keyClicks(palette.search, "lasso")
    press(palette, Key.Key_Return)
    assert loaded.application.map.tool == "lasso"
    scale = canvas.camera.scale
    loaded.actions_table.run("zoom_in")
    assert canvas.camera.scale > scale
    loaded.actions_table.run("pan_left")
    assert canvas.is_moved
