"""Keys that go from item to item on the map, and on the way list and select.

Arrows walk while an item is in focus; with Alt they always do, and begin in the middle. With Ctrl,
or while no item is in focus, they move the map; with the tool that turns, they turn it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent

from app.panels.walking import WalkModel
from widgets.map_hand import ARROWS, MapHand
from widgets.map_voice import MapVoice

if TYPE_CHECKING:
    from backends.raster.walk import Towards

Key, Keys = Qt.Key, Qt.KeyboardModifier
TOWARDS: dict[Qt.Key, Towards] = {
    Key.Key_Left: "left",
    Key.Key_Right: "right",
    Key.Key_Up: "up",
    Key.Key_Down: "down",
}
HELD = Keys.ShiftModifier | Keys.ControlModifier | Keys.AltModifier | Keys.MetaModifier


class Walker(QObject):
    """Finds the next item on the picture that is shown, and has the model look at it."""

    def __init__(self, canvas: MapHand, model: WalkModel, voice: MapVoice) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._model = model
        self._say = voice.say  # what a walk came to, where no item tells it
        if voice.leads:
            model.spoken.connect(voice.say)
        canvas.takers.append(self.take)

    def go(self, towards: Towards) -> None:
        """Look at the next item in a direction ("left", "right", "up", "down")."""
        frame, focus = self._canvas.frame, self._model.focus
        if frame is None or not self._canvas.image.is_warm:
            return
        layout = frame.wish.layout
        if focus is None or not 0 <= focus < len(layout) or not self._has_place(focus):
            self.go_to_middle()
            return
        from backends.raster.walk import step

        row = step(frame.points, focus, towards, frame.ink.inks)
        if row >= 0:
            self._look_at(row)
        else:
            where = {"up": "further up", "down": "further down"}.get(towards, f"to the {towards}")
            self._say(f"nothing {where}")

    def go_to_middle(self) -> None:
        """Look at the item nearest to the middle of what is seen."""
        frame, camera = self._canvas.frame, self._canvas.camera
        if frame is None or not self._canvas.image.is_warm:
            return
        from backends.raster.walk import nearest_shown

        row = nearest_shown(frame.points, camera.x, camera.y, frame.ink.inks)
        if row >= 0:
            self._look_at(row)
        else:
            self._say("no item is shown")

    def go_to_hit(self, step: int) -> None:
        """Look at the next or previous hit that is listed."""
        self._model.go_to_hit(step)
        if self._model.focus is not None:
            self._canvas.go_to(self._model.focus)

    def take(self, event: QKeyEvent) -> bool:
        """Do what a key says; return False if it says nothing to a walker."""
        key, held = Qt.Key(event.key()), event.modifiers() & HELD
        if key in ARROWS:
            idle = self._model.focus is None or self._canvas.arrows_turn
            if held & ~Keys.AltModifier or (not held and idle):
                return False
            self.go(TOWARDS[key])
        elif key == Key.Key_N and not held & ~Keys.ShiftModifier:
            self.go_to_hit(-1 if held else 1)
        elif held:
            return False
        elif key == Key.Key_Home:
            self.go_to_middle()
        elif key == Key.Key_Escape:
            return not self._canvas.is_dragging and self._leave()
        elif self._model.focus is not None and key in (Key.Key_Return, Key.Key_Enter):
            self._model.list_neighbours()
        elif self._model.focus is not None and key == Key.Key_Space:
            self._model.toggle()
        else:
            return False
        return True

    def _leave(self) -> bool:
        """Let go of the item once nothing is selected any more."""
        return not len(self._model.document.selection) and self._model.let_go()

    def _has_place(self, row: int) -> bool:
        scene = self._canvas.scene()
        return scene is not None and scene.place.of(row) is not None

    def _look_at(self, row: int) -> None:
        self._model.look_at(row)
        self._canvas.go_to(row)
