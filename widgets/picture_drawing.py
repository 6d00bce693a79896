"""Draws pages: as one image, strip by strip into a PNG, or as an SVG or PDF with real letters.

Runs in a worker; all it needs is in the page and the stock of points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPicture,
)

from app.panels.pictures import FEW_CIRCLES, Dotting, Format
from backends.errors import BackendError
from backends.png import PngWriter
from backends.reporting import SILENT, Report
from widgets.picture_page import Page, paint_of, painting
from widgets.picture_points import Drawing, Stock

MOST_IMAGE = 100_000_000  # pixels of the points inside an SVG or PDF
MOST_CIRCLES = 200_000
SCREEN_DPI = 96  # of recordings; whatever they are played on has to agree
MM = 25.4  # in an inch
PREMULTIPLIED = QImage.Format.Format_ARGB32_Premultiplied
HINTS = (
    QPainter.RenderHint.Antialiasing
    | QPainter.RenderHint.TextAntialiasing
    | QPainter.RenderHint.SmoothPixmapTransform
    | QPainter.RenderHint.LosslessImageRendering
)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A page with its points ready, and what the file says of itself."""

    page: Page
    drawing: Drawing
    dpi: int = SCREEN_DPI
    dotting: Dotting = "auto"
    facts: Mapping[str, str] | None = None

    def as_circles(self) -> bool:
        """Whether points become circles in an SVG or PDF.

        Raises: BackendError if circles are wanted of more points than a viewer can bear.
        """
        if self.dotting == "image":
            return False
        count = int(self.drawing.visible().sum())
        if self.dotting == "circles" and count > MOST_CIRCLES:
            raise BackendError(
                f"{count:,} points are too many for circles; {MOST_CIRCLES:,} is the most.",
                hint="Choose an image for the points, or look at a part of the map.",
            )
        return self.dotting == "circles" or count <= FEW_CIRCLES


def prepare(page: Page, stock: Stock) -> Drawing:
    """Make the points of a page ready. Takes a while with many."""
    return stock.drawing(
        page.source.layout, page.theme.name, paint_of(page), page.camera, page.source.size
    )


def draw_strip(sheet: Sheet, top: int, lines: int) -> QImage:
    """Pixel rows `top` to `top + lines` of a page, premultiplied.

    Raises: BackendError if there is not enough memory.
    """
    page = sheet.page
    image = _blank(page.width, lines)
    image.fill(page.ground if page.ground is not None else QColor(0, 0, 0, 0))
    left, first = page.spot
    begin, end = max(top, first), min(top + lines, first + page.camera.height)
    with painting(image) as painter:
        painter.setRenderHints(HINTS)
        painter.translate(0, -top)
        if begin < end:
            pixels = sheet.drawing.strip(begin - first, end - begin)
            painter.drawImage(QPointF(left, begin), _image_over(pixels))
        painter.scale(page.ratio, page.ratio)
        _paint_over(painter, page)
    return image


def draw_image(sheet: Sheet) -> QImage:
    """The whole page as one image, for a preview or the clipboard."""
    return draw_strip(sheet, 0, sheet.page.height)


def write_picture(sheet: Sheet, form: Format, path: Path, report: Report = SILENT) -> None:
    """Write a page in a format.

    Raises: OSError, BackendError, Cancelled.
    """
    writers: dict[Format, Callable[[Sheet, Path, Report], None]] = {
        "png": _write_png,
        "svg": _write_svg,
        "pdf": _write_pdf,
    }
    writers[form](sheet, path, report)


def _write_png(sheet: Sheet, path: Path, report: Report) -> None:
    page = sheet.page
    lines = sheet.drawing.block
    channels = 4 if page.ground is None else 3
    with path.open("wb") as file:
        writer = PngWriter(
            file, page.width, page.height, channels=channels, dpi=sheet.dpi, texts=sheet.facts
        )
        for top in range(0, page.height, lines):
            report.step(top, page.height, f"Line {top:,} of {page.height:,}")
            strip = draw_strip(sheet, top, min(lines, page.height - top))
            writer.write(bytes_of(strip, channels))
        writer.close()


def _write_svg(sheet: Sheet, path: Path, report: Report) -> None:
    from PySide6.QtSvg import QSvgGenerator  # only here: it costs the start its time

    page = sheet.page
    points = _points_of(sheet, report)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # 1.1 clips, the default (Tiny 1.2) does not.
    made = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    made.setOutputDevice(buffer)
    made.setResolution(SCREEN_DPI)
    made.setSize(QSize(page.width, page.height))
    made.setViewBox(QRectF(0, 0, *page.size))
    facts = dict(sheet.facts or {})
    made.setTitle(facts.get("Title", ""))
    made.setDescription(_sentence(facts))
    with painting(made) as painter:
        _paint_page(painter, sheet, points)
    report.step(1, 2, "Writing")
    path.write_bytes(_mended(bytes(buffer.data().data()), sheet))


def _write_pdf(sheet: Sheet, path: Path, report: Report) -> None:
    page = sheet.page
    points = _points_of(sheet, report)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    made = QPdfWriter(buffer)
    made.setResolution(SCREEN_DPI)
    inches = (page.width / sheet.dpi, page.height / sheet.dpi)
    size = QSizeF(*(side * MM for side in inches))
    made.setPageSize(QPageSize(size, QPageSize.Unit.Millimeter, "", _EXACT))
    made.setPageMargins(QMarginsF(0, 0, 0, 0))
    facts = dict(sheet.facts or {})
    made.setTitle(facts.get("Title", ""))
    made.setCreator(_sentence(facts))
    grown = SCREEN_DPI / sheet.dpi * page.ratio
    with painting(made) as painter:
        painter.scale(grown, grown)
        _paint_page(painter, sheet, points)
    report.step(1, 2, "Writing")
    path.write_bytes(buffer.data().data())


