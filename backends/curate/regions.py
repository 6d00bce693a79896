"""Regions of a map at several levels: the hills of its density, blurred widely and then less so.

Counting points is one pass over them and looking up their regions another; all between works on
cells. A region of a finer level belongs to the region of a coarser one in which most of its points
lie, and takes all of them along, so that regions are nested exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, frozen
from backends.reporting import SILENT, Report

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Level:
    """How regions of one level are found."""

    bandwidth: float  # of the blur, as a share of the ground's long side
    share: float  # of all points that a region holds at least
    fewest: int  # points that it holds at least, however few there are


LEVELS = (
    Level(1 / 50, 0.006, 24),
    Level(1 / 100, 0.0015, 16),
    Level(1 / 190, 0.0007, 12),
    Level(1 / 340, 0.00015, 12),
    Level(1 / 620, 0.00003, 12),
)
DEEPER_FROM = (0, 0, 0, 60_000, 1_000_000)  # points from which on there is such a level
FINE_CELLS = 2048  # on the long side, for the narrowest blurs
GROUND = 0.97  # share of the points that is not sparse
OWN = 0.5  # share of a region's points that its parent must hold


@dataclass(frozen=True, slots=True)
class Region:
    """A hill of the density. Its number is its place in `Regions.all`; parents come first."""

    level: int  # 0 is the coarsest
    parent: int  # number of the region that it lies in, -1 if it stands alone
    peak: tuple[float, float]  # place of the highest density
    centre: tuple[float, float]  # mean place of its points
    bounds: tuple[float, float, float, float]  # left, bottom, right, top
    count: int  # rows, those of its parts included


@dataclass(frozen=True, eq=False)
class Regions:
    """Nested regions of a layout, and the finest one that each row lies in."""

    all: tuple[Region, ...]  # by level, the largest first
    deepest: Codes  # (n,) number of a region, -1 in sparse ground or without a place
    levels: int

    def __len__(self) -> int:
        return len(self.all)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Numbers of the regions directly inside each, the largest first."""
        found: list[list[int]] = [[] for _ in self.all]
        for number, region in enumerate(self.all):
            if region.parent >= 0:
                found[region.parent].append(number)
        return tuple(tuple(sorted(inner, key=lambda i: (-self.all[i].count, i))) for inner in found)

    def codes(self, level: int) -> Codes:
        """Number of each row's region of a level, (n,); -1 where it lies in none of that level."""
        numbers = np.full(len(self.all) + 1, -1, np.int32)  # the last one stands for none
        for number, region in enumerate(self.all):
            at = number
            while at >= 0 and self.all[at].level > level:
                at = self.all[at].parent
            if region.level >= level and at >= 0 and self.all[at].level == level:
                numbers[number] = at
        return frozen(numbers[self.deepest])

    def within(self, number: int) -> frozenset[int]:
        """A region and all regions inside it."""
        found = {number}
        for other in range(number + 1, len(self.all)):
            if self.all[other].parent in found:
                found.add(other)
        return frozenset(found)

    def rows(self, number: int) -> Rows:
        """Rows of a region and of all inside it, ascending."""
        inside = np.zeros(len(self.all) + 1, np.bool_)
        inside[list(self.within(number))] = True
        return frozen(np.flatnonzero(inside[self.deepest]).astype(np.int64, copy=False))


def find_regions(layout: Matrix, report: Report = SILENT) -> Regions:
    """Find the regions of a layout (n, 2): three levels, four or five where there are many points.

    Sparse ground, where the last 3% of the points are strewn, belongs to no region.
    """
    from backends.raster.density import CELLS, blurred, cells_of, count_points, levels_for

    report.step(0, len(LEVELS) + 2, "Counting points")
    levels = [
        level for level, least in zip(LEVELS, DEEPER_FROM, strict=True) if len(layout) >= least
    ]
    density = count_points(layout, FINE_CELLS if len(levels) == len(LEVELS) else CELLS)
    building = _Building(density.counts)
    for done, level in enumerate(levels, start=1):
        report.step(done, len(LEVELS) + 2, "Finding clusters")
        sigma = level.bandwidth * max(density.counts.shape)
        surface = blurred(density.counts, sigma)
        (floor,) = levels_for(surface, density.counts, (GROUND,))
        fewest = max(level.fewest, round(level.share * density.total))
        building.add_level(surface, sigma, floor, fewest)
    report.step(len(levels) + 1, len(LEVELS) + 2, "Looking up clusters")
    found, deepest = building.finished(density.ground)
    cells = cells_of(layout, density.ground)
    codes = np.append(deepest.reshape(-1), np.int32(-1))[cells]  # cell -1 is no cell
    return Regions(found, frozen(codes), len(levels))


