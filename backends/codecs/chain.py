"""Two codecs one behind the other: fewer dimensions first, then whatever makes numbers small.

The second codec sees the reduced vectors, again of unit length, as if they were the corpus: it
learns from them, encodes them and searches them with its own searcher. So a chain is nothing else
than doing both by hand; its codes are the second's, its tables those of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, unit_rows
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
from backends.codecs.reducer import NUMBER, ReducedSource, Reducer
from backends.codecs.source import Source
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.wording import counted

PROBE_ROWS = 64  # random rows that tell how many bytes a codec takes
SCALE_ROWS = 4096  # training rows that tell how long reduced vectors were
# How the first of a chain differs from the same codec alone: see `reduction` for the reason.
AS_FIRST: Mapping[str, Params] = {"pca": {"centred": False}}


def chain(first: CodecSpec, then: CodecSpec) -> CodecSpec:
    """A codec made of two. Raises: BackendError if the first does not reduce dimensions."""
    if not first.reduces:
        raise BackendError(
            f"{first.title} cannot stand before another codec: it leaves no vectors of fewer "
            "dimensions.",
            hint="Begin with one that does, such as pca+int8 or truncate+sign.",
        )
    return CodecSpec(
        f"{first.id}+{then.id}",
        f"{first.title}, then {_within(then.title)}",
        load=lambda: _load(first, then),
        needs=tuple(dict.fromkeys((*first.needs, *then.needs))),
        about=f"{first.about} Then: {then.about}",
        family="Chains",
        cost=first.cost + then.cost,
        solve=lambda ask: _solve(first, then, ask),
        reduces=then.reduces,
    )


class Chained(Coder):
    """A reducer and a codec of what it leaves.

    `scale` is how much of a vector's length is left by reducing it, by least squares over
    training rows; decoding alone needs it, cosines do not.
    """

    def __init__(self, params: Params, first: Reducer, then: Coder, scale: Matrix) -> None:
        self.params = {**params, "first": dict(first.params), "then": dict(then.params)}
        self.side = {
            "scale": scale,
            **{f"first.{name}": table for name, table in first.side.items()},
            **{f"then.{name}": table for name, table in then.side.items()},
        }
        self.curve = then.curve or first.curve
        self.notes = (*first.notes, *then.notes)
        self.refine_bytes = then.refine_bytes
        self.refine_on_disk = then.refine_on_disk
        self.first = first
        self.then = then
        self._scale = scale  # (1,)

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Codes of the reduced rows."""
        return self.then.encode(ReducedSource(source, self.first), report)

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Restore what the second codec decodes."""
        return self.first.restore(self.then.decode(codes, rows) * self._scale)

    def open(self, codes: Codes, source: Source) -> Searcher:
        """The second codec's searcher, asked with reduced queries."""
        return _Reduced(self.first, self.then.open(codes, ReducedSource(source, self.first)))


class ChainedReducer(Reducer):
    """Two reducers one behind the other, which can again stand before another codec."""

    def __init__(self, params: Params, first: Reducer, then: Reducer, scale: Matrix) -> None:
        whole = Chained(params, first, then, scale)
        self.params = whole.params
        self.side: Mapping[str, NDArray[Any]] = whole.side
        self.curve = whole.curve
        self.notes = whole.notes
        self.dims = then.dims
        self._first = first
        self._then = then
        self._whole = whole

    def reduce(self, vectors: Matrix) -> Matrix:
        """By the first, to unit length, by the second."""
        return self._then.reduce(unit_rows(self._first.reduce(vectors)))

    def restore(self, reduced: Matrix) -> Matrix:
        """Back by the second, then by the first."""
        return self._whole.decode(Codes({"codes": reduced}, len(reduced)), slice(None))

    def open(self, codes: Codes, source: Source) -> Searcher:
        """The second's searcher, asked with reduced queries."""
        return self._whole.open(codes, source)


