"""Learned hashes: a code of b bits, trained so that neighbours differ in few of them.

Reference: semantic hashing (Salakhutdinov and Hinton 2009); a binary layer with a straight-through
gradient as in Binary Paragraph Vector (Grzegorczyk and Kurdziel 2016, arXiv 1611.01116).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
from backends.codecs.learning import Plan
from backends.codecs.lessons import TIE, Lessons
from backends.codecs.recurrent import SubCodes, SymmetricScan, learn
from backends.codecs.recurrent_weights import RecurrentWeights, Scoring, bits_of, values_of
from backends.codecs.scan import Best
from backends.codecs.source import Source
from backends.reporting import SILENT, Report

MOST_BITS = 2048
# Softer than BEBR's, because codes of one bit are coarse; the difference was within chance.
PLAN = Plan(temperature=0.1, hardest=20)
_SHARE_INSIDE = 0.9
_BLOCK_VALUES = 1 << 22


def solve(ask: Ask) -> Solved:
    """Eight bits a byte of the budget; no more than four a dimension."""
    most = max(8, min(MOST_BITS, 8 * ((4 * ask.dim + 7) // 8)))
    if ask.budget is None:
        return Solved({"bits": min(256, most)})
    bits = min(most, 8 * max(1, int(ask.budget)))
    if bits == 8 * ask.budget:
        return Solved({"bits": bits})
    return Solved({"bits": bits}, f"The hash has {bits // 8} bytes instead of {ask.budget:,.4g}.")


class Ball(SubCodes):
    """A hash whose ball around the query is ranked again by the vectors themselves."""

    def __init__(self, weights: RecurrentWeights, radius: int, params: Params) -> None:
        super().__init__(weights, "symmetric", params)
        self.radius = radius

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Encode all rows, and count the copy that ranking them again reads."""
        self.refine_bytes = 4 * source.rows * source.dim
        return super().encode(source, report)

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Search in two stages."""
        return BallScan(self, codes, source)


class BallScan:
    """Reads the vectors of rows whose code differs in at most `radius` bits; exact among those."""

    def __init__(self, coder: Ball, codes: Codes, source: Source) -> None:
        self._coder = coder
        self._scan = SymmetricScan(coder, codes)
        self._codes = codes
        self._source = source

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest inside the ball; fewer where fewer lie in it."""
        best = Best(len(queries), min(k, self._codes.rows))
        asked = self._coder.encode_block(queries, 0)["codes"]
        width = max(self._source.dim, len(queries))
        for block in batches(self._codes.rows, max(1, _BLOCK_VALUES // width)):
            report.check()
            inside = self.inside(asked, block)
            hit = np.flatnonzero(inside.any(axis=0))
            if len(hit):
                similarities = np.full(inside.shape, -np.inf, dtype=np.float32)
                similarities[:, hit] = queries @ self._source.take(hit + block.start).T
                similarities[~inside] = -np.inf
                best.offer(similarities, block.start)
        return best.positions, best.similarities

    def inside(self, asked: NDArray[np.uint8], rows: slice) -> NDArray[np.bool_]:
        """Whether the codes of some rows lie in the ball around each packed query, (m, b)."""
        dots = self._scan.dots(asked, self._codes.parts["codes"][rows])  # bits - 2 Hamming
        least = len(self._coder.weights.project) - 2 * self._coder.radius
        return np.asarray(dots >= least)


def ball_facts(lessons: Lessons, weights: RecurrentWeights) -> Mapping[str, Any]:
    """The radius that holds nine in ten true neighbours of held-out rows, and what else it holds.

    `rows_inside` is the mean share of all rows, `distinct` the share of held-out rows with a code
    of their own, `fullest` the most rows of one code.
    """
    exam = lessons.judged
    bits = bits_of(weights, lessons.held)
    size = bits.shape[2]
    dots = values_of(bits_of(weights, exam.queries)) @ values_of(bits).T  # (h, f)
    apart = (size - dots) / 2
    near = exam.cosines >= exam.reach - TIE
    others = np.isfinite(exam.cosines)
    radius = int(np.ceil(np.quantile(apart[near], _SHARE_INSIDE)))
    counts = np.unique(np.packbits(bits[:, 0], axis=1), axis=0, return_counts=True)[1]
    return {
        "radius": radius,
        "rows_inside": round(float((apart[others] <= radius).mean()), 4),
        "distinct": round(float((counts == 1).sum() / len(bits)), 4),
        "fullest": int(counts.max()),
    }


def load() -> Fit:
    """Return the fit of learned hashes."""

    def fit(training: Training, params: Params, report: Report) -> Coder:
        bits = int(params["bits"])
        symmetric: tuple[Scoring, ...] = ("symmetric",)
        trained = learn(training, bits, 0, symmetric, params, report, plan=PLAN, more=ball_facts)
        shown = {"bits": bits, **trained.facts}
        if "ball" in params:
            # Without held-out rows nothing is known: half the bits differ by chance.
            radius = int(params.get("radius", shown.get("radius", bits // 2)))
            coder: SubCodes = Ball(trained.weights, radius, {**shown, "radius": radius})
        else:
            coder = SubCodes(trained.weights, "symmetric", shown)
        coder.curve, coder.notes = trained.curve, trained.notes
        return coder

    return fit


def solve_ball(ask: Ask) -> Solved:
    """The same hash; the radius is measured on held-out rows."""
    solved = solve(ask)
    return Solved({**solved.params, "ball": True}, solved.note)


SPECS = (
    CodecSpec(
        "semantic-hash",
        "Learned hash",
        load=load,
        needs=(("torch", "torch"),),
        about="Trained here: one bit a number, compared by counting bits that differ.",
        family="Trained",
        cost=91,
        solve=solve,
    ),
    CodecSpec(
        "semantic-hash-ball",
        "Learned hash, ball re-ranked",
        load=load,
        needs=(("torch", "torch"),),
        about="Trained here: rows that differ in few bits are ranked by the vectors themselves.",
        family="Trained",
        cost=92,
        solve=solve_ball,
    ),
)
