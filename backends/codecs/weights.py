"""Learned dimension weights: which dimensions of stored vectors carry neighbours, and how much.

Reference: DNIS (Cheng et al. 2020, arXiv 2006.04466) and AutoSrh (Kong et al. 2023) learn a soft
selection of dimensions for groups of rows and prune the smallest; here after the fact, on vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, unit_rows
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
from backends.codecs.learning import Outcome, Plan, Tensor, torch_threads, train, unit
from backends.codecs.lessons import Lessons, lessons_of
from backends.codecs.recurrent import outcome_facts, outcome_notes
from backends.codecs.scan import Best
from backends.codecs.source import Source
from backends.reporting import SILENT, Report

STORED = {"int8": 1, "float16": 2, "float32": 4}  # bytes a number
_START = 1.0  # logit of a weight before training; weights are relative to it
# The five hardest negatives alone would reward a space in which everything is similar, which
# weights, unlike signs, can make.
PLAN = Plan(rate=0.15, positives=4, hardest=400, temperature=0.1, patience=10)
_SPARSITY = 5e-3  # L1 of the weights in the loss
_STEPS = 200
_ROUNDS = 10  # of k-means
_BLOCK_VALUES = 1 << 22


@dataclass(frozen=True, eq=False, slots=True)
class Selection:
    """Weights of all dimensions for each group of rows, and which of them are kept."""

    weights: Matrix  # (S, d) in 0..1, the largest of a group is 1
    kept: NDArray[np.int32]  # (S, p) dimensions, ascending
    centroids: Matrix  # (S, d) of unit length; a row belongs to the most similar

    def groups(self, vectors: Matrix) -> Rows:
        """Group of each row (b, d)."""
        if len(self.centroids) == 1:
            return np.zeros(len(vectors), dtype=np.int64)
        return np.asarray((vectors @ self.centroids.T).argmax(axis=1), dtype=np.int64)

    def narrow(self, vectors: Matrix, groups: Rows) -> Matrix:
        """Kept dimensions times their weights, (b, p)."""
        kept = self.kept[groups]  # (b, p)
        weights = np.take_along_axis(self.weights, self.kept.astype(np.int64), axis=1)  # (S, p)
        return np.take_along_axis(vectors, kept.astype(np.int64), axis=1) * weights[groups]

    def widen(self, values: Matrix, groups: Rows) -> Matrix:
        """Values (b, p) at their dimensions, zero elsewhere: (b, d)."""
        wide = np.zeros((len(values), self.weights.shape[1]), dtype=np.float32)
        np.put_along_axis(wide, self.kept[groups].astype(np.int64), values, axis=1)
        return wide


class Weighted(BlockCoder):
    """Kept dimensions, weighted and rounded. Queries are weighted as rows are."""

    def __init__(self, selection: Selection, stored: str, vectors: Matrix, params: Params) -> None:
        self.selection = selection
        self._stored = stored
        self.params = params
        kept = selection.kept.astype(np.int64)
        side: dict[str, NDArray[Any]] = {
            "kept": selection.kept,
            "weights": np.take_along_axis(selection.weights, kept, axis=1),
        }
        if len(kept) > 1:
            side["centroids"] = selection.centroids
        if stored == "int8":
            side["scales"] = _scales(selection, vectors)
        self.side: Mapping[str, NDArray[Any]] = side

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Numbers (b, p) and, where there are several, the group (b,) of each row."""
        groups = self.selection.groups(vectors)
        values = self.selection.narrow(vectors, groups)  # (b, p)
        if self._stored == "int8":
            rounded = np.rint(values / self.side["scales"][groups])
            values = np.clip(rounded, -127, 127)  # rows beyond those that were learned from
        parts: dict[str, NDArray[Any]] = {"codes": values.astype(self._stored)}
        if len(self.selection.kept) > 1:
            parts["groups"] = groups.astype(np.uint8)
        return parts

    def narrow(self, codes: Codes, rows: slice | Rows) -> tuple[Matrix, Rows]:
        """Weighted numbers (r, p) of some rows, and their groups (r,)."""
        values = codes.parts["codes"][rows].astype(np.float32)
        if "groups" in codes.parts:
            groups = codes.parts["groups"][rows].astype(np.int64)
        else:
            groups = np.zeros(len(values), dtype=np.int64)
        if self._stored == "int8":
            values *= self.side["scales"][groups]
        return values, groups

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Vectors of the weighted space: dimensions that are not kept are zero."""
        return self.selection.widen(*self.narrow(codes, rows))

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Search by cosine in the weighted space."""
        return WeightedScan(self, codes)


