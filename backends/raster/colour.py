"""What each point looks like: one byte of ink, that hides it, lets it stand back, or colours it.

Paints can be mixed without numba while nothing is drawn yet; only `arrange` needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Rows

if TYPE_CHECKING:
    from backends.raster.points import Points

HIDDEN, CONTEXT, COLOUR = 0, 1, 2  # ink; COLOUR and above are entries of the palette
MOST_ENTRIES = 256 - COLOUR
SCALE_STEPS = 253  # of a continuous scale; one more entry is for missing values
Codes = NDArray[np.uint8]
Table = NDArray[np.uint8]
BLOCK = 1 << 16  # rows that are coded at a time: what is made on the way stays in the cache
MISSING = SCALE_STEPS  # the code of a missing value


@dataclass(frozen=True, eq=False)
class Paint:
    """How rows are to be coloured; compared by identity. Arrays are never written to again.

    A palette may have any number of entries, but no more than 254 different colours.
    """

    codes: Codes  # (n,) entry of the palette for each row
    palette: Table  # (K, 3) red, green, blue
    context: tuple[int, int, int]  # colour of items that stand back
    hidden: frozenset[int] = frozenset()  # codes that are not drawn at all
    selected: Rows | None = None  # if given, only these rows are in colour
    kept: Rows | None = None  # if given, rows outside stand back (a filter)


@dataclass(frozen=True, eq=False)
class Ink:
    """A `Paint` in the order of some `Points`."""

    inks: NDArray[np.uint8]  # (m,)
    palette: Table  # (<= 254, 3) colours from COLOUR on
    context: tuple[int, int, int]
    has_context: bool  # whether any point stands back
    is_seen: bool  # whether any point is drawn


def arrange(points: Points, paint: Paint) -> Ink:
    """Bring a paint into the order of points. Selected rows are in colour, filter or not.

    Raises: ValueError if a palette has too many colours.
    """
    from backends.raster.arrange import gather

    table, palette = _inks_of(paint)
    chosen = paint.selected if paint.selected is not None else paint.kept
    inks, has_context, is_seen = gather(points, paint.codes, table, chosen)
    return Ink(inks, palette, paint.context, has_context, is_seen)


def _inks_of(paint: Paint) -> tuple[NDArray[np.uint8], Table]:
    """Ink of each entry of the palette (K,), and the colours that the inks stand for."""
    palette = np.asarray(paint.palette)
    if len(palette) <= MOST_ENTRIES:
        inks = np.arange(len(palette)) + COLOUR
    else:  # many classes share a colour
        packed = palette.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])  # (K,)
        _, first, entry = np.unique(packed, return_index=True, return_inverse=True)
        if len(first) > MOST_ENTRIES:
            raise ValueError(f"a palette of {len(first)} colours; {MOST_ENTRIES} are possible")
        inks, palette = entry.reshape(-1) + COLOUR, palette[first]
    table = inks.astype(np.uint8)  # (K,)
    table[sorted(code for code in paint.hidden if 0 <= code < len(table))] = HIDDEN
    return table, palette


def scale_codes(values: NDArray[np.floating[Any]], low: float, high: float) -> NDArray[np.uint8]:
    """Entries 0..SCALE_STEPS-1 of a scale for values from low to high; `MISSING` for NaN, (n,)."""
    codes = np.empty(len(values), np.uint8)
    width = high - low
    with np.errstate(invalid="ignore"):
        for start in range(0, len(values), BLOCK):
            part = values[start : start + BLOCK].astype(np.float64)
            if width > 0:
                part = (part - low) * ((SCALE_STEPS - 1) / width)
            else:
                part[~np.isnan(part)] = (SCALE_STEPS - 1) / 2
            np.clip(part, 0, SCALE_STEPS - 1, out=part)
            np.rint(part, out=part)
            part[np.isnan(part)] = MISSING
            codes[start : start + BLOCK] = part
    return codes


def class_codes(codes: NDArray[np.int32], entries: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The entry of each item's class, (n,); the last of `entries` is of items of none (-1)."""
    return looked_up(codes, entries)


def looked_up(places: NDArray[np.integer[Any]], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Entries of a table at places, from the end where they are negative: (n,)."""
    codes = np.empty(len(places), np.uint8)
    for start in range(0, len(places), BLOCK):
        codes[start : start + BLOCK] = table[places[start : start + BLOCK]]
    return codes


def plain_codes(n: int) -> NDArray[np.uint8]:
    """All rows alike."""
    return np.zeros(n, np.uint8)


def plain_palette(colours: Sequence[tuple[int, int, int]]) -> Table:
    """Colours as a palette, (K, 3)."""
    return np.array(colours, np.uint8)


def packed_inks(palette: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Colours by ink, so that one addition adds to several sums.

    Two channels a word of 32 bits each: red, green; blue, 1: (256, 2). And all four in one word of
    16 bits each: red, green, blue, 1: (256,). What is hidden or stands back adds nothing.
    """
    by_ink = np.zeros((256, 4), np.uint64)
    by_ink[COLOUR : COLOUR + len(palette), :3] = palette
    by_ink[COLOUR : COLOUR + len(palette), 3] = 1
    red, green, blue, one = by_ink.T
    half, field = np.uint64(32), np.uint64(16)
    wide = np.stack([red << half | green, blue << half | one], axis=1)
    narrow = red << np.uint64(48) | green << half | blue << field | one
    assert not narrow[CONTEXT]
    return wide, narrow
