"""The panel as a person uses it: measure, walk the cells, edit the ladder, make an embedding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QToolTip
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.panels.layers import words_of
from backends.compression.layers import LayerGrid
from tests.backends.compression.test_layers import TEXTS
from tests.backends.encoders.tiny import build_model, corpus_of, set_pace
from tests.ears import Ears
from widgets.panels.layers import LayersPanel
from widgets.theme import apply_theme

OUT = Path(__file__).parents[1] / "out"
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
LONG = 60_000


@pytest.fixture
def app(qtbot: QtBot, tmp_path: Path) -> Iterator[Application]:
    folder = build_model(tmp_path / "model")
    set_pace(folder)
    made = Application()
    made.embedding.change(encoder=str(folder))
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def panel(app: Application, qtbot: QtBot) -> Iterator[LayersPanel]:
    made = LayersPanel(app.layers)
    made.resize(900, 420)
    made.show()
    qtbot.waitExposed(made)
    yield made
    delete(made)


def measured(app: Application, panel: LayersPanel, qtbot: QtBot) -> LayerGrid:
    app.document.set_corpus(corpus_of(list(TEXTS)))
    QTest.mouseClick(panel.run, LEFT)
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)
    grid = app.layers.grid
    assert grid is not None
    return grid


def click(panel: LayersPanel, layer: int, dims: int) -> None:
    at = panel.map.cell_rect((layer, dims)).center().toPoint()
    QTest.mouseClick(panel.map, LEFT, PLAIN, at)


def test_it_says_what_to_do(app: Application, panel: LayersPanel) -> None:
    assert panel.empty.isVisible()
    assert panel.empty.accessibleName() == "Nothing is open yet. Open a file or the sample."
    assert not panel.run.isEnabled()
    assert "Nothing is open yet." in panel.run.toolTip()
    app.document.set_corpus(corpus_of(list(TEXTS)))
    assert panel.run.isEnabled()
    assert "How small may this model be?" in panel.empty.accessibleName()
    assert not panel.make.isEnabled()
    assert "Nothing is measured yet." in panel.make.toolTip()


def test_the_button_measures_and_stops(app: Application, panel: LayersPanel, qtbot: QtBot) -> None:
    app.document.set_corpus(corpus_of(list(TEXTS)))
    QTest.mouseClick(panel.run, LEFT)
    assert panel.run.text() == "Stop"
    QTest.mouseClick(panel.run, LEFT)
    assert panel.run.text() == "Measure"
    assert panel.empty.isVisible()
    measured(app, panel, qtbot)
    assert panel.map.isVisible()
    assert panel.table.isVisible()


def test_a_click_shows_a_cell_and_a_button_makes_it_an_embedding(
    app: Application, panel: LayersPanel, qtbot: QtBot
) -> None:
    grid = measured(app, panel, qtbot)
    assert not panel.make.isEnabled()
    click(panel, 1, 8)
    cell = grid.cell(1, 8)
    assert cell is not None
    assert panel.words.text().casefold() == words_of(grid, cell).casefold()
    assert panel.make.isEnabled()
    QTest.mouseClick(panel.make, LEFT)
    qtbot.waitUntil(lambda: app.document.active is not None, timeout=LONG)
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)
    assert app.document.active is not None
    assert app.document.active.title == "model, layer 1 of 2, 8 dimensions"
    assert panel.map.isVisible()
    assert panel.make.isEnabled()


def test_keys_walk_the_cells_and_return_takes_one(
    app: Application, panel: LayersPanel, qtbot: QtBot
) -> None:
    grid = measured(app, panel, qtbot)
    keys = Qt.Key
    panel.map.setFocus()
    QTest.keyClick(panel.map, keys.Key_Return)  # nothing is chosen: nothing happens
    QTest.keyClick(panel.map, keys.Key_Left)
    assert panel.map.chosen == grid.full.pair
    for key, pair in (
        *((keys.Key_Up, (2, 32)), (keys.Key_Right, (2, 32)), (keys.Key_Left, (2, 16))),
        *((keys.Key_Down, (1, 16)), (keys.Key_Down, (0, 16)), (keys.Key_Down, (0, 16))),
        *((keys.Key_Left, (0, 8)), (keys.Key_Left, (0, 8)), (keys.Key_Up, (1, 8))),
    ):
        QTest.keyClick(panel.map, key)
        assert panel.map.chosen == pair
    QTest.keyClick(panel.map, keys.Key_Return)
    qtbot.waitUntil(lambda: app.document.active is not None, timeout=LONG)
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)
    assert app.layers.active_pair == (1, 8)


def test_a_screen_reader_hears_the_cell(app: Application, panel: LayersPanel, qtbot: QtBot) -> None:
    with Ears() as ears:
        measured(app, panel, qtbot)
        click(panel, 2, 16)
        side = QAccessible.queryAccessibleInterface(panel.map)
        assert side.text(QAccessible.Text.Value).startswith("layer 2 of 2, 16 dimensions")
    assert any(words.startswith("layer 2 of 2, 16 dimensions") for words in ears.heard)


def test_hovering_says_what_a_cell_keeps_and_costs(
    app: Application, panel: LayersPanel, qtbot: QtBot
) -> None:
    grid = measured(app, panel, qtbot)
    cell = grid.cell(1, 16)
    assert cell is not None
    at = panel.map.cell_rect((1, 16)).center().toPoint()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, panel.map.mapToGlobal(at))
    QApplication.sendEvent(panel.map, event)
    assert QToolTip.text() == words_of(grid, cell)
    assert panel.map.pair_at(QPointF(1, 1)) is None
    corner = QPoint(1, 1)
    outside = QHelpEvent(QHelpEvent.Type.ToolTip, corner, panel.map.mapToGlobal(corner))
    QApplication.sendEvent(panel.map, outside)
    qtbot.waitUntil(lambda: not QToolTip.isVisible() or QToolTip.text() == "")


def rungs(panel: LayersPanel) -> list[list[str]]:
    table = panel.table.table
    cells = [[table.item(row, column) for column in range(5)] for row in range(table.rowCount())]
    return [[item.text() for item in line if item is not None] for line in cells]


def type_into(panel: LayersPanel, qtbot: QtBot, row: int, column: int, words: str) -> None:
    table = panel.table.table
    table.setCurrentCell(row, column)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_F2)
    fields = table.findChildren(QLineEdit)
    fields[-1].selectAll()
    QTest.keyClicks(fields[-1], words)
    QTest.keyClick(fields[-1], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not table.findChildren(QLineEdit))


def test_the_ladder_is_typed_into(app: Application, panel: LayersPanel, qtbot: QtBot) -> None:
    grid = measured(app, panel, qtbot)
    assert [line[:2] for line in rungs(panel)] == [["1", "16"], ["2", "32"]]
    full = grid.cell(2, 32)
    assert full is not None
    assert rungs(panel)[1][2:] == ["100.0%", "128", "100%"]
    type_into(panel, qtbot, 0, 1, "5")
    qtbot.waitUntil(lambda: rungs(panel)[0][:2] == ["1", "5"])
    qtbot.waitUntil(lambda: rungs(panel)[0][3] == "20", timeout=LONG)
    type_into(panel, qtbot, 0, 0, "9")
    qtbot.waitUntil(lambda: "There is no layer 9." in panel.words.text())
    assert rungs(panel)[0][:2] == ["1", "5"]
    type_into(panel, qtbot, 0, 1, "many")
    qtbot.waitUntil(lambda: "no whole number" in panel.words.text())
    assert rungs(panel)[0][:2] == ["1", "5"]
    QTest.keyClick(panel.table.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.document.active is not None, timeout=LONG)
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)
    assert app.layers.active_pair == (1, 5)


def test_cells_are_added_and_taken_off(app: Application, panel: LayersPanel, qtbot: QtBot) -> None:
    measured(app, panel, qtbot)
    table = panel.table
    assert not table.add.isEnabled()
    click(panel, 0, 8)
    QTest.mouseClick(table.add, LEFT)
    assert rungs(panel)[0][:2] == ["0", "8"]
    assert not table.add.isEnabled()
    table.table.setCurrentCell(0, 0)
    QTest.mouseClick(table.remove, LEFT)
    assert [line[:2] for line in rungs(panel)] == [["1", "16"], ["2", "32"]]
    table.table.setCurrentCell(1, 0)
    QTest.keyClick(table.table, Qt.Key.Key_Delete)
    assert len(rungs(panel)) == 1
    QTest.mouseClick(table.diagonal, LEFT)
    assert len(rungs(panel)) == 2


def test_it_is_copied_and_saved_as_csv(
    app: Application,
    panel: LayersPanel,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not panel.csv.isEnabled()
    measured(app, panel, qtbot)
    panel.copy.trigger()
    copied = QApplication.clipboard().text()
    assert copied == app.layers.ladder.csv_text()
    path = tmp_path / "x.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_words: (str(path), ""))
    panel.save.trigger()
    assert path.read_text(encoding="utf-8") == copied


def test_settings_count_for_the_next_measurement(
    app: Application, panel: LayersPanel, qtbot: QtBot
) -> None:
    panel.k.setValue(4)
    panel.sample.setValue(50)
    QTest.keyClicks(panel.dims, "12; 4 4 0")
    QTest.keyClick(panel.dims, Qt.Key.Key_Return)
    assert panel.dims.text() == "4, 12"
    grid = measured(app, panel, qtbot)
    assert (grid.k, grid.dims) == (4, (4, 12, 32))


def test_a_small_panel_shows_grid_or_ladder(
    app: Application, panel: LayersPanel, qtbot: QtBot
) -> None:
    measured(app, panel, qtbot)
    assert not panel.ladder.isVisible()
    panel.resize(447, 200)
    qtbot.waitUntil(panel.ladder.isVisible)
    assert panel.width() == 447
    assert panel.map.isVisible()
    assert not panel.table.isVisible()
    QTest.mouseClick(panel.ladder, LEFT)
    assert panel.table.isVisible()
    assert not panel.map.isVisible()
    panel.resize(447, 600)
    qtbot.waitUntil(panel.map.isVisible)
    assert panel.table.isVisible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_painted_in_both_themes(
    app: Application, panel: LayersPanel, qtbot: QtBot, theme: str
) -> None:
    measured(app, panel, qtbot)
    click(panel, 1, 16)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, "dark" if theme == "dark" else "light")
    OUT.mkdir(exist_ok=True)
    picture = panel.grab()
    picture.save(str(OUT / f"layers-{theme}.png"))
    image = panel.map.grab().toImage()
    colours = {
        image.pixelColor(panel.map.cell_rect(cell.pair).topLeft().toPoint() + QPoint(4, 4)).name()
        for cell in app.layers.grid.cells  # type: ignore[union-attr]
        if cell.pair != (1, 16)
    }
    assert len(colours) >= 3  # different recalls, different colours
    apply_theme(application, "light")


def test_every_control_has_a_name_and_a_tip(panel: LayersPanel) -> None:
    for button in panel.findChildren(QPushButton):
        assert button.accessibleName(), button.text()
        assert button.toolTip(), button.text()
    for field in (panel.k, panel.sample, panel.dims, panel.table.table):
        assert field.accessibleName()
        assert field.toolTip()
