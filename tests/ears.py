"""Ears on Qt's accessibility: what a screen reader would be told, as Qt hands it over.

PySide has no `QAccessible.installUpdateHandler`, so the one of the library is called: the events
that arrive are Qt's own, after it has asked whether anybody listens.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import PySide6
import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from shiboken6 import wrapInstance

_INSTALL = "_ZN11QAccessible20installUpdateHandlerEPFvP16QAccessibleEventE"
_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Ears:
    """While open, keeps what is announced and which kinds of events came."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.kinds: list[QAccessible.Event] = []
        library = Path(PySide6.__file__).parent / "Qt" / "lib" / "libQt6Gui.so.6"
        try:
            self._install = getattr(ctypes.CDLL(str(library)), _INSTALL)
        except (OSError, AttributeError):
            pytest.skip("Qt's own library is not where its wheels for Linux have it")
        self._install.argtypes, self._install.restype = [_HANDLER], ctypes.c_void_p
        self._handler = _HANDLER(self._on_event)

    def __enter__(self) -> Ears:
        QAccessible.setActive(True)
        self._install(self._handler)
        return self

    def __exit__(self, *_error: object) -> None:
        self._install(_HANDLER(0))
        QAccessible.setActive(False)

    def _on_event(self, address: int) -> None:
        kind = wrapInstance(address, QAccessibleEvent).type()
        self.kinds.append(kind)
        if kind == QAccessible.Event.Announcement:
            self.heard.append(wrapInstance(address, QAccessibleAnnouncementEvent).message())
