"""What is searched for: a weighted mixture of rows and vectors, resolved to one direction.

A new kind of term (a text, a direction, a group) is a new class with a `vector` method; search and
panels know only `Query`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from backends.arrays import Matrix, as_matrix, frozen, unit_rows
from backends.errors import BackendError, UnusableVectors
from backends.types import Embeddings

Mode = Literal["nearest", "farthest"]


class Term(Protocol):
    """One part of a query."""

    @property
    def weight(self) -> float:
        """How much it counts; a negative weight leads away from it."""

    def vector(self, embeddings: Embeddings) -> Matrix:
        """Its direction among these embeddings, (d,) unit length. Raises: BackendError."""


@dataclass(frozen=True, slots=True)
class RowTerm:
    """The direction of a row."""

    row: int
    weight: float = 1.0

    def vector(self, embeddings: Embeddings) -> Matrix:
        """(d,) unit length. Raises: BackendError if there is no such row or it has no vector."""
        if not 0 <= self.row < len(embeddings):
            raise BackendError(
                f"There is no row {self.row}: the corpus has {len(embeddings)} rows.",
                hint=f"Choose a row from 0 to {len(embeddings) - 1}.",
            )
        if not embeddings.present[self.row]:
            raise BackendError(
                f"Row {self.row} has no vector, so it has no neighbours.",
                hint="Its text is empty, its vector is unusable, or it is not embedded yet.",
            )
        return _unit(embeddings.vectors[self.row])


@dataclass(frozen=True, eq=False, slots=True)
class VectorTerm:
    """A direction given as a vector, for instance an encoded text."""

    values: Matrix  # (d,), any length but zero
    weight: float = 1.0

    def vector(self, embeddings: Embeddings) -> Matrix:
        """(d,) unit length. Raises: UnusableVectors for another d, NaN, infinity or zero."""
        if self.values.shape != (embeddings.dim,):
            raise UnusableVectors(
                f"The query has the shape {self.values.shape}, "
                f"but the vectors have {embeddings.dim} dimensions.",
                hint="Make both with the same encoder.",
            )
        return _unit(self.values)


@dataclass(frozen=True, eq=False)
class Query:
    """A mixture of terms, what to find for it, and rows that are no answer."""

    terms: tuple[Term, ...]
    title: str
    mode: Mode = "nearest"
    excluded: frozenset[int] = frozenset()  # beside the rows among the terms

    @property
    def rows(self) -> frozenset[int]:
        """Rows that never are among the hits: those asked about, and those excluded."""
        return self.excluded | {term.row for term in self.terms if isinstance(term, RowTerm)}

    @property
    def row(self) -> int | None:
        """The row asked about, if the query is one row and nothing else."""
        if len(self.terms) == 1 and isinstance(self.terms[0], RowTerm):
            return self.terms[0].row
        return None

    def direction(self, embeddings: Embeddings) -> Matrix:
        """Return the weighted sum of the terms' directions, (d,) float32 of unit length.

        Raises: BackendError if a term cannot be resolved, or if the terms cancel out.
        """
        if not self.terms:
            raise BackendError("The query is empty.", hint="Choose an item or type a text.")
        total = np.zeros(embeddings.dim, dtype=np.float64)
        for term in self.terms:
            total += term.weight * term.vector(embeddings).astype(np.float64)
        if np.linalg.norm(total) <= 1e-6 * sum(abs(term.weight) for term in self.terms):
            raise BackendError(
                "The parts of the query cancel each other out, so it has no direction.",
                hint="Take other items or other weights.",
            )
        return _unit(total / np.linalg.norm(total))


def row_query(embeddings: Embeddings, row: int, title: str = "") -> Query:
    """Ask for neighbours of a row. Raises: BackendError if it has no vector."""
    term = RowTerm(int(row))
    term.vector(embeddings)
    return Query((term,), title or f"row {row}")


def vector_query(vector: Matrix, title: str = "vector") -> Query:
    """Ask for neighbours of a vector of any length, (d,) or (1, d).

    Raises: UnusableVectors if it is no list of numbers.
    """
    return Query((VectorTerm(frozen(as_matrix(np.array(vector).reshape(1, -1))[0])),), title)


def _unit(values: Matrix) -> Matrix:
    direction = unit_rows(np.asarray(values, dtype=np.float32)[None, :])[0]  # (d,)
    if not direction.any():
        wrong = "is zero" if np.isfinite(values).all() else "holds NaN or infinity"
        raise UnusableVectors(
            f"The query vector {wrong}, so it has no direction.",
            hint="Take a vector of finite numbers that are not all zero.",
        )
    return frozen(direction)
