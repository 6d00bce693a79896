"""Colouring by classes: which have a colour of their own, which share "other", how they are called.

A code is an index into the labels; one past them is "no value", one more the group of all classes
that have no colour of their own. What a person changes is a `ClassLook`; the data stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.panels.class_order import natural, orders_of
from backends.arrays import Rows
from backends.corpora.columns import Categories
from backends.raster.colour import Codes, class_codes
from backends.raster.palette import (
    MOST_COLOURS,
    NONE,
    OTHER,
    OWN,
    Table,
    class_entries,
    class_palette,
)

Order = Literal["count", "name", "value", "hand"]
ORDERS: tuple[Order, ...] = ("count", "name", "value", "hand")


@dataclass(frozen=True)
class ClassLook:
    """How a person wants classes to look, by code."""

    colours: Mapping[int, str] = field(default_factory=dict)  # "#RRGGBB"
    names: Mapping[int, str] = field(default_factory=dict)
    order: Order = "count"
    hand: tuple[int, ...] = ()  # classes in an order made by hand


@dataclass(frozen=True, eq=False)
class ByClass:
    """Colour by classes, the largest first; some may be hidden."""

    column: str
    categories: Categories
    hidden: frozenset[int] = frozenset()
    look: ClassLook = ClassLook()

    @property
    def none(self) -> int:
        """Code of items without a value."""
        return len(self.categories.labels)

    @property
    def other(self) -> int:
        """Code of the group of classes without a colour of their own."""
        return self.none + 1

    @property
    def missing(self) -> int:
        """How many items have no value."""
        return len(self.categories.codes) - int(self.categories.counts.sum())

    @cached_property
    def codes(self) -> tuple[int, ...]:
        """All classes, largest first, and "no value" last if an item has none."""
        return tuple(range(self.none + (1 if self.missing else 0)))

    @cached_property
    def own(self) -> tuple[int, ...]:
        """Classes beyond the named colours that have one chosen by hand, ascending."""
        return tuple(sorted(c for c in self.look.colours if MOST_COLOURS <= c < self.none))

    @cached_property
    def named(self) -> tuple[int, ...]:
        """Classes with a colour of their own, in the order chosen."""
        codes = np.array([*range(min(self.none, MOST_COLOURS)), *self.own], np.int64)
        if self.look.order == "hand":
            place = {code: at for at, code in enumerate(self.look.hand)}
            return tuple(sorted(codes.tolist(), key=lambda c: (place.get(c, len(place)), c)))
        if self.look.order == "name":
            called = {code: natural(self.label(code).casefold()) for code in codes.tolist()}
            return tuple(sorted(called, key=called.__getitem__))
        return tuple(self._ordered(codes).tolist())

    @cached_property
    def members(self) -> NDArray[np.int64]:
        """Classes that share "other", in the order chosen (by count, if that is by hand)."""
        codes = np.arange(min(self.none, MOST_COLOURS), self.none)
        if self.own:
            codes = np.setdiff1d(codes, np.array(self.own), assume_unique=True)
        return self._ordered(codes)

    @property
    def can_order_by_value(self) -> bool:
        """Whether all names are numbers, or all dates."""
        return orders_of(self.categories).by_value is not None

    @property
    def style(self) -> tuple[Any, ...]:
        """What a person can change of it, without the data."""
        return self.hidden, self.look

    def styled(self, style: tuple[Any, ...]) -> ByClass:
        """Return the same classes in another style."""
        return replace(self, hidden=style[0], look=style[1])

    def label(self, code: int) -> str:
        """What a class is called in the legend."""
        name = self.look.names.get(code)
        return name if name is not None else self.given_label(code)

    def given_label(self, code: int) -> str:
        """What a class is called in the data."""
        if code == self.other:
            return "1 other" if len(self.members) == 1 else f"{len(self.members):,} others"
        return "no value" if code == self.none else self.categories.labels[code]

    def new_name_of(self, row: int) -> str | None:
        """What an item's class is called by hand, None if by its name in the data."""
        if not self.look.names or not 0 <= row < len(self.categories.codes):
            return None
        code = int(self.categories.codes[row])
        return self.look.names.get(self.none if code < 0 else code)

    def count(self, code: int) -> int:
        """How many items belong to a class."""
        if code == self.other:
            return int(self.categories.counts[self.members].sum())
        return self.missing if code == self.none else int(self.categories.counts[code])

    def counts_within(self, rows: Rows) -> NDArray[np.int64]:
        """How many of some items belong to each class, to none and to "other": (labels + 2,)."""
        codes = self.categories.codes[rows]
        found = np.bincount(np.where(codes < 0, self.none, codes), minlength=self.none + 2)
        found[self.other] = found[self.members].sum()
        return found

    def classes_of(self, code: int) -> frozenset[int]:
        """The classes that a code stands for: itself, or those of "other"."""
        return frozenset(self.members.tolist()) if code == self.other else frozenset({code})

    def shown_share(self, code: int) -> float:
        """Which share of the classes of a code is shown: 0, 1, or between them for "other"."""
        if code != self.other:
            return float(code not in self.hidden)
        if not self.hidden:
            return 1.0
        return float(1 - np.count_nonzero(self._is_hidden[self.members]) / len(self.members))

    def entry(self, code: int) -> int:
        """The entry of a class in the palette."""
        if code in (self.none, self.other):
            return NONE if code == self.none else OTHER
        if code < MOST_COLOURS:
            return code
        return OWN + self.own.index(code) if code in self.look.colours else OTHER

    def palette(self, *, dark: bool) -> Table:
        """Colours of the palette's entries."""
        chosen = {self.entry(code): text for code, text in self.look.colours.items()}
        return class_palette(chosen, dark=dark)

    def entries(self) -> Codes:
        """Entry of each item's class, (n,); `GONE` where it is hidden."""
        table = class_entries(self.none, self.own, self.hidden)
        return class_codes(self.categories.codes, table)

    def find(self, words: str) -> NDArray[np.int64]:
        """Classes whose name, given or displayed, holds some words: named ones first."""
        wanted = words.casefold().strip()
        folded = orders_of(self.categories).folded
        found = {code for code, text in enumerate(folded) if wanted in text}
        for code, name in self.look.names.items():
            if code < self.none and wanted in name.casefold():
                found.add(code)
        first = [code for code in self.named if code in found]
        rest = self.members[np.isin(self.members, np.fromiter(found, np.int64, len(found)))]
        return np.concatenate([np.array(first, np.int64), rest])

    @cached_property
    def _is_hidden(self) -> NDArray[np.bool_]:
        mask = np.zeros(self.none + 2, np.bool_)
        mask[np.fromiter(self.hidden, np.int64, len(self.hidden))] = True
        return mask

    def _ordered(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        order = self.look.order
        if order not in ("name", "value"):
            return codes
        orders = orders_of(self.categories)
        ranks = orders.by_value if order == "value" else orders.by_name
        return codes if ranks is None else codes[np.argsort(ranks[codes], kind="stable")]
