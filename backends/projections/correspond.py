"""Which part of one layout is shown where another one is looked at, and how far to believe it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backends.arrays import Matrix
from backends.projections.align import Alignment, align, placed

MOST_ROWS = 100_000  # that are looked at: turn, scale and shift need no more
GOOD = 0.3  # residual up to which the same part is well the same items


@dataclass(frozen=True, eq=False)
class Correspondence:
    """How places of one layout come over another."""

    alignment: Alignment
    residual: float  # share of the spread that no shift, turn or scale explains, 0..1
    rows: int  # that have a place in both

    @property
    def is_good(self) -> bool:
        """Whether the same part shows mostly the same items."""
        return self.rows > 1 and self.residual <= GOOD

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the first layout lies on the second."""
        way = self.alignment
        moved = np.array([x, y]) @ way.turn * way.scale + way.shift
        return float(moved[0]), float(moved[1])

    def room(self, wide: float, high: float) -> tuple[float, float]:
        """Width and height, in units of the second layout, that hold a part of the first.

        What is a rectangle there lies turned here; the upright one round it is wider.
        """
        turn = np.abs(self.alignment.turn) * self.alignment.scale
        return (
            float(turn[0, 0] * wide + turn[1, 0] * high),
            float(turn[0, 1] * wide + turn[1, 1] * high),
        )


def correspond(first: Matrix, second: Matrix) -> Correspondence:
    """How `first` comes over `second`, (n, 2) each; of many rows, evenly spread ones are looked at.

    The residual is the Procrustes statistic of the rows that have a place in both, which is the
    same whichever layout is the first: 0 for a turned, mirrored or enlarged copy, near 1 for two
    that have nothing in common.

    Reference: Gower and Dijksterhuis 2004, "Procrustes Problems", ch. 4: residual sum of squares
    after a least squares fit with scale, as a share of the total.
    """
    step = max(1, len(first) // MOST_ROWS)
    old, new = first[::step], second[::step]
    both = placed(old) & placed(new)  # (m,)
    alignment = align(old, new)
    if np.count_nonzero(both) < 2:
        return Correspondence(alignment, 1.0, int(np.count_nonzero(both)))
    moved, target = alignment.apply(old[both]), new[both].astype(np.float64)  # (m, 2)
    total = float(((target - target.mean(axis=0)) ** 2).sum())
    rest = float(((moved - target) ** 2).sum())
    residual = rest / total if total > 0 else 1.0
    return Correspondence(
        alignment,
        min(1.0, residual) if math.isfinite(residual) else 1.0,
        int(np.count_nonzero(both)),
    )


def inverse(found: Correspondence) -> Correspondence:
    """The way back: a least squares fit the other way would shrink what is already shrunk."""
    there = found.alignment
    scale = 1.0 / there.scale
    back = Alignment(there.turn.T, scale, -there.shift @ there.turn.T * scale)
    return Correspondence(back, found.residual, found.rows)
