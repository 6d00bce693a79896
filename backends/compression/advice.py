"""A recommendation in words, each sentence with the evidence that it stands on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.compression.pays import FEW, by_category
from backends.compression.results import Cell, Estimate, Sweep, alone, pareto
from backends.wording import counted, listed

WANTED = 0.95  # recall@k that is asked for, unless a person says otherwise
DROPPED = 0.8  # recall below which a category is said to suffer
NAMED = 3  # categories that a sentence names
FRACTIONS = {2: "half", 3: "a third", 4: "a quarter", 8: "an eighth", 16: "a sixteenth"}


@dataclass(frozen=True, eq=False, slots=True)
class Advice:
    """Which cell to take, if any reaches what is wanted, and why, in sentences."""

    cell: Cell | None
    sentences: tuple[str, ...]
    evidence: str  # what all of it was measured on

    @property
    def text(self) -> str:
        """All sentences, one a line, the evidence last."""
        return "\n".join((*self.sentences, self.evidence))


@dataclass(frozen=True, eq=False, slots=True)
class Categories:
    """A column by which it is asked who pays: one code a corpus row, -1 for none."""

    column: str
    codes: NDArray[np.int64]  # (n,)
    names: tuple[str, ...]


def recommend(sweep: Sweep, wanted: float = WANTED, categories: Categories | None = None) -> Advice:
    """Recommend the smallest cell whose whole interval of recall@k lies above `wanted`.

    Of cells as small as each other the one that finds more counts. Nothing is recommended where
    none reaches it; then the best one is named.
    """
    evidence = _evidence(sweep)
    if not sweep.cells:
        return Advice(None, ("Nothing has been measured yet.",), evidence)
    unsure = doubts(sweep)
    if _all_are_neighbours(sweep):
        return Advice(None, unsure, evidence)
    enough = [cell for cell in sweep.cells if cell.recall.low >= wanted]
    if not enough:
        best = max(sweep.cells, key=lambda cell: (cell.recall.mean, -cell.bytes_per_vector))
        said = f"No codec measured keeps {wanted:.0%} of the neighbours for certain."
        return Advice(None, (*unsure, said, _kept(best, sweep)), evidence)
    chosen = min(enough, key=lambda cell: (cell.bytes_per_vector, -cell.recall.mean))
    sentences = [
        *unsure,
        _kept(chosen, sweep),
        *_safer(chosen, sweep),
        *_cliff(chosen, sweep, wanted),
        *_two_stages(chosen, sweep, wanted),
    ]
    if categories is not None:
        sentences += _payers(chosen, sweep, categories)
    return Advice(chosen, tuple(sentences), evidence)


def doubts(sweep: Sweep) -> tuple[str, ...]:
    """Why the numbers of a sweep say little, a sentence each; mostly there is nothing to say."""
    said = []
    if _all_are_neighbours(sweep):
        said.append(
            f"All other items count as the {sweep.truth.k} neighbours, so no codec can miss one: "
            "choose fewer neighbours."
        )
    asked = len(sweep.truth.queries.vectors)
    if asked < FEW:
        said.append(
            f"Only {counted(asked, 'query was', 'queries were')} asked: too few to be sure."
        )
    return tuple(said)


def _all_are_neighbours(sweep: Sweep) -> bool:
    others = sweep.rows - 1 if sweep.truth.queries.rows is not None else sweep.rows
    return sweep.truth.k >= others


def named(cell: Cell, *, size: bool = True) -> str:
    """A cell as a sentence calls it: "PQ at 48 bytes"."""
    return f"{cell.title} at {cell.bytes_per_vector:,.4g} bytes" if size else cell.title


def fraction(ratio: float) -> str:
    """How large something is that is `ratio` times smaller: "a quarter", "1/32"."""
    whole = round(ratio)
    if abs(ratio - whole) < 0.02 * ratio and whole > 1:
        return FRACTIONS.get(whole, f"1/{whole}")
    return f"1/{ratio:.1f}" if ratio >= 1 else f"{1 / ratio:.1f} times"


def _evidence(sweep: Sweep) -> str:
    asked = sweep.truth.queries
    return (
        f"Measured against exact search among {counted(sweep.rows, 'vector')} of {sweep.dim} "
        f"dimensions, {asked.title} as queries, their {sweep.truth.k} nearest neighbours; "
        "in brackets the bootstrap interval of 95%."
    )


def _share(value: Estimate) -> str:
    return f"{100 * value.mean:.1f}% ({100 * value.low:.1f} to {100 * value.high:.1f})"


def _kept(cell: Cell, sweep: Sweep) -> str:
    full = 4 * sweep.dim
    lost = 100 * (1 - cell.recall.mean)
    size = f"{fraction(full / cell.bytes_per_vector)} of the size"
    held = (
        f"; the full vectors ({cell.memory.refine / cell.memory.rows:,.4g} bytes each) are read "
        f"from {'disk' if cell.memory.refine_on_disk else 'memory'} as well"
        if cell.memory.refine
        else ""
    )
    return (
        f"{named(cell)} loses {lost:.1f} points at {size}: it keeps {_share(cell.recall)} of the "
        f"{sweep.truth.k} nearest neighbours{held}."
    )


def _safer(chosen: Cell, sweep: Sweep) -> list[str]:
    """The next larger cell that loses next to nothing, if the chosen one loses something."""
    if chosen.recall.mean >= 0.99:
        return []
    larger = [
        cell
        for cell in sweep.cells
        if cell.recall.mean >= 0.99 and cell.bytes_per_vector > chosen.bytes_per_vector
    ]
    if not larger:
        return []
    cell = min(larger, key=lambda c: (c.bytes_per_vector, -c.recall.mean))
    return [f"To lose next to nothing, take {named(cell)}: {_share(cell.recall)}."]


def _cliff(chosen: Cell, sweep: Sweep, wanted: float) -> list[str]:
    """What the best smaller codes keep."""
    front = pareto(alone(sweep.cells))
    smaller = [cell for cell in front if cell.bytes_per_vector < chosen.bytes_per_vector]
    if not smaller:
        return ["Nothing smaller was measured."]
    cell = smaller[-1]
    line = f"The best smaller codes by themselves are {named(cell)} with {_share(cell.recall)}"
    if cell.recall.high >= wanted:
        return [f"{line}, which may be enough: its interval reaches {wanted:.0%}."]
    return [f"{line}."]


def _two_stages(chosen: Cell, sweep: Sweep, wanted: float) -> list[str]:
    """How small it gets without a copy of the full vectors, where the chosen one needs one."""
    if not chosen.memory.refine:
        return []
    enough = [cell for cell in alone(sweep.cells) if cell.recall.low >= wanted]
    if not enough:
        return ["Without the full vectors beside the codes no codec measured keeps as much."]
    cell = min(enough, key=lambda c: (c.bytes_per_vector, -c.recall.mean))
    return [f"Without the full vectors beside the codes: {named(cell)}, {_share(cell.recall)}."]


def _payers(chosen: Cell, sweep: Sweep, categories: Categories) -> list[str]:
    rows = sweep.truth.queries.rows
    if rows is None:
        return []
    codes = categories.codes[rows]
    sentences = []
    table = [c for c in by_category(chosen.kept, codes, categories.names) if not c.uncertain]
    if table and table[0].recall.high < chosen.recall.low:
        worst = table[0]
        sentences.append(
            f"Of {categories.column}, “{worst.name}” pays most under it: {_share(worst.recall)} "
            f"of the neighbours of {worst.queries:,} queries."
        )
    sentences += _drops(sweep, codes, categories)
    return sentences


def _drops(sweep: Sweep, codes: NDArray[np.int64], categories: Categories) -> list[str]:
    """Categories that no codes by themselves hold above `DROPPED` below some size."""
    front = pareto(alone(sweep.cells))
    tables = [
        {c.name: c for c in by_category(cell.kept, codes, categories.names) if c.queries >= FEW}
        for cell in front
    ]
    dropped: list[tuple[float, str]] = []
    for name in sorted({name for table in tables for name in table}):
        held = [
            cell.bytes_per_vector
            for cell, table in zip(front, tables, strict=True)
            if name in table and table[name].recall.mean >= DROPPED
        ]
        if held and min(held) > front[0].bytes_per_vector:
            dropped.append((min(held), name))
    dropped.sort(key=lambda pair: (-pair[0], pair[1]))
    sizes: dict[float, list[str]] = {}
    for size, name in dropped[:NAMED]:
        sizes.setdefault(size, []).append(f"“{name}”")
    return [
        f"Below {size:,.4g} bytes {listed(names)} of {categories.column} "
        f"{'drop' if len(names) > 1 else 'drops'} under {DROPPED:.0%}."
        for size, names in sizes.items()
    ]
