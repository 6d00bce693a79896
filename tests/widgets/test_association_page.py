"""The page “Tests” as a person uses it: ticking, running, reading, making and taking along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QTreeWidgetItem,
)
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.panels import association
from app.panels.association_rows import EFFECT, HEAD, SIGN, N
from tests.app.test_association_model import (
    IMPOSSIBLE,
    LONG,
    LOSSY,
    NAMES,
    SETS,
    TEST,
    fill,
)
from widgets.association_detail import NOT_MADE
from widgets.panels.association import AssociationPage
from widgets.panels.directions import DirectionsPanel
from widgets.theme import apply_theme

OUT = Path(__file__).parents[1] / "out"
LEFT = Qt.MouseButton.LeftButton
WIDE, SMALL = (1260, 400), (1000, 280)


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def page(app: Application, qtbot: QtBot) -> Iterator[AssociationPage]:
    panel = DirectionsPanel(app.directions)
    panel.resize(*WIDE)
    panel.show()
    qtbot.waitExposed(panel)
    made = panel.show_page("tests")
    assert isinstance(made, AssociationPage)
    yield made
    delete(panel)


def click_run(app: Application, page: AssociationPage, qtbot: QtBot) -> None:
    QTest.mouseClick(page.run, LEFT)
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


def line(page: AssociationPage, name: str) -> QTreeWidgetItem:
    return next(item for item in page.list.items() if item.text(0) == name)


def cells(page: AssociationPage, at: int) -> list[str]:
    item = page.table.topLevelItem(at)
    assert item is not None
    return [item.text(column) for column in range(len(HEAD))]


def tick(page: AssociationPage, name: str) -> None:
    """Click the box of a line."""
    tree = page.list.tree
    item = line(page, name)
    tree.scrollToItem(item)
    area: QRect = tree.visualItemRect(item)
    QTest.mouseClick(tree.viewport(), LEFT, pos=QPoint(area.left() + 9, area.center().y()))


def test_without_anything_it_says_what_to_do(page: AssociationPage) -> None:
    assert page.empty.isVisible()
    assert page.empty.accessibleName().startswith(association.NO_CORPUS.text)
    assert not page.run.isEnabled()
    assert association.NO_CORPUS.hint in page.run.toolTip()


def test_a_run_fills_table_and_finding(
    app: Application, page: AssociationPage, qtbot: QtBot
) -> None:
    fill(app, TEST, LOSSY, IMPOSSIBLE)
    assert page.table.topLevelItemCount() == 3
    assert cells(page, 0)[EFFECT] == "—"
    assert "Does “X” lean more to “A”" in page.detail.finding.finding.text()
    click_run(app, page, qtbot)
    told = cells(page, 0)
    assert float(told[EFFECT]) > 1
    assert told[N : N + 4] == ["4", "4", "4", "4"]
    assert cells(page, 1)[N] == "4→2"
    item = page.table.topLevelItem(1)
    assert item is not None
    assert not item.icon(SIGN).isNull()
    assert "has 2 of the 4 terms" in item.toolTip(SIGN)
    assert "have no vector here" in item.toolTip(SIGN)
    refused = page.table.topLevelItem(2)
    assert refused is not None
    assert "None of the 1 term" in refused.toolTip(SIGN)
    assert refused.text(EFFECT) == "not made"
    app.directions.tests.look_at("no")
    assert "None of the 1 term of “N”" in page.detail.finding.finding.text()
    assert page.detail.chart.is_empty
    assert page.run.text() == "Run"
    assert not page.run.isEnabled()
    assert association.ALL_DONE.text in page.run.toolTip()


def test_a_row_is_read_in_detail(app: Application, page: AssociationPage, qtbot: QtBot) -> None:
    fill(app, TEST, LOSSY)
    click_run(app, page, qtbot)
    assert page.detail.finding.finding.text().startswith("“X” leans more to “A”")
    assert not page.detail.finding.warnings.isVisible()
    assert "does not show that there is none" in page.detail.finding.limits.text()
    item = page.table.topLevelItem(1)
    assert item is not None
    area = page.table.visualItemRect(item)
    QTest.mouseClick(page.table.viewport(), LEFT, pos=QPoint(20, area.center().y()))
    assert page.detail.title.text() == "lossy"
    assert "50% of “L”" in page.detail.finding.warnings.text()
    assert page.detail.finding.warnings.isVisible()
    page.detail.show_tab("words")
    top = page.detail.words.topLevelItem(0)
    assert top is not None
    assert top.text(0) == "X: L, 2 of 4 words"
    lost = top.child(2)
    assert lost is not None
    assert lost.font(0).strikeOut()
    assert lost.text(2) == "not among the items"


def test_the_chart_shows_every_word_and_says_it(
    app: Application, page: AssociationPage, qtbot: QtBot
) -> None:
    fill(app, TEST)
    click_run(app, page, qtbot)
    page.detail.show_tab("chart")
    chart = page.detail.chart
    assert len(chart.spots()) == 8
    assert [dot.group for dot in chart.dots.dots] == [0, 0, 0, 0, 1, 1, 1, 1]
    first = chart.spots()[0]
    assert chart.spot_at(QPointF(first.area.center())) == 0
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_Down)
    assert chart.words() == first.words
    dot = chart.dots.dots[0]
    assert first.words == f"{dot.term} (X: X): {dot.value:.3f}"
    colours = set()
    image = chart.grab().toImage()
    for x in range(image.width()):
        colours.add(image.pixelColor(x, int(first.area.center().y())).name())
    assert len(colours) > 3, "a stem and a dot are painted"


def test_a_word_leads_to_its_item(app: Application, page: AssociationPage, qtbot: QtBot) -> None:
    fill(app, TEST, LOSSY)
    click_run(app, page, qtbot)
    gone: list[object] = []
    page.row_activated.connect(gone.append)
    page.detail.show_tab("chart")
    QApplication.processEvents()
    chart = page.detail.chart
    dot = chart.dots.dots[2]
    middle = chart.spots()[2].area.center().toPoint()
    QTest.mouseClick(chart, LEFT, pos=middle)
    assert gone == [NAMES.index(dot.term)]
    assert app.document.focus == NAMES.index(dot.term)
    app.directions.tests.look_at("lossy")
    page.detail.show_tab("words")
    tree = page.detail.words
    top = tree.topLevelItem(0)
    assert top is not None
    for at, row in ((1, NAMES.index("x1")), (2, None)):  # found in another spelling; lost
        gone.clear()
        item = top.child(at)
        assert item is not None
        tree.setCurrentItem(item)
        QTest.keyClick(tree, Qt.Key.Key_Return)
        assert gone == ([] if row is None else [row])


def test_ticking_chooses_tests(app: Application, page: AssociationPage, qtbot: QtBot) -> None:
    fill(app, TEST, LOSSY)
    tick(page, "lossy")
    assert [test.name for test in app.directions.tests.chosen] == ["mine"]
    assert page.table.topLevelItemCount() == 1
    QTest.mouseClick(page.list.nothing, LEFT)
    assert page.table.topLevelItemCount() == 0
    assert page.empty.isVisible()
    assert page.empty.accessibleName().startswith(association.NO_TESTS.text)
    QTest.keyClicks(page.list.filter, "loss")
    assert [item.text(0) for item in page.list.items()] == ["lossy"]
    QTest.mouseClick(page.list.all, LEFT)
    assert [test.name for test in app.directions.tests.chosen] == ["lossy"], "those of the list"
    page.list.filter.setText("violin")
    assert [item.text(0)[:6] for item in page.list.items()] == ["WEAT 2"]
    page.list.filter.setText("zzz")
    assert page.list.none.isVisible()


def test_settings_are_taken_from_the_controls(app: Application, page: AssociationPage) -> None:
    fill(app, TEST)
    model = app.directions.tests
    for combo, value in ((page.ddof, 0), (page.correction, "bh")):
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())
    page.runs.setValue(20_000)
    assert (model.settings.ddof, model.settings.correction) == (0, "bh")
    assert model.settings.runs == 20_000
    page.measure.setCurrentIndex(page.measure.findData("mac"))
    page.measure.activated.emit(page.measure.currentIndex())
    assert model.settings.metric == "mac"
    for part in (page.ddof, page.runs, page.correction):
        assert not part.isVisible(), "only WEAT has a p"
    assert page.table.isColumnHidden(EFFECT)
    assert page.words.currentData() == "word"
    assert not page.templates.isVisible()


def test_another_metric_has_its_own_column(
    app: Application, page: AssociationPage, qtbot: QtBot
) -> None:
    fill(app, TEST)
    app.directions.tests.change(metric="mac")
    click_run(app, page, qtbot)
    assert page.table.headerItem().text(5) == "MAC"
    assert "mean cosine distance" in page.detail.finding.finding.text()


def test_a_test_is_made_of_four_sets(app: Application, page: AssociationPage) -> None:
    fill(app)
    QTest.mouseClick(page.list.new, LEFT)
    maker = page.maker
    assert maker is not None
    assert not maker.make.isEnabled()
    assert "needs four sets" in maker.problem.text()
    for part, name in zip("XYAB", "XXAB", strict=True):
        combo = maker.combos[part]
        combo.setCurrentIndex([combo.itemText(i)[:2] for i in range(4)].index(f"{name} "))
    QTest.keyClicks(maker.name, "Mine")
    assert "Both sets of targets are the same" in maker.problem.text()
    maker.combos["Y"].setCurrentIndex(1)
    assert maker.make.isEnabled()
    QTest.mouseClick(maker.make, LEFT)
    (made,) = app.document.word_sets.tests
    assert made.name == "Mine"
    assert made.targets == (SETS["x"], SETS["y"])
    assert line(page, "Mine").checkState(0) == Qt.CheckState.Checked
    assert page.detail.title.text() == "Mine"
    page.list.tree.setFocus()
    assert page.list.remove.isEnabled()
    QTest.keyClick(page.list.tree, Qt.Key.Key_Delete)
    assert not app.document.word_sets.tests


def test_tests_that_come_along_cannot_be_removed(app: Application, page: AssociationPage) -> None:
    fill(app, TEST)
    page.list.tree.setCurrentItem(line(page, "mine"))
    assert page.list.remove.isEnabled()
    ready = next(item for item in page.list.items() if item.text(0).startswith("WEAT 3"))
    page.list.tree.setCurrentItem(ready)
    assert not page.list.remove.isEnabled()
    assert page.detail.title.text() == ready.text(0)
    assert page.detail.finding.limits.text() == NOT_MADE, "it is not among those chosen"
    assert page.detail.words.topLevelItemCount() == 4


def test_the_table_is_copied_and_saved(
    app: Application,
    page: AssociationPage,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(app, TEST, LOSSY)
    assert not page.take.isEnabled()
    click_run(app, page, qtbot)
    page.take.copy()
    copied = QApplication.clipboard().text().splitlines()
    assert copied[0].startswith("test\tmetric\tstatistic\teffect_size")
    assert [row.split("\t")[0] for row in copied[1:]] == ["mine", "lossy"]
    path = tmp_path / "tests.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path), ""))
    page.take.ask_save()
    assert path.read_text("utf-8").splitlines()[1].startswith("mine,WEAT,")
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    shown = QApplication.clipboard().text().splitlines()
    assert shown[0].split("\t")[:2] == ["Test", "d"]
    assert shown[2].split("\t")[0] == "lossy"


def test_running_can_be_stopped(app: Application, page: AssociationPage, qtbot: QtBot) -> None:
    fill(app, TEST)
    QTest.mouseClick(page.run, LEFT)
    assert page.run.text().startswith("Stop")
    QTest.mouseClick(page.run, LEFT)
    assert page.run.text() == "Run"
    assert page.run.isEnabled()
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, SMALL, (320, 500)])
def test_it_fits_and_every_control_says_what_it_is(
    app: Application,
    page: AssociationPage,
    qtbot: QtBot,
    theme: str,
    size: tuple[int, int],
    qapp: QApplication,
) -> None:
    apply_theme(qapp, "dark" if theme == "dark" else "light")
    fill(app, TEST, LOSSY, IMPOSSIBLE)
    click_run(app, page, qtbot)
    panel = page.window()
    panel.resize(*size)
    page.detail.show_tab("chart")
    QApplication.processEvents()
    assert (panel.width(), panel.height()) == size, "it does not widen its dock"
    for kind in (QAbstractButton, QComboBox, QAbstractSpinBox):
        for control in page.findChildren(kind):
            own = control.objectName().startswith(("qt_", "Scroll"))
            if not own and not isinstance(control.parent(), QLineEdit):  # nor Qt's own parts
                assert control.accessibleName(), control
                assert control.toolTip(), control.accessibleName()
    fields = [f for f in page.findChildren(QLineEdit) if f.parent() in (page, page.list)]
    assert all(field.accessibleName() for field in fields)
    OUT.mkdir(exist_ok=True)
    panel.grab().save(str(OUT / f"association-{theme}-{size[0]}.png"))
    apply_theme(qapp, "light")
