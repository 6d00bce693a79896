"""The inner loops of the drawing: points into sums, sums into pixels, a band of the screen at once.

Places on the screen are whole numbers of 1/2**32 pixel: a multiplication and a shift find the pixel
of a point, faster than floating point does, and to the same result on every processor. Indices are
unsigned, for numba would test signed ones for being negative, for a third of the time in all; and
what is called for each point is inlined by numba, for arrays are counted at each call.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers the types of kernels)

from __future__ import annotations

import numpy as np
from numba import njit

from backends.raster.colour import CONTEXT
from backends.raster.points import STEPS as PLACES
from backends.raster.points import cell_at
from backends.raster.shade import FIELD, HALF, LOW, shade, shade_pixels
from backends.raster.stamps import FULL, SUB

FRACTION = 32  # bits of a place on the screen that are below one pixel
ONE = float(1 << FRACTION)
SHIFT = np.int64(FRACTION)
SUB_SHIFT = np.int64(FRACTION - 3)  # to eighths of a pixel
FULLEST = np.uint64((1 << 24) - FULL)  # coverage x colour stays below 2**32
FIELD_FULL = np.uint64(255)  # dots after which four sums are brought into wider ones
COARSEST = 1 / 16  # pixels that a place within a cell may be wide; beyond, the layout is asked


@njit(nogil=True, cache=True)
def draw_pixels(  # type: ignore[no-untyped-def]
    layout, order, across, up, offsets, grid, inks, narrow, context, look, faint, has_context,
    camera, bands, rows, out,
) -> None:  # fmt: skip
    """Draw the bands of `rows` pixel rows whose numbers are given; a dot is its own pixel.

    `narrow` (256,) are packed colours by ink.
    """
    height, width = out.shape
    count = rows * width
    sums = np.zeros((count, 2), np.uint64)  # red, green; blue, dots
    fours = np.zeros(count, np.uint64)  # red, green, blue and dots, 16 bits each
    under = np.zeros(count if has_context else 1, np.uint64)  # dots of what stands back
    for band in bands:
        top, end = band * rows, min(height, (band + 1) * rows)
        spilt = add_pixels(
            layout, order, across, up, offsets, grid, inks, narrow, has_context, camera, top, end,
            out.shape, fours, sums, under,
        )  # fmt: skip
        shade_pixels(fours, sums, under, spilt, has_context, context, look, faint, top, end, out)


@njit(nogil=True, cache=True)
def draw_stamps(  # type: ignore[no-untyped-def]
    layout, order, across, up, offsets, grid, inks, colours, context, stamp, look, faint,
    has_context, camera, bands, rows, out,
) -> None:  # fmt: skip
    """Draw the bands of `rows` pixel rows whose numbers are given, each dot by a stamp.

    `colours` (256, 2) are packed colours by ink.
    """
    height, width = out.shape
    count = rows * width
    sums = np.zeros((count, 2), np.uint64)  # red, green; blue, coverage
    under = np.zeros(count if has_context else 1, np.uint64)  # coverage of what stands back
    for band in bands:
        top, end = band * rows, min(height, (band + 1) * rows)
        _add_stamps(
            layout, order, across, up, offsets, grid, inks, colours, has_context, stamp, camera,
            top, end, out.shape, sums, under,
        )  # fmt: skip
        shade(sums, under, has_context, context, look, faint, top, end, out)


@njit(nogil=True, cache=True)
def _window(grid, camera, top, end, shape, reach):  # type: ignore[no-untyped-def]
    """First and last row and column of the cells whose dots may touch pixel rows top..end."""
    height, width = shape
    left, bottom, per_x, per_y, side = grid
    x, y, scale = camera
    beyond = reach + 1.0
    return (
        cell_at(y + (height / 2 - end - beyond) / scale, bottom, per_y, side),
        cell_at(y + (height / 2 - top + beyond) / scale, bottom, per_y, side),
        cell_at(x - (width / 2 + beyond) / scale, left, per_x, side),
        cell_at(x + (width / 2 + beyond) / scale, left, per_x, side),
    )


@njit(nogil=True, cache=True)
def _strays(layout, order, first, low, high):  # type: ignore[no-untyped-def]
    """The range of the strays, which are sorted by height, that lie from low to high."""
    begin, end = np.int64(first), np.int64(len(order))
    while begin < end:
        middle = (begin + end) // 2
        if layout[order[middle], 1] < low:
            begin = middle + 1
        else:
            end = middle
    start, end = begin, np.int64(len(order))
    while begin < end:
        middle = (begin + end) // 2
        if layout[order[middle], 1] <= high:
            begin = middle + 1
        else:
            end = middle
    return start, begin


@njit(nogil=True, cache=True)
def _spill(fours, sums, at):  # type: ignore[no-untyped-def]
    """Move four sums of 16 bits into two words; a pixel of 16 million dots takes no more."""
    four = fours[at]
    fours[at] = 0
    if sums[at, 1] & LOW < FULLEST:
        sums[at, 0] += (four >> np.uint64(48)) << HALF | (four >> HALF) & FIELD
        sums[at, 1] += ((four >> np.uint64(16)) & FIELD) << HALF | four & FIELD


@njit(nogil=True, cache=True)
def add_pixels(  # type: ignore[no-untyped-def]
    layout, order, across, up, offsets, grid, inks, narrow, has_context, camera, top, end, shape,
    fours, sums, under,
):  # fmt: skip
    """Add each point to its own pixel; return whether any pixel's sums were moved."""
    height = shape[0]
    side = grid[4]
    middle_y, scale = camera[1], camera[2]
    low, high, west, east = _window(grid, camera, top, end, shape, np.int64(0))
    is_coarse = _steps(grid, scale)[2]
    spilt = False
    for row in range(low, high + 1):
        if is_coarse:
            spilt |= _add_exact(
                layout, order, np.int64(offsets[row * side + west]),
                np.int64(offsets[row * side + east + 1]), inks,
                narrow, has_context, camera, top, end, shape, fours, sums, under,
            )  # fmt: skip
        else:
            spilt |= _add_row(
                across, up, offsets, grid, row, west, east, inks, narrow, has_context, camera, top,
                end, shape, fours, sums, under,
            )  # fmt: skip
    start, stop = _strays(
        layout, order, offsets[side * side], middle_y + (height / 2 - end) / scale,
        middle_y + (height / 2 - top) / scale,
    )  # fmt: skip
    return spilt | _add_exact(
        layout, order, start, stop, inks, narrow, has_context, camera, top, end, shape, fours,
        sums, under,
    )  # fmt: skip


