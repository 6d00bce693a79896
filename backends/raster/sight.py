"""Keeps what is seen of a layout from one picture to the next: flat places, and shades of depth.

A layout of two dimensions is seen as it is. What did not change is the same object again, by which
those who sort and colour points know that there is nothing to do.
"""

from __future__ import annotations

from backends.arrays import Matrix
from backends.raster.colour import Paint
from backends.raster.depth import Colour, Shading, shading
from backends.raster.turn import Levels, Seen, Turn, reach_of, turned


class Sight:
    """Looks at one layout at a time, with one paint."""

    def __init__(self) -> None:
        self._layout: Matrix | None = None
        self._reach = 0.0
        self._seen: Seen | None = None
        self._shading: Shading | None = None
        self._ground: Colour | None = None
        self._mixed: tuple[Seen, Shading, Paint] | None = None

    @property
    def depth(self) -> Levels | None:
        """How far away the rows are that were looked at last, (n,); None where all are alike."""
        return self._seen.depth if self._seen is not None else None

    def places(self, layout: Matrix, turn: Turn | None) -> Matrix:
        """Where rows are seen, (n, 2); of a layout in the plane, the layout itself."""
        if turn is None:
            self._layout = self._seen = None
            return layout
        if layout is not self._layout:
            self._layout, self._reach, self._seen = layout, reach_of(layout), None
        if self._seen is None or self._seen.turn != turn:
            self._seen = turned(layout, turn, self._reach)
        return self._seen.layout

    def paint(self, paint: Paint, ground: Colour) -> Paint:
        """The paint for what was asked for last: in space, what is far is nearer to the ground."""
        seen = self._seen
        if seen is None:
            return paint
        if self._shading is None or self._shading.paint is not paint or self._ground != ground:
            self._shading, self._ground = shading(paint, ground), ground
        known = self._mixed
        if known is None or known[0] is not seen or known[1] is not self._shading:
            self._mixed = known = seen, self._shading, self._shading.at(seen.depth)
        return known[2]
