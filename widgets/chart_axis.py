"""Axes of a chart with round numbers written as people write them, logarithmic ones too."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pyqtgraph as pg

from app.panels.values import ticks

ROOM = 46  # pixels that a number across needs
ROOM_UP = 26
# Those of each group are taken where there is room between the ones before it.
STEPS = ((1.0,), (2.0, 5.0), (3.0,), (1.5, 7.0), (4.0, 6.0, 8.0), (2.5, 9.0, 1.2))


class Axis(pg.AxisItem):
    """An axis that is never short of ticks; `log` axes hold powers of ten."""

    def __init__(self, side: str, *, log: bool = False, percent: bool = False) -> None:
        super().__init__(side)
        self._log10 = log
        self._percent = percent
        self.enableAutoSIPrefix(False)
        self.setStyle(tickLength=-4, autoExpandTextSpace=True, tickTextOffset=4)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Places of the ticks, all of one level."""
        most = max(2, int(size / (ROOM_UP if self.orientation == "left" else ROOM)))
        if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
            return []
        if self._log10:
            found = log_ticks(low, high, size)
        else:
            found = [value for value, _text in ticks(low, high, most, is_date=False)]
        return [(1.0, found)] if found else []

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """What is written at them."""
        if self._log10:
            return [short_number(10.0**value) for value in values]
        if self._percent:
            return percents(values)
        return [f"{value:.4g}" for value in values]

    def generateDrawSpecs(self, painter: Any) -> Any:
        """As pyqtgraph, but without a number that the edge of the plot would cut."""
        specs = super().generateDrawSpecs(painter)
        if specs is None:
            return None
        axis, lines, texts = specs
        bounds = self.boundingRect()
        return axis, lines, [text for text in texts if bounds.contains(text[0])]


def log_ticks(low: float, high: float, size: float) -> list[float]:
    """Round numbers between two powers of ten, as powers of ten, with room between all of them.

    `size` is the length of the axis in pixels.
    """
    room = ROOM * (high - low) / max(size, 1.0)
    powers = range(math.floor(low), math.ceil(high) + 1)
    found: list[float] = []
    for steps in STEPS:
        places = [math.log10(step) + power for power in powers for step in steps]
        for place in places:
            if low <= place <= high and all(abs(place - other) >= room for other in found):
                found.append(place)
    if len(found) >= 2:
        return sorted(found)
    most = max(2, int(size / ROOM))
    plain = ticks(10.0**low, 10.0**high, most, is_date=False)
    return [math.log10(value) for value, _text in plain if value > 0] or found


def short_number(value: float) -> str:
    """A number of few letters: "0.5", "96", "1,536", "20 k", "3 M"."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e4)):
        if value >= size * 0.9999:
            return f"{value / (1e3 if unit == 'k' else size):.4g} {unit}"
    return f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"


def percents(values: list[float]) -> list[str]:
    """Shares as percentages with as many decimals as their distances need; none beyond 0..100."""
    step = min((b - a for a, b in itertools.pairwise(values)), default=0.1)
    digits = max(0, min(4, math.ceil(-math.log10(max(step, 1e-9)) - 1e-9) - 2))
    return [f"{value:.{digits}%}" if -1e-9 <= value <= 1 + 1e-9 else "" for value in values]
