"""What keys and buttons do, as a page of the help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from app.actions import Action
from widgets.about import show_text
from widgets.menus import MENUS
from widgets.theme import current_theme

MAP_KEYS = (
    ("wheel", "zoom at the cursor"),
    ("drag", "move the map, or draw with the chosen tool"),
    ("click, double-click a label", "select its cluster, rename it (F2)"),
    ("H, T, B, L, P", "tools: move, turn, box, lasso, brush"),
    ("Ctrl-drag, right drag", "turn a layout in space, whatever the tool"),
    ("[ and ], Ctrl+wheel", "a smaller or larger brush"),
    ("Shift, Alt, both", "while drawing: add, subtract, intersect"),
    ("+ and −, F", "zoom, show everything"),  # noqa: RUF001  minus sign
    ("arrows", "move the map; while an item is in focus, go to the next one that way"),
    ("Alt+arrows", "go to the next item, at first to the one in the middle"),
    ("Ctrl+arrows", "move the map, even while an item is in focus"),
    ("Home", "go to the item nearest to the middle"),
    ("Enter, Space", "list the neighbours of the item, select or leave it out"),
    ("N, Shift+N", "go through the neighbours that are listed"),
    ("Esc", "leave off drawing, clear the selection, let go of the item"),
)
MORE_KEYS = (
    (
        "In the table",
        (
            ("click, Shift, Ctrl", "select a row, a range, one more"),
            ("↑ ↓, Space", "look at other rows, select or leave out"),
            ("Enter", "go to the item on the map"),
        ),
    ),
    (
        "In the list of neighbours",
        (
            ("click, Enter", "go to the item on the map"),
            ("double-click, Ctrl+Enter", "list its own neighbours"),
            ("Ctrl+C", "copy the list"),
        ),
    ),
    (
        "In the charts of compression",
        (
            ("arrows", "walk along the points"),
            ("click, Enter", "look at a codec"),
            ("wheel, drag, Home", "zoom, move, show all points"),
        ),
    ),
    (
        "In the bar that plays a column",
        (
            ("Space", "play, pause"),
            ("arrows, page keys", "go on by a step, by a tenth"),
            ("Esc", "put the bar away"),
        ),
    ),
    (
        "In the legend",
        (
            ("click, Space", "hide or show a class"),
            ("double-click, Enter", "show a class alone"),
            ("F2", "call a class something else"),
            ("Alt+Enter", "choose the colour of a class"),
            ("drag, Alt+Up, Alt+Down", "move a class"),
            ("Left, Right", "close or open the classes without a colour"),
            ("right-click, Menu", "all that can be done"),
        ),
    ),
)


def show_shortcuts(window: QWidget, table: Iterable[Action]) -> None:
    """Show the keys of the menus, and those that single parts of the window hear."""
    menus: dict[str, list[tuple[str, str, str]]] = {title: [] for title in MENUS}
    for action in table:
        if action.shortcut:
            keys = [
                QKeySequence(one).toString(QKeySequence.SequenceFormat.NativeText)
                for one in action.shortcut.split("; ")
            ]
            row = (", ".join(keys), action.text.rstrip("…"), action.tip)
            menus[action.menu.partition("/")[0]].append(row)
    groups = {**menus, "On the map": [(keys, words, "") for keys, words in MAP_KEYS]}
    groups |= {title: [(keys, words, "") for keys, words in rows] for title, rows in MORE_KEYS}
    show_text(window, "Keyboard and mouse", _keys_text(groups), (600, 620))


def _keys_text(groups: Mapping[str, Sequence[tuple[str, str, str]]]) -> str:
    """A table with a heading for each group."""
    parts = []
    for title, rows in groups.items():
        parts.append(f"<tr><td colspan=2 style='padding-top:10px'><b>{title}</b></td></tr>")
        for keys, words, tip in rows:
            more = f"<span style='color:{current_theme().muted}'> {tip}</span>" if tip else ""
            parts.append(
                f"<tr><td style='padding-right:18px; white-space:nowrap'>{keys}</td>"
                f"<td>{words}{'.' if more else ''}{more}</td></tr>"
            )
    return f"<table cellpadding='2'>{''.join(parts)}</table>"
