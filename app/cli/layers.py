"""`layers FILE --text COL`: recall of every layer and number of dimensions against the full model.

Of finished vectors (`layers X.npy`) the dimensions alone are measured.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.cli.output import Answer, clip, table
from app.cli.sources import DEFAULT_ENCODER, Say, read, say_notes
from backends.errors import BackendError
from backends.reporting import Report
from backends.types import Corpus

if TYPE_CHECKING:
    from backends.compression.layers import LayerCell, LayerGrid, LayersRequest

GOOD = 0.9  # recall that the advice looks for


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Measure the grid and the ladder of sizes; times are those of this machine, one thread."""
    from backends.compression.layers import (
        cheapest,
        check_sizes,
        default_pairs,
        measure_layers,
        measure_pairs,
    )

    corpus = read(words, report.span(0.0, 0.05), say).corpus
    request = _request(corpus, words)
    check_sizes(request, words.pairs or ())
    grid = measure_layers(request, report.span(0.05, 0.95))
    say_notes(grid.notes, say)
    pairs = words.pairs or default_pairs(grid.layers, grid.dim)
    ladder = measure_pairs(request, pairs, report.span(0.95, 1.0))
    best = cheapest(grid, GOOD)
    return Answer(_data(grid, ladder), _text(grid, ladder, best))


def _request(corpus: Corpus, words: Namespace) -> LayersRequest:
    from backends.compression.layers import LayersRequest
    from backends.encoders.truncated import base_of

    facts: dict[str, Any] = {
        "dims": words.dims or (),
        "k": words.k,
        "sample": words.sample,
        "seed": words.seed or 0,
    }
    if corpus.vectors is not None and not (words.text or words.encoder):
        return LayersRequest(corpus, embeddings=corpus.vectors, **facts)
    if corpus.roles.text is None:
        raise BackendError(
            f"{corpus.title} has no column that looks like text.",
            hint=f"Name one with --text: {clip(', '.join(corpus.columns), 300)}.",
        )
    encoder = base_of(words.encoder or DEFAULT_ENCODER)
    return LayersRequest(corpus, encoder, corpus.roles.text, **facts)


def _data(grid: LayerGrid, ladder: Sequence[LayerCell]) -> dict[str, Any]:
    from backends.compression.layers import iso_costs

    return {
        "model": grid.title,
        "layers": grid.layers,
        "dim": grid.dim,
        "dims": grid.dims,
        "k": grid.k,
        "rows": grid.rows,
        "queries": grid.queries,
        "timing": grid.timing,
        "cells": [_facts(cell) for cell in grid.cells],
        "ladder": [_facts(cell) for cell in ladder],
        "equal_cost": [{"cost": line.cost, "points": line.points} for line in iso_costs(grid)],
    }


def _facts(cell: LayerCell) -> dict[str, Any]:
    return {
        "layer": cell.layer,
        "dims": cell.dims,
        "recall_at_k": round(cell.recall.mean, 6),
        "low": round(cell.recall.low, 6),
        "high": round(cell.recall.high, 6),
        "bytes_per_vector": cell.bytes_per_vector,
        "seconds_per_text": cell.seconds,
        "relative_time": cell.relative_time,
    }


def _text(grid: LayerGrid, ladder: Sequence[LayerCell], best: LayerCell | None) -> str:
    """The grid as a table, the full model at the top right; the ladder; the cheapest good size."""
    timed = grid.layers is not None
    asked = f"{grid.queries:,} of {grid.rows:,} rows asked"
    parts = [
        f"{grid.title}: recall@{grid.k} in percent by layer and dimensions, {asked}",
        _grid_table(grid, timed=timed),
    ]
    if timed:
        parts.append(f"Milliseconds a text by one worker, {grid.timing}.")
    parts.append(f"Ladder of sizes\n\n{_ladder_table(ladder, timed=timed)}")
    if best is None or best.pair == grid.full.pair:
        parts.append(f"No smaller size keeps {GOOD:.0%} of the neighbours.")
    elif timed:
        parts.append(
            f"The cheapest that keeps {GOOD:.0%}: layer {best.layer} with {best.dims} dimensions; "
            f"as an encoder it is called {grid.request.encoder}@{best.layer}:{best.dims}."
        )
    else:
        parts.append(f"The smallest that keeps {GOOD:.0%}: {best.dims} dimensions.")
    return "\n\n".join(parts)


def _grid_table(grid: LayerGrid, *, timed: bool) -> str:
    head = ("layer", *map(str, grid.dims), *(("ms", "time") if timed else ()))
    lines = []
    for layer in reversed(grid.layer_numbers):
        cells = [cell for cell in grid.cells if cell.layer == layer]
        time = (f"{1000 * cells[0].seconds:.3f}", f"{cells[0].relative_time:.0%}")
        shown = [f"{100 * cell.recall.mean:.1f}" for cell in cells]
        lines.append([str(layer) if timed else "all", *shown, *(time if timed else ())])
    return table(head, lines, numbers=" ".join(head))


def _ladder_table(ladder: Sequence[LayerCell], *, timed: bool) -> str:
    head = ["dims", "recall", "low", "high", "bytes"]
    rungs = [
        [
            str(cell.dims),
            *(f"{100 * v:.1f}" for v in (cell.recall.mean, cell.recall.low, cell.recall.high)),
            f"{cell.bytes_per_vector:,}",
        ]
        for cell in ladder
    ]
    if timed:
        head = ["layer", *head, "time"]
        rungs = [
            [str(cell.layer), *rung, f"{cell.relative_time:.0%}"]
            for cell, rung in zip(ladder, rungs, strict=True)
        ]
    return table(head, rungs, numbers=" ".join(head))
