"""What a hand can do to the colours of the map, each with its words for "Undo ...".

A `gesture` makes one change of many: all that comes while an end of a scale is dragged.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from app.notices import Notices
from app.panels import class_edits
from app.panels.by_class import ByClass, Order
from app.panels.by_number import ByNumber
from app.panels.colours import ColoursModel
from backends.corpora.columns import LARGEST, SMALLEST
from backends.corpora.spread import spread_of
from backends.raster.palette import MOST_OWN
from backends.raster.scales import SCALES

ORDER_WORDS: dict[Order, str] = {
    "count": "by count",
    "name": "by name",
    "value": "by value",
    "hand": "by hand",
}


class ColourEdits:
    """Changes the colouring that is shown, if it is of the kind that can be so changed."""

    def __init__(self, colours: ColoursModel, notices: Notices) -> None:
        self._colours = colours
        self._notices = notices

    @property
    def classes(self) -> ByClass | None:
        """The classes that are shown, if the map is coloured by classes."""
        now = self._colours.colouring
        return now if isinstance(now, ByClass) else None

    @property
    def scale(self) -> ByNumber | None:
        """The scale that is shown, if the map is coloured by one."""
        now = self._colours.colouring
        return now if isinstance(now, ByNumber) else None

    def toggle(self, code: int) -> None:
        """Hide a class, or show it again; twice is as if nothing had been done."""
        if (now := self.classes) is not None:
            new = class_edits.toggled(now, code)
            does = "show" if len(new.hidden) < len(now.hidden) else "hide"
            self._colours.change(new, f"{does} “{_short(now.label(code))}”", ("toggle", code))

    def solo(self, code: int) -> None:
        """Hide every other class; if that is so already, show all."""
        if (now := self.classes) is not None:
            new = class_edits.soloed(now, code)
            text = f"show “{_short(now.label(code))}” alone" if new.hidden else "show all classes"
            self._colours.change(new, text)

    def show_all(self) -> None:
        """Show every class."""
        if (now := self.classes) is not None:
            self._colours.change(class_edits.all_shown(now), "show all classes")

    def set_colour(self, code: int, colour: str | None, gesture: object = None) -> None:
        """Give a class the colour "#RRGGBB", or None for the automatic one."""
        if (now := self.classes) is None:
            return
        if colour is not None and not class_edits.can_colour(now, code):
            self._notices.warn(
                f"Only {MOST_OWN} classes beyond the largest can have a colour of their own.",
                "Give one of them its automatic colour back first.",
            )
            return
        text = f"colour “{_short(now.label(code))}”"
        self._colours.change(class_edits.coloured(now, code, colour), text, gesture)

    def rename(self, code: int, name: str) -> None:
        """Call a class something else on the map; "" gives its own name back."""
        if (now := self.classes) is not None:
            text = f"rename “{_short(now.label(code))}”"
            self._colours.change(class_edits.renamed(now, code, name), text)

    def set_order(self, order: Order) -> None:
        """List the classes in another order."""
        if (now := self.classes) is not None:
            text = f"order classes {ORDER_WORDS[order]}"
            self._colours.change(class_edits.ordered(now, order), text)

    def move(self, code: int, place: int) -> None:
        """Put a class before the one at a place of those with a colour."""
        if (now := self.classes) is not None:
            text = f"move “{_short(now.label(code))}”"
            self._colours.change(class_edits.moved(now, code, place), text, ("move", code))

    def reset_classes(self) -> None:
        """Take all colours, names and the order of the classes back."""
        if (now := self.classes) is not None:
            self._colours.change(class_edits.plain(now), "reset the legend")

    def set_range(self, low: float, high: float, gesture: object = None) -> None:
        """Spread the scale over a part of the values."""
        if (now := self.scale) is not None and low <= high:
            narrowed = replace(now, low=_held(low), high=_held(high))
            self._colours.change(narrowed, "scale range", gesture)

    def show_full_range(self) -> None:
        """Spread the scale over all values."""
        if (now := self.scale) is not None:
            self.set_range(now.numbers.low, now.numbers.high)

    def show_robust_range(self) -> None:
        """Spread the scale from the 2nd to the 98th percentile."""
        if (now := self.scale) is not None:
            self.set_range(*spread_of(now.numbers).robust)

    def set_scale(self, name: str) -> None:
        """Wear other colours. Raises: KeyError if there are none of that name."""
        self._restyle(f"scale “{SCALES[name].text}”", scale=name)

    def set_reversed(self, on: bool) -> None:
        """Turn the colours round."""
        self._restyle("reverse the scale", is_reversed=on)

    def set_even(self, on: bool) -> None:
        """Give each colour as many items, by rank, or equal parts of the values."""
        self._restyle("spread colours by rank" if on else "spread colours by value", is_even=on)

    def set_centre(self, value: float | None) -> None:
        """Put a value into the middle of a diverging scale; None for the one that suits."""
        if value is None or math.isfinite(value):
            self._restyle("centre of the scale", centre=None if value is None else _held(value))

    def reset_scale(self) -> None:
        """Take colours, range and centre of the scale back."""
        if (now := self.scale) is not None:
            plain = ByNumber(now.column, now.numbers, now.numbers.low, now.numbers.high)
            self._colours.change(plain, "reset the scale")

    def _restyle(self, text: str, **changes: Any) -> None:
        if (now := self.scale) is not None:
            self._colours.change(replace(now, look=replace(now.look, **changes)), text)


def _held(value: float) -> float:
    """A value as `Numbers` hold it: between two of them a scale neither overflows nor vanishes."""
    return 0.0 if abs(value) < SMALLEST else min(max(value, -LARGEST), LARGEST)


def _short(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:29]}…"
