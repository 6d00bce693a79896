"""A column of numbers or dates cut into steps of a natural length, so that it can be played.

Each item has the number of its step as a code of two bytes: which items lie within a range of steps
is then one pass over the codes, quick enough for ten million items between two pictures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Mask, frozen
from backends.corpora.columns import exact_numbers, values_of
from backends.reporting import SILENT, Report
from backends.types import Corpus

MOST_STEPS = 400
NONE = 65_535  # code of an item without a value
NEVER = MOST_STEPS + 2  # steps that no column has: one at either end may be a part
LARGEST = 1e300  # beyond, steps would overflow: like infinity, that is no value
TO = " \N{EN DASH} "  # between the ends of a range
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400
CLOCK = (1, 5, 15, 60, 300, 900, 3600, 6 * 3600, DAY, 7 * DAY)
"""Seconds of the steps up to weeks."""
CALENDAR = (1, 3, 12, 60, 120, 1200, 12_000, 120_000)
"""Months of the steps beyond."""
DIGITS = (
    tuple(each / 10 for each in (*range(10, 20), *range(20, 50, 2), *range(50, 100, 5))),
    tuple(map(float, range(1, 10))),
    (1.0, 2.0, 5.0),
)
"""Steps of a decade where steps grow, finest first."""
SAMPLE = 100_000  # values that tell whether most of them are small
MONDAY = 4 * DAY  # the first one after 1 January 1970, a Thursday


@dataclass(frozen=True, eq=False)
class Moments:
    """A column as steps: step s holds the values from `edges[s]` up to below `edges[s + 1]`."""

    column: str
    codes: NDArray[np.uint16]  # (n,) step of each item, `NONE` where it has no usable value
    edges: NDArray[np.float64]  # (steps + 1,) ascending; dates in seconds since 1970 (UTC)
    counts: NDArray[np.int64]  # (steps,) items in each
    is_date: bool
    is_whole: bool = False  # whether all values are whole numbers
    length: float = 0.0  # of a step (0 if they grow), seconds of a date; a month has 30 days

    @property
    def steps(self) -> int:
        """How many steps there are; 0 if no item has a value."""
        return len(self.counts)

    @property
    def missing(self) -> int:
        """How many items have no value."""
        return len(self.codes) - int(self.counts.sum())

    def inside(self, low: int, high: int) -> Mask:
        """Which items lie in the steps from `low` to below `high`, (n,)."""
        # Below `low` it wraps round to large numbers: one comparison instead of two.
        return (self.codes - np.uint16(low)) < np.uint16(max(0, high - low))

    def words(self, low: int, high: int) -> str:
        """The range of the steps from `low` to below `high` for a person to read."""
        first, last = self.edges[low], self.edges[max(high, low + 1)]
        if self.is_date:
            return _date_words(first, last, self.length)
        if self.is_whole:
            whole = math.ceil(first), math.ceil(last) - 1
            return TO.join(dict.fromkeys(map(_number, whole)))
        return f"{_number(first)}{TO}{_number(last)}"

    def condition(self, low: int, high: int) -> str:
        """The same range as a condition in SQL, over the table's own column."""
        from backends.corpora.duck import quoted_name

        name = quoted_name(self.column)
        ends = self.edges[low], self.edges[high]
        if self.is_date:
            first, last = (f"'{np.datetime64(int(end), 's')}'".replace("T", " ") for end in ends)
        else:
            first, last = (_plain(end) for end in ends)
        return f"{name} >= {first} AND {name} < {last}"


def playable_columns(corpus: Corpus) -> tuple[str, ...]:
    """Columns of numbers and dates, in the order of the source."""
    import pyarrow as pa

    kinds = pa.types
    checks = (
        *(kinds.is_integer, kinds.is_floating, kinds.is_decimal),
        *(kinds.is_date, kinds.is_timestamp),
    )
    return tuple(
        field.name for field in corpus.table.schema if any(check(field.type) for check in checks)
    )


def read_moments(corpus: Corpus, column: str, report: Report = SILENT) -> Moments:
    """Cut a column into at most `MOST_STEPS` steps, and one more at either end.

    Steps of dates are seconds, minutes, hours, days, weeks, months, quarters, years and more; steps
    of numbers are 1, 2 or 5 times a power of ten, of whole numbers at least 1. Where nearly all
    numbers lie in a small part of the range, as prices and counts do, steps grow with the numbers.

    Raises: BackendError if there is no such column or it holds neither, Cancelled.
    """
    import pyarrow as pa

    report.step(0, 2, f"Reading {column}")
    values, is_date = exact_numbers(corpus, column)  # (n,)
    known = np.abs(values) < LARGEST  # neither NaN
    some = values if known.all() else values[known]
    report.step(1, 2, f"Cutting {column} into steps")
    if not len(some):
        nothing = np.full(len(values), NONE, np.uint16)
        return Moments(column, frozen(nothing), np.zeros(1), np.zeros(0, np.int64), is_date)
    low, high = float(some.min()), float(some.max())
    is_whole = not is_date and pa.types.is_integer(values_of(corpus, column).type)
    if is_date:
        edges, length = _date_edges(low, high)
    elif _is_skewed(some, low, high):
        edges, length = _rising_edges(some, high, is_whole), 0.0
    else:
        length = _step(low, high, least=1.0 if is_whole else 1e-300)
        edges = _even_edges(low, high, length)
    codes = _codes(values, known, edges)
    counts = np.bincount(codes, minlength=NONE + 1)[: len(edges) - 1]
    return Moments(
        column, frozen(codes), frozen(edges), frozen(counts.astype(np.int64)), is_date,
        is_whole, length,
    )  # fmt: skip