@njit(nogil=True, cache=True)
def _steps(grid, scale):  # type: ignore[no-untyped-def]
    """Pixels of a step within a cell, per axis; whether that is too coarse to draw by."""
    step_x, step_y = scale / grid[2] / PLACES, scale / grid[3] / PLACES
    return step_x, step_y, max(step_x, step_y) > COARSEST


@njit(nogil=True, cache=True)
def _base(grid, row, column, camera, top, shape):  # type: ignore[no-untyped-def]
    """Place on the screen of a cell's first step, from the row `top` down, in 1/2**32 pixel."""
    left, bottom, per_x, per_y, _side = grid
    middle_x, middle_y, scale = camera
    step_x, step_y, _is_coarse = _steps(grid, scale)
    x = ((left + column / per_x) - middle_x) * scale + shape[1] / 2 + step_x / 2
    y = (middle_y - (bottom + row / per_y)) * scale + shape[0] / 2 - top - step_y / 2
    return np.int64(np.floor(x * ONE)), np.int64(np.floor(y * ONE))


@njit(nogil=True, cache=True)
def _add_row(  # type: ignore[no-untyped-def]
    across, up, offsets, grid, row, west, east, inks, narrow, has_context, camera, top, end, shape,
    fours, sums, under,
):  # fmt: skip
    """Add the points of some cells of a row; return whether any pixel's sums were moved."""
    width = shape[1]
    step_x, step_y, _is_coarse = _steps(grid, camera[2])
    by_x, by_y = np.int64(step_x * ONE), np.int64(step_y * ONE)
    wide = np.uint64(width)
    spilt = False
    for column in range(west, east + 1):
        cell = np.uint64(row * grid[4] + column)
        start, stop = np.uint64(offsets[cell]), np.uint64(offsets[cell + np.uint64(1)])
        if start == stop:
            continue
        base_x, base_y = _base(grid, row, column, camera, top, shape)
        right = (base_x + by_x * (PLACES - 1)) >> SHIFT
        in_rows = base_y - by_y * (PLACES - 1) >= 0 and base_y >> SHIFT < end - top
        is_inside = in_rows and base_x >= 0 and right < width
        for i in range(start, stop):
            u = (base_x + np.int64(across[i]) * by_x) >> SHIFT
            v = (base_y - np.int64(up[i]) * by_y) >> SHIFT
            if not is_inside and not (0 <= u < width and 0 <= v < end - top):
                continue
            at = np.uint64(v) * wide + np.uint64(u)
            four = fours[at] + narrow[inks[i]]
            fours[at] = four
            if four & FIELD >= FIELD_FULL:
                _spill(fours, sums, at)
                spilt = True
            if has_context:
                under[at] += np.uint64(inks[i] == CONTEXT)
    return spilt


@njit(nogil=True, cache=True)
def _add_exact(  # type: ignore[no-untyped-def]
    layout, order, start, stop, inks, narrow, has_context, camera, top, end, shape, fours, sums,
    under,
):  # fmt: skip
    """Add points by their place in the layout: strays, and all where a cell is very large."""
    height, width = shape
    middle_x, middle_y, scale = camera
    spilt = False
    for i in range(start, stop):
        px = (layout[order[i], 0] - middle_x) * scale + width / 2
        py = (middle_y - layout[order[i], 1]) * scale + height / 2 - top
        if not (0 <= px < width and 0 <= py < end - top):
            continue
        at = np.uint64(np.int64(py) * width + np.int64(px))
        four = fours[at] + narrow[inks[i]]
        fours[at] = four
        if four & FIELD >= FIELD_FULL:
            _spill(fours, sums, at)
            spilt = True
        if has_context:
            under[at] += np.uint64(inks[i] == CONTEXT)
    return spilt


