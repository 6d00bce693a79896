"""What a sweep over codecs and budgets yields: one `Cell` a setting, all against one `Truth`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.base import LossCurve
from backends.types import MadeBy


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries, and its bootstrap interval of 95 percent."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of the whole corpus under one codec, counted from arrays; see `bytes_per_vector`."""

    rows: int  # n
    codes: int  # what grows with the rows
    side: int = 0  # tables that all rows share: codebooks, rotations, scales
    ids: int = 0  # of indexes that keep them: a flat scan needs none
    links: int = 0  # of graph indexes
    refine: int = 0  # copy in full precision that a second stage reads
    refine_on_disk: bool = True  # it is memory-mapped, not held

    @property
    def ram(self) -> int:
        """Bytes that have to be in memory."""
        kept = self.codes + self.side + self.ids + self.links
        return kept if self.refine_on_disk else kept + self.refine

    @property
    def disk(self) -> int:
        """Bytes that are read from disk while searching."""
        return self.refine if self.refine_on_disk else 0

    @property
    def bytes_per_vector(self) -> float:
        """Bytes of codes, ids and links a row; side tables and refine copies are said apart."""
        return (self.codes + self.ids + self.links) / self.rows


@dataclass(frozen=True, eq=False, slots=True)
class QuerySet:
    """What is asked: rows of the corpus (each left out of its own answer), or vectors of a file."""

    vectors: Matrix  # (m, d) of unit length
    rows: Rows | None  # (m,) corpus rows, or None for queries from outside
    title: str  # "1,000 rows held out", "queries.npy"
    made_by: MadeBy
    # Relevant corpus rows of each query and their grades, where labels of relevance exist.
    relevant: tuple[Mapping[int, float], ...] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Truth:
    """The exact neighbours of each query by cosine, computed in float32 and ordered in float64."""

    queries: QuerySet
    rows: Rows  # (m, k) corpus rows, nearest first, ties in the order of rows
    similarities: NDArray[np.float64]  # (m, k) cosines
    purity: Estimate | None = None  # of the labels of exact neighbours; None without labels
    ndcg: Estimate | None = None  # at 10, of exact search
    mrr: Estimate | None = None
    seconds: float = 0.0  # one exact search of all queries
    milliseconds: float = 0.0  # one exact search of a single query, median

    @property
    def k(self) -> int:
        """Neighbours of each query."""
        return int(self.rows.shape[1])


@dataclass(frozen=True, eq=False)
class Cell:
    """One setting of one codec, measured."""

    codec: str  # registry id or chain: "pq", "pca+int8", "sign+rerank"
    title: str  # for a person: "PCA 128, then int8"
    params: Mapping[str, Any]  # what it solved; plain JSON
    budget: float | None  # bytes a vector that were asked for; None for codecs of one size
    memory: Memory
    recall: Estimate  # recall@k: share of the k true neighbours found
    recall_1: Estimate  # 1-recall@k: share of queries whose true nearest is among the k found
    found: Rows  # (m, k) corpus rows in the codec's order, -1 for nothing
    kept: Matrix  # (m,) recall@k of each query, 0..1
    mse: float  # mean squared error of a decoded row: |x - decoded|^2, summed over dimensions
    errors: Matrix  # (s,) that error of each row of a sample, for a histogram
    fit_seconds: float
    encode_seconds: float
    queries_per_second: float  # all queries in one batch
    milliseconds: float  # a single query, median
    threads: int  # that faiss, torch and numpy were allowed
    made_by: MadeBy
    ndcg: Estimate | None = None  # at 10, against labels of relevance
    mrr: Estimate | None = None
    purity: Estimate | None = None  # share of found neighbours with the query's own label
    curve: LossCurve | None = None
    factory: str | None = None  # what faiss.index_factory calls an index that does the same
    notes: tuple[str, ...] = ()  # what a person should know, a sentence each

    @property
    def bytes_per_vector(self) -> float:
        """Bytes a row; see `Memory`."""
        return self.memory.bytes_per_vector

    @property
    def fingerprint(self) -> str:
        """Name of the result."""
        return self.made_by.fingerprint


@dataclass(frozen=True, slots=True)
class NoCell:
    """A codec and budget that could not be measured, and why."""

    codec: str
    title: str
    budget: float | None
    what: str
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What has been measured so far, in the order of work."""

    truth: Truth
    cells: tuple[Cell, ...] = ()
    missing: tuple[NoCell, ...] = ()
    total: int = 0  # settings that were asked for
    rows: int = 0  # n
    dim: int = 0  # d
    labels: str | None = None  # column that purity is about
    finished: bool = False
    seconds: float = 0.0


def pareto(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Cells that no other beats in bytes a vector, bytes read from disk and recall; small first.

    A second stage that reads full vectors from disk so beats no codes that do without.
    """
    front: list[Cell] = []
    for cell in sorted(cells, key=lambda c: (c.bytes_per_vector, c.memory.disk, -c.recall.mean)):
        others = (kept for kept in front if kept.memory.disk <= cell.memory.disk)
        if all(cell.recall.mean > kept.recall.mean for kept in others):
            front.append(cell)
    return tuple(front)


def alone(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Cells whose codes answer by themselves, without full vectors beside them."""
    return tuple(cell for cell in cells if not cell.memory.refine)
