"""Colours of scales: even steps for the eye, for people who confuse colours, on light and dark.

Each scale is a path through Oklab, walked in steps of equal length. Its darkest part is left out
on a dark ground and its lightest on a light one, so that no value sinks into the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backends.raster.colour import SCALE_STEPS
from backends.raster.oklab import Lab, evenly, to_oklab, to_rgb

Table = NDArray[np.uint8]
Shape = Literal["sequential", "diverging", "cyclic"]
STEPS = SCALE_STEPS  # entries of a scale; the one after them is of missing values
DARKEST, LIGHTEST = 0.40, 0.87  # Oklab lightness on a dark ground, and on a light one
FINE = 2001  # points of a path before it is walked

# Every sixteenth entry of the tables by Smith, van der Walt and Firing 2015 ("mpl-colormaps", in
# the public domain), and by Nunez, Anderton and Renslow 2018 ("cividis").
_STOPS = {
    "viridis": "440154 48186A 472D7B 424086 3B528B 33638D 2C728E 26828E 21918C "
    "1F9F88 27AD81 3DBC74 5CC863 81D34D AADC32 D5E21A FDE725",
    "cividis": "00204D 002C69 06366E 2D426C 414D6B 52596C 61646F 6F7073 7D7C78 "
    "8B8779 9B9477 ACA174 BCAF6F CEBC68 E0CB5E F2DA50 FFEA46",
    "magma": "000004 0A0822 1D1147 36106B 51127C 6A1C81 832681 9C2E7F B73779 "
    "CF4070 E55064 F4695C FB8761 FEA571 FEC287 FDE0A1 FCFDBF",
    "plasma": "0D0887 310597 4C02A1 6600A7 7E03A8 9511A1 AA2395 BC3587 CC4778 "
    "D9586A E56B5D F07F4F F89441 FDAB33 FDC328 F9DD25 F0F921",
}
# Blue against orange: the two directions that red-green confusion leaves alone, as (a, b).
_BLUE, _ORANGE = (-0.035, -0.125), (0.062, 0.112)


@dataclass(frozen=True, slots=True)
class ScaleSpec:
    """A scale that can be chosen."""

    id: str
    text: str
    shape: Shape
    tip: str


SCALES: dict[str, ScaleSpec] = {
    spec.id: spec
    for spec in (
        ScaleSpec("viridis", "Viridis", "sequential", "Violet over green to yellow"),
        ScaleSpec("cividis", "Cividis", "sequential", "Blue to yellow, alike for nearly all eyes"),
        ScaleSpec("magma", "Magma", "sequential", "Black over red to pale yellow"),
        ScaleSpec("plasma", "Plasma", "sequential", "Blue over pink to yellow"),
        ScaleSpec(
            "diverging", "Diverging", "diverging", "Blue and orange on two sides of a centre"
        ),
        ScaleSpec("cyclic", "Cyclic", "cyclic", "Ends as it begins: hours, angles, seasons"),
    )
}
DEFAULT = "viridis"


@cache
def scale_steps(name: str = DEFAULT, *, dark: bool) -> Table:
    """Colours from low to high, (STEPS, 3), read-only.

    Raises: KeyError if there is no such scale.
    """
    shape = SCALES[name].shape
    if shape == "diverging":
        path = _diverging(dark=dark)
    elif shape == "cyclic":
        path = _cyclic(dark=dark)
    else:
        path = _sequential(name, dark=dark)
    table = to_rgb(evenly(path, STEPS))
    table.flags.writeable = False
    return table


def _sequential(name: str, *, dark: bool) -> Lab:
    """The part of a published scale that is seen on the ground."""
    stops = to_oklab(np.array([list(bytes.fromhex(text)) for text in _STOPS[name].split()]))
    at = np.linspace(0, len(stops) - 1, FINE)
    path = np.stack([np.interp(at, np.arange(len(stops)), stops[:, i]) for i in range(3)], axis=1)
    seen = path[:, 0] >= DARKEST if dark else path[:, 0] <= LIGHTEST
    return np.asarray(path[seen])


def _diverging(*, dark: bool) -> Lab:
    """Two straight lines that meet in a grey near the ground's own lightness."""
    middle, end = (0.42, 0.76) if dark else (0.83, 0.48)
    corners = np.array([(end, *_BLUE), (middle, 0, 0), (end, *_ORANGE)])
    at = np.linspace(0, 2, FINE)
    return np.stack([np.interp(at, np.arange(3), corners[:, i]) for i in range(3)], axis=1)


def _cyclic(*, dark: bool) -> Lab:
    """A ring from grey over blue, dark and orange back: lightness tells what hue cannot."""
    middle, swing = (0.66, 0.20) if dark else (0.60, 0.22)
    turn = np.linspace(0, 2 * np.pi, FINE)
    side = np.sin(turn)[:, None]
    hue = np.where(side > 0, np.array(_BLUE) * side, np.array(_ORANGE) * -side)  # (FINE, 2)
    return np.column_stack([middle + swing * np.cos(turn), hue * 0.95])
