"""Lets two maps look at the same part: whichever a hand moves, the other one follows.

The middle of one is brought over the other by shift, turn and scale, and as much is seen around it:
the largest circle in the middle of the one map is seen on the other too. That holds both ways, so
that taking turns never drifts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.notices import Problem
from app.panels.maps import BesideMap
from backends.projections.correspond import Correspondence, correspond
from backends.types import Projection
from widgets.map_hand import MapHand
from widgets.map_view import MapView

NOTHING = Problem("There is nothing to link yet.", "Both maps have to show a layout.")
IN_SPACE = Problem(
    "A layout in space is turned, and has no part that could be the same.",
    "Choose flat layouts for both maps.",
)
WHAT = "Pan and zoom this map and the first one together"
View = tuple[float, float, float, bool]  # middle, logical pixels per unit, whether it was moved


class MapLink(QObject):
    """Stands between the first map and one beside it, while that one is open."""

    changed = Signal()  # whether they can be linked, and how well they correspond

    def __init__(self, first: MapView, other: MapView, model: BesideMap) -> None:
        super().__init__(other)
        self._first, self._other, self._model = first, other, model
        self._pair: tuple[Projection, Projection] | None = None
        self._found: Correspondence | None = None
        self._is_busy = False  # a map that follows is not followed
        self._seen: dict[MapHand, View] = {}
        first.canvas.camera_changed.connect(self._on_first_moved)
        other.canvas.camera_changed.connect(self._on_other_moved)
        first.canvas.clicked.connect(self._on_first_clicked)
        other.canvas.clicked.connect(self._on_other_clicked)
        model.document.focus_changed.connect(self._on_focus_changed)
        model.linked_changed.connect(self._on_linked_changed)
        model.document.projection_changed.connect(self._on_layout_changed)
        model.showing.projection_changed.connect(self._on_layout_changed)
        self._renew()

    @property
    def problem(self) -> Problem | None:
        """Why they cannot look at the same part, or None."""
        pair = self._shown()
        if pair is None:
            return NOTHING
        return None if pair[0].dims == pair[1].dims == 2 else IN_SPACE

    @property
    def words(self) -> str:
        """What linking does, and how well the layouts correspond, for a tooltip."""
        problem, found = self.problem, self._found
        if problem is not None or found is None:
            return f"{WHAT}.\n{problem.text} {problem.hint}" if problem is not None else f"{WHAT}."
        share = f"residual {found.residual:.1%}" if found.residual < 0.1 else ""
        share = share or f"residual {found.residual:.0%}"
        if found.is_good:
            return f"{WHAT}.\nTheir layouts correspond well ({share} after turning and scaling)."
        return (
            f"{WHAT}.\nTheir layouts hardly correspond ({share} after turning and scaling): "
            "the same part shows other items."
        )

    def _shown(self) -> tuple[Projection, Projection] | None:
        first, other = self._first.shown, self._other.shown
        if first is None or other is None or len(first) != len(other):
            return None
        return first, other

    def _renew(self) -> bool:
        """Compare the layouts that are shown; return whether they are other ones than before."""
        pair = self._shown()
        before = self._pair
        if pair is not None and before is not None and all(map(_is, pair, before)):
            return False
        if pair is None and before is None:
            return False
        self._pair, self._found = pair, None
        if pair is not None and self.problem is None:
            self._found = correspond(pair[0].layout, pair[1].layout)
        self.changed.emit()
        return True

    @contextmanager
    def _busy(self) -> Iterator[None]:
        self._is_busy = True
        try:
            yield
        finally:
            self._is_busy = False

    def _on_moved(self, source: MapHand) -> None:
        """Whoever is moved leads; a map that got another layout or another size does not."""
        if self._is_busy or not self._model.linked:
            return
        another, view = self._renew(), _view_of(source)
        if another or self._seen.get(source) == view:  # another layout, or only another size
            source = self._first.canvas
        self._seen[source] = _view_of(source)
        self._follow(source)

    def _follow(self, source: MapHand) -> None:
        found = self._found
        if found is None:
            return
        target = self._other.canvas if source is self._first.canvas else self._first.canvas
        if source is self._other.canvas:
            found = found.back
        with self._busy():
            if not source.is_moved:
                target.fit()
            else:
                x, y, scale, _ = _view_of(source)
                grown = min(target.width(), target.height()) / min(source.width(), source.height())
                target.look_at(*found.place(x, y), scale * grown / found.scale)
        self._seen[target] = _view_of(target)

    def _bring_into_view(self, row: object, canvas: MapHand) -> None:
        if isinstance(row, int | np.integer) and self._model.linked and self._found is not None:
            with self._busy():
                canvas.go_to(int(row))

    def _on_first_moved(self, _camera: object) -> None:
        self._on_moved(self._first.canvas)

    def _on_other_moved(self, _camera: object) -> None:
        self._on_moved(self._other.canvas)

    def _on_first_clicked(self, row: object) -> None:
        self._bring_into_view(row, self._other.canvas)

    def _on_other_clicked(self, row: object) -> None:
        self._bring_into_view(row, self._first.canvas)

    def _on_focus_changed(self, row: object) -> None:
        """Walking by keys on one map brings the item into view on the other."""
        for here, there in ((self._first, self._other), (self._other, self._first)):
            if here.canvas.hasFocus():
                self._bring_into_view(row, there.canvas)

    def _on_linked_changed(self, on: bool) -> None:
        self._renew()
        if on:
            self._follow(self._first.canvas)

    def _on_layout_changed(self, _projection: object) -> None:
        if self._renew() and self._model.linked:
            self._follow(self._first.canvas)


def _view_of(canvas: MapHand) -> View:
    camera = canvas.camera
    return camera.x, camera.y, camera.scale / camera.ratio, canvas.is_moved


def _is(one: object, other: object) -> bool:
    return one is other
