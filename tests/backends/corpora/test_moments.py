"""Columns cut into steps: natural lengths, codes against the obvious comparison, conditions."""

# ruff: noqa: RUF001  (ranges are written with an en dash)

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.corpora.columns import exact_numbers
from backends.corpora.filtering import filter_rows
from backends.corpora.moments import LARGEST, MOST_STEPS, NONE, playable_columns, read_moments
from backends.errors import BackendError
from backends.types import Corpus, MadeBy, Roles

START = datetime(1987, 3, 14, 15, 9, 26)


def corpus(values: Any, **columns: Any) -> Corpus:
    """A table of dates, which have no name of their own in JSON as the builders make it."""
    table = pa.table({"text": ["a"] * len(values), "when": values, **columns})
    return Corpus(table, Roles(text="text"), "times", (), MadeBy("read"))


def dates(days: float, count: int = 50) -> list[datetime]:
    return [START + timedelta(days=days * i / (count - 1)) for i in range(count)]


@pytest.mark.parametrize(
    ("days", "length", "words"),
    [
        (0.003, 1, "1987-03-14 15:09:26 – 15:09:27"),
        (0.2, 60, "1987-03-14 15:09 – 15:10"),
        (10, 3600, "1987-03-14 15:00 – 16:00"),
        (300, 86_400, "1987-03-14"),
        (2000, 7 * 86_400, "1987-03-09 – 1987-03-15"),
        (9000, 30 * 86_400, "1987-03"),
        (30_000, 90 * 86_400, "1987-01 – 1987-03"),
        (100_000, 360 * 86_400, "1987"),
        (600_000, 5 * 360 * 86_400, "1985 – 1989"),
    ],
)
def test_dates_are_cut_where_calendars_are(days: float, length: float, words: str) -> None:
    moments = read_moments(corpus(dates(days)), "when")
    assert moments.length == length
    assert moments.words(0, 1) == words
    assert 1 < moments.steps <= MOST_STEPS + 2
    assert moments.is_date
    edge = datetime.fromtimestamp(moments.edges[0], UTC)
    if length > 30 * 86_400:
        assert (edge.day, edge.hour, edge.minute) == (1, 0, 0)
    if length == 7 * 86_400:
        assert edge.weekday() == 0


@pytest.mark.parametrize(
    ("values", "steps", "first", "both"),
    [
        ([1990, 1992, 1999], 10, "1990", "1990 – 1991"),
        ([0, 100_000], 201, "0 – 499", "0 – 999"),
        ([7, 7], 1, "7", "7"),
        ([0.0, 1.0], 201, "0 – 0.005", "0 – 0.01"),
        ([2.5, 2.5, None], 1, "2 – 3", "2 – 3"),
    ],
)
def test_numbers_are_cut_into_round_steps(
    values: list[float], steps: int, first: str, both: str
) -> None:
    moments = read_moments(corpus(values), "when")
    assert moments.steps == steps
    assert moments.words(0, 1) == first
    assert moments.words(0, min(2, steps)) == both
    assert moments.missing == values.count(None)  # type: ignore[arg-type]


NUMBERS = st.one_of(
    st.none(), st.floats(), st.floats(-1e6, 1e6), st.integers(1990, 2020).map(float)
)


@given(st.lists(NUMBERS, min_size=1, max_size=40), st.data())
def test_what_lies_inside_is_what_comparing_finds(values: list[Any], data: st.DataObject) -> None:
    of = corpus(pa.array(values, pa.float64()))
    moments = read_moments(of, "when")
    exact, _ = exact_numbers(of, "when")
    usable = np.abs(exact) < LARGEST
    assert int(moments.counts.sum()) == int(usable.sum())
    assert (moments.codes[~usable] == NONE).all()
    if not moments.steps:
        return
    assert (np.diff(moments.edges) > 0).all()
    low = data.draw(st.integers(0, moments.steps - 1))
    high = data.draw(st.integers(low + 1, moments.steps))
    expected = (exact >= moments.edges[low]) & (exact < moments.edges[high])
    np.testing.assert_array_equal(moments.inside(low, high), expected & usable)


@pytest.mark.parametrize(
    "values",
    [
        dates(2000),
        [moment.replace(tzinfo=UTC) for moment in dates(0.2)],
        [moment.date() for moment in dates(9000)],
        [None, *range(1900, 1960)],
        [None, *(x / 7 for x in range(90))],
    ],
)
def test_the_condition_finds_the_same_rows(values: list[Any]) -> None:
    of = corpus(values)
    moments = read_moments(of, "when")
    for low, high in ((0, 1), (moments.steps // 3, moments.steps // 2 + 1), (0, moments.steps)):
        rows = filter_rows(of, "sql", moments.condition(low, high))
        assert rows.tolist() == np.flatnonzero(moments.inside(low, high)).tolist()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("noughts", [0, 30])
def test_steps_grow_with_numbers_of_which_most_are_small(whole: bool, noughts: int) -> None:
    values = np.random.default_rng(0).lognormal(5, 1.6, 5000)
    values[:noughts] = 0
    values = np.ceil(values).astype(np.int64) if whole else values
    moments = read_moments(corpus(values.tolist()), "when")
    assert moments.missing == 0
    assert 40 < moments.steps <= MOST_STEPS + 2
    assert moments.counts.max() < 0.1 * 5000
    exact = values.astype(np.float64)
    for low, high in ((0, 1), (20, 40), (moments.steps - 5, moments.steps)):
        expected = (exact >= moments.edges[low]) & (exact < moments.edges[high])
        np.testing.assert_array_equal(moments.inside(low, high), expected)
        rows = filter_rows(corpus(values.tolist()), "sql", moments.condition(low, high))
        assert rows.tolist() == np.flatnonzero(expected).tolist()
    at = int(np.searchsorted(moments.edges, 119.9))
    assert moments.words(at, at + 1) == ("120 – 129" if whole else "120 – 130")


@pytest.mark.parametrize(
    "values", [[-9e299, 9e299], [5e-324, 1e-323], [1e17, 1e17 + 16], [1e-320, 1.0]]
)
def test_numbers_at_the_ends_of_what_can_be_written_are_all_inside(values: list[float]) -> None:
    moments = read_moments(corpus(values), "when")
    assert moments.missing == 0
    assert moments.inside(0, moments.steps).all()
    assert moments.words(0, moments.steps)


def test_a_date_is_not_rounded_to_the_precision_of_a_picture() -> None:
    second = timedelta(seconds=1)
    moments = read_moments(corpus([START, START + second, START + 2 * second]), "when")
    assert moments.codes.tolist() == [0, 1, 2]


def test_a_column_without_values_has_no_steps() -> None:
    of = corpus([float("nan"), None])
    moments = read_moments(of, "when")
    assert (moments.steps, moments.missing) == (0, 2)


def test_numbers_and_dates_can_be_played_and_nothing_else() -> None:
    of = corpus(
        [1],
        real=[0.5],
        day=[date(2020, 1, 1)],
        moment=[START],
        flag=[True],
        list=[[1]],
        time=[START.time()],
    )
    assert playable_columns(of) == ("when", "real", "day", "moment")
    with pytest.raises(BackendError, match="holds text"):
        read_moments(of, "text")
