"""The brush over the map: a circle as large as it is, and what the stroke under way covers."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from app.panels.brush import FIRST
from app.panels.map import Tool
from widgets.map_layers import Layer, Scene
from widgets.map_overlay import SIGNS
from widgets.map_tools import Drag
from widgets.theme import colour


class BrushLayer(Layer):
    """Shows the brush under the hand; it is no part of an exported picture."""

    in_pictures = False

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.radius = FIRST  # logical pixels
        self._on = False
        self._spot: QPointF | None = None
        self._drag: Drag | None = None

    def show_radius(self, radius: float) -> None:
        """Show a larger or smaller brush."""
        self.radius = radius
        self.changed.emit()

    def show_tool(self, tool: Tool) -> None:
        """Show the brush while it is the tool."""
        self._on, self._drag = tool == "brush", None
        self.changed.emit()

    def follow(self, spot: QPointF | None, drag: Drag | None) -> None:
        """Follow the hand; None where it has left the map."""
        self._spot = spot
        self._drag = drag if drag is not None and drag.tool == "brush" else None
        if self._on:
            self.changed.emit()

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the stroke under way, and the circle."""
        if not self._on or self._spot is None:
            return
        line, theme = colour(scene.theme.map_lasso), scene.theme
        if self._drag is not None:
            path = QPainterPath(self._drag.path[0])
            for spot in self._drag.path[1:]:
                path.lineTo(spot)
            path.lineTo(self._spot + QPointF(0.01, 0.0))  # one spot alone would not be painted
            pen = QPen(colour(theme.map_lasso, 60), 2 * self.radius)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(path, pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(colour(theme.map_background, 200), 3.5), QPen(line, 1.5)):
            painter.setPen(pen)
            painter.drawEllipse(self._spot, self.radius, self.radius)
        if self._drag is not None and SIGNS[self._drag.mode]:
            painter.setPen(line)
            away = self.radius * 0.75 + 6
            painter.drawText(self._spot + QPointF(away, -away), SIGNS[self._drag.mode])
