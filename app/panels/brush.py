"""How large the brush is that selects what it is drawn over; remembered between runs."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal

from app.settings import SettingsStore

RADII = (4.0, 250.0)  # logical pixels, smallest and largest
FIRST = 24.0
STEP = 1.25  # factor of one press of a key, or one notch of the wheel


class BrushModel(QObject):
    """Holds the radius of the brush in logical pixels: it is a tool of the hand, not of the map."""

    changed = Signal(object)  # float

    def __init__(
        self, settings: SettingsStore | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store: SettingsStore | None = None
        self._radius = FIRST
        if settings is not None:
            kept = settings.value.map.get("brush")
            if isinstance(kept, int | float) and math.isfinite(kept):
                self.set_radius(float(kept))
        self._store = settings

    @property
    def radius(self) -> float:
        """Half of what it is across, logical pixels."""
        return self._radius

    def set_radius(self, radius: float) -> None:
        """Make the brush larger or smaller, within `RADII`."""
        radius = min(max(radius, RADII[0]), RADII[1])
        if radius != self._radius:
            self._radius = radius
            if self._store is not None:
                self._store.change_map(brush=radius)
            self.changed.emit(radius)

    def step(self, steps: float) -> None:
        """Make it larger by some steps, or smaller by negative ones."""
        self.set_radius(self._radius * STEP**steps)
