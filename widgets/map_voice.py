"""The map for a screen reader: what it is, where the focus is, and what just happened.

Nothing is put into words while no screen reader listens.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible

from app.panels.one_map import OneMap
from app.panels.spoken import Spoken
from backends.selection import Selection
from backends.types import Hits
from widgets.map_hand import MapHand
from widgets.voice import announce, changed, describe, is_heard


class MapVoice(QObject):
    """Says where the focus went and what was selected, as it happens."""

    def __init__(self, canvas: MapHand, model: OneMap) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.leads = model.leads  # of several maps one tells what happened to all
        self._spoken = Spoken(model)
        canvas.words = self._spoken.map
        document = model.document
        document.focus_changed.connect(self._on_focus_changed)
        document.selection_changed.connect(self._on_selection_changed)
        document.hits_changed.connect(self._on_hits_changed)

    def say(self, text: str) -> None:
        """Say something that happened."""
        announce(self._canvas, text, at_once=True)

    def _on_focus_changed(self, _row: int | None) -> None:
        if not is_heard():
            return
        changed(self._canvas)
        if self._canvas.hasFocus():  # elsewhere, the table or the list speaks for itself
            announce(self._canvas, self._spoken.item() or "no item in focus", at_once=True)

    def _on_selection_changed(self, _selection: Selection) -> None:
        if is_heard():
            changed(self._canvas)
            if self.leads:
                announce(self._canvas, self._spoken.selection())

    def _on_hits_changed(self, _hits: Hits | None) -> None:
        if is_heard() and self._canvas.hasFocus():
            announce(self._canvas, self._spoken.hits())


describe(MapHand, QAccessible.Role.Canvas, lambda canvas: canvas.words())
