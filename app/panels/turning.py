"""Turning a layout in space: whether there is one, from which side it is seen, whether it spins."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.notices import Problem
from app.panels.showing import Showing
from backends.raster.turn import FRONT, Turn

NO_MAP = Problem("There is no map yet.", "Embed the corpus first.")
IS_FLAT = Problem(
    "This map is flat.", "Choose 3 dimensions under Map layout and lay out again to turn it."
)
IN_SPACE = Problem(
    "This is for flat maps, and the layout is a space.",
    "Choose 2 dimensions under Map layout for a map.",
)


class TurningModel(QObject):
    """Says what can be turned; the view turns it and tells how it is seen."""

    changed = Signal()  # whether it can be turned, or whether it spins
    turn_requested = Signal(object)  # Turn
    spinning_changed = Signal(object)  # bool

    def __init__(self, shown: Showing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown = shown
        self._spins = False
        shown.projection_changed.connect(self._on_projection_changed)

    @property
    def problem(self) -> Problem | None:
        """Why the layout that is shown cannot be turned, or None."""
        shown = self._shown.projection
        if shown is None:
            return NO_MAP
        return None if shown.dims == 3 else IS_FLAT

    @property
    def flat_problem(self) -> Problem | None:
        """Why what belongs to a map cannot be shown over the layout, or None."""
        shown = self._shown.projection
        return IN_SPACE if shown is not None and shown.dims == 3 else None

    @property
    def spins(self) -> bool:
        """Whether the layout turns slowly by itself."""
        return self._spins

    def face(self) -> None:
        """Look from the front again."""
        self.spin(False)
        self.turn_requested.emit(FRONT)

    def look_from(self, turn: Turn) -> None:
        """Look from a side."""
        self.turn_requested.emit(turn)

    def toggle_spin(self) -> None:
        """Let it turn slowly by itself, or hold it."""
        self.spin(not self._spins)

    def spin(self, on: bool) -> None:
        """Let it turn slowly by itself, where it can, or not."""
        on = on and self.problem is None
        if on != self._spins:
            self._spins = on
            self.spinning_changed.emit(on)
            self.changed.emit()

    def _on_projection_changed(self, _projection: object) -> None:
        if self.problem is not None:
            self.spin(False)
        self.changed.emit()
