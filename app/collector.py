"""Python's garbage is collected in the GUI thread, and only there.

The cyclic collector runs in whichever thread happens to allocate; from a worker it may destroy a Qt
object that belongs to the GUI thread, and the process dies. So it is switched off, and a timer of
the GUI thread does its work.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer

from app.jobs import Jobs

LOOK_MS = 1000
MANY_MODULES = 100
FULL_EVERY = 60  # looks between collections of everything, which take long


class Collector(QObject):
    """Collects young garbage once a second, and all of it once a minute while nothing runs."""

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._looks = 0
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._set_aside()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect what is due."""
        self._looks += 1
        if len(sys.modules) > self._modules + MANY_MODULES:
            self._set_aside()
        elif self._looks >= FULL_EVERY and not self._jobs.live:
            self._looks = 0
            gc.collect()
        else:
            gc.collect(1)

    def _set_aside(self) -> None:
        """Never look again at what there is: a library leaves a million objects, and stays."""
        self._modules = len(sys.modules)
        gc.freeze()

    def close(self) -> None:
        """Give the collector back to Python, and all objects to it."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()
