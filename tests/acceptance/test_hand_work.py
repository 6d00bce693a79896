"""Hand and keys in a real window: selection modes, undo, layouts, saving, opening again."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resources import SAMPLE
from tests.acceptance.hand import LEFT, MIDDLE, click, draw, type_into
from tests.acceptance.screen import Program, missing_tools, virtual_screen

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(bool(missing_tools()), reason=f"not installed: {missing_tools()}"),
]
ROWS = 600


@pytest.fixture
def display() -> Iterator[str]:
    with virtual_screen() as display:
        yield display


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "definitions.csv"
    lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: ROWS + 1]), encoding="utf-8")
    return path


@pytest.fixture
def program(display: str, tmp_path: Path, table: Path) -> Iterator[Program]:
    program = Program(display, tmp_path, (str(table), "--encoder", "lexical"))
    # a layout that still grows would move the points from under the hand
    program.wait_for("projection", lambda e: e["method"] == "umap" and e["finished"], seconds=120)
    program.settled_place("Map")
    yield program
    program.close()


def selected(program: Program, after: int) -> set[int]:
    """The rows of the first selection after so many others."""
    event: dict[str, Any] = program.wait_for("selection", since=after, seconds=30)
    return set(event["rows"])


def test_loops_add_subtract_intersect_and_can_be_undone(program: Program) -> None:
    click(program, "Lasso selection")
    draw(program, LEFT)
    left = selected(program, 0)
    draw(program, MIDDLE)
    middle = selected(program, 1)
    assert left - middle
    assert middle - left
    draw(program, LEFT, key="alt")
    assert selected(program, 2) == middle - left
    draw(program, LEFT, key="shift")
    assert selected(program, 3) == middle | left
    program.hand("key", "ctrl+z")
    assert selected(program, 4) == middle - left
    program.hand("key", "ctrl+z")
    assert selected(program, 5) == middle
    program.hand("key", "ctrl+shift+z")
    assert selected(program, 6) == middle - left
    program.hand("key", "Escape")
    assert selected(program, 7) == set()


def test_a_loop_drawn_while_the_window_is_busy_keeps_its_corners(program: Program) -> None:
    click(program, "Lasso selection")
    draw(program, LEFT)
    undisturbed = selected(program, 0)
    draw(program, MIDDLE)
    selected(program, 1)
    program.process.send_signal(signal.SIGSTOP)
    draw(program, LEFT)
    program.process.send_signal(signal.SIGCONT)
    assert selected(program, 2) == undisturbed


def test_other_settings_give_another_map(program: Program) -> None:
    before = len(program.events("projection"))
    type_into(program, "Neighbours", "40")
    program.hand("key", "Tab")
    click(program, "Lay out")
    event = program.wait_for("projection", lambda e: e["finished"], since=before, seconds=60)
    assert event["method"] == "umap"


def test_a_project_is_saved_and_opened_again(
    program: Program, display: str, tmp_path: Path
) -> None:
    click(program, "Box selection")
    draw(program, ((0.2, 0.2), (0.8, 0.8)))
    chosen = selected(program, 0)
    assert chosen
    program.hand("key", "ctrl+s")
    program.settled_place("Save project")
    program.hand("key", "ctrl+a")
    program.hand("type", "--delay", 5, str(tmp_path / "work"))
    program.hand("key", "Return")
    program.wait_for("ended", lambda e: e["title"].startswith("Saving") and e["state"] == "done")
    assert program.close() == 0

    (tmp_path / "trace.jsonl").unlink()
    again = Program(display, tmp_path, (str(tmp_path / "work.embedscope"),))
    again.wait_for("projection", lambda event: event["method"] == "umap", seconds=60)
    assert selected(again, 0) == chosen
    assert not [event for event in again.events("job") if "Embedding" in event["title"]]
    assert again.close() == 0
