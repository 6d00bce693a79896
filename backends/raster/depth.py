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
MOST_MERGED = MOST_ENTRIES // 8  # steps that a scale is brought down to, in eight levels
ALIKE = 96  # most that the channels of colours that are put together differ by, in all
FARTHEST = 0.7  # share of the ground in the colour of what is farthest
BENT = 1.5  # power of the distance: what is half-way stays clearly in its colour

Colour = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Shading:
    """A paint in all levels of depth, ready for whatever depth the points have."""

    paint: Paint
    entries: Table  # (K,) entry of each of the paint's own where it is farthest
    steps: Table  # (K,) from there to the next level: 1, or 0 for what is hidden
    levels: int
    palette: Table  # (colours * levels, 3), each colour from far to near; then what is hidden
    hidden: frozenset[int]

    def at(self, depth: Levels) -> Paint:
        """The rows in colours that say how far away they are, by their levels (n,)."""
        from backends.raster.deepening import combined

        codes = combined(self.paint.codes, self.entries, self.steps, depth, LEVELS, self.levels)
        return replace(self.paint, codes=codes, palette=self.palette, hidden=self.hidden)


def shading(paint: Paint, ground: Colour) -> Shading:
    """Prepare to shade a paint, for a `ground` behind the points.

    What stands back keeps its one colour: the raster has one ink for it.
    """
    colours, kinds = _told_apart(np.asarray(paint.palette, np.uint8))  # (c, 3), (K,)
    levels = min(LEVELS, max(1, (MOST_ENTRIES - 1) // len(colours)))
    entries, steps = kinds * levels, np.ones(len(kinds), np.uint8)
    palette = _mixed(colours, ground, levels)
    hidden = [code for code in paint.hidden if 0 <= code < len(entries)]
    # A hidden class may share its colour with one that is seen: it gets an entry of its own.
    entries[hidden], steps[hidden] = len(palette), 0
    without = frozenset({len(palette)}) if hidden else frozenset()
    if hidden:
        palette = np.concatenate([palette, palette[:1]])  # no colour more than there are
    return Shading(paint, entries.astype(np.uint8), steps, levels, palette, without)


def _mixed(colours: Table, ground: Colour, levels: int) -> Table:
    """Each colour in each level, far to near, (c * levels, 3)."""
    away = np.linspace(1.0, 0.0, levels) if levels > 1 else np.zeros(1)
    share = FARTHEST * away[None, :, None] ** BENT  # of the ground
    mixed = colours[:, None, :] * (1.0 - share) + np.array(ground)[None, None, :] * share
    return np.round(mixed).astype(np.uint8).reshape(-1, 3)


def _told_apart(palette: Table) -> tuple[Table, NDArray[np.intp]]:
    """The colours of a palette (K, 3), and which of them each entry has, (K,).

    A scale is made coarser. Many colours that are unlike each other are left as they are: there is
    room for few levels of each then, or for one.
    """
    packed = palette.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])  # (K,)
    _, first, kinds = np.unique(packed, return_index=True, return_inverse=True)
    if len(first) > MOST_EXACT:
        steps = np.abs(np.diff(palette.astype(np.int64), axis=0)).sum(axis=1).tolist()  # (K - 1,)
        group = _groups(steps, _width(steps))
        if group is not None:
            return _means(palette, group), group
    return palette[first], kinds.reshape(-1)


def _width(steps: list[int]) -> int:
    """The smallest difference within a group at which there are few enough groups."""
    low, high = 0, ALIKE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _groups(steps, middle) is None else (low, middle)
    return high


def _groups(steps: list[int], width: int) -> NDArray[np.intp] | None:
    """Number entries so that those of a number differ by less in all; None if that is too many.

    An entry unlike its neighbours (items without a value, after a scale) has its own number.
    """
    numbers, gone = [0], 0
    for step in steps:
        gone += step
        numbers.append(numbers[-1] + (gone >= width))
        gone = 0 if gone >= width else gone
    return np.array(numbers, np.intp) if numbers[-1] < MOST_MERGED else None


def _means(palette: Table, group: NDArray[np.intp]) -> Table:
    sums = np.zeros((group[-1] + 1, 3))
    np.add.at(sums, group, palette)
    return np.round(sums / np.bincount(group)[:, None]).astype(np.uint8)