class WeightedScan:
    """Weights queries as rows were weighted; one group alone needs no widening to d dimensions."""

    def __init__(self, coder: Weighted, codes: Codes) -> None:
        self._coder = coder
        self._codes = codes

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest (m, k) of each query (m, d)."""
        selection = self._coder.selection
        groups = selection.groups(queries)
        asked = self._compared(selection.narrow(queries, groups), groups)
        best = Best(len(queries), min(k, self._codes.rows))
        size = max(1, _BLOCK_VALUES // max(asked.shape[1], len(queries)))
        for block in batches(self._codes.rows, size):
            report.check()
            rows = self._compared(*self._coder.narrow(self._codes, block))
            best.offer(asked @ rows.T, block.start)  # (m, b)
        return best.positions, best.similarities

    def _compared(self, values: Matrix, groups: Rows) -> Matrix:
        selection = self._coder.selection
        alone = len(selection.kept) == 1
        return unit_rows(values if alone else selection.widen(values, groups))


class SelectionModel:
    """Weights as sigmoids of logits. Dimensions beyond the budget are left out in every step.

    Their gradient passes all the same, so that a dimension left out can come back.
    """

    def __init__(self, vectors: Matrix, centroids: Matrix, count: int) -> None:
        import torch

        self._count = count
        self._centroids = torch.from_numpy(centroids)
        groups = Selection(centroids, np.zeros((0, 0), dtype=np.int32), centroids).groups(vectors)
        sizes = np.stack(
            [
                np.sqrt((vectors[groups == group] ** 2).mean(axis=0))
                if (groups == group).any()
                else np.ones(vectors.shape[1])
                for group in range(len(centroids))
            ]
        )
        self._sizes = torch.from_numpy(sizes.astype(np.float32))  # (S, d)
        self._logits = torch.full(self._sizes.shape, _START, requires_grad=True)
        self.parameters: list[Tensor] = [self._logits]

    def weights(self) -> Tensor:
        """Weights (S, d), all 1 before training."""
        import torch

        return torch.sigmoid(self._logits) / torch.sigmoid(torch.tensor(_START))

    def kept(self) -> Tensor:
        """Dimensions (S, p) that matter most: weight times size of the numbers there."""
        matters = self.weights().detach() * self._sizes
        return matters.topk(self._count, dim=1).indices.sort(dim=1).values

    def penalty(self) -> Tensor:
        """L1 norm of the weights."""
        return _SPARSITY * self.weights().sum() / len(self._sizes)

    def rows(self, vectors: Tensor) -> Tensor:
        """Weighted rows of unit length, (b, d)."""
        import torch

        weights = self.weights()
        there = torch.zeros_like(weights).scatter_(1, self.kept(), 1.0)
        passed = weights * there + (weights - weights.detach()) * (1 - there)
        if len(weights) == 1:
            return unit(vectors * passed)
        return unit(vectors * passed[(vectors @ self._centroids.T).argmax(dim=1)])

    def queries(self, vectors: Tensor) -> Tensor:
        """The same as for rows."""
        return self.rows(vectors)

    def both(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Both, weighted once."""
        rows = self.rows(vectors)
        return rows, rows

    def selection(self) -> Selection:
        """The weights as arrays."""
        weights = self.weights().detach().numpy()
        weights = weights / np.maximum(weights.max(axis=1, keepdims=True), 1e-12)
        kept = self.kept().numpy().astype(np.int32)
        return Selection(weights.astype(np.float32), kept, self._centroids.numpy())


