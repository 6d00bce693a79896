"""Learning groups, their directions, and how many of them each group keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backends.arrays import Matrix, Rows, unit_rows
from backends.codecs.allocation import Doubles, Lengths, allocate, error_of, uniform
from backends.codecs.base import Ask, CodecSpec, Coder, Fit, Params, Solved, Training
from backends.codecs.clusters import directions, means_of, nearest_of
from backends.codecs.mixed import COEFFICIENT, OVERHEAD, MixedDims
from backends.codecs.principal import leading, scatter_of
from backends.reporting import Report
from backends.wording import counted

MOST_GROUPS = 64
ROWS_BY_DIM = 8  # rows a group needs for each dimension, that its tables stay small beside codes
TRAINING_ROWS = 32_768
HELD_OUT = 0.2  # of the training rows, by which lengths are chosen
JUDGES = 400  # held-out rows whose neighbours are looked at
JUDGED = 8192  # rows among which
NEIGHBOURS = 10


@dataclass(frozen=True, eq=False, slots=True)
class Groups:
    """What was learnt of each group, before lengths are chosen."""

    means: Matrix  # (g, d)
    components: list[Matrix]  # (d, c) each, orthonormal, main ones first

    def of(self, vectors: Matrix) -> Rows:
        """Numbers of the groups of rows (b, d), as encoding finds them."""
        return nearest_of(vectors, unit_rows(self.means))

    def errors(self, vectors: Matrix) -> Doubles:
        """Squared error of each group's rows with 0..c coefficients, summed over rows; (g, c+1)."""
        group = self.of(vectors)
        found = np.zeros((len(self.means), self.components[0].shape[1] + 1))
        for number, components in enumerate(self.components):
            centred = vectors[group == number] - self.means[number]  # (r, d)
            squares = ((centred @ components).astype(np.float64) ** 2).sum(axis=0)  # (c,)
            whole = float((centred.astype(np.float64) ** 2).sum())
            found[number] = np.maximum(whole - np.concatenate(([0.0], np.cumsum(squares))), 0.0)
        return found

    def decoded(self, vectors: Matrix, kept: Lengths) -> Matrix:
        """What rows (b, d) become at these lengths, before rounding."""
        group = self.of(vectors)
        found = np.empty_like(vectors)
        for number, length in enumerate(kept):
            rows, mean = group == number, self.means[number]
            basis = self.components[number][:, :length]  # (d, kept)
            found[rows] = ((vectors[rows] - mean) @ basis) @ basis.T + mean
        return found


def learn_groups(vectors: Matrix, count: int, most: int, seed: int, report: Report) -> Groups:
    """Group unit rows (t, d) and find `most` directions of each group."""
    centres = directions(vectors, count, seed, report.span(0.0, 0.3))
    means = means_of(vectors, nearest_of(vectors, centres), centres)
    group = nearest_of(vectors, unit_rows(means))
    components = []
    for number, mean in enumerate(means):
        stage = report.span(0.3 + 0.7 * number / len(means), 0.3 + 0.7 * (number + 1) / len(means))
        scatter = scatter_of(vectors[group == number], mean.astype(np.float64), stage)
        components.append(leading(scatter, most, seed, stage))
    return Groups(means, components)


