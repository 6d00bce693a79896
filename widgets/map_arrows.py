"""The layer of arrows from heads to tails, coloured by how far each pair agrees with the offset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QLinearGradient,
    QPaintEngine,
    QPainter,
    QPen,
    QPolygonF,
)

from app.panels.arrows import Arrows, ArrowsModel
from app.panels.shows import ShowsModel
from backends.arrays import Matrix
from backends.raster.camera import Camera
from backends.raster.scales import scale_steps
from backends.raster.turn import Turn
from widgets.map_layers import Layer, Scene
from widgets.map_overlay import Place
from widgets.map_trails import clipped
from widgets.theme import colour

KEY = "arrows"
SCALE = "diverging"  # blue points the other way, orange along
WIDTH = 1.25  # logical pixels
FULL, FEW, FALL = 0.95, 100, 0.3  # opacity at the point, up to so many arrows, then falling
SHORTEST, POINT, OPEN, FAINT = 2.5, 7.0, 0.42, 0.25  # as in backends.raster.arrows
EDGE, BELOW, TRAILS = 12.0, 26.0, 22.0  # of the note: from the border, over the bar, over trails
BAR, LEAST = 44.0, 380.0  # width of the legend; of a picture that has room for it


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A picture of the arrows, and what it was drawn for."""

    arrows: Arrows
    layout: Matrix
    camera: Camera
    turn: Turn | None
    is_dark: bool
    picture: NDArray[np.uint32]

    def fits(self, arrows: Arrows, scene: Scene) -> bool:
        """Whether it would come out the same."""
        place = scene.place
        return (
            self.arrows is arrows
            and self.layout is place.layout
            and self.camera == place.camera
            and self.turn == place.turn
            and self.is_dark == scene.theme.is_dark
        )


