"""Equal steps for each dimension: from what to what, learned from rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backends.arrays import Matrix
from backends.codecs.source import Source
from backends.reporting import SILENT, Report

# Shares of the rows, in percent, that may lie beyond either end and are clipped.
CLIP_PERCENTS = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
MOST_ROWS = 8192  # that quantiles and losses are taken from


@dataclass(frozen=True, eq=False, slots=True)
class Levels:
    """Ends of the levels of each dimension, (d,) float32."""

    lowest: Matrix
    highest: Matrix
    count: int  # levels from end to end
    clip_percent: float = 0.0

    @property
    def step(self) -> Matrix:
        """From one level to the next; 0 where a dimension is constant."""
        return ((self.highest - self.lowest) / np.float32(self.count - 1)).astype(np.float32)

    def side(self, code: int) -> dict[str, Matrix]:
        """Tables for x = offset + step * code, where `code` is the lowest level."""
        return {"offset": self.lowest - self.step * np.float32(code), "step": self.step}


def fit_levels(
    vectors: Matrix, count: int, clip_percent: float | None = None, report: Report = SILENT
) -> Levels:
    """Learn the ends from rows (t, d): extremes, or the percentiles that lose less on these rows.

    Clipping a few makes the steps of all others finer: at 16 levels that wins by far, at 256
    only where there are outliers.
    """
    lowest, highest = vectors.min(axis=0), vectors.max(axis=0)
    stride = -(-len(vectors) // MOST_ROWS)
    rows = np.ascontiguousarray(vectors[::stride])  # (s, d)
    percents = CLIP_PERCENTS if clip_percent is None else (float(clip_percent),)
    ends = np.percentile(rows, [*percents, *(100 - p for p in percents)], axis=0)
    candidates = []
    for index, percent in enumerate(percents):
        low, high = ends[index], ends[len(percents) + index]
        if percent == 0:  # of all rows, not of every so many
            low, high = lowest, highest
        candidates.append(
            Levels(low.astype(np.float32), high.astype(np.float32), count, float(percent))
        )
    if len(candidates) == 1:
        return candidates[0]
    losses = []
    for index, levels in enumerate(candidates):
        report.step(index, len(candidates), "Choosing levels")
        losses.append(_loss(rows, levels))
    return candidates[int(np.argmin(losses))]


def _loss(rows: Matrix, levels: Levels) -> float:
    """Squared error of rounding, summed over rows and dimensions."""
    from backends.codecs.rounding_kernel import round_columns

    codes = np.empty(rows.shape, dtype=np.uint8)
    side = levels.side(0)
    round_columns(rows, side["offset"], side["step"], 0, levels.count - 1, codes)
    error = rows - (side["offset"] + side["step"] * codes)  # (s, d)
    return float(np.vdot(error, error))


def cover_levels(source: Source, count: int, report: Report = SILENT) -> Levels:
    """Ends that no row of the source lies beyond, so that nothing is ever clipped."""
    lowest = np.full(source.dim, np.inf, dtype=np.float32)
    highest = np.full(source.dim, -np.inf, dtype=np.float32)
    for _block, vectors in source.blocks(report, "Finding the range of each dimension"):
        np.minimum(lowest, vectors.min(axis=0), out=lowest)
        np.maximum(highest, vectors.max(axis=0), out=highest)
    return Levels(lowest, highest, count)