def choose_lengths(
    groups: Groups, learnt: Matrix, held_out: Matrix, coefficients: float
) -> tuple[Lengths, str]:
    """How many coefficients each group keeps (g,), and how it came to that in a sentence.

    `coefficients` are what the mean row may have. The allocation with the least error on held-out
    rows, equal lengths and the middle between them are compared by the neighbours that held-out
    rows keep; so on these the choice finds no fewer than equal lengths do.
    """
    count = len(groups.means)
    rows = np.bincount(groups.of(learnt), minlength=count)
    there = np.bincount(groups.of(held_out), minlength=count)
    errors = groups.errors(held_out)
    unseen = (there == 0) & (rows > 0)  # of a group without held-out rows, those learnt from
    errors[unseen] = groups.errors(learnt)[unseen] * (len(held_out) / len(learnt))
    rows = (rows + there).astype(np.int64)
    numbers = int(coefficients * rows.sum() + 1e-6)
    even = uniform(errors, rows, numbers)
    mixed = allocate(errors, rows, numbers)
    candidates = [mixed, even + (mixed - even) // 2, even]
    candidates = [kept for kept in candidates if int((kept * rows).sum()) <= numbers]
    recalls = [recall_among(groups, learnt, held_out, kept) for kept in candidates]
    kept = candidates[int(np.argmax(recalls))]
    if np.array_equal(kept, even) and error_of(errors, even) > error_of(errors, mixed):
        return kept, "Held-out rows kept no more neighbours with lengths that differ by group."
    return kept, f"{counted(count, 'group')} of rows keep {_range(kept)}."


def _range(kept: Lengths) -> str:
    low, high = int(kept.min()), int(kept.max())
    return counted(low, "dimension") if low == high else f"{low} to {counted(high, 'dimension')}"


def recall_among(groups: Groups, learnt: Matrix, held_out: Matrix, kept: Lengths) -> float:
    """Mean share of the nearest neighbours of held-out rows that are found among decoded rows."""
    queries = held_out[:JUDGES]  # (m, d)
    corpus = np.concatenate((held_out, learnt))[:JUDGED]
    k = min(NEIGHBOURS, len(corpus) - 1)
    if k < 1:
        return 0.0
    own = np.arange(len(queries))
    exact, found = queries @ corpus.T, queries @ unit_rows(groups.decoded(corpus, kept)).T
    exact[own, own] = found[own, own] = -np.inf
    nearest = np.argpartition(-exact, k - 1, axis=1)[:, :k]
    there = np.argpartition(-found, k - 1, axis=1)[:, :k]
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(nearest, there, strict=True)]))


def _load() -> Fit:
    def fit(training: Training, params: Params, report: Report) -> Coder:
        rng = np.random.default_rng(training.seed)
        count = min(TRAINING_ROWS, len(training.vectors))
        vectors = training.vectors[rng.permutation(len(training.vectors))[:count]]
        cut = int(HELD_OUT * count)
        learnt, held_out = vectors[cut:], vectors[:cut] if cut else vectors
        coefficients = float(params["coefficients"])
        most = min(training.source.dim, int(4 * coefficients) + 8)
        groups = learn_groups(learnt, int(params["groups"]), most, training.seed, report)
        kept, note = choose_lengths(groups, learnt, held_out, coefficients)
        parts = [
            np.ascontiguousarray(basis[:, :length])
            for basis, length in zip(groups.components, kept, strict=True)
        ]
        return MixedDims(params, groups.means, parts, (note,))

    return fit


def _solve(ask: Ask) -> Solved:
    """Groups by the number of rows, coefficients by the budget; the group itself is 1 byte.

    Bytes are those of the mean row, as the training rows have it.
    """
    learnable = min(ask.rows, 2 * ask.training) // (ROWS_BY_DIM * ask.dim)
    groups = max(1, min(max(learnable, 2), MOST_GROUPS, ask.training))
    note = ""
    if ask.budget is None:
        coefficients = ask.dim / 2
    else:
        coefficients = (ask.budget - OVERHEAD) / COEFFICIENT
        if coefficients < 1:
            note = (
                "The group of a vector and one coefficient take 3 bytes, more than the budget "
                "leaves for each: some or all vectors are only the mean of their group."
            )
        elif coefficients > ask.dim:
            note = f"The budget pays for all {counted(ask.dim, 'dimension')}."
    coefficients = round(min(max(coefficients, 0.0), ask.dim), 4)
    return Solved({"groups": groups, "coefficients": coefficients}, note)


SPECS = (
    CodecSpec(
        "mixed-dims",
        "Mixed dimensions",
        load=_load,
        about=(
            "Groups of alike vectors with main directions of their own; as many are kept of each "
            "group as pays most for its bytes."
        ),
        family="Fewer dimensions",
        cost=60,
        solve=_solve,
    ),
)
