"""Charts as pictures to take away: what the symbols mean stands above the points."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.notices import Notices
from backends.errors import UnwritableFile
from backends.files import replacing
from widgets.theme import current_theme

FINE = 2  # pixels of a picture to one on the screen
GAP = 4  # logical pixels around the legend


class Key(Protocol):
    """Says what symbols mean."""

    def height_in(self, width: int) -> int:
        """How high it is in a width, in logical pixels."""

    def paint_on(self, painter: QPainter, width: int) -> None:
        """Paint it from the origin."""


class Pictured(Protocol):
    """A chart that can be painted anywhere: a widget with these beside what widgets have."""

    @property
    def view(self) -> QWidget:
        """What its picture is as large as."""

    def paint_on(self, painter: QPainter, area: QRectF) -> None:
        """Paint it into an area of any device."""

    def fit(self) -> None:
        """Show everything."""

    def accessibleName(self) -> str:
        """What it is called."""


class Speaker(Protocol):
    """Whoever has notices to say that something was saved, or was not."""

    @property
    def notices(self) -> Notices:
        """Where it is said."""


def picture_menu(chart: Pictured, key: Key | None, model: Speaker, parent: QWidget) -> QMenu:
    """What can be done with the picture of a chart."""
    menu = QMenu(chart.accessibleName(), parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    fill_picture_menu(menu, chart, key, model)
    return menu


def fill_picture_menu(menu: QMenu, chart: Pictured, key: Key | None, model: Speaker) -> None:
    """Add copying and saving of a chart to a menu."""
    for words, run in (
        ("Copy picture", lambda: QGuiApplication.clipboard().setImage(image_of(chart, key))),
        ("Save as PNG…", lambda: ask_picture(chart, key, model, "png")),
        ("Save as SVG…", lambda: ask_picture(chart, key, model, "svg")),
        ("Show all points (Home)", chart.fit),
    ):
        action = QAction(words, menu)
        action.triggered.connect(lambda _on=False, run=run: run())
        menu.addAction(action)


def ask_picture(chart: Pictured, key: Key | None, model: Speaker, kind: str) -> None:
    """Ask where to, and save."""
    name = f"{chart.accessibleName().lower()}.{kind}"
    path, _kind = QFileDialog.getSaveFileName(
        chart.view, "Save the chart", name, f"{kind.upper()} (*.{kind})"
    )
    if path:
        save_picture(chart, key, model, Path(path).with_suffix(f".{kind}"))


def save_picture(chart: Pictured, key: Key | None, model: Speaker, path: Path) -> None:
    """Write the picture of a chart; a failure is said."""
    data = svg_of(chart, key) if path.suffix == ".svg" else png_of(chart, key)
    try:
        with replacing(path) as draft:
            draft.write_bytes(data)
    except UnwritableFile as error:
        model.notices.failure(error, "")
        return
    model.notices.info(f"The chart is in {path}.")


def image_of(chart: Pictured, key: Key | None, fine: int = FINE) -> QImage:
    """The chart with its key, if it has one, so many times as fine as on the screen."""
    image = QImage(_size(chart, key) * fine, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing)
    _paint(painter, chart, key, fine)
    painter.end()
    return image


def png_of(chart: Pictured, key: Key | None) -> bytes:
    """The same as a PNG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image_of(chart, key).save(buffer, "PNG")  # type: ignore[call-overload]  # any device will do
    return bytes(buffer.data().data())


def svg_of(chart: Pictured, key: Key | None) -> bytes:
    """The chart with its key as an SVG, its points as curves and its words as text."""
    from PySide6.QtSvg import QSvgGenerator

    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    size = _size(chart, key)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setResolution(chart.view.logicalDpiX())  # or axes and points are of different scales
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(chart.accessibleName())
    painter = QPainter(generator)
    _paint(painter, chart, key, 1)
    painter.end()
    buffer.close()
    return bytes(data.data())


def _size(chart: Pictured, key: Key | None) -> QSize:
    size = chart.view.size()
    above = key.height_in(size.width() - 2 * GAP) + 2 * GAP if key is not None else 0
    return QSize(size.width(), size.height() + above)


def _paint(painter: QPainter, chart: Pictured, key: Key | None, fine: int) -> None:
    """The key, and below it the chart, `fine` times as large."""
    size, view = _size(chart, key) * fine, chart.view.size() * fine
    painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(current_theme().base))
    if key is not None:
        painter.save()
        painter.scale(fine, fine)
        painter.translate(GAP, GAP)
        key.paint_on(painter, chart.view.width() - 2 * GAP)
        painter.restore()
    top = size.height() - view.height()
    chart.paint_on(painter, QRectF(0, top, view.width(), view.height()))
