"""Everything that can be done is listed, found, done and remembered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.actions import Action, Actions
from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.palette import PALETTE, Entry, PaletteModel, found
from app.panels.map import MapModel
from app.settings import SettingsStore
from tests import builders

NO_CORPUS = Problem("No corpus is loaded.", "Open a file or the sample.")
COLUMNS: dict[str, list[Any]] = {
    "text": [f"a text of its own, number {row}" for row in range(40)],
    "genre": ["crime"] * 20 + ["verse"] * 20,
    "year": list(range(1980, 2020)),
}


class Desk:
    """A table of actions, a map that has columns, and a palette over both."""

    def __init__(self, root: QObject) -> None:
        self.document, self.jobs, self.notices = Document(root), Jobs(root), Notices(root)
        self.history = History(self.document, root)
        self.map = MapModel(self.document, self.jobs, self.notices, self.history, root)
        self.actions = Actions(self.document, self.jobs, self.history, root)
        self.settings = SettingsStore(parent=root)
        self.ran: list[str] = []
        for action in (
            Action("open", "Open…", "File", "Ctrl+O", run=lambda: self.ran.append("open")),
            Action(
                *("export", "Export…", "File"),
                when=lambda: None if self.document.corpus else NO_CORPUS,
                run=lambda: self.ran.append("export"),
            ),
            Action("dark", "Dark", "View/Theme", run=lambda: self.ran.append("dark")),
            Action("lasso", "Lasso selection", "View/Tool", keys="L", checked=lambda: True),
            Action("hidden", "In no menu", run=lambda: self.ran.append("hidden")),
            Action(PALETTE, "Find a command…", "Help", "Ctrl+K"),
        ):
            self.actions.add(action)
        self.palette = PaletteModel(self.actions, self.map, self.settings, root)

    def find(self, query: str) -> list[str]:
        entries = found(self.palette.entries(), query, self.palette.lately)
        return [entry.text for entry in entries]

    def choose(self, query: str) -> Problem | None:
        return self.palette.choose(found(self.palette.entries(), query, self.palette.lately)[0])


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    root = QObject()
    made = Desk(root)
    yield made
    qtbot.waitUntil(lambda: not made.jobs.live, timeout=10_000)
    made.settings.flush()
    assert made.jobs.close(5)
    delete(root)


def test_every_action_is_listed_but_the_one_that_lists_them(desk: Desk) -> None:
    assert desk.find("") == ["Open…", "Export…", "Dark", "Lasso selection", "In no menu"]


def test_an_entry_says_where_it_is_and_why_it_cannot_be_done(desk: Desk) -> None:
    by_text = {entry.text: entry for entry in desk.palette.entries()}
    assert by_text["Dark"].place == "View → Theme"
    assert by_text["Export…"].problem is NO_CORPUS
    assert by_text["Export…"].spoken == (
        "Export…, not available: No corpus is loaded. Open a file or the sample., File"
    )
    assert by_text["Lasso selection"].spoken == "Lasso selection, on, L on the map, View → Tool"
    assert by_text["Open…"].spoken == "Open…, Ctrl+O, File"


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("op", "Open…"),
        ("theme dark", "Dark"),
        ("tool", "Lasso selection"),
        ("l", "Lasso selection"),
    ],
)
def test_menus_help_to_find_but_names_come_first(desk: Desk, query: str, first: str) -> None:
    assert desk.find(query)[0] == first


def test_what_can_be_done_comes_before_what_cannot(desk: Desk) -> None:
    desk.actions.add(Action("expand", "Expose…", "View"))
    assert desk.find("exp")[:2] == ["Expose…", "Export…"]


def test_what_was_used_lately_comes_first_also_next_time(desk: Desk, qtbot: QtBot) -> None:
    desk.choose("dark")
    desk.choose("in no menu")
    desk.choose("dark")
    assert desk.ran == ["dark", "hidden", "dark"]
    assert desk.find("")[:3] == ["Dark", "In no menu", "Open…"]
    desk.settings.flush()
    again = PaletteModel(desk.actions, desk.map, SettingsStore(parent=desk.palette))
    assert again.lately == ("action:dark", "action:hidden")


def test_what_cannot_be_done_is_not_done_and_not_remembered(desk: Desk) -> None:
    assert desk.choose("export") is NO_CORPUS
    assert desk.ran == []
    assert desk.palette.lately == ()


def test_columns_are_found_and_colour_the_map(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.palette.changed):
        desk.document.set_corpus(builders.corpus(columns=COLUMNS))
        qtbot.waitUntil(lambda: not desk.jobs.live, timeout=10_000)
    assert desk.find("colour") == ["Colour by year", "Colour by genre", "Colour by nothing"]
    desk.choose("col year")
    qtbot.waitUntil(lambda: not desk.jobs.live, timeout=10_000)
    assert desk.map.colour_by == "year"
    on = [entry.text for entry in desk.palette.entries() if entry.is_on]
    assert on == ["Lasso selection", "Colour by year"]
    desk.choose("colour nothing")
    assert desk.map.colour_by is None
    assert desk.find("colour")[0] == "Colour by nothing"
    desk.document.set_corpus(None)
    assert desk.find("colour") == []


def test_nothing_is_asked_in_the_middle_of_a_change(desk: Desk, qtbot: QtBot) -> None:
    told: list[bool] = []
    desk.palette.changed.connect(lambda: told.append(True))
    with qtbot.waitSignal(desk.palette.changed):
        desk.document.set_corpus(builders.corpus(columns=COLUMNS))
        assert told == []
    qtbot.waitUntil(lambda: not desk.jobs.live)


def test_the_newest_of_thousands_of_columns_is_found() -> None:
    from app.fuzzy import Words

    entries = tuple(
        Entry(f"colour:{i}", f"Colour by gene {i:04}", words=Words.of(f"Colour by gene {i:04}"))
        for i in range(5000)
    )
    assert found(entries, "4711", ())[0].text == "Colour by gene 4711"
    assert len(found(entries, "gene", ())) == 5000
    assert found(entries, "gene", ("colour:42",))[0].id == "colour:42"
