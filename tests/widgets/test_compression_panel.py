"""The compression panel with real clicks, on real sweeps of a small corpus."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.panels.compression_lists import query_number
from backends.codecs.base import LossCurve
from tests.compression import CODECS, fill, measure, settle
from widgets.compression_budget import AmountField
from widgets.compression_form import CodecList
from widgets.compression_results import CompressionResults
from widgets.main_window import MainWindow
from widgets.panels.compression import CompressionPanel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def panel(app: Application, qtbot: QtBot) -> Iterator[CompressionPanel]:
    made = CompressionPanel(app.compression, app.compressed)
    made.resize(1200, 420)
    made.show()
    qtbot.waitExposed(made)
    made.look(True)
    qtbot.waitUntil(lambda: made.results is not None)
    yield made
    settle(app, qtbot)
    delete(made)


@pytest.fixture
def measured(app: Application, panel: CompressionPanel, qtbot: QtBot) -> CompressionResults:
    fill(app)
    settle(app, qtbot)
    measure(app, qtbot)
    assert panel.results is not None
    return panel.results


def control(panel: QWidget, kind: type[QWidget], name: str) -> QWidget:
    return next(one for one in panel.findChildren(kind) if one.accessibleName() == name)


def button(panel: QWidget, name: str) -> QAbstractButton:
    found = control(panel, QAbstractButton, name)
    assert isinstance(found, QAbstractButton)
    return found


def key_of(app: Application, codec: str) -> str:
    return next(c.fingerprint for c in app.compression.sweep.cells if c.codec == codec)


def test_charts_are_built_when_somebody_looks(app: Application, qtbot: QtBot) -> None:
    made = CompressionPanel(app.compression, app.compressed)
    made.look(True)
    made.look(False)  # docks behind each other are all visible for a moment
    made.look(True)
    qtbot.waitUntil(lambda: made.results is not None)
    delete(made)
    behind = CompressionPanel(app.compression, app.compressed)
    behind.look(True)
    behind.look(False)
    qtbot.wait(20)
    assert behind.results is None
    delete(behind)


def test_it_says_why_it_cannot_run(app: Application, panel: CompressionPanel) -> None:
    run = button(panel, "Measure")
    assert not run.isEnabled()
    assert "Nothing is open yet." in run.toolTip()
    assert panel._empty.isVisible()
    assert "Nothing is open yet." in panel._empty.accessibleName()
    fill(app)
    assert run.isEnabled()
    assert "How small" in panel._empty.accessibleName()


def test_a_click_measures_what_is_ticked(
    app: Application, panel: CompressionPanel, qtbot: QtBot
) -> None:
    fill(app)
    settle(app, qtbot)
    app.compression.change(codecs=(), shares=(4,), query_rows=40, k=5)
    codecs = panel.findChild(CodecList)
    assert isinstance(codecs, CodecList)
    for leaf in codecs._leaves:
        if leaf.data(0, Qt.ItemDataRole.UserRole) in ("int4", "sign"):
            box = codecs.visualItemRect(leaf)
            codecs.scrollToItem(leaf)
            box = codecs.visualItemRect(leaf)
            QTest.mouseClick(codecs.viewport(), LEFT, pos=QPoint(box.left() + 9, box.center().y()))
    assert app.compression.settings.codecs == ("int4", "sign")
    run = button(panel, "Measure")
    QTest.mouseClick(run, LEFT)
    assert run.text() == "Stop"
    settle(app, qtbot)
    assert run.text() == "Measure"
    assert panel.results.isVisible()
    assert "2 measured with 40 rows held out" in panel._said.text()
    assert len(panel.results.charts.by_bytes.marks) == 2
    assert panel.results.table.model().rowCount() == 2


def test_a_click_stops_and_another_goes_on(
    app: Application, panel: CompressionPanel, qtbot: QtBot
) -> None:
    fill(app)
    settle(app, qtbot)
    app.compression.change(codecs=("float16", *CODECS, "pca", "itq"), query_rows=40)
    run = button(panel, "Measure")
    QTest.mouseClick(run, LEFT)
    qtbot.waitUntil(lambda: app.compression.sweep is not None, timeout=60_000)
    QTest.mouseClick(run, LEFT)
    settle(app, qtbot)
    if not app.compression.sweep.finished:
        assert run.text() == "Continue"
        assert "stopped at" in panel._said.text()
        QTest.mouseClick(run, LEFT)
        settle(app, qtbot)
    assert app.compression.sweep.finished
    assert run.text() == "Measure"


def test_the_charts_and_the_table_are_linked(
    app: Application, panel: CompressionPanel, measured: CompressionResults
) -> None:
    key = key_of(app, "int4")
    charts = measured.charts
    QTest.mouseMove(charts.by_bytes.view, charts.by_bytes.position_of(key).toPoint())
    assert charts.by_speed.current.key == key
    assert "int4" in panel._said.text()
    assert "bytes a vector" in panel._said.text()
    model = measured.table.model()
    marked = [
        model.index(row, 0).data(Qt.ItemDataRole.UserRole + 1)
        for row in range(model.rowCount())
        if model.index(row, 0).data(Qt.ItemDataRole.BackgroundRole) is not None
    ]
    assert marked == [key]
    tip = charts.by_bytes.current.tip
    assert "recall@5" in tip
    assert "1/8 of float32" in tip
    QTest.mouseMove(charts.by_bytes.view, QPoint(2, 2))
    assert charts.by_speed.current is None


def test_a_click_on_a_point_looks_at_the_codec(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    assert not panel.pane.isVisible()
    key = key_of(app, "sign")
    chart = measured.charts.by_bytes
    QTest.mouseClick(chart.view, LEFT, pos=chart.position_of(key).toPoint())
    settle(app, qtbot)
    assert app.compression.cell.codec == "sign"
    assert panel.pane.isVisible()
    chosen = measured.table.selectionModel().selectedRows()
    assert [index.data(Qt.ItemDataRole.UserRole + 1) for index in chosen] == [key]
    QTest.mouseClick(button(panel.pane, "Close"), LEFT)
    assert app.compression.cell is None
    assert not panel.pane.isVisible()


def test_lost_and_gained_are_marked_by_signs(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    app.compression.choose(key_of(app, "sign"))
    settle(app, qtbot)
    panel.pane.tabs.setCurrentIndex(1)
    lists, shown = panel.pane.lists, app.compressed.lists
    exact = [lists._exact.topLevelItem(at) for at in range(5)]
    assert [item.text(1) for item in exact] == [
        "✕" if one.fate == "lost" else "" for one in shown.exact
    ]
    assert "not found under the codec" in " ".join(item.toolTip(2) for item in exact)
    assert f"{shown.lost} neighbours lost" in lists._sum.text()
    combo = control(lists, QComboBox, "Queries that lose most")
    assert combo.currentIndex() == 1
    combo.setCurrentIndex(2)
    combo.activated.emit(2)
    assert app.compressed.lists.row == app.compressed.losers[1].row
    item = lists._exact.topLevelItem(0)
    with qtbot.waitSignal(panel.row_activated) as gone:
        QTest.mouseClick(
            lists._exact.viewport(), LEFT, pos=lists._exact.visualItemRect(item).center()
        )
    assert gone.args == [app.compressed.lists.exact[0].row]


def test_the_item_in_focus_is_asked_for_by_a_button(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    app.compression.choose(key_of(app, "truncate"))
    settle(app, qtbot)
    panel.pane.tabs.setCurrentIndex(1)
    ask = button(panel.pane, "Neighbours of the item in focus")
    assert not ask.isEnabled()
    row = next(r for r in range(400) if query_number(app.compressed.truth, r) is None)
    app.document.set_focus(row)
    assert ask.isEnabled()
    QTest.mouseClick(ask, LEFT)
    settle(app, qtbot)
    assert app.compressed.lists.row == row
    assert f"number {row}" in panel.pane.lists._name.text()


def test_who_pays_is_told_by_category_and_by_row(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    app.compression.choose(key_of(app, "sign"))
    settle(app, qtbot)
    panel.pane.tabs.setCurrentIndex(2)
    pays = panel.pane.pays
    shown = [
        pays._categories.topLevelItem(at).text(0)
        for at in range(pays._categories.topLevelItemCount())
    ]
    assert shown == [row.name for row in app.compressed.payers.categories]
    assert "recall@5 of the queries in each, worst first" in pays._note.text()
    item = pays._losers.topLevelItem(1)
    with qtbot.waitSignal(panel.row_activated) as gone:
        pays._losers.scrollToItem(item)
        QTest.mouseClick(
            pays._losers.viewport(), LEFT, pos=pays._losers.visualItemRect(item).center()
        )
    assert gone.args == [app.compressed.losers[1].row]
    assert app.document.focus == app.compressed.losers[1].row  # marked on the map
    QTest.mouseClick(button(pays, "Colour the map"), LEFT)
    settle(app, qtbot)
    assert app.map.colour_by in app.document.corpus.computed
    assert "of the items in each" in pays._note.text()


def test_regions_of_the_map_are_among_what_pays(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    app.compression.choose(key_of(app, "sign"))
    settle(app, qtbot)
    panel.pane.tabs.setCurrentIndex(2)
    pays = panel.pane.pays
    combo = pays._columns
    at = next(at for at in range(combo.count()) if combo.itemText(at).startswith("Regions of"))
    combo.setFocus()
    for _ in range(at):
        QTest.keyClick(combo, Qt.Key.Key_Down)
    settle(app, qtbot)
    assert app.compressed.payers.grouping.is_regions
    assert pays._categories.headerItem().text(0) == "Cluster"
    item = pays._categories.topLevelItem(0)
    place = pays._categories.visualItemRect(item).center()
    QTest.mouseClick(pays._categories.viewport(), LEFT, pos=place)
    assert item.text(0) in app.document.selection.words


def test_the_budget_line_marks_the_cheapest_that_fits(
    app: Application, panel: CompressionPanel, measured: CompressionResults
) -> None:
    line = control(panel, QAbstractButton, "Budget line")
    QTest.mouseClick(line, LEFT)
    assert app.compression.costs.shown
    for name, words in (
        ("Planned vectors", "1 M"),
        ("Planned memory", "20 MB"),
        ("Wanted recall", "50%"),
        ("Price of memory", "1000"),
    ):
        field = control(panel, AmountField, name)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, words)
        QTest.keyClick(field, Qt.Key.Key_Return)
    costs = app.compression.costs
    assert (costs.vectors, costs.memory, costs.wanted, costs.ram_price) == (1e6, 2e7, 0.5, 1000)
    words = measured.budget._verdict.text()
    assert words.startswith("20 bytes a vector fit. Cheapest with a recall@5 of 50%: ")
    assert "a month" in words
    titles = [measured.table.model().index(row, 0).data() for row in range(4)]
    assert sum(title.startswith("★") for title in titles) == 1
    heads = [
        measured.table.model().headerData(at, Qt.Orientation.Horizontal)
        for at in range(measured.table.model().columnCount())
    ]
    assert "A month" in heads
    field = control(panel, AmountField, "Planned memory")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "lots")
    assert field.property("problem")
    assert "no amount" in field.toolTip()


def test_the_table_sorts_and_is_taken_away(
    app: Application, panel: CompressionPanel, measured: CompressionResults, tmp_path: Path
) -> None:
    QTest.mouseClick(button(panel, "Table"), LEFT)
    table = measured.table
    assert table.isVisible()
    assert not measured.charts.isVisible()
    head = table.horizontalHeader()
    heads = [table.model().headerData(at, Qt.Orientation.Horizontal) for at in range(4)]
    at = head.sectionViewportPosition(heads.index("Bytes")) + 20
    QTest.mouseClick(head.viewport(), LEFT, pos=QPoint(at, 8))
    sizes = [table.model().index(row, 2).data(Qt.ItemDataRole.UserRole) for row in range(5)]
    assert sizes == sorted(sizes) or sizes == sorted(sizes, reverse=True)
    table.selectRow(1)
    table.copy()
    assert QGuiApplication.clipboard().text().count("\n") == 2
    menu = panel._take.menu()
    next(action for action in menu.actions() if action.text() == "Copy the table").trigger()
    assert QGuiApplication.clipboard().text().count("\n") == 1 + len(app.compression.sweep.cells)
    path = tmp_path / "table.csv"
    measured.save_csv(path)
    with path.open(encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    assert [float(row["Bytes"]) for row in read] == sizes
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert len(QGuiApplication.clipboard().text().strip().splitlines()) == 2
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert app.compression.cell.bytes_per_vector == sizes[0]


def test_what_cannot_be_measured_stands_last_with_the_reason(
    app: Application, panel: CompressionPanel, qtbot: QtBot
) -> None:
    fill(app, rows=60, dim=1)
    settle(app, qtbot)
    measure(app, qtbot, codecs=("float16", "truncate", "pca"), shares=(2,))
    sweep = app.compression.sweep
    shown = panel.results.table.model()
    assert shown.rowCount() == len(sweep.cells) + len(sweep.missing)
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        shown.sort(2, order)
        last = range(len(sweep.cells), shown.rowCount())
        assert all(shown.index(row, 2).data() == "–" for row in last)  # noqa: RUF001
        reasons = {shown.index(row, 1).data() for row in last}
        assert all(any(lost.what in reason for reason in reasons) for lost in sweep.missing)


def test_labels_add_what_can_be_shown(
    app: Application, panel: CompressionPanel, qtbot: QtBot
) -> None:
    fill(app)
    settle(app, qtbot)
    labels = control(panel, QComboBox, "Label column")
    labels.setCurrentIndex(labels.findText("place"))
    labels.activated.emit(labels.currentIndex())
    measure(app, qtbot, codecs=("float16",))
    shown = control(panel, QComboBox, "Quantity of the charts")
    assert [shown.itemText(at) for at in range(shown.count())] == [
        "recall@5",
        "1-recall@5",
        "label purity",
    ]
    shown.setCurrentIndex(2)
    shown.activated.emit(2)
    (mark,) = panel.results.charts.by_bytes.marks
    assert mark.y == app.compression.sweep.cells[0].purity.mean


def test_a_chain_that_makes_no_sense_is_said(app: Application, panel: CompressionPanel) -> None:
    fill(app)
    chains = control(panel, QLineEdit, "Chains")
    chains.setFocus()
    QTest.keyClicks(chains, "float16+gzip")
    QTest.keyClick(chains, Qt.Key.Key_Return)
    assert chains.property("problem")
    assert not button(panel, "Measure").isEnabled()
    assert "gzip" in button(panel, "Measure").toolTip()
    chains.clear()
    QTest.keyClick(chains, Qt.Key.Key_Return)
    assert button(panel, "Measure").isEnabled()


def test_the_advice_is_given_in_words(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    app.compression.change_costs(wanted=0.6)
    QTest.mouseClick(button(panel, "Advice"), LEFT)
    assert measured.advice.isVisible()
    assert not measured.charts.isVisible()
    settle(app, qtbot)
    advice = measured._advice.advice
    assert advice.cell is not None
    assert measured.advice._head.text().startswith(f"Take {advice.cell.title} at ")
    assert advice.sentences[0] in measured.advice._words.text()
    assert "60 rows held out" in measured.advice._evidence.text()
    app.compression.change_costs(wanted=0.2)  # it follows what is wanted
    settle(app, qtbot)
    assert measured._advice.advice.cell.bytes_per_vector <= advice.cell.bytes_per_vector
    QTest.mouseClick(button(measured.advice, "Look at it"), LEFT)
    assert app.compression.cell is measured._advice.advice.cell
    QTest.mouseClick(button(measured.advice, "Copy the recommendation"), LEFT)
    assert QGuiApplication.clipboard().text() == measured._advice.advice.text
    QTest.mouseClick(button(panel, "Charts"), LEFT)
    assert measured.charts.isVisible()


def test_other_systems_are_told_the_same(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    app.compression.choose(key_of(app, "float16"))
    settle(app, qtbot)
    panel.pane.tabs.setCurrentIndex(3)
    QTest.mouseClick(button(panel.pane.elsewhere, "Copy the settings for Qdrant"), LEFT)
    copied = QGuiApplication.clipboard().text()
    assert "float16" in copied
    assert copied == next(s.text for s in app.compressed.settings if s.system == "Qdrant")


def test_a_trained_codec_shows_its_losses(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    cell = next(cell for cell in app.compression.sweep.cells if cell.codec == "sign")
    assert panel.pane.codec._curve.isHidden()
    losses = np.linspace(2, 1, 30, dtype=np.float32)
    curve = LossCurve(losses, np.array([2.0, 2.5], dtype=np.float32), "contrastive loss")
    panel.pane.codec.show_cell(replace(cell, curve=curve))
    assert not panel.pane.codec._curve.isHidden()
    assert "no better than it began" in panel.pane.codec._trained.text()
    assert "from 2 to 2.5 on held-out rows" in panel.pane.codec._curve.words()
    panel.pane.codec.show_cell(cell)
    assert panel.pane.codec._curve.isHidden()


def test_every_control_has_a_name_and_says_what_it_does(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    app.compression.choose(key_of(app, "sign"))
    app.compression.change_costs(shown=True)
    settle(app, qtbot)
    kinds = (QPushButton, QComboBox, QSpinBox, QLineEdit)
    for kind in kinds:
        for one in panel.findChildren(kind):
            inside = isinstance(one.parent(), QSpinBox)
            if not inside:
                assert one.accessibleName(), one
                assert one.toolTip(), one.accessibleName()


def test_settings_that_are_solved_alike_are_told(
    app: Application, panel: CompressionPanel, qtbot: QtBot
) -> None:
    fill(app)
    settle(app, qtbot)
    measure(app, qtbot, codecs=("itq",), shares=(2, 4, 8, 16))
    sweep = app.compression.sweep
    assert sweep.total - len(sweep.cells) == 3
    assert "1 measured" in panel._said.text()
    assert "3 more would be the same" in panel._said.text()


def test_five_items_are_said_to_be_too_few(
    app: Application, panel: CompressionPanel, qtbot: QtBot
) -> None:
    fill(app, rows=5)
    settle(app, qtbot)
    measure(app, qtbot, k=10)
    assert "no codec can miss one" in panel._said.text()
    assert "Only 1 query was asked" in panel._said.text()


def test_compressed_vectors_say_where_their_charts_are(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    app.compression.choose(key_of(app, "int4"))
    settle(app, qtbot)
    QTest.mouseClick(button(panel.pane, "Use these vectors"), LEFT)
    settle(app, qtbot)
    assert panel._empty.isVisible()
    assert "Choose “waves” in the panel Space" in panel._empty.accessibleName()
    app.document.set_active(app.document.embeddings[0].fingerprint)
    assert not panel._empty.isVisible()


def test_settings_come_back_after_they_made_way(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    panel.resize(1000, 300)
    app.compression.choose(key_of(app, "sign"))
    settle(app, qtbot)
    panel._split.setSizes([0, 655, 345])
    app.compression.choose(None)
    panel._split.setSizes([0, 1000, 0])
    QTest.mouseClick(button(panel, "Settings"), LEFT)
    qtbot.wait(20)
    assert panel._form.isVisible()
    assert not panel._form.visibleRegion().isEmpty()


def test_in_little_room_settings_and_codec_take_turns(
    app: Application, panel: CompressionPanel, measured: CompressionResults, qtbot: QtBot
) -> None:
    panel.resize(1000, 300)
    app.compression.choose(key_of(app, "sign"))
    settle(app, qtbot)
    assert panel.pane.isVisible()
    assert not panel._form.isVisible()
    QTest.mouseClick(button(panel, "Settings"), LEFT)
    assert panel._form.isVisible()
    assert not panel._form.visibleRegion().isEmpty()
    assert not panel.pane.isVisible()
    QTest.mouseClick(button(panel, "Settings"), LEFT)
    assert panel.pane.isVisible()
    app.compression.choose(None)
    QTest.mouseClick(button(panel, "Settings"), LEFT)
    QTest.mouseClick(button(panel, "Settings"), LEFT)
    assert not panel.pane.isVisible()


def test_a_small_window_stays_small(qtbot: QtBot) -> None:
    application = Application()
    window = MainWindow(application, remembered=False)
    window.resize(1024, 700)
    window.show()
    fill(application)
    settle(application, qtbot)
    panel = window.panel("compression")
    assert isinstance(panel, CompressionPanel)
    application.compression.ask()
    qtbot.waitUntil(lambda: panel.results is not None)
    measure(application, qtbot)
    application.compression.choose(key_of(application, "sign"))
    application.compression.change_costs(shown=True)
    settle(application, qtbot)
    window._docks["items"].raise_()
    qtbot.waitUntil(lambda: panel.visibleRegion().isEmpty())
    assert (window.width(), window.height()) == (1024, 700)
    window.close_unasked()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()
    assert application.close()


def test_in_the_window_it_has_the_width_and_half_the_height(qtbot: QtBot) -> None:
    application = Application()
    window = MainWindow(application, remembered=False)
    window.resize(1280, 840)
    window.show()
    fill(application, rows=60)
    settle(application, qtbot)
    items = window._docks["items"]
    before = items.height()
    entry = window.findChild(QAction, "compression")
    assert isinstance(entry, QAction)
    entry.trigger()
    panel = window.panel("compression")
    assert isinstance(panel, CompressionPanel)
    qtbot.waitUntil(lambda: panel.results is not None)
    dock = window._docks["compression"]
    qtbot.waitUntil(lambda: dock.height() >= 0.45 * window.height())
    assert dock.width() > 0.95 * window.width()
    items.raise_()
    qtbot.waitUntil(lambda: abs(items.height() - before) < 20)
    QTest.mouseClick(button(window.panel("space"), "How small may these vectors be?"), LEFT)
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
    qtbot.waitUntil(lambda: dock.width() > 0.95 * window.width())
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)  # as a hand would drag it
    qtbot.waitUntil(lambda: items.width() < 0.95 * window.width())
    assert panel.width() >= panel.minimumSizeHint().width()
    window.close_unasked()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()
    assert application.close()
