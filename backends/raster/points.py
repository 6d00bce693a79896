"""Points of a layout in the order of a grid of cells, so that a region is a few ranges of them.

The cells of one grid row follow each other, left to right, rows bottom to top: a rectangle of the
plane is one contiguous range of points per grid row, and a screen band owns whole rows. A point
takes eight bytes beside the layout: its row, and its place within its cell in steps of 1/65,536.
What lies far outside, the strays, follows after all cells, from low to high.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers the types of kernels)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.arrays import Matrix, frozen
from backends.raster.threads import slices, spread, threads

Ints = NDArray[np.int32]
Steps = NDArray[np.uint16]
SAMPLE = 50_000  # rows the grid's extent is taken from
FINE_CELLS = 256  # per side, up to which there is a cell for every four points
MOST_CELLS = 4096  # per side; beyond FINE_CELLS there are sixteen points to a cell
STEPS = 65_536  # places within a cell, per axis
OUTGROWN = 3.0  # times the extent of the middle 99%: a grid over everything would be too coarse
MOST_SORTERS = 4  # each has a count of its own for every cell
QUANTILES = 65  # of the density
BLOCKS = 64  # per side, of the table that says how many points a window holds


@dataclass(frozen=True, eq=False)
class Grid:
    """`side` x `side` cells."""

    left: float
    bottom: float
    per_x: float  # cells per unit of the plane
    per_y: float
    side: int

    def numbers(self) -> tuple[float, float, float, float, int]:
        """Fields in the order in which kernels take them."""
        return self.left, self.bottom, self.per_x, self.per_y, self.side


@dataclass(frozen=True, eq=False)
class Points:
    """The m of n rows that have a place, in spatial order; m counts the strays too."""

    layout: Matrix  # (n, 2) float32, the layout itself
    order: Ints  # (m,) corpus row of each point
    across: Steps  # (m,) place within its cell from the left, of strays 0
    up: Steps  # (m,) and from the bottom
    offsets: Ints  # (side * side + 1,) where each cell's points begin; strays from the last on
    grid: Grid
    bounds: tuple[float, float, float, float]  # left, bottom, right, top; zeros if there are none
    spread: float  # length of side of the square that a point has to itself, typically
    crowd: float  # points per unit area where it is densest (99th percentile of points)
    crowds: tuple[float, ...]  # points per unit area, quantiles over the area that holds points
    blocks: NDArray[np.int64]  # (B + 1, B + 1) sums of counts over blocks of cells

    def __len__(self) -> int:
        return len(self.order)

    @property
    def n(self) -> int:
        """Rows of the layout."""
        return len(self.layout)

    @property
    def strays(self) -> int:
        """How many points lie outside the grid."""
        return len(self.order) - int(self.offsets[-1])

    def most_in_view(self, width: float, height: float) -> int:
        """At least as many points as any window of that size in the plane shows."""
        side = len(self.blocks) - 1
        size = self.grid.side // side  # cells per block, at least
        wide = min(side, int(np.ceil(width * self.grid.per_x / size)) + 1)
        high = min(side, int(np.ceil(height * self.grid.per_y / size)) + 1)
        sums = self.blocks
        held = sums[high:, wide:] - sums[high:, :-wide] - sums[:-high, wide:] + sums[:-high, :-wide]
        return int(held.max()) + self.strays


def build_points(layout: Matrix) -> Points:
    """Put a layout (n, 2) into spatial order; rows with NaN or infinity are left out.

    The order within a cell is that of the rows. The layout is kept, so it must not change any more.
    """
    held = np.ascontiguousarray(layout, np.float32).view()
    held.flags.writeable = False
    bounds = _bounds(held)
    if bounds is None:
        return _no_points(held)
    grid = _grid(held, bounds)
    parts = slices(len(held), min(threads(), MOST_SORTERS))
    cells = np.empty(len(held), np.int32)
    counts = np.zeros((len(parts), grid.side * grid.side + 1), np.int32)
    numbers = grid.numbers()
    spread(
        lambda part: _cells(held, *numbers, *parts[part], cells, counts[part]),
        range(len(parts)),
    )
    offsets, total = _starts(counts)
    order = np.empty(total, np.int32)
    across, up = np.empty(total, np.uint16), np.empty(total, np.uint16)
    spread(
        lambda part: _place(
            held, *numbers, *parts[part], cells, counts[part], order, across, up
        ),
        range(len(parts)),
    )  # fmt: skip
    strays = order[offsets[-1] :]
    strays[:] = strays[np.argsort(held[strays, 1], kind="stable")]
    density = _density(offsets, grid, bounds[:2] == bounds[2:])
    return Points(
        held, frozen(order), frozen(across), frozen(up), frozen(offsets), grid, bounds, *density,
        frozen(_blocks(offsets, grid.side)),
    )  # fmt: skip


def places(points: Points) -> NDArray[np.float64]:
    """Where points are drawn, in their order, (m, 2): within 1/65,536 of a cell of the layout."""
    grid = points.grid
    inner = int(points.offsets[-1])
    cells = np.repeat(np.arange(grid.side * grid.side), np.diff(points.offsets))  # (inner,)
    found = np.empty((len(points), 2))
    found[:inner, 0] = (
        grid.left + (cells % grid.side + (points.across[:inner] + 0.5) / STEPS) / grid.per_x
    )
    found[:inner, 1] = (
        grid.bottom + (cells // grid.side + (points.up[:inner] + 0.5) / STEPS) / grid.per_y
    )
    found[inner:] = points.layout[points.order[inner:]]
    return found


def _no_points(layout: Matrix) -> Points:
    none, steps = frozen(np.empty(0, np.int32)), frozen(np.empty(0, np.uint16))
    offsets, sums = frozen(np.zeros(2, np.int32)), frozen(np.zeros((2, 2), np.int64))
    grid = Grid(0.0, 0.0, 1.0, 1.0, 1)
    nowhere = (0.0, 0.0, 0.0, 0.0)
    return Points(layout, none, steps, steps, offsets, grid, nowhere, np.inf, 0.0, (), sums)


def _bounds(layout: Matrix) -> tuple[float, float, float, float] | None:
    """Left, bottom, right, top of the rows that have a place; None if no row has."""
    parts = slices(len(layout), threads())
    found = np.empty((len(parts), 4), np.float32)
    spread(lambda part: _extent(layout, *parts[part], found[part]), range(len(parts)))
    low, high = found[:, :2].min(axis=0), found[:, 2:].max(axis=0)
    if not low[0] <= high[0]:
        return None
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _grid(layout: Matrix, bounds: tuple[float, float, float, float]) -> Grid:
    """Cells over everything; over the middle 99% where strays would make them too coarse."""
    sample = layout[:: max(1, len(layout) // SAMPLE)].astype(np.float64)
    sample = sample[np.isfinite(sample).all(axis=1)]
    m = max(1, len(sample)) * max(1, len(layout) // SAMPLE)
    side = int(np.clip(max(min(m**0.5 / 2, FINE_CELLS), m**0.5 / 4), 1, MOST_CELLS))
    least, most = np.array(bounds[:2]), np.array(bounds[2:])
    if len(sample):
        low, high = np.quantile(sample, [0.005, 0.995], axis=0)  # (2,), (2,)
        margin = 0.1 * (high - low)
        low, high = np.maximum(low - margin, least), np.minimum(high + margin, most)
        cut = (most - least) > OUTGROWN * (high - low)
        least, most = np.where(cut, low, least), np.where(cut, high, most)
    size = most - least
    # Points on a line still get cells with an area; all in one place is one cell.
    smallest = max(float(size.max()) / 100, float(np.abs(most).max()) * 1e-6, 1e-30)
    # A little more than everything, so that the last point lies within the last cell.
    per = side / (np.maximum(size, smallest) * (1 + 1e-6))
    return Grid(float(least[0]), float(least[1]), float(per[0]), float(per[1]), side)


def _starts(counts: Ints) -> tuple[Ints, int]:
    """Turn each thread's counts (t, cells + 1) into the places where its points go.

    Returns where each cell begins, (cells + 1,), the last being the strays, and the number of all.
    """
    together = counts.sum(axis=0, dtype=np.int64)  # (cells + 1,)
    ends = np.cumsum(together)
    offsets = (ends - together).astype(np.int32)
    running = offsets.copy()
    for part in counts:
        held = part.copy()
        part[:] = running
        running += held
    return offsets, int(ends[-1])


def _density(offsets: Ints, grid: Grid, one_place: bool) -> tuple[float, float, tuple[float, ...]]:
    """How far apart points typically lie; how many share a unit area where most do; quantiles."""
    counts = np.diff(offsets)
    held = np.sort(counts[counts > 0])
    if not len(held) or one_place:  # as much room as one likes
        return np.inf, 0.0, ()
    cell = 1.0 / (grid.per_x * grid.per_y)  # its area
    reached = np.searchsorted(np.cumsum(held, dtype=np.int64), 0.99 * held.sum())
    crowd = float(held[min(int(reached), len(held) - 1)]) / cell
    places = np.linspace(0, len(held) - 1, QUANTILES).astype(np.int64)
    return (
        float(np.sqrt(len(held) * cell / held.sum())),
        crowd,
        tuple((held[places] / cell).tolist()),
    )


def _blocks(offsets: Ints, side: int) -> NDArray[np.int64]:
    """Two-dimensional running sums of the counts in blocks of cells, (B + 1, B + 1)."""
    blocks = min(BLOCKS, side)
    edges = np.arange(blocks + 1) * side // blocks
    counts = np.diff(offsets).reshape(side, side)
    held = np.add.reduceat(np.add.reduceat(counts, edges[:-1], 0, np.int64), edges[:-1], 1)
    sums = np.zeros((blocks + 1, blocks + 1), np.int64)
    sums[1:, 1:] = held.cumsum(axis=0).cumsum(axis=1)
    return sums


@njit(nogil=True, cache=True)
def _extent(layout, start, stop, out):  # type: ignore[no-untyped-def]
    left = bottom = np.float32(np.inf)
    right = top = np.float32(-np.inf)
    for i in range(start, stop):
        x, y = layout[i, 0], layout[i, 1]
        if np.isfinite(x) and np.isfinite(y):
            left, right = min(left, x), max(right, x)
            bottom, top = min(bottom, y), max(top, y)
    out[0], out[1], out[2], out[3] = left, bottom, right, top


@njit(nogil=True, cache=True, inline="always")
def cell_at(value, start, per, side):  # type: ignore[no-untyped-def]
    """Cell of a coordinate. Never falls when the value rises, so ranges of values are ranges."""
    at = (np.float64(value) - start) * per
    if not at > 0.0:
        return 0
    return side - 1 if at >= side else np.int64(at)


@njit(nogil=True, cache=True)
def _cells(layout, left, bottom, per_x, per_y, side, start, stop, cells, counts):  # type: ignore[no-untyped-def]
    """Number each row's cell, side * side for strays, -1 for rows without a place; count them."""
    for i in range(start, stop):
        x = (np.float64(layout[i, 0]) - left) * per_x
        y = (np.float64(layout[i, 1]) - bottom) * per_y
        if not (np.isfinite(x) and np.isfinite(y)):
            cells[i] = -1
            continue
        cell = side * side
        if 0.0 <= x < side and 0.0 <= y < side:
            cell = np.int64(y) * side + np.int64(x)
        cells[i] = cell
        counts[cell] += 1


@njit(nogil=True, cache=True)
def _place(  # type: ignore[no-untyped-def]
    layout, left, bottom, per_x, per_y, side, start, stop, cells, starts, order, across, up
):
    """Put rows into the places that their cells have for this thread."""
    for i in range(start, stop):
        cell = cells[i]
        if cell < 0:
            continue
        at = starts[cell]
        starts[cell] = at + 1
        order[at] = i
        x = (np.float64(layout[i, 0]) - left) * per_x
        y = (np.float64(layout[i, 1]) - bottom) * per_y
        is_stray = cell == side * side
        across[at] = 0 if is_stray else np.uint16((x - np.int64(x)) * STEPS)
        up[at] = 0 if is_stray else np.uint16((y - np.int64(y)) * STEPS)
