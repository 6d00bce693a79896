"""The arrows that lie over all maps: pairs of the relation that is looked at, from head to tail.

No fact of the document: nothing is computed from them. Of too many pairs some are drawn, chosen by
chance, and it is said how many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Jobs
from backends.arrays import Matrix, Rows, frozen
from backends.reporting import SILENT, Report

KEY = "arrows"
MOST = 5_000  # drawn at once


@dataclass(frozen=True, eq=False)
class Arrows:
    """Pairs of items, those that agree best last, so that they lie on top."""

    heads: Rows  # (a,)
    tails: Rows  # (a,)
    agreement: Matrix  # (a,) with the offset of the relation, -1..1
    title: str
    of: int  # pairs there are

    @property
    def words(self) -> str:
        """What is drawn, and how much of it."""
        drawn = len(self.heads)
        count = f"{drawn:,}" if drawn == self.of else f"{drawn:,} of {self.of:,} by chance"
        return f"{self.title}: {count}"


def arrows_of(title: str, heads: Rows, tails: Rows, agreement: Matrix, most: int = MOST) -> Arrows:
    """Arrows of pairs; of more than `most` some are chosen by chance, always the same."""
    of = len(heads)
    chosen = np.arange(of)
    if of > most:
        chosen = np.random.default_rng(0).choice(of, most, replace=False)
    chosen = chosen[np.argsort(agreement[chosen], kind="stable")]
    return Arrows(
        frozen(heads[chosen]), frozen(tails[chosen]), frozen(agreement[chosen]), title, of
    )


class ArrowsModel(QObject):
    """Holds what is drawn; loads what draws it beside the window's work."""

    changed = Signal()

    def __init__(self, document: Document, jobs: Jobs) -> None:
        super().__init__(document)
        self._jobs = jobs
        self._arrows: Arrows | None = None
        self._is_ready = False
        document.corpus_changed.connect(lambda _corpus: self.show(None))

    @property
    def arrows(self) -> Arrows | None:
        """What is to be drawn, or None; also while what draws it is being loaded."""
        return self._arrows if self._is_ready else None

    def show(self, arrows: Arrows | None) -> None:
        """Draw other arrows, or none."""
        if arrows is None and self._arrows is None:
            return
        self._arrows = arrows
        if not self._is_ready and arrows is not None:
            job = self._jobs.start("Preparing arrows", prepare, lane="io", key=KEY)
            job.done.connect(self._on_prepared)
        else:
            self.changed.emit()

    def _on_prepared(self, _nothing: object) -> None:
        self._is_ready = True
        self.changed.emit()


def prepare(report: Report = SILENT) -> None:
    """Compile what draws arrows, or load it; once a machine that takes seconds."""
    from backends.raster.arrows import draw_arrows

    report.step(0, 1, "Preparing arrows")
    ends = np.array([[0.0, 0.0, 8.0, 3.0]], np.float32)
    draw_arrows(ends, np.zeros((1, 3), np.uint8), 1.0, 1.0, 1.0, (8, 8))
