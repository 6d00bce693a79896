"""Two directions at once: items on both, for a chart and as a layout of the map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.notices import Problem
from app.panels.asked import Asked
from app.panels.direction_look import LookModel
from backends.arrays import Matrix, Rows
from backends.directions.base import Direction, Space
from backends.directions.looking import extremes, names_of, projections
from backends.directions.taking import few_points
from backends.reporting import Report

LABELLED = 5  # at each end of each axis
NO_OTHER = Problem(
    "There is no second direction in these vectors.", "Make another one, then choose it here."
)


@dataclass(frozen=True, eq=False)
class Plane:
    """Some items on two directions."""

    directions: tuple[Direction, Direction]
    rows: Rows  # (p,) ascending: all, or some drawn by chance and the extremes
    x: Matrix  # (p,)
    y: Matrix
    count: int  # of all that have both
    correlation: float  # of all of them (Pearson), -1..1; NaN if one is flat
    between: float  # cosine of the directions
    labels: dict[int, str]  # names of the extremes, by row
    values: tuple[Matrix, Matrix]  # (n,) of all items

    def place_of(self, row: int | None) -> tuple[float, float] | None:
        """Both values of an item, whether it is shown or not; None if it has none."""
        if row is None or not 0 <= row < len(self.values[0]):
            return None
        x, y = (float(values[row]) for values in self.values)
        return (x, y) if x == x and y == y else None  # not NaN


class AxesModel(QObject):
    """Follows the direction that is looked at, and a second one."""

    others_changed = Signal()

    def __init__(self, look: LookModel) -> None:
        super().__init__(look)
        self._look = look
        self._document = look.document
        self._other: str | None = None  # fingerprint
        self.plane: Asked[Plane] = Asked(look.jobs, look.notices, "direction plane", self)
        look.direction_changed.connect(lambda _direction: self._on_changed())
        look.looked.changed.connect(self._on_looked)
        self._document.directions_changed.connect(lambda _directions: self._on_changed())

    @property
    def others(self) -> tuple[Direction, ...]:
        """Directions that can be the second axis."""
        first = self._look.direction
        if first is None:
            return ()
        return tuple(
            one
            for one in self._document.directions
            if one.embeddings == first.embeddings and one.fingerprint != first.fingerprint
        )

    @property
    def other(self) -> Direction | None:
        """The second axis: the chosen one, else the newest."""
        others = self.others
        chosen = (one for one in others if one.fingerprint == self._other)
        return next(chosen, others[-1] if others else None)

    @property
    def problem(self) -> Problem | None:
        """Why there is no chart, or None."""
        return self._look.problem or (NO_OTHER if self.other is None else None)

    def choose(self, fingerprint: str) -> None:
        """Take another second axis."""
        if fingerprint != self._other:
            self._other = fingerprint
            self._on_changed()

    def _ask(self) -> None:
        looked, other, space = self._look.looked.answer, self.other, self._look.space.space
        if looked is None or other is None or space is None:
            return
        if looked.direction.embeddings == space.embeddings.fingerprint:
            first = looked.first
            call = partial(_plane, space, looked.direction, looked.values, other, first)
            self.plane.ask("Two directions", call)

    def _on_changed(self) -> None:
        self.plane.clear()
        self.others_changed.emit()
        self._ask()

    def _on_looked(self) -> None:
        if self._look.looked.answer is not None and not self._look.looked.is_running:
            self._ask()


def _plane(
    space: Space, first: Direction, x: Matrix, other: Direction, cut: int | None, report: Report
) -> Plane:
    y = projections(space.embeddings, other, report)
    ends = [extremes(values, LABELLED, first=cut) for values in (x, y)]
    labelled = np.unique(np.concatenate([r for one in ends for r in (one.negative, one.positive)]))
    rows = few_points(x, y, always=labelled)
    known = ~(np.isnan(x) | np.isnan(y))
    names = names_of(space.corpus, labelled, getattr(space.terms, "column", None))
    return Plane(
        (first, other),
        rows,
        x[rows],
        y[rows],
        int(np.count_nonzero(known)),
        _correlation(x[known].astype(np.float64), y[known].astype(np.float64)),
        float(first.vector @ other.vector),
        dict(zip(labelled.tolist(), names, strict=True)),
        (x, y),
    )


def _correlation(x: Matrix, y: Matrix) -> float:
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])
