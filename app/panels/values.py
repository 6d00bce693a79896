"""Values of a scale as people write them: ends, ticks at round numbers and at natural dates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

Tick = tuple[float, str]  # value and what is written beside it

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_SECONDS = 86_400
_SIGNS = str.maketrans({"−": "-", "≤": " ", "≥": " ", ",": "", "\u202f": "", "\xa0": ""})  # noqa: RUF001
_FORMATS = ("%Y-%m", "%Y", "%d.%m.%Y")
# Seconds of a step, and how a date is written there.
_STEPS = (
    *((seconds, "%H:%M:%S") for seconds in (1, 5, 15, 30)),
    *((minutes * 60, "%H:%M") for minutes in (1, 5, 15, 30, 60, 180, 360, 720)),
    *((days * DAY_SECONDS, "%m-%d") for days in (1, 2, 7, 14)),
)
_MONTH_STEPS = (1, 3, 6)


def value_text(value: float, other: float, *, is_date: bool) -> str:
    """An end of a scale as text; a date with its time only if the scale spans few days."""
    if is_date:
        moment = _moment(value)
        if moment is None:
            return f"{value:,.4g}"
        short = abs(value - other) < 3 * DAY_SECONDS
        return moment.strftime("%Y-%m-%d %H:%M" if short else "%Y-%m-%d")
    if abs(value) < 1e6 and value == int(value):
        whole = int(value)
        return str(whole) if abs(whole) < 10_000 else f"{whole:,}"  # a year has no comma
    return f"{value:,.4g}"


def read_value(text: str, *, is_date: bool) -> float | None:
    """What somebody typed as a number, or as seconds since 1970 of a date; None if it is neither.

    A comma parts thousands; dates are as in "2020", "2020-05", "2020-05-17" and "2020-05-17 10:30".
    """
    clean = text.translate(_SIGNS).strip()
    if not is_date:
        try:
            value = float(clean)
        except ValueError:
            return None
        return value if math.isfinite(value) else None
    try:
        moment: datetime | None = datetime.fromisoformat(clean)
    except ValueError:
        moment = _read_date(clean)
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def ticks(low: float, high: float, most: int, *, is_date: bool, alone: bool = False) -> list[Tick]:
    """Up to `most` round values from low to high, with what is written at them.

    Days are written without their year and times without their day, for the ends say those; with
    `alone`, where nothing else does, they are written in full.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or most < 1:
        return []
    if is_date and _moment(low) is not None and _moment(high) is not None:
        return _date_ticks(low, high, most, alone=alone)
    return _number_ticks(low, high, most)


def _number_ticks(low: float, high: float, most: int) -> list[Tick]:
    step = _round_step((high - low) / most, low, high, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [count * step for count in range(first, last + 1)]
    return [(value, _tick_text(value, step)) for value in values]


def _round_step(least: float, low: float, high: float, most: int) -> float:
    """The smallest of 1, 2 and 5 times a power of ten with at most so many multiples."""
    power = 10.0 ** math.floor(math.log10(least))
    for factor in (1, 2, 5, 10, 20):
        step = factor * power
        count = math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) + 1
        if step >= least * (1 - 1e-9) and count <= most:
            return step
    return 50 * power


def _tick_text(value: float, step: float) -> str:
    size = abs(value)
    if size >= 1e6 or (0 < size < 1e-4):
        return f"{value:.3g}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    value = 0.0 if size < step / 2 else value  # no "-0"
    return f"{value:.{places}f}" if size < 10_000 else f"{value:,.{places}f}"


def _date_ticks(low: float, high: float, most: int, *, alone: bool) -> list[Tick]:
    """The shortest natural step with at most so many places, from seconds to centuries."""
    start, end = _EPOCH + timedelta(seconds=low), _EPOCH + timedelta(seconds=high)
    for seconds, form in _STEPS:
        if (high - low) / seconds < most + 1:
            places = range(math.ceil(low / seconds), math.floor(high / seconds) + 1)
            if len(places) <= most:
                if alone:
                    form = f"%Y-%m-%d {form}" if form.startswith("%H") else f"%Y-{form}"
                moments = [_EPOCH + timedelta(seconds=place * seconds) for place in places]
                return [(at.timestamp(), at.strftime(form)) for at in moments]
    for months in _MONTH_STEPS:
        if (end.year - start.year) * 12 / months <= most + 12:
            found = list(_months(start, end, months))
            if len(found) <= most:
                return [(at.timestamp(), at.strftime("%Y-%m")) for at in found]
    steps = (factor * 10**power for power in range(4) for factor in (1, 2, 5))
    for years in steps:
        found = list(_years(start, end, years))
        if len(found) <= most:
            return [(at.timestamp(), str(at.year)) for at in found]
    return []


def _months(start: datetime, end: datetime, step: int) -> Iterator[datetime]:
    first, last = start.year * 12 + start.month - 1, end.year * 12 + end.month - 1
    for number in range(first - first % step, last + 1, step):
        at = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
        if start <= at <= end:
            yield at


def _years(start: datetime, end: datetime, step: int) -> Iterator[datetime]:
    for year in range(max(1, start.year - start.year % step), end.year + 1, step):
        at = datetime(year, 1, 1, tzinfo=UTC)
        if start <= at <= end:
            yield at


def _moment(seconds: float) -> datetime | None:
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _read_date(text: str) -> datetime | None:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
