"""What is seen of the map: the part that is looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """A part of the plane: its middle, and how large it is shown."""

    x: float
    y: float
    scale: float  # logical pixels per unit of the plane
    projection: str  # fingerprint of the layout that is looked at

    @classmethod
    def of(cls, state: object) -> Look | None:
        """What a project kept, or None if it makes no sense."""
        try:
            assert isinstance(state, Mapping)
            x, y, scale = (float(state[name]) for name in ("x", "y", "scale"))
            look = cls(x, y, scale, str(state["projection"]))
        except (AssertionError, KeyError, TypeError, ValueError):
            return None
        usable = all(map(math.isfinite, (look.x, look.y, look.scale))) and look.scale > 0
        return look if usable else None
