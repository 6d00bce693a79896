"""What is seen of the map: the part that is looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from backends.raster.turn import Turn

ANGLES = ("yaw", "pitch", "roll")


@dataclass(frozen=True, slots=True)
class Look:
    """A part of the plane: its middle, and how large it is shown."""

    x: float
    y: float
    scale: float  # logical pixels per unit of the plane
    projection: str  # fingerprint of the layout that is looked at
    turn: Turn | None = None  # the side from which one in space is seen
    whole: bool = False  # all of it is looked at, whatever the size of the picture

    def as_json(self) -> dict[str, Any]:
        """Plain data for a project; what goes without saying is left out."""
        plain = asdict(self)
        idle = [name for name, value in plain.items() if value is None or value is False]
        return {name: value for name, value in plain.items() if name not in idle}

    @classmethod
    def of(cls, state: object) -> Look | None:
        """What a project kept, or None if it makes no sense."""
        try:
            assert isinstance(state, Mapping)
            x, y, scale = (float(state[name]) for name in ("x", "y", "scale"))
            turn = state.get("turn")
            side = Turn(*(float(turn[name]) for name in ANGLES)) if turn is not None else None
            look = cls(x, y, scale, str(state["projection"]), side, state.get("whole") is True)
        except (AssertionError, KeyError, TypeError, ValueError):
            return None
        numbers = (look.x, look.y, look.scale, *(side.angles if side is not None else ()))
        usable = all(map(math.isfinite, numbers)) and look.scale > 0
        return look if usable else None
