"""Erasers that are told the axis: neutralise, equalise, both (hard), and soft.

Reference: Bolukbasi et al. 2016, Man is to computer programmer as woman is to homemaker?, steps 2a
and 2b of the algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, frozen, unit_rows
from backends.codecs.learning import torch_threads
from backends.decompositions import eigh
from backends.directions.erasing.base import (
    EMPTY,
    Affine,
    Erasure,
    Task,
    blocks_of,
    merged,
)
from backends.errors import BackendError
from backends.parameters import parameter
from backends.reporting import Report
from backends.wording import counted

Floats = NDArray[np.float64]
FLAT = 1e-6  # length below which a pair has no part along the axis
RATE = 0.02  # of Adam, falling to 0 along half a cosine
SETTLED = 0.01  # share of the first slope below which a descent counts as finished


@dataclass(frozen=True, slots=True)
class NoParams:
    """Nothing to choose."""


@dataclass(frozen=True, slots=True)
class SoftParams:
    """How much soft debiasing weighs what it takes away against what it keeps."""

    weight: float = parameter(
        0.2,
        "Weight",
        "Lambda: how much losing the axis counts against keeping all similarities. 0 changes "
        "nothing; the larger, the less of the axis is left.",
        low=0,
        high=100_000,
        step=0.1,
    )
    steps: int = parameter(
        500,
        "Steps",
        "Of the search for the map: more of them come closer to the best one and take longer.",
        low=1,
        high=100_000,
        step=100,
    )
    seed: int = 0


def neutralise(task: Task, _params: NoParams, report: Report) -> Erasure:
    """Take the axis out of every row but those kept: w - w_B, at unit length."""
    report.step(0, 1, "Neutralising")
    notes = _kept_note(task)
    return Erasure(
        _without(task.basis), merged(task.kept), EMPTY, _none(task), len(task.basis), (), notes
    )


def equalise(task: Task, _params: NoParams, report: Report) -> Erasure:
    """Put the words of each pair at the same distance from everything that lies off the axis.

    With mu the mean of a pair and nu its part off the axis, each word becomes
    nu + sqrt(1 - |nu|^2) * (w_B - mu_B) / |w_B - mu_B|. All other rows stay.
    """
    report.step(0, 1, "Equalising")
    rows, values, notes = _equalised(task)
    return Erasure(None, EMPTY, rows, values, 0, (), notes)


def hard(task: Task, _params: NoParams, report: Report) -> Erasure:
    """Neutralise every row but those kept, then equalise the pairs."""
    report.step(0, 1, "Neutralising")
    rows, values, notes = _equalised(task) if len(task.pairs) else (EMPTY, _none(task), ())
    return Erasure(
        _without(task.basis),
        merged(task.kept),
        rows,
        values,
        len(task.basis),
        (),
        (*_kept_note(task), *notes),
    )


def soft(task: Task, params: SoftParams, report: Report) -> Erasure:
    """Find a linear map that keeps inner products and makes neutral words lose the axis.

    Of all T it takes the one with the smallest

        mean over pairs of words of ((Tw)·(Tv) - w·v)^2
        + lambda * mean over neutral words of |(Tn)·(Tb)|^2,  b the axes,

    found by Adam from T = I. These are the paper's two terms as means: as sums over words, the
    first outweighs any lambda by the size of the vocabulary. With C = W W^T / n (d x d) the first
    is |C^(1/2) (T^T T - I) C^(1/2)|^2, so no n x n matrix is needed. Both terms know T by T^T T
    alone, and of the maps that share it the symmetric one is taken: it moves the words least.

    Reference: Bolukbasi et al. 2016, step 2b.
    """
    if not 0 <= params.weight < 1e6:
        raise BackendError("The weight must be 0 or more.", hint="0.2 is usual.")
    if params.steps < 1:
        raise BackendError("Without a step nothing changes.", hint="500 steps are usual.")
    everything, neutral = _second_moments(task, report.span(0.0, 0.2))
    span = report.span(0.2, 1.0)
    with torch_threads():
        metric, losses, slope = _descend(everything, neutral, task.basis, params, span)
    matrix = _square_root(metric)  # symmetric, so rows and columns are the same
    notes = []
    if not len(task.kept):
        notes.append("No specific words were named: all words count as neutral.")
    notes.append(
        f"Loss {losses[0]:.3g} before, {losses[-1]:.3g} after {params.steps} steps of Adam; its "
        f"slope is {slope:.1%} of what it was."
    )
    if slope > SETTLED:
        notes.append("It was still falling when the steps were over: more steps would go further.")
    affine = Affine(frozen(matrix.astype(np.float32)), _zeros(task), to_units=True)
    return Erasure(affine, EMPTY, EMPTY, _none(task), 0, tuple(losses), tuple(notes))


def _descend(
    everything: Floats, neutral: Floats, basis: Matrix, params: SoftParams, report: Report
) -> tuple[Floats, list[float], float]:
    """T^T T of the best map, the loss before each step and after the last, and the slope left."""
    import torch

    torch.manual_seed(params.seed)
    half = torch.from_numpy(_square_root(everything))
    gram = torch.from_numpy(neutral)
    axes = torch.from_numpy(basis.astype(np.float64).T.copy())  # (d, k)
    identity = torch.eye(len(everything), dtype=torch.float64)
    change = identity.clone().requires_grad_(True)  # torch's own flag
    optimiser = torch.optim.Adam([change], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, params.steps)

    def loss_of(found: torch.Tensor) -> torch.Tensor:
        metric = found.T @ found  # X of the paper
        kept = ((half @ (metric - identity) @ half) ** 2).sum()
        turned = metric @ axes
        return kept + params.weight * (turned.T @ gram @ turned).trace()

    losses, slopes = [], []
    for step in range(params.steps + 1):
        report.step(step, params.steps, "Finding the map")
        optimiser.zero_grad()
        loss = loss_of(change)
        loss.backward()
        losses.append(float(loss.detach()))
        slopes.append(float(change.grad.norm()) if change.grad is not None else 0.0)
        if step < params.steps:
            optimiser.step()
            schedule.step()
    found = change.detach().numpy()
    return found.T @ found, losses, slopes[-1] / slopes[0] if slopes[0] > 0 else 0.0


def _without(basis: Matrix) -> Affine:
    axes = basis.astype(np.float64)
    matrix = np.eye(axes.shape[1]) - axes.T @ axes
    return Affine(
        frozen(matrix.astype(np.float32)), frozen(np.zeros(axes.shape[1], np.float32)), True
    )


def _equalised(task: Task) -> tuple[Rows, Matrix, tuple[str, ...]]:
    """Rows of pairs with their new vectors; of a row in several pairs the first counts."""
    if not len(task.pairs):
        raise BackendError(
            "There are no pairs to equalise.", hint="Give pairs of words that should be alike."
        )
    units = unit_rows(np.asarray(task.embeddings.vectors[task.pairs.ravel()], np.float32))
    pairs = units.astype(np.float64).reshape(len(task.pairs), 2, -1)  # (p, 2, d)
    axes = task.basis.astype(np.float64)  # (k, d)
    along = (pairs @ axes.T) @ axes  # (p, 2, d) w_B
    off = pairs.mean(axis=1) - along.mean(axis=1)  # (p, d) nu
    apart = along - along.mean(axis=1, keepdims=True)  # w_B - mu_B
    lengths = np.linalg.norm(apart, axis=2, keepdims=True)  # (p, 2, 1)
    rest = np.sqrt(np.maximum(0.0, 1.0 - (off**2).sum(axis=1)))[:, None, None]
    new = off[:, None, :] + rest * apart / np.maximum(lengths, FLAT)
    flat = lengths[:, 0, 0] < FLAT
    used = np.flatnonzero(~flat)
    rows: dict[int, NDArray[np.float64]] = {}
    again = 0
    for pair in used.tolist():
        both = task.pairs[pair].tolist()
        if any(row in rows for row in both):
            again += 1
            continue
        rows |= {row: new[pair, side] for side, row in enumerate(both)}
    notes = []
    if flat.any():
        words = counted(int(flat.sum()), "pair does", "pairs do")
        notes.append(f"{words} not differ along the axis and so stayed the same.")
    if again:
        words = counted(again, "pair holds", "pairs hold")
        notes.append(f"{words} a word of an earlier pair and so stayed the same.")
    ordered = np.array(sorted(rows), dtype=np.int64)
    values = np.array([rows[row] for row in ordered.tolist()]).reshape(len(ordered), axes.shape[1])
    return frozen(ordered), frozen(values.astype(np.float32)), tuple(notes)


def _second_moments(task: Task, report: Report) -> tuple[Floats, Floats]:
    """Means of outer products of all unit vectors, and of those not kept, (d, d) each."""
    dim = task.embeddings.dim
    everything = np.zeros((dim, dim))
    for block in blocks_of(task.embeddings):
        report.step(block.start, len(task.embeddings), "Reading the vectors")
        units = unit_rows(np.asarray(task.embeddings.vectors[block], np.float32))
        everything += (units.T @ units).astype(np.float64)
    units = unit_rows(np.asarray(task.embeddings.vectors[merged(task.kept)], np.float32))
    kept = (units.T @ units).astype(np.float64)
    n = max(1, task.embeddings.count)
    return everything / n, (everything - kept) / max(1, n - len(units))


def _square_root(matrix: Floats) -> Floats:
    values, vectors = eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def _kept_note(task: Task) -> tuple[str, ...]:
    if len(task.kept):
        return ()
    return ("No specific words are kept: those that carry the axis by definition lose it too.",)


def _zeros(task: Task) -> Matrix:
    return frozen(np.zeros(task.embeddings.dim, np.float32))


def _none(task: Task) -> Matrix:
    return frozen(np.empty((0, task.embeddings.dim), np.float32))
