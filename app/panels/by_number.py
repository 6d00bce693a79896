"""Colouring by a scale: which part of the values it is spread over, how, and in which colours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.corpora.columns import Numbers
from backends.corpora.spread import NO_RANK, RANKS, has_ranks, ranks_of, spread_of
from backends.raster.colour import MISSING, Codes, looked_up, scale_codes
from backends.raster.palette import Table, scale_colours
from backends.raster.scales import DEFAULT, SCALES, ScaleSpec


@dataclass(frozen=True)
class ScaleLook:
    """How a person wants a scale to look."""

    scale: str = DEFAULT
    is_reversed: bool = False
    is_even: bool = False  # each colour for as many items, by rank
    centre: float | None = None  # of a diverging scale, None for the middle that suits the values


@dataclass(frozen=True, eq=False)
class ByNumber:
    """Colour by a scale from `low` to `high`; values beyond are shown as the ends."""

    column: str
    numbers: Numbers
    low: float
    high: float
    look: ScaleLook = ScaleLook()

    @property
    def spec(self) -> ScaleSpec:
        """The scale that is worn."""
        return SCALES[self.look.scale]

    @property
    def missing(self) -> int:
        """How many items have no value."""
        return spread_of(self.numbers).missing

    @property
    def centre(self) -> float:
        """The value in the middle of a diverging scale: as chosen, 0 between signs, the middle."""
        if self.look.centre is not None:
            return self.look.centre
        return 0.0 if self.low < 0 < self.high else (self.low + self.high) / 2

    @property
    def style(self) -> tuple[Any, ...]:
        """What a person can change of it, without the data."""
        return self.low, self.high, self.look

    def styled(self, style: tuple[Any, ...]) -> ByNumber:
        """Return the same numbers in another style."""
        return replace(self, low=style[0], high=style[1], look=style[2])

    def colours(self, *, dark: bool) -> Table:
        """Colours of the scale's entries, and last of a missing value."""
        return scale_colours(self.look.scale, dark=dark, is_reversed=self.look.is_reversed)

    def entries(self) -> Codes:
        """Entry of each item's value, (n,); by value while the ranks are still worked out."""
        if not self.look.is_even or not has_ranks(self.numbers):
            return scale_codes(self.numbers.values, *self._ends(self.low, self.centre, self.high))
        ranks = np.arange(NO_RANK + 1, dtype=np.float64) / RANKS
        table = scale_codes(ranks, *self._even_ends())
        table[NO_RANK] = MISSING
        return looked_up(ranks_of(self.numbers), table)

    def entries_at(self, values: NDArray[np.float64]) -> Codes:
        """Entry of any values, (k,), as a bar of the scale paints them."""
        if not self.look.is_even:
            return scale_codes(values, *self._ends(self.low, self.centre, self.high))
        return scale_codes(spread_of(self.numbers).share_below(values), *self._even_ends())

    def _even_ends(self) -> tuple[float, float]:
        three = spread_of(self.numbers).share_below(np.array([self.low, self.centre, self.high]))
        return self._ends(*three.tolist())

    def _ends(self, low: float, centre: float, high: float) -> tuple[float, float]:
        """Where a scale begins and ends; both sides of a centre are equally steep."""
        if self.spec.shape != "diverging":
            return low, high
        reach = max(high - centre, centre - low)
        return centre - reach, centre + reach
