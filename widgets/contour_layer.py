"""Contours over the points: thin lines, the densest ground's the strongest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QTransform

from app.panels.contours import ContoursModel
from widgets.map_layers import Layer, Scene
from widgets.theme import colour

if TYPE_CHECKING:
    from backends.raster.contours import Contour

ALPHAS = (235, 185, 140, 105)  # innermost first
WIDTH = 1.0  # logical pixels; Qt has a quick way for lines of one pixel
SMALLEST = 2.0  # logical pixels, below which a line is a speck


class ContourLayer(Layer):
    """Paints what a `ContoursModel` found."""

    def __init__(self, model: ContoursModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[tuple[tuple[QPolygonF, QRectF], ...], ...] = ()  # by contour
        self.is_held_back = False  # while points move they are not where the lines are
        model.changed.connect(self.show_contours)
        self.show_contours(model.contours)

    def show_contours(self, contours: tuple[Contour, ...]) -> None:
        """Show other lines."""
        self._lines = tuple(_lines(contour) for contour in contours)
        self.changed.emit()

    def hold_back(self, held: bool) -> None:
        """Show nothing for a while, or show it again."""
        if held != self.is_held_back:
            self.is_held_back = held
            self.changed.emit()

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the outer lines first, and of all only those in view."""
        if self.is_held_back or not self._lines:
            return
        camera = scene.place.camera
        scale = camera.scale / camera.ratio
        left, top = camera.to_pixel(0.0, 0.0)
        move = QTransform(scale, 0, 0, -scale, left / camera.ratio, top / camera.ratio)
        back, _ = move.inverted()
        seen = back.mapRect(scene.area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for lines, alpha in reversed(list(zip(self._lines, ALPHAS, strict=False))):
            painter.setPen(QPen(colour(scene.theme.text, alpha), WIDTH))
            for line, bounds in lines:
                large = max(bounds.width(), bounds.height()) * scale >= SMALLEST
                if large and bounds.intersects(seen):
                    painter.drawPolyline(move.map(line))


def _lines(contour: Contour) -> tuple[tuple[QPolygonF, QRectF], ...]:
    closed = []
    for line in contour.lines:
        corners = [QPointF(x, y) for x, y in line.tolist()]
        polygon = QPolygonF([*corners, corners[0]])
        closed.append((polygon, polygon.boundingRect()))
    return tuple(closed)
