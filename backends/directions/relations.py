"""Relations between items: named lists of (head, tail) pairs, as rows of the corpus.

Where their names come from is `relation_files` and `relation_names`; what they say of vectors is
`relation_offsets` (one offset for all pairs), `relation_scorers` (ways to guess a tail) and
`relation_study` (how well these guess pairs that they have not seen).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, frozen, unit_rows
from backends.directions.terms import Lost
from backends.types import Embeddings

BY_ROW = "#"  # names are numbers of rows, the first is 0
DEFAULT_NAME = "related"  # of a relation that nobody named
Origin = Literal["file", "column", "typed"]
ORIGINS: tuple[Origin, ...] = ("file", "column", "typed")


@dataclass(frozen=True, eq=False)
class Triples:
    """What somebody wrote down: head, relation and tail by name, not yet looked up."""

    heads: tuple[str, ...]
    names: tuple[str, ...]  # of the relations
    tails: tuple[str, ...]
    lost: tuple[Lost, ...] = ()  # lines that are no triples
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.heads)


@dataclass(frozen=True, eq=False)
class Relation:
    """Pairs of different items; no pair comes twice."""

    name: str
    heads: Rows  # (p,) rows of the corpus
    tails: Rows  # (p,)

    def __len__(self) -> int:
        return len(self.heads)

    @cached_property
    def mutual(self) -> int:
        """Number of pairs that are also there the other way round."""
        if not len(self):
            return 0
        span = 1 + int(max(self.heads.max(), self.tails.max()))
        there, back = self.heads * span + self.tails, self.tails * span + self.heads
        return int(np.isin(back, there).sum())

    def at(self, which: NDArray[Any]) -> Relation:
        """Some of the pairs, by position or mask."""
        return Relation(self.name, frozen(self.heads[which]), frozen(self.tails[which]))

    def reversed(self) -> Relation:
        """The same pairs from tail to head."""
        return Relation(self.name, self.tails, self.heads)


@dataclass(frozen=True, eq=False)
class Relations:
    """Relations that were found among the items, and what was not."""

    relations: tuple[Relation, ...]  # in the order in which they were named
    named_by: str  # column that names were looked up in, or `BY_ROW`
    lost: tuple[Lost, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def how(self) -> str:
        """In a few words, how names were taken."""
        if self.named_by == BY_ROW:
            return "names are row numbers, the first is 0"
        return f"names are looked up in the column “{self.named_by}”"

    @property
    def pairs(self) -> int:
        """Number of pairs of all relations."""
        return sum(map(len, self.relations))


@dataclass(frozen=True, slots=True)
class TripleSource:
    """Where triples come from, as plain data that a project keeps."""

    origin: Origin
    path: str = ""  # of a file
    column: str = ""  # whose cells name other items
    text: str = ""  # what was typed or pasted
    name: str = ""  # of the relation where nothing else names it
    by: str = ""  # column that names refer to, `BY_ROW`, or "" to find out

    def as_json(self) -> dict[str, str]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> TripleSource:
        """The inverse of `as_json`. Raises: LookupError, TypeError, ValueError."""
        if told["origin"] not in ORIGINS:
            raise ValueError(told["origin"])
        fields = ("path", "column", "text", "name", "by")
        return cls(told["origin"], *(str(told.get(field, "")) for field in fields))


def units_of(embeddings: Embeddings, rows: Rows) -> Matrix:
    """Vectors of some rows at length 1, (p, d); a copy."""
    return unit_rows(np.asarray(embeddings.vectors[rows], dtype=np.float32))
