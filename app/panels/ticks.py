"""Round places along a scale: 1, 2 and 5 times a power of ten, or the starts of years and days."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
HOUR, DAY = 3600.0, 86_400.0
HOURS = (1 / 60, 5 / 60, 0.25, 0.5, 1, 3, 6, 12)
DAYS = (1, 2, 7, 14)
MONTHS = (1, 3, 6)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Tick = tuple[float, str]  # value and what is written beside it


def number_ticks(low: float, high: float, most: int = 5) -> tuple[Tick, ...]:
    """At most `most` round numbers from low to high, ascending; one if both are the same."""
    if not high > low:
        return ((low, _number(low, 0.0)),)
    rough = (high - low) / max(1, most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    for step in (power * factor for factor in (*STEPS, 20.0)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    return tuple((at * step, _number(at * step, step)) for at in range(first, last + 1))


def date_ticks(low: float, high: float, most: int = 4) -> tuple[Tick, ...]:
    """At most `most` round moments (seconds since 1970) from low to high, ascending.

    Years as "2020", months as "2020-03", days as "2020-03-14", and times with their day.
    """
    try:
        start, end = _moment(low), _moment(high)
    except (OverflowError, ValueError):  # beyond the calendar
        return number_ticks(low, high, most)
    span = high - low
    if not span > 0:
        return ((low, start.strftime("%Y-%m-%d")),)
    for hours in HOURS:
        if span / (hours * HOUR) < most - 1:
            return _even(low, high, hours * HOUR, "%Y-%m-%d %H:%M")
    for days in DAYS:
        if span / (days * DAY) < most - 1:
            return _even(low, high, days * DAY, "%Y-%m-%d")
    for months in MONTHS:
        if span / (months * 28 * DAY) < most - 1:
            return tuple(_months(start, end, months))
    years = number_ticks(start.year, end.year + 1, most)
    return tuple(
        (moment.timestamp(), str(moment.year))
        for moment in (
            datetime(int(year), 1, 1, tzinfo=UTC) for year, _ in years if year == int(year)
        )
        if start <= moment <= end
    )


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _even(low: float, high: float, step: float, form: str) -> tuple[Tick, ...]:
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple((at * step, _moment(at * step).strftime(form)) for at in range(first, last + 1))


def _months(start: datetime, end: datetime, step: int) -> Iterator[Tick]:
    month = start.year * 12 + start.month - 1
    month += -month % step
    while (moment := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)) <= end:
        if moment >= start:
            yield moment.timestamp(), moment.strftime("%Y-%m")
        month += step


def _number(value: float, step: float) -> str:
    """A number with as many places as its neighbours need; a year has no comma."""
    if value == 0:
        return "0"
    size = max(abs(value), step)
    if size >= 1e7 or size < 1e-4:
        return f"{value:.3g}"
    places = (
        0 if step >= 1 and step == int(step) else max(0, 1 - math.floor(math.log10(step or size)))
    )
    text = f"{value:.{places}f}" if size < 10_000 else f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
