"""The points of an exported picture: the only place where exports speak with the raster.

A picture is drawn in strips over its whole width, so that one of 30,000 x 30,000 pixels needs no
more memory than a screen or two. Dots are chosen once for the whole, so strips show no seams.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.raster.camera import Camera
from backends.raster.colour import COLOUR, CONTEXT, HIDDEN, Paint

if TYPE_CHECKING:
    from backends.raster.colour import Ink
    from backends.raster.draw import Dots
    from backends.raster.points import Points

ROUNDS = 8  # in which circles are painted


@dataclass(frozen=True, eq=False)
class Circles:
    """Dots of one colour and opacity, to be drawn as they are."""

    colour: tuple[int, int, int]
    opacity: float  # 0..1
    spots: NDArray[np.float64]  # (k, 2) middles in pixels of the camera


@dataclass(frozen=True, eq=False)
class Drawing:
    """Points that are ready to be drawn at one camera, as a whole or in parts."""

    points: Points
    ink: Ink
    camera: Camera
    dots: Dots

    @property
    def radius(self) -> float:
        """Of a dot, device pixels."""
        return self.dots.radius

    def strip(self, top: int, lines: int) -> NDArray[np.uint32]:
        """Pixel rows `top` to `top + lines` of the picture, (lines, width), premultiplied."""
        from backends.raster.draw import draw

        camera = self.camera
        below = top + lines / 2 - camera.height / 2  # from the whole's middle to the strip's
        part = replace(camera, y=camera.y - below / camera.scale, height=lines)
        return draw(self.points, self.ink, part, self.dots)

    def visible(self) -> NDArray[np.bool_]:
        """Points that are not hidden and touch the picture, (m,)."""
        x, y = self._pixels()
        camera, beyond = self.camera, self.radius + 0.5
        seen: NDArray[np.bool_] = (
            (self.ink.layer != HIDDEN)
            & (x > -beyond)
            & (x < camera.width + beyond)
            & (y > -beyond)
            & (y < camera.height + beyond)
        )
        return seen

    def circles(self) -> Iterator[Circles]:
        """The visible dots, those that stand back first, grouped by colour in a few rounds.

        Neighbours come in different rounds, so no colour lies over all the others.
        """
        from backends.raster.draw import FAINT

        seen = np.flatnonzero(self.visible())  # (k,)
        x, y = self._pixels(seen)
        spots = np.stack([x, y], axis=1)  # (k, 2)
        layer, codes = self.ink.layer[seen], self.ink.codes[seen]
        back = layer == CONTEXT
        if back.any():
            yield Circles(self.ink.context, self.dots.single * FAINT, spots[back])
        stands_out = bool((self.ink.layer == CONTEXT).any())
        single = max(self.dots.single, 0.9) if stands_out else self.dots.single
        chosen = np.flatnonzero(layer == COLOUR)
        for first in range(ROUNDS):
            part = chosen[first::ROUNDS]
            for code in np.unique(codes[part]):
                red, green, blue = (int(value) for value in self.ink.palette[code])
                yield Circles((red, green, blue), single, spots[part[codes[part] == code]])

    def _pixels(
        self, which: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x, y = self.points.x, self.points.y
        if which is not None:
            x, y = x[which], y[which]
        camera = self.camera
        across = (x.astype(np.float64) - camera.x) * camera.scale + camera.width / 2
        down = (camera.y - y.astype(np.float64)) * camera.scale + camera.height / 2
        return across, down


class Stock:
    """Sorted points and ordered paints, kept from one preview to the next and to the picture.

    Used by one worker at a time; `points` of the map itself save the sorting.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._layout: Matrix | None = None
        self._points: Points | None = None
        self._inks: dict[object, Ink] = {}

    def take(self, layout: Matrix, points: Points) -> None:
        """Take over the points that a map has sorted already."""
        with self._lock:
            if layout is not self._layout:
                self._layout, self._points = layout, points
                self._inks.clear()

    def drawing(
        self,
        layout: Matrix,
        look: object,
        paint: Callable[[], Paint],
        camera: Camera,
        size: float,
    ) -> Drawing:
        """Make points ready. `paint` is asked for the colours, once for each `look`."""
        from backends.raster.colour import arrange
        from backends.raster.draw import dots_for
        from backends.raster.points import build_points

        with self._lock:
            if self._points is None or layout is not self._layout:
                self._points, self._layout = build_points(layout), layout
                self._inks.clear()
            if look not in self._inks:
                self._inks[look] = arrange(self._points, paint())
            points, ink = self._points, self._inks[look]
        return Drawing(points, ink, camera, dots_for(points, camera, size))
