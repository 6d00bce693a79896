"""Draws points as anti-aliased dots whose picture does not depend on their order.

Per pixel the colours of all dots are summed with their coverage; the sum's mean is the pixel's
colour and its coverage, through a table, the opacity. Integer sums make the picture the same
however many threads draw it. The screen is cut into bands so low that a band's sums stay in the
processor's cache; each thread has bands of its own and shares nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.raster.camera import Camera
from backends.raster.colour import Ink, packed_inks
from backends.raster.kernels import draw_pixels, draw_stamps
from backends.raster.points import Points
from backends.raster.pyramid import draw_far, is_far
from backends.raster.stamps import (
    LEAST_RADIUS,
    MOST_DOTS,
    opacities,
    radius_touching,
    stamp_of,
)
from backends.raster.threads import spread, threads

Picture = NDArray[np.uint32]  # (height, width) 0xAARRGGBB, premultiplied
MOST_RADIUS = 6.0  # logical pixels
FAINT = 0.85  # opacity of the context against that of the rest
STANDING_OUT = 0.9  # least opacity of what is chosen, however crowded it is
BAND_BYTES = 1 << 20  # of sums
MOST_TOUCHED = 3_500_000  # pixels that the dots in view may touch; smaller dots, where it is more


@dataclass(frozen=True)
class Dots:
    """How large and how opaque dots are at a camera."""

    radius: float  # device pixels
    single: float  # opacity of one dot, 0..1
    full: float  # opacity where it is most crowded
    crowd: float  # dots that share a pixel there
    levels: tuple[float, ...] = ()  # dots per pixel that an equal part of the area each reaches


def dots_for(points: Points, camera: Camera, size: float = 1.0, *, equalised: bool = False) -> Dots:
    """Choose dots so that 20 and a million points both show their structure.

    Dots grow with the distance between points, as far as drawing them does not take too long, so
    they depend on the zoom and never on the pan. The more crowded it is, the fainter one dot is,
    and opacity rises with the logarithm of how many share a pixel, up to where it is most crowded.
    `equalised`, it rises by rank instead: each opacity covers an equal part of the area.
    """
    apart = points.spread * camera.scale / camera.ratio  # logical pixels
    radius = min(0.75 * apart**0.75, MOST_RADIUS) * size * camera.ratio
    held = points.most_in_view(camera.width / camera.scale, camera.height / camera.scale)
    area = max(1.0, camera.width * camera.height / 1_200_000)  # of a larger picture, more
    radius = max(min(radius, radius_touching(MOST_TOUCHED * area / max(1, held))), LEAST_RADIUS)
    per_pixel = math.pi * radius**2 / camera.scale**2
    crowd = points.crowd * per_pixel
    crowd = min(max(crowd, 1.5), float(MOST_DOTS))
    single = min(max(0.94 - 0.07 * math.log2(crowd / 1.5), 0.5), 0.94)
    levels = tuple(crowd * per_pixel for crowd in points.crowds) if equalised else ()
    return Dots(radius, single, 0.97, crowd, levels)


def draw(
    points: Points, ink: Ink, camera: Camera, dots: Dots, out: Picture | None = None
) -> Picture:
    """Draw on a transparent ground; `out` is filled and returned if it has the right shape."""
    shape = (camera.height, camera.width)
    picture = out if out is not None and out.shape == shape else np.empty(shape, np.uint32)
    is_single = dots.radius <= LEAST_RADIUS
    colours, narrow = packed_inks(ink.palette)
    # What is chosen stands out against the rest, however crowded it is.
    single = max(dots.single, STANDING_OUT) if ink.has_context else dots.single
    look = opacities(single, dots.full, dots.crowd, dots.levels)
    faint = opacities(dots.single * FAINT, dots.full * FAINT, dots.crowd, dots.levels)
    if is_single and is_far(points, camera):
        draw_far(points, ink, camera, look, faint, picture)
        return picture
    rows = max(8, min(64, BAND_BYTES // (camera.width * 16)))  # of a band
    looked = (camera.x, camera.y, camera.scale)

    placed = (points.layout, points.order, points.across, points.up, points.offsets)
    grid = points.grid.numbers()

    def share(bands: NDArray[np.int64]) -> None:
        if is_single:
            draw_pixels(
                *placed, grid, ink.inks, narrow, ink.context, look, faint, ink.has_context, looked,
                bands, rows, picture,
            )  # fmt: skip
        else:
            draw_stamps(
                *placed, grid, ink.inks, colours, ink.context, stamp_of(dots.radius), look, faint,
                ink.has_context, looked, bands, rows, picture,
            )  # fmt: skip

    spread(share, _shares(points, camera, rows))
    return picture


def _shares(points: Points, camera: Camera, rows: int) -> list[NDArray[np.int64]]:
    """Bands for each thread, so that all have about the same number of points to draw."""
    count = -(-camera.height // rows)
    grid = points.grid
    edges = camera.y + (camera.height / 2 - np.arange(count + 1) * rows) / camera.scale
    cells = np.clip((edges - grid.bottom) * grid.per_y, 0, grid.side).astype(np.int64)
    before = points.offsets[cells * grid.side].astype(np.int64)  # points below each edge
    work = before[:-1] - before[1:] + rows * camera.width // 4  # (count,)
    free = [0] * min(threads(), count)
    shares: list[list[int]] = [[] for _ in free]
    for band in np.argsort(-work, kind="stable").tolist():
        least = free.index(min(free))
        shares[least].append(band)
        free[least] += int(work[band])
    return [np.array(sorted(bands), np.int64) for bands in shares]
