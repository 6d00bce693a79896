"""What a hand does on the screen: clicks on parts by their names, loops drawn on the map."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tests.acceptance.screen import Program

Corners = Sequence[tuple[float, float]]
MIDDLE: Corners = ((0.3, 0.3), (0.7, 0.3), (0.75, 0.6), (0.5, 0.75), (0.25, 0.6), (0.3, 0.3))
LEFT: Corners = ((0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98), (0.02, 0.02))
STEPS = (0.25, 0.5, 0.75, 1.0)


def click(program: Program, name: str, *, button: int = 1) -> None:
    """Click into the middle of a part, once it stays where it is: what was typed may move it."""
    x, y, width, height = program.settled_place(name)
    program.hand("mousemove", x + width // 2, y + height // 2, "click", button)


def draw(program: Program, corners: Corners, *, key: str | None = None) -> None:
    """Draw a loop with the chosen tool; corners are shares of the map's width and height."""
    x, y, width, height = program.place("Map")
    points = [(round(x + width * a), round(y + height * b)) for a, b in corners]
    if key is not None:
        program.hand("keydown", key)
    program.hand("mousemove", *points[0], "mousedown", 1)
    for here, there in pairwise(points):
        for step in STEPS:
            program.hand(
                "mousemove",
                round(here[0] + (there[0] - here[0]) * step),
                round(here[1] + (there[1] - here[1]) * step),
            )
    program.hand("mouseup", 1)
    if key is not None:
        program.hand("keyup", key)


def type_into(program: Program, name: str, text: str) -> None:
    """Click into a field and replace what stands there."""
    click(program, name)
    program.hand("key", "ctrl+a")
    program.hand("type", "--delay", 5, text)
