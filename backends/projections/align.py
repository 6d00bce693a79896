"""Bring one layout over another: only what moved against the others is then seen to move.

A layout may be shifted, turned, mirrored and enlarged without saying anything else; Procrustes
analysis takes that out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Mask, Matrix, Rows, frozen


@dataclass(frozen=True, eq=False)
class Alignment:
    """`place @ turn * scale + shift` brings a place of the old layout over the new one."""

    turn: NDArray[np.float64]  # (2, 2) orthogonal: a rotation, or a reflection
    scale: float
    shift: NDArray[np.float64]  # (2,)

    def apply(self, layout: Matrix) -> Matrix:
        """The layout moved, (n, 2) float32; rows without a place stay without one."""
        moved = layout.astype(np.float64) @ self.turn * self.scale + self.shift  # (n, 2)
        return frozen(moved.astype(np.float32))


@dataclass(frozen=True, eq=False)
class Moves:
    """Rows that have a place in both layouts, the farthest movers first."""

    rows: Rows  # (k,)
    starts: Matrix  # (k, 2) old places, brought over the new layout
    of: int  # how many rows were asked about


def align(old: Matrix, new: Matrix) -> Alignment:
    """The shift, rotation or reflection, and scale that bring `old` nearest to `new`, (n, 2) each.

    Least squares over the rows that have a place in both. Where these say nothing about turn and
    scale (one row, or all in one place), the layout is only shifted; without any it stays.

    Reference: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem",
    eqs. 5-9; with scale and shift: Gower and Dijksterhuis 2004, "Procrustes Problems", ch. 4.
    """
    both = placed(old) & placed(new)  # (n,)
    if not both.any():
        return Alignment(np.eye(2), 1.0, np.zeros(2))
    a, b = old[both].astype(np.float64), new[both].astype(np.float64)  # (m, 2)
    middle_a, middle_b = a.mean(axis=0), b.mean(axis=0)
    a -= middle_a
    b -= middle_b
    left, strengths, right = np.linalg.svd(a.T @ b)  # of (2, 2)
    size = float((a * a).sum())
    turn, scale = left @ right, float(strengths.sum()) / size if size > 0 else 1.0
    if not scale > 0:
        turn, scale = np.eye(2), 1.0
    return Alignment(turn, scale, middle_b - middle_a @ turn * scale)


def farthest(start: Matrix, end: Matrix, rows: Rows, most: int) -> Moves:
    """The `most` of some rows that moved farthest; `start` is aligned already, (n, 2)."""
    before, after = start[rows], end[rows]  # (k, 2)
    apart = np.hypot(*(after - before).T.astype(np.float64))  # (k,)
    apart[~np.isfinite(apart)] = -1.0
    some = np.arange(len(rows))
    if len(rows) > most:
        some = np.argpartition(-apart, most)[:most]
    some = some[np.argsort(-apart[some], kind="stable")]
    some = some[apart[some] >= 0]
    return Moves(frozen(rows[some]), frozen(before[some]), len(rows))


def between(start: Matrix, end: Matrix, share: float) -> Matrix:
    """A layout on its way from one to the other; a row that has no start is at its end at once."""
    moved = start + np.float32(share) * (end - start)  # (n, 2)
    return frozen(np.where(placed(start)[:, None], moved, end))


def placed(layout: Matrix) -> Mask:
    """Which rows have a place, (n,) bool."""
    return np.isfinite(layout[:, 0]) & np.isfinite(layout[:, 1])  # by column: faster than by row
