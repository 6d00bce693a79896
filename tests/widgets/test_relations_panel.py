"""The page as a person uses it: triples by file, column, typing, drop; pairs, guesses, arrows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTableView,
)
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from backends.types import Roles
from tests import builders
from tests.relations import PAIRS, triples, world
from widgets.panels.directions import DirectionsPanel
from widgets.panels.relations import RelationsPanel
from widgets.relation_detail import LEADS, LOST
from widgets.relation_rows import RowsTable
from widgets.theme import apply_theme

OUT = Path(__file__).parents[1] / "out"
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
LONG = 60_000
CONTROLS = (QPushButton, QComboBox, QLineEdit, QAbstractSpinBox, QTableView, QPlainTextEdit)


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def panel(app: Application, qtbot: QtBot) -> Iterator[RelationsPanel]:
    dock = DirectionsPanel(app.directions)
    page = dock.show_page("relations")
    assert isinstance(page, RelationsPanel)
    dock.resize(1000, 420)
    dock.show()
    qtbot.waitExposed(dock)
    yield page
    delete(dock)


def settle(app: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


def fill(app: Application) -> None:
    corpus, embeddings = world()
    app.document.set_corpus(corpus)
    app.document.add_embeddings(embeddings)


def judged(app: Application, panel: RelationsPanel, qtbot: QtBot) -> None:
    fill(app)
    panel.form.type.trigger()
    panel.typed.setPlainText(triples() + "\ncountry 1\thas capital\tatlantis")
    QTest.mouseClick(panel.use, LEFT)
    settle(app, qtbot)


def click(table: RowsTable, row: int, column: int) -> None:
    at = table.visualRect(table.model().index(row, column)).center()
    QTest.mouseClick(table.viewport(), LEFT, PLAIN, at)


def cells(table: RowsTable, row: int) -> list[str]:
    model = table.model()
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_it_says_what_to_do_and_how_triples_are_written(
    app: Application, panel: RelationsPanel
) -> None:
    assert panel.empty.isVisible()
    assert panel.empty.accessibleName() == "Nothing is open yet. Open a file or the sample."
    assert not panel.form.run.isEnabled()
    fill(app)
    assert "head, relation, tail" in panel.empty.accessibleName()
    assert "divided by commas, tabs or arrows" in panel.form.run.toolTip()


def test_typed_pairs_are_judged_and_shown(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    judged(app, panel, qtbot)
    assert panel.table.isVisible()
    assert panel.rows.rowCount() == 2
    told = cells(panel.table, 0)
    assert told[:2] == ["has capital", "12"]
    assert told[4:6] == ["1.00", "100%"]
    assert "finds the tail among the first ten for 100%" in panel.detail.words.text()
    assert "seed 0" in panel.notes.text()
    assert panel.detail.tabs.tabText(LOST) == "Left out (1)"
    assert cells(panel.detail.lost, 0)[1] == "“atlantis” is not among the items"
    assert panel.form.source.text() == "Triples: 25 lines typed"
    panel.form.type.trigger()  # what was typed is there again
    assert "atlantis" in panel.typed.toPlainText()
    QTest.mouseClick(panel.cancel, LEFT)
    assert panel.table.isVisible()


def test_another_relation_is_looked_at(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    judged(app, panel, qtbot)
    click(panel.table, 1, 0)
    assert panel.detail.words.text().startswith("has river: ")
    assert {cells(panel.detail.pairs, row)[1] for row in range(PAIRS)} == {
        f"river {i}" for i in range(PAIRS)
    }
    agreement = [float(cells(panel.detail.pairs, row)[2]) for row in range(PAIRS)]
    assert agreement == sorted(agreement)  # those that disagree first
    panel.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert cells(panel.table, 0)[0] == "has river"
    panel.detail.pairs.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert cells(panel.detail.pairs, 0)[:2] == ["country 0", "river 0"]


def test_a_click_goes_to_the_item_and_shows_where_it_leads(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    judged(app, panel, qtbot)
    panel.detail.tabs.setCurrentIndex(LEADS)
    assert "Where does it lead" in panel.detail.nothing.accessibleName()
    panel.detail.tabs.setCurrentIndex(0)
    panel.detail.pairs.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    click(panel.detail.pairs, 4, 0)
    settle(app, qtbot)
    assert app.document.focus == 4
    panel.detail.tabs.setCurrentIndex(LEADS)
    assert panel.detail.item.text() == "country 4"
    first = cells(panel.detail.guesses, 0)
    assert (first[0], first[1], first[3]) == ("1", "capital 4", "✓")
    click(panel.detail.guesses, 0, 1)
    settle(app, qtbot)
    assert app.document.focus == PAIRS + 4
    assert cells(panel.detail.guesses, 0)[1] == "capital 4"  # the list stays
    QTest.keyClick(panel.detail.guesses, Qt.Key.Key_Down)
    QTest.keyClick(panel.detail.guesses, Qt.Key.Key_Return)
    assert app.document.focus == panel.detail.guess_rows.guess(1).row
    panel.detail.item.setFocus()
    panel.detail.item.setText("country 7")
    QTest.keyClick(panel.detail.item, Qt.Key.Key_Return)
    settle(app, qtbot)
    assert cells(panel.detail.guesses, 0)[1] == "capital 7"
    panel.detail.item.setText("atlantis")
    QTest.keyClick(panel.detail.item, Qt.Key.Key_Return)
    settle(app, qtbot)
    assert "“atlantis” is not among the items." in panel.detail.nothing.accessibleName()


def test_heads_are_guessed_from_tails(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    judged(app, panel, qtbot)
    panel.detail.tabs.setCurrentIndex(LEADS)
    app.document.set_focus(PAIRS + 2)
    panel.detail.side.setCurrentIndex(1)
    panel.detail.side.activated.emit(1)
    settle(app, qtbot)
    assert cells(panel.detail.guesses, 0)[1] == "country 2"


def test_a_file_a_column_and_a_drop(
    app: Application,
    panel: RelationsPanel,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(app)
    path = tmp_path / "facts & figures.tsv"
    path.write_text(triples(), "utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    panel.form.open.trigger()
    settle(app, qtbot)
    assert panel.rows.rowCount() == 2
    assert panel.form.source.text() == "Triples: facts && figures.tsv"
    names = [action.text() for action in panel.form.columns.actions()]
    assert names == ["word", "capital of"]
    panel.form.columns.actions()[1].trigger()
    settle(app, qtbot)
    assert cells(panel.table, 0)[0] == "capital of"
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    drop(panel, mime)
    settle(app, qtbot)
    assert panel.rows.rowCount() == 2
    mime = QMimeData()
    mime.setText("country 1 -> capital 1\ncountry 2 -> capital 2")
    drop(panel, mime)
    settle(app, qtbot)
    assert cells(panel.table, 0)[:2] == ["related", "2"]
    assert cells(panel.table, 0)[-1] == "⚠"
    assert "Only 2 pairs" in panel.detail.warnings.text()


def drop(panel: RelationsPanel, mime: QMimeData) -> None:
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPointF(5, 5).toPoint(), copy, mime, LEFT, none)
    QApplication.sendEvent(panel, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(panel, QDropEvent(QPointF(5, 5), copy, mime, LEFT, none))


def test_settings_are_for_the_next_run(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    judged(app, panel, qtbot)
    for combo, value in ((panel.form.scorer, "nearest"), (panel.form.split, "unseen")):
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())
    assert "Run again" in panel.form.progress.text()
    QTest.mouseClick(panel.form.run, LEFT)
    assert panel.form.run.text() == "Stop"
    settle(app, qtbot)
    assert panel.form.progress.text() == ""
    study = app.directions.relations.study
    assert study is not None
    assert (study.params.scorer, study.params.split) == ("nearest", "unseen")
    assert panel.detail.words.text().startswith("has capital: Going to the nearest item finds")
    panel.form.by.setCurrentIndex(panel.form.by.findData("word"))
    panel.form.by.activated.emit(panel.form.by.currentIndex())
    source = app.directions.relations.settings.source
    assert source is not None
    assert source.by == "word"


def test_arrows_are_switched_and_the_offset_is_kept(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    assert not panel.detail.arrows.isEnabled()
    assert not panel.detail.keep.isEnabled()
    judged(app, panel, qtbot)
    assert panel.detail.arrows.isChecked()
    assert app.map.arrows.arrows is not None
    QTest.mouseClick(panel.detail.arrows, LEFT)
    assert not app.map.shows.is_on("arrows")
    app.map.shows.set_on("arrows", True)
    assert panel.detail.arrows.isChecked()
    QTest.mouseClick(panel.detail.keep, LEFT)
    settle(app, qtbot)
    assert [one.title for one in app.document.directions] == ["has capital"]


def test_tables_are_copied_and_saved(
    app: Application,
    panel: RelationsPanel,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged(app, panel, qtbot)
    panel.detail.copying["relations"].trigger()
    assert QApplication.clipboard().text().startswith("relation,pairs,consistency")
    panel.detail.copying["pairs"].trigger()
    assert "country 3,15,capital 3" in QApplication.clipboard().text()
    for action, name in (
        (panel.detail.saving["relations"], "relations.csv"),
        (panel.detail.saving["pairs"], "pairs.csv"),
    ):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        action.trigger()
        assert path.read_text("utf-8").startswith("relation,")


def test_what_was_left_out_and_any_table_can_be_taken(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    judged(app, panel, qtbot)
    panel.detail.copying["left out"].trigger()
    assert "country 1 → atlantis (has capital),“atlantis” is not" in QApplication.clipboard().text()
    panel.detail.tabs.setCurrentIndex(LOST)
    QTest.keyClick(panel.detail.lost, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text().startswith("Left out\tBecause\ncountry 1 → atlantis")
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert [line.split("\t")[:2] for line in lines[1:]] == [
        ["has capital", str(PAIRS)],
        ["has river", str(PAIRS)],
    ]
    panel.form.type.trigger()
    panel.typed.setPlainText(triples())
    QTest.mouseClick(panel.use, LEFT)
    settle(app, qtbot)
    assert not panel.detail.saving["left out"].isEnabled()


def test_a_run_that_fails_says_so_above_the_run_before(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    judged(app, panel, qtbot)
    assert not panel.wrong.isVisible()
    app.directions.relations.take_text("a, b")
    settle(app, qtbot)
    assert panel.wrong.isVisible()
    assert "No pair is found here; a → b" in panel.wrong.text()
    assert panel.wrong.text().endswith("What is shown is the run before.")
    assert panel.form.progress.text() == ""
    app.directions.relations.take_text(triples())
    settle(app, qtbot)
    assert not panel.wrong.isVisible()


def test_a_narrow_page_is_stacked_and_titles_make_room_for_the_arrow(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    judged(app, panel, qtbot)
    header = panel.table.horizontalHeader()
    assert panel.rows.title(4) == "MRR"
    header.setSortIndicator(4, Qt.SortOrder.DescendingOrder)
    assert panel.rows.title(4) == "MRR\N{EM SPACE}"
    # Another study comes in its own order, whatever was sorted by before.
    odd = [f"country {i}\todd\triver {(i + 5) % PAIRS}" for i in range(PAIRS)]
    app.directions.relations.take_text("\n".join((triples(), *odd)))
    settle(app, qtbot)
    shares = [panel.rows.value(row, 6) for row in range(3)]
    assert shares != sorted(shares)
    assert [panel.rows.cell(row, 0) for row in range(3)] == ["has capital", "has river", "odd"]
    header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    assert panel.rows.cell(0, 0) == "has capital"
    split = panel.table.parentWidget().parentWidget()
    assert isinstance(split, QSplitter)
    assert split.orientation() == Qt.Orientation.Horizontal
    panel.window().resize(420, 700)
    qtbot.waitUntil(lambda: split.orientation() == Qt.Orientation.Vertical)
    assert panel.table.width() > 380


def test_no_number_is_cut_and_ids_say_what_they_are(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    n = 1_200
    names, words = [f"id{i}" for i in range(n)], [f"word {i}" for i in range(n)]
    corpus = builders.corpus(columns={"id": names, "word": words}, roles=Roles("word", id="id"))
    app.document.set_corpus(corpus)
    app.document.add_embeddings(builders.embeddings(corpus))
    app.directions.relations.take_text("\n".join(f"id{i},id{i + 1}" for i in range(1_100)))
    settle(app, qtbot)
    assert panel.rows.cell(0, 1) == "1,100"
    wide = panel.table.fontMetrics().horizontalAdvance("1,100")
    assert panel.table.columnWidth(1) >= wide + 20
    panel.detail.tabs.setCurrentIndex(LEADS)
    app.document.set_focus(7)
    settle(app, qtbot)
    guess = panel.detail.guess_rows.guess(0)
    assert guess.name == f"id{guess.row} · word {guess.row}"
    assert panel.detail.item.text() == "id7"
    pair = panel.detail.pair_rows
    assert pair.cell(0, 0) == f"id{pair.item(0, 0)} · word {pair.item(0, 0)}"


def test_a_single_pair_has_a_dash_for_shuffled_tails(
    app: Application, panel: RelationsPanel, qtbot: QtBot
) -> None:
    fill(app)
    app.directions.relations.take_text("country 1, capital 1")
    settle(app, qtbot)
    assert [panel.rows.cell(0, at) for at in (2, 3)] == ["1.00", "–"]  # noqa: RUF001
    assert "shuffled" not in panel.detail.words.text()
    assert "0 of 1 pair disagree" in panel.detail.words.text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_control_has_a_name_and_a_tip(
    app: Application, panel: RelationsPanel, qtbot: QtBot, qapp: QApplication, theme: str
) -> None:
    apply_theme(qapp, theme)  # type: ignore[arg-type]
    judged(app, panel, qtbot)
    nameless = [
        widget
        for kind in CONTROLS
        for widget in panel.findChildren(kind)
        if not widget.objectName().startswith("qt_") and not widget.accessibleName()
    ]
    assert not nameless
    buttons = panel.findChildren(QPushButton) + panel.findChildren(QComboBox)
    assert all(button.toolTip() for button in buttons)
    assert panel.minimumSizeHint().width() <= 700
    OUT.mkdir(exist_ok=True)
    panel.grab().save(str(OUT / f"relations-{theme}.png"))
    apply_theme(qapp, "light")
