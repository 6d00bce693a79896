"""Everything that can be done, to be found by typing: all actions, and a colour for each column.

What was done lately comes first. An action that cannot be done now is found all the same, with what
stands in its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.actions import Action, Actions
from app.fuzzy import Words, folded, score
from app.notices import Problem
from app.panels.map import MapModel
from app.settings import SettingsStore

PALETTE = "palette"  # the action that opens it: it is not listed in itself
USED_KEPT = 30
NO_WORDS = Words("", "")
LATELY, DISABLED, ELSEWHERE = 8.0, 12.0, 30.0  # points: gained, lost, lost if only the menu fits


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be chosen."""

    id: str
    text: str
    place: str = ""  # "View → Theme"
    shortcut: str = ""  # portable text: "Ctrl+O; Ctrl+Shift+O"
    keys: str = ""  # what does it while the keyboard is on the map: "B"
    problem: Problem | None = None
    is_on: bool = False
    words: Words = NO_WORDS
    place_words: Words = NO_WORDS  # of its menu and its text

    @property
    def reason(self) -> str:
        """Why it cannot be chosen now, and what would help."""
        return f"{self.problem.text} {self.problem.hint}".strip() if self.problem else ""

    @property
    def spoken(self) -> str:
        """All of it in words."""
        state = f"not available: {self.reason}" if self.problem else "on" if self.is_on else ""
        keys = self.shortcut.replace("; ", " or ") or (
            f"{self.keys} on the map" if self.keys else ""
        )
        return ", ".join(part for part in (self.text, state, keys, self.place) if part)


def found(entries: tuple[Entry, ...], query: str, lately: tuple[str, ...]) -> tuple[Entry, ...]:
    """Entries that fit a query, best first; without a query all, those used lately first.

    Equal ones are in the order of `lately`, then of their length, then in their own.
    """
    typed = folded(query).split()
    recent = {name: rank for rank, name in enumerate(lately)}
    last = len(recent)
    if not typed:
        return tuple(sorted(entries, key=lambda entry: recent.get(entry.id, last)))
    ranked = []
    for order, entry in enumerate(entries):
        points = score(typed, entry.words)
        if not points and entry.place:
            points = max(0.0, score(typed, entry.place_words) - ELSEWHERE)
        if points:
            used = recent.get(entry.id, last)
            points += LATELY * (used < last) - DISABLED * (entry.problem is not None)
            ranked.append((-points, used, len(entry.text), order, entry))
    ranked.sort(key=lambda item: item[:4])
    return tuple(item[4] for item in ranked)


class PaletteModel(QObject):
    """Lists what can be chosen, does it, and remembers what was done."""

    changed = Signal()  # what can be done, or there is to choose from

    def __init__(
        self,
        actions: Actions,
        colours: MapModel,
        settings: SettingsStore | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._colours = colours
        self._store = settings
        self._lately: tuple[str, ...] = settings.value.used if settings is not None else ()
        self._prepared: dict[str, Words] = {}
        # Later: while the document changes, what is asked of it may still be about the old one.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.changed)
        actions.changed.connect(lambda _names: self._soon.start())
        colours.columns_changed.connect(lambda _columns: self._soon.start())

    @property
    def lately(self) -> tuple[str, ...]:
        """Ids of what was done, newest first."""
        return self._lately

    def entries(self) -> tuple[Entry, ...]:
        """Everything there is, as it stands now: actions in the order of the table, columns."""
        actions = (self._of_action(action) for action in self._actions if action.id != PALETTE)
        return (*actions, *self._of_columns())

    def choose(self, entry: Entry) -> Problem | None:
        """Do it and remember that; return what stands in the way otherwise."""
        kind, _, name = entry.id.partition(":")
        if kind == "action":
            problem = self._actions.run(name)
        else:
            problem = None
            self._colours.set_colour_by(name if kind == "colour" else None)
        if problem is None:
            others = (old for old in self._lately if old != entry.id)
            self._lately = (entry.id, *others)[:USED_KEPT]
            if self._store is not None:
                self._store.change(used=self._lately)
        return problem

    def _of_action(self, action: Action) -> Entry:
        state = self._actions.state(action.id)
        return self._entry(
            f"action:{action.id}",
            state.text,
            action.menu.replace("/", " → "),
            shortcut=action.shortcut,
            keys=action.keys,
            problem=state.problem,
            is_on=state.checked,
        )

    def _of_columns(self) -> list[Entry]:
        columns = self._colours.columns
        if not columns:
            return []
        now, place = self._colours.colour_by, "Colour the map"
        rows = [self._entry("plain:", "Colour by nothing", place, is_on=now is None)]
        rows += [
            self._entry(f"colour:{name}", f"Colour by {name}", place, is_on=name == now)
            for name in (column.name for column in columns)
        ]
        return rows

    def _entry(self, name: str, text: str, place: str, **more: Any) -> Entry:
        both = self._words(f"{place} {text}")
        return Entry(name, text, place, words=self._words(text), place_words=both, **more)

    def _words(self, text: str) -> Words:
        """Prepare a text once: thousands of columns are looked through at every letter."""
        known = self._prepared.get(text)
        if known is None:
            known = self._prepared[text] = Words.of(text)
        return known
