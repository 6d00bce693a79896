"""What a person takes along from a direction: a colour and a column, and a layout of the map."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from app.panels.direction_look import LookModel
from app.panels.measures import MeasuresModel
from backends.arrays import frozen
from backends.directions.base import Direction
from backends.directions.taking import lay_out, projected
from backends.measures import Measured
from backends.types import Projection


class TakingModel(QObject):
    """Takes from the direction that is looked at."""

    def __init__(self, look: LookModel, measures: MeasuresModel) -> None:
        super().__init__(look)
        self._look, self._measures = look, measures
        self._document = look.document

    def colour_map(self) -> None:
        """Put projections into a column, and colour the map by it."""
        active, direction = self._document.active, self._look.direction
        if active is not None and direction is not None:
            self._measures.compute(projected(active, direction), "io", "direction")

    def add_column(self) -> None:
        """Put projections into a column, and leave the map as it is."""
        document = self._document
        active, direction, corpus = document.active, self._look.direction, document.corpus
        if active is None or direction is None or corpus is None:
            return
        measure = projected(active, direction)
        there = next((n for n, how in corpus.computed.items() if how == measure.made_by), None)
        if there is not None:
            self._look.notices.info(f"The column {there} is there already.")
            return

        def put(measured: Measured) -> None:
            values = frozen(measured.values)
            name = self._document.put_column(measure.name, values, measure.made_by)
            self._look.notices.info(f"The column {name} holds the projections.")

        job = self._look.jobs.start(measure.name, measure.call, lane="io", key="direction column")
        job.done.connect(put)
        job.failed.connect(lambda failure: self._look.notices.failure(failure.error, failure.trace))

    def lay_out(self, other: Direction | None) -> None:
        """Make a map of the direction, and of another one or what items differ in most across."""
        active, first = self._document.active, self._look.direction
        if active is None or first is None:
            return
        call = partial(lay_out, active, first, other)
        job = self._look.jobs.start("Directions as axes", call, lane="io", key="direction layout")
        job.done.connect(self._on_laid_out)
        job.failed.connect(lambda failure: self._look.notices.failure(failure.error, failure.trace))

    def _on_laid_out(self, layout: Projection) -> None:
        self._document.add_projection(layout, show=True)
        self._look.notices.info(f"The map is laid out by {layout.title}.", " ".join(layout.notes))
