"""The table of what a person can do: menus, shortcuts and the command palette are made from it.

`when` answers why an action cannot be done now, and that answer is its tooltip while it is grey. It
is asked again whenever the document, the jobs or the history change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Problem


def always() -> Problem | None:
    """Nothing stands in the way."""
    return None


def nothing() -> None:
    """Do nothing, for an action that is only shown."""


@dataclass(frozen=True)
class Action:
    """One thing a person can do.

    `menu` is a path ("View/Theme"; "" keeps it out of the menus, the command palette has it all the
    same), `shortcut` portable text ("Ctrl+O"), several are separated by "; ". `words` is for a text
    that follows the state ("Undo lasso"), `checked` for an action with a tick: one of its menu,
    unless it `toggles`. `keys` do it in one part of the window only, which hears them by itself:
    they are shown where a shortcut would be, and bound nowhere else.
    """

    id: str
    text: str
    menu: str = ""
    shortcut: str = ""
    tip: str = ""
    when: Callable[[], Problem | None] = always
    run: Callable[[], object] = nothing
    words: Callable[[], str] | None = None
    checked: Callable[[], bool] | None = None
    toggles: bool = False  # its tick stands for itself, whatever else is ticked
    separated: bool = False  # a line stands above it in its menu
    keys: str = ""

    @property
    def checkable(self) -> bool:
        """Whether it shows a tick."""
        return self.checked is not None


@dataclass(frozen=True, slots=True)
class ActionState:
    """What a menu shows of an action at this moment."""

    text: str
    problem: Problem | None
    checked: bool = False

    @property
    def enabled(self) -> bool:
        """Whether it can be done."""
        return self.problem is None


class Actions(QObject):
    """Holds the actions and says which of them look different from before."""

    changed = Signal(object)  # frozenset[str]: ids of actions whose state is another one now

    def __init__(
        self, document: Document, jobs: Jobs, history: History, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._actions: dict[str, Action] = {}
        self._states: dict[str, ActionState] = {}
        # Many facts change in one go; they are looked at once, when the event loop turns.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.refresh)
        for signal in (
            *(document.corpus_changed, document.roles_changed, document.embeddings_changed),
            *(document.active_changed, document.projection_changed, document.selection_changed),
            *(document.filter_changed, document.focus_changed, document.hits_changed),
            document.columns_changed,
            *(jobs.changed, history.changed),
        ):
            signal.connect(self._soon.start)

    def add(self, action: Action) -> None:
        """Put an action at the end of the table.

        Raises: ValueError if its id or one of its shortcuts is taken.
        """
        if action.id in self._actions:
            raise ValueError(f"there is an action {action.id} already")
        for other in self._actions.values():
            if set(_shortcuts(action)) & set(_shortcuts(other)):
                raise ValueError(f"{action.id} and {other.id} share {action.shortcut}")
        self._actions[action.id] = action
        self._states[action.id] = _state(action)
        self._soon.start()

    def __getitem__(self, name: str) -> Action:
        return self._actions[name]

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())

    def __len__(self) -> int:
        return len(self._actions)

    def in_menu(self, menu: str) -> tuple[Action, ...]:
        """The actions of one menu, in order."""
        return tuple(action for action in self if action.menu == menu)

    def state(self, name: str) -> ActionState:
        """How an action looks now, asked afresh."""
        return _state(self._actions[name])

    def problem(self, name: str) -> Problem | None:
        """Why an action cannot be done now, or None."""
        return self._actions[name].when()

    def text(self, name: str) -> str:
        """What an action is called now."""
        return self.state(name).text

    def run(self, name: str) -> Problem | None:
        """Do it if it can be done; return what stands in the way otherwise."""
        action = self._actions[name]
        problem = action.when()
        if problem is None:
            action.run()
            self._soon.start()
        return problem

    def refresh_soon(self) -> None:
        """Ask all actions how they look when the event loop turns: something else changed."""
        self._soon.start()

    def refresh(self) -> None:
        """Ask all actions how they look and emit which of them look different from before."""
        self._soon.stop()
        now = {name: _state(action) for name, action in self._actions.items()}
        different = frozenset(name for name, state in now.items() if state != self._states[name])
        self._states = now
        if different:
            self.changed.emit(different)


def _state(action: Action) -> ActionState:
    return ActionState(
        action.words() if action.words is not None else action.text,
        action.when(),
        action.checked() if action.checked is not None else False,
    )


def _shortcuts(action: Action) -> list[str]:
    return [part.casefold() for part in action.shortcut.split("; ") if part]
