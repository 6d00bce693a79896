"""A layout in space, seen from a side: three coordinates become two, and a level of depth.

What is seen is an orthographic picture: parallel rays, no vanishing point, so that distances on the
screen compare everywhere. The two coordinates are a layout like any other, drawn, picked and
outlined by what does so for maps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, frozen

LEVELS = 16  # of depth; 0 is farthest from the eye
SAMPLE = 50_000  # rows that the extent in depth is taken from
CORE = 0.9  # share of rows that lie within the depth that is told apart
STEEPEST = 90.0  # degrees of pitch: beyond, up would be down

Levels = NDArray[np.uint8]
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Turn:
    """Where the eye is, in degrees; all zero is the front: x to the right, y up, z to the eye.

    The points are turned by `yaw` about the upright axis, then by `pitch` towards the eye, then by
    `roll` about the line of sight.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """Right, up and towards the eye as rows, (3, 3): what is seen of p is `matrix @ p`."""
        yaw, pitch, roll = (math.radians(angle) for angle in self.angles)
        cy, sy = math.cos(yaw), math.sin(yaw)
        cp, sp = math.cos(pitch), math.sin(pitch)
        cr, sr = math.cos(roll), math.sin(roll)
        about_y = np.array(((cy, 0, sy), (0, 1, 0), (-sy, 0, cy)))
        about_x = np.array(((1, 0, 0), (0, cp, -sp), (0, sp, cp)))
        about_z = np.array(((cr, -sr, 0), (sr, cr, 0), (0, 0, 1)))
        made: NDArray[np.float64] = about_z @ about_x @ about_y
        return frozen(made)

    @property
    def angles(self) -> Triple:
        """Yaw, pitch and roll, as a description keeps them."""
        return self.yaw, self.pitch, self.roll

    def by(self, yaw: float, pitch: float) -> Turn:
        """Turn on; the pitch ends where one looks straight from above or below."""
        return replace(
            self,
            yaw=(self.yaw + yaw + 180.0) % 360.0 - 180.0,
            pitch=min(max(self.pitch + pitch, -STEEPEST), STEEPEST),
        )

    def of(self, x: float, y: float, z: float) -> Triple:
        """Where one place is seen: to the right, up, and towards the eye."""
        right, up, near = (self.matrix @ (x, y, z)).tolist()
        return right, up, near

    def back(self, right: float, up: float, near: float) -> Triple:
        """The place that is seen there: the inverse of `of`."""
        x, y, z = ((right, up, near) @ self.matrix).tolist()
        return x, y, z


FRONT = Turn()


@dataclass(frozen=True, eq=False)
class Seen:
    """A layout in space, as one side shows it."""

    layout: Matrix  # (n, 2) float32; rows without a place have none here
    depth: Levels  # (n,) 0 (far) to LEVELS - 1 (near)
    turn: Turn


def reach_of(layout: Matrix) -> float:
    """Half the depth that is told apart: how far most rows (`CORE`) lie from the middle, at most.

    The same from every side, so that a point keeps its shade while it keeps its depth.
    """
    sample = layout[:: max(1, len(layout) // SAMPLE)].astype(np.float64)
    away = np.sqrt((sample**2).sum(axis=1))
    away = away[np.isfinite(away)]
    return float(np.quantile(away, CORE)) if len(away) else 0.0


def turned(layout: Matrix, turn: Turn, reach: float | None = None) -> Seen:
    """Look at a layout (n, 3) from a side. Rows with NaN or infinity have no place, and level 0.

    `reach` is that of the layout, for who turns it again and again.
    """
    from backends.raster.turning import project_rows

    far = reach_of(layout) if reach is None else reach
    places, depth = project_rows(layout, turn.matrix, far, LEVELS)
    return Seen(frozen(places), frozen(depth), turn)
