"""What is painted over the points, a layer each: on the screen and in exported pictures alike."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QPainter

from widgets.map_overlay import Place
from widgets.theme import Theme


@dataclass(frozen=True)
class Scene:
    """The picture a layer paints on, in logical pixels."""

    place: Place  # where items lie; its camera says what is looked at
    theme: Theme
    area: QRectF  # the whole picture
    radius: float  # of a dot, logical pixels


class Layer(QObject):
    """Paints one kind of thing; says `changed` when it would paint something else.

    A layer knows no widget: whatever depends on the place comes with the scene, so that the same
    layer paints a larger picture, or another one, at the same time.
    """

    changed = Signal()
    in_pictures = True  # whether it belongs into an exported picture
    is_ground = False  # whether it lies below all others, whichever comes first

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint over what lies below; the painter's state need not be restored."""
        raise NotImplementedError
