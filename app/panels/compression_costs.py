"""What a memory bears: the bytes a vector that fit, and what every cell would take and cost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from backends.compression.results import Cell, Sweep

GIGA = 1e9
_UNITS = {
    "": 1.0,
    **{letter: 1000.0**power for power, letter in enumerate("kmgtp", start=1)},
    **{f"{letter}i": 1024.0**power for power, letter in enumerate("kmgtp", start=1)},
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
}
_AMOUNT = re.compile(r"\s*([0-9][0-9, ]*(?:\.[0-9]*)?)\s*([a-zA-Z]*)\s*")
MOST = 1e18


@dataclass(frozen=True, slots=True)
class CostSettings:
    """How many vectors, into which memory, at which prices, and how good it has to be."""

    vectors: float = 100e6
    memory: float = 8e9  # bytes of RAM
    ram_price: float = 0.0  # of a GB for a month, 0 where nobody has said
    disk_price: float = 0.0
    wanted: float = 0.95  # recall@k
    shown: bool = False  # whether the line is drawn

    @property
    def bytes_per_vector(self) -> float:
        """What fits of each vector, if nothing else lies in the memory."""
        return self.memory / self.vectors


@dataclass(frozen=True, slots=True)
class Projected:
    """A cell at that many vectors."""

    ram: float  # bytes
    disk: float
    fits: bool
    monthly: float | None  # None where no price is known


def read_amount(text: str) -> float | None:
    """A number with a unit: "100 M", "8 GB", "1.5 GiB", "2 million"; None if it is none.

    Units are powers of a thousand, with an i ("GiB") of 1024; a comma parts thousands.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    number, unit = found[1].replace(",", "").replace(" ", ""), found[2].lower()
    if unit not in _UNITS:
        unit = unit.removesuffix("bytes").removesuffix("b")
    if unit == "bn":
        unit = "billion"
    if unit not in _UNITS:
        return None
    value = float(number) * _UNITS[unit]
    return value if 0 < value <= MOST else None


def amount_text(value: float, unit: str = "") -> str:
    """A number as it can be typed again: "100 M", "8 GB"."""
    for letter, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.6g} {letter}{unit}"
    return f"{value:.6g} {unit}".strip()


def projected(cell: Cell, costs: CostSettings) -> Projected:
    """Size and cost of a cell at the number of vectors; tables do not grow with it."""
    memory = cell.memory
    grown = costs.vectors / memory.rows
    ram = (memory.ram - memory.side) * grown + memory.side
    disk = memory.disk * grown
    monthly = None
    if costs.ram_price or (costs.disk_price and disk):
        monthly = ram / GIGA * costs.ram_price + disk / GIGA * costs.disk_price
    return Projected(ram, disk, ram <= costs.memory, monthly)


def planned_words(cell: Cell, costs: CostSettings) -> str:
    """What a cell takes and costs at the planned number of vectors."""
    there = projected(cell, costs)
    disk = f", {amount_text(_rounded(there.disk), 'B')} of disk" if there.disk else ""
    cost = f", {there.monthly:,.2f} a month" if there.monthly is not None else ""
    fits = "" if there.fits else f", too large for {amount_text(costs.memory, 'B')}"
    size = amount_text(_rounded(there.ram), "B")
    return f"{amount_text(costs.vectors)} vectors: {size} of memory{disk}{cost}{fits}"


def cheapest(sweep: Sweep, costs: CostSettings) -> Cell | None:
    """Of the cells that fit and are good enough, the cheapest; of equal ones the better."""
    best: tuple[float, float, float] | None = None
    found: Cell | None = None
    for cell in sweep.cells:
        there = projected(cell, costs)
        if not there.fits or not cell.recall.mean >= costs.wanted:
            continue
        rank = (there.monthly or 0.0, there.ram + there.disk, -cell.recall.mean)
        if best is None or rank < best:
            best, found = rank, cell
    return found


def verdict(sweep: Sweep, costs: CostSettings) -> str:
    """What fits, in a sentence."""
    fits = f"{costs.bytes_per_vector:,.3g} bytes a vector fit"
    if not sweep.cells:
        return f"{fits}."
    best, k = cheapest(sweep, costs), sweep.truth.k
    wanted = f"recall@{k} of {100 * costs.wanted:.4g}%"
    if best is not None:
        there = projected(best, costs)
        cost = f", {there.monthly:,.2f} a month" if there.monthly is not None else ""
        disk = f" and {amount_text(_rounded(there.disk), 'B')} of disk" if there.disk else ""
        size = amount_text(_rounded(there.ram), "B")
        return f"{fits}. Cheapest with a {wanted}: {_named(best)}, {size} of memory{disk}{cost}."
    fitting = [cell for cell in sweep.cells if projected(cell, costs).fits]
    if not fitting:
        return f"{fits}. Nothing that was measured is so small: tick smaller sizes."
    top = max(fitting, key=lambda cell: cell.recall.mean)
    return (
        f"{fits}. None has a {wanted}; the best is {_named(top)} with {100 * top.recall.mean:.1f}%."
    )


def _named(cell: Cell) -> str:
    return f"{cell.title} at {cell.bytes_per_vector:,.4g} bytes"


def remembered_costs(kept: Mapping[str, Any]) -> CostSettings:
    """Amounts of last time, where they still mean something."""
    costs = CostSettings()
    good: dict[str, Any] = {}
    for name, least, most in (
        ("vectors", 1.0, MOST),
        ("memory", 1.0, MOST),
        ("ram_price", 0.0, 1e9),
        ("disk_price", 0.0, 1e9),
        ("wanted", 0.0, 1.0),
    ):
        value = kept.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and least <= value <= most:  # type: ignore[operator]  # a number, as asked
            good[name] = float(value)  # type: ignore[arg-type]
    if isinstance(kept.get("shown"), bool):
        good["shown"] = kept["shown"]
    return replace(costs, **good)


def costs_as_kept(costs: CostSettings) -> dict[str, Any]:
    """Plain data of it."""
    return {field.name: asdict(costs)[field.name] for field in fields(costs)}


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
