"""A picture before it is drawn: what the map shows, and where everything goes on the page.

Made in the GUI thread in no time; layers are painted into a recording there, for they are objects
of that thread. A worker then draws a page without asking anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontInfo,
    QFontMetricsF,
    QPaintDevice,
    QPainter,
    QPicture,
)

from app.document import Filter
from app.panels.map import ByClass, Colouring
from app.panels.pictures import PictureSettings
from backends.arrays import Matrix
from backends.raster.camera import Camera
from backends.raster.colour import Paint
from backends.raster.depth import shading
from backends.raster.palette import rgb
from backends.raster.turn import Levels, Turn
from backends.selection import Selection
from widgets.map_layers import Layer, Scene
from widgets.map_overlay import Place
from widgets.map_paint import build_paint
from widgets.picture_legend import LegendPainter, build_key
from widgets.picture_points import Stock
from widgets.theme import DARK, LIGHT, Theme, colour

if TYPE_CHECKING:
    from backends.raster.points import Points

PAPER = replace(LIGHT, map_background="#FFFFFF")
LEAST_SCREEN = (640.0, 480.0)  # a smaller map on the screen does not make letters larger
PAD = 1.2  # of title and legend from the edge, in heights of the font
HEADING = 1.5  # height of the title, in heights of the text
MOST_LEGEND = 0.32  # of the width
# Where all is fitted in, the outermost items lie exactly between two places within a pixel, and
# rounding would put them into one in the whole and into the other in a strip: not with this.
HAIR = 0.0131  # logical pixels
LEAST_MAP = 0.3  # of the page that the map has at least: title and legend give way


@dataclass(frozen=True, eq=False)
class Source:
    """What the map shows at this moment."""

    layout: Matrix  # (n, 2), as it is seen
    points: Points  # the same, sorted
    camera: Camera  # on the screen
    size: float  # factor of the point size
    colouring: Colouring
    selection: Selection
    narrowed: Filter | None
    layers: tuple[Layer, ...]
    screen: tuple[float, float]  # of map and legend, logical pixels
    family: str  # of the font
    turn: Turn | None = None  # the side from which a layout in space is seen
    depth: Levels | None = None  # (n,) how far away its rows are from there

    def paint(self, theme: Theme) -> Paint:
        """Mix the colours; takes a while with many items."""
        colouring, rows = self.colouring, len(self.layout)
        if isinstance(colouring, ByClass) and len(colouring.categories.codes) != rows:
            colouring = None  # of another corpus
        paint = build_paint(rows, colouring, self.selection, self.narrowed, theme)
        if self.depth is None:
            return paint
        return shading(paint, rgb(theme.map_background)).at(self.depth)


@dataclass(frozen=True, eq=False)
class Page:
    """A picture to be drawn. Lengths are logical pixels, unless they are called pixels."""

    source: Source
    theme: Theme
    ground: QColor | None  # None: see-through
    width: int  # pixels
    height: int
    ratio: float  # pixels to a logical pixel
    spot: tuple[int, int]  # pixels: where the map's upper left corner is
    camera: Camera  # of the map
    font: QFont
    heading: tuple[tuple[str, QFont, QColor, QRectF], ...]
    legend: LegendPainter | None
    legend_room: QRectF
    layers: QPicture | None

    @property
    def room(self) -> QRectF:
        """Where the map is."""
        ratio, camera = self.ratio, self.camera
        left, top = self.spot
        return QRectF(left / ratio, top / ratio, camera.width / ratio, camera.height / ratio)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return self.width / self.ratio, self.height / self.ratio


def build_page(
    choice: PictureSettings, source: Source, stock: Stock, *, shrink: float = 1.0
) -> Page:
    """Lay a picture out; `shrink` below 1 makes the same one with fewer pixels, for a preview."""
    theme = DARK if choice.is_dark else PAPER
    width, height = max(1, round(choice.width * shrink)), max(1, round(choice.height * shrink))
    screen = [max(*pair) for pair in zip(source.screen, LEAST_SCREEN, strict=True)]
    ratio = min(choice.width / screen[0], choice.height / screen[1]) * shrink
    page_width, page_height = width / ratio, height / ratio
    font = _font(source.family, choice.font)
    unit = QFontMetricsF(font).height()
    heading, top = _heading(choice, font, theme, page_width, page_height)
    key = build_key(source.colouring, theme) if choice.legend else None
    legend, right, legend_room = None, page_width, QRectF()
    if key is not None:
        legend = LegendPainter(key, font, theme)
        wide = legend.width(MOST_LEGEND * page_width)
        right = page_width - wide - PAD * unit
        upper = top if heading else PAD * unit
        legend_room = QRectF(right, upper, wide, page_height - upper - PAD * unit)
    spot = (0, round(top * ratio))
    camera = _camera(choice, source, round(right * ratio), max(1, height - spot[1]), ratio)
    page = Page(
        source, theme, None if choice.is_clear else colour(theme.map_background), width, height,
        ratio, spot, camera, font, heading, legend, legend_room, None,
    )  # fmt: skip
    return replace(page, layers=_record(page, stock)) if choice.layers else page


def paint_of(page: Page) -> partial[Paint]:
    """What mixes the colours of a page, for a worker to call."""
    return partial(page.source.paint, page.theme)


def _font(family: str, size: int) -> QFont:
    font = QFont(family)
    font.setPixelSize(size)
    # Letters keep their shapes at every resolution, and are not fringed with colours.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
    return QFont(font)


def font_family(font: QFont) -> str:
    """The family that a font really is, by the name that other programs know."""
    return QFontInfo(font).family()


def _heading(
    choice: PictureSettings, font: QFont, theme: Theme, width: float, height: float
) -> tuple[tuple[tuple[str, QFont, QColor, QRectF], ...], float]:
    """The lines above the map, and where they end."""
    unit = QFontMetricsF(font).height()
    large = QFont(font)
    large.setPixelSize(round(choice.font * HEADING))
    large.setBold(True)
    lines: list[tuple[str, QFont, QColor, QRectF]] = []
    top = PAD * unit
    for text, face, ink in (
        (choice.title, large, colour(theme.text)),
        (choice.subtitle, font, colour(theme.muted)),
    ):
        clean = " ".join(text.split())
        if clean:
            tall = QFontMetricsF(face).height()
            lines.append((clean, face, ink, QRectF(PAD * unit, top, width - 2 * PAD * unit, tall)))
            top += tall * 1.1
    end = top + 0.4 * unit
    if not lines or end > (1 - LEAST_MAP) * height:
        return (), 0.0
    return tuple(lines), end


def _camera(
    choice: PictureSettings, source: Source, width: int, height: int, ratio: float
) -> Camera:
    """Look at all that the screen shows, or at everything, in a room of other proportions."""
    seen = source.camera
    camera = Camera(seen.x, seen.y, 1.0, max(1, width), height, ratio)
    if choice.view == "everything":
        camera = camera.fitted(source.points.bounds)
    else:
        grown = min(camera.width / seen.width, camera.height / seen.height)
        camera = replace(camera, scale=seen.scale * grown)
    return camera.panned(HAIR * ratio, HAIR * ratio)


def _record(page: Page, stock: Stock) -> QPicture | None:
    """Paint what lies over the points into a recording, at the map's own upper left corner."""
    from backends.raster.draw import dots_for

    source, room = page.source, page.room
    stock.take(source.layout, source.points)
    radius = dots_for(source.points, page.camera, source.size).radius / page.ratio
    area = QRectF(0, 0, room.width(), room.height())
    scene = Scene(Place(source.layout, page.camera, source.turn), page.theme, area, radius)
    layers = [layer for layer in source.layers if layer.in_pictures]
    return record(layers, scene, page.font) if layers else None


@contextmanager
def painting(device: QPaintDevice) -> Iterator[QPainter]:
    """A painter that lets go of its device whatever happens: else Qt ends the process with it."""
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()


def record(layers: Sequence[Layer], scene: Scene, font: QFont) -> QPicture:
    """Paint layers into a recording."""
    recording = QPicture()
    with painting(recording) as painter:
        for layer in layers:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            try:
                layer.paint(painter, scene)
            finally:
                painter.restore()
    return recording
