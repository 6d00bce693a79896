"""What can be done with a layout in space, as rows of the table of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions import Action

if TYPE_CHECKING:
    from widgets.main_window import MainWindow


def turn_actions(window: MainWindow) -> tuple[Action, ...]:
    """Look from the front again; let it spin."""
    turning = window.application.map.turning

    return (
        Action(
            *("front", "Front view", "View", "Ctrl+Shift+0"),
            tip="Look at a layout in space from the front again",
            when=lambda: turning.problem,
            run=turning.face,
        ),
        Action(
            *("spin", "Spin", "View", "Ctrl+Shift+T"),
            tip="Let a layout in space turn slowly, until something is done on the map",
            when=lambda: turning.problem,
            run=turning.toggle_spin,
            checked=lambda: turning.spins,
            toggles=True,
        ),
    )
