"""Draws points as anti-aliased dots whose picture does not depend on their order.

Per pixel the colours of all dots are summed with their coverage; the sum's mean is the pixel's
colour and its coverage, through a table, the opacity. Integer sums make the picture the same
however many threads draw it. The screen is cut into bands so low that a band's sums stay in the
processor's cache; threads take bands in turn and share nothing.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.raster.camera import Camera
from backends.raster.colour import CONTEXT, Ink
from backends.raster.points import Points, cell_at

Places = NDArray[np.int64]
Picture = NDArray[np.uint32]  # (height, width) 0xAARRGGBB, premultiplied
FULL = 255  # coverage of a pixel that lies wholly in a dot
SUB = 8  # places within a pixel, per axis, that a dot's centre is rounded to
LEAST_RADIUS = math.sqrt(1 / math.pi)  # a dot of one pixel's area; smaller ones are that pixel
MOST_RADIUS = 6.0  # logical pixels
LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)  # of two sums in one word
FULLEST = np.uint64((1 << 24) - FULL)  # coverage x colour stays below 2**32
BAND_BYTES = 1 << 19
STEPS = 16  # entries of an opacity table per whole dot
FAINT = 0.85  # opacity of the context against that of the rest
MOST_DOTS = 1024  # on one pixel, beyond which opacity stays the same


@dataclass(frozen=True)
class Dots:
    """How large and how opaque dots are at a camera."""

    radius: float  # device pixels
    single: float  # opacity of one dot, 0..1
    full: float  # opacity where it is most crowded
    crowd: float  # dots that share a pixel there


class Stamp(NamedTuple):
    """Touched pixels, place by place: those of place p are entries starts[p]..starts[p + 1]."""

    starts: Places  # (SUB * SUB + 1,), or (2,) if the place does not matter
    down: Places  # pixel rows from the middle's own
    right: Places  # pixel columns from the middle's own
    cover: Places  # 1..FULL
    reach: int  # the farthest of them


def dots_for(points: Points, camera: Camera, size: float = 1.0) -> Dots:
    """Choose dots so that 20 and a million points both show their structure.

    Dots grow with the distance between points, so they depend on the zoom and never on the pan.
    The more crowded it is, the fainter one dot is, and opacity rises with the logarithm of how
    many share a pixel, up to where it is most crowded.
    """
    apart = points.spread * camera.scale / camera.ratio  # logical pixels
    radius = min(0.75 * apart**0.75, MOST_RADIUS) * size * camera.ratio
    radius = max(radius, LEAST_RADIUS)
    crowd = points.crowd / camera.scale**2 * math.pi * radius**2
    crowd = min(max(crowd, 1.5), float(MOST_DOTS))
    single = min(max(0.94 - 0.07 * math.log2(crowd / 1.5), 0.5), 0.94)
    return Dots(radius, single, 0.97, crowd)


def draw(
    points: Points, ink: Ink, camera: Camera, dots: Dots, out: Picture | None = None
) -> Picture:
    """Draw on a transparent ground; `out` is filled and returned if it has the right shape."""
    shape = (camera.height, camera.width)
    picture = out if out is not None and out.shape == shape else np.empty(shape, np.uint32)
    stamp = _stamp(dots.radius)
    colours = _packed(ink.palette)
    has_context = bool((ink.layer == CONTEXT).any())
    # What is chosen stands out against the rest, however crowded it is.
    single = max(dots.single, 0.9) if has_context else dots.single
    look = _opacities(single, dots.full, dots.crowd)
    faint = _opacities(dots.single * FAINT, dots.full * FAINT, dots.crowd)
    rows = max(8, min(64, BAND_BYTES // (camera.width * 16)))  # of a band
    threads = _threads()

    def share(first: int) -> None:
        _draw_bands(
            points.x, points.y, points.offsets, points.grid.numbers(), ink.layer, ink.codes,
            colours, ink.context, stamp, look, faint, has_context,
            (camera.x, camera.y, camera.scale), first, threads, rows, picture,
        )  # fmt: skip

    others = [_pool().submit(share, first) for first in range(1, threads)]
    share(0)
    for other in others:
        other.result()
    return picture


@cache
def _threads() -> int:
    return max(1, min(8, os.cpu_count() or 1))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, _threads() - 1), thread_name_prefix="raster")


@lru_cache(maxsize=32)
def _stamp(radius: float) -> Stamp:
    """Pixels that a dot touches, for each place of its middle within its own pixel.

    The smallest dot is its own pixel, wherever in it the middle lies.
    """
    if radius <= LEAST_RADIUS:
        none = np.zeros(1, np.int64)
        return Stamp(np.array([0, 1]), none, none, np.full(1, FULL), 0)
    reach = math.ceil(radius)
    pixel = np.arange(-reach, reach + 1) + 0.5  # middles
    away = pixel[None, :] - (np.arange(SUB)[:, None] + 0.5) / SUB  # (SUB, side)
    distance = np.hypot(away[:, None, :, None], away[None, :, None, :])  # place y, x, pixel y, x
    cover = np.round(np.clip(radius + 0.5 - distance, 0, 1) * FULL).astype(np.int64)
    place_y, place_x, y, x = np.nonzero(cover)
    counts = np.bincount(place_y * SUB + place_x, minlength=SUB * SUB)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Stamp(starts, y - reach, x - reach, cover[place_y, place_x, y, x], reach)


@lru_cache(maxsize=32)
def _opacities(single: float, full: float, crowd: float) -> NDArray[np.uint8]:
    """Opacity 0..255 for each sixteenth of a dot that covers a pixel."""
    dots = np.arange(MOST_DOTS * STEPS) / STEPS
    rise = np.log(np.maximum(dots, 1)) / np.log(max(crowd, 1.5))
    opacity = np.where(dots < 1, single * dots, single + (full - single) * np.minimum(rise, 1))
    return np.round(opacity * 255).astype(np.uint8)


def _packed(palette: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Two channels a word, so that one product adds to two sums: red, green; blue, 1: (K, 2)."""
    wide = palette.astype(np.uint64)  # (K, 3)
    high = np.uint64(32)
    one = np.ones(len(wide), np.uint64)
    return np.stack([wide[:, 0] << high | wide[:, 1], wide[:, 2] << high | one], axis=1)


