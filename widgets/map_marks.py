"""Layers that come with every map: the item in focus and its neighbours, and the scale bar."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.panels.hover import HoverModel
from app.panels.shows import ShowsModel
from backends.types import Hits
from widgets.map_layers import Layer, Scene
from widgets.map_overlay import paint_hits, paint_ring
from widgets.theme import colour

EDGE = 12.0  # from the border of the picture to the bar
LONGEST = 120.0  # logical pixels the scale bar may take
TICK = 4.0


class MarksLayer(Layer):
    """Rings the item in focus and the neighbours that are listed, and joins them by lines."""

    def __init__(self, shows: ShowsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shows = shows
        self.focused: int | None = None
        self.hits: Hits | None = None
        shows.changed.connect(self.changed)

    def show_marks(self, focused: int | None, hits: Hits | None) -> None:
        """Mark an item and its neighbours."""
        self.focused, self.hits = focused, hits
        self.changed.emit()

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint rings and lines."""
        place, theme, radius = scene.place, scene.theme, scene.radius
        if self.hits is not None:
            joined = self._shows.is_on("lines")
            paint_hits(painter, place, self.hits, radius, theme, joined=joined)
        spot = place.of(self.focused) if self.focused is not None else None
        if spot is not None:
            paint_ring(painter, spot, radius + 5, theme.map_ring, theme.map_background)


class EchoLayer(Layer):
    """Rings the item that the cursor is over on another map."""

    in_pictures = False

    def __init__(self, hover: HoverModel, here: object, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hover = hover
        self._here = here
        self._row: int | None = None
        hover.changed.connect(self._on_hover_changed)

    @property
    def row(self) -> int | None:
        """The item that is ringed."""
        return self._row

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the ring that the other map has under its cursor."""
        spot = scene.place.of(self._row) if self._row is not None else None
        if spot is not None:
            theme = scene.theme
            paint_ring(painter, spot, scene.radius + 4, theme.accent, theme.map_background)

    def _on_hover_changed(self, _row: object) -> None:
        row = self._hover.row_elsewhere(self._here)
        if row != self._row:  # the map under the cursor need not be painted for its own
            self._row = row
            self.changed.emit()


class ScaleLayer(Layer):
    """A bar of a round length in units of the layout, at the lower right."""

    def __init__(self, shows: ShowsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shows = shows
        shows.changed.connect(self.changed)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the bar and its length."""
        if not self._shows.is_on("scale") or scene.area.width() < 4 * LONGEST:
            return
        camera = scene.place.camera
        scale = camera.scale / camera.ratio  # logical pixels per unit
        length = round_length(LONGEST / scale)
        wide = length * scale
        right, base = scene.area.right() - EDGE, scene.area.bottom() - EDGE
        text = length_text(length)
        metrics = QFontMetricsF(painter.font())
        middle = right - wide / 2
        box = QRectF(0, 0, metrics.horizontalAdvance(text) + 8, metrics.height())
        box.moveCenter(QPointF(middle, base - TICK - 2 - metrics.height() / 2))
        for pen in (
            QPen(colour(scene.theme.map_background, 210), 4.0),
            QPen(colour(scene.theme.muted), 1.25),
        ):
            painter.setPen(pen)
            painter.drawPolyline(
                [
                    QPointF(right - wide, base - TICK),
                    QPointF(right - wide, base),
                    QPointF(right, base),
                    QPointF(right, base - TICK),
                ]
            )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(scene.theme.map_background, 190))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(colour(scene.theme.muted))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


def round_length(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above `most`."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5, 2, 1) if step * power <= most * (1 + 1e-9))


def length_text(length: float) -> str:
    """A round length: as a plain number where that is short."""
    return f"{length:g}" if 1e-4 <= length < 1e6 else f"{length:.0e}".replace("e-0", "e-")
