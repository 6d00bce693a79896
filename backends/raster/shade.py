"""From sums of dots to pixels: the mean colour at an opacity that grows with their number."""

# ruff: noqa: ANN001, ANN201  (numba infers the types of kernels)

from __future__ import annotations

import numpy as np
from numba import njit

from backends.raster.stamps import STEPS

LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)  # of two sums in one word
FIELD = np.uint64(0xFFFF)  # one of four sums in one word


@njit(nogil=True, cache=True, inline="always")
def pixel_of(red, green, blue, cover, dots, below, context, look, faint):  # type: ignore[no-untyped-def]
    """A pixel from sums of colours and their weight: the mean colour over the context's grey.

    `dots` and `below` are sixteenths of a dot, of what is in colour and of what stands back.
    """
    alpha = look[min(dots, len(look) - 1)] / 255.0 if cover else 0.0
    beneath = (1.0 - alpha) * (faint[min(below, len(faint) - 1)] / 255.0) if below else 0.0
    mean = alpha / cover if cover else 0.0
    whole = min(255, int(255.0 * (alpha + beneath) + 0.5))
    r = min(whole, int(red * mean + context[0] * beneath + 0.5))
    g = min(whole, int(green * mean + context[1] * beneath + 0.5))
    b = min(whole, int(blue * mean + context[2] * beneath + 0.5))
    return np.uint32((whole << 24) | (r << 16) | (g << 8) | b)


@njit(nogil=True, cache=True)
def shade(sums, under, has_context, context, look, faint, top, end, out):  # type: ignore[no-untyped-def]
    """Turn sums into pixels, and clear them."""
    width = out.shape[1]
    for line in range(top, end):
        for column in range(width):
            at = np.uint64((line - top) * width + column)
            one, two = sums[at, 0], sums[at, 1]
            below = under[at] if has_context else np.uint64(0)
            if two == 0 and below == 0:
                out[line, column] = 0
                continue
            cover = np.int64(two & LOW)
            out[line, column] = pixel_of(
                one >> HALF, one & LOW, two >> HALF, cover, (cover + 8) >> 4,
                np.int64(below + np.uint64(8)) >> 4, context, look, faint,
            )  # fmt: skip
            sums[at, 0] = 0
            sums[at, 1] = 0
            if has_context:
                under[at] = 0


@njit(nogil=True, cache=True)
def unpack(four, one, two):  # type: ignore[no-untyped-def]
    """Red, green, blue and dots of a pixel from its sums, whole numbers."""
    return (
        np.int64(four >> np.uint64(48)) + np.int64(one >> HALF),
        np.int64((four >> HALF) & FIELD) + np.int64(one & LOW),
        np.int64((four >> np.uint64(16)) & FIELD) + np.int64(two >> HALF),
        np.int64(four & FIELD) + np.int64(two & LOW),
    )


@njit(nogil=True, cache=True)
def shade_pixels(  # type: ignore[no-untyped-def]
    fours, sums, under, spilt, has_context, context, look, faint, top, end, out
):
    """Turn sums of whole dots into pixels, and clear them."""
    width = out.shape[1]
    for line in range(top, end):
        for column in range(width):
            at = np.uint64((line - top) * width + column)
            four, one, two, below = fours[at], np.uint64(0), np.uint64(0), np.int64(0)
            if spilt:
                one, two = sums[at, 0], sums[at, 1]
            if has_context:
                below = np.int64(under[at])
            if four == 0 and two == 0 and below == 0:
                out[line, column] = 0
                continue
            fours[at] = 0
            if spilt:
                sums[at, 0] = 0
                sums[at, 1] = 0
            if has_context:
                under[at] = 0
            red, green, blue, dots = unpack(four, one, two)
            out[line, column] = pixel_of(
                red, green, blue, dots, dots * STEPS, below * STEPS, context, look, faint
            )
