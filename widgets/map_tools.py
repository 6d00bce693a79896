"""Gestures on the map: a drag with a tool becomes an outline, keys say what to do with it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt

from app.panels.map import Outline, Tool
from backends.selection import Mode

Key = Qt.KeyboardModifier
Corners = list[tuple[float, float]]  # in the plane
STEP = 2.0  # logical pixels between the corners of a lasso
CLICK = 4.0  # a press that moved less is a click

HELP = "Drag to select.  Shift adds · Alt subtracts · both intersect · Esc clears"
BRUSH_HELP = "Paint to select.  [ and ] or Ctrl+wheel: size · Shift adds · Alt subtracts"
TURN_HELP = "Drag to turn, or use the arrows.  In any tool: Ctrl or right drag"
HELPS: dict[Tool, str] = {"turn": TURN_HELP, "box": HELP, "lasso": HELP, "brush": BRUSH_HELP}
NAMES: dict[Tool, str] = {
    "pan": "Move",
    "turn": "Turn",
    "box": "Box selection",
    "lasso": "Lasso selection",
    "brush": "Brush selection",
}
TIPS: dict[Tool, str] = {
    "pan": "Move the map by dragging (H). Shift-drag draws a lasso.",
    "turn": "Turn a layout in space by dragging (T). In any tool: Ctrl or the right button.",
    "box": "Select in a box (B). Shift adds, Alt subtracts, both intersect.",
    "lasso": "Select with a lasso (L). Shift adds, Alt subtracts, both intersect.",
    "brush": "Select with a round brush (P). [ and ] change its size.",
}
SHORTCUTS: dict[Tool, str] = {"pan": "H", "turn": "T", "box": "B", "lasso": "L", "brush": "P"}
DRAWN: tuple[Tool, ...] = ("lasso", "brush")  # tools that follow the hand


def mode_of(keys: Key) -> Mode:
    """What a selection gesture does to the selection there is."""
    shift, alt = bool(keys & Key.ShiftModifier), bool(keys & Key.AltModifier)
    if shift and alt:
        return "intersect"
    if alt:
        return "subtract"
    return "add" if shift else "replace"


def tool_for(tool: Tool, keys: Key, *, deep: bool = False) -> Tool:
    """The tool of a drag: with Shift, the hand draws a lasso; with Ctrl it turns what is deep."""
    if deep and keys & Key.ControlModifier:
        return "turn"
    return "lasso" if tool == "pan" and keys & Key.ShiftModifier else tool


class Drag:
    """A press and what follows it, in logical pixels."""

    def __init__(self, tool: Tool, mode: Mode, start: QPointF) -> None:
        self.tool = tool
        self.mode: Mode = mode
        self.start = start
        self.last = start
        self.moved = False
        self.reach: float | None = None  # of a brush once it is lifted, in units of the plane
        self._path = [start]

    def move(self, to: QPointF) -> QPointF:
        """Follow the hand; return the step since the last call."""
        step = to - self.last
        self.last = to
        away = to - self.start
        self.moved = self.moved or math.hypot(away.x(), away.y()) >= CLICK
        since = to - self._path[-1]
        if self.tool in DRAWN and math.hypot(since.x(), since.y()) >= STEP:
            self._path.append(to)
        return step

    @property
    def outline(self) -> list[QPointF]:
        """Corners of what is being drawn; it closes itself."""
        if self.tool == "box":
            a, b = self.start, self.last
            return [a, QPointF(b.x(), a.y()), b, QPointF(a.x(), b.y())]
        return list(self._path) if self.tool == "lasso" else []

    @property
    def outlines(self) -> Outline:
        """What kind of outline it draws."""
        return "lasso" if self.tool == "pan" or self.tool == "turn" else self.tool

    @property
    def is_drawing(self) -> bool:
        """Whether it selects something, instead of moving the map."""
        return self.tool == self.outlines

    @property
    def path(self) -> list[QPointF]:
        """Where the hand has been, up to where it is."""
        return [*self._path, self.last]
