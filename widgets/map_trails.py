"""The layer of trails: thin lines that fade from old places to new ones."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QLinearGradient, QPainter, QPen

from app.panels.shows import ShowsModel
from app.panels.trails import KEY, TrailsModel
from widgets.map_layers import Layer, Scene
from widgets.theme import colour

EDGE = 12.0  # from the border of the picture to the note
ABOVE = 26.0  # what the scale bar takes below it
SHORTEST = 3.0  # logical pixels: what moved less stayed
FAINT = 20  # opacity where an item was
FULL = ((60, 210), (200, 150), (10_000, 110))  # up to so many trails, opacity where items are
BEYOND = 50.0  # logical pixels round the picture; lines are cut there


class TrailsLayer(Layer):
    """Draws a TrailsModel's trails."""

    def __init__(
        self, model: TrailsModel, shows: ShowsModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._shows = shows
        model.changed.connect(self.changed)
        shows.changed.connect(self.changed)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the trails that are in view, the farthest last."""
        if not self._shows.is_on(KEY):
            return
        moves = self._model.moves
        if moves is not None:
            full = next(full for most, full in FULL if len(moves.rows) <= most)
            for row, start in reversed(list(zip(moves.rows, moves.starts.tolist(), strict=True))):
                end = scene.place.of(int(row))
                if end is not None:
                    _paint_trail(painter, scene, QLineF(_spot(scene, *start), end), full)


class TrailsNote(TrailsLayer):
    """Says how many trails there are, or what to do to see some; to who looks, not in pictures."""

    in_pictures = False

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the note at the lower right."""
        words = self._model.words if self._shows.is_on(KEY) else ""
        if words:
            _paint_note(painter, scene, words)


def _spot(scene: Scene, x: float, y: float) -> QPointF:
    camera = scene.place.camera
    px, py = camera.to_pixel(x, y)
    return QPointF(px / camera.ratio, py / camera.ratio)


def _paint_trail(painter: QPainter, scene: Scene, trail: QLineF, full: int) -> None:
    shown = clipped(trail, scene.area.adjusted(-BEYOND, -BEYOND, BEYOND, BEYOND))
    if trail.length() < SHORTEST or shown is None:
        return
    faint, strong = colour(scene.theme.map_ring, FAINT), colour(scene.theme.map_ring, full)
    fade = QLinearGradient(trail.p1(), trail.p2())
    fade.setColorAt(0.0, faint)
    fade.setColorAt(1.0, strong)
    painter.setPen(QPen(fade, 1.1))
    painter.drawLine(shown)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(strong)
    painter.drawEllipse(trail.p2(), 1.5, 1.5)


def clipped(line: QLineF, area: QRectF) -> QLineF | None:
    """The part of a line that lies in an area, None if none does; far zoomed in, ends are far off.

    Reference: Liang and Barsky 1984, "A new concept and method for line clipping".
    """
    enters, leaves = 0.0, 1.0
    for away, room in (
        (-line.dx(), line.x1() - area.left()),
        (line.dx(), area.right() - line.x1()),
        (-line.dy(), line.y1() - area.top()),
        (line.dy(), area.bottom() - line.y1()),
    ):
        if away == 0:
            if room < 0:
                return None
        elif away < 0:
            enters = max(enters, room / away)
        else:
            leaves = min(leaves, room / away)
    return QLineF(line.pointAt(enters), line.pointAt(leaves)) if enters <= leaves else None


def _paint_note(painter: QPainter, scene: Scene, words: str) -> None:
    metrics = QFontMetricsF(painter.font())
    most = max(0.0, scene.area.width() - 2 * EDGE - 12)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, most)
    box = QRectF(0, 0, metrics.horizontalAdvance(shown) + 12, metrics.height() + 4)
    box.moveBottomRight(scene.area.bottomRight() - QPointF(EDGE, EDGE + ABOVE))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(scene.theme.map_background, 215))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(colour(scene.theme.muted))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shown)
