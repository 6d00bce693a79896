"""The map's surface for a layout in space: which side is seen, and what a project keeps of that."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.panels.look import Look
from backends.arrays import Matrix
from backends.raster.camera import Bounds
from backends.raster.colour import Paint
from backends.raster.palette import rgb
from backends.raster.turn import FRONT, Turn
from backends.raster.viewpoint import Viewpoint, joined
from widgets.map_canvas import MapCanvas
from widgets.map_image import Frame, Wish
from widgets.map_layers import Scene
from widgets.map_overlay import Place
from widgets.theme import current_theme


class SpaceCanvas(MapCanvas):
    """Turns a layout in space; over a flat one nothing of this does anything."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewpoint = Viewpoint()

    @property
    def shown_turn(self) -> Turn | None:
        """The side that the picture shows: what lies over the points goes with them."""
        frame = self.frame
        if frame is not None and frame.wish.layout is self._layout:
            return frame.wish.turn
        return self.viewpoint.turn

    @property
    def is_deep(self) -> bool:
        """Whether there is something to turn."""
        return self.viewpoint.turn is not None

    @property
    def arrows_turn(self) -> bool:
        """Whether arrow keys turn, by the tool that is chosen."""
        return self._tool == "turn" and self.is_deep

    @property
    def side(self) -> dict[str, list[float]]:
        """From where it is seen, as the description of a selection says it; nothing if flat."""
        turn = self.shown_turn
        return {"turn": list(turn.angles)} if turn is not None else {}

    def look_from(self, turn: Turn) -> None:
        """Look from another side; what is in the middle of the picture stays there."""
        if self.is_deep:
            self._set_hover(None)
            self._move(self.viewpoint.look_from(turn, self._sized(), whole=not self.is_moved))

    def turn_by(self, yaw: float, pitch: float) -> None:
        """Turn on by degrees: what is near to the eye goes to the right, and down."""
        if self.viewpoint.turn is not None:
            self.look_from(self.viewpoint.turn.by(yaw, pitch))

    def fit(self) -> None:
        """Show everything, as it is seen from here."""
        frame = self.frame
        if self.is_deep:
            current = frame is not None and len(frame.points) and self._is_current(frame)
            self._bounds = frame.points.bounds if frame and current else self.viewpoint.bounds()
        super().fit()

    def _show_cursor(self) -> None:
        super()._show_cursor()
        turns = self._drag.tool == "turn" if self._drag is not None else self.arrows_turn
        if turns and (self._drag is not None or self._hover is None):
            self.setCursor(Qt.CursorShape.SizeAllCursor)
        elif turns:  # a click looks at it
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _is_current(self, frame: Frame) -> bool:
        wish = frame.wish
        return wish.layout is self._layout and wish.turn == self.viewpoint.turn

    def _on_drawn(self, frame: Frame) -> None:
        """While everything is looked at, turning never moves anything out of the picture.

        It zooms out where it must, and never in: that would waver.
        """
        super()._on_drawn(frame)
        if self.is_deep and not self.is_moved and self._is_current(frame) and len(frame.points):
            known = self._bounds or frame.points.bounds
            wider = joined(known, frame.points.bounds)
            if wider != known:
                self._bounds = wider
                self._move(self._sized().fitted(wider))

    def scene(self) -> Scene | None:
        """What layers paint on now, seen from where the picture is."""
        scene = super().scene()
        if scene is None or not self.is_deep:
            return scene
        return replace(scene, place=replace(scene.place, turn=self.shown_turn))

    def _take(self, layout: Matrix | None, *, anew: bool) -> Bounds | None:
        return self.viewpoint.take(layout, anew=anew)

    def _place(self, layout: Matrix) -> Place:
        return replace(super()._place(layout), turn=self.viewpoint.turn)

    def _wish(self, layout: Matrix, paint: Paint) -> Wish:
        ground = rgb(current_theme().map_background)
        return replace(super()._wish(layout, paint), turn=self.viewpoint.turn, ground=ground)

    def look(self, projection: str | None) -> Look | None:
        """Where the person looks on a layout, or None if it is at all of it from the front."""
        turn = self.viewpoint.turn
        side = turn if turn != FRONT else None
        if projection is None or not (side or self.is_moved):
            return None
        camera, whole = self.camera, not self.is_moved
        return Look(camera.x, camera.y, camera.scale / camera.ratio, projection, side, whole)

    def take_look(self, look: Look) -> None:
        """Look where somebody looked."""
        self.look_from(look.turn or FRONT)
        if look.whole:
            self.fit()
        else:
            self.look_at(look.x, look.y, look.scale)
