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

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.raster.camera import Camera
from backends.raster.colour import CONTEXT, Ink
from backends.raster.points import Points, cell_at

Picture = NDArray[np.uint32]  # (height, width) 0xAARRGGBB, premultiplied
FULL = 255  # coverage of a pixel that lies wholly in a dot
SUB = 8  # places within a pixel, per axis, that a dot's centre is rounded to
LEAST_RADIUS = math.sqrt(1 / math.pi)  # a dot of one pixel's area; smaller ones are that pixel
MOST_RADIUS = 6.0  # logical pixels
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
    stamps = _stamps(dots.radius)
    has_context = bool((ink.layer == CONTEXT).any())
    # What is chosen stands out against the rest, however crowded it is.
    single = max(dots.single, 0.9) if has_context else dots.single
    look = _opacities(single, dots.full, dots.crowd)
    faint = _opacities(dots.single * FAINT, dots.full * FAINT, dots.crowd)
    rows = max(8, min(64, BAND_BYTES // (camera.width * 32)))  # of a band
    threads = _threads()

    def share(first: int) -> None:
        _draw_bands(
            points.x, points.y, points.offsets, points.grid.numbers(), ink.layer, ink.codes,
            ink.palette, ink.context, stamps, look, faint, has_context,
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
def _stamps(radius: float) -> NDArray[np.uint8]:
    """Coverage of the pixels round a dot for each place of its centre, (SUB, SUB, side, side).

    The first two axes are the place in y and x; the third and fourth the pixel, the one that
    holds the centre in the middle. Smallest dots are (1, 1, 1, 1).
    """
    if radius <= LEAST_RADIUS:
        return np.full((1, 1, 1, 1), FULL, np.uint8)
    reach = math.ceil(radius)
    pixel = np.arange(-reach, reach + 1) + 0.5  # centres
    away = pixel[None, :] - (np.arange(SUB)[:, None] + 0.5) / SUB  # (SUB, side)
    distance = np.hypot(away[:, None, :, None], away[None, :, None, :])
    return np.round(np.clip(radius + 0.5 - distance, 0, 1) * FULL).astype(np.uint8)


@lru_cache(maxsize=32)
def _opacities(single: float, full: float, crowd: float) -> NDArray[np.uint8]:
    """Opacity 0..255 for each sixteenth of a dot that covers a pixel."""
    dots = np.arange(MOST_DOTS * STEPS) / STEPS
    rise = np.log(np.maximum(dots, 1)) / np.log(max(crowd, 1.5))
    opacity = np.where(dots < 1, single * dots, single + (full - single) * np.minimum(rise, 1))
    return np.round(opacity * 255).astype(np.uint8)


@njit(nogil=True, cache=True)
def _draw_bands(  # type: ignore[no-untyped-def]
    x, y, offsets, grid, layer, codes, palette, context, stamps, look, faint, has_context,
    camera, first, step, rows, out,
):  # fmt: skip
    """Draw every `step`-th band of `rows` pixel rows, beginning with number `first`."""
    height, width = out.shape
    count = 2 if has_context else 1
    sums = np.empty((count, rows * width, 4), np.int64)  # red, green, blue, coverage
    for top in range(first * rows, height, step * rows):
        end = min(height, top + rows)
        sums[:] = 0
        _add(x, y, offsets, grid, layer, codes, palette, stamps, camera, top, end, out.shape, sums)
        _shade(sums, context, look, faint, top, end, out)


@njit(nogil=True, cache=True)
def _add(  # type: ignore[no-untyped-def]
    x, y, offsets, grid, layer, codes, palette, stamps, camera, top, end, shape, sums
):
    """Add the dots that touch pixel rows top..end to the sums."""
    height, width = shape
    left, bottom, per_x, per_y, side = grid
    middle_x, middle_y, scale = camera
    sub, span = stamps.shape[0], stamps.shape[2]
    reach = span // 2
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
            code = codes[i]
            red, green, blue = (
                np.int64(palette[code, 0]), np.int64(palette[code, 1]), np.int64(palette[code, 2]),
            )  # fmt: skip
            if span == 1:
                if 0 <= column < width and top <= line < end:
                    at = (line - top) * width + column
                    plane[at, 0] += red * 255
                    plane[at, 1] += green * 255
                    plane[at, 2] += blue * 255
                    plane[at, 3] += 255
                continue
            stamp = stamps[at_y - line * sub, at_x - column * sub]
            for v in range(max(0, top - line + reach), min(span, end - line + reach)):
                base = (line - reach + v - top) * width + column - reach
                for u in range(max(0, reach - column), min(span, width - column + reach)):
                    cover = np.int64(stamp[v, u])
                    if cover:
                        plane[base + u, 0] += red * cover
                        plane[base + u, 1] += green * cover
                        plane[base + u, 2] += blue * cover
                        plane[base + u, 3] += cover


@njit(nogil=True, cache=True)
def _shade(sums, context, look, faint, top, end, out):  # type: ignore[no-untyped-def]
    """Turn sums into pixels: the mean colour at its opacity, over the context's grey."""
    width = out.shape[1]
    upper = sums[sums.shape[0] - 1]
    last = len(look) - 1
    for line in range(top, end):
        for column in range(width):
            at = (line - top) * width + column
            cover = upper[at, 3]
            under = sums[0, at, 3] if sums.shape[0] == 2 else 0
            if cover == 0 and under == 0:
                out[line, column] = 0
                continue
            alpha = look[min((cover + 8) >> 4, last)] / 255.0 if cover else 0.0
            beneath = (1.0 - alpha) * (faint[min((under + 8) >> 4, last)] / 255.0) if under else 0.0
            mean = alpha / cover if cover else 0.0
            whole = min(255, int(255.0 * (alpha + beneath) + 0.5))
            red = min(whole, int(upper[at, 0] * mean + context[0] * beneath + 0.5))
            green = min(whole, int(upper[at, 1] * mean + context[1] * beneath + 0.5))
            blue = min(whole, int(upper[at, 2] * mean + context[2] * beneath + 0.5))
            out[line, column] = (whole << 24) | (red << 16) | (green << 8) | blue