class _Reduced:
    """A searcher that is asked with fewer dimensions."""

    def __init__(self, first: Reducer, searcher: Searcher) -> None:
        self._first = first
        self._searcher = searcher

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest (m, k) of each query (m, d) of unit length."""
        return self._searcher.search(unit_rows(self._first.reduce(queries)), k, report)


def _load(first: CodecSpec, then: CodecSpec) -> Fit:
    fit_first: Fit = first.load()
    fit_then: Fit = then.load()

    def fit(training: Training, params: Params, report: Report) -> Coder:
        reducer = fit_first(training, params["first"], report.span(0.0, 0.4))
        assert isinstance(reducer, Reducer)
        reduced = reducer.reduce(training.vectors)  # (t, k)
        inner = replace(
            training,
            vectors=unit_rows(reduced),
            source=ReducedSource(training.source, reducer),
        )
        scale = _scale(reducer, training.vectors, inner.vectors)
        coder = fit_then(inner, params["then"], report.span(0.4, 1.0))
        if isinstance(coder, Reducer):
            return ChainedReducer(params, reducer, coder, scale)
        return Chained(params, reducer, coder, scale)

    return fit


def _scale(reducer: Reducer, vectors: Matrix, reduced: Matrix) -> Matrix:
    """The factor (1,) by which restored unit rows come nearest to the rows themselves."""
    sample = np.linspace(0, len(vectors) - 1, min(SCALE_ROWS, len(vectors)), dtype=np.int64)
    wanted = vectors[sample]  # (s, d)
    restored = reducer.restore(reduced[sample])  # (s, d)
    squares = float(np.einsum("sd,sd->", restored, restored, dtype=np.float64))
    products = float(np.einsum("sd,sd->", wanted, restored, dtype=np.float64))
    return np.array([products / squares if squares > 0 else 1.0], dtype=np.float32)


def _solve(first: CodecSpec, then: CodecSpec, ask: Ask) -> Solved:
    dims, note = _dims_that_fit(then, ask)
    before = first.solve(replace(ask, budget=float(NUMBER * dims)))
    given = _as_first(first.id, before.params, dims)
    after = then.solve(replace(ask, dim=dims))
    notes = " ".join(part for part in (note, after.note) if part)
    return Solved({"dims": dims, "first": given, "then": dict(after.params)}, notes)


def _dims_that_fit(then: CodecSpec, ask: Ask) -> tuple[int, str]:
    """How many dimensions the second codec should get, and a sentence if none really fits.

    A codec of a fixed size a number gets as many as the budget pays for. One that solves its own
    budget gets four a byte, at least a quarter of all, a whole number of them a byte where that
    can be. This is a compromise between two corpora that product quantisation was tried on. Of
    384-dimensional sentence embeddings it found most from a quarter to a half of the dimensions
    (recall@10 at 96 bytes .88 from 192 and .84 from all, at 24 bytes .66 from 96 and .53 from
    all); of GloVe's 50, whose variance is spread evenly, most from all (at 25 bytes .87, from a
    half of them .33).
    """
    if ask.budget is None:
        return max(1, ask.dim // 2), ""
    if then.budgeted:
        return _shared(ask.dim, ask.budget), ""
    if bytes_of(then, 1) > ask.budget:
        return 1, (
            f"One number takes {counted(round(bytes_of(then, 1)), 'byte')} in {then.title}, more "
            "than the budget leaves for each vector: 1 dimension is kept."
        )
    if bytes_of(then, ask.dim) <= ask.budget:
        return ask.dim, f"The budget pays for all {counted(ask.dim, 'dimension')}."
    fits, too_many = 1, ask.dim
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if bytes_of(then, middle) <= ask.budget:
            fits = middle
        else:
            too_many = middle
    return fits, ""


def _shared(dim: int, budget: float) -> int:
    """Dimensions for a codec that makes so many bytes of them."""
    dims = min(dim, max(1, round(max(NUMBER * budget, dim / 4))))
    whole = int(budget)
    # Parts of equal size: of 50 dimensions 20 bytes could be made in halves only.
    return dims - dims % whole if 1 <= whole <= dims else dims


@lru_cache(maxsize=4096)
def bytes_of(spec: CodecSpec, dim: int) -> float:
    """Bytes a vector of a codec of one size, counted from the codes of a few random rows."""
    rng = np.random.default_rng(0)
    source = Source(rng.standard_normal((PROBE_ROWS, dim), dtype=np.float32))
    training = Training(source.take(slice(None)), np.arange(PROBE_ROWS), source)
    solved = spec.solve(Ask(dim, PROBE_ROWS, PROBE_ROWS))
    coder: Coder = spec.load()(training, solved.params, SILENT)
    return coder.encode(source).nbytes / PROBE_ROWS


def _as_first(name: str, params: Params, dims: int) -> Params:
    """The settings of what leaves exactly so many dimensions to another; of a chain, its last."""
    if "then" in params:
        last = _as_first(name.rsplit("+", 1)[-1], params["then"], dims)
        return {**params, "dims": dims, "then": last}
    return {**params, **AS_FIRST.get(name, {}), "dims": dims}


def _within(title: str) -> str:
    """A title within a sentence: "Sign" becomes small, "PQ" and "RaBitQ" are names."""
    word = title.split(" ", 1)[0]
    return title[0].lower() + title[1:] if word[1:].islower() else title
