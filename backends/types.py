"""What crosses a boundary: frozen dataclasses with read-only arrays that say how they were made.

Everything is indexed by corpus row: `vectors[i]`, `layout[i]` and `table` row i are the same item.
A row that has no vector (empty text, NaN, not yet embedded) is False in `Embeddings.present` and
NaN in `Projection.layout`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backends import fingerprint
from backends.arrays import plane_of

if TYPE_CHECKING:
    import pyarrow as pa

    from backends.arrays import Mask, Matrix, Rows

BASE = "base"  # parameter of what is made of other vectors ("compress", "truncate"): their recipe


@dataclass(frozen=True, eq=False)
class MadeBy:
    """How a result came about. Two results with equal fingerprints are the same result."""

    operation: str  # "read", "embed", "project"
    inputs: tuple[str, ...] = ()  # fingerprints of what went in
    params: Mapping[str, Any] = field(default_factory=dict)  # plain JSON
    versions: Mapping[str, str] = field(default_factory=dict)  # of the libraries that decide it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MadeBy) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @cached_property
    def fingerprint(self) -> str:
        """Name of the result, 32 hexadecimal digits."""
        return fingerprint.of_json(self.as_json())

    @property
    def origin(self) -> MadeBy:
        """Recipe of the vectors before any compression, which says how a query is encoded."""
        origin = self
        while (base := origin.base) is not None:
            origin = base
        return origin

    @property
    def base(self) -> MadeBy | None:
        """Recipe of the vectors that these were compressed or cut from; None if of none."""
        return MadeBy.from_json(self.params[BASE]) if BASE in self.params else None

    def as_json(self) -> dict[str, Any]:
        """Plain data, as a recipe or a project stores it."""
        return {
            "operation": self.operation,
            "inputs": list(self.inputs),
            "params": dict(self.params),
            "versions": dict(self.versions),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> MadeBy:
        """The inverse of `as_json`. Raises: KeyError, TypeError."""
        return cls(
            str(value["operation"]),
            tuple(str(item) for item in value["inputs"]),
            dict(value["params"]),
            dict(value["versions"]),
        )


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column plays which part; None where no column does."""

    text: str | None = None
    vectors: str | None = None
    id: str | None = None


@dataclass(frozen=True, eq=False)
class Corpus:
    """Items in the order of their source: a table mapped from the cache, and its columns' roles.

    Compared by identity of content: `fingerprint`, not by value.
    """

    table: pa.Table  # (n rows), without the vector column; computed columns stand last
    roles: Roles
    title: str
    sources: tuple[Path, ...]
    made_by: MadeBy  # its fingerprint names the content of the table
    notes: tuple[str, ...] = ()  # what reading changed or left out, one sentence each
    vectors: Embeddings | None = None  # finished vectors that came with the source
    computed: Mapping[str, MadeBy] = field(default_factory=dict)  # columns made here, in order

    @property
    def fingerprint(self) -> str:
        """Name of the content, the same for the same table wherever it was read from."""
        return self.made_by.fingerprint

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in the order of the source, then of the computed ones."""
        return tuple(self.table.column_names)

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Names of the columns that came with the source."""
        return self.columns[: len(self.columns) - len(self.computed)]

    @property
    def source_table(self) -> pa.Table:
        """The table as it was read, which the fingerprint names; a view."""
        return self.table.select(list(self.source_columns)) if self.computed else self.table

    def with_roles(self, **changes: str | None) -> Corpus:
        """Return the same items with other roles, as `with_roles(id="isbn")`."""
        return replace(self, roles=replace(self.roles, **changes))


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Vectors of a corpus, (n, d) float32, usually mapped; rows not `present` hold zeros."""

    vectors: Matrix  # (n, d), as the encoder or the file gave them
    present: Mask  # (n,) rows that have a usable vector
    encoder: str  # registry id, or "file" for vectors that came finished
    title: str
    made_by: MadeBy
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Name of the result."""
        return self.made_by.fingerprint

    @property
    def dim(self) -> int:
        """Number of dimensions d."""
        return int(self.vectors.shape[1])

    @cached_property
    def count(self) -> int:
        """How many rows have a vector."""
        return int(self.present.sum())

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """How far a layout can be trusted, measured on a sample against the vectors by cosine.

    `trustworthiness` in 0..1 (Venna and Kaski 2001): 1 if no map neighbour is a stranger in the
    vectors.
    `neighbour_recall` in 0..1: share of the k true neighbours that are among the k nearest on the
    map.
    """

    trustworthiness: float
    neighbour_recall: float
    k: int
    sample: int  # rows it was measured on


@dataclass(frozen=True, eq=False)
class Projection:
    """A layout, float32, centred on 0; NaN where a row has no vector."""

    layout: Matrix  # (n, 2), or (n, 3) in space: x to the right, y up, z towards the eye
    method: str  # registry id
    title: str
    made_by: MadeBy  # inputs[0] is the fingerprint of the embeddings
    finished: bool = True  # False for the last picture of a stopped run
    faithfulness: Faithfulness | None = None
    stages: Mapping[str, float] = field(default_factory=dict)  # seconds by stage
    notes: tuple[str, ...] = ()  # what a person should know, one sentence each

    @property
    def fingerprint(self) -> str:
        """Name of the result."""
        return self.made_by.fingerprint

    @property
    def embeddings(self) -> str:
        """Fingerprint of the embeddings that it lays out."""
        return self.made_by.inputs[0]

    @property
    def dims(self) -> int:
        """2 for a map, 3 for a space."""
        return int(self.layout.shape[1])

    @cached_property
    def plane(self) -> Matrix:
        """The layout as it is seen from the front, (n, 2); of a map, the layout itself."""
        return plane_of(self.layout)

    def __len__(self) -> int:
        return len(self.layout)


@dataclass(frozen=True, eq=False, slots=True)
class Hits:
    """Neighbours of a query, nearest first; `similarities` are cosines in -1..1."""

    rows: Rows  # (k,)
    similarities: Matrix  # (k,)
    title: str  # what was asked, for a heading
    embeddings: str  # fingerprint of the embeddings that were searched
    row: int | None = None  # the item asked about, if it was one
    seconds: float = 0.0

    def __len__(self) -> int:
        return len(self.rows)
