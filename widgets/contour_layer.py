"""Contours over the points: thin lines, the densest ground's the strongest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF, QTransform

from app.panels.contours import ContoursModel
from widgets.map_layers import Layer, Scene
from widgets.theme import colour

if TYPE_CHECKING:
    from backends.raster.contours import Contour

WIDTH = 1.1  # logical pixels
ALPHAS = (235, 190, 145, 105)  # innermost first


class ContourLayer(Layer):
    """Paints what a `ContoursModel` found."""

    def __init__(self, model: ContoursModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: tuple[QPainterPath, ...] = ()
        self.is_held_back = False  # while points move they are not where the lines are
        model.changed.connect(self.show_contours)
        self.show_contours(model.contours)

    def show_contours(self, contours: tuple[Contour, ...]) -> None:
        """Show other lines."""
        self._paths = tuple(_path(contour) for contour in contours)
        self.changed.emit()

    def hold_back(self, held: bool) -> None:
        """Show nothing for a while, or show it again."""
        if held != self.is_held_back:
            self.is_held_back = held
            self.changed.emit()

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the outer lines first."""
        if self.is_held_back or not self._paths:
            return
        camera = scene.place.camera
        scale = camera.scale / camera.ratio
        left, top = camera.to_pixel(0.0, 0.0)
        move = QTransform(scale, 0, 0, -scale, left / camera.ratio, top / camera.ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path, alpha in reversed(list(zip(self._paths, ALPHAS, strict=False))):
            shown = move.map(path)
            for ink, width in (
                (colour(scene.theme.map_background, alpha // 2), WIDTH + 1.6),
                (colour(scene.theme.text, alpha), WIDTH),
            ):
                painter.setPen(QPen(ink, width))
                painter.drawPath(shown)


def _path(contour: Contour) -> QPainterPath:
    path = QPainterPath()
    for line in contour.lines:
        corners = [QPointF(x, y) for x, y in line.tolist()]
        path.addPolygon(QPolygonF([*corners, corners[0]]))
    return path