def _codes(
    values: NDArray[np.float64], known: Mask, edges: NDArray[np.float64]
) -> NDArray[np.uint16]:
    """The step of each value; `searchsorted` a block at a time, for its int64 are large."""
    codes = np.empty(len(values), np.uint16)
    for start in range(0, len(values), 1 << 16):
        part = slice(start, start + (1 << 16))
        at = np.searchsorted(edges, values[part], side="right") - 1
        codes[part] = np.where(known[part], np.clip(at, 0, len(edges) - 2), NONE)
    return codes


def _step(low: float, high: float, least: float) -> float:
    """The shortest step of 1, 2 or 5 times a power of ten that makes few enough."""
    if not high > low:
        return max(least, 1.0)
    shortest = max(high / MOST_STEPS - low / MOST_STEPS, least)  # their difference may overflow
    power = 10.0 ** math.floor(math.log10(shortest))
    # A hair of tolerance: 0.1 and 1000 are not exact powers of ten in floating point.
    return next(
        power * factor for factor in (1, 2, 5, 10) if power * factor >= shortest * (1 - 1e-9)
    )


def _even_edges(low: float, high: float, step: float) -> NDArray[np.float64]:
    """Multiples of a step, from at most `low` to above `high`."""
    first, last = math.floor(low / step), math.floor(high / step) + 1
    if last - first > NEVER:  # so far from nought that steps cannot be told apart
        return np.linspace(low, np.nextafter(high, np.inf), 2)
    numbers = float(first) + np.arange(last - first + 1, dtype=np.float64)
    edges = np.round(numbers * step, max(0, 1 - math.floor(math.log10(step))))
    edges[0] = min(edges[0], low)  # rounding must not lose the ends
    edges[-1] = max(edges[-1], np.nextafter(high, np.inf))
    return np.unique(edges)


def _is_skewed(values: NDArray[np.float64], low: float, high: float) -> bool:
    """Whether nine of ten values, none negative, lie in the first twentieth of the range."""
    if low < 0 or not high > low:
        return False
    sample = values[:: max(1, len(values) // SAMPLE)]
    return bool(np.quantile(sample, 0.9) * 20 < high)


def _rising_edges(values: NDArray[np.float64], high: float, is_whole: bool) -> NDArray[np.float64]:
    """Edges of one digit that counts or two, as 10, 11, ..., 95, 100, 110; from nought, if any."""
    low = float(values.min(where=values > 0, initial=high))
    first, last = math.floor(math.log10(low)), math.floor(math.log10(high))
    decades = last - first + 1
    digits = next((each for each in DIGITS if decades * len(each) <= MOST_STEPS), (1.0,))
    powers = [10.0**power for power in range(first, last + 1)]
    edges = np.array([digit * power for power in powers for digit in digits])
    if is_whole:
        edges = np.round(edges)
    edges = edges[(edges > low * 0.9) & (edges <= high)]
    ends = [0.0 if values.min() == 0 else min(low, edges[0]), np.nextafter(high, np.inf)]
    if is_whole:
        ends[1] = high + 1
    return np.unique(np.concatenate([[ends[0]], edges[edges > ends[0]], [ends[1]]]))


def _date_edges(low: float, high: float) -> tuple[NDArray[np.float64], float]:
    """Beginnings of natural stretches of time, and how long one is in seconds."""
    for seconds in CLOCK:
        if (high - low) / seconds <= MOST_STEPS:
            start = MONDAY if seconds == 7 * DAY else 0
            first = math.floor((low - start) / seconds)
            last = math.floor((high - start) / seconds) + 1
            return start + np.arange(first, last + 1, dtype=np.float64) * seconds, float(seconds)
    first, last = _month(low), _month(high)
    months = next(n for n in CALENDAR if (last - first) / n <= MOST_STEPS)
    # Centuries and such begin with years that they divide: counted from the year 0, not from 1970.
    since = 1970 * 12
    numbers = range((first + since) // months, (last + since) // months + 2)
    edges = np.array([number * months - since for number in numbers], "datetime64[M]")
    return edges.astype("datetime64[s]").astype(np.int64).astype(np.float64), 30.0 * DAY * months


def _month(seconds: float) -> int:
    """Months since January 1970."""
    return int(np.datetime64(math.floor(seconds), "s").astype("datetime64[M]").astype(np.int64))


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _date_words(first: float, last: float, length: float) -> str:
    """From the first stretch to the last one, each as long as is natural for its length."""
    try:
        start, end = _moment(first), _moment(last)
        inner = _moment(last - 1)
    except OverflowError:  # beyond the year 9999
        return f"{first:.4g}{TO}{last:.4g}"
    if length >= 12 * 30 * DAY:
        shown = [f"{moment:%Y}" for moment in (start, inner)]
    elif length >= 28 * DAY:
        shown = [f"{moment:%Y-%m}" for moment in (start, inner)]
    elif length >= DAY:
        shown = [f"{moment:%Y-%m-%d}" for moment in (start, inner)]
    else:
        clock = "%Y-%m-%d %H:%M" if length >= 60 else "%Y-%m-%d %H:%M:%S"
        same = start.date() == inner.date()
        shown = [start.strftime(clock), end.strftime(clock[9:] if same else clock)]
    return TO.join(dict.fromkeys(shown))


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value)) if abs(value) < 10_000 else f"{int(value):,}"
    return f"{value:,.6g}"


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
