"""How far two layouts agree about who is near to whom, row by row."""

from __future__ import annotations

import numpy as np

from backends.arrays import Matrix, batches
from backends.projections.align import placed
from backends.projections.faithfulness import map_neighbours
from backends.reporting import SILENT, Report

_BLOCK = 1 << 14  # rows whose neighbours are compared at once


def shared_by_row(first: Matrix, second: Matrix, k: int = 15, report: Report = SILENT) -> Matrix:
    """Share of each row's k nearest others on one map that are its k nearest on the other too.

    (n,) float32 in 0..1, the same whichever map is the first; neighbours are looked for among the
    rows that have a place on both, and the others have no value: NaN. `k` is at most the number of
    these others. Layouts are (n, 2) or (n, 3) each. Building the trees cannot be stopped.
    """
    shares = np.full(len(first), np.nan, dtype=np.float32)
    rows = np.flatnonzero(placed(first) & placed(second)).astype(np.int64)
    k = min(k, len(rows) - 1)
    if k < 1:
        return shares
    every = np.arange(len(rows))
    here = map_neighbours(first[rows], every, k, report.span(0.0, 0.4))  # (m, k)
    there = map_neighbours(second[rows], every, k, report.span(0.4, 0.8))  # (m, k)
    report = report.span(0.8, 1.0)
    for block in batches(len(rows), _BLOCK):
        report.step(block.start, len(rows), "Comparing neighbours")
        shared = (here[block, :, None] == there[block, None, :]).any(axis=1)  # (b, k)
        shares[rows[block]] = shared.mean(axis=1)
    return shares
