"""Arrows drawn into a picture: thin lines that grow stronger towards their point.

Qt draws five thousand smooth lines in a fifth of a second; this does so in milliseconds. Each line
is walked along its longer side, and shared out among the two or three pixels beside it by how far
they lie from it (Wu 1991, An efficient antialiasing technique).
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.raster.threads import spread, threads

FAINT = 0.25  # share of the opacity at the beginning of an arrow
POINT = 7.0  # logical pixels of an arrow's point
OPEN = 0.42  # half its angle, radians
EIGHT, SIXTEEN, FULL = np.uint32(8), np.uint32(16), np.uint32(256)
LANES, OPAQUE = np.uint32(0x00FF00FF), np.uint32(0x00FF0000)
SHORTEST = 2.5  # logical pixels: what is shorter is not drawn


def draw_arrows(
    ends: Matrix,
    colours: NDArray[np.uint8],
    alpha: float,
    width: float,
    ratio: float,
    shape: tuple[int, int],
) -> NDArray[np.uint32]:
    """A picture (height, width) of premultiplied ARGB with arrows over nothing.

    `ends` (a, 4) float32 are x, y of the beginning and of the point in device pixels; `colours`
    (a, 3); `alpha` 0..1 at the point; `width` of a line in device pixels. The last lies on top.
    """
    out = np.zeros(shape, np.uint32)
    height = shape[0]
    edges = [height * part // threads() for part in range(threads() + 1)]

    def draw(band: tuple[int, int]) -> None:
        top, bottom = band
        _draw(ends, colours, alpha, width, POINT * ratio, SHORTEST * ratio, top, out[top:bottom])

    spread(draw, list(pairwise(edges)))
    return out


@njit(nogil=True, cache=True)
def _draw(ends, colours, alpha, width, point, shortest, top, out):  # type: ignore[no-untyped-def]
    cos, sin = np.cos(OPEN), np.sin(OPEN)
    for i in range(len(ends)):
        x0, y0, x1, y1 = ends[i, 0], ends[i, 1] - top, ends[i, 2], ends[i, 3] - top
        dx, dy = x1 - x0, y1 - y0
        length = np.sqrt(dx * dx + dy * dy)
        if not length >= shortest:  # and NaN
            continue
        # Two channels to a number: red and blue, alpha and green, 16 bits each.
        even = np.uint32(colours[i, 0]) << SIXTEEN | np.uint32(colours[i, 2])
        odd = OPAQUE | np.uint32(colours[i, 1])
        _line(x0, y0, x1, y1, even, odd, FAINT * alpha, alpha, width, out)
        size = min(point, 0.6 * length) / length
        bx, by = -dx * size, -dy * size
        for turn in (-1.0, 1.0):
            ex = x1 + bx * cos - turn * by * sin
            ey = y1 + turn * bx * sin + by * cos
            _line(x1, y1, ex, ey, even, odd, alpha, alpha, width, out)


@njit(nogil=True, cache=True)
def _walk(begin, end, x0, y0, slope, reach, long, short):  # type: ignore[no-untyped-def]
    """First and last pixel of the walk along a line where it passes through the picture."""
    if slope != 0:
        one, other = x0 + (-reach - y0) / slope, x0 + (short + reach - y0) / slope
        begin, end = max(begin, min(one, other)), min(end, max(one, other))
    return int(np.floor(max(0.0, begin))), int(np.floor(min(long - 1.0, end)))


@njit(nogil=True, cache=True, fastmath=True)
def _line(x0, y0, x1, y1, even, odd, first, last, width, out):  # type: ignore[no-untyped-def]
    height, across = out.shape[0], out.shape[1]
    dx, dy = x1 - x0, y1 - y0
    steep = abs(dy) > abs(dx)
    if steep:  # walked along y: swap, and write back swapped
        x0, y0, dx, dy = y0, x0, dy, dx
        long, short = height, across
    else:
        long, short = across, height
    if dx == 0:
        return
    slope = dy / dx
    # What a pixel's distance across the walk is, measured square to the line.
    square = np.float32(1.0 / np.sqrt(1.0 + slope * slope))
    reach = (0.5 * width + 0.5) / square
    half, thick = np.float32(0.5 * width + 0.5), np.float32(min(1.0, width))
    zero = np.float32(0.0)
    begin, end = min(x0, x0 + dx), max(x0, x0 + dx)
    a, b = _walk(begin, end, x0, y0, slope, reach, long, short)
    per_step = (last - first) / dx
    faint, full = min(first, last), max(first, last)
    for u in range(a, b + 1):
        middle = u + 0.5
        v = y0 + slope * (middle - x0)
        part = min(middle + 0.5, end) - max(middle - 0.5, begin)  # of the pixel that is walked
        strength = min(full, max(faint, first + per_step * (middle - x0)))
        scale = np.float32(256.0 * strength * min(1.0, max(0.0, part)))
        low = max(0, int(np.floor(v - reach)))
        high = min(short - 1, int(np.floor(v + reach)))
        off = np.float32((low + 0.5 - v) * square)
        along = np.uint64(u)
        for w in range(np.uint64(low), np.uint64(high + 1)):
            cover = half - abs(off)
            off += square
            if cover <= zero:
                continue
            # Put the colour over what is there, premultiplied, in 256ths.
            own = np.uint32(scale * min(cover, thick))
            rest = FULL - own
            old = out[along, w] if steep else out[w, along]
            new = ((even * own + (old & LANES) * rest) >> EIGHT) & LANES
            new |= (odd * own + ((old >> EIGHT) & LANES) * rest) & ~LANES
            if steep:
                out[along, w] = new
            else:
                out[w, along] = new
