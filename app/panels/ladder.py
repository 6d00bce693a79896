"""The ladder of sizes: pairs of layer and dimensions that a person lists, each with its numbers.

Sizes that the grid has are looked up; others are measured in the background, from the hidden states
that the grid was made of.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.jobs import Failure, Job, Jobs
from app.notices import Notices, Problem
from backends.compression.layers import LayerCell, LayerGrid, Pair, default_pairs, measure_pairs

NO_GRID = Problem("Nothing is measured yet.", "Measure the layers first.")
KEY = "ladder"
HEAD = (
    *("layer", "dimensions", "recall", "low", "high", "bytes_per_vector"),
    *("seconds_per_text", "relative_time", "ladder"),
)


@dataclass(frozen=True, slots=True)
class Rung:
    """One size of the ladder; `cell` is None until it is measured."""

    pair: Pair
    cell: LayerCell | None


class Ladder(QObject):
    """Keeps the pairs, and has those measured that are not in the grid."""

    changed = Signal()

    def __init__(self, jobs: Jobs, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._notices = notices
        self._grid: LayerGrid | None = None
        self._chosen: tuple[Pair, ...] | None = None
        self._measured: dict[Pair, LayerCell] = {}
        self._job: Job | None = None

    @property
    def chosen(self) -> tuple[Pair, ...] | None:
        """The pairs that a person listed; None for the diagonal."""
        return self._chosen

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs that the model has, from small to large."""
        grid = self._grid
        if grid is None:
            return ()
        if self._chosen is None:
            return default_pairs(grid.layers, grid.dim)
        return tuple(pair for pair in self._chosen if self.problem(*pair) is None)

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The sizes with what is known of them."""
        return tuple(Rung(pair, self.cell(pair)) for pair in self.pairs)

    def cell(self, pair: Pair) -> LayerCell | None:
        """What is known of a size, of the grid or of the ladder."""
        grid = self._grid
        return self._measured.get(pair) or (grid.cell(*pair) if grid is not None else None)

    @property
    def is_measuring(self) -> bool:
        """Whether sizes without numbers will have some."""
        return self._job is not None and self._job.is_live

    def problem(self, layer: int, dims: int) -> Problem | None:
        """Why there is no such size, or None."""
        grid = self._grid
        if grid is None:
            return NO_GRID
        if layer not in grid.layer_numbers:
            numbers = f"from 0 to {grid.layers}" if grid.layers is not None else "0"
            return Problem(f"There is no layer {layer}.", f"Type a number {numbers}.")
        if not 1 <= dims <= grid.dim:
            return Problem(f"There are no {dims} dimensions.", f"Type 1 to {grid.dim}.")
        return None

    def set_grid(self, grid: LayerGrid | None) -> None:
        """List sizes of another grid."""
        self._grid = grid
        self._measured.clear()
        self._jobs.cancel(KEY)
        self._renew()

    def add(self, layer: int, dims: int) -> Problem | None:
        """List one more size; return why that cannot be."""
        return self._set((*self.pairs, (layer, dims)), (layer, dims))

    def change(self, old: Pair, new: Pair) -> Problem | None:
        """Put another size in the place of one; return why that cannot be."""
        return self._set(tuple(new if pair == old else pair for pair in self.pairs), new)

    def remove(self, pair: Pair) -> None:
        """Take a size off the list."""
        self._chosen = tuple(other for other in self.pairs if other != pair)
        self._renew()

    def reset(self) -> None:
        """List the diagonal of the grid again."""
        self._chosen = None
        self._renew()

    def restore(self, told: Any) -> None:
        """Take pairs from a project; what makes no sense is left out."""
        self._chosen = None
        if isinstance(told, list):
            pairs = [tuple(pair) for pair in told if isinstance(pair, list) and len(pair) == 2]
            kept = [pair for pair in pairs if all(isinstance(part, int) for part in pair)]
            self._chosen = tuple(sorted({(pair[0], pair[1]) for pair in kept}))
        self._renew()

    def csv_text(self) -> str:
        """All cells of the grid and all sizes of the ladder, one a line."""
        if self._grid is None:
            return ""
        cells = {cell.pair: cell for cell in self._grid.cells} | self._measured
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEAD)
        listed = set(self.pairs)
        for pair, cell in sorted(cells.items()):
            recall = cell.recall
            writer.writerow(
                (
                    *pair,
                    *(f"{value:.4f}" for value in (recall.mean, recall.low, recall.high)),
                    cell.bytes_per_vector,
                    "" if cell.seconds != cell.seconds else f"{cell.seconds:.6f}",
                    f"{cell.relative_time:.4f}",
                    int(pair in listed),
                )
            )
        return text.getvalue()

    def _set(self, pairs: tuple[Pair, ...], new: Pair) -> Problem | None:
        problem = self.problem(*new)
        if problem is None:
            self._chosen = tuple(sorted(set(pairs)))
            self._renew()
        return problem

    def _renew(self) -> None:
        """Have measured what is not known, and tell."""
        grid = self._grid
        missing = tuple(pair for pair in self.pairs if self.cell(pair) is None)
        if grid is not None and missing:
            call = partial(measure_pairs, grid.request, missing)
            job = self._jobs.start("Measuring sizes", call, key=KEY)
            job.done.connect(self._on_measured)
            job.failed.connect(self._on_failed)
            job.ended.connect(self.changed)
            self._job = job
        self.changed.emit()

    def _on_measured(self, cells: tuple[LayerCell, ...]) -> None:
        self._measured |= {cell.pair: cell for cell in cells}
        self.changed.emit()

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)
