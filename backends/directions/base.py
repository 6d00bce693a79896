"""The seam of directions: where examples come from, how a direction is found from them, what it is.

A source turns what a person gives (pairs, lists, selections, a column, ...) into `Examples`; a
method turns examples into orthonormal rows and the evidence for them. Both are rows of a registry
(`registry.py`), so every method serves every source that has what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.arrays import Matrix, Rows, frozen, unit_rows
from backends.directions.terms import Lost, TermSource
from backends.registry import Spec
from backends.types import Corpus, Embeddings, MadeBy

if TYPE_CHECKING:
    from backends.reporting import Report

NO_ROWS = frozen(np.empty(0, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Space:
    """Where directions are looked for: vectors of a corpus, and how terms get vectors there."""

    corpus: Corpus
    embeddings: Embeddings
    terms: TermSource


@dataclass(frozen=True, eq=False)
class Group:
    """One side of the examples: terms with their vectors, or rows of the corpus."""

    title: str
    vectors: Matrix | None = None  # (t, d) unit length, of `terms`; None for rows
    terms: tuple[str, ...] = ()
    rows: Rows = field(default_factory=lambda: NO_ROWS)  # ascending, if `vectors` is None

    def __len__(self) -> int:
        return len(self.rows) if self.vectors is None else len(self.vectors)

    def sample(self, embeddings: Embeddings, most: int, seed: int = 0) -> Matrix:
        """Unit vectors of at most `most` members chosen by chance, (m, d), in their order."""
        at = np.arange(len(self))
        if len(at) > most:
            at = np.sort(np.random.default_rng(seed).choice(len(at), most, replace=False))
        if self.vectors is not None:
            return self.vectors[at]
        return unit_rows(np.asarray(embeddings.vectors[self.rows[at]], dtype=np.float32))


@dataclass(frozen=True, eq=False)
class Examples:
    """What a direction is found from: two groups, in pairs (row i with row i) or not."""

    negative: Group  # lies where projections are negative
    positive: Group
    paired: bool
    lost: tuple[Lost, ...] = ()  # terms that have no vector here, never dropped in silence
    notes: tuple[str, ...] = ()  # one sentence each


@dataclass(frozen=True, slots=True)
class PairFit:
    """How well one pair agrees with the direction: cosine of its difference with it, -1..1."""

    negative: str
    positive: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """How far a direction can be trusted; empty or None where its method has nothing to say."""

    n: tuple[int, int] = (0, 0)  # examples on the negative and the positive side
    explained: tuple[float, ...] = ()  # shares of variance of the components, descending
    baseline: tuple[float, ...] = ()  # the same of random pairs: mean over the runs
    runs: int = 0  # of random pairs
    pairs: tuple[PairFit, ...] = ()
    accuracy: float | None = None  # of a probe on held-out examples, 0..1
    chance: float | None = None  # share of the larger side among those
    held_out: int = 0
    lost: tuple[Lost, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def consistency(self) -> float | None:
        """Mean cosine of the pairs' differences with the direction; None without pairs."""
        return float(np.mean([pair.cosine for pair in self.pairs])) if self.pairs else None

    @property
    def disagreeing(self) -> tuple[PairFit, ...]:
        """Pairs that point the other way, worst first."""
        return tuple(
            sorted((pair for pair in self.pairs if pair.cosine < 0), key=lambda pair: pair.cosine)
        )

    def as_json(self) -> dict[str, Any]:
        """Plain data, as a project stores it."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Evidence:
        """The inverse of `as_json`. Raises: LookupError, TypeError, ValueError."""
        low, high = told["n"]
        return cls(
            (int(low), int(high)),
            tuple(map(float, told["explained"])),
            tuple(map(float, told["baseline"])),
            int(told["runs"]),
            tuple(PairFit(**pair) for pair in told["pairs"]),
            None if told["accuracy"] is None else float(told["accuracy"]),
            None if told["chance"] is None else float(told["chance"]),
            int(told["held_out"]),
            tuple(Lost(**lost) for lost in told["lost"]),
            tuple(map(str, told["notes"])),
        )


@dataclass(frozen=True, eq=False)
class Direction:
    """An axis of a space of embeddings, or a subspace whose first axis it is.

    The projection of an item is the cosine of its vector with the direction, -1..1.
    """

    basis: Matrix  # (k, d) float32, orthonormal rows; the first is the direction
    title: str
    ends: tuple[str, str]  # what lies where projections are negative, and where positive
    source: str  # id in SOURCES
    method: str  # id in METHODS
    made_by: MadeBy  # inputs[0] is the fingerprint of the embeddings; "how" says it in words
    evidence: Evidence = field(default_factory=Evidence)

    @cached_property
    def vector(self) -> Matrix:
        """The direction, (d,) float32 of unit length."""
        return frozen(np.ascontiguousarray(self.basis[0]))

    @property
    def embeddings(self) -> str:
        """Fingerprint of the embeddings that it lies in."""
        return self.made_by.inputs[0]

    @property
    def fingerprint(self) -> str:
        """Name of the result."""
        return self.made_by.fingerprint

    def called(self, title: str) -> Direction:
        """The same direction under another title."""
        return replace(self, title=title)


@dataclass(frozen=True)
class SourceSpec(Spec):
    """Where examples may come from.

    `params` is the frozen dataclass of what it asks for; `load()` returns `examples(space, given,
    report) -> Examples`, which raises BackendError.
    """

    paired: bool = False  # whether its examples come in pairs


@dataclass(frozen=True)
class MethodSpec(Spec):
    """How a direction is found.

    `load()` returns `find(space, examples, params, report) -> (basis, evidence)`, which raises
    BackendError if the examples give none.
    """

    needs_pairs: bool = False


Examine = Callable[[Space, Any, "Report"], Examples]
Find = Callable[[Space, Examples, Any, "Report"], tuple[Matrix, Evidence]]
