"""Recurrent binarisation (BEBR): a few bits a dimension, learned so that neighbours stay near.

What is not trained yet is the best of a few rotations with residual signs; training must find
more neighbours of held-out rows than that, or its result is dropped. Learned hashes
(`semantic_hash`) are the case without loops.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches
from backends.codecs.base import (
    Ask,
    BlockCoder,
    CodecSpec,
    Coder,
    Codes,
    Fit,
    LossCurve,
    Params,
    Searcher,
    Solved,
    Training,
)
from backends.codecs.learning import Outcome, Plan, recall_of, steps_for, torch_threads, train
from backends.codecs.lessons import Lessons, lessons_of
from backends.codecs.recurrent_weights import (
    Bits,
    RecurrentModel,
    RecurrentWeights,
    Scoring,
    bits_of,
    fitted_decode,
    identity_start,
    rotated_start,
    values_of,
    with_least_squares,
)
from backends.codecs.scan import Best
from backends.codecs.source import Source
from backends.reporting import SILENT, Report
from backends.wording import counted

LOOPS = 3  # at most: four bits a dimension
NORM_BYTES = 2
PLAN = Plan()  # BEBR's own temperature and number of negatives
_RATE_BY_SIZE = 0.25
_BLOCK_VALUES = 1 << 22


class SubCodes(BlockCoder):
    """Codes of u + 1 bits a dimension, packed sub-code by sub-code, and their lengths."""

    def __init__(self, weights: RecurrentWeights, scoring: Scoring, params: Params) -> None:
        self.weights = weights
        self.scoring = scoring
        self.params = params
        self.side: Mapping[str, NDArray[Any]] = weights.tables()

    @property
    def keeps_lengths(self) -> bool:
        """Signs alone all have the same length; what they decode to has not."""
        return self.weights.loops > 0 or self.scoring == "asymmetric"

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Packed bits (b, u + 1, bytes) and, where they differ, lengths (b,) float16."""
        bits = bits_of(self.weights, vectors)  # (b, u + 1, m)
        parts: dict[str, NDArray[Any]] = {"codes": np.packbits(bits, axis=2)}
        if self.keeps_lengths:
            values = values_of(bits)
            compared = values if self.scoring == "symmetric" else self._decoded(values)
            parts["lengths"] = np.linalg.norm(compared, axis=1).astype(np.float16)
        return parts

    def bits(self, codes: Codes, rows: slice | Rows) -> Bits:
        """Sub-codes (r, u + 1, m) of some rows."""
        size = len(self.weights.project)
        return np.unpackbits(codes.parts["codes"][rows], axis=2, count=size).astype(np.bool_)

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Linear in the code."""
        return self._decoded(values_of(self.bits(codes, rows)))

    def _decoded(self, values: Matrix) -> Matrix:
        return np.asarray(values @ self.weights.decode.T + self.weights.centre, dtype=np.float32)

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Search as it was trained: codes with codes, or queries with what codes decode to."""
        if self.scoring == "symmetric":
            return SymmetricScan(self, codes)
        return AsymmetricScan(self, codes)


