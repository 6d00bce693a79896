"""The map's surface for a layout in space: which side is seen, and what a project keeps of that."""

from __future__ import annotations

from app.panels.look import Look
from backends.raster.turn import FRONT, Turn
from backends.raster.viewpoint import joined
from widgets.map_canvas import MapCanvas
from widgets.map_image import Frame


class SpaceCanvas(MapCanvas):
    """Turns a layout in space; over a flat one nothing of this does anything."""

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
