"""Drawing, picking and lassoing as one would write them first: every point, every pixel."""

from __future__ import annotations

import math

import numpy as np

from backends.raster.camera import Camera
from backends.raster.colour import COLOUR, CONTEXT, HIDDEN, Ink
from backends.raster.draw import FAINT, FULL, LEAST_RADIUS, MOST_DOTS, STEPS, SUB, Dots
from backends.raster.points import Points


def cover(dx: float, dy: float, radius: float) -> int:
    """Share of a pixel, 0..255, whose middle is (dx, dy) away from the middle of a dot."""
    return round(min(max(radius + 0.5 - math.hypot(dx, dy), 0.0), 1.0) * FULL)


def opacity(sum_of_cover: int, single: float, full: float, crowd: float) -> float:
    dots = min((sum_of_cover + STEPS // 2) // STEPS, MOST_DOTS * STEPS - 1) / STEPS
    if dots < 1:
        value = single * dots
    else:
        value = single + (full - single) * min(math.log(dots) / math.log(max(crowd, 1.5)), 1)
    return round(value * 255) / 255


def add_dot(sums: np.ndarray, px: float, py: float, rgb: np.ndarray, radius: float) -> None:
    height, width = sums.shape[:2]
    column, line = math.floor(px), math.floor(py)
    if radius <= LEAST_RADIUS:
        if 0 <= column < width and 0 <= line < height:
            sums[line, column] += [*(rgb * FULL), FULL]
        return
    # The middle is rounded to an eighth of a pixel.
    mx = (math.floor(px * SUB) + 0.5) / SUB
    my = (math.floor(py * SUB) + 0.5) / SUB
    reach = math.ceil(radius) + 1
    for y in range(max(0, line - reach), min(height, line + reach + 1)):
        for x in range(max(0, column - reach), min(width, column + reach + 1)):
            share = cover(x + 0.5 - mx, y + 0.5 - my, radius)
            sums[y, x] += [*(rgb * share), share]


def draw(points: Points, ink: Ink, camera: Camera, dots: Dots) -> np.ndarray:
    sums = {kind: np.zeros((camera.height, camera.width, 4), np.int64) for kind in (1, 2)}
    for i in range(len(points)):
        if ink.layer[i] == HIDDEN:
            continue
        px, py = camera.to_pixel(float(points.x[i]), float(points.y[i]))
        rgb = ink.palette[ink.codes[i]].astype(np.int64)
        if abs(px) < 1e6 and abs(py) < 1e6:
            add_dot(sums[int(ink.layer[i])], px, py, rgb, dots.radius)
    single = max(dots.single, 0.9) if (ink.layer == CONTEXT).any() else dots.single
    out = np.zeros((camera.height, camera.width), np.uint32)
    for y in range(camera.height):
        for x in range(camera.width):
            upper, under = sums[COLOUR][y, x], sums[CONTEXT][y, x]
            alpha = opacity(int(upper[3]), single, dots.full, dots.crowd) if upper[3] else 0.0
            faint = (dots.single * FAINT, dots.full * FAINT)
            below = opacity(int(under[3]), *faint, dots.crowd) * (1 - alpha) if under[3] else 0.0
            whole = min(255, int(255 * (alpha + below) + 0.5))
            value = whole << 24
            for channel, shift in ((0, 16), (1, 8), (2, 0)):
                mean = upper[channel] * (alpha / upper[3]) if upper[3] else 0.0
                part = min(whole, int(mean + ink.context[channel] * below + 0.5))
                value |= part << shift
            out[y, x] = value
    return out


def nearest(layout: np.ndarray, x: float, y: float, radius: float, seen: np.ndarray) -> float:
    """Squared distance to the nearest seen point within the radius, or NaN."""
    away = (layout[:, 0].astype(np.float64) - x) ** 2 + (layout[:, 1].astype(np.float64) - y) ** 2
    away = away[seen & (away <= radius * radius)]
    return float(away.min()) if len(away) else math.nan


def inside(layout: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Rows inside by the even-odd rule, one edge after the other over all points."""
    x, y = layout[:, 0].astype(np.float64), layout[:, 1].astype(np.float64)
    odd = np.zeros(len(layout), bool)
    with np.errstate(all="ignore"):
        for (xi, yi), (xj, yj) in zip(polygon, np.roll(polygon, 1, axis=0), strict=True):
            crosses = (yi > y) != (yj > y)
            odd ^= crosses & (x < (xj - xi) * (y - yi) / (yj - yi) + xi)
    return np.flatnonzero(odd)
