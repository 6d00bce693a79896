"""The page as a person uses it: add files, judge, look at sections, lists and bars, copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent, QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.panels.word_check_rows import HEAD
from tests.app.test_word_checks_model import ITEMS, PAIRS, QUESTIONS, open_words
from tests.backends.evaluate.spaces import vectors_of
from tests.ears import Ears
from widgets.panels.directions import DirectionsPanel
from widgets.panels.word_checks import WordChecksPage
from widgets.theme import apply_theme

OUT = Path(__file__).parents[1] / "out"
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
LONG = 60_000


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def page(app: Application, qtbot: QtBot) -> Iterator[WordChecksPage]:
    panel = DirectionsPanel(app.directions)
    panel.resize(1000, 420)
    panel.show()
    made = panel.show_page("checks")
    assert isinstance(made, WordChecksPage)
    qtbot.waitExposed(panel)
    yield made
    delete(panel)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, ...]:
    paths = tuple(tmp_path / name for name in ("pairs.tsv", "questions.txt", "bad.tsv"))
    for path, text in zip(paths, (PAIRS, QUESTIONS, "a\tb\t1\na\tb\n"), strict=True):
        path.write_text(text, "utf-8")
    return paths


def settle(app: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


def add(page: WordChecksPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, *paths: Path) -> None:
    names = [str(path) for path in paths]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_words: (names, ""))
    before = page.table.topLevelItemCount()
    QTest.mouseClick(page.add, LEFT)
    qtbot.waitUntil(lambda: page.table.topLevelItemCount() == before + len(paths), timeout=LONG)


@pytest.fixture
def judged(
    app: Application,
    page: WordChecksPage,
    qtbot: QtBot,
    files: tuple[Path, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> WordChecksPage:
    open_words(app)
    add(page, monkeypatch, qtbot, *files)
    QTest.mouseClick(page.run, LEFT)
    settle(app, qtbot)
    return page


def cell(page: WordChecksPage, row: int, column: str) -> str:
    item = page.table.topLevelItem(row)
    assert item is not None
    return item.text(HEAD.index(column))


def test_it_says_what_to_do(
    app: Application,
    page: WordChecksPage,
    qtbot: QtBot,
    files: tuple[Path, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert page.empty.isVisible()
    assert "Nothing is open yet." in page.empty.accessibleName()
    assert not page.run.isEnabled()
    open_words(app)
    assert "Add test sets of words." in page.empty.accessibleName()
    assert "questions-words" in page.empty.accessibleName()
    add(page, monkeypatch, qtbot, *files)
    assert page.table.isVisible()
    assert page.run.isEnabled()
    assert not page.verdict.isVisible()
    assert "Line 2" in cell(page, 2, "Test set")


def test_the_button_judges(judged: WordChecksPage) -> None:
    assert cell(judged, 0, "Score") != "—"
    assert (cell(judged, 1, "Score"), cell(judged, 1, "n")) == ("0.750", "4")
    assert "4 analogies right" in judged.verdict.text()
    assert not judged.run.isEnabled()
    assert "Everything is judged." in judged.run.toolTip()
    assert len(judged.chart.bars) == 2


def test_it_stops(
    app: Application,
    page: WordChecksPage,
    qtbot: QtBot,
    files: tuple[Path, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_words(app)
    add(page, monkeypatch, qtbot, files[0])
    QTest.mouseClick(page.run, LEFT)
    assert page.run.text() == "Stop"
    QTest.mouseClick(page.run, LEFT)
    assert page.run.text() == "Judge"
    settle(app, qtbot)


def test_sections_open_and_lists_follow_the_row(judged: WordChecksPage) -> None:
    table = judged.table
    item = table.topLevelItem(1)
    assert item is not None
    at = table.visualItemRect(item).center()
    QTest.mouseClick(table.viewport(), LEFT, PLAIN, at)
    assert judged.tabs.tabText(1) == "Wrong answers"
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert item.isExpanded()
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert table.current == 1  # a section belongs to its file
    QTest.mouseClick(judged.tabs, LEFT, PLAIN, judged.tabs.tabRect(1).center())
    assert judged.misses.isVisible()
    found = judged.misses.list.topLevelItem(0)
    assert found is not None
    missed = ["man", "king", "woman", "filler1", "queen"]
    assert [found.text(column) for column in range(5)] == missed
    QTest.mouseClick(judged.misses.copy, LEFT)
    assert QGuiApplication.clipboard().text().splitlines()[1] == "\t".join(missed)
    table.choose(0)
    assert judged.tabs.tabText(1) == "Misjudged"
    QTest.mouseClick(judged.tabs, LEFT, PLAIN, judged.tabs.tabRect(1).center())
    assert judged.misses.list.topLevelItemCount() == 4
    QTest.mouseClick(judged.tabs, LEFT, PLAIN, judged.tabs.tabRect(2).center())
    assert judged.lost.list.topLevelItemCount() == 1
    judged.lost.list.setFocus()
    QTest.keyClick(judged.lost.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "unicorn" in QGuiApplication.clipboard().text()
    table.choose(2)
    QTest.mouseClick(judged.tabs, LEFT, PLAIN, judged.tabs.tabRect(1).center())
    assert "Line 2" in judged.misses.about.text()


def test_keys_of_the_table(judged: WordChecksPage) -> None:
    table = judged.table
    table.setFocus()
    table.choose(0)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("Test set\tMeasure")
    assert "royal" in copied
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert table.topLevelItemCount() == 2
    table.choose(0)
    QTest.mouseClick(judged.remove, LEFT)
    assert table.topLevelItemCount() == 1


def test_bars_are_walked_clicked_and_told(judged: WordChecksPage, qtbot: QtBot) -> None:
    chart = judged.chart
    chart.setFocus()
    with Ears() as ears:
        QTest.keyClick(chart, Qt.Key.Key_Down)
        QTest.keyClick(chart, Qt.Key.Key_Down)
    assert "questions.txt, words: 3CosAdd 0.750" in ears.heard[-1]
    assert chart.words() == ears.heard[-1]
    QTest.keyClick(chart, Qt.Key.Key_Return)
    assert judged.table.current == 1
    first = chart.bar_rect(0).center().toPoint()
    QTest.mouseClick(chart, LEFT, PLAIN, first)
    assert judged.table.current == 0
    at = chart.mapToGlobal(first)
    QApplication.sendEvent(chart, QHelpEvent(QHelpEvent.Type.ToolTip, first, at))
    qtbot.waitUntil(lambda: "above random vectors" in QToolTip.text())
    QToolTip.hideText()
    assert QAccessible.queryAccessibleInterface(chart).role() == QAccessible.Role.Chart


def test_bars_grow_with_the_gain(judged: WordChecksPage) -> None:
    one, two = judged.chart.bars
    lengths = [judged.chart.bar_rect(at).width() for at in range(2)]
    assert lengths[0] / lengths[1] == pytest.approx(one.value / two.value, rel=0.05)


def test_choices_of_case_column_restriction_and_reference(
    app: Application, judged: WordChecksPage, qtbot: QtBot
) -> None:
    corpus = app.document.corpus
    assert corpus is not None
    noise = vectors_of(corpus, np.random.default_rng(0).normal(size=(len(ITEMS), 3)), "noise")
    app.document.add_embeddings(noise)
    assert judged.run.isEnabled()  # the new ones are not judged yet
    QTest.mouseClick(judged.run, LEFT)
    settle(app, qtbot)
    assert [judged.reference.itemText(i) for i in range(3)] == ["None", "noise", "words"]
    judged.reference.setFocus()
    QTest.keyClick(judged.reference, Qt.Key.Key_Down)
    assert app.directions.checks.reference is noise
    assert cell(judged, 0, "Gain") == "100%"
    judged.case.setFocus()
    QTest.keyClick(judged.case, Qt.Key.Key_Down)
    assert app.directions.checks.settings.case == "exact"
    assert cell(judged, 0, "Score") == "—"
    judged.restrict.setFocus()
    judged.restrict.selectAll()
    QTest.keyClicks(judged.restrict, "20")
    QTest.keyClick(judged.restrict, Qt.Key.Key_Return)
    assert app.directions.checks.settings.restrict == 20
    assert judged.column.currentText() == "word"


def test_the_csv_is_copied_and_saved(
    app: Application, judged: WordChecksPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judged.copy_csv.trigger()
    assert QGuiApplication.clipboard().text() == app.directions.checks.csv_text()
    name = str(tmp_path / "scores")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_words: (name, ""))
    judged.save.trigger()
    assert (tmp_path / "scores.csv").read_text("utf-8") == app.directions.checks.csv_text()


def test_the_chart_is_copied_and_saved(
    judged: WordChecksPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judged.copy_picture.trigger()
    image = QGuiApplication.clipboard().image()
    assert image.size() == 2 * judged.chart.size()
    inks = {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(60)}
    assert len(inks) > 5  # bars, words, the axis
    for action, kind, head in (
        (judged.save_png, "png", b"\x89PNG"),
        (judged.save_svg, "svg", b"<?xml"),
    ):
        name = str(tmp_path / f"gain.{kind}")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_words, name=name: (name, ""))
        action.trigger()
        assert Path(name).read_bytes().startswith(head)
    drawn = (tmp_path / "gain.svg").read_text("utf-8")
    assert "pairs.tsv" in drawn
    assert "score above random vectors" in drawn


def test_words_get_the_room_that_numbers_leave(judged: WordChecksPage, qtbot: QtBot) -> None:
    judged.window().resize(1000, 400)
    judged.tabs.setCurrentIndex(1)
    table = judged.misses.list
    assert table.topLevelItemCount()
    qtbot.waitUntil(lambda: table.columnWidth(0) > table.columnWidth(2))
    assert table.horizontalScrollBar().maximum() == 0


def test_files_are_dropped(
    app: Application, page: WordChecksPage, qtbot: QtBot, files: tuple[Path, ...]
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in files[:2]])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(50, 200), copy, mime, LEFT, none)
    QApplication.sendEvent(page, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(50, 200), copy, mime, LEFT, none))
    qtbot.waitUntil(lambda: page.table.topLevelItemCount() == 2, timeout=LONG)
    assert app.document.corpus is None


def test_every_control_has_a_name_and_a_tooltip(judged: WordChecksPage) -> None:
    controls = [judged.column, judged.case, judged.restrict, judged.reference, judged.tabs]
    controls += judged.findChildren(QPushButton)
    for control in controls:
        assert control.accessibleName(), control
        assert control.toolTip(), control
    named: list[QWidget] = [judged.table, judged.chart, judged.misses.list, judged.lost.list]
    assert all(each.accessibleName() for each in named)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_is_looked_at(
    app: Application, judged: WordChecksPage, theme: str, qtbot: QtBot
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, theme)  # type: ignore[arg-type]
    panel = judged.window()
    for width, height in ((1000, 300), (420, 620)):
        panel.resize(width, height)
        assert judged.minimumSizeHint().width() <= 400
        assert judged.grab().save(str(OUT / f"word-checks-{theme}-{width}.png"))
    apply_theme(application, "light")