@njit(nogil=True, cache=True)
def _draw_bands(  # type: ignore[no-untyped-def]
    x, y, offsets, grid, layer, codes, colours, context, stamp, look, faint, has_context,
    camera, first, step, rows, out,
):  # fmt: skip
    """Draw every `step`-th band of `rows` pixel rows, beginning with number `first`."""
    height, width = out.shape
    count = 2 if has_context else 1
    sums = np.empty((count, rows * width, 2), np.uint64)  # red, green; blue, coverage
    steps = stamp[1] * width + stamp[2]  # from the middle's pixel, in a flat band
    for top in range(first * rows, height, step * rows):
        end = min(height, top + rows)
        sums[:] = 0
        _add(
            x, y, offsets, grid, layer, codes, colours, stamp, steps, camera, top, end,
            out.shape, sums,
        )  # fmt: skip
        _shade(sums, context, look, faint, top, end, out)


@njit(nogil=True, cache=True)
def _add(  # type: ignore[no-untyped-def]
    x, y, offsets, grid, layer, codes, colours, stamp, steps, camera, top, end, shape, sums
):
    """Add the dots that touch pixel rows top..end to the sums.

    A sum has 32 bits: a pixel that 65,000 dots cover wholly takes no more of them.
    """
    height, width = shape
    left, bottom, per_x, per_y, side = grid
    middle_x, middle_y, scale = camera
    starts, down, right, covers, reach = stamp
    sub = SUB if len(starts) > 2 else 1
    beyond = reach + 1.0
    low = cell_at(middle_y + (height / 2 - end - beyond) / scale, bottom, per_y, side)
    high = cell_at(middle_y + (height / 2 - top + beyond) / scale, bottom, per_y, side)
    west = cell_at(middle_x - (width / 2 + beyond) / scale, left, per_x, side)
    east = cell_at(middle_x + (width / 2 + beyond) / scale, left, per_x, side)
    for row in range(low, high + 1):
        for i in range(offsets[row * side + west], offsets[row * side + east + 1]):
            kind = layer[i]
            if kind == 0:
                continue
            px = (x[i] - middle_x) * scale + width / 2
            py = (middle_y - y[i]) * scale + height / 2
            # Far away, before whole numbers overflow.
            if not (-beyond < px < width + beyond and top - beyond < py < end + beyond):
                continue
            at_x, at_y = math.floor(px * sub), math.floor(py * sub)
            column, line = at_x // sub, at_y // sub
            plane = sums[kind - 1 if sums.shape[0] == 2 else 0]
            first, second = colours[codes[i], 0], colours[codes[i], 1]
            place = (at_y - line * sub) * sub + at_x - column * sub
            middle = (line - top) * width + column
            is_inside = reach <= column < width - reach and top + reach <= line < end - reach
            for k in range(starts[place], starts[place + 1]):
                if not is_inside:
                    u, v = column + right[k], line + down[k]
                    if not (0 <= u < width and top <= v < end):
                        continue
                at = middle + steps[k]
                if plane[at, 1] & LOW >= FULLEST:
                    continue
                cover = np.uint64(covers[k])
                plane[at, 0] += first * cover
                plane[at, 1] += second * cover


@njit(nogil=True, cache=True)
def _shade(sums, context, look, faint, top, end, out):  # type: ignore[no-untyped-def]
    """Turn sums into pixels: the mean colour at its opacity, over the context's grey."""
    width = out.shape[1]
    upper = sums[sums.shape[0] - 1]
    last = len(look) - 1
    for line in range(top, end):
        for column in range(width):
            at = (line - top) * width + column
            cover = np.int64(upper[at, 1] & LOW)
            under = np.int64(sums[0, at, 1] & LOW) if sums.shape[0] == 2 else 0
            if cover == 0 and under == 0:
                out[line, column] = 0
                continue
            alpha = look[min((cover + 8) >> 4, last)] / 255.0 if cover else 0.0
            beneath = (1.0 - alpha) * (faint[min((under + 8) >> 4, last)] / 255.0) if under else 0.0
            mean = alpha / cover if cover else 0.0
            whole = min(255, int(255.0 * (alpha + beneath) + 0.5))
            one, two = upper[at, 0], upper[at, 1]
            red = min(whole, int((one >> HALF) * mean + context[0] * beneath + 0.5))
            green = min(whole, int((one & LOW) * mean + context[1] * beneath + 0.5))
            blue = min(whole, int((two >> HALF) * mean + context[2] * beneath + 0.5))
            out[line, column] = (whole << 24) | (red << 16) | (green << 8) | blue
