"""Lines of equal density, closed, in coordinates of the plane: marching squares on a grid.

A contour of share .5 encloses the half of the points that lies most densely.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numba import njit

from backends.arrays import Matrix, frozen
from backends.raster.density import Density, Ground, Surface, blurred, count_points, levels_for
from backends.reporting import SILENT, Report

SHARES = (0.25, 0.5, 0.75, 0.95)  # of the points, innermost contour first
BANDWIDTH = 1 / 90  # of the ground's long side
TOLERANCE = 0.3  # cells that a simplified line may stray from the exact one


@dataclass(frozen=True, eq=False)
class Contour:
    """The lines at one level; each is (k, 2) float32, closed without repeating its first corner.

    Points inside an odd number of them lie where the density is above the level.
    """

    share: float  # of the points that it encloses
    level: float  # points per cell
    lines: tuple[Matrix, ...]


def contours_of(
    layout: Matrix, shares: tuple[float, ...] = SHARES, report: Report = SILENT
) -> tuple[Contour, ...]:
    """Contours of a layout (n, 2) that enclose these shares of its points."""
    report.step(0, 3, "Counting points")
    density = count_points(layout)
    report.step(1, 3, "Smoothing")
    surface = blurred(density.counts, BANDWIDTH * max(density.counts.shape))
    report.step(2, 3, "Drawing contours")
    return trace(density, surface, shares)


def trace(density: Density, surface: Surface, shares: tuple[float, ...]) -> tuple[Contour, ...]:
    """Contours of a blurred grid at the levels that enclose these shares of the points."""
    levels = levels_for(surface, density.counts, shares) if density.total else ()
    return tuple(
        Contour(share, level, lines_at(surface, level, density.ground))
        for share, level in zip(shares, levels, strict=False)
    )


def lines_at(
    surface: Surface, level: float, ground: Ground, tolerance: float = TOLERANCE
) -> tuple[Matrix, ...]:
    """Closed lines round everything at or above a level, the longest first.

    Corners that can be left out without straying more than `tolerance` cells are left out.
    """
    walled = np.full((surface.shape[0] + 2, surface.shape[1] + 2), -1.0, np.float32)
    walled[1:-1, 1:-1] = surface  # nothing is as high as the wall is low: every line closes
    x, y, starts = _march(walled, np.float32(level), TURNS)
    lines = []
    for start, stop in itertools.pairwise(starts.tolist()):
        keep = _simplify(x[start:stop], y[start:stop], tolerance)
        line = np.stack([x[start:stop][keep], y[start:stop][keep]], axis=1) * ground.cell  # (k, 2)
        lines.append(frozen((line + ground.place(-1, -1)).astype(np.float32)))
    return tuple(sorted(lines, key=len, reverse=True))


S, E, N, W = range(4)  # edges of a square between four cells' middles
TURNS = np.full((18, 4), -1, np.int8)
"""From which edge to which a line leads, twice, by which corners are high: 1 lower left, 2 lower
right, 4 upper right, 8 upper left; 16 and 17 are saddles 5 and 10 whose middle is high, too."""
for _kind, _turn in (
    *((1, (S, W)), (2, (E, S)), (3, (E, W)), (4, (N, E)), (5, (S, W, N, E)), (6, (N, S))),
    *((7, (N, W)), (8, (W, N)), (9, (S, N)), (10, (E, S, W, N)), (11, (E, N)), (12, (W, E))),
    *((13, (S, E)), (14, (W, S)), (16, (S, E, N, W)), (17, (W, S, E, N))),
):
    TURNS[_kind, : len(_turn)] = _turn


@njit(nogil=True, cache=True)
def _march(surface, level, turns):  # type: ignore[no-untyped-def]
    """Corners of all lines in cells, and where each line begins; what is high lies on the left.

    A corner lies on an edge between two neighbouring cells, one high and one low. Each such edge
    has one successor, so following them closes every line. Edge 2i leads from cell i to the right,
    edge 2i + 1 upwards.
    """
    height, width = surface.shape
    follows = np.full(2 * height * width, -1, np.int32)
    edges = np.empty(4, np.int32)
    count = 0
    for row in range(height - 1):
        for column in range(width - 1):
            a, b = surface[row, column], surface[row, column + 1]
            c, d = surface[row + 1, column + 1], surface[row + 1, column]
            kind = (a >= level) + 2 * (b >= level) + 4 * (c >= level) + 8 * (d >= level)
            if kind == 0 or kind == 15:
                continue
            if kind in (5, 10) and np.float64(a) + b + c + d >= 4.0 * level:
                kind = 16 + kind // 10
            cell = row * width + column
            edges[0], edges[1] = 2 * cell, 2 * (cell + 1) + 1
            edges[2], edges[3] = 2 * (cell + width), 2 * cell + 1
            for k in range(0, 4, 2):
                if turns[kind, k] >= 0:
                    follows[edges[turns[kind, k]]] = edges[turns[kind, k + 1]]
                    count += 1
    x, y = np.empty(count), np.empty(count)
    starts = np.empty(count + 1, np.int64)
    lines = at = 0
    for first in range(len(follows)):
        if follows[first] < 0:
            continue
        starts[lines] = at
        lines += 1
        edge = first
        while follows[edge] >= 0:
            cell, up = edge >> 1, edge & 1
            row, column = cell // width, cell % width
            here = np.float64(surface[row, column])
            there = np.float64(surface[row + up, column + 1 - up])
            share = (level - here) / (there - here)
            x[at] = column + (0.0 if up else share)
            y[at] = row + (share if up else 0.0)
            at += 1
            following = follows[edge]
            follows[edge] = -1
            edge = following
    starts[lines] = at
    return x, y, starts[: lines + 1]


@njit(nogil=True, cache=True)
def _simplify(x, y, tolerance):  # type: ignore[no-untyped-def]
    """Which corners of a closed line stay: none that goes is farther than `tolerance` from it.

    Reference: Douglas and Peucker 1973, on the two halves between the first corner and the one
    farthest from it.
    """
    n = len(x)
    keep = np.zeros(n, np.bool_)
    keep[0] = True
    far, most = 0, -1.0
    for i in range(n):
        away = (x[i] - x[0]) ** 2 + (y[i] - y[0]) ** 2
        if away > most:
            far, most = i, away
    keep[far] = True
    side, most = -1, -1.0  # a third corner, so that the thinnest sliver is still a line round it
    for i in range(1, n):
        away = abs((x[i] - x[0]) * (y[far] - y[0]) - (y[i] - y[0]) * (x[far] - x[0]))
        if i != far and away > most:
            side, most = i, away
    keep[side] = True
    second, third = min(side, far), max(side, far)
    stack = [(0, second), (second, third), (third, n)]
    while len(stack):
        start, stop = stack.pop()
        ax, ay, bx, by = x[start], y[start], x[stop % n], y[stop % n]
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        worst, most = -1, tolerance * tolerance
        for i in range(start + 1, stop):
            along = ((x[i] - ax) * dx + (y[i] - ay) * dy) / length if length > 0 else 0.0
            along = min(max(along, 0.0), 1.0)
            away = (x[i] - ax - along * dx) ** 2 + (y[i] - ay - along * dy) ** 2
            if away > most:
                worst, most = i, away
        if worst >= 0:
            keep[worst] = True
            stack.append((start, worst))
            stack.append((worst, stop))
    return keep
