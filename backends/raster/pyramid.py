"""The far view of very many points: counts and mean colours on a pyramid of ever coarser cells.

Where more points are in view than can be drawn in time, a frame is put together from cells of half
a pixel to a pixel instead, each spread over the pixels that it lies in by its share of area. No
dot is lost and none counts twice, so dense and sparse places keep their weight at every zoom.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import math
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.raster.camera import Camera
from backends.raster.colour import Ink, packed_inks
from backends.raster.kernels import add_pixels
from backends.raster.points import Points
from backends.raster.shade import unpack
from backends.raster.stamps import STEPS
from backends.raster.threads import spread, threads

SIDE = 4096  # cells of the finest level along the longer side
EXACT_MOST = 6_000_000  # points in view that a thread draws one by one in the time of a frame
BAND_ROWS = 32
Counts = NDArray[np.uint32]

_made: WeakKeyDictionary[Ink, Pyramid] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Level:
    """Cells of one size; row 0 is the topmost."""

    counts: Counts  # (rows, columns) points in colour
    colours: Counts  # (rows, columns) 0xRRGGBB, their mean
    under: Counts  # (rows, columns) points that stand back; (1, 1) if there are none
    cell: float  # length of side in the plane


@dataclass(frozen=True, eq=False)
class Pyramid:
    """Levels from fine to coarse, each cell four of the one before; strays are in none."""

    levels: tuple[Level, ...]
    left: float
    top: float


def is_far(points: Points, camera: Camera) -> bool:
    """Whether more may be in view at this zoom than can be drawn one by one in time.

    Depends on the zoom and never on the pan, so that nothing changes under a hand that pans.
    """
    if len(points) <= EXACT_MOST * threads() or camera.scale > _finest_scale(points):
        return False
    held = points.most_in_view(camera.width / camera.scale, camera.height / camera.scale)
    return held > EXACT_MOST * threads()


def pyramid_of(points: Points, ink: Ink) -> Pyramid:
    """The pyramid of an ink; made once, and forgotten with it."""
    if ink not in _made:
        _made[ink] = _build(points, ink)
    return _made[ink]


def draw_far(
    points: Points, ink: Ink, camera: Camera, look: NDArray[np.uint8], faint: NDArray[np.uint8],
    picture: NDArray[np.uint32],
) -> None:  # fmt: skip
    """Fill a picture from the level whose cells are half a pixel to a pixel wide."""
    pyramid = pyramid_of(points, ink)
    fitting = [level for level in pyramid.levels if level.cell * camera.scale <= 1.0]
    level = fitting[-1] if fitting else pyramid.levels[0]
    left = (pyramid.left - camera.x) * camera.scale + camera.width / 2
    top = (camera.y - pyramid.top) * camera.scale + camera.height / 2
    size = level.cell * camera.scale
    bands = -(-camera.height // BAND_ROWS)
    strays = points.order[int(points.offsets[-1]) :]
    looked = (camera.x, camera.y, camera.scale)
    table = _colour_table(ink)

    def share(first: int) -> None:
        _far_bands(
            level.counts, level.colours, level.under, ink.has_context, left, top, size,
            points.layout, strays, ink.inks[int(points.offsets[-1]) :], table, looked,
            ink.context, look, faint, first, threads(), picture,
        )  # fmt: skip

    spread(share, range(min(threads(), bands)))


def _finest_scale(points: Points) -> float:
    grid = points.grid
    return SIDE / max(grid.side / grid.per_x, grid.side / grid.per_y)


def _build(points: Points, ink: Ink) -> Pyramid:
    """Draw everything into one large picture of counts, and halve it until it is small."""
    grid = points.grid
    scale = _finest_scale(points)
    wide, high = grid.side / grid.per_x * scale, grid.side / grid.per_y * scale  # cells
    # A power of two divides both, so that every level is made of whole cells.
    width, height = (math.ceil(size / 64) * 64 for size in (wide, high))
    left, top = grid.left, grid.bottom + grid.side / grid.per_y
    looked = (left + width / 2 / scale, top - height / 2 / scale, scale)
    shape = (height, width)
    counts, colours = np.empty(shape, np.uint32), np.empty(shape, np.uint32)
    under = np.zeros(shape if ink.has_context else (1, 1), np.uint32)
    _, narrow = packed_inks(ink.palette)
    rows = 64
    edges = np.linspace(0, height // rows, threads() + 1).astype(int)

    def share(part: int) -> None:
        _count_bands(
            points.layout, points.order, points.across, points.up, points.offsets, grid.numbers(),
            ink.inks, narrow, ink.has_context, looked, edges[part], edges[part + 1], rows, counts,
            colours, under,
        )  # fmt: skip

    spread(share, range(threads()))
    levels = [Level(counts, colours, under, 1 / scale)]
    while min(levels[-1].counts.shape) >= 64 and max(levels[-1].counts.shape) > 512:
        levels.append(_halved(levels[-1]))
    return Pyramid(tuple(levels), left, top)


def _halved(level: Level) -> Level:
    rows, columns = level.counts.shape[0] // 2, level.counts.shape[1] // 2
    counts, colours = np.empty((rows, columns), np.uint32), np.empty((rows, columns), np.uint32)
    has_under = level.under.size > 1
    under = np.zeros((rows, columns) if has_under else (1, 1), np.uint32)
    edges = np.linspace(0, rows, threads() + 1).astype(int)
    spread(
        lambda part: _halve(
            level.counts, level.colours, level.under, has_under, edges[part], edges[part + 1],
            counts, colours, under,
        ),
        range(threads()),
    )  # fmt: skip
    return Level(counts, colours, under, level.cell * 2)


def _colour_table(ink: Ink) -> NDArray[np.float32]:
    """Red, green, blue and weight by ink, (256, 4); 0 for what is hidden or stands back."""
    wide, _ = packed_inks(ink.palette)
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    columns = (wide[:, 0] >> half, wide[:, 0] & low, wide[:, 1] >> half, wide[:, 1] & low)
    return np.stack(columns, axis=1).astype(np.float32)


@njit(nogil=True, cache=True)
def _count_bands(  # type: ignore[no-untyped-def]
    layout, order, across, up, offsets, grid, inks, narrow, has_context, camera, first, last, rows,
    counts, colours, under,
):  # fmt: skip
    width = counts.shape[1]
    sums = np.zeros((rows * width, 2), np.uint64)
    fours = np.zeros(rows * width, np.uint64)
    below = np.zeros(rows * width if has_context else 1, np.uint64)
    for band in range(first, last):
        top = band * rows
        add_pixels(
            layout, order, across, up, offsets, grid, inks, narrow, has_context, camera, top,
            top + rows, counts.shape, fours, sums, below,
        )  # fmt: skip
        for line in range(rows):
            for column in range(width):
                at = np.uint64(line * width + column)
                red, green, blue, dots = unpack(fours[at], sums[at, 0], sums[at, 1])
                fours[at] = 0
                sums[at, 0] = 0
                sums[at, 1] = 0
                counts[top + line, column] = dots
                half = dots // 2
                if dots > 0:
                    red, green, blue = (
                        (red + half) // dots, (green + half) // dots, (blue + half) // dots,
                    )  # fmt: skip
                colours[top + line, column] = red << 16 | green << 8 | blue
                if has_context:
                    under[top + line, column] = below[at]
                    below[at] = 0


@njit(nogil=True, cache=True)
def _halve(counts, colours, under, has_under, first, last, out, out_colours, out_under):  # type: ignore[no-untyped-def]
    for row in range(first, last):
        for column in range(out.shape[1]):
            dots = red = green = blue = below = np.int64(0)
            for k in range(4):
                y, x = 2 * row + k // 2, 2 * column + k % 2
                weight, mean = np.int64(counts[y, x]), np.int64(colours[y, x])
                dots += weight
                red += weight * (mean >> 16)
                green += weight * ((mean >> 8) & 255)
                blue += weight * (mean & 255)
                if has_under:
                    below += np.int64(under[y, x])
            out[row, column] = dots
            half = dots // 2
            if dots > 0:
                red, green, blue = (
                    (red + half) // dots, (green + half) // dots, (blue + half) // dots,
                )  # fmt: skip
            out_colours[row, column] = red << 16 | green << 8 | blue
            if has_under:
                out_under[row, column] = below


@njit(nogil=True, cache=True)
def spread_cells(  # type: ignore[no-untyped-def]
    counts, colours, under, has_context, left, top, size, first, end, width, sums, below
):
    """Add cells to the pixels of rows first..end by the area they share, at most four each.

    `sums` (rows * width, 4) are red, green, blue, dots. A cell is at most one pixel wide.
    """
    rows, columns = counts.shape
    low = max(0, int((first - top) / size) - 1)
    high = min(rows, int((end - top) / size) + 2)
    west = max(0, int(-left / size) - 1)
    east = min(columns, int((width - left) / size) + 2)
    for row in range(low, high):
        y = top + row * size
        line = math.floor(y)
        lower = np.float32(max(0.0, y + size - line - 1) / size)  # share in the pixel row below
        for column in range(west, east):
            dots = np.float32(counts[row, column])
            back = np.float32(under[row, column]) if has_context else np.float32(0)
            if dots == 0 and back == 0:
                continue
            mean = colours[row, column]
            red, green, blue = (
                dots * np.float32(mean >> 16), dots * np.float32((mean >> 8) & 255),
                dots * np.float32(mean & 255),
            )  # fmt: skip
            x = left + column * size
            u = math.floor(x)
            right = np.float32(max(0.0, x + size - u - 1) / size)  # share in the pixel to the right
            for v in range(2):
                share_y = lower if v else np.float32(1) - lower
                if share_y == 0 or not first <= line + v < end:
                    continue
                for w in range(2):
                    share = share_y * (right if w else np.float32(1) - right)
                    if share == 0 or not 0 <= u + w < width:
                        continue
                    at = np.uint64((line + v - first) * width + u + w)
                    sums[at, 0] += red * share
                    sums[at, 1] += green * share
                    sums[at, 2] += blue * share
                    sums[at, 3] += dots * share
                    if has_context:
                        below[at] += back * share


@njit(nogil=True, cache=True)
def _far_bands(  # type: ignore[no-untyped-def]
    counts, colours, under, has_context, left, top, size, layout, strays, inks, table, camera,
    context, look, faint, first, step, out,
):  # fmt: skip
    height, width = out.shape
    middle_x, middle_y, scale = camera
    sums = np.empty((BAND_ROWS * width, 4), np.float32)
    below = np.empty(BAND_ROWS * width, np.float32)
    for start in range(first * BAND_ROWS, height, step * BAND_ROWS):
        end = min(height, start + BAND_ROWS)
        sums[:] = 0
        below[:] = 0
        spread_cells(
            counts, colours, under, has_context, left, top, size, start, end, width, sums, below
        )
        for i in range(len(strays)):
            px = (layout[strays[i], 0] - middle_x) * scale + width / 2
            py = (middle_y - layout[strays[i], 1]) * scale + height / 2
            if 0 <= px < width and start <= py < end:
                at = np.uint64((np.int64(py) - start) * width + np.int64(px))
                for channel in range(4):
                    sums[at, channel] += table[inks[i], channel]
                below[at] += np.float32(inks[i] == 1)
        for line in range(start, end):
            for column in range(width):
                at = np.uint64((line - start) * width + column)
                out[line, column] = _far_pixel(sums, below, at, context, look, faint)


@njit(nogil=True, cache=True, inline="always")
def _far_pixel(sums, below, at, context, look, faint):  # type: ignore[no-untyped-def]
    """The mean colour over the context's grey, as the near view has it."""
    dots, back = sums[at, 3], below[at]
    alpha = look[min(np.int64(dots * STEPS + 0.5), len(look) - 1)] / 255.0
    beneath = faint[min(np.int64(back * STEPS + 0.5), len(faint) - 1)] / 255.0 * (1.0 - alpha)
    mean = alpha / dots if dots > 0 else 0.0
    whole = min(255, int(255.0 * (alpha + beneath) + 0.5))
    red = min(whole, int(sums[at, 0] * mean + context[0] * beneath + 0.5))
    green = min(whole, int(sums[at, 1] * mean + context[1] * beneath + 0.5))
    blue = min(whole, int(sums[at, 2] * mean + context[2] * beneath + 0.5))
    return np.uint32((whole << 24) | (red << 16) | (green << 8) | blue)
