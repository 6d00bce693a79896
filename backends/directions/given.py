"""What a person gives to find a direction from: one frozen dataclass a source, and back from JSON.

Whatever is given is kept in the recipe of the direction, so that it can be found again.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from backends.arrays import Rows
from backends.selection import Selection, select

Pair = tuple[str, str]  # (negative, positive)
LISTED_ROWS = 1_000  # rows that a recipe lists one by one; of more it keeps a packed mask
TERMS_SAID = 3  # of a side, in its name


@dataclass(frozen=True)
class PairsGiven:
    """Defining pairs, as she and he; the sides have names or are called by their first terms."""

    pairs: tuple[Pair, ...]
    negative_name: str = ""
    positive_name: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data for a recipe."""
        return _sides(self, pairs=[list(pair) for pair in self.pairs])

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> PairsGiven:
        """The inverse of `as_json`. Raises: LookupError, TypeError, ValueError."""
        return cls(_pairs(told["pairs"]), *_names(told))


@dataclass(frozen=True)
class _SidesGiven:
    """Two lists of words or texts."""

    negative: tuple[str, ...]
    positive: tuple[str, ...]
    negative_name: str = ""
    positive_name: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data for a recipe."""
        return _sides(self, negative=list(self.negative), positive=list(self.positive))

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """The inverse of `as_json`. Raises: LookupError, TypeError, ValueError."""
        return cls(_terms(told["negative"]), _terms(told["positive"]), *_names(told))


@dataclass(frozen=True)
class SetsGiven(_SidesGiven):
    """Two lists of terms."""


@dataclass(frozen=True)
class PromptsGiven(_SidesGiven):
    """Two texts, or two groups of texts, that are encoded as they stand, without a template."""


@dataclass(frozen=True)
class SelectionsGiven:
    """Two selections of items; None stands for all items that are not in the other."""

    negative: Selection | None
    positive: Selection | None
    negative_name: str = ""
    positive_name: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data for a recipe, with the rows."""
        return _sides(
            self, negative=_selection_json(self.negative), positive=_selection_json(self.positive)
        )

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> SelectionsGiven:
        """The inverse of `as_json`. Raises: LookupError, TypeError, ValueError."""
        return cls(_selection(told["negative"]), _selection(told["positive"]), *_names(told))


@dataclass(frozen=True)
class ColumnGiven:
    """A category of a column against another; None stands for all items of other categories."""

    column: str
    negative: str | None
    positive: str | None

    def as_json(self) -> dict[str, Any]:
        """Plain data for a recipe."""
        return {"column": self.column, "negative": self.negative, "positive": self.positive}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> ColumnGiven:
        """The inverse of `as_json`. Raises: LookupError, TypeError, ValueError."""
        low, high = told["negative"], told["positive"]
        return cls(
            str(told["column"]),
            None if low is None else str(low),
            None if high is None else str(high),
        )


@dataclass(frozen=True)
class RelationGiven:
    """A relation between items: (head, tail) pairs; it leads from heads to tails."""

    name: str
    pairs: tuple[Pair, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data for a recipe."""
        return {"name": self.name, "pairs": [list(pair) for pair in self.pairs]}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> RelationGiven:
        """The inverse of `as_json`. Raises: LookupError, TypeError, ValueError."""
        return cls(str(told["name"]), _pairs(told["pairs"]))


Given = PairsGiven | SetsGiven | PromptsGiven | SelectionsGiven | ColumnGiven | RelationGiven


def called(name: str, terms: Sequence[str]) -> str:
    """What a side is called: its name, or its first terms."""
    if name.strip():
        return " ".join(name.split())
    shown = ", ".join(" ".join(term.split()) for term in terms[:TERMS_SAID])
    return shown + (", …" if len(terms) > TERMS_SAID else "")


def _sides(given: Any, **more: Any) -> dict[str, Any]:
    return {**more, "names": [given.negative_name, given.positive_name]}


def _names(told: Mapping[str, Any]) -> tuple[str, str]:
    low, high = told["names"]
    return str(low), str(high)


def _terms(told: Any) -> tuple[str, ...]:
    return tuple(str(term) for term in told)


def _pairs(told: Any) -> tuple[Pair, ...]:
    return tuple((str(low), str(high)) for low, high in told)


def _selection_json(selection: Selection | None) -> dict[str, Any] | None:
    if selection is None:
        return None
    return {
        "words": selection.words,
        "description": dict(selection.description),
        "rows": rows_as_json(selection.rows),
    }


def _selection(told: Mapping[str, Any] | None) -> Selection | None:
    if told is None:
        return None
    made = select(rows_from_json(told["rows"]), str(told["words"]))
    return Selection(made.rows, made.words, dict(told["description"]))


def rows_as_json(rows: Rows) -> list[int] | str:
    """Ascending rows as plain data: a list, or of many a packed bit a row, in base64."""
    if len(rows) <= LISTED_ROWS:
        return [int(row) for row in rows]
    mask = np.zeros(int(rows[-1]) + 1, dtype=np.bool_)
    mask[rows] = True
    return base64.b64encode(zlib.compress(np.packbits(mask).tobytes(), 6)).decode("ascii")


def rows_from_json(told: list[int] | str) -> Rows:
    """The inverse of `rows_as_json`. Raises: TypeError, ValueError."""
    if not isinstance(told, str):
        return np.array(told, dtype=np.int64)
    try:
        packed = zlib.decompress(base64.b64decode(told, validate=True))
    except zlib.error as error:
        raise ValueError("damaged rows") from error
    mask = np.unpackbits(np.frombuffer(packed, dtype=np.uint8))
    return np.flatnonzero(mask).astype(np.int64, copy=False)
