"""The seam of erasers: what is known before, what one does to vectors, how it went.

All work on vectors of unit length, because everything here compares by cosine. Neutralise,
equalise, hard and soft change where a vector points and give it the length back that it had, which
in word vectors tells of frequency. INLP and LEACE leave the lengths that they leave, for what they
promise holds for exactly those vectors. Rows that nothing is done to stay bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, frozen, unit_rows
from backends.registry import Spec
from backends.types import Embeddings

if TYPE_CHECKING:
    from backends.reporting import Report

BLOCK_VALUES = 1 << 22  # values of a block of vectors
EMPTY = frozen(np.empty(0, dtype=np.int64))
NOTHING_LEFT = 1e-6  # length of a unit vector after a map, below which only rounding is left


@dataclass(frozen=True, eq=False)
class Labelled:
    """Rows of two groups, apart by chance: some to learn from, the rest to judge by."""

    titles: tuple[str, str]
    rows: Rows  # (m,)
    sides: Rows  # (m,) 0 or 1
    training: Rows  # positions in `rows`, ascending
    held_out: Rows  # the other positions
    how: str  # where the labels are from, in words

    def part(self, embeddings: Embeddings, at: Rows) -> tuple[Matrix, Rows]:
        """Unit vectors and sides of some positions, (p, d) and (p,)."""
        rows = self.rows[at]
        return unit_rows(np.asarray(embeddings.vectors[rows], np.float32)), self.sides[at]


@dataclass(frozen=True, eq=False)
class Task:
    """What an eraser works with."""

    embeddings: Embeddings
    basis: Matrix  # (k, d) orthonormal; the direction, or the subspace
    kept: Rows = field(default_factory=lambda: EMPTY)  # rows that carry it by definition
    pairs: Rows = field(default_factory=lambda: np.empty((0, 2), np.int64))  # (p, 2) to equalise
    labelled: Labelled | None = None  # for erasers that learn from two groups

    @property
    def specific(self) -> Rows:
        """Rows that are not neutral, ascending: those kept and those of pairs."""
        return merged(np.concatenate([self.kept, self.pairs.ravel()]))


@dataclass(frozen=True, eq=False)
class Affine:
    """A map of unit vectors: x @ matrix + offset, then at unit length again if so wanted."""

    matrix: Matrix  # (d, d) float32
    offset: Matrix  # (d,)
    to_units: bool

    def __call__(self, units: Matrix) -> Matrix:
        """Map rows of unit length, (b, d); what lies wholly along the axis becomes zero."""
        mapped = units @ self.matrix  # (b, d)
        mapped += self.offset
        if not self.to_units:
            return np.asarray(mapped, np.float32)
        lengths = np.sqrt(np.einsum("bd,bd->b", mapped, mapped))[:, None]  # (b, 1)
        gone = lengths < NOTHING_LEFT
        np.divide(mapped, lengths, out=mapped, where=~gone)
        mapped[gone[:, 0]] = 0.0
        return np.asarray(mapped, np.float32)


@dataclass(frozen=True, eq=False)
class Erasure:
    """What becomes of every vector: one map for most, and rows of their own."""

    affine: Affine | None  # None leaves the rows as they are
    kept: Rows  # rows that the map leaves alone, ascending
    rows: Rows  # (r,) rows with vectors of their own, ascending
    values: Matrix  # (r, d) their new vectors at unit length
    rank: int  # dimensions that the map took away
    history: tuple[float, ...] = ()  # loss by step, or accuracy by round
    notes: tuple[str, ...] = ()

    def apply(self, embeddings: Embeddings, rows: slice) -> Matrix:
        """The changed vectors of a range of rows, (b, d) float32; zero where there is none."""
        return self.of_rows(embeddings, np.arange(rows.start, rows.stop, dtype=np.int64), rows)

    def of_rows(self, embeddings: Embeddings, rows: Rows, at: slice | None = None) -> Matrix:
        """The changed vectors of some rows in any order, (r, d); `at` is the same as a slice."""
        raw = np.asarray(embeddings.vectors[rows if at is None else at], dtype=np.float32)
        changed = raw.copy() if self.affine is None else self._mapped(raw, self.affine)
        kept = _where(self.kept, rows)
        changed[kept] = raw[kept]
        own = np.flatnonzero(_where(self.rows, rows))
        lengths = _lengths(raw[own], unit_rows(raw[own]))
        changed[own] = self.values[np.searchsorted(self.rows, rows[own])] * lengths
        changed[~embeddings.present[rows if at is None else at]] = 0.0
        return changed

    def _mapped(self, raw: Matrix, affine: Affine) -> Matrix:
        units = unit_rows(raw)  # (b, d)
        changed = affine(units)
        if affine.to_units:
            changed *= _lengths(raw, units)
        return changed


def _where(some: Rows, rows: Rows) -> NDArray[np.bool_]:
    """Which of `rows` are among ascending ones, (r,)."""
    if not len(some):
        return np.zeros(len(rows), dtype=np.bool_)
    places = np.minimum(np.searchsorted(some, rows), len(some) - 1)
    return np.asarray(some[places] == rows)


def _lengths(raw: Matrix, units: Matrix) -> Matrix:
    """Lengths of rows, (b, 1); their squares would leave float32's range sooner than these."""
    return np.asarray(np.einsum("bd,bd->b", raw, units)[:, None], np.float32)


@dataclass(frozen=True)
class EraserSpec(Spec):
    """A way to erase; `load()` returns `fit(task, params, report) -> Erasure`."""

    keeps: bool = False  # whether specific items stay as they are, or only do not count as neutral
    takes_pairs: bool = False  # whether pairs are equalised
    needs_pairs: bool = False
    needs_labels: bool = False
    limits: str = ""  # one sentence: what it does not do


Fit = Callable[[Task, Any, "Report"], Erasure]


def blocks_of(embeddings: Embeddings) -> list[slice]:
    """Ranges of rows that fit into memory many times."""
    return list(batches(len(embeddings), max(1, BLOCK_VALUES // embeddings.dim)))


def merged(kept: Rows) -> Rows:
    """Rows ascending, each once."""
    return frozen(np.unique(np.asarray(kept, dtype=np.int64)))
