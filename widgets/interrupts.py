"""Ctrl-C in the terminal and a session that ends: the window closes in order, unasked."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier

HEARD = (signal.SIGINT, signal.SIGTERM)


class Interrupts(QObject):
    """Calls `end` in the event loop when the process is asked to stop.

    Python's own handler would raise KeyboardInterrupt in whichever slot runs next, and not before
    one does; the wake-up socket makes Qt look at once.
    """

    def __init__(self, end: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._end = end
        self._here, self._there = socket.socketpair()
        for side in (self._here, self._there):
            side.setblocking(False)
        self._fd_before = signal.set_wakeup_fd(self._there.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, lambda *_: None) for number in HEARD}
        self._notifier = QSocketNotifier(self._here.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(lambda *_: self._on_woken())

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        for side in (self._here, self._there):
            side.close()

    def _on_woken(self) -> None:
        if any(number in HEARD for number in self._here.recv(64)):
            self._end()
