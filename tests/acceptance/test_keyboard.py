"""Keys in a real window: commands by typing, walking from item to item, the brush."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.hand import click, draw
from tests.acceptance.screen import Program, missing_tools
from tests.acceptance.test_hand_work import ROWS, display, program, selected, table

__all__ = ["display", "program", "table"]  # fixtures
pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(bool(missing_tools()), reason=f"not installed: {missing_tools()}"),
]
STROKE = ((0.2, 0.35), (0.8, 0.4), (0.2, 0.6), (0.8, 0.65))


@pytest.fixture
def at_hand(program: Program) -> Iterator[Program]:
    """The program with the keyboard, of which what it shows at the end is kept for eyes."""
    click(program, "Move")  # without a window manager, keys go to where the mouse was pressed
    yield program
    out = Path(__file__).parents[1] / "out"
    out.mkdir(exist_ok=True)
    program.picture(out / "keyboard.png")


def command(program: Program, letters: str) -> None:
    """Find a command by some letters and do it."""
    program.hand("key", "ctrl+k")
    program.settled_place("Find a command")
    program.hand("type", "--delay", 5, letters)
    program.hand("key", "Return")


def test_commands_are_found_by_typing(at_hand: Program) -> None:
    command(at_hand, "selall")
    assert selected(at_hand, 0) == set(range(ROWS))
    command(at_hand, "clear sel")
    assert selected(at_hand, 1) == set()
    at_hand.hand("key", "ctrl+k")
    at_hand.settled_place("Find a command")
    at_hand.hand("key", "Escape")
    at_hand.hand("key", "ctrl+z")
    assert selected(at_hand, 2) == set(range(ROWS))


def test_a_larger_brush_sweeps_over_more(at_hand: Program) -> None:
    click(at_hand, "Brush selection")
    draw(at_hand, STROKE)
    narrow = selected(at_hand, 0)
    assert narrow
    at_hand.hand("keydown", "ctrl", "click", "--repeat", 3, 4, "keyup", "ctrl")
    draw(at_hand, STROKE)
    wide = selected(at_hand, 1)
    assert narrow < wide
    draw(at_hand, STROKE, key="alt")
    assert selected(at_hand, 2) == set()
    at_hand.hand("key", "ctrl+z")
    assert selected(at_hand, 3) == wide


def test_items_are_walked_to_and_selected_without_a_mouse(at_hand: Program) -> None:
    command(at_hand, "item in the middle")
    at_hand.hand("key", "space")
    first = selected(at_hand, 0)
    assert len(first) == 1
    at_hand.hand("key", "alt+Right", "space")
    assert len(selected(at_hand, 1) - first) == 1
    command(at_hand, "grow by")
    assert len(selected(at_hand, 2)) > 2
