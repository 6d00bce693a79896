"""Depth on a flat picture: what is far is mixed towards the ground.

A point has one byte of ink, so colours times levels of depth must fit into the entries there are;
colours that are alike are put together where they would not. This is the one place that knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backends.raster.colour import MOST_ENTRIES, Paint, Table
from backends.raster.turn import LEVELS, Levels

MOST_EXACT = MOST_ENTRIES // 4  # colours that are kept as they are, in at least four levels
MOST_MERGED = MOST_ENTRIES // 8  # colours that more of them are brought down to, in eight levels
FARTHEST = 0.7  # share of the ground in the colour of what is farthest
BENT = 1.5  # power of the distance: what is half-way stays clearly in its colour

Colour = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Shading:
    """A paint in all levels of depth, ready for whatever depth the points have."""

    paint: Paint
    entries: NDArray[np.uint16]  # (K,) colour of each entry of the paint's palette
    levels: int
    palette: Table  # (colours * levels, 3), each colour from far to near
    hidden: frozenset[int]

    def at(self, depth: Levels) -> Paint:
        """The rows in colours that say how far away they are, by their levels (n,)."""
        from backends.raster.deepening import combined

        codes = combined(self.paint.codes, self.entries, depth, LEVELS, self.levels)
        return replace(self.paint, codes=codes, palette=self.palette, hidden=self.hidden)


def shading(paint: Paint, ground: Colour) -> Shading:
    """Prepare to shade a paint, for a `ground` behind the points.

    What stands back keeps its one colour: the raster has one ink for it.
    """
    colours, entries = _told_apart(np.asarray(paint.palette, np.uint8))  # (c, 3), (K,)
    levels = min(LEVELS, MOST_ENTRIES // max(1, len(colours)))
    hidden = [code for code in paint.hidden if 0 <= code < len(entries)]
    palette = _mixed(colours, ground, levels)
    without = frozenset(range(len(palette), len(palette) + levels)) if hidden else frozenset()
    if hidden:
        # A hidden class may share its colour with one that is seen: it gets an entry of its own.
        entries[hidden] = len(colours)
        palette = np.concatenate([palette, np.zeros((levels, 3), np.uint8)])
    return Shading(paint, entries.astype(np.uint16), levels, palette, without)


def _mixed(colours: Table, ground: Colour, levels: int) -> Table:
    """Each colour in each level, far to near, (c * levels, 3)."""
    share = FARTHEST * np.linspace(1.0, 0.0, levels)[None, :, None] ** BENT  # of the ground
    mixed = colours[:, None, :] * (1.0 - share) + np.array(ground)[None, None, :] * share
    return np.round(mixed).astype(np.uint8).reshape(-1, 3)


def _told_apart(palette: Table) -> tuple[Table, NDArray[np.intp]]:
    """The colours of a palette (K, 3), and which of them each entry has, (K,)."""
    packed = palette.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])  # (K,)
    _, first, entries = np.unique(packed, return_index=True, return_inverse=True)
    if len(first) <= MOST_EXACT:
        return palette[first], entries.reshape(-1)
    return _merged(palette)


def _merged(palette: Table) -> tuple[Table, NDArray[np.intp]]:
    """Put entries that follow each other together, until few enough colours are left.

    A scale is made coarser evenly, and an entry unlike its neighbours (items without a value, after
    a scale) stays by itself.
    """
    steps = np.abs(np.diff(palette.astype(np.int64), axis=0)).sum(axis=1).tolist()  # (K - 1,)
    low, high = 0, sum(steps) + 1
    while high - low > 1:  # the smallest difference at which there are few enough
        middle = (low + high) // 2
        if _groups(steps, middle)[-1] < MOST_MERGED:
            high = middle
        else:
            low = middle
    group = np.array(_groups(steps, high), np.intp)
    sums = np.zeros((group[-1] + 1, 3))
    np.add.at(sums, group, palette)
    means = sums / np.bincount(group)[:, None]
    return np.round(means).astype(np.uint8), group


def _groups(steps: list[int], most: int) -> list[int]:
    """Number entries so that those of a number differ by less than `most` in all."""
    numbers, gone = [0], 0
    for step in steps:
        gone += step
        numbers.append(numbers[-1] + (gone >= most))
        gone = 0 if gone >= most else gone
    return numbers