def learn_selection(
    training: Training,
    count: int,
    *,
    groups: int = 1,
    steps: int | None = None,
    guide: Matrix | None = None,
    report: Report = SILENT,
) -> tuple[Selection, Outcome | None]:
    """Learn weights of all dimensions and which `count` of them to keep.

    `guide` (t, g) of unit length says which training rows are near, where that is not the vectors
    themselves: other vectors of the same rows, or `label_guide`. Too few rows, or no steps, give
    weights of 1 and the dimensions with the largest numbers. Raises: Cancelled.
    """
    lessons: Lessons | None = None
    if steps != 0:
        lessons = lessons_of(training, report.span(0.0, 0.2), guide)
    vectors = training.vectors if lessons is None else lessons.fit
    with torch_threads():
        model = SelectionModel(vectors, _centroids(vectors, groups, training.seed), count)
        if lessons is None:
            return model.selection(), None
        plan = replace(PLAN, seed=training.seed, steps=steps or _STEPS)
        outcome = train(model, lessons, plan, report.span(0.2, 1.0), model.penalty)
        return model.selection(), outcome


def label_guide(labels: NDArray[np.int64]) -> Matrix:
    """Vectors (t, classes) by which rows of the same label are near and others are not."""
    return np.eye(int(labels.max()) + 1, dtype=np.float32)[labels]


def _centroids(vectors: Matrix, groups: int, seed: int) -> Matrix:
    """Spherical k-means, (S, d)."""
    groups = max(1, min(groups, len(vectors), 256))
    rng = np.random.default_rng(seed)
    if groups == 1:
        return np.zeros((1, vectors.shape[1]), dtype=np.float32)
    centroids = vectors[np.sort(rng.choice(len(vectors), groups, replace=False))]
    for _ in range(_ROUNDS):
        near = (vectors @ centroids.T).argmax(axis=1)
        sums = np.zeros_like(centroids)
        np.add.at(sums, near, vectors)
        there = (sums != 0).any(axis=1)
        centroids[there] = unit_rows(sums[there])
    return centroids


def _scales(selection: Selection, vectors: Matrix) -> Matrix:
    """Steps (S, p) of int8, so that no row that was learned from is cut off."""
    scales = np.zeros(selection.kept.shape, dtype=np.float32)
    for block in batches(len(vectors), max(1, _BLOCK_VALUES // vectors.shape[1])):
        groups = selection.groups(vectors[block])
        sizes = np.abs(selection.narrow(vectors[block], groups))
        np.maximum.at(scales, groups, sizes)
    scales[scales == 0] = 1.0
    return scales / np.float32(127)


def solve(ask: Ask) -> Solved:
    """All dimensions as exactly as the budget allows; below a byte each, as many as it allows."""
    dim = ask.dim
    budget = ask.budget if ask.budget is not None else max(1, dim // 2)
    stored = next((name for name in ("float32", "float16") if budget >= STORED[name] * dim), "int8")
    count = min(dim, max(1, int(budget)))
    taken = count * STORED[stored]
    params = {"dims": count, "stored": stored, "groups": 1}
    if taken == budget:
        return Solved(params)
    return Solved(
        params, f"{count} dimensions as {stored} take {taken} bytes instead of {budget:,.4g}."
    )


def load() -> Fit:
    """Return the fit of learned weights."""

    def fit(training: Training, params: Params, report: Report) -> Coder:
        selection, outcome = learn_selection(
            training,
            int(params["dims"]),
            groups=int(params.get("groups", 1)),
            steps=params.get("steps"),
            report=report,
        )
        shown = {**params, **({} if outcome is None else outcome_facts(outcome))}
        coder = Weighted(selection, params["stored"], training.vectors, shown)
        if outcome is not None:
            coder.curve, coder.notes = outcome.curve, outcome_notes(outcome)
        elif params.get("steps") != 0:
            few = f"{len(training.vectors):,} rows are too few to learn weights: all are 1."
            coder.notes = (few,)
        return coder

    return fit


SPECS = (
    CodecSpec(
        "weights",
        "Learned dimension weights",
        load=load,
        needs=(("torch", "torch"),),
        about="Trained here: the dimensions that carry neighbours, weighted; the rest is dropped.",
        family="Trained",
        cost=93,
        solve=solve,
    ),
)
