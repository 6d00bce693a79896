"""Colours for classes and scales that hold for people who confuse red and green, light and dark.

The first eight are Okabe and Ito's, shifted where they would vanish against the background; the
twelve after them were chosen one by one, each as far from all before it as possible in Oklab, as
seen with normal vision, protanopia and deuteranopia (Machado and others 2009). A test keeps the
distances.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from backends.raster.colour import SCALE_STEPS

Table = NDArray[np.uint8]

# Okabe and Ito 2008, "Color Universal Design", then the longer set.
_LIGHT = (
    *("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#E6D72C", "#1F1F1F"),
    *("#0000A5", "#783C4B", "#8778FF", "#5A0069", "#B42D87", "#3C3CD2", "#4B3C00", "#2DD287"),
    *("#785A1E", "#FF4B69", "#871E78", "#5A87D2"),
)
_DARK = (
    *("#3A9BDC", "#E8702A", "#15B88A", "#F0B429", "#D98CB8", "#7CC8F5", "#F0E442", "#F2F2F2"),
    *("#872DC3", "#965A00", "#876996", "#6969FF", "#87E1A5", "#0F785A", "#D2FFB4", "#5A9687"),
    *("#A50F96", "#3C78C3", "#B4E1FF", "#2DA53C"),
)
MOST_COLOURS = len(_LIGHT)
_OTHER = {False: "#8E96A3", True: "#7C8592"}  # classes beyond the set, and empty cells

# Lightness rises evenly (tested): dark blue over green to yellow, as viridis does.
_SCALE = ("#3B1C6B", "#31508F", "#1F7F8F", "#35A877", "#93C83E", "#F6E026")


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


@cache
def scale_colours(*, dark: bool) -> Table:
    """Colours of a continuous scale from low to high, and last of a missing value: (254, 3)."""
    at = np.linspace(0, len(_SCALE) - 1, SCALE_STEPS)
    stops = np.array([rgb(text) for text in _SCALE], np.float64)
    low, high = np.floor(at).astype(int), np.ceil(at).astype(int)
    share = (at - low)[:, None]
    mixed = stops[low] * (1 - share) + stops[high] * share  # (255, 3)
    if dark:  # the darkest step must not sink into the dark background
        mixed = mixed + (255 - mixed) * np.linspace(0.22, 0.0, SCALE_STEPS)[:, None]
    table = np.empty((SCALE_STEPS + 1, 3), np.uint8)
    table[:SCALE_STEPS] = np.round(mixed)
    table[SCALE_STEPS] = rgb(_OTHER[dark])
    return table