_EXACT = QPageSize.SizeMatchPolicy.ExactMatch


def _points_of(sheet: Sheet, report: Report) -> QImage | None:
    """The points as one image, or None where they become circles."""
    report.step(0, 2, "Drawing")
    return None if sheet.as_circles() else _points_image(sheet, report)


def _paint_page(painter: QPainter, sheet: Sheet, points: QImage | None) -> None:
    """Paint everything in logical pixels; letters and lines stay what they are."""
    page = sheet.page
    painter.setRenderHints(HINTS)
    if page.ground is not None:
        painter.fillRect(QRectF(0, 0, *page.size), page.ground)
    painter.save()
    painter.setClipRect(page.room)
    if points is None:
        _paint_circles(painter, sheet)
    else:
        painter.drawImage(page.room, points)
    painter.restore()
    _paint_over(painter, page)


def _paint_circles(painter: QPainter, sheet: Sheet) -> None:
    ratio, corner = sheet.page.ratio, sheet.page.room.topLeft()
    radius = sheet.drawing.radius / ratio
    painter.setPen(Qt.PenStyle.NoPen)
    for kind in sheet.drawing.circles():
        ink = QColor(*kind.colour)
        ink.setAlphaF(kind.opacity)
        painter.setBrush(ink)
        for x, y in (kind.spots / ratio).tolist():
            painter.drawEllipse(corner + QPointF(x, y), radius, radius)


def _points_image(sheet: Sheet, report: Report) -> QImage:
    """The points as one image, opaque where there is a ground.

    Raises: BackendError if it is too large.
    """
    page, camera = sheet.page, sheet.page.camera
    if camera.width * camera.height > MOST_IMAGE:
        raise BackendError(
            f"An SVG or PDF can hold {MOST_IMAGE // 1_000_000} million pixels of points at most.",
            hint="Choose PNG, or a smaller width or height.",
        )
    image = _blank(camera.width, camera.height)
    image.fill(page.ground if page.ground is not None else QColor(0, 0, 0, 0))
    lines = sheet.drawing.block
    with painting(image) as painter:
        for top in range(0, camera.height, lines):
            report.step(top, 2 * camera.height, "Drawing the points")
            pixels = sheet.drawing.strip(top, min(lines, camera.height - top))
            painter.drawImage(QPointF(0, top), _image_over(pixels))
    if page.ground is not None:
        image.reinterpretAsFormat(QImage.Format.Format_RGB32)
    return image


def _paint_over(painter: QPainter, page: Page) -> None:
    """Paint layers, title and legend, in logical pixels."""
    if page.layers is not None:
        painter.save()
        painter.setClipRect(page.room)
        painter.translate(page.room.topLeft())
        play(page.layers, painter)
        painter.restore()
    for text, font, ink, room in page.heading:
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(ink)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QPointF(room.left(), room.top() + metrics.ascent()), shown)
    if page.legend is not None:
        page.legend.paint(painter, page.legend_room)


def play(recording: QPicture, painter: QPainter) -> None:
    """Paint a recording at the size it was made for, whatever the resolution of the device."""
    here, there = painter.device().logicalDpiX(), recording.logicalDpiX()
    painter.scale(there / here, there / here)  # Qt enlarges by the inverse
    recording.play(painter)


def bytes_of(image: QImage, channels: int) -> NDArray[np.uint8]:
    """Pixels of an image as (h, w, channels), not premultiplied."""
    wanted = QImage.Format.Format_RGB888 if channels == 3 else QImage.Format.Format_RGBA8888
    image = image.convertToFormat(wanted)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = flat[:, : image.width() * channels]  # lines are padded to four bytes
    return pixels.reshape(image.height(), image.width(), channels).copy()


def _blank(width: int, height: int) -> QImage:
    image = QImage(width, height, PREMULTIPLIED)
    if image.isNull():
        raise BackendError(
            f"There is not enough memory for {width:,} x {height:,} pixels.",
            hint="Choose a smaller width or height.",
        )
    return image


def _image_over(pixels: NDArray[np.uint32]) -> QImage:
    """An image over the memory of a strip, which must outlive it."""
    height, width = pixels.shape
    return QImage(pixels.data, width, height, width * 4, PREMULTIPLIED)


def _sentence(facts: Mapping[str, str]) -> str:
    """What a file says of itself, in one line."""
    return "; ".join(f"{key}: {text}" for key, text in facts.items() if key != "Title")


def _mended(text: bytes, sheet: Sheet) -> bytes:
    """The SVG with its exact size on paper, and fonts for those who lack ours."""
    size = [f"{side / sheet.dpi * MM:.4g}mm" for side in (sheet.page.width, sheet.page.height)]
    head = f'<svg width="{size[0]}" height="{size[1]}"'.encode()
    text = re.sub(rb'<svg width="[^"]*" height="[^"]*"', head, text, count=1)
    return re.sub(rb'font-family="([^"]*)"', rb'font-family="\1, sans-serif"', text)
