"""Colours for classes and scales that hold for people who confuse red and green, light and dark.

The first eight are Okabe and Ito's, shifted where they would vanish against the background; the
twelve after them were chosen one by one, each as far from all before it as possible in Oklab, as
seen with normal vision, protanopia and deuteranopia (Machado and others 2009). A test keeps the
distances, for the first eight with tritanopia too.

A point's look takes one byte, so a palette has `ENTRIES`: the named colours, one for all other
classes, one for items of none, and the rest for what a hand has coloured; or the steps of a scale.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from backends.raster.scales import DEFAULT, STEPS, scale_steps

Table = NDArray[np.uint8]

# Okabe and Ito 2008, "Color Universal Design", then the longer set.
_LIGHT = (
    *("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#E6D72C", "#1F1F1F"),
    *("#0000A5", "#783C4B", "#8778FF", "#5A0069", "#B42D87", "#3C3CD2", "#4B3C00", "#2DD287"),
    *("#785A1E", "#FF4B69", "#871E78", "#5A87D2"),
)
_DARK = (
    *("#4998DE", "#E8702A", "#00BD86", "#F0B429", "#D98CB8", "#7CC8F5", "#F0E442", "#F2F2F2"),
    *("#872DC3", "#965A00", "#876996", "#6969FF", "#87E1A5", "#0F785A", "#D2FFB4", "#5A9687"),
    *("#A50F96", "#3C78C3", "#B4E1FF", "#2DA53C"),
)
MOST_COLOURS = len(_LIGHT)
_OTHER = {False: "#8E96A3", True: "#7C8592"}  # classes beyond the set, and empty cells

ENTRIES = STEPS + 1  # of a palette
OTHER, NONE, OWN = MOST_COLOURS, MOST_COLOURS + 1, MOST_COLOURS + 2
"""Entries of the classes beyond the set, of items of no class, and the first chosen by hand."""
MOST_OWN = 200  # classes beyond the set that can have a colour chosen by hand
GONE = ENTRIES - 1  # the entry of classes that are hidden


def rgb(text: str) -> tuple[int, int, int]:
    """Red, green and blue in 0..255 of "#RRGGBB"."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def class_colours(count: int, *, dark: bool) -> Table:
    """Colours of `count` classes and, last, of items of none: (count + 1, 3).

    Classes come in order of size, so those beyond `MOST_COLOURS` are the smallest: one grey.
    """
    table = np.empty((count + 1, 3), np.uint8)
    table[:] = rgb(_OTHER[dark])
    shown = min(count, MOST_COLOURS)
    table[:shown] = [rgb(text) for text in (_DARK if dark else _LIGHT)[:shown]]
    return table


def class_entries(
    count: int, own: Collection[int] = (), hidden: Collection[int] = ()
) -> NDArray[np.uint8]:
    """The palette's entry of each class and, last, of items of none: (count + 1,).

    `own` are classes beyond the set that have a colour chosen by hand, in the order of their
    entries; `hidden` ones are `GONE`, and `count` stands for none in it. Index it with codes of
    classes, -1 for none: one pass over the items, whatever is recoloured or hidden.
    """
    table = np.full(count + 1, OTHER, np.uint8)
    table[:MOST_COLOURS] = np.arange(MOST_COLOURS)[: count + 1]
    for entry, code in enumerate(own, OWN):
        table[code] = entry
    table[count] = NONE
    if hidden:
        table[np.fromiter(hidden, np.int64, len(hidden))] = GONE
    return table


def class_palette(chosen: Mapping[int, str] | None = None, *, dark: bool) -> Table:
    """Colours of the entries of `class_entries`, (ENTRIES, 3).

    `chosen` are colours "#RRGGBB" by entry, for `OWN` and what follows and for any other.
    """
    table = np.empty((ENTRIES, 3), np.uint8)
    table[:] = rgb(_OTHER[dark])
    table[:MOST_COLOURS] = [rgb(text) for text in (_DARK if dark else _LIGHT)]
    for entry, text in (chosen or {}).items():
        table[entry] = rgb(text)
    return table


def named_colours(*, dark: bool) -> tuple[str, ...]:
    """The set that classes are given, largest class first, as "#RRGGBB"."""
    return _DARK if dark else _LIGHT


@cache
def scale_colours(name: str = DEFAULT, *, dark: bool, is_reversed: bool = False) -> Table:
    """Colours of a scale from low to high, and last of a missing value: (ENTRIES, 3), read-only.

    Raises: KeyError if there is no such scale.
    """
    steps = scale_steps(name, dark=dark)
    table = np.vstack([steps[::-1] if is_reversed else steps, [rgb(_OTHER[dark])]])
    table = table.astype(np.uint8)
    table.flags.writeable = False
    return table
