"""A selection is a description resolved to rows: the rows count, the description says why.

Descriptions are plain data (`{"kind": "lasso", ...}`), so that a recipe and a project can store
them. Undo texts and exports speak in their words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Mask, Rows, frozen

Mode = Literal["replace", "add", "subtract", "intersect"]
# On masks, not by np.union1d and its kin: a million rows take 3 ms instead of a second.
_MASKS: dict[str, Callable[[Mask, Mask], Mask]] = {
    "add": lambda old, new: old | new,
    "subtract": lambda old, new: old & ~new,
    "intersect": lambda old, new: old & new,
}
_WORDS = {"add": "plus", "subtract": "without", "intersect": "within"}
STEPS_KEPT = 50  # a person may add lassos all day: words and JSON must not nest without end


@dataclass(frozen=True, eq=False)
class Selection:
    """Some rows of a corpus, ascending and without repetition, and how they were found."""

    rows: Rows  # (k,) ascending
    words: str  # "lasso", "where year > 2000", "lasso plus 20 nearest to row 5"
    description: Mapping[str, Any] = field(default_factory=dict)  # plain JSON

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Selection) and np.array_equal(self.rows, other.rows)

    def __hash__(self) -> int:
        return hash((len(self.rows), self.rows[:8].tobytes()))

    def mask(self, n: int) -> Mask:
        """Membership of each of n rows, (n,) bool."""
        mask = np.zeros(n, dtype=np.bool_)
        mask[self.rows] = True
        return mask


def _ascending(rows: Rows) -> Rows:
    """Sort rows and drop repetitions; np.unique would hash a million that are sorted already."""
    if not (rows[1:] > rows[:-1]).all():
        rows = np.sort(rows)
        rows = rows[np.concatenate(([True], rows[1:] != rows[:-1]))]
    return rows


def select(rows: Iterable[int] | NDArray[Any], words: str, **description: Any) -> Selection:
    """Make a selection of rows in any order, or of a mask; `description` has at least `kind`."""
    if isinstance(rows, range):
        rows = np.arange(rows.start, rows.stop, rows.step)  # not number by number
    given = rows if isinstance(rows, np.ndarray) else np.fromiter(rows, dtype=np.int64)
    if given.dtype == np.bool_:
        given = np.flatnonzero(given)
    return Selection(frozen(_ascending(given.astype(np.int64))), words, description)


NOTHING = select((), "nothing", kind="nothing")


def combine(old: Selection, new: Selection, mode: Mode) -> Selection:
    """Bring a new selection together with the old one; words and descriptions of both are kept.

    Of a chain longer than `STEPS_KEPT` only its last part: `{"kind": "earlier steps", "rows": k}`
    stands for what came before.
    """
    if mode == "replace" or (mode == "add" and not len(old)):
        return new
    n = 1 + max((int(one.rows[-1]) for one in (old, new) if len(one)), default=-1)
    rows = np.flatnonzero(_MASKS[mode](old.mask(n), new.mask(n))).astype(np.int64, copy=False)
    left, right = shortened(old), shortened(new)
    description = {"kind": mode, "left": left.description, "right": right.description}
    return Selection(frozen(rows), f"{left.words} {_WORDS[mode]} {right.words}", description)


def invert(selection: Selection, n: int) -> Selection:
    """The other rows of n."""
    rows = np.flatnonzero(~selection.mask(n)).astype(np.int64, copy=False)
    inner = shortened(selection)
    words = f"all but {inner.words}" if len(selection) else "all rows"
    return Selection(frozen(rows), words, {"kind": "not", "of": inner.description})


def shortened(selection: Selection) -> Selection:
    """The same rows, with few words and a short description if they came about in many steps."""
    description = dict(selection.description)
    if _steps(description) >= STEPS_KEPT:
        words = f"{len(selection)} rows of earlier steps"
        description = {"kind": "earlier steps", "rows": len(selection)}
        return Selection(selection.rows, words, description)
    return Selection(selection.rows, selection.words, description)


def _steps(description: Mapping[str, Any]) -> int:
    inner = [description[key] for key in ("left", "right", "of") if key in description]
    return 1 + sum(_steps(part) for part in inner if isinstance(part, Mapping))
