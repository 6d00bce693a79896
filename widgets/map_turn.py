"""Turning the map by itself: slowly, until somebody takes it into the hand."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QTimer

from app.panels.turning import TurningModel
from widgets.map_space import SpaceCanvas

PACE = 14.0  # degrees a second
TICK_MS = 16
LONGEST = 0.1  # seconds that one step makes up for: after a pause it does not leap
HOLDING = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
    QEvent.Type.KeyPress,
    QEvent.Type.NativeGesture,
    QEvent.Type.Hide,
)


class Spin(QObject):
    """Turns a canvas while its model says so; any gesture on the canvas holds it.

    Steps follow the time that went by, and come no faster than pictures are drawn.
    """

    def __init__(self, model: TurningModel, canvas: SpaceCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._canvas = canvas
        self._last = 0.0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        model.spinning_changed.connect(self._on_spinning_changed)
        model.turn_requested.connect(canvas.look_from)
        canvas.installEventFilter(self)

    @property
    def is_running(self) -> bool:
        """Whether steps are coming."""
        return self._timer.isActive()

    def _on_spinning_changed(self, on: object) -> None:
        if on and not self._canvas.isVisible():
            self._model.spin(False)
        elif on:
            self._last = time.perf_counter()
            self._timer.start()
        else:
            self._timer.stop()

    def _on_tick(self) -> None:
        if self._canvas.window().isMinimized():
            self._model.spin(False)
        elif self._canvas.image.is_idle:
            now = time.perf_counter()
            step, self._last = min(now - self._last, LONGEST), now
            self._canvas.turn_by(PACE * step, 0.0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A hand on the map holds it; so does nobody who could see it."""
        if self._timer.isActive() and event.type() in HOLDING:
            self._model.spin(False)
        return super().eventFilter(watched, event)
