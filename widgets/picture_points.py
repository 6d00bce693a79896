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
STRIP_PIXELS = 4_000_000  # drawn at once: 16 MB, and as much again for painting
STRIP_LINES = 1024  # at most, so that stopping is quick and progress moves


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

    @property
    def block(self) -> int:
        """Pixel rows that are best drawn at once."""
        camera = self.camera
        return min(camera.height, max(16, min(STRIP_LINES, STRIP_PIXELS // camera.width)))

    def strip(self, top: int, lines: int) -> NDArray[np.uint32]:
        """Pixel rows `top` to `top + lines` of the picture, (lines, width), premultiplied.

        Drawn in blocks that are all equally high: the raster may draw another way where more is in
        view, and must not change its mind from one strip to the next.
        """
        from backends.raster.draw import draw

        high = self.block
        strip = np.empty((lines, self.camera.width), np.uint32)
        for first in range(0, lines, high):
            camera = self._block_at(top + first)
            wanted = strip[first : first + high]
            wanted[:] = draw(self.points, self.ink, camera, self.dots)[: len(wanted)]
        return strip

    def _block_at(self, top: int) -> Camera:
        camera, high = self.camera, self.block
        below = top + high / 2 - camera.height / 2  # from the whole's middle to the block's
        return replace(camera, y=camera.y - below / camera.scale, height=high)

    def visible(self) -> NDArray[np.bool_]:
        """Points that are not hidden and touch the picture, (m,)."""
        x, y = self._pixels().T
        camera, beyond = self.camera, self.radius + 0.5
        seen: NDArray[np.bool_] = (
            (self.ink.inks != HIDDEN)
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
        from backends.raster.draw import FAINT, STANDING_OUT

        seen = np.flatnonzero(self.visible())  # (k,)
        spots, inks = self._pixels()[seen], self.ink.inks[seen]  # (k, 2), (k,)
        back = inks == CONTEXT
        if back.any():
            yield Circles(self.ink.context, self.dots.single * FAINT, spots[back])
        single = self.dots.single
        if self.ink.has_context:
            single = max(single, STANDING_OUT)
        chosen = np.flatnonzero(inks >= COLOUR)
        for first in range(ROUNDS):
            part = chosen[first::ROUNDS]
            for ink in np.unique(inks[part]):
                red, green, blue = (int(value) for value in self.ink.palette[ink - COLOUR])
                yield Circles((red, green, blue), single, spots[part[inks[part] == ink]])

    def _pixels(self) -> NDArray[np.float64]:
        """Middles of all points in the picture, (m, 2)."""
        x, y = self.points.layout[self.points.order].T.astype(np.float64)
        camera = self.camera
        across = (x - camera.x) * camera.scale + camera.width / 2
        down = (camera.y - y) * camera.scale + camera.height / 2
        return np.stack([across, down], axis=1)


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
