"""UMAP's optimisation: neighbours attract, random others repel, one epoch after another.

In an epoch every row reads where the others stood when it began and moves only itself. So rows can
be shared among threads in any way and the layout stays the same to the last bit. Both coefficients
of the gradient are read from a table, as powers would take most of the time.

Numba kernels: import this module inside functions only.
"""

# ruff: noqa: ANN001, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.device import core_count
from backends.projections.fuzzy import FuzzySet
from backends.reporting import Report

REPULSIONS = 5  # random others per attraction, umap-learn's negative_sample_rate
START_EXTENT = 10.0  # each axis of the start is stretched to this length
_EDGES_A_CALL = 1 << 21  # some tens of milliseconds, so that large epochs can be stopped too
_SMALL = 20_000  # edges below which a second thread costs more than it saves


@dataclass(frozen=True, slots=True)
class Rule:
    """How to optimise: the curve's a and b, the number of epochs and the seed."""

    a: float
    b: float
    epochs: int
    seed: int


def start_from(layout: Matrix, seed: int) -> Matrix:
    """Stretch a layout (m, 2 or 3) to the extent to begin with, and set equal points apart."""
    low = layout.min(axis=0)
    width = layout.max(axis=0) - low
    spread = np.divide(layout - low, width, out=np.zeros_like(layout), where=width > 0)
    noise = np.random.default_rng(seed).normal(scale=1e-3, size=layout.shape)
    # An axis without any spread (one dimension, equal vectors) begins as a cloud.
    noise[:, width <= 0] *= 1000.0
    start: Matrix = (START_EXTENT * spread + noise).astype(np.float32)
    return start


def optimise(
    edges: FuzzySet,
    start: Matrix,
    rule: Rule,
    report: Report,
    show: Callable[[Matrix, int], None],
) -> Matrix:
    """Return the layout (m, 2 or 3) after all epochs; `start` is not written to.

    `show(layout, epoch)` is called after each epoch and must copy what it keeps. Reports every
    epoch, and within epochs of very many edges.
    """
    draw = _Draw.of(edges, rule)
    threads = core_count() if len(edges.columns) > _SMALL else 1
    pieces = _pieces(edges.starts, threads)
    old, new = start.copy(), start.copy()
    with ThreadPoolExecutor(threads, thread_name_prefix="layout") as pool:
        for epoch in range(rule.epochs):
            report.step(epoch, rule.epochs, "Optimising the layout")
            work = partial(draw.advance, old, new, epoch, report)
            for _ in map(work, pieces) if threads == 1 else pool.map(work, pieces):
                pass  # an exception in a thread comes out here
            old, new = new, old
            show(old, epoch + 1)
    return old


@dataclass(frozen=True, eq=False, slots=True)
class _Draw:
    """How often each edge is drawn, and what a draw does."""

    edges: FuzzySet
    rule: Rule
    table: Matrix
    steps: NDArray[np.uint32]  # (e,) an edge's chance per epoch in 1/2^32
    phases: NDArray[np.uint32]  # (e,) where its counter begins; when it overflows, it is drawn

    @classmethod
    def of(cls, edges: FuzzySet, rule: Rule) -> _Draw:
        """Chances in proportion to weights; an edge that would hardly ever be drawn never is."""
        shares = edges.weights.astype(np.float64) / edges.weights.max()
        steps = np.where(shares >= 1.0 / rule.epochs, np.minimum(shares * 2.0**32, 2.0**32 - 1), 0)
        phases = np.random.default_rng(rule.seed).integers(0, 2**32, len(steps), dtype=np.uint32)
        return cls(edges, rule, _table(rule.a, rule.b), steps.astype(np.uint32), phases)

    def advance(
        self, old: Matrix, new: Matrix, epoch: int, report: Report, piece: tuple[int, int]
    ) -> None:
        """Move the rows of a piece by one epoch. Raises: Cancelled."""
        report.check()
        pace = 1.0 - epoch / self.rule.epochs
        kernel = _advance if old.shape[1] == 2 else _advance_in_space
        kernel(
            *piece, self.edges.starts, self.edges.columns, self.steps, self.phases,
            old, new, self.table, pace, epoch, self.rule.seed,
        )  # fmt: skip


