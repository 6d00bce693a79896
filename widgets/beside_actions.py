"""What can be done with several maps, as rows of the table of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions import Action
from app.notices import Problem

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

MENU = "View"
ONE_MAP = Problem("There is one map.", "Open another one beside it.")


def beside_actions(window: MainWindow) -> tuple[Action, ...]:
    """Open a map, go to the next, link their views, close them."""
    maps = window.application.maps

    def is_alone() -> Problem | None:
        return None if maps.maps else ONE_MAP

    def link_all() -> None:
        on = not all(beside.linked for beside in maps.maps)
        for beside in maps.maps:
            beside.set_linked(on)

    def close_all() -> None:
        for beside in maps.maps:
            maps.close(beside)

    return (
        Action(
            *("map_beside", "New map beside", MENU, "Ctrl+Shift+M"),
            tip="Compare with another layout, or with other vectors, in a map beside this one",
            when=lambda: maps.problem,
            run=maps.open,
            separated=True,
        ),
        Action(
            *("next_map", "Next map", MENU, "F6; Ctrl+Tab"),
            tip="Bring the keyboard to the next map",
            when=is_alone,
            run=lambda: window.map_docks.go_to_next(),
        ),
        Action(
            *("link_maps", "Link views", MENU),
            tip="Let all maps look at the same part when one is moved",
            when=is_alone,
            run=link_all,
            checked=lambda: bool(maps.maps) and all(beside.linked for beside in maps.maps),
            toggles=True,
        ),
        Action(
            *("close_maps", "Close maps beside", MENU),
            tip="Close all maps but the first",
            when=is_alone,
            run=close_all,
        ),
    )
