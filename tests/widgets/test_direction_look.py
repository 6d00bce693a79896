"""The page “Find and look” as a person uses it: make, look, ask, take along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from backends.directions.wordsets import Collection, WordSet
from tests import directions
from tests.directions import JOBS, LEANING, WORDS, settle
from widgets.panels.direction_look import VIEWS, DirectionLookPage
from widgets.theme import apply_theme

OUT = Path(__file__).parents[1] / "out"
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
THREE = "he, she\nman, woman\nking, queen"


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def page(app: Application, qtbot: QtBot) -> Iterator[DirectionLookPage]:
    made = DirectionLookPage(app.directions)
    made.resize(1000, 360)
    made.show()
    qtbot.waitExposed(made)
    yield made
    settle(app, qtbot)
    delete(made)


def pick(combo: QComboBox, data: object) -> None:
    """Choose an entry as a person does."""
    at = combo.findData(data)
    assert at >= 0
    combo.setCurrentIndex(at)
    combo.activated.emit(at)


def write(field: QPlainTextEdit, words: str) -> None:
    QApplication.clipboard().setText(words)
    field.selectAll()
    field.paste()


def make(app: Application, page: DirectionLookPage, qtbot: QtBot, words: str = THREE) -> None:
    QTest.mouseClick(page.list.new, LEFT)
    form = page.form
    pick(form.source, "pairs")
    field = form.forms["pairs"].text  # type: ignore[attr-defined]
    write(field, words)
    QTest.mouseClick(form.run, LEFT)
    settle(app, qtbot)


def click_spot(chart: QWidget, number: int) -> None:
    spot = chart.spots()[number]  # type: ignore[attr-defined]
    QTest.mouseClick(chart, LEFT, PLAIN, spot.area.center().toPoint())


def test_an_empty_page_says_what_to_do(app: Application, page: DirectionLookPage) -> None:
    assert page.form.isVisible()
    assert "Nothing is open yet." in page.form.status.text()
    assert not page.form.run.isEnabled()
    assert "Nothing is open yet." in page.form.run.toolTip()
    page.show_view("extremes")
    assert page.empty.isVisible()
    assert page.empty.accessibleName() == "Nothing is open yet. Open a file or the sample."
    directions.fill(app)
    assert "There is no direction yet." in page.empty.accessibleName()
    assert not page.colour.isEnabled()
    assert "There is no direction yet." in page.colour.toolTip()


def test_pairs_are_typed_found_and_told(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    directions.fill(app)
    make(app, page, qtbot, f"{THREE}\nyak, cow\nBoy, Girl")
    assert page.evidence.isVisible()
    told = page.evidence.facts.text()
    assert "4 pairs: mean cosine with the direction" in told
    assert "1 term left out: yak → cow" in told
    assert "Boy as boy" in page.evidence.details.text()
    assert page.list.list.count() == 1
    assert page.list.list.item(0).text() == "he → she"
    bars = page.evidence.pairs
    assert len(bars.spots()) == 4
    assert "cosine" in bars.spots()[0].words
    assert "random pairs" in page.evidence.scree.spots()[0].words


def test_a_word_set_fills_the_form_and_methods_that_do_not_fit_are_off(
    app: Application, page: DirectionLookPage
) -> None:
    directions.fill(app)
    form = page.form
    pick(form.source, "sets")
    lists = form.forms["sets"]
    pick(lists.sets[1], "Career")  # type: ignore[attr-defined]
    assert "executive" in lists.texts[1].toPlainText()  # type: ignore[attr-defined]
    assert lists.names[1].text() == "Career"  # type: ignore[attr-defined]
    at = form.method.findData("components")
    assert not form.method.model().flags(form.method.model().index(at, 0)) & (
        Qt.ItemFlag.ItemIsEnabled
    )
    assert "needs pairs" in form.method.itemData(at, Qt.ItemDataRole.ToolTipRole)
    assert form.method.currentData() == "difference"
    assert not form.components.isVisible()
    pick(form.source, "pairs")
    assert form.components.isVisible()


def test_a_problem_is_said_where_the_button_is(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    directions.fill(app)
    make(app, page, qtbot, "yak, gnu")
    assert "The pair cannot be used" in page.form.status.text()
    write(page.form.forms["pairs"].text, "he")  # type: ignore[attr-defined]
    assert "Line 1 is no pair: “he”." in page.form.status.text()
    assert not page.form.run.isEnabled()


def test_selections_are_taken_by_buttons(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    directions.fill(app)
    pick(page.form.source, "selections")
    form = page.form.forms["selections"]
    assert not form.take[1].isEnabled()  # type: ignore[attr-defined]
    assert "Nothing is selected." in form.take[1].toolTip()  # type: ignore[attr-defined]
    directions.choose(app, "she", "woman", "queen")
    QTest.mouseClick(form.take[1], LEFT)  # type: ignore[attr-defined]
    assert form.shown[1].text() == "3 items: she woman queen"  # type: ignore[attr-defined]
    assert form.shown[0].text() == "the others"  # type: ignore[attr-defined]
    QTest.mouseClick(page.form.run, LEFT)
    settle(app, qtbot)
    assert app.document.direction is not None
    assert app.document.direction.ends == ("the others", "she woman queen")
    assert "no words" not in page.evidence.facts.text()


def test_a_column_and_its_values_are_offered(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    directions.fill(app)
    settle(app, qtbot)
    pick(page.form.source, "column")
    form = page.form.forms["column"]
    pick(form.column, "kind")  # type: ignore[attr-defined]
    settle(app, qtbot)
    pick(form.values[1], "person")  # type: ignore[attr-defined]
    QTest.mouseClick(page.form.run, LEFT)
    settle(app, qtbot)
    assert "held-out examples apart" in page.evidence.facts.text()
    assert not page.evidence.scree.isVisible()


def test_the_list_renames_removes_and_marks_other_vectors(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    first = directions.fill(app)
    make(app, page, qtbot)
    make(app, page, qtbot, "boy, girl\nuncle, aunt")
    rows = page.list.list
    assert [rows.item(row).text() for row in range(2)] == ["he → she", "boy → girl"]
    QTest.mouseClick(page.list.rename, LEFT)
    editor = rows.findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "youth")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows.item(1).text() == "youth")
    assert app.history.undo_text == "rename direction “boy → girl”"
    QTest.mouseClick(page.list.remove, LEFT)
    assert rows.count() == 1
    assert app.document.direction is app.document.directions[0]
    app.history.undo()
    assert rows.count() == 2
    app.document.add_embeddings(directions.vectors(seed=1))
    told = rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "words 0" in told
    assert "not usable here" in told
    page.show_view("evidence")
    assert "other vectors" in page.empty.accessibleName()
    app.document.set_active(first.fingerprint)
    assert page.evidence.isVisible()


def test_extremes_lead_to_items(app: Application, page: DirectionLookPage, qtbot: QtBot) -> None:
    directions.fill(app)
    make(app, page, qtbot)
    page.show_view("extremes")
    settle(app, qtbot)
    bars = page.extremes.bars
    assert page.extremes.among.currentText() == "all items"  # so few have no rare ones
    assert bars.spots()[0].words.startswith(("he: −", "man: −", "king: −", "boy: −", "uncle: −"))  # noqa: RUF001
    gone: list[object] = []
    page.row_activated.connect(gone.append)
    click_spot(bars, 0)
    assert gone == [app.document.focus]
    assert app.document.focus == bars.spots()[0].row
    bars.setFocus()
    QTest.keyClick(bars, Qt.Key.Key_Right)
    QTest.keyClick(bars, Qt.Key.Key_Return)
    assert app.document.focus == bars.spots()[15].row
    QTest.keyClicks(page.extremes.search, "nurse")
    QTest.keyClick(page.extremes.search, Qt.Key.Key_Return)
    settle(app, qtbot)
    assert page.extremes.results.topLevelItem(0).text(0) == "“nurse” itself"
    item = page.extremes.results.topLevelItem(1)
    assert item.text(0) == "nurse"
    where = page.extremes.results.visualItemRect(item).center()
    QTest.mouseClick(page.extremes.results.viewport(), LEFT, PLAIN, where)
    assert app.document.focus == WORDS.index("nurse")
    QTest.mouseClick(page.extremes.select_high, LEFT)
    assert len(app.document.selection) == 15


def test_groups_and_direct_bias(app: Application, page: DirectionLookPage, qtbot: QtBot) -> None:
    directions.fill(app)
    app.document.set_word_sets(Collection((WordSet("jobs", "terms", (*JOBS, "smith")),)))
    make(app, page, qtbot)
    page.show_view("spread")
    view = page.spread
    pick(view.groups, "column")
    settle(app, qtbot)
    assert "person" in view.chart.spots()[0].words
    pick(view.groups, "selection")
    assert "Nothing is selected." in view.note.text()
    pick(view.bias_on, "jobs")
    QTest.mouseClick(view.measure, LEFT)
    settle(app, qtbot)
    assert view.bias.text().startswith("Direct bias 0.")
    assert "smith (not among the items)" in view.bias.text()
    pick(view.groups, "sets")
    next(a for a in view._set_menu.actions() if a.data() == "jobs").trigger()
    settle(app, qtbot)
    assert "jobs" in view.chart.spots()[0].words


def test_two_axes_and_a_map(app: Application, page: DirectionLookPage, qtbot: QtBot) -> None:
    directions.fill(app)
    make(app, page, qtbot)
    page.show_view("plane")
    assert "There is no second direction" in page.plane.note.text()
    assert not page.plane.lay_out.isEnabled()
    make(app, page, qtbot, "thing1, thing2\nthing3, thing4")
    page.show_view("plane")
    settle(app, qtbot)
    cloud = page.plane.cloud
    assert "Cosine of the two directions" in page.plane.note.text()
    at = cloud.position_of(0).toPoint()
    QTest.mouseClick(cloud, LEFT, PLAIN, at)
    assert app.document.focus is not None
    assert cloud.spot_at(cloud.position_of(3)) == 3
    QTest.mouseClick(page.plane.lay_out, LEFT)
    settle(app, qtbot)
    assert app.document.projection is not None
    assert app.document.projection.title == "thing1 → thing2 by he → she"
    page.fill_layouts().actions()[0].trigger()
    settle(app, qtbot)
    assert app.document.projection.title == "thing1 → thing2 by the rest"


def test_words_and_numbers(
    app: Application, page: DirectionLookPage, qtbot: QtBot, tmp_path: Path
) -> None:
    directions.fill(app)
    make(app, page, qtbot)
    page.show_view("words")
    along, analogies = page.words.along, page.words.analogies
    QTest.mouseClick(along.ask, LEFT)
    assert "Two words are needed." in along.note.text()
    QTest.keyClicks(along.first, "nurse")
    QTest.keyClicks(along.second, "doctor")
    QTest.keyClick(along.second, Qt.Key.Key_Return)
    QTest.mouseClick(analogies.ask, LEFT)
    assert analogies.ask.text() == "Stop"
    settle(app, qtbot)
    assert "Of the likeness of nurse and doctor" in along.note.text()
    assert along.table.topLevelItemCount() == 2
    assert "Nissim et al. 2020" in analogies.note.text()
    assert analogies.table.topLevelItemCount() > 0
    numbers = {"leaning": LEANING}
    app.document.set_word_sets(Collection((WordSet("jobs", "scores", JOBS, (), numbers),)))
    page.show_view("shares")
    at = page.shares.reference.findText("jobs")
    page.shares.reference.setCurrentIndex(at)
    page.shares.reference.activated.emit(at)
    settle(app, qtbot)
    assert "Pearson r = 0." in page.shares.note.text()
    assert "n = 6" in page.shares.note.text()


def test_tables_and_pictures_are_taken_away(
    app: Application,
    page: DirectionLookPage,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    directions.fill(app)
    make(app, page, qtbot)
    page.show_view("extremes")
    settle(app, qtbot)
    take = page.extremes.take
    actions = {action.text(): action for action in take.fill().actions() if action.text()}
    actions["Copy table"].trigger()
    assert QApplication.clipboard().text().startswith("end\tplace\trow\tname\tprojection\n")
    for words, name in (
        ("Save as CSV…", "ends.csv"),
        ("Save as PNG…", "ends.png"),
        ("Save as SVG…", "ends.svg"),
    ):
        path = tmp_path / name
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_args, path=path: (str(path), "")
        )
        actions[words].trigger()
        assert path.stat().st_size > 300
    assert "queen" in (tmp_path / "ends.svg").read_text("utf-8")


def test_the_map_is_coloured_by_a_button(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    directions.fill(app)
    make(app, page, qtbot)
    QTest.mouseClick(page.column, LEFT)
    settle(app, qtbot)
    assert app.document.corpus is not None
    assert "Projection on he → she" in app.document.corpus.columns
    QTest.mouseClick(page.colour, LEFT)
    settle(app, qtbot)
    assert app.map.colour_by == "Projection on he → she"


def test_it_computes_only_while_it_is_seen(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    page.hide()
    directions.fill(app)
    directions.found(app, qtbot)
    assert app.directions.look.values is None
    page.show()
    settle(app, qtbot)
    assert app.directions.look.values is not None


def test_every_control_has_a_name_and_a_tip(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    directions.fill(app)
    make(app, page, qtbot)
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QAbstractSpinBox)
    for kind in kinds:
        for control in page.findChildren(kind):
            inner = isinstance(control.parent(), QAbstractSpinBox | QComboBox)
            if inner or control.objectName().startswith("qt_") or not control.isVisibleTo(page):
                continue
            if isinstance(control.parent(), QLineEdit) or "QTabBar" in str(control.parent()):
                continue
            assert control.accessibleName(), control
            assert control.toolTip(), control.accessibleName()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1000, 300), (300, 460)])
def test_all_views_fit_their_dock(
    app: Application, page: DirectionLookPage, qtbot: QtBot, theme: str, size: tuple[int, int]
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, theme)  # type: ignore[arg-type]
    directions.fill(app)
    make(app, page, qtbot)
    page.resize(*size)
    OUT.mkdir(exist_ok=True)
    for name, _title, _tip in VIEWS:
        page.show_view(name)
        settle(app, qtbot)
        page.grab().save(str(OUT / f"directions-{name}-{theme}-{size[0]}.png"))
    page.show_view("make")
    assert page.width() == size[0]  # no view widens its dock
    if size[0] > 600:  # the button is seen without scrolling
        run = page.form.run
        assert page.rect().contains(run.mapTo(page, QPoint(0, run.height())))
    apply_theme(application, "light")
