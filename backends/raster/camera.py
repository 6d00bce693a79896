"""Where the map is looked at: a centre, a scale, a picture of device pixels; y points up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backends.arrays import Matrix

Bounds = tuple[float, float, float, float]  # left, bottom, right, top
MARGIN = 0.06  # share of the picture left free on each side when everything is fitted in


@dataclass(frozen=True)
class Camera:
    """Maps the plane of a layout to pixels; pixel (0, 0) is the upper left corner's outer edge."""

    x: float = 0.0  # of the plane, in the picture's middle
    y: float = 0.0
    scale: float = 1.0  # device pixels per unit of the plane
    width: int = 1  # device pixels
    height: int = 1
    ratio: float = 1.0  # device pixels per logical pixel

    def to_pixel(self, x: float, y: float) -> tuple[float, float]:
        """Device pixel of a place in the plane."""
        return (
            (x - self.x) * self.scale + self.width / 2,
            (self.y - y) * self.scale + self.height / 2,
        )

    def to_plane(self, px: float, py: float) -> tuple[float, float]:
        """Place in the plane of a device pixel."""
        return (
            self.x + (px - self.width / 2) / self.scale,
            self.y - (py - self.height / 2) / self.scale,
        )

    def panned(self, dx: float, dy: float) -> Camera:
        """Shift the picture by device pixels, as a hand drags it."""
        return replace(self, x=self.x - dx / self.scale, y=self.y + dy / self.scale)

    def zoomed(self, factor: float, px: float, py: float) -> Camera:
        """Enlarge by a factor; the place under the device pixel stays where it is."""
        x, y = self.to_plane(px, py)
        return replace(
            self,
            x=x - (x - self.x) / factor,
            y=y - (y - self.y) / factor,
            scale=self.scale * factor,
        )

    def sized(self, width: int, height: int, ratio: float) -> Camera:
        """Look at the same place in a picture of another size or resolution."""
        return replace(
            self,
            width=max(1, width),
            height=max(1, height),
            ratio=ratio,
            scale=self.scale * ratio / self.ratio,
        )

    def fitted(self, bounds: Bounds) -> Camera:
        """Show all of left, bottom, right, top, with a margin."""
        left, bottom, right, top = bounds
        room = 1 - 2 * MARGIN
        # A single item, or all in one place: any scale shows it; this one is as good as another.
        across = max(right - left, 1e-9 * max(abs(left), abs(right)), 1e-12)
        up = max(top - bottom, 1e-9 * max(abs(bottom), abs(top)), 1e-12)
        scale = min(self.width * room / across, self.height * room / up)
        if right == left and top == bottom:
            scale = self.width * room
        return replace(self, x=(left + right) / 2, y=(bottom + top) / 2, scale=scale)


def bounds_of(layout: Matrix) -> Bounds | None:
    """Left, bottom, right, top of the rows that have a place, or None if no row has."""
    x, y = layout[:, 0], layout[:, 1]  # by column: numpy is slow along the short axis
    placed = np.isfinite(x) & np.isfinite(y)  # (n,)
    if not placed.all():
        x, y = x[placed], y[placed]
    if not len(x):
        return None
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