class _Building:
    """Regions while levels are added: cells know the finest region so far that they lie in."""

    def __init__(self, counts: NDArray[np.int32]) -> None:
        self._counts = counts
        self._weights = counts.reshape(-1)
        self.deepest = np.full(counts.shape, -1, np.int32)
        self.parents: list[int] = []
        self.levels: list[int] = []
        self.peaks: list[int] = []
        self._level = 0

    def add_level(
        self, surface: NDArray[np.float32], sigma: float, floor: float, fewest: int
    ) -> None:
        """Lay finer regions over those there are."""
        from backends.raster.basins import basins

        labels, peaks = basins(surface, self._counts, sigma, floor=floor, fewest=fewest)
        hills, known = len(peaks), len(self.parents)
        inside = labels.reshape(-1) >= 0
        hill, old = labels.reshape(-1)[inside], self.deepest.reshape(-1)[inside] + 1
        shared = np.bincount(
            hill.astype(np.int64) * (known + 1) + old,
            weights=self._weights[inside],
            minlength=hills * (known + 1),
        ).reshape(hills, known + 1)  # points of each hill by region; 0 stands for none
        order = np.argsort(-shared.sum(axis=1), kind="stable")
        number = np.empty(hills, np.int32)
        number[order] = known + np.arange(hills, dtype=np.int32)
        for i in order:
            parent = int(shared[i].argmax()) - 1
            self.parents.append(parent if shared[i, parent + 1] >= OWN * shared[i].sum() else -1)
            self.levels.append(self._level)
            self.peaks.append(int(peaks[i]))
        flat = self.deepest.reshape(-1)
        flat[inside] = number[hill]
        self._level += 1

    def finished(self, ground: object) -> tuple[tuple[Region, ...], Codes]:
        """The regions, and the number of the finest one of each cell."""
        from backends.raster.density import Ground

        assert isinstance(ground, Ground)
        known = len(self.parents)
        held = np.flatnonzero((self.deepest.reshape(-1) >= 0) & (self._weights > 0))
        code, weight = self.deepest.reshape(-1)[held], self._weights[held].astype(np.float64)
        row, column = np.divmod(held, self._counts.shape[1])
        sums = np.stack(
            [np.bincount(code, weight * value, known) for value in (1, column, row)]
        )  # (3, regions)
        low, high = np.full((2, known), np.inf), np.full((2, known), -np.inf)
        for axis, value in enumerate((column, row)):
            np.minimum.at(low[axis], code, value)
            np.maximum.at(high[axis], code, value)
        for inner in range(known - 1, -1, -1):  # parts come after what they are parts of
            outer = self.parents[inner]
            if outer >= 0:
                sums[:, outer] += sums[:, inner]
                low[:, outer] = np.minimum(low[:, outer], low[:, inner])
                high[:, outer] = np.maximum(high[:, outer], high[:, inner])
        regions = []
        for i in range(known):
            v, u = divmod(self.peaks[i], self._counts.shape[1])
            count = max(float(sums[0, i]), 1.0)
            regions.append(
                Region(
                    self.levels[i],
                    self.parents[i],
                    ground.place(u, v),
                    ground.place(float(sums[1, i]) / count, float(sums[2, i]) / count),
                    (
                        *ground.place(float(low[0, i]) - 0.5, float(low[1, i]) - 0.5),
                        *ground.place(float(high[0, i]) + 0.5, float(high[1, i]) + 0.5),
                    ),
                    int(sums[0, i]),
                )
            )
        return tuple(regions), self.deepest
