"""Codecs of sign bits: the plain sign, ITQ, and several bits a dimension by residual signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.base import (
    Ask,
    BlockCoder,
    CodecSpec,
    Coder,
    Codes,
    Fit,
    Params,
    Searcher,
    Solved,
    Training,
)
from backends.codecs.hamming import Bits, BitScan, level_planes, sign_planes
from backends.codecs.residual_sign import MOST_PLANES
from backends.codecs.source import Source
from backends.errors import BackendError
from backends.reporting import Report

QUERY_BITS = 6  # of a query's component; 5 find as many as full precision does
_TRIAL_ROWS, _TRIAL_QUERIES, _TRIAL_K = 4096, 128, 10


class Sign(BlockCoder):
    """One bit a dimension, x > 0, packed as numpy.packbits does; decoded as +-scale."""

    def __init__(self, params: Params, dim: int, scale: float) -> None:
        self.params: Params = params
        self.side: Mapping[str, NDArray[Any]] = {"scale": np.array([scale], dtype=np.float32)}
        self._dim = dim

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Pack x > 0."""
        return {"codes": np.packbits(vectors > 0, axis=1)}  # (b, (d + 7) // 8)

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Corners of the cube whose edge loses least on the training rows."""
        bits = np.unpackbits(codes.parts["codes"][rows], axis=1, count=self._dim)  # (r, d)
        scale = self.side["scale"][0]
        decoded: Matrix = np.where(bits, scale, -scale)
        return decoded

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Count differing bits, of the query's signs or of its components in 64 levels."""
        return BitScan(codes.parts["codes"], self._dim, self._planes)

    def _planes(self, queries: Matrix) -> tuple[Bits, Matrix]:
        if self.params["scoring"] == "hamming":
            return sign_planes(queries), np.full(len(queries), self._dim, dtype=np.float32)
        planes, levels = level_planes(queries, int(self.params["query_bits"]))
        return planes, np.square(levels).sum(axis=1)


def found_share(coder: Coder, vectors: Matrix) -> float:
    """Share of the true nearest 10 of some rows that a coder finds among these rows (t, d)."""
    source = Source(vectors)
    queries = vectors[:: max(1, len(vectors) // _TRIAL_QUERIES)][:_TRIAL_QUERIES]
    own = np.arange(len(vectors))[:: max(1, len(vectors) // _TRIAL_QUERIES)][:_TRIAL_QUERIES]
    k = min(_TRIAL_K, len(vectors) - 1)
    exact = queries @ vectors.T  # (m, t)
    exact[np.arange(len(own)), own] = -np.inf
    truth = np.argpartition(-exact, k - 1, axis=1)[:, :k]
    found, _ = coder.open(coder.encode(source), source).search(queries, k + 1)
    hits = 0
    for row, true, positions in zip(own, truth, found, strict=True):
        hits += len(np.intersect1d(positions[positions != row][:k], true))
    return hits / (len(own) * k)


def with_better_scoring(
    build: Callable[[Params], Coder], params: Params, training: Training, report: Report
) -> Coder:
    """Build with the scoring that finds more on training rows, if `params` names none.

    Hamming distance is many times faster, so it is taken where it finds as much.
    """
    choices: tuple[Params, ...] = (
        {"scoring": "hamming"},
        {"scoring": "asymmetric", "query_bits": QUERY_BITS},
    )
    if "scoring" in params:
        for choice in choices:
            if choice["scoring"] == params["scoring"]:
                return build({name: params.get(name, choice[name]) for name in choice})
        raise BackendError(
            f"There is no scoring called “{params['scoring']}”.",
            hint="Choose from: hamming, asymmetric.",
        )
    rows = training.vectors[:: max(1, -(-len(training.vectors) // _TRIAL_ROWS))]
    if len(rows) < 3:
        return build(choices[0])
    shares = []
    for index, choice in enumerate(choices):
        report.step(index, len(choices), "Trying ways of scoring")
        shares.append(found_share(build(choice), rows))
    return build(choices[int(np.argmax(shares))])


def _load_sign() -> Fit:
    def fit(training: Training, params: Params, report: Report) -> Coder:
        scale = float(np.abs(training.vectors).mean(dtype=np.float64))
        dim = training.vectors.shape[1]
        return with_better_scoring(lambda p: Sign(p, dim, scale), params, training, report)

    return fit


def _load_itq() -> Fit:
    from backends.codecs.rotation import itq_rotation, principal_axes, some_rows
    from backends.codecs.turned import TurnedSigns

    def fit(training: Training, params: Params, report: Report) -> Coder:
        bits = int(params["bits"])
        mean, axes = principal_axes(training.vectors, bits)
        values: Matrix = np.matmul(some_rows(training.vectors) - mean, axes)  # (t, bits)
        rotation, _ = itq_rotation(values, training.seed, report.span(0.0, 0.9))
        # One scale for all directions, as for corners of a cube: after ITQ they are alike.
        scale = np.abs(values @ rotation).mean(dtype=np.float64)
        scales = np.full((1, bits), scale, dtype=np.float32)

        def build(scoring: Params) -> Coder:
            # Full precision costs a cosine scan nothing, so a query is not rounded there.
            known = {"bits": bits, "scoring": scoring["scoring"]}
            return TurnedSigns(known, mean, axes @ rotation, scales)

        return with_better_scoring(build, params, training, report.span(0.9, 1.0))

    return fit


def _solve_itq(ask: Ask) -> Solved:
    if ask.budget is None:
        return Solved({"bits": ask.dim})
    size, note = _whole_bytes(ask, -(-ask.dim // 8), "one bit")
    return Solved({"bits": min(ask.dim, 8 * size)}, note)


def _solve_residual(ask: Ask) -> Solved:
    plane = -(-ask.dim // 8)
    if ask.budget is None:
        return Solved({"bytes": 2 * plane, "planes": 2})
    size, note = _whole_bytes(ask, MOST_PLANES * plane, f"{MOST_PLANES} bits")
    return Solved({"bytes": size}, note)


def _whole_bytes(ask: Ask, most: int, most_bits: str) -> tuple[int, str]:
    """Bytes within 1..most nearest below a budget, and a sentence where they are not the budget."""
    assert ask.budget is not None
    size = min(most, max(1, int(ask.budget)))
    if size == ask.budget:
        return size, ""
    instead = f"{size} {'byte' if size == 1 else 'bytes'} instead of {ask.budget:g}"
    if size < int(ask.budget):
        return size, f"A dimension has at most {most_bits}: {instead}."
    return size, f"A code takes whole bytes: {instead}."


def _load_residual() -> Fit:
    from backends.codecs.residual_sign import fit_residual_sign

    return fit_residual_sign


SPECS = (
    CodecSpec(
        "sign",
        "Sign, 1 bit",
        load=_load_sign,
        about="One bit a dimension: whether it is above zero. What is lost depends on the model.",
        family="Binary",
        cost=4,
        budgeted=False,
        default=True,
    ),
    CodecSpec(
        "residual-sign",
        "Residual sign",
        load=_load_residual,
        about="Signs along turned principal axes, then signs of what is left, bit after bit.",
        family="Binary",
        cost=6,
        default=True,
        solve=_solve_residual,
    ),
    CodecSpec(
        "itq",
        "ITQ",
        load=_load_itq,
        about="Sign bits along principal axes, turned so that least is lost by taking signs.",
        family="Binary",
        cost=10,
        default=True,
        solve=_solve_itq,
    ),
)
