"""Drawing, picking and lassoing as one would write them first: every point, every pixel."""

from __future__ import annotations

import math

import numpy as np

from backends.raster.camera import Camera
from backends.raster.colour import COLOUR, CONTEXT, HIDDEN, Ink
from backends.raster.draw import FAINT, Dots
from backends.raster.points import Points
from backends.raster.stamps import FULL, LEAST_RADIUS, MOST_DOTS, STEPS, SUB


def cover(dx: float, dy: float, radius: float) -> int:
    """Share of a pixel, 0..255, whose middle is (dx, dy) away from the middle of a dot."""
    return round(min(max(radius + 0.5 - math.hypot(dx, dy), 0.0), 1.0) * FULL)


def opacity(sixteenths: float, single: float, full: float, crowd: float) -> float:
    """Opacity of so many sixteenths of a dot; half a one counts as one."""
    dots = min(math.floor(sixteenths + 0.5), MOST_DOTS * STEPS - 1) / STEPS
    if dots < 1:
        value = single * dots
    else:
        value = single + (full - single) * min(math.log(dots) / math.log(max(crowd, 1.5)), 1)
    return round(value * 255) / 255


def add_dot(
    sums: np.ndarray,
    column: int,
    line: int,
    eighths: tuple[int, int],
    rgb: np.ndarray,
    radius: float,
) -> None:
    """Add a dot whose middle lies in a pixel, rounded to the middle of an eighth of it."""
    height, width = sums.shape[:2]
    if radius <= LEAST_RADIUS:
        if 0 <= column < width and 0 <= line < height:
            sums[line, column] += [*rgb, 1]
        return
    mx = column + (eighths[0] + 0.5) / SUB
    my = line + (eighths[1] + 0.5) / SUB
    reach = math.ceil(radius) + 1
    for y in range(max(0, line - reach), min(height, line + reach + 1)):
        for x in range(max(0, column - reach), min(width, column + reach + 1)):
            share = cover(x + 0.5 - mx, y + 0.5 - my, radius)
            sums[y, x] += [*(rgb * share), share]


def pixel_places(points: Points, camera: Camera) -> list[tuple[float, float]]:
    """Where each point lies on the screen, in its order: the place within its cell in whole steps.

    The place of a cell and the length of a step are cut to 1/2**32 pixel, as documented.
    """
    grid, unit = points.grid, 2.0**32
    step_x, step_y = (camera.scale / per / 65536 for per in (grid.per_x, grid.per_y))
    found = []
    for cell in range(grid.side**2):
        row, column = divmod(cell, grid.side)
        left = (grid.left + column / grid.per_x - camera.x) * camera.scale
        low = (camera.y - (grid.bottom + row / grid.per_y)) * camera.scale
        for i in range(points.offsets[cell], points.offsets[cell + 1]):
            if max(step_x, step_y) > 1 / 16:  # too coarse: the layout's own place
                found.append(camera.to_pixel(*(float(v) for v in points.layout[points.order[i]])))
                continue
            x = math.floor((left + camera.width / 2 + step_x / 2) * unit)
            y = math.floor((low + camera.height / 2 - step_y / 2) * unit)
            x += int(points.across[i]) * int(step_x * unit)
            y -= int(points.up[i]) * int(step_y * unit)
            found.append((x / unit, y / unit))
    strays = points.layout[points.order[len(found) :]].tolist()
    return [*found, *(camera.to_pixel(x, y) for x, y in strays)]


def draw(points: Points, ink: Ink, camera: Camera, dots: Dots) -> np.ndarray:
    sums = {kind: np.zeros((camera.height, camera.width, 4), np.int64) for kind in (1, 2)}
    for i, (px, py) in enumerate(pixel_places(points, camera)):
        kind = min(int(ink.inks[i]), COLOUR)
        if kind == HIDDEN or not (abs(px) < 1e6 and abs(py) < 1e6):
            continue
        rgb = ink.palette[max(0, int(ink.inks[i]) - COLOUR)].astype(np.int64)
        eighths = math.floor(px * SUB) % SUB, math.floor(py * SUB) % SUB
        add_dot(sums[kind], math.floor(px), math.floor(py), eighths, rgb, dots.radius)
    unit = STEPS if dots.radius <= LEAST_RADIUS else STEPS / 256  # sixteenths of a dot
    single = max(dots.single, 0.9) if (ink.inks == CONTEXT).any() else dots.single
    out = np.zeros((camera.height, camera.width), np.uint32)
    for y in range(camera.height):
        for x in range(camera.width):
            upper, under = sums[COLOUR][y, x], sums[CONTEXT][y, x]
            alpha = opacity(upper[3] * unit, single, dots.full, dots.crowd) if upper[3] else 0.0
            faint = (dots.single * FAINT, dots.full * FAINT)
            below = opacity(under[3] * unit, *faint, dots.crowd) * (1 - alpha) if under[3] else 0.0
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


def swept(layout: np.ndarray, path: np.ndarray, radius: float) -> np.ndarray:
    """Distance of every point to every segment, (n,); NaN for rows without a place."""
    x, y = layout[:, 0].astype(np.float64), layout[:, 1].astype(np.float64)
    least = np.full(len(layout), np.inf)
    ends = path[1:] if len(path) > 1 else path
    for (ax, ay), (bx, by) in zip(path, ends, strict=False):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / length, 0, 1) if length else 0.0
        least = np.minimum(least, np.hypot(x - (ax + along * dx), y - (ay + along * dy)))
    return np.where(np.isfinite(x) & np.isfinite(y), least, np.nan)


AHEAD = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}


def step(layout: np.ndarray, row: int, towards: str, seen: np.ndarray) -> int:
    """Every row of the layout, in order: first what shares the place, then what lies ahead."""
    x0, y0 = (float(value) for value in layout[row])
    if not (math.isfinite(x0) and math.isfinite(y0)):
        return -1
    ahead_x, ahead_y = AHEAD[towards]
    best = (math.inf, -1)
    for other, (x, y) in enumerate(layout.astype(np.float64).tolist()):
        if not seen[other]:
            continue
        dx, dy = x - x0, y - y0
        if dx == dy == 0 and other > row:
            return other
        along, aside = dx * ahead_x + dy * ahead_y, dx * ahead_y + dy * ahead_x
        if along > 0 and abs(aside) <= along:
            best = min(best, (along * along + 4 * (aside * aside), other))
    return best[1]
