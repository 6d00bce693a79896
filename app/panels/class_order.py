"""In which order classes can be listed: by name as people count, or by the value of a name.

Made once per column in the background and remembered with its categories.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from backends.arrays import frozen
from backends.corpora.columns import Categories

Ranks = NDArray[np.int32]
_DIGITS = re.compile(r"\d+")
_WIDTH = 20  # longer numbers are compared letter by letter
_DATE = re.compile(r"\d{4}-\d\d")


@dataclass(frozen=True, eq=False)
class ClassOrders:
    """The place of each class in an order, (labels,); folded names to search in."""

    by_name: Ranks
    by_value: Ranks | None  # None if the names are neither numbers nor dates
    folded: Sequence[str]


_orders: WeakKeyDictionary[Categories, ClassOrders] = WeakKeyDictionary()


def orders_of(categories: Categories) -> ClassOrders:
    """Work the orders out, or find them again for the same categories."""
    if categories not in _orders:
        folded = tuple(label.casefold() for label in categories.labels)
        values = _values(categories.labels)
        _orders[categories] = ClassOrders(
            _ranks(_sorted_names([natural(label) for label in folded])),
            _ranks(np.argsort(values, kind="stable")) if values is not None else None,
            folded,
        )
    return _orders[categories]


def natural(folded: str) -> str:
    """A key that puts "class 2" before "class 10"."""
    return _DIGITS.sub(lambda found: found[0].lstrip("0").rjust(_WIDTH, "0"), folded)


def _values(labels: Sequence[str]) -> list[float] | None:
    for read in (_number, _moment):
        values: list[float] = []
        for label in labels:
            value = read(label)
            if value is None:
                break
            values.append(value)
        if values and len(values) == len(labels):
            return values
    return None


def _number(label: str) -> float | None:
    try:
        value = float(label)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _moment(label: str) -> float | None:
    if not _DATE.match(label):
        return None
    text = f"{label}-01" if len(label) == 7 else label
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _sorted_names(keys: Sequence[str]) -> NDArray[np.int64]:
    """Order of the keys; arrow sorts without holding the interpreter."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return np.asarray(pc.array_sort_indices(pa.array(keys, pa.large_string())), np.int64)


def _ranks(order: NDArray[np.int64]) -> Ranks:
    ranks = np.empty(len(order), np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return frozen(ranks)
