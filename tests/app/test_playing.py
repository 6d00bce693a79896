"""Playing a column: ranges, modes, time that goes by, and what it leaves alone."""

# ruff: noqa: RUF001  (ranges are written with an en dash)

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.history import History
from app.panels.play_range import MODES, PlayMode, PlayRange
from app.panels.played_column import NO_COLUMN
from app.panels.playing import PlayingModel
from backends.corpora.filtering import filter_rows
from backends.selection import NOTHING
from backends.types import MadeBy
from tests import builders
from tests.app.bench import Bench

YEARS = [1980 + (row * 7) % 40 for row in range(80)]  # each of forty years twice
COLUMNS: dict[str, list[Any]] = {
    "text": [f"words {row}" for row in range(80)],
    "year": [*YEARS],
    "size": [None, *(row / 3 for row in range(79))],
}


class Player(Bench):
    """A table with two columns to play, and the model."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History(self.document)
        self.model = self.build()
        self.document.set_corpus(builders.corpus(columns=COLUMNS))

    def build(self) -> PlayingModel:
        common = (self.document, self.jobs, self.notices, self.history)
        return PlayingModel(*common, self.document)

    def settle(self, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: not self.jobs.live)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Player]:
    bench = Player()
    yield bench
    bench.model.close()
    assert bench.close()


@pytest.fixture
def player(bench: Player, qtbot: QtBot) -> Player:
    bench.model.open()
    bench.settle(qtbot)
    return bench


def shown(player: Player) -> set[int]:
    inside = player.model.inside
    assert inside is not None
    return {YEARS[row] for row in np.flatnonzero(inside)}


def test_it_opens_with_the_year_and_shows_an_eighth(player: Player) -> None:
    model = player.model
    assert model.columns == ("year", "size")
    assert (model.column, model.range, model.words) == ("year", (0, 5), "1980 – 1984")
    assert shown(player) == set(range(1980, 1985))
    assert model.speed == 2  # forty years in twenty seconds
    model.close()
    assert model.inside is None


def test_without_such_a_column_nothing_can_be_played(bench: Player) -> None:
    assert bench.model.problem is None
    bench.document.set_corpus(builders.corpus(columns={"text": ["a", "b"]}))
    assert bench.model.problem is NO_COLUMN
    bench.model.open()
    assert not bench.model.is_open


@pytest.mark.parametrize(
    ("mode", "seconds", "expected"),
    [
        ("window", 1.0, (2, 7)),
        ("window", 1.4, (2, 7)),  # a step is shown whole
        ("window", 100.0, (35, 40)),
        ("grow", 1.0, (0, 7)),
        ("grow", 100.0, (0, 40)),
        ("moment", 1.0, (2, 3)),
    ],
)
def test_time_moves_the_range(
    player: Player, mode: PlayMode, seconds: float, expected: tuple[int, int]
) -> None:
    player.model.set_mode(mode)
    player.model.advance(seconds)
    assert player.model.range == expected


def test_small_steps_of_time_add_up(player: Player) -> None:
    for _ in range(33):
        player.model.advance(1 / 30)
    assert player.model.range == (2, 7)


def test_at_the_end_it_begins_again_or_stops(player: Player) -> None:
    model = player.model
    model.set_range(34, 39)
    model.play()
    assert model.is_playing
    model.advance(0.5)
    assert model.range == (35, 40)
    model.advance(0.5)
    assert model.range == (0, 5)
    model.set_loops(False)
    model.set_range(35, 40)
    model.advance(0.5)
    assert not model.is_playing
    assert model.range == (35, 40)
    model.toggle()  # from the end: from the beginning
    assert (model.range, model.is_playing) == ((0, 5), True)
    model.toggle()
    assert not model.is_playing


def test_the_timer_moves_it(player: Player, qtbot: QtBot) -> None:
    player.model.set_speed(30)
    with qtbot.waitSignal(player.model.stepped, timeout=10_000):
        player.model.play()
    player.model.pause()
    assert player.model.range[0] > 0


def test_it_leaves_selection_and_filter_alone_until_asked(player: Player) -> None:
    document, model = player.document, player.model
    model.set_range(10, 13)
    model.advance(1)
    assert document.selection == NOTHING
    assert document.filter is None
    model.select_inside()
    assert {YEARS[row] for row in document.selection.rows} == {1992, 1993, 1994}
    assert document.selection.words == "year 1992 – 1994"
    assert json.dumps(dict(document.selection.description))
    model.filter_inside()
    assert document.filter is not None
    assert document.corpus is not None
    found = filter_rows(document.corpus, "sql", document.filter.text)
    assert found.tolist() == document.filter.rows.tolist() == document.selection.rows.tolist()
    player.history.undo()
    assert document.filter is None


def test_a_project_keeps_it_by_values(player: Player, qtbot: QtBot) -> None:
    model = player.model
    model.choose("size")
    assert model.words == "Reading…"
    assert model.inside is None
    player.settle(qtbot)
    model.set_mode("window")
    model.set_range(7, 19)
    model.set_speed(30)
    model.set_hides(True)
    model.set_loops(False)
    state = json.loads(json.dumps(model.project_state()))
    other = player.build()
    other.restore_project_state(state)
    assert other.project_state() == state  # nothing is lost before the column is read
    player.settle(qtbot)
    assert other.project_state() == state
    assert other.is_open
    assert (other.range, other.words) == (model.range, model.words)
    other.close()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"open": True, "column": "gone"},
        {"open": 7, "column": 7, "mode": "backwards", "speed": -1, "range": ["a", 2]},
        {"open": True, "column": "year", "range": [float("nan"), 1e300], "speed": True},
    ],
)
def test_nonsense_in_a_project_does_no_harm(
    player: Player, state: dict[str, Any], qtbot: QtBot
) -> None:
    player.model.restore_project_state(state)
    player.settle(qtbot)
    low, high = player.model.range
    assert 0 <= low < high
    assert player.model.mode == "window"


def test_another_corpus_puts_it_away(player: Player) -> None:
    player.model.play()
    player.document.set_corpus(builders.corpus(3))
    model = player.model
    assert not model.is_open
    assert not model.is_playing
    assert model.inside is None


def test_a_computed_column_is_played_read_anew_renamed_and_let_go(
    player: Player, qtbot: QtBot
) -> None:
    document, model = player.document, player.model
    made = [MadeBy("score", (), {"run": run}) for run in range(2)]
    scores = np.linspace(0, 8, 80)
    name = document.put_column("score", pa.chunked_array([scores]), made[0])
    model.choose(name)
    player.settle(qtbot)
    assert model.moments is not None
    before = model.moments
    document.put_column("score", pa.chunked_array([scores * 3]), made[1], replaces=name)
    player.settle(qtbot)
    assert model.moments is not before
    assert model.moments.edges[-1] > 20
    new = document.rename_column(name, "rank")
    assert model.column == new
    document.drop_column(new)
    assert not model.is_open


@given(
    st.integers(1, 60),
    st.sampled_from(MODES),
    st.lists(st.tuples(st.sampled_from(["to", "shift", "mode", "begin"]), st.integers(-70, 70))),
)
def test_a_range_never_leaves_its_steps(
    steps: int, mode: PlayMode, moves: list[tuple[str, int]]
) -> None:
    at = PlayRange(0, 1, steps, mode)
    for kind, number in moves:
        if kind == "to":
            at = at.to(number, number + abs(number) // 2)
        elif kind == "shift":
            width = at.high - at.low
            at = at.shifted(number)
            assert at.mode == "grow" or at.high - at.low == width
        elif kind == "mode":
            at = at.in_mode(MODES[number % len(MODES)])
        else:
            at = at.begun()
            assert at.low == 0
        assert 0 <= at.low < at.high <= steps
        assert at.mode != "grow" or at.low == 0
        assert at.mode != "moment" or at.high == at.low + 1