@njit(nogil=True, cache=True)
def _add_stamps(  # type: ignore[no-untyped-def]
    layout, order, across, up, offsets, grid, inks, colours, has_context, stamp, camera, top, end,
    shape, sums, under,
):  # fmt: skip
    """Add the dots that touch pixel rows top..end to the sums.

    A sum has 32 bits: a pixel that 65,000 dots cover wholly takes no more of them.
    """
    height = shape[0]
    side, beyond = grid[4], stamp[4] + 1
    middle_y, scale = camera[1], camera[2]
    low, high, west, east = _window(grid, camera, top, end, shape, stamp[4])
    is_coarse = _steps(grid, scale)[2]
    for row in range(low, high + 1):
        if is_coarse:
            _stamp_exact(
                layout, order, np.int64(offsets[row * side + west]),
                np.int64(offsets[row * side + east + 1]), inks,
                colours, has_context, stamp, camera, top, end, shape, sums, under,
            )  # fmt: skip
        else:
            _stamp_row(
                across, up, offsets, grid, row, west, east, inks, colours, has_context, stamp,
                camera, top, end, shape, sums, under,
            )  # fmt: skip
    start, stop = _strays(
        layout, order, offsets[side * side], middle_y + (height / 2 - end - beyond) / scale,
        middle_y + (height / 2 - top + beyond) / scale,
    )  # fmt: skip
    _stamp_exact(
        layout, order, start, stop, inks, colours, has_context, stamp, camera, top, end, shape,
        sums, under,
    )  # fmt: skip


@njit(nogil=True, cache=True)
def _stamp_row(  # type: ignore[no-untyped-def]
    across, up, offsets, grid, row, west, east, inks, colours, has_context, stamp, camera, top,
    end, shape, sums, under,
):  # fmt: skip
    """Add the dots of some cells of a row."""
    width = shape[1]
    starts, down, right, covers, reach = stamp
    beyond = reach + 1
    step_x, step_y, _is_coarse = _steps(grid, camera[2])
    by_x, by_y = np.int64(step_x * ONE), np.int64(step_y * ONE)
    for column in range(west, east + 1):
        cell = np.uint64(row * grid[4] + column)
        start, stop = np.uint64(offsets[cell]), np.uint64(offsets[cell + np.uint64(1)])
        if start == stop:
            continue
        base_x, base_y = _base(grid, row, column, camera, top, shape)
        for i in range(start, stop):
            x = base_x + np.int64(across[i]) * by_x
            y = base_y - np.int64(up[i]) * by_y
            u, v = x >> SHIFT, y >> SHIFT
            is_near = -beyond < u < width + beyond and -beyond < v < end - top + beyond
            if inks[i] != 0 and is_near:
                _add_stamp(
                    x, y, end - top, width, inks[i], colours, has_context, starts, down, right,
                    covers, reach, sums, under,
                )  # fmt: skip


@njit(nogil=True, cache=True)
def _stamp_exact(  # type: ignore[no-untyped-def]
    layout, order, start, stop, inks, colours, has_context, stamp, camera, top, end, shape, sums,
    under,
):  # fmt: skip
    """Add dots by their place in the layout."""
    height, width = shape
    middle_x, middle_y, scale = camera
    starts, down, right, covers, reach = stamp
    beyond = reach + 1.0
    for i in range(start, stop):
        px = (layout[order[i], 0] - middle_x) * scale + width / 2
        py = (middle_y - layout[order[i], 1]) * scale + height / 2 - top
        # Far away, before whole numbers overflow.
        is_near = -beyond < px < width + beyond and -beyond < py < end - top + beyond
        if inks[i] != 0 and is_near:
            x, y = np.int64(np.floor(px * ONE)), np.int64(np.floor(py * ONE))
            _add_stamp(
                x, y, end - top, width, inks[i], colours, has_context, starts, down, right, covers,
                reach, sums, under,
            )  # fmt: skip


@njit(nogil=True, cache=True, inline="always")
def _add_stamp(  # type: ignore[no-untyped-def]
    x, y, height, width, ink, colours, has_context, starts, down, right, covers, reach, sums, under
):
    """Add one dot in the middle (x, y), in 1/2**32 pixel, to a band of so many rows."""
    u, v = x >> SHIFT, y >> SHIFT
    place = ((y >> SUB_SHIFT) & (SUB - 1)) * SUB + ((x >> SUB_SHIFT) & (SUB - 1))
    is_inside = reach <= u < width - reach and reach <= v < height - reach
    first, second = colours[ink, 0], colours[ink, 1]
    is_context = has_context and ink == CONTEXT
    for k in range(np.uint64(starts[place]), np.uint64(starts[place + 1])):
        column, line = u + right[k], v + down[k]
        if is_inside or (0 <= column < width and 0 <= line < height):
            at = np.uint64(line * width + column)
            cover = covers[k]
            if is_context:
                under[at] += cover
            elif sums[at, np.uint64(1)] & LOW < FULLEST:
                sums[at, np.uint64(0)] += first * cover
                sums[at, np.uint64(1)] += second * cover