def _pieces(starts: NDArray[np.int64], threads: int) -> list[tuple[int, int]]:
    """Ranges of rows with about equally many edges."""
    edges = int(starts[-1])
    count = threads * max(4 if threads > 1 else 1, -(-edges // (_EDGES_A_CALL * threads)))
    cuts = np.searchsorted(starts, np.linspace(0, edges, count + 1)[1:-1])
    bounds = [0, *cuts.tolist(), len(starts) - 1]
    return [(low, high) for low, high in pairwise(bounds) if high > low]


def _table(a: float, b: float) -> Matrix:
    """Coefficients of attraction and repulsion, (32768, 2), by squared distance.

    The index is the upper 16 bits of the float32 squared distance: sign, exponent and 7 bits of
    the mantissa, so a coefficient is read at most 1/256 beside its distance.
    """
    bits = (np.arange(0x7F80, dtype=np.uint32) << 16) | 0x8000  # middle of each step, finite ones
    squared = bits.view(np.float32).astype(np.float64)
    table = np.zeros((32768, 2), dtype=np.float32)
    power = squared**b
    table[: len(bits), 0] = -2.0 * a * b * power / squared / (1.0 + a * power)
    table[: len(bits), 1] = 2.0 * b / ((0.001 + squared) * (1.0 + a * power))
    return table


@njit(nogil=True, cache=True, fastmath=True, inline="always")
def _clipped(value):  # type: ignore[no-untyped-def]
    return max(np.float32(-4.0), min(np.float32(4.0), value))


@njit(nogil=True, cache=True, fastmath=True)
def _advance(  # type: ignore[no-untyped-def]
    low, high, starts, columns, steps, phases, old, new, table, pace, epoch, seed
):
    """Move rows low..high by one epoch, from `old` into `new`.

    umap-learn moves both ends of each of the two directed edges between a pair. Here a row moves
    only itself, so its attraction counts twice. Repulsions of one draw are all taken from the
    same place: the processor works on them side by side.
    """
    n = np.uint64(old.shape[0])
    small = np.float32(pace)
    double = np.float32(2.0 * pace)
    turn = np.uint32(epoch)
    for i in range(low, high):
        x = old[i, 0]
        y = old[i, 1]
        state = np.uint64(i + 1) * np.uint64(0x9E3779B97F4A7C15)
        state ^= np.uint64(epoch + seed * 1000003 + 1) * np.uint64(0xD1342543DE82EF95)
        state ^= state >> np.uint64(32)
        state *= np.uint64(0xD6E8FEB86659FD93)
        state ^= state >> np.uint64(32)
        for edge in range(starts[i], starts[i + 1]):
            step = steps[edge]
            if np.uint32(phases[edge] + np.uint32((turn + np.uint32(1)) * step)) >= step:
                continue
            j = np.int64(columns[edge])
            dx = x - old[j, 0]
            dy = y - old[j, 1]
            squared = np.float32(dx * dx + dy * dy)
            pull = table[squared.view(np.int32) >> 16, 0]
            move_x = _clipped(pull * dx) * double
            move_y = _clipped(pull * dy) * double
            for _ in range(REPULSIONS):
                state += np.uint64(0x9E3779B97F4A7C15)  # splitmix64, Steele et al. 2014
                mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                j = np.int64(((mixed >> np.uint64(32)) * n) >> np.uint64(32))
                dx = x - old[j, 0]
                dy = y - old[j, 1]
                squared = np.float32(dx * dx + dy * dy)
                push = table[squared.view(np.int32) >> 16, 1]
                if j == i:  # its own place of a moment ago does not repel a row
                    push = np.float32(0.0)
                move_x += _clipped(push * dx) * small
                move_y += _clipped(push * dy) * small
            x += move_x
            y += move_y
        new[i, 0] = x
        new[i, 1] = y


@njit(nogil=True, cache=True, fastmath=True)
def _advance_in_space(  # type: ignore[no-untyped-def]
    low, high, starts, columns, steps, phases, old, new, table, pace, epoch, seed
):
    """What `_advance` does, for three coordinates."""
    n = np.uint64(old.shape[0])
    small = np.float32(pace)
    double = np.float32(2.0 * pace)
    turn = np.uint32(epoch)
    for i in range(low, high):
        x = old[i, 0]
        y = old[i, 1]
        z = old[i, 2]
        state = np.uint64(i + 1) * np.uint64(0x9E3779B97F4A7C15)
        state ^= np.uint64(epoch + seed * 1000003 + 1) * np.uint64(0xD1342543DE82EF95)
        state ^= state >> np.uint64(32)
        state *= np.uint64(0xD6E8FEB86659FD93)
        state ^= state >> np.uint64(32)
        for edge in range(starts[i], starts[i + 1]):
            step = steps[edge]
            if np.uint32(phases[edge] + np.uint32((turn + np.uint32(1)) * step)) >= step:
                continue
            j = np.int64(columns[edge])
            dx = x - old[j, 0]
            dy = y - old[j, 1]
            dz = z - old[j, 2]
            squared = np.float32(dx * dx + dy * dy + dz * dz)
            pull = table[squared.view(np.int32) >> 16, 0]
            move_x = _clipped(pull * dx) * double
            move_y = _clipped(pull * dy) * double
            move_z = _clipped(pull * dz) * double
            for _ in range(REPULSIONS):
                state += np.uint64(0x9E3779B97F4A7C15)
                mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                j = np.int64(((mixed >> np.uint64(32)) * n) >> np.uint64(32))
                dx = x - old[j, 0]
                dy = y - old[j, 1]
                dz = z - old[j, 2]
                squared = np.float32(dx * dx + dy * dy + dz * dz)
                push = table[squared.view(np.int32) >> 16, 1]
                if j == i:
                    push = np.float32(0.0)
                move_x += _clipped(push * dx) * small
                move_y += _clipped(push * dy) * small
                move_z += _clipped(push * dz) * small
            x += move_x
            y += move_y
            z += move_z
        new[i, 0] = x
        new[i, 1] = y
        new[i, 2] = z
