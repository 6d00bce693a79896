"""At which scales each label of a map is shown, so that none ever covers another.

A label has one range of scales. It depends on no camera, so labels stay while the map is moved; and
within its range it is always there, so on the way in a label stays until its parts replace it.
Labels keep their size on the screen while their places move apart, so two of them are in each
other's way in one interval of scales, and whoever comes first keeps it.

Reference: Been, Daiches, Yap 2006, "Dynamic map labeling", IEEE TVCG 12(5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GAP = 5.0  # pixels between two labels, at least
STAY = 1.7  # times its first scale a label is shown at least before its parts replace it
REPLACED_BY = 0.5  # share of its parts, and at least two, that must fit in


@dataclass(frozen=True, slots=True)
class Label:
    """What is to be placed; labels are given the more important first within a level."""

    x: float  # of the place it is fixed to, in the plane
    y: float
    width: float  # of its text, pixels
    height: float
    level: int  # 0 comes first
    parent: int  # position of the label that it is a part of, -1 if there is none
    shift: float = 0.0  # pixels that its middle stands to the right of its place
    least_scale: float = 0.0  # pixels per unit of the plane below which it is not wanted


@dataclass(frozen=True, eq=False)
class Ranges:
    """Label i is shown at scales `low[i] <= scale < high[i]`, pixels per unit of the plane."""

    low: Floats
    high: Floats

    def shown(self, scale: float) -> NDArray[np.bool_]:
        """Which labels are shown at a scale, (labels,)."""
        return np.asarray((self.low <= scale) & (scale < self.high))


def place(labels: Sequence[Label]) -> Ranges:
    """Give each label its range; one that finds no room, or is never wanted, has an empty one.

    A label is replaced by its parts as soon as about half of them fit beside each other. An only
    part is shown beside its whole.
    """
    count = len(labels)
    low, high = np.zeros(count), np.full(count, math.inf)
    if not count:
        return Ranges(low, high)
    boxes = _Boxes(labels)
    children: list[list[int]] = [[] for _ in labels]
    for number, label in enumerate(labels):
        if label.parent >= 0:
            children[label.parent].append(number)
    placed: list[int] = []
    for number in sorted(range(count), key=lambda i: (labels[i].level, i)):
        label = labels[number]
        start = label.least_scale
        if label.parent >= 0:
            start = max(start, _after(label.parent, children, low, high))
        inner = children[number]
        end = math.inf
        if len(inner) > 1:
            end = max(_fits_from(inner, boxes, labels), start * STAY)
        low[number], high[number] = _range(number, start, end, placed, boxes, low, high)
        if low[number] < high[number]:
            placed.append(number)
    return Ranges(low, high)


def _after(whole: int, children: Sequence[Sequence[int]], low: Floats, high: Floats) -> float:
    """From which scale on parts of a label may be shown; an only part replaces nothing."""
    if low[whole] >= high[whole]:
        return float(low[whole])
    return float(high[whole]) if len(children[whole]) > 1 else float(low[whole]) * STAY


class _Boxes:
    """Places and half sizes of all labels."""

    def __init__(self, labels: Sequence[Label]) -> None:
        self.x = np.array([label.x for label in labels])
        self.y = np.array([label.y for label in labels])
        self.shift = np.array([label.shift for label in labels])
        self.width = np.array([label.width for label in labels]) / 2
        self.height = np.array([label.height for label in labels]) / 2

    def clash(self, one: int, others: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """From which scale up to which label `one` is in the way of each of the others."""
        left, right = _interval(
            self.x[one] - self.x[others],
            self.shift[one] - self.shift[others],
            self.width[one] + self.width[others] + GAP,
        )
        below, above = _interval(
            self.y[one] - self.y[others],
            np.zeros(len(others)),
            self.height[one] + self.height[others] + GAP,
        )
        return np.maximum(left, below), np.minimum(right, above)


def _interval(away: Floats, shift: Floats, room: Floats) -> tuple[Floats, Floats]:
    """Scales s for which |away * s + shift| < room; empty ones have their end before their start.

    A hair is added to the end: what fits must fit after rounding, too.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (-room - shift) / away, (room - shift) / away
    start = np.maximum(np.minimum(first, second), 0.0)
    end = np.maximum(first, second) * (1 + 1e-9)
    same = away == 0
    never = same & (np.abs(shift) >= room)
    start = np.where(same, np.where(never, math.inf, 0.0), start)
    end = np.where(same, np.where(never, 0.0, math.inf), end)
    return start, end


def _fits_from(members: Sequence[int], boxes: _Boxes, labels: Sequence[Label]) -> float:
    """The scale from which on enough of some labels can be shown beside each other."""
    scales: list[float] = []
    for at, number in enumerate(members):
        scale = labels[number].least_scale
        if at:
            start, end = boxes.clash(number, np.array(members[:at]))
            scale = max(scale, float(np.where(start < end, end, 0.0).max()))
        scales.append(scale)
    enough = max(2, math.ceil(REPLACED_BY * len(members)))
    return sorted(scales)[enough - 1]


def _range(
    number: int,
    start: float,
    end: float,
    placed: Sequence[int],
    boxes: _Boxes,
    low: Floats,
    high: Floats,
) -> tuple[float, float]:
    """The end of start..end in which a label meets none of those placed already."""
    if placed and start < end:
        others = np.array(placed)
        first, last = boxes.clash(number, others)
        first = np.maximum(first, np.maximum(low[others], start))
        last = np.minimum(last, np.minimum(high[others], end))
        met = first < last
        if met.any():
            start = max(start, float(last[met].max()))
    return (start, end) if start < end else (end, end)
