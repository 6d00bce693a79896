"""Lines of equal density round the items on the map, found when somebody wants to see them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.jobs import Failure, Jobs
from app.notices import Notices
from app.panels.showing import Showing, job_key
from app.panels.shows import ShowsModel
from backends.arrays import Matrix
from backends.reporting import Report

if TYPE_CHECKING:
    from backends.raster.contours import Contour

KEY = "contours"
SHOW = "contours"


class ContoursModel(QObject):
    """Keeps the contours of the layout that is shown, while they are switched on."""

    changed = Signal(object)  # tuple[Contour, ...]

    def __init__(self, shown: Showing, jobs: Jobs, notices: Notices, shows: ShowsModel) -> None:
        super().__init__(shows)
        self._shown = shown
        self._key = job_key(KEY, shown)
        self._jobs = jobs
        self._notices = notices
        self._shows = shows
        self._contours: tuple[Contour, ...] = ()
        self._of: str | None = None  # fingerprint of the layout
        shown.projection_changed.connect(self._on_projection_changed)
        shows.changed.connect(self._on_shows_changed)

    @property
    def contours(self) -> tuple[Contour, ...]:
        """The contours to be shown, innermost first; none while they are off or being found."""
        return self._contours if self._shows.is_on(SHOW) else ()

    def _renew(self) -> None:
        projection = self._shown.projection
        name = projection.fingerprint if projection is not None else None
        if name != self._of:
            self._jobs.cancel(self._key)
            self._of, self._contours = None, ()
            self.changed.emit(())
        if projection is None or name == self._of or not self._shows.is_on(SHOW):
            return
        if projection.dims == 3:  # what is dense from one side is not from another
            return
        call = partial(_contours_of, projection.layout)
        job = self._jobs.start("Drawing contours", call, lane="io", key=self._key)
        job.done.connect(lambda contours: self._on_found(str(name), contours))
        job.failed.connect(self._on_failed)

    def close(self) -> None:
        """Look for nothing any more."""
        self._jobs.cancel(self._key)

    def _on_projection_changed(self, _projection: object) -> None:
        self._renew()

    def _on_found(self, of: str, contours: tuple[Contour, ...]) -> None:
        self._of, self._contours = of, contours
        self.changed.emit(self.contours)

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)

    def _on_shows_changed(self, name: str) -> None:
        if name == SHOW:
            self._renew()
            self.changed.emit(self.contours)


def _contours_of(layout: Matrix, report: Report) -> tuple[Contour, ...]:
    from backends.raster.contours import contours_of

    return contours_of(layout, report=report)
