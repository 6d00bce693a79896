"""What each point looks like: its layer (hidden, context, colour) and its entry in the palette.

Without numba, so that paints can be mixed while nothing is drawn yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Rows

if TYPE_CHECKING:
    from backends.raster.points import Points

HIDDEN, CONTEXT, COLOUR = 0, 1, 2
Codes = NDArray[np.uint16]
Table = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Paint:
    """How rows are to be coloured; compared by identity. Arrays are never written to again."""

    codes: Codes  # (n,) entry of the palette for each row
    palette: Table  # (K, 3) red, green, blue
    context: tuple[int, int, int]  # colour of items that stand back
    hidden: frozenset[int] = frozenset()  # codes that are not drawn at all
    selected: Rows | None = None  # if given, only these rows are in colour
    kept: Rows | None = None  # if given, rows outside stand back (a filter)


@dataclass(frozen=True, eq=False)
class Ink:
    """A `Paint` in the order of some `Points`."""

    layer: NDArray[np.uint8]  # (m,)
    codes: Codes  # (m,)
    palette: Table  # (K, 3)
    context: tuple[int, int, int]


def arrange(points: Points, paint: Paint) -> Ink:
    """Bring a paint into the order of points. Selected rows are in colour, filter or not."""
    layer = np.full(points.n, COLOUR, np.uint8)  # (n,)
    if paint.selected is not None or paint.kept is not None:
        layer[:] = CONTEXT
        if paint.selected is not None:
            layer[paint.selected] = COLOUR
        elif paint.kept is not None:
            layer[paint.kept] = COLOUR
    if paint.hidden:
        layer[np.isin(paint.codes, sorted(paint.hidden))] = HIDDEN
    return Ink(layer[points.order], paint.codes[points.order], paint.palette, paint.context)


def scale_codes(values: NDArray[np.float32], low: float, high: float) -> Codes:
    """Entries 0..254 of a continuous scale for values from low to high; 255 for NaN, (n,)."""
    width = high - low
    share = (values - low) / width if width > 0 else np.full(len(values), 0.5)
    share = np.where(np.isnan(values), np.nan, share)
    codes = np.full(len(values), 255, np.uint16)
    known = ~np.isnan(share)
    codes[known] = np.round(np.clip(share[known], 0, 1) * 254)
    return codes


def class_codes(codes: NDArray[np.int32], classes: int) -> Codes:
    """Entries 0..classes-1 of a palette; the last entry, `classes`, for items of none (-1)."""
    return np.where(codes < 0, classes, codes).astype(np.uint16)


def plain_codes(n: int) -> Codes:
    """All rows alike."""
    return np.zeros(n, np.uint16)


def plain_palette(colours: Sequence[tuple[int, int, int]]) -> Table:
    """Colours as a palette, (K, 3)."""
    return np.array(colours, np.uint8)
