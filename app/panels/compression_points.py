"""Cells of a sweep as points of two charts and as sentences: one quantity at a time is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.panels.compression_settings import FLOAT_BYTES, families, family_of
from app.panels.state import seconds_text
from backends.codecs.registry import CODECS
from backends.compression.results import Cell, Estimate, Sweep, Truth


@dataclass(frozen=True, slots=True)
class Quantity:
    """What the charts' upright axis may be about; all of them lie in 0..1, more is better."""

    id: str
    title: str  # with {k} for the number of neighbours
    tip: str
    of: Callable[[Cell], Estimate | None]
    exact: Callable[[Truth], Estimate | None]  # of exact search


_PERFECT = Estimate(1.0, 1.0, 1.0)
QUANTITIES: dict[str, Quantity] = {
    row.id: row
    for row in (
        Quantity(
            "recall",
            "recall@{k}",
            "Share of the {k} true neighbours of a query that are among the {k} found",
            lambda cell: cell.recall,
            lambda _truth: _PERFECT,
        ),
        Quantity(
            "recall_1",
            "1-recall@{k}",
            "Share of queries whose one true nearest is among the {k} found: always higher than "
            "recall@{k}, and it says less",
            lambda cell: cell.recall_1,
            lambda _truth: _PERFECT,
        ),
        Quantity(
            "ndcg",
            "nDCG@10",
            "How well the ten found are ordered by the grades of the relevance file",
            lambda cell: cell.ndcg,
            lambda truth: truth.ndcg,
        ),
        Quantity(
            "mrr",
            "MRR@10",
            "One over the rank of the first relevant row, averaged over queries",
            lambda cell: cell.mrr,
            lambda truth: truth.mrr,
        ),
        Quantity(
            "purity",
            "label purity",
            "Share of the found rows that have the query's own label",
            lambda cell: cell.purity,
            lambda truth: truth.purity,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Point:
    """A cell in both charts."""

    key: str  # fingerprint of the cell
    family: str
    codec: str
    bytes_per_vector: float
    queries_per_second: float
    value: float  # of the quantity
    low: float  # ends of its interval of 95 percent
    high: float
    alone: bool = True  # no full vectors are read beside the codes


def quantities(sweep: Sweep | None) -> tuple[Quantity, ...]:
    """What can be shown: judgements only where there are any."""
    found = [QUANTITIES["recall"], QUANTITIES["recall_1"]]
    for name in ("ndcg", "mrr", "purity"):
        quantity = QUANTITIES[name]
        if sweep is not None and any(quantity.of(cell) is not None for cell in sweep.cells):
            found.append(quantity)
    return tuple(found)


def points(sweep: Sweep, quantity: Quantity) -> tuple[Point, ...]:
    """All cells that have the quantity, in the order of the sweep."""
    made = []
    for cell in sweep.cells:
        value = quantity.of(cell)
        if value is None or math.isnan(value.mean):
            continue
        made.append(
            Point(
                cell.fingerprint,
                family_of(cell.codec),
                cell.codec,
                max(cell.bytes_per_vector, 1e-3),
                max(cell.queries_per_second, 1e-3),
                value.mean,
                value.low,
                value.high,
                not cell.memory.refine,
            )
        )
    return tuple(made)


def front_by_bytes(made: Iterable[Point]) -> tuple[Point, ...]:
    """Points that no other beats in both bytes and value, from small to large (Pareto).

    Those that read full vectors in a second stage are left out: their bytes are not all they need.
    """
    made = (point for point in made if point.alone)
    return _front(sorted(made, key=lambda p: (p.bytes_per_vector, -p.value)))


def front_by_speed(made: Iterable[Point]) -> tuple[Point, ...]:
    """Points that no other beats in both speed and value, from fast to slow (Pareto)."""
    return _front(sorted(made, key=lambda p: (-p.queries_per_second, -p.value)))


def _front(in_order: Sequence[Point]) -> tuple[Point, ...]:
    front: list[Point] = []
    for point in in_order:
        if not front or point.value > front[-1].value:
            front.append(point)
    return tuple(front)


def family_order(sweep: Sweep | None = None) -> tuple[str, ...]:
    """Families in the order of the registry, then what only the sweep knows: colours go by it."""
    known = list(families())
    cells = sweep.cells if sweep is not None else ()
    return tuple(dict.fromkeys((*known, *(family_of(cell.codec) for cell in cells))))


def exact_bytes(sweep: Sweep) -> float:
    """Bytes of an uncompressed vector."""
    return float(FLOAT_BYTES * sweep.dim)


def exact_speed(truth: Truth) -> float | None:
    """Queries per second of exact search, all in one batch; None where it was not timed."""
    return len(truth.queries.vectors) / truth.seconds if truth.seconds > 0 else None


def cell_of(sweep: Sweep | None, key: str | None) -> Cell | None:
    """The cell of that fingerprint."""
    cells = sweep.cells if sweep is not None else ()
    return next((cell for cell in cells if cell.fingerprint == key), None)


def settings_words(cell: Cell) -> str:
    """What the codec solved: "bits 4, parts 48", "PCA 192, then int8"; long lists are counted."""
    if "first" not in cell.params:
        return _params_words(cell.params)
    return ", then ".join(_stages(cell.params, cell.codec))


def _stages(params: Mapping[str, Any], name: str) -> list[str]:
    """The codecs of a chain with what each solved, in the order of work."""
    before, _, last = name.rpartition("+")
    if "first" not in params:
        return [_stage_words(params, name)]
    first = _stages(params["first"], before or "sign")  # "two-stage" names no codec
    if "then" in params:
        return [*first, *_stages(params["then"], last)]
    return [*first, f"{params['depth']:,} candidates re-ranked"]


def _stage_words(params: Mapping[str, Any], name: str) -> str:
    """One codec of a chain: "PCA 192", "Residual sign (bytes 48, planes 2)"."""
    spec = CODECS.get(name)
    words = spec.title if spec is not None else name
    said = {key: value for key, value in params.items() if value is not False}
    if spec is not None and spec.reduces and "dims" in said:
        words = f"{words} {said.pop('dims')}"
    return f"{words} ({_params_words(said)})" if said else words


def _params_words(params: Mapping[str, Any]) -> str:
    parts = []
    for name, value in params.items():
        shown = value
        if isinstance(value, bool):
            shown = "yes" if value else "no"
        elif isinstance(value, float):
            shown = f"{value:,.4g}"
        elif isinstance(value, list | tuple) and len(value) > 8:
            shown = f"{len(value)} values"
        parts.append(f"{name.replace('_', ' ')} {shown}")
    return ", ".join(parts)


def bytes_words(count: float) -> str:
    """Bytes as a person says them, in powers of a thousand: "768 bytes", "12.3 MB"."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return (
                f"{count / size:,.3g} {unit}"
                if count < 1000 * size
                else f"{count / size:,.0f} {unit}"
            )
    return f"{count:,.4g} bytes"


def percent(value: float, digits: int = 1) -> str:
    """A share as a percentage; what is nearly all is not rounded up to all of it."""
    text = f"{value:.{digits}%}"
    if text == f"{1:.{digits}%}" and value < 1:
        text = f">{1 - 10 ** -(digits + 2):.{digits}%}"
    return text


def estimate_words(value: Estimate) -> str:
    """A mean with the interval of 95 percent in brackets."""
    return f"{percent(value.mean)} ({100 * value.low:.1f}–{percent(value.high)})"  # noqa: RUF001


def seconds_words(seconds: float) -> str:
    """A short time: "0.03 s", "2.4 s", "3 min"."""
    if seconds < 0.01:
        return "<0.01 s"
    return f"{seconds:.2g} s" if seconds < 10 else seconds_text(seconds)


def short(value: float) -> str:
    """A number of three digits, without powers of ten where people would not write them."""
    return f"{value:,.0f}" if 100 <= value < 1e7 else f"{value:,.3g}"


def headline(cell: Cell, quantity: Quantity) -> str:
    """A cell in one sentence, for a screen reader and the line above the charts.

    What it solved stands last: that is what may be cut where there is little room.
    """
    value = quantity.of(cell) or cell.recall
    k = cell.found.shape[1]
    setting = settings_words(cell)
    is_chain = "first" in cell.params  # whose settings name its codecs again
    return (
        f"{setting if is_chain else cell.title} at {cell.bytes_per_vector:,.4g} bytes a vector: "
        f"{quantity.title.format(k=k)} {estimate_words(value)}, "
        f"{short(cell.queries_per_second)} queries a second"
        f"{f'; {setting}' if setting and not is_chain else ''}"
    )


def tip_lines(cell: Cell, sweep: Sweep, quantity: Quantity) -> tuple[str, ...]:
    """What is said of a cell under the cursor, the title first."""
    k, memory = cell.found.shape[1], cell.memory
    setting = settings_words(cell)
    value = quantity.of(cell)
    if "first" in cell.params:  # a chain, whose settings name its codecs again
        lines = [setting]
    else:
        lines = [cell.title, setting] if setting else [cell.title]
    lines.append(
        f"{cell.bytes_per_vector:,.4g} bytes a vector, 1/{_ratio(cell, sweep)} of float32"
        + (f"; tables {bytes_words(memory.side)}" if memory.side else "")
        + (
            f"; and {bytes_words(memory.refine)} in full precision "
            f"{'on disk' if memory.refine_on_disk else 'in memory'}"
            if memory.refine
            else ""
        )
    )
    lines.append(f"recall@{k} {estimate_words(cell.recall)}")
    if value is not None and quantity.id != "recall":
        lines.append(f"{quantity.title.format(k=k)} {estimate_words(value)}")
    lines.append(
        f"{short(cell.queries_per_second)} queries a second, {short(cell.milliseconds)} ms alone, "
        f"encoded in {seconds_words(cell.encode_seconds)}"
    )
    return (*lines, *cell.notes)


def _ratio(cell: Cell, sweep: Sweep) -> str:
    return f"{exact_bytes(sweep) / max(cell.bytes_per_vector, 1e-9):,.3g}"
