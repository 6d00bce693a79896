"""All cells of a sweep as a table: columns with their texts, what they are sorted by, and csv."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.panels.compression_costs import CostSettings, Projected, projected
from app.panels.compression_points import (
    bytes_words,
    exact_bytes,
    percent,
    seconds_words,
    settings_words,
    short,
)
from app.panels.compression_settings import family_of
from backends.compression.results import Cell, Estimate, NoCell, Sweep

Value = float | str | None
DASH = "–"  # noqa: RUF001  where there is nothing to say


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    id: str
    title: str
    tip: str
    value: Callable[[Entry], Value]  # what it is sorted and exported by
    text: Callable[[Entry], str]
    unit: str = ""  # for the head of the csv

    @property
    def is_number(self) -> bool:
        """Whether its cells stand at the right."""
        return self.id not in ("codec", "settings")


@dataclass(frozen=True, eq=False, slots=True)
class Entry:
    """A row of the table: a cell, or what could not be measured and why."""

    sweep: Sweep
    cell: Cell | None
    missing: NoCell | None = None
    cost: Projected | None = None

    @property
    def key(self) -> str:
        """Fingerprint of the cell, or nothing."""
        return self.cell.fingerprint if self.cell is not None else ""


def entries(sweep: Sweep | None, costs: CostSettings) -> tuple[Entry, ...]:
    """The rows: cells in the order of the sweep, then what could not be measured."""
    if sweep is None:
        return ()
    cells = (Entry(sweep, cell, None, projected(cell, costs)) for cell in sweep.cells)
    return (*cells, *(Entry(sweep, None, missing) for missing in sweep.missing))


def columns(sweep: Sweep | None, *, costs: bool = False) -> tuple[Column, ...]:
    """The columns that have something to say; projected sizes where `costs` are wanted."""
    k = sweep.truth.k if sweep is not None else 10
    found = [
        Column("codec", "Codec", "The method", lambda e: _title(e), lambda e: _title(e)),
        Column(
            "settings",
            "Settings",
            "What the codec solved for its size, or why it could not be measured",
            _settings,
            _settings,
        ),
        _number("bytes", "Bytes", "Codes, ids and links a vector", _bytes, "{:,.4g}"),
        _number("ratio", "Ratio", "How often it is smaller than float32", _ratio, "{:,.4g}×"),  # noqa: RUF001
        _size("side", "Tables", "Codebooks, rotations and scales that all vectors share", "side"),
        _size("ram", "Memory", "What has to be in memory for this corpus", "ram"),
        _size("disk", "Disk", "What is read from disk while searching", "disk"),
        *_estimates("recall", f"recall@{k}", "Share of the true neighbours found", "recall"),
        *_estimates(
            "recall_1", f"1-recall@{k}", "Share of queries whose nearest was found", "recall_1"
        ),
    ]
    for name, title, tip in (
        ("ndcg", "nDCG@10", "Order of the found by the grades of relevance"),
        ("mrr", "MRR@10", "One over the rank of the first relevant row"),
        ("purity", "Purity", "Share of found rows with the query's own label"),
    ):
        if sweep is not None and any(getattr(cell, name) is not None for cell in sweep.cells):
            found += _estimates(name, title, tip, name)
    threads = _threads(sweep)
    found += [
        _number("speed", "Queries/s", f"All queries in one batch{threads}", _speed),
        _number("ms", "ms alone", f"A single query, median{threads}", _alone),
        _seconds("fit", "Learning", "Seconds to learn from the training rows", "fit_seconds"),
        _seconds("encode", "Encoding", f"Seconds to encode all rows{threads}", "encode_seconds"),
        _number("mse", "MSE", "Mean squared error of a decoded unit vector", _mse, "{:.3g}"),
    ]
    if costs:
        found += _cost_columns()
    return tuple(found)


def _cost_columns() -> tuple[Column, ...]:
    def ram(entry: Entry) -> Value:
        return entry.cost.ram if entry.cost is not None else None

    def monthly(entry: Entry) -> Value:
        return entry.cost.monthly if entry.cost is not None else None

    def shown(entry: Entry) -> str:
        if entry.cost is None:
            return DASH
        return f"{bytes_words(entry.cost.ram)}{'' if entry.cost.fits else ', too large'}"

    return (
        Column("projected", "Planned memory", "At the planned number of vectors", ram, shown, "B"),
        _number("monthly", "A month", "At the prices that were typed", monthly, "{:,.2f}"),
    )


def as_csv(rows: Iterable[Entry], shown: Sequence[Column], dialect: str = "excel") -> str:
    """The table with a head; numbers as they are, not as they are shown."""
    text = io.StringIO()
    writer = csv.writer(text, dialect=dialect, lineterminator="\n")
    writer.writerow(["family", *(f"{c.title} ({c.unit})" if c.unit else c.title for c in shown)])
    for entry in rows:
        name = entry.cell.codec if entry.cell is not None else ""
        name = entry.missing.codec if entry.missing is not None else name
        values = ["" if (value := c.value(entry)) is None else value for c in shown]
        writer.writerow([family_of(name), *values])
    return text.getvalue()


def _title(entry: Entry) -> str:
    if entry.cell is not None:
        return entry.cell.title
    return entry.missing.title if entry.missing is not None else ""


def _settings(entry: Entry) -> str:
    if entry.cell is not None:
        return settings_words(entry.cell)
    missing = entry.missing
    if missing is None:
        return ""
    size = f"{missing.budget:,.4g} bytes: " if missing.budget is not None else ""
    return f"{size}{missing.what} {missing.hint}".strip()


def _bytes(entry: Entry) -> Value:
    return entry.cell.bytes_per_vector if entry.cell else None


def _ratio(entry: Entry) -> Value:
    return exact_bytes(entry.sweep) / max(entry.cell.bytes_per_vector, 1e-9) if entry.cell else None


def _speed(entry: Entry) -> Value:
    return entry.cell.queries_per_second if entry.cell else None


def _alone(entry: Entry) -> Value:
    return entry.cell.milliseconds if entry.cell else None


def _mse(entry: Entry) -> Value:
    return entry.cell.mse if entry.cell else None


def _threads(sweep: Sweep | None) -> str:
    counts = {cell.threads for cell in sweep.cells} if sweep is not None else set()
    words = " and ".join(str(count) for count in sorted(counts))
    return f", on this machine with {words} threads" if counts else ""


def _number(
    name: str, title: str, tip: str, value: Callable[[Entry], Value], form: str = ""
) -> Column:
    def shown(entry: Entry) -> str:
        number = value(entry)
        if not isinstance(number, float | int) or math.isnan(number):
            return DASH
        return form.format(number) if form else short(number)

    return Column(name, title, tip, value, shown)


def _size(name: str, title: str, tip: str, field: str) -> Column:
    def value(entry: Entry) -> Value:
        return getattr(entry.cell.memory, field) if entry.cell else None

    def shown(entry: Entry) -> str:
        size = value(entry)
        return bytes_words(float(size)) if size else DASH

    return Column(name, title, tip, value, shown, "B")


def _seconds(name: str, title: str, tip: str, field: str) -> Column:
    def value(entry: Entry) -> Value:
        return float(getattr(entry.cell, field)) if entry.cell else None

    def shown(entry: Entry) -> str:
        seconds = value(entry)
        return seconds_words(float(seconds)) if seconds is not None else DASH

    return Column(name, title, tip, value, shown, "s")


def _estimates(name: str, title: str, tip: str, field: str) -> tuple[Column, Column]:
    """A mean, and the interval of 95 percent beside it."""

    def estimate(entry: Entry) -> Estimate | None:
        return getattr(entry.cell, field) if entry.cell else None

    def value(entry: Entry) -> Value:
        made = estimate(entry)
        return None if made is None or math.isnan(made.mean) else made.mean

    def shown(entry: Entry) -> str:
        made = estimate(entry)
        return DASH if made is None or math.isnan(made.mean) else percent(made.mean)

    def interval(entry: Entry) -> str:
        made = estimate(entry)
        if made is None or math.isnan(made.mean):
            return DASH
        return f"{100 * made.low:.1f}–{percent(made.high)}"  # noqa: RUF001

    return (
        Column(name, title, tip, value, shown),
        Column(
            f"{name}_interval",
            "95%",
            f"Interval of {title} by a bootstrap over the queries",
            lambda e: interval(e) if estimate(e) else None,
            interval,
        ),
    )
