"""Ends and ticks of scales as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.panels.values import read_value, ticks


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, ["0.0", "0.5", "1.0"]),
        (1980, 2019, ["1980", "1990", "2000", "2010"]),
        (-3.2, 7.9, ["0", "5"]),
        (12_000, 47_000, ["20,000", "30,000", "40,000"]),
        (0, 1e7, ["0", "5e6", "1e7"]),
    ],
)
def test_numbers_have_round_ticks(low: float, high: float, expected: list[str]) -> None:
    assert [text for _, text in ticks(low, high, 4, is_date=False)] == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("1850-01-01", "2020-01-01", ["1850", "1900", "1950", "2000"]),
        ("2015-01-01", "2018-12-31", ["2015", "2016", "2017", "2018"]),
        ("2020-01-15", "2020-04-02", ["2020-02", "2020-03", "2020-04"]),
        ("2020-01-01", "2020-01-04", ["01-01", "01-02", "01-03", "01-04"]),
        ("2020-01-01T03:00", "2020-01-01T21:00", ["06:00", "12:00", "18:00"]),
    ],
)
def test_dates_have_ticks_at_natural_units(low: str, high: str, expected: list[str]) -> None:
    found = ticks(seconds(low), seconds(high), 4, is_date=True)
    assert [text for _, text in found] == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("2015-01-01", "2018-12-31", ["2015", "2016", "2017", "2018"]),
        ("2020-01-01", "2020-01-03", ["2020-01-01", "2020-01-02", "2020-01-03"]),
        (
            "2020-01-01T06:00",
            "2020-01-01T13:00",
            ["2020-01-01 06:00", "2020-01-01 09:00", "2020-01-01 12:00"],
        ),
    ],
)
def test_ticks_that_stand_alone_are_written_in_full(
    low: str, high: str, expected: list[str]
) -> None:
    found = ticks(seconds(low), seconds(high), 4, is_date=True, alone=True)
    assert [text for _, text in found] == expected


@given(
    st.floats(-1e12, 1e12),
    st.floats(1e-6, 1e12),
    st.integers(2, 8),
    st.booleans(),
)
def test_ticks_lie_inside_and_are_few(low: float, width: float, most: int, is_date: bool) -> None:
    high = low + width
    found = ticks(low, high, most, is_date=is_date)
    slack = width * 1e-6 + abs(low) * 1e-12
    assert all(low - slack <= value <= high + slack for value, _ in found)
    assert len(found) <= most
    assert sorted(value for value, _ in found) == [value for value, _ in found]


@pytest.mark.parametrize("ends", [(1, 1), (2, 1), (float("nan"), 1), (0, float("inf"))])
def test_where_there_is_no_range_there_are_no_ticks(ends: tuple[float, float]) -> None:
    assert ticks(*ends, 4, is_date=False) == []


@pytest.mark.parametrize(
    ("text", "is_date", "expected"),
    [
        ("1,200.5", False, 1200.5),
        ("≥ 90", False, 90.0),
        ("−3", False, -3.0),  # noqa: RUF001  minus sign
        ("1e3", False, 1000.0),
        ("many", False, None),
        ("inf", False, None),
        ("", False, None),
        ("2020", True, seconds("2020-01-01")),
        ("2020-05", True, seconds("2020-05-01")),
        ("17.05.2020", True, seconds("2020-05-17")),
        ("2020-05-17 10:30", True, seconds("2020-05-17T10:30")),
        ("soon", True, None),
    ],
)
def test_what_is_typed_is_understood(text: str, is_date: bool, expected: float | None) -> None:
    assert read_value(text, is_date=is_date) == expected
