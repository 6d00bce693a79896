"""The picture dialog and the clipboard, in a real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.panels.state import Running
from backends.raster.camera import Camera
from widgets.main_window import MainWindow
from widgets.picture_actions import screen_size
from widgets.picture_dialog import PictureDialog
from widgets.theme import apply_theme, current_theme

OUT = Path(__file__).parents[1] / "out"


@pytest.fixture
def application(qtbot: QtBot) -> Iterator[Application]:
    application = Application()
    application.embedding.change(encoder="lexical")
    application.projection.change(method="pca")
    yield application
    assert application.close()


@pytest.fixture
def window(qtbot: QtBot, application: Application, tmp_path: Path) -> Iterator[MainWindow]:
    window = MainWindow(application)
    window.resize(1024, 700)
    window.show()
    path = tmp_path / "animals.csv"
    names = ("cat", "dog", "cow", "trout")
    lines = [f"the {names[i % 4]} number {i},{names[i % 4]}" for i in range(40)]
    path.write_text("text,animal\n" + "\n".join(lines) + "\n", encoding="utf-8")
    window.open_paths((path,))

    def is_drawn() -> bool:
        done = application.document.projection is not None and not application.jobs.live
        return done and window.map.canvas.image.is_idle and window.map.legend.isVisible()

    application.corpus.opened.connect(window.run_named)
    qtbot.waitUntil(is_drawn, timeout=60_000)
    yield window
    for dialog in window.findChildren(PictureDialog):
        application.pictures.stop()
        dialog.close()
    qtbot.waitUntil(lambda: not application.jobs.live, timeout=30_000)
    window.close_unasked()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()


@pytest.fixture
def dialog(window: MainWindow) -> PictureDialog:
    assert window.actions_table.run("export_picture") is None
    (dialog,) = window.findChildren(PictureDialog)
    return dialog


def control(dialog: PictureDialog, name: str, kind: type[QWidget] = QWidget) -> QWidget:
    (found,) = [one for one in dialog.findChildren(kind) if one.accessibleName() == name]
    return found


def click(dialog: PictureDialog, name: str) -> None:
    button = control(dialog, name, QAbstractButton)
    assert isinstance(button, QAbstractButton)
    button.click()


def target(dialog: PictureDialog, path: Path, qtbot: QtBot) -> None:
    line = control(dialog, "File", QLineEdit)
    assert isinstance(line, QLineEdit)
    line.clear()
    qtbot.keyClicks(line, str(path))


def said(dialog: PictureDialog) -> str:
    return "\n".join(one.text() for one in dialog.findChildren(QLabel) if one.isVisible())


def settled(dialog: PictureDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not dialog.preview.is_waiting, timeout=30_000)


def test_a_preview_is_drawn_of_every_choice(dialog: PictureDialog, qtbot: QtBot) -> None:
    settled(dialog, qtbot)
    first = dialog.preview.sample
    assert first is not None
    assert "about" in said(dialog)
    click(dialog, "Legend")
    settled(dialog, qtbot)
    assert dialog.preview.sample is not None
    assert dialog.preview.sample.image != first.image
    click(dialog, "Format: SVG")
    settled(dialog, qtbot)
    assert "40 points as circles" in said(dialog)


def test_the_picture_is_written_as_chosen(
    dialog: PictureDialog, application: Application, tmp_path: Path, qtbot: QtBot
) -> None:
    size = control(dialog, "Size", QComboBox)
    assert isinstance(size, QComboBox)
    size.setFocus()
    qtbot.keyClick(size, Qt.Key.Key_Down)  # from the screen's to 1920 x 1080
    ground = control(dialog, "Ground", QComboBox)
    qtbot.keyClick(ground, Qt.Key.Key_Down)
    target(dialog, tmp_path / "out.png", qtbot)
    with qtbot.waitSignal(dialog.accepted):
        click(dialog, "Export")
    image = QImage(str(tmp_path / "out.png"))
    assert (image.width(), image.height()) == (1920, 1080)
    assert image.pixelColor(0, 0).lightness() < 40
    assert image.text("Corpus") == "animals.csv"
    assert not current_theme().is_dark
    assert application.pictures.settings.ground == "dark"


def test_own_sizes_are_typed_and_too_large_ones_explained(
    dialog: PictureDialog, qtbot: QtBot
) -> None:
    width = control(dialog, "Width in pixels", QSpinBox)
    assert isinstance(width, QSpinBox)
    width.setValue(40_000)
    assert "30,000 pixels a side at most" in said(dialog)
    assert not control(dialog, "Export", QAbstractButton).isEnabled()
    width.setValue(700)
    assert control(dialog, "Export", QAbstractButton).isEnabled()
    size = control(dialog, "Size", QComboBox)
    assert isinstance(size, QComboBox)
    assert size.currentText() == "Other"
    settled(dialog, qtbot)


def test_a_file_in_the_way_is_asked_about(
    dialog: PictureDialog, application: Application, tmp_path: Path, qtbot: QtBot
) -> None:
    there = tmp_path / "a.svg"
    there.write_text("mine")
    click(dialog, "Format: SVG")
    target(dialog, there, qtbot)
    with qtbot.waitSignal(application.pictures.target_exists):
        click(dialog, "Export")
    assert "a.svg is already in" in said(dialog)
    click(dialog, "Keep what is there")
    assert there.read_text() == "mine"
    qtbot.waitUntil(lambda: not isinstance(application.pictures.state, Running))
    with qtbot.waitSignal(application.pictures.target_exists):
        click(dialog, "Export")
    qtbot.waitUntil(lambda: not isinstance(application.pictures.state, Running))
    with qtbot.waitSignal(dialog.accepted):
        click(dialog, "Replace what is there")
    assert there.read_text().startswith("<?xml")


def test_a_stopped_export_leaves_no_file_and_the_dialog_open(
    dialog: PictureDialog, application: Application, tmp_path: Path, qtbot: QtBot
) -> None:
    before = sorted(tmp_path.iterdir())
    application.pictures.change(width=20_000, height=20_000)
    target(dialog, tmp_path / "large.png", qtbot)
    click(dialog, "Export")
    assert isinstance(application.pictures.state, Running)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not isinstance(application.pictures.state, Running)
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: not application.jobs.stopping, timeout=30_000)
    assert sorted(tmp_path.iterdir()) == before
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog) or not dialog.isVisible())


def test_a_failure_is_said_in_the_dialog_which_stays(
    dialog: PictureDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    target(dialog, tmp_path / "animals.csv" / "a.png", qtbot)
    click(dialog, "Export")
    qtbot.waitUntil(lambda: "its parent is a file" in said(dialog))
    assert dialog.isVisible()
    settled(dialog, qtbot)


def test_the_clipboard_holds_the_view_at_twice_its_size(window: MainWindow, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().clear()
    width, height = screen_size(window.map)
    assert width > window.map.canvas.width()  # the legend is seen and so copied
    assert window.actions_table.run("copy_picture") is None
    qtbot.waitUntil(lambda: not QGuiApplication.clipboard().image().isNull())
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (2 * width, 2 * height)


def test_without_a_map_there_is_no_picture(
    qtbot: QtBot, window: MainWindow, application: Application
) -> None:
    application.document.set_corpus(None)
    for name in ("export_picture", "copy_picture"):
        problem = window.actions_table.problem(name)
        assert problem is not None
        assert problem.text == "There is no map yet."


def test_what_is_looked_at_is_exported(
    window: MainWindow, application: Application, qtbot: QtBot
) -> None:
    window.map.canvas.zoom_by(4.0)
    near = window.map.canvas.camera
    window.actions_table.run("export_picture")
    (dialog,) = window.findChildren(PictureDialog)
    settled(dialog, qtbot)
    source = dialog._source
    assert isinstance(source.camera, Camera)
    assert (source.camera.x, source.camera.scale) == (near.x, near.scale)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_small_screen_and_every_control_is_named(
    dialog: PictureDialog, window: MainWindow, qtbot: QtBot, theme: str
) -> None:
    app = QGuiApplication.instance()
    before = current_theme().name
    apply_theme(app, theme)  # type: ignore[arg-type]
    click(dialog, "Format: PDF")  # the one with most rows
    settled(dialog, qtbot)
    assert dialog.minimumSizeHint().width() <= 1000
    assert dialog.minimumSizeHint().height() <= 660
    for kind in (QAbstractButton, QComboBox, QLineEdit, QSpinBox):
        for one in dialog.findChildren(kind):
            if isinstance(one.parent(), QComboBox | QSpinBox):
                continue  # a part of Qt's own
            assert one.accessibleName(), one
    OUT.mkdir(exist_ok=True)
    dialog.grab().save(str(OUT / f"picture-dialog-{theme}.png"))
    apply_theme(app, before)  # type: ignore[arg-type]
