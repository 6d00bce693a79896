"""Three short lines in a corner that turn with the points: which way x, y and z go."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from app.panels.shows import ShowsModel
from widgets.map_layers import Layer, Scene
from widgets.theme import colour

LENGTH = 22.0  # logical pixels
LEFT, BELOW = 40.0, 80.0  # from the corner of the picture to where the lines meet
LETTER = 8.0  # beyond the end of a line
LEAST = 260.0  # of a picture's width, to have room for it
AXES = (("x", (1.0, 0.0, 0.0)), ("y", (0.0, 1.0, 0.0)), ("z", (0.0, 0.0, 1.0)))


class AxesLayer(Layer):
    """Shows how a layout in space is turned; nothing over a flat map."""

    def __init__(self, shows: ShowsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shows = shows
        shows.changed.connect(self.changed)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the lines, those that go away from the eye first and fainter."""
        turn = scene.place.turn
        if turn is None or not self._shows.is_on("axes") or scene.area.width() < LEAST:
            return
        theme = scene.theme
        middle = QPointF(scene.area.left() + LEFT, scene.area.bottom() - BELOW)
        font = QFont(painter.font())
        font.setBold(True)
        painter.setFont(font)
        for near, right, up, name in sorted(
            (near, right, up, name) for name, axis in AXES for right, up, near in (turn.of(*axis),)
        ):
            alpha = round(120 + 135 * (near + 1) / 2)
            end = middle + QPointF(right, -up) * LENGTH
            for pen in (
                QPen(colour(theme.map_background, 210), 4.5),
                QPen(colour(theme.text, alpha), 1.75),
            ):
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawLine(middle, end)
            # A line towards the eye is a dot: its letter stands beside it all the same.
            spot = end + QPointF(right, -up) * LETTER
            if abs(near) > 0.9:
                spot = end + QPointF(-LETTER, LETTER)
            box = QRectF(0, 0, 16, 16)
            box.moveCenter(spot)
            painter.setPen(colour(theme.text, alpha))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), name)
