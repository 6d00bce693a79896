"""What can be done on the map, as rows of the table of actions.

Single letters, arrows and the like are heard by the map while the keyboard is there
(`widgets/map_hand.py`, `widgets/map_walk.py`); here they are only shown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.actions import Action
from app.notices import Problem
from app.palette import PALETTE
from app.panels.map import TOOLS, Tool
from widgets.beside_actions import beside_actions
from widgets.map_hand import NUDGE, ZOOM_STEP
from widgets.map_tools import NAMES, SHORTCUTS, TIPS
from widgets.turn_actions import turn_actions

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

TOOL_MENU, FOCUS_MENU = "View/Tool", "View/Item in focus"
PANS = (
    ("left", "←", NUDGE, 0.0),
    ("right", "→", -NUDGE, 0.0),
    ("up", "↑", 0.0, NUDGE),
    ("down", "↓", 0.0, -NUDGE),
)


def map_actions(window: MainWindow) -> tuple[Action, ...]:
    """Everything that keys and buttons do on the map, and the palette that finds it."""
    return (
        *(*_tools(window), *_views(window), *turn_actions(window), *beside_actions(window)),
        *(*_walks(window), *_selects(window), _palette(window)),
    )


def _tools(window: MainWindow) -> tuple[Action, ...]:
    model = window.application.map

    def tool(name: Tool) -> Action:
        return Action(
            f"tool_{name}",
            NAMES[name],
            TOOL_MENU,
            tip=TIPS[name],
            run=lambda: model.set_tool(name),
            checked=lambda: model.tool == name,
            keys=SHORTCUTS[name],
            when=lambda: model.turning.problem if name == "turn" else None,
        )

    return (
        *map(tool, TOOLS),
        Action(
            *("brush_larger", "Larger brush", TOOL_MENU),
            tip="Let the brush sweep over more at once",
            run=lambda: model.brush.step(1),
            keys="]",
            separated=True,
        ),
        Action(
            *("brush_smaller", "Smaller brush", TOOL_MENU),
            tip="Let the brush sweep over less at once",
            run=lambda: model.brush.step(-1),
            keys="[",
        ),
    )


def _views(window: MainWindow) -> tuple[Action, ...]:
    def row(name: str, text: str, menu: str, keys: str, run: Callable[[], object]) -> Action:
        when = window.application.walk.no_map
        return Action(name, text, menu, when=when, run=run, keys=keys)

    def pan(dx: float, dy: float) -> Callable[[], object]:
        return lambda: window.map.canvas.pan_by(dx, dy)

    return (
        row("zoom_in", "Zoom in", "View", "+", lambda: window.map.canvas.zoom_by(ZOOM_STEP)),
        row("zoom_out", "Zoom out", "View", "−", lambda: window.map.canvas.zoom_by(1 / ZOOM_STEP)),  # noqa: RUF001  minus sign
        *(row(f"pan_{to}", f"Move the map {to}", "", key, pan(dx, dy)) for to, key, dx, dy in PANS),
    )


def _walks(window: MainWindow) -> tuple[Action, ...]:
    walk, walker, canvas = window.application.walk, window.walker, window.map.canvas

    def on_map(run: Callable[[], object]) -> Callable[[], None]:
        """Bring the keyboard to the map, where the next step is a key away."""

        def go() -> None:
            canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)
            run()

        return go

    def row(
        name: str,
        text: str,
        keys: str,
        run: Callable[[], object],
        when: Callable[[], Problem | None] = walk.no_map,
    ) -> Action:
        return Action(name, text, FOCUS_MENU, when=when, run=on_map(run), keys=keys)

    on, back = partial(walker.go_to_hit, 1), partial(walker.go_to_hit, -1)
    return (
        row("walk_middle", "Item in the middle", "Home", walker.go_to_middle),
        row("walk_left", "Next item to the left", "Alt+←", lambda: walker.go("left")),
        row("walk_right", "Next item to the right", "Alt+→", lambda: walker.go("right")),
        row("walk_up", "Next item above", "Alt+↑", lambda: walker.go("up")),
        row("walk_down", "Next item below", "Alt+↓", lambda: walker.go("down")),
        row("hit_next", "Next neighbour", "N", on, walk.no_hits),
        row("hit_before", "Neighbour before", "Shift+N", back, walk.no_hits),
        row("list_near", "List its neighbours", "Enter", walk.list_neighbours, walk.no_focus),
        row("let_go", "Let go of it", "Esc", walk.let_go, walk.no_focus),
    )


def _selects(window: MainWindow) -> tuple[Action, ...]:
    walk, growing = window.application.walk, window.application.growing
    return (
        Action(
            *("toggle_focus", "Select or leave out the item in focus", "Selection"),
            tip="Add the item that is looked at, or take it out",
            when=walk.no_focus,
            run=walk.toggle,
            keys="Space",
            separated=True,
        ),
        Action(
            *("grow", "Grow by nearest neighbours", "Selection", "Ctrl+Shift+G"),
            tip="Select what is near to the selected items too, as many each as the list shows",
            when=lambda: growing.problem,
            run=growing.run,
            words=lambda: growing.text,
        ),
    )


def _palette(window: MainWindow) -> Action:
    return Action(
        *(PALETTE, "Find a command…", "Help", "Ctrl+K"),
        tip="Everything that can be done, found by a few letters",
        run=lambda: window.show_palette(),
    )
