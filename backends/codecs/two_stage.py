"""Two-stage search: a codec names candidates, the vectors themselves decide among them.

The codes stay in memory; of the vectors, which stay where they are (a memory-mapped file), only the
candidates are read.

Reference: Xiao et al., Progressively Optimized Bi-Granular Document Representation, WWW 2022, with
weight 0 of the first stage's similarity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from backends.arrays import Matrix, Rows, batches
from backends.codecs.base import (
    Ask,
    CodecSpec,
    Coder,
    Codes,
    Fit,
    Params,
    Searcher,
    Solved,
    Training,
)
from backends.codecs.source import Source
from backends.errors import BackendError
from backends.reporting import SILENT, Report

DEPTH = 400  # candidates, 40 times the usual 10 neighbours
GATHERED = 1 << 23  # numbers of candidates' vectors read at once: 32 MiB
FAMILY = "Two stages"
# How a codec differs as a first stage: what it finds less, the second stage makes good.
AS_FIRST: Mapping[str, Params] = {"sign": {"scoring": "hamming"}}


class TwoStage(Coder):
    """Another codec's codes and tables; searching reads the source again."""

    def __init__(self, first: Coder, depth: int, source: Source) -> None:
        self.first = first
        self.depth = depth
        self.params = {"first": dict(first.params), "depth": depth}
        self.side = first.side
        self.curve = first.curve
        self.notes = first.notes
        self.refine_bytes = source.rows * source.dim * 4
        self.refine_on_disk = True

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """The first stage's codes."""
        return self.first.encode(source, report)

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """What the first stage decodes."""
        return self.first.decode(codes, rows)

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Open the first stage, and keep hold of the vectors."""
        return Reranked(self.first.open(codes, source), source, self.depth)


class Reranked:
    """Puts the first stage's candidates in order by exact cosine."""

    def __init__(self, first: Searcher, source: Source, depth: int) -> None:
        self._first = first
        self._source = source
        self._depth = depth

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """The k nearest (m, k) among max(depth, k) candidates; ties in the order of positions."""
        depth = min(max(self._depth, k), self._source.rows)
        k = min(k, depth)
        candidates, _ = self._first.search(queries, depth, report)  # (m, C)
        positions: Rows = np.empty((len(queries), k), dtype=np.int64)
        similarities: Matrix = np.empty((len(queries), k), dtype=np.float32)
        size = max(1, GATHERED // max(1, depth * self._source.dim))
        for block in batches(len(queries), size):
            report.check()
            exact = self._exact(queries[block], candidates[block])  # (b, C)
            order = np.lexsort((candidates[block], -exact), axis=1)[:, :k]
            positions[block] = np.take_along_axis(candidates[block], order, axis=1)
            similarities[block] = np.take_along_axis(exact, order, axis=1)
        return positions, similarities

    def _exact(self, queries: Matrix, candidates: Rows) -> Matrix:
        """Cosines (b, C) with the source's rows; -inf where there is no candidate."""
        exact = self._source.cosines(queries, np.maximum(candidates, 0))
        exact[candidates < 0] = -np.inf
        return exact


def reranked(first: CodecSpec, depth: int | None = None) -> CodecSpec:
    """A codec of two stages, the second by the vectors themselves.

    Raises: BackendError if the first is one of two stages already.
    """
    if first.family == FAMILY:
        raise BackendError(
            f"{first.title} looks at the vectors already.", hint="Re-rank once, at the end."
        )
    depth = max(1, depth) if depth is not None else DEPTH

    def solve(ask: Ask) -> Solved:
        solved = first.solve(ask)
        params = {**solved.params, **AS_FIRST.get(first.id, {})}
        return Solved({"first": params, "depth": depth}, solved.note)

    suffix = "rerank" if depth == DEPTH else f"rerank{depth}"
    return replace(
        first,
        id=f"{first.id}+{suffix}",
        title=f"{first.title}, then re-ranked",
        load=lambda: _load(first),
        about=f"{first.about} The best {depth:,} are compared again by their own vectors.",
        family=FAMILY,
        cost=first.cost + 1,
        default=False,
        solve=solve,
        reduces=False,
    )


def specs(binary: Iterable[CodecSpec]) -> tuple[CodecSpec, ...]:
    """The usual pair under a name of its own: signs, then the vectors."""
    sign = next(spec for spec in binary if spec.id == "sign")
    usual = replace(reranked(sign), id="two-stage", title="Two stages: sign, then exact")
    return (replace(usual, default=True),)


def _load(first: CodecSpec) -> Fit:
    fit_first: Fit = first.load()

    def fit(training: Training, params: Params, report: Report) -> Coder:
        coder = fit_first(training, params["first"], report)
        return TwoStage(coder, int(params["depth"]), training.source)

    return fit
