"""What a codec is to those who measure it, and what most of them share.

A method (`CodecSpec` in `registry`) solves its own settings for a number of bytes, learns from
training rows and becomes a `Coder`; a coder turns the rows of a `Source` into `Codes`, back into
vectors, and into a `Searcher`. All vectors are of unit length, so that a dot product is the cosine.
Every byte that searching needs is an array in `Codes.parts` (what grows with the rows) or in
`Coder.side` (what does not), so that sizes are counted and never claimed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.source import Source
from backends.errors import BackendError
from backends.registry import Spec
from backends.reporting import SILENT, Report

Params = Mapping[str, Any]  # plain JSON: what a codec solved for its budget, by field's name


class CannotFit(BackendError):
    """A codec has no setting at all for these vectors; a smaller budget alone never raises it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a codec solves its settings for."""

    dim: int  # d of the vectors
    rows: int  # n that will be encoded: side tables are shared by them
    training: int  # t rows to learn from
    budget: float | None = None  # bytes a vector, side tables not counted; None: method's own size


@dataclass(frozen=True, slots=True)
class Solved:
    """Settings for a budget, and a sentence where they are only the nearest that work."""

    params: Params
    note: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Training:
    """What a codec may learn from; no query is among it."""

    vectors: Matrix  # (t, d) of unit length, in the order of their positions
    positions: Rows  # (t,) of these rows in the source
    source: Source  # all rows that will be encoded, for methods that look at the whole table
    seed: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class LossCurve:
    """How training went. Losses are of the same kind in all three; less is better."""

    training: Matrix  # (steps,) float32
    held_out: Matrix  # (checks,) on rows that were not trained on; [0] before any step
    what: str  # the loss in words, for an axis: "InfoNCE on held-out rows"

    @property
    def improved(self) -> bool:
        """Whether training ended better than it started, on rows it did not see."""
        return bool(self.held_out[-1] < self.held_out[0])


@dataclass(frozen=True, eq=False, slots=True)
class Codes:
    """n encoded rows: arrays by name. A plain codec has one array whose first axis is n."""

    parts: Mapping[str, NDArray[Any]]
    rows: int  # n

    @property
    def nbytes(self) -> int:
        """Bytes of all parts."""
        return sum(part.nbytes for part in self.parts.values())


class Searcher(Protocol):
    """Codes opened for searching; whatever had to be built for it is built."""

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest of each query (m, d) of unit length by the codec's own measure.

        Returns positions (m, k) int64, -1 where nothing was found, and similarities (m, k) as
        the codec sees them, largest first.
        """


class Coder(ABC):
    """A fitted codec."""

    params: Params
    side: Mapping[str, NDArray[Any]]  # tables that all rows share
    curve: LossCurve | None = None  # of codecs that are trained
    notes: tuple[str, ...] = ()  # what a person should know, a sentence each
    refine_bytes: int = 0  # of the copy in full precision that a second stage reads
    refine_on_disk: bool = True  # that copy is memory-mapped, not held

    @property
    def side_bytes(self) -> int:
        """Bytes of all tables that do not grow with the rows."""
        return sum(table.nbytes for table in self.side.values())

    @abstractmethod
    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Encode all rows of the source. Reports every block. Raises: Cancelled."""

    @abstractmethod
    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Vectors (r, d) float32 that stand for these positions; not of unit length by itself."""

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Make codes searchable. Only two-stage search reads the source again.

        The default compares queries in full precision with decoded blocks (asymmetric), by cosine.
        """
        from backends.codecs.scan import DecodedScan

        return DecodedScan(self, codes, source.dim)


class BlockCoder(Coder):
    """A coder whose rows are encoded each for itself, a block at a time."""

    @abstractmethod
    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Parts of a block (b, d) of unit rows, whose first row has the position `start`."""

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Encode all rows, a block at a time, into arrays made once."""
        whole: dict[str, NDArray[Any]] = {}
        for block, vectors in source.blocks(report, "Encoding"):
            for name, part in self.encode_block(vectors, block.start).items():
                if name not in whole:
                    whole[name] = np.empty((source.rows, *part.shape[1:]), dtype=part.dtype)
                whole[name][block] = part
        return Codes(whole, source.rows)


Fit = Callable[[Training, Params, Report], Coder]


@dataclass(frozen=True)
class CodecSpec(Spec):
    """A row of the table of codecs. `load()` returns its `Fit`."""

    family: str = ""  # for grouping in a list: "Rounding", "Fewer dimensions", "Quantisers", ...
    cost: int = 0  # order of work: codecs of a smaller cost are measured first
    budgeted: bool = True  # False: one size only, whatever the budget
    default: bool = False  # part of the default sweep
    solve: Callable[[Ask], Solved] = field(default=lambda _ask: Solved({}))
    # Codecs that make vectors of fewer dimensions can stand before another: "pca+int8". Their
    # coders are `reducer.Reducer`s, and their parameters say how many are left in "dims".
    reduces: bool = False