class ArrowsLayer(Layer):
    """Draws the arrows of an ArrowsModel, below names and marks; knows nothing of the mouse."""

    is_ground = True  # thousands of lines would bury whatever lies below them

    def __init__(
        self, model: ArrowsModel, shows: ShowsModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._shows = shows
        self._drawn: _Drawn | None = None
        model.changed.connect(self.changed)
        shows.changed.connect(self.changed)

    @property
    def shown(self) -> Arrows | None:
        """The arrows that are drawn."""
        return self._model.arrows if self._shows.is_on(KEY) else None

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the arrows that are in view; into a recording line by line, so that it scales."""
        arrows = self.shown
        if arrows is None or not len(arrows.heads):
            self._drawn = None
            return
        if painter.paintEngine().type() == QPaintEngine.Type.Picture:
            _paint_lines(painter, scene, arrows)
            return
        if self._drawn is None or not self._drawn.fits(arrows, scene):
            self._drawn = _draw(arrows, scene)
        picture = self._drawn.picture
        height, width = picture.shape
        shape = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(picture.data, width, height, width * 4, shape)
        image.setDevicePixelRatio(scene.place.camera.ratio)
        painter.drawImage(QPointF(0, 0), image)


class ArrowsNote(ArrowsLayer):
    """Says what the arrows are and how many of them are drawn, with a legend of their colours."""

    is_ground = False

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the note at the lower right."""
        arrows = self.shown
        if arrows is not None:
            _paint_note(painter, scene, arrows.words, above=TRAILS * self._shows.is_on("trails"))


def ends_of(arrows: Arrows, place: Place) -> Matrix:
    """Where arrows begin and end on the screen, (a, 4) device pixels; NaN without a place."""
    rows = np.concatenate((arrows.heads, arrows.tails))
    there = rows < len(place.layout)
    spots = np.full((len(rows), place.layout.shape[1]), np.nan)
    spots[there] = place.layout[rows[there]]
    if place.turn is not None and spots.shape[1] == 3:
        spots = spots @ place.turn.matrix.T
    camera = place.camera
    x = (spots[:, 0] - camera.x) * camera.scale + camera.width / 2
    y = (camera.y - spots[:, 1]) * camera.scale + camera.height / 2
    count = len(arrows.heads)
    ends = np.stack((x[:count], y[:count], x[count:], y[count:]), axis=1)
    return ends.astype(np.float32)


def colours_of(agreement: Matrix, *, dark: bool) -> NDArray[np.uint8]:
    """Colours of agreements -1..1, (a, 3)."""
    steps = scale_steps(SCALE, dark=dark)
    last = len(steps) - 1
    codes = np.rint((np.asarray(agreement, np.float64) + 1.0) / 2.0 * last).astype(np.int64)
    found: NDArray[np.uint8] = steps[codes.clip(0, last)]
    return found


def _alpha(arrows: Arrows) -> float:
    """Opacity at the points: many arrows must not bury the map."""
    return float(FULL * (FEW / max(FEW, len(arrows.heads))) ** FALL)


def _draw(arrows: Arrows, scene: Scene) -> _Drawn:
    from backends.raster.arrows import draw_arrows  # loaded before there are arrows to draw

    place, camera = scene.place, scene.place.camera
    dark = scene.theme.is_dark
    picture = draw_arrows(
        ends_of(arrows, place),
        colours_of(arrows.agreement, dark=dark),
        _alpha(arrows),
        WIDTH * camera.ratio,
        camera.ratio,
        (camera.height, camera.width),
    )
    return _Drawn(arrows, place.layout, camera, place.turn, dark, picture)


def _paint_lines(painter: QPainter, scene: Scene, arrows: Arrows) -> None:
    ratio = scene.place.camera.ratio
    ends = (ends_of(arrows, scene.place) / ratio).tolist()
    colours = colours_of(arrows.agreement, dark=scene.theme.is_dark).tolist()
    alpha = _alpha(arrows)
    area = scene.area.adjusted(-POINT, -POINT, POINT, POINT)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for (x0, y0, x1, y1), (red, green, blue) in zip(ends, colours, strict=True):
        line = QLineF(x0, y0, x1, y1)
        if not line.length() >= SHORTEST:  # and NaN
            continue
        shown = clipped(line, area)
        if shown is None:
            continue
        full = QColor(red, green, blue, round(255 * alpha))
        faint = QColor(red, green, blue, round(255 * alpha * FAINT))
        fade = QLinearGradient(line.p1(), line.p2())
        fade.setColorAt(0.0, faint)
        fade.setColorAt(1.0, full)
        painter.setPen(QPen(fade, WIDTH))
        painter.drawLine(shown)
        if area.contains(line.p2()):
            painter.setPen(QPen(full, WIDTH))
            painter.drawPolyline(_point(line))


def _point(line: QLineF) -> QPolygonF:
    """The two strokes of an arrow's point."""
    size = min(POINT, 0.6 * line.length()) / line.length()
    cos, sin = np.cos(OPEN), np.sin(OPEN)
    x, y = -line.dx() * size, -line.dy() * size
    left = line.p2() + QPointF(x * cos + y * sin, -x * sin + y * cos)
    right = line.p2() + QPointF(x * cos - y * sin, x * sin + y * cos)
    return QPolygonF([left, line.p2(), right])


def _paint_note(painter: QPainter, scene: Scene, words: str, above: float) -> None:
    metrics = QFontMetricsF(painter.font())
    legend = scene.area.width() >= LEAST
    tail = ("disagree", "agree")
    beside = sum(map(metrics.horizontalAdvance, tail)) + BAR + 20 if legend else 0.0
    most = max(0.0, scene.area.width() - 2 * EDGE - 12 - beside)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, most)
    width = metrics.horizontalAdvance(shown)
    box = QRectF(0, 0, width + beside + 12, metrics.height() + 4)
    box.moveBottomRight(scene.area.bottomRight() - QPointF(EDGE, EDGE + BELOW + above))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(scene.theme.map_background, 215))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(colour(scene.theme.muted))
    left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
    text = box.adjusted(6, 0, 0, 0)
    painter.drawText(text, left, shown)
    if not legend:
        return
    text.translate(width + 10, 0)
    painter.drawText(text, left, tail[0])
    text.translate(metrics.horizontalAdvance(tail[0]) + 5, 0)
    bar = QRectF(text.left(), box.center().y() - 2, BAR, 4)
    fade = QLinearGradient(bar.topLeft(), bar.topRight())
    for share in np.linspace(0, 1, 9).tolist():
        rgb = colours_of(np.array([2 * share - 1], np.float32), dark=scene.theme.is_dark)[0]
        fade.setColorAt(share, QColor(*rgb.tolist()))
    painter.fillRect(bar, fade)
    text.translate(BAR + 5, 0)
    painter.drawText(text, left, tail[1])