class SymmetricScan:
    """Compares packed codes with packed codes; cosines of codes."""

    def __init__(self, coder: SubCodes, codes: Codes) -> None:
        self._coder = coder
        self._codes = codes

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Encode the queries, then count bits that differ."""
        best = Best(len(queries), min(k, self._codes.rows))
        asked = self._coder.encode_block(queries, 0)
        lengths = self._lengths(asked, slice(None))
        for block in batches(self._codes.rows, max(1, _BLOCK_VALUES // max(1, len(queries)))):
            report.check()
            dots = self.dots(asked["codes"], self._codes.parts["codes"][block])  # (m, b)
            dots /= lengths[:, None]
            dots /= self._lengths(self._codes.parts, block)
            best.offer(dots, block.start)
        return best.positions, best.similarities

    def dots(self, left: NDArray[np.uint8], right: NDArray[np.uint8]) -> Matrix:
        """Exact dot products (m, b) of packed codes (m, u + 1, bytes) and (b, u + 1, bytes)."""
        from backends.codecs.sub_code_kernel import sub_code_dots

        dots = np.empty((len(left), len(right)), dtype=np.float32)
        size = len(self._coder.weights.project)
        sub_code_dots(_words(left), _words(right), size, dots)
        return dots

    def _lengths(self, parts: Mapping[str, NDArray[Any]], rows: slice) -> Any:
        if "lengths" in parts:
            return parts["lengths"][rows].astype(np.float32)  # a code is at least sqrt(m) / 2^u
        size = len(self._coder.weights.project)
        return np.full(len(parts["codes"][rows]), math.sqrt(size), dtype=np.float32)


class AsymmetricScan:
    """Compares queries in full precision with what codes decode to, without decoding them."""

    def __init__(self, coder: SubCodes, codes: Codes) -> None:
        self._coder = coder
        self._codes = codes

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Project the queries, so that codes need no decoding: q (c + D b) = q c + (q D) b."""
        weights = self._coder.weights
        best = Best(len(queries), min(k, self._codes.rows))
        projected = queries @ weights.decode  # (m, code dimensions)
        offsets = (queries @ weights.centre)[:, None]
        width = max(weights.loops + 1, 1) * len(weights.project)
        for block in batches(self._codes.rows, max(1, _BLOCK_VALUES // max(width, len(queries)))):
            report.check()
            values = values_of(self._coder.bits(self._codes, block))
            lengths = self._codes.parts["lengths"][block].astype(np.float32)
            similarities = projected @ values.T + offsets  # (m, b)
            similarities /= np.maximum(lengths, np.float32(1e-6))
            best.offer(similarities, block.start)
        return best.positions, best.similarities


def _words(packed: NDArray[np.uint8]) -> NDArray[Any]:
    """The same bytes as the widest words that they fill; a view."""
    packed = np.ascontiguousarray(packed)
    widest = next(size for size in (8, 4, 2, 1) if packed.shape[2] % size == 0)
    return packed.view(np.dtype(f"u{widest}"))


@dataclass(frozen=True, eq=False, slots=True)
class Trained:
    """What fitting yields, before it becomes a coder."""

    weights: RecurrentWeights
    scoring: Scoring
    facts: Mapping[str, Any]
    curve: LossCurve | None
    notes: tuple[str, ...]


def learn(
    training: Training,
    size: int,
    loops: int,
    scorings: tuple[Scoring, ...],
    params: Params,
    report: Report,
    *,
    plan: Plan = PLAN,
    more: Callable[[Lessons, RecurrentWeights], Mapping[str, Any]] | None = None,
) -> Trained:
    """Choose the best untrained start and scoring by held-out rows, then train that.

    `params` may fix "start" ("identity", "rotated", "centred") and the "steps" of training, 0
    for none. `more` adds facts that held-out rows tell. Raises: Cancelled.
    """
    steps = params.get("steps")
    lessons = None if steps == 0 else lessons_of(training, report.span(0.0, 0.2))
    # A start that had seen held-out rows would look better on them than training can.
    vectors = training.vectors if lessons is None else lessons.fit
    report.step(0.2, 1, "Turning axes")
    starts = _starts(vectors, size, loops, training.seed, params.get("start", "auto"), report)
    if lessons is None:
        name, weights = next(iter(starts.items()))
        few = (
            f"{len(training.vectors):,} rows are too few to train and to hold some out: untrained."
        )
        facts = {"start": name, "scoring": scorings[0], "steps": 0}
        return Trained(weights, scorings[0], facts, None, () if steps == 0 else (few,))
    with torch_threads():
        name, scoring = _best_start(lessons, starts, scorings)
        model = RecurrentModel(starts[name], scoring, lessons.fit)
        work = size * training.vectors.shape[1] * (1 + 2 * loops + (scoring == "asymmetric"))
        # Where many numbers make up a code, each small change moves it more.
        rate = float(np.clip(_RATE_BY_SIZE / size, 1e-3, 3e-3))
        plan = replace(plan, steps=steps or steps_for(work), rate=rate, seed=training.seed)
        outcome = train(model, lessons, plan, report.span(0.3, 1.0))
        facts = {"start": name, "scoring": scoring, **outcome_facts(outcome)}
        weights = model.weights() if outcome.helped else starts[name]
        facts |= _both_scorings(lessons, weights, scorings)
        if not outcome.helped:  # and nothing is held out any more
            again = _starts(training.vectors, size, loops, training.seed, name, report)
            weights = again[name]
        elif scoring == "symmetric":
            weights = with_least_squares(weights, vectors)
        facts |= more(lessons, weights) if more is not None else {}
    return Trained(weights, scoring, facts, outcome.curve, outcome_notes(outcome))


def outcome_facts(outcome: Outcome) -> Mapping[str, Any]:
    """What training was worth, as parameters of a coder."""
    return {
        "steps": outcome.steps,
        "recall_before": round(outcome.before, 4),
        "recall_after": round(outcome.after, 4),
        "trained": outcome.helped,
    }


def outcome_notes(outcome: Outcome) -> tuple[str, ...]:
    """A sentence where training did not help."""
    if outcome.helped:
        return ()
    return (
        "Training did not find more neighbours of held-out rows than chance may "
        f"({outcome.after:.1%} against {outcome.before:.1%}): the untrained start is kept.",
    )


def _starts(
    vectors: Matrix, size: int, loops: int, seed: int, wanted: str, report: Report
) -> Mapping[str, RecurrentWeights]:
    starts: dict[str, RecurrentWeights] = {}
    if wanted in ("auto", "rotated"):
        starts["rotated"] = rotated_start(vectors, size, loops, seed, centred=False)
        report.check()
    if wanted in ("auto", "centred"):
        starts["centred"] = rotated_start(vectors, size, loops, seed, centred=True)
        report.check()
    if wanted == "identity" or (wanted == "auto" and size == vectors.shape[1]):
        starts["identity"] = fitted_decode(identity_start(size, loops), vectors)
    return starts


def _best_start(
    lessons: Lessons, starts: Mapping[str, RecurrentWeights], scorings: tuple[Scoring, ...]
) -> tuple[str, Scoring]:
    recalls = {
        (name, scoring): float(
            recall_of(
                RecurrentModel(weights, scoring, lessons.fit), lessons.checked, lessons.held
            ).mean()
        )
        for name, weights in starts.items()
        for scoring in scorings
    }
    return max(recalls, key=lambda pair: recalls[pair])


def _both_scorings(
    lessons: Lessons, weights: RecurrentWeights, scorings: tuple[Scoring, ...]
) -> Mapping[str, float]:
    if len(scorings) == 1:
        return {}
    return {
        f"recall_{scoring}": round(
            float(
                recall_of(
                    RecurrentModel(weights, scoring, lessons.fit), lessons.judged, lessons.held
                ).mean()
            ),
            4,
        )
        for scoring in scorings
    }


def solve(ask: Ask) -> Solved:
    """Two bits a dimension, more where all dimensions are taken; a length a vector.

    Measured on sentence vectors: at equal bytes two bits of half the dimensions find more than
    one bit of all.
    """
    whole = math.ceil(ask.dim / 8)  # bytes of a sub-code of all dimensions
    if ask.budget is None:
        return Solved({"loops": 1, "size": ask.dim, "scoring": "auto"})
    if ask.budget < NORM_BYTES + 2:
        plane, loops = max(1, int(ask.budget)), 0
        plane = min(plane, whole)
    else:
        room = ask.budget - NORM_BYTES
        loops = next((u for u in range(1, LOOPS) if int(room / (u + 1)) <= whole), LOOPS)
        plane = min(int(room / (loops + 1)), whole)
    params: dict[str, Any] = {"loops": loops, "size": min(ask.dim, 8 * plane), "scoring": "auto"}
    taken = plane * (loops + 1) + (NORM_BYTES if loops else 0)
    if taken == ask.budget:
        return Solved(params)
    return Solved(
        params,
        f"{counted(params['size'], 'dimension')} of {counted(loops + 1, 'bit')} take "
        f"{counted(taken, 'byte')} instead of {ask.budget:,.4g}.",
    )


def load() -> Fit:
    """Return the fit of recurrent binarisation."""

    def fit(training: Training, params: Params, report: Report) -> Coder:
        loops, size = int(params["loops"]), int(params["size"])
        scorings: tuple[Scoring, ...] = get_args(Scoring)
        if params.get("scoring", "auto") in scorings:
            scorings = (params["scoring"],)
        elif loops == 0:
            scorings = ("symmetric",)  # signs need no lengths then
        trained = learn(training, size, loops, scorings, params, report)
        shown = {"loops": loops, "size": size, "bits": loops + 1, **trained.facts}
        coder = SubCodes(trained.weights, trained.scoring, shown)
        coder.curve, coder.notes = trained.curve, trained.notes
        return coder

    return fit


SPECS = (
    CodecSpec(
        "bebr",
        "Recurrent binarisation (BEBR)",
        load=load,
        needs=(("torch", "torch"),),
        about="Trained here: signs, then signs of what they miss; up to four bits a dimension.",
        family="Trained",
        cost=90,
        solve=solve,
    ),
)
