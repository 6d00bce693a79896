"""What a hand does to the colours: undone, remembered by column, kept in project and settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.column_commands import RemoveColumn
from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.by_class import ByClass
from app.panels.by_number import ByNumber
from app.panels.map import MapModel
from app.settings import SettingsStore
from backends.raster.palette import GONE, MOST_COLOURS, MOST_OWN, NONE, OTHER, OWN
from backends.selection import NOTHING, select
from backends.types import MadeBy
from tests import builders

MANY = 300  # classes, the first with 301 items, the last with 2
COUNTS = list(range(MANY + 1, 1, -1))
NAMES = [f"class {code}" for code in range(MANY) for _ in range(COUNTS[code])]
N = len(NAMES) + 3
COLUMNS: dict[str, list[Any]] = {
    "text": [f"words of item {row}" for row in range(N)],
    "many": [*NAMES, None, None, None],
    "grade": [str(row % 12) for row in range(N)],
    "score": [float(row - 1000) for row in range(N - 1)] + [None],
}


@dataclass
class Stage:
    document: Document
    jobs: Jobs
    notices: Notices
    history: History
    settings: SettingsStore
    model: MapModel

    def settle(self, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: not self.jobs.live, timeout=10_000)

    def show(self, column: str | None, qtbot: QtBot) -> None:
        self.model.set_colour_by(column)
        self.settle(qtbot)

    @property
    def classes(self) -> ByClass:
        assert isinstance(self.model.colouring, ByClass)
        return self.model.colouring

    @property
    def scale(self) -> ByNumber:
        assert isinstance(self.model.colouring, ByNumber)
        return self.model.colouring

    def reopen(self, qtbot: QtBot, columns: dict[str, list[Any]] = COLUMNS) -> None:
        self.document.set_corpus(builders.corpus(columns=columns))
        self.settle(qtbot)


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Iterator[Stage]:
    root = QObject()
    document, jobs, notices = Document(root), Jobs(root), Notices(root)
    history, settings = History(document, root), SettingsStore(tmp_path / "s.json", notices, root)
    model = MapModel(document, jobs, notices, history, root, settings)
    stage = Stage(document, jobs, notices, history, settings, model)
    stage.reopen(qtbot)
    stage.show("many", qtbot)
    yield stage
    settings.flush()
    assert jobs.close(5)
    delete(root)


def test_columns_of_many_classes_are_offered(stage: Stage) -> None:
    found = {column.name: (column.kind, column.count) for column in stage.model.columns}
    assert found == {
        "many": ("categories", MANY),
        "grade": ("categories", 12),
        "score": ("numbers", 0),
    }


def test_the_largest_have_colours_and_the_rest_is_one_group(stage: Stage) -> None:
    now = stage.classes
    assert now.named == tuple(range(MOST_COLOURS))
    assert now.members.tolist() == list(range(MOST_COLOURS, MANY))
    assert now.count(now.other) == sum(COUNTS[MOST_COLOURS:])
    assert now.label(now.other) == f"{MANY - MOST_COLOURS} others"
    entries = now.entries()
    assert entries.dtype == np.uint8
    assert entries[0] == 0
    assert entries[len(NAMES) - 1] == OTHER
    assert entries[-1] == NONE


def test_the_group_is_hidden_shown_and_soloed_as_a_whole(stage: Stage) -> None:
    group, none = stage.classes.other, stage.classes.none
    stage.model.toggle(group)
    assert stage.classes.hidden == set(range(MOST_COLOURS, MANY))
    assert (stage.classes.entries() == GONE).sum() == sum(COUNTS[MOST_COLOURS:])
    stage.model.solo(group)
    assert stage.classes.hidden == {*range(MOST_COLOURS), none}
    stage.model.show_all()
    stage.model.toggle(250)  # one of the group
    assert 0 < stage.classes.shown_share(group) < 1
    hidden = (stage.classes.entries() == GONE).sum()
    assert hidden == COUNTS[250]


def test_toggling_back_leaves_no_trace_in_the_history(stage: Stage) -> None:
    stage.model.toggle(1)
    assert stage.history.undo_text == "hide “class 1”"
    stage.model.toggle(1)
    assert stage.history.undo_text is None


def test_a_colour_is_given_undone_and_done_again(stage: Stage) -> None:
    edits = stage.model.edits
    edits.set_colour(2, "#123456")
    edits.set_colour(77, "#abcdef")
    assert stage.classes.palette(dark=False)[2].tolist() == [0x12, 0x34, 0x56]
    assert 77 in stage.classes.named
    assert stage.classes.entry(77) == OWN
    assert 77 not in stage.classes.members
    stage.history.undo()
    assert 77 not in stage.classes.named
    stage.history.redo()
    assert stage.classes.palette(dark=True)[OWN].tolist() == [0xAB, 0xCD, 0xEF]
    edits.set_colour(77, None)
    assert stage.classes.look.colours == {2: "#123456"}


def test_one_gesture_is_one_change(stage: Stage) -> None:
    for shade in ("#000001", "#000002", "#000003"):
        stage.model.edits.set_colour(0, shade, "a dialog")
    stage.history.undo()
    assert stage.classes.look.colours == {}
    assert stage.history.undo_text is None


def test_there_is_an_end_to_colours_by_hand_and_it_is_said(stage: Stage, qtbot: QtBot) -> None:
    for code in range(MOST_COLOURS, MOST_COLOURS + MOST_OWN):
        stage.model.edits.set_colour(code, "#00FF00")
    with qtbot.waitSignal(stage.notices.posted) as posted:
        stage.model.edits.set_colour(MANY - 1, "#00FF00")
    assert str(MOST_OWN) in posted.args[0].text
    assert len(stage.classes.own) == MOST_OWN
    stage.model.edits.set_colour(3, "#00FF00")  # the largest always have room
    assert 3 in stage.classes.look.colours


def test_a_name_is_for_the_eyes_only(stage: Stage) -> None:
    stage.model.edits.rename(0, "  The  first ")
    assert stage.classes.label(0) == "The first"
    assert stage.classes.given_label(0) == "class 0"
    assert stage.model.card(0).value == "The first"
    assert stage.document.corpus is not None
    assert stage.document.corpus.table.column("many")[0].as_py() == "class 0"
    stage.model.edits.rename(0, "")
    assert stage.model.card(0).value == "class 0"


def test_classes_are_found_by_both_names(stage: Stage) -> None:
    stage.model.edits.rename(250, "Rare bird")
    assert stage.classes.find("RARE").tolist() == [250]
    assert stage.classes.find("class 25").tolist() == [25, *range(250, 260)]
    assert not len(stage.classes.find("nothing like it"))


def test_orders(stage: Stage, qtbot: QtBot) -> None:
    edits = stage.model.edits
    edits.set_order("name")
    assert stage.classes.named[:3] == (0, 1, 2)  # "class 2" before "class 10"
    assert not stage.classes.can_order_by_value
    stage.show("grade", qtbot)
    assert stage.classes.can_order_by_value
    edits.set_order("value")
    labels = [stage.classes.label(code) for code in stage.classes.named]
    assert labels == [str(grade) for grade in range(12)]
    edits.move(stage.classes.named[11], 0)
    assert stage.classes.look.order == "hand"
    assert [stage.classes.label(code) for code in stage.classes.named][:3] == ["11", "0", "1"]
    stage.history.undo()
    assert stage.classes.look.order == "value"


def test_what_is_undone_is_seen(stage: Stage, qtbot: QtBot) -> None:
    """Undoing a change of another column shows that column again."""
    stage.model.toggle(4)
    stage.show("grade", qtbot)
    stage.history.undo()
    stage.settle(qtbot)
    assert stage.model.colour_by == "many"
    assert stage.classes.hidden == set()


def test_a_column_keeps_its_look_while_another_is_shown(stage: Stage, qtbot: QtBot) -> None:
    stage.model.toggle(4)
    stage.model.edits.set_colour(250, "#FF0000")
    stage.show("score", qtbot)
    stage.model.edits.set_scale("magma")
    stage.show("many", qtbot)
    assert stage.classes.hidden == {4}
    assert stage.classes.own == (250,)
    stage.show("score", qtbot)
    assert stage.scale.look.scale == "magma"


def test_a_project_keeps_the_looks_of_all_columns(stage: Stage, qtbot: QtBot) -> None:
    edits = stage.model.edits
    edits.set_colour(250, "#FF0000")
    edits.set_colour(stage.classes.none, "#00FF00")
    edits.rename(stage.classes.other, "All the rest")
    stage.model.toggle(stage.classes.none)
    edits.move(5, 0)
    before = stage.classes.style
    stage.show("score", qtbot)
    edits.set_range(-10, 20)
    edits.set_scale("diverging")
    edits.set_centre(3)
    edits.set_reversed(True)
    edits.set_even(True)
    stage.settle(qtbot)
    scale = stage.scale.style
    state = stage.model.project_state()
    stage.settings.change(looks=())
    stage.reopen(qtbot)
    stage.model.restore_project_state(state)
    stage.settle(qtbot)
    assert stage.scale.style == scale
    stage.show("many", qtbot)
    assert stage.classes.style == before


def test_most_hidden_is_kept_as_few_shown(stage: Stage, qtbot: QtBot) -> None:
    labels = [f"v{i}" for i in range(3000)]
    columns: dict[str, list[Any]] = {"text": [f"t{i}" for i in range(9000)], "v": labels * 3}
    stage.reopen(qtbot, columns)
    stage.show("v", qtbot)
    stage.model.solo(7)
    state = stage.model.project_state()
    assert state["looks"]["v"]["shown"] == [stage.classes.given_label(7)]
    stage.reopen(qtbot, columns)
    stage.model.restore_project_state(state)
    stage.settle(qtbot)
    assert len(stage.classes.hidden) == 2999
    assert 7 not in stage.classes.hidden


def test_colours_and_names_are_there_for_another_file(stage: Stage, qtbot: QtBot) -> None:
    stage.model.edits.set_colour(0, "#112233")
    stage.model.edits.rename(1, "Second")
    stage.model.toggle(2)
    other = {**COLUMNS, "text": COLUMNS["text"][::-1]}
    stage.reopen(qtbot, other)
    stage.show("many", qtbot)
    assert (stage.classes.look.colours, stage.classes.look.names) == ({0: "#112233"}, {1: "Second"})
    assert not stage.classes.hidden  # that was for the first file only
    strange = {"text": ["a", "b", "c", "d"], "many": ["x", "x", "y", "y"]}
    stage.reopen(qtbot, strange)
    stage.show("many", qtbot)
    assert stage.classes.look.colours == {}


def test_settings_forget_what_is_taken_back(stage: Stage) -> None:
    stage.model.edits.set_colour(0, "#112233")
    assert len(stage.settings.value.looks) == 1
    stage.model.edits.reset_classes()
    assert stage.settings.value.looks == ()


def test_the_last_column_is_chosen_again(stage: Stage, qtbot: QtBot) -> None:
    stage.show("score", qtbot)
    stage.reopen(qtbot)
    assert stage.model.colour_by == "score"
    stage.show(None, qtbot)
    stage.reopen(qtbot)
    assert stage.model.colour_by is None


def test_damaged_looks_do_no_harm(stage: Stage, qtbot: QtBot) -> None:
    looks = {
        "many": {
            "colours": {"class 0": "red", "class 1": "#12345G", "class 2": 3, "gone": "#000000"},
            "names": {"class 0": "", "class 1": ["x"], "class 2": "y" * 999},
            "order": "backwards",
            "hand": [1, {"a": 2}, "gone"],
            "hidden": "all",
            "shown": 7,
        },
        "score": {"scale": "rainbow", "centre": "x", "even": 1, "range": [5, 1]},
        "grade": 5,
    }
    stage.model.restore_project_state({"colour_by": "many", "looks": looks})
    stage.settle(qtbot)
    assert stage.classes.style == ByClass("many", stage.classes.categories).style
    stage.show("score", qtbot)
    numbers = stage.scale.numbers
    assert stage.scale.style == ByNumber("score", numbers, numbers.low, numbers.high).style


def test_selected_items_are_counted_by_class(stage: Stage, qtbot: QtBot) -> None:
    assert stage.model.colours.counts is None
    rows = np.array([0, 1, COUNTS[0], len(NAMES) - 1, N - 1])
    stage.document.set_selection(select(rows, "some"))
    counts = stage.model.colours.counts
    now = stage.classes
    assert counts is not None
    assert [counts[code] for code in (0, 1, 2, MANY - 1, now.none, now.other)] == [2, 1, 0, 1, 1, 1]
    stage.model.edits.set_colour(MANY - 1, "#FF0000")  # no member of "other" any more
    assert stage.model.colours.counts is not None
    assert stage.model.colours.counts[now.other] == 0
    stage.document.set_selection(NOTHING)
    assert stage.model.colours.counts is None


def test_a_diverging_scale_is_equally_steep_on_both_sides(stage: Stage, qtbot: QtBot) -> None:
    stage.show("score", qtbot)
    stage.model.edits.set_scale("diverging")
    at = stage.scale.entries_at(np.array([-9000.0, 0.0, 9000.0]))
    assert at[1] == 126
    assert int(at[1]) - int(at[0]) == int(at[2]) - int(at[1]) > 0
    stage.model.edits.set_centre(500)
    assert stage.scale.entries_at(np.array([500.0]))[0] == 126


def test_equal_shares_give_each_colour_as_many_items(stage: Stage, qtbot: QtBot) -> None:
    columns = {**COLUMNS, "score": [float(np.exp(row / 4000)) for row in range(N)]}
    stage.reopen(qtbot, columns)
    stage.show("score", qtbot)
    stage.model.edits.set_even(True)
    stage.model.edits.set_scale("plasma")  # while the ranks are still worked out
    stage.settle(qtbot)
    assert stage.scale.look.scale == "plasma"
    counts = np.bincount(stage.scale.entries(), minlength=254)[1:252]
    np.testing.assert_allclose(counts, N / 252, rtol=0.1)


def test_a_robust_range_leaves_strays_out(stage: Stage, qtbot: QtBot) -> None:
    stage.show("score", qtbot)
    stage.model.edits.show_robust_range()
    low, high = stage.scale.low, stage.scale.high
    assert low > stage.scale.numbers.low
    assert high < stage.scale.numbers.high
    stage.model.edits.show_full_range()
    assert (stage.scale.low, stage.scale.high) == (
        stage.scale.numbers.low,
        stage.scale.numbers.high,
    )
    stage.history.undo()
    assert (stage.scale.low, stage.scale.high) == (low, high)


def test_a_range_stays_within_what_can_be_drawn(stage: Stage, qtbot: QtBot) -> None:
    stage.show("score", qtbot)
    stage.model.edits.set_range(-1.7e308, 1.7e308)
    assert (stage.scale.low, stage.scale.high) == (-1e38, 1e38)
    stage.model.edits.set_range(0.0, 5e-324)
    assert (stage.scale.low, stage.scale.high) == (0, 0)
    stage.model.edits.set_centre(1e308)
    assert stage.scale.centre == 1e38
    looks = {"score": {"range": [-1e308, 10**400], "centre": 1e300}}
    stage.model.restore_project_state({"colour_by": "score", "looks": looks})
    stage.settle(qtbot)
    numbers = stage.scale.numbers
    assert stage.scale.style == ByNumber("score", numbers, numbers.low, numbers.high).style


def test_a_renamed_column_keeps_its_look_and_its_undo(stage: Stage, qtbot: QtBot) -> None:
    values = np.arange(N, dtype=np.float32)
    name = stage.document.put_column("made", values, MadeBy("look"))
    stage.show(name, qtbot)
    stage.model.set_range(5, 10)
    stage.model.edits.set_scale("magma")
    stage.document.rename_column(name, "better")
    assert stage.model.colour_by == "better"
    assert (stage.scale.low, stage.scale.look.scale) == (5, "magma")
    stage.history.undo()
    assert (stage.scale.column, stage.scale.look.scale) == ("better", "viridis")
    stage.show("many", qtbot)
    stage.show("better", qtbot)
    assert (stage.scale.low, stage.scale.high) == (5, 10)


def test_a_column_that_is_brought_back_colours_the_map_again(stage: Stage, qtbot: QtBot) -> None:
    values = np.arange(N, dtype=np.float32)
    name = stage.document.put_column("made", values, MadeBy("look"))
    stage.show(name, qtbot)
    stage.model.set_range(5, 10)
    removal = RemoveColumn.of(stage.document, name)
    assert removal is not None
    stage.history.do(removal)
    assert stage.model.colouring is None
    stage.history.undo()
    stage.settle(qtbot)
    assert (stage.scale.column, stage.scale.low, stage.scale.high) == (name, 5, 10)
    stage.history.redo()
    stage.show("many", qtbot)  # somebody chose another one meanwhile
    stage.document.put_column(name, values, MadeBy("look"))
    stage.settle(qtbot)
    assert stage.classes.column == "many"
    stage.show(name, qtbot)
    stage.document.drop_column(name)
    stage.show(None, qtbot)
    stage.document.put_column(name, values, MadeBy("look"))
    stage.settle(qtbot)
    assert stage.model.colour_by is None
