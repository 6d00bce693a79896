"""For the trace: where the named parts of all open windows are on the screen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.trace import Trace

LOOK_MS = 250
Place = tuple[int, int, int, int]  # x, y, width, height


class Places(QObject):
    """Looks a few times a second and writes a line when something has moved."""

    def __init__(self, trace: Trace, parent: QObject) -> None:
        super().__init__(parent)
        self._trace = trace
        self._last: dict[str, Place] = {}
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Write where everything is, if that is not what was written last."""
        found: dict[str, Place] = {}
        for window in QApplication.topLevelWidgets():
            if window.isVisible():
                found |= {name: _place(part) for name, part in _named(window)}
        if found != self._last:
            self._last = found
            self._trace.say("places", places=found)


def _named(window: QWidget) -> list[tuple[str, QWidget]]:
    parts = [(window.windowTitle() or type(window).__name__, window)]
    for part in window.findChildren(QWidget):
        name = part.accessibleName() or part.objectName()
        if name and part.isVisible() and not name.startswith("qt_"):
            parts.append((name, part))
    return parts


def _place(part: QWidget) -> Place:
    corner = part.mapToGlobal(part.rect().topLeft())
    return corner.x(), corner.y(), part.width(), part.height()
