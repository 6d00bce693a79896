"""Which steps of a column are shown while it is played, and where they go from there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

PlayMode = Literal["window", "grow", "moment"]
MODES: tuple[PlayMode, ...] = get_args(PlayMode)
SHARE = 8  # a window is at first an eighth of all steps


@dataclass(frozen=True, slots=True)
class PlayRange:
    """The steps from `low` to before `high`, of `steps` in all; at least one is shown.

    A "window" moves as a whole, "grow" always begins at the start, a "moment" is one step.
    """

    low: int = 0
    high: int = 1
    steps: int = 1
    mode: PlayMode = "window"

    @property
    def is_at_end(self) -> bool:
        """Whether there is nothing beyond it."""
        return self.high >= self.steps

    def to(self, low: int, high: int) -> PlayRange:
        """Other ends, as far as there are steps and the mode lets them."""
        if self.mode == "moment":  # whichever end was moved
            low = low if low != self.low or high == self.high else high - 1
            low = min(max(low, 0), self.steps - 1)
            return replace(self, low=low, high=low + 1)
        low = 0 if self.mode == "grow" else min(max(low, 0), self.steps - 1)
        return replace(self, low=low, high=min(max(high, low + 1), self.steps))

    def shifted(self, by: int) -> PlayRange:
        """Go on by some steps, as far as there are some."""
        if self.mode == "grow":
            return self.to(0, self.high + by)
        by = min(max(by, -self.low), self.steps - self.high)
        return replace(self, low=self.low + by, high=self.high + by)

    def begun(self) -> PlayRange:
        """Where playing begins; a window that shows everything has nowhere to go."""
        width = self.high - self.low if self.mode == "window" else 1
        if self.mode == "window" and width >= self.steps:
            width = usual_width(self.steps)
        return replace(self, low=0, high=width)

    def in_mode(self, mode: PlayMode) -> PlayRange:
        """The same place in another mode."""
        other = replace(self, mode=mode)
        if mode == "moment":
            low = self.high - 1 if self.mode == "grow" else self.low
            return other.to(low, low + 1)
        if mode == "window":
            width = usual_width(self.steps)
            low = max(0, self.high - width) if self.mode == "grow" else self.low
            return other.to(low, low + width)
        return other.to(0, self.high)


def usual_width(steps: int) -> int:
    """How many steps a window shows unless somebody chooses."""
    return max(1, steps // SHARE)
