"""From where a layout in space is looked at, and what stays in place when it is turned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backends.arrays import Matrix
from backends.raster.camera import Bounds, Camera, bounds_of
from backends.raster.turn import FRONT, Triple, Turn

SAMPLE = 20_000  # rows that say how far away the things in the middle are
MIDDLE = (0.0, 0.0, 0.0)  # a layout is centred on it


def joined(one: Bounds, other: Bounds) -> Bounds:
    """Bounds of both."""
    low, high = (tuple(map(pick, one, other)) for pick in (min, max))
    return low[0], low[1], high[2], high[3]


class Viewpoint:
    """The side from which a layout is seen; a layout in the plane is seen from the front only."""

    def __init__(self) -> None:
        self._layout: Matrix | None = None
        self._turn = FRONT
        self._pivot: Triple = MIDDLE
        self._left: tuple[float, float] | None = None  # where the last turn left the camera

    @property
    def turn(self) -> Turn | None:
        """The side that is seen, or None while the layout is flat."""
        deep = self._layout is not None and self._layout.shape[1] == 3
        return self._turn if deep else None

    def take(self, layout: Matrix | None, *, anew: bool) -> Bounds | None:
        """Look at another layout, `anew` from the front; return the bounds of what is seen."""
        self._layout, self._left = layout, None
        if anew or layout is None:
            self._turn = FRONT
        return self.bounds()

    def bounds(self) -> Bounds | None:
        """Bounds of what is seen from here, or None if that is nothing."""
        layout = self._layout
        if layout is None:
            return None
        if layout.shape[1] == 2 or self._turn == FRONT:
            return bounds_of(layout)
        x, y, z = layout.T
        seen = [row[0] * x + row[1] * y + row[2] * z for row in self._turn.matrix[:2].tolist()]
        return bounds_of(np.stack(seen, axis=1))

    def look_from(self, turn: Turn, camera: Camera, *, whole: bool) -> Camera:
        """Look from another side; return the camera that keeps the middle of the picture there.

        What is in the middle of the picture is as far away as most of what is in view. While the
        `whole` is looked at, it is turned about its own middle.
        """
        if self.turn is None:
            return camera
        if whole:
            self._pivot = MIDDLE
        elif self._left != (camera.x, camera.y):  # somebody looks elsewhere than after a turn
            self._pivot = self._turn.back(camera.x, camera.y, self._distance(camera))
        self._turn = turn
        right, up, _near = turn.of(*self._pivot)
        if not whole:
            camera = replace(camera, x=right, y=up)
        self._left = camera.x, camera.y
        return camera

    def _distance(self, camera: Camera) -> float:
        """How near to the eye what is in view typically is."""
        assert self._layout is not None
        sample = self._layout[:: max(1, len(self._layout) // SAMPLE)]
        right, up, near = self._turn.matrix @ sample.T.astype(np.float64)  # (k,) each
        wide, high = camera.width / 2 / camera.scale, camera.height / 2 / camera.scale
        seen = (np.abs(right - camera.x) <= wide) & (np.abs(up - camera.y) <= high)  # NaN is not
        return float(np.median(near[seen])) if seen.any() else 0.0
