"""Round places along a scale."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.panels.ticks import DAY, date_ticks, number_ticks


@given(
    st.floats(-1e9, 1e9, allow_subnormal=False),
    st.floats(1e-3, 1e9),
    st.integers(2, 9),
)
def test_number_ticks_lie_evenly_in_the_scale(low: float, width: float, most: int) -> None:
    high = low + width
    ticks = number_ticks(low, high, most)
    values = [value for value, _ in ticks]
    slack = 1e-6 * max(width, abs(low))
    assert len(ticks) <= most
    assert all(low - slack <= value <= high + slack for value in values)
    steps = [b - a for a, b in itertools.pairwise(values)]
    assert all(step == pytest.approx(steps[0], rel=1e-3, abs=slack) for step in steps)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, 1, ["0", "0.25", "0.5", "0.75", "1"]),
        (1990, 2023, ["1990", "2000", "2010", "2020"]),
        (12345, 99999, ["20,000", "40,000", "60,000", "80,000"]),
        (5, 5, ["5"]),
    ],
)
def test_numbers_are_written_as_people_do(low: float, high: float, texts: list[str]) -> None:
    assert [text for _, text in number_ticks(low, high)] == texts


def seconds(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (seconds(1960, 5, 1), seconds(2021, 2, 1), ["1980", "2000", "2020"]),
        (seconds(2020, 1, 20), seconds(2020, 6, 20), ["2020-04"]),
        (seconds(2020, 1, 1), seconds(2020, 1, 6), ["2020-01-01", "2020-01-03", "2020-01-05"]),
        (seconds(2020, 1, 1), seconds(2020, 1, 1), ["2020-01-01"]),
    ],
)
def test_dates_begin_days_months_and_years(low: float, high: float, texts: list[str]) -> None:
    assert [text for _, text in date_ticks(low, high)] == texts


@given(st.floats(-1e10, 1e10), st.floats(60.0, 1e10))
def test_date_ticks_are_few_and_inside(low: float, width: float) -> None:
    ticks = date_ticks(low, low + width)
    assert len(ticks) <= 6
    assert all(low - DAY <= value <= low + width + DAY for value, _ in ticks)


def test_moments_beyond_the_calendar_are_numbers() -> None:
    assert date_ticks(0.0, 1e13)[0][1] == "0"
