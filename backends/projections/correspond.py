"""Which part of one layout is looked at where another one is, and how far to believe it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backends.arrays import Matrix
from backends.projections.align import Alignment, align, placed

MOST_ROWS = 20_000  # that are looked at: turn, scale and shift need no more
GOOD = 0.3  # residual up to which the same part shows mostly the same items


@dataclass(frozen=True, eq=False)
class Correspondence:
    """How places of one layout come over another."""

    alignment: Alignment
    residual: float  # share of the spread that no shift, turn or scale explains, 0..1
    rows: int  # that have a place in both, of those that were looked at

    @property
    def is_good(self) -> bool:
        """Whether the same part shows mostly the same items."""
        return self.residual <= GOOD

    @property
    def scale(self) -> float:
        """How long one unit of the first layout is on the second."""
        return self.alignment.scale

    @property
    def back(self) -> Correspondence:
        """How places of the second layout come over the first."""
        there = self.alignment
        turn, scale = there.turn.T, 1.0 / there.scale
        return Correspondence(
            Alignment(turn, scale, -there.shift @ turn * scale), self.residual, self.rows
        )

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the first layout lies on the second."""
        way = self.alignment
        moved = np.array([x, y]) @ way.turn * way.scale + way.shift
        return float(moved[0]), float(moved[1])


def correspond(first: Matrix, second: Matrix) -> Correspondence:
    """How `first` comes over `second`, (n, 2) each; of many rows, evenly spread ones are looked at.

    The residual is the Procrustes statistic of the rows that have a place in both, the same
    whichever layout is the first: 0 for a turned, mirrored or enlarged copy, near 1 for two that
    have nothing in common. The scale is the ratio of their spreads, not the one of least squares:
    that one shrinks the more, the less they correspond, and is another one on the way back.

    Reference: Gower and Dijksterhuis 2004, "Procrustes Problems", ch. 4: the residual sum of
    squares after the best shift, turn and scale, as a share of the total.
    """
    step = max(1, len(first) // MOST_ROWS)
    old, new = first[::step], second[::step]
    both = placed(old) & placed(new)  # (m,)
    rows = int(np.count_nonzero(both))
    way = align(old, new)
    if not rows:
        return Correspondence(way, 1.0, 0)
    a, b = old[both].astype(np.float64), new[both].astype(np.float64)  # (m, 2)
    middle_a, middle_b = a.mean(axis=0), b.mean(axis=0)
    a, b = a - middle_a, b - middle_b
    spread_a, spread_b = float((a * a).sum()), float((b * b).sum())
    if not (spread_a > 0 and spread_b > 0):
        return Correspondence(Alignment(way.turn, 1.0, middle_b - middle_a @ way.turn), 1.0, rows)
    rest = float(((a @ way.turn * way.scale - b) ** 2).sum())
    scale = math.sqrt(spread_b / spread_a)
    alignment = Alignment(way.turn, scale, middle_b - middle_a @ way.turn * scale)
    return Correspondence(alignment, min(1.0, rest / spread_b), rows)
