"""The menu bar, made from the table of actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from app.actions import Action, Actions

ON_THE_MAP = "View/On the map"
MENUS = ("File", "Edit", "Selection", "View", "Compute", "Help")


def build_menus(window: QMainWindow, table: Actions) -> dict[str, QMenu]:
    """Make the menus and keep each entry true to its action; return them by path ("View/Theme")."""
    menus: dict[str, QMenu] = {}
    for title in MENUS:
        menus[title] = window.menuBar().addMenu(f"&{title}")
        menus[title].setToolTipsVisible(True)
    groups: dict[str, QActionGroup] = {}
    entries: dict[str, QAction] = {}
    for action in table:
        if not action.menu:
            continue
        menu = _menu(menus, action.menu)
        if action.separated:
            menu.addSeparator()
        entry = entries[action.id] = _entry(window, table, action)
        if action.checkable and not action.toggles:
            groups.setdefault(action.menu, QActionGroup(window)).addAction(entry)
        menu.addAction(entry)

    def refresh(names: Iterable[str]) -> None:
        for name in names:
            if name in entries:
                _show(entries[name], table, name)

    table.changed.connect(refresh)
    refresh(entries)
    return menus


def add_list(
    menu: QMenu, title: str, choices: Callable[[], Sequence[str]], chosen: Callable[[str], None]
) -> None:
    """Add a submenu that is filled anew whenever it opens."""
    inside = menu.addMenu(title)

    def fill() -> None:
        inside.clear()
        for choice in choices():
            entry = inside.addAction(choice)
            entry.triggered.connect(lambda _on=False, choice=choice: chosen(choice))
        if inside.isEmpty():
            inside.addAction("Nothing yet").setEnabled(False)

    inside.aboutToShow.connect(fill)


def _menu(menus: dict[str, QMenu], path: str) -> QMenu:
    if path not in menus:
        above, _, title = path.rpartition("/")
        menus[path] = _menu(menus, above).addMenu(title)
        menus[path].setToolTipsVisible(True)
    return menus[path]


def _entry(window: QMainWindow, table: Actions, action: Action) -> QAction:
    entry = QAction(window)
    entry.setObjectName(action.id)
    entry.setCheckable(action.checkable)
    entry.setShortcuts([QKeySequence(keys) for keys in action.shortcut.split("; ") if keys])
    entry.triggered.connect(lambda _on=False: table.run(action.id))
    return entry


def _show(entry: QAction, table: Actions, name: str) -> None:
    state, keys = table.state(name), table[name].keys
    entry.setText(f"{state.text}\t{keys}" if keys else state.text)  # shown, not bound
    entry.setEnabled(state.enabled)
    entry.setChecked(state.checked)
    problem = state.problem
    tip = f"{problem.text} {problem.hint}".strip() if problem is not None else table[name].tip
    entry.setToolTip(tip)
    entry.setStatusTip(tip)
