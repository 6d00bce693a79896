"""Tables for dots: which pixels a dot touches, and how opaque so many dots are together."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
FULL = 255  # coverage of a pixel that lies wholly in a dot
SUB = 8  # places within a pixel, per axis, that a dot's centre is rounded to
LEAST_RADIUS = math.sqrt(1 / math.pi)  # a dot of one pixel's area; smaller ones are that pixel
STEPS = 16  # entries of an opacity table per whole dot
EQUAL_SINGLE = 0.45  # times the opacity of one dot: room for the ranks above it
MOST_DOTS = 1024  # on one pixel, beyond which opacity stays the same


class Stamp(NamedTuple):
    """Touched pixels, place by place: those of place p are entries starts[p]..starts[p + 1]."""

    starts: Places  # (SUB * SUB + 1,)
    down: Places  # pixel rows from the middle's own
    right: Places  # pixel columns from the middle's own
    cover: NDArray[np.uint64]  # 1..FULL
    reach: int  # the farthest of them


@lru_cache(maxsize=32)
def stamp_of(radius: float) -> Stamp:
    """Pixels that a dot touches, for each place of its middle within its own pixel."""
    reach = math.ceil(radius)
    pixel = np.arange(-reach, reach + 1) + 0.5  # middles
    away = pixel[None, :] - (np.arange(SUB)[:, None] + 0.5) / SUB  # (SUB, side)
    distance = np.hypot(away[:, None, :, None], away[None, :, None, :])  # place y, x, pixel y, x
    cover = np.round(np.clip(radius + 0.5 - distance, 0, 1) * FULL).astype(np.uint64)
    place_y, place_x, y, x = np.nonzero(cover)
    counts = np.bincount(place_y * SUB + place_x, minlength=SUB * SUB)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Stamp(starts, y - reach, x - reach, cover[place_y, place_x, y, x], reach)


def touched(radius: float) -> float:
    """About how many pixels a dot touches."""
    return 1.0 if radius <= LEAST_RADIUS else math.pi * (radius + 0.7) ** 2


def radius_touching(pixels: float) -> float:
    """The inverse of `touched`; the least radius where there is no room for more."""
    return max(LEAST_RADIUS, math.sqrt(max(pixels, 0.0) / math.pi) - 0.7)


@lru_cache(maxsize=32)
def opacities(
    single: float, full: float, crowd: float, levels: tuple[float, ...] = ()
) -> NDArray[np.uint8]:
    """Opacity 0..255 for each sixteenth of a dot that covers a pixel.

    From `single` for one dot to `full`: with the logarithm of their number up to `crowd`, or, if
    `levels` are given, with the share of them that is not above it (histogram equalisation).
    """
    dots = np.arange(MOST_DOTS * STEPS) / STEPS
    if levels:
        rise = np.searchsorted(np.array(levels), dots, side="right") / len(levels)
        single *= EQUAL_SINGLE
    else:
        rise = np.log(np.maximum(dots, 1)) / np.log(max(crowd, 1.5))
    opacity = np.where(dots < 1, single * dots, single + (full - single) * np.minimum(rise, 1))
    return np.round(opacity * 255).astype(np.uint8)
