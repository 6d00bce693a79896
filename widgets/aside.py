"""Calls a function in a thread of its own; the newest call counts, and only its result is told.

For small pictures beside the map: a job would show itself in the status bar each time.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

Call = Callable[[], Any]


class Aside(QObject):
    """The GUI thread's side."""

    done = Signal(object)
    failed = Signal(object, str)  # BaseException, trace
    _arrived = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = _Desk(name, self._arrived.emit)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._desk.stop)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits, runs or is on its way."""
        return self._desk.is_idle

    def ask(self, call: Call) -> None:
        """Have this called; an earlier call that has not begun is dropped."""
        self._desk.ask(call)

    def _on_arrived(self) -> None:
        result, failure = self._desk.take()
        if failure is not None:
            self.failed.emit(*failure)
        elif result is not None:
            self.done.emit(result)


class _Desk:
    """The thread's side. Knows no Qt, so it may outlive the object."""

    def __init__(self, name: str, tell: Callable[[], None]) -> None:
        self._name = name
        self._tell = tell
        self._lock = threading.Lock()
        self._call: Call | None = None
        self._is_busy = False
        self._is_stopped = False
        self._result: Any = None
        self._failure: tuple[BaseException, str] | None = None

    @property
    def is_idle(self) -> bool:
        with self._lock:
            arrived = self._result is not None or self._failure is not None
            return not self._is_busy and not arrived

    def ask(self, call: Call) -> None:
        with self._lock:
            self._call = call
            if self._is_busy or self._is_stopped:
                return
            self._is_busy = True
        threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def take(self) -> tuple[Any, tuple[BaseException, str] | None]:
        with self._lock:
            result, self._result = self._result, None
            failure, self._failure = self._failure, None
            return result, failure

    def stop(self) -> None:
        with self._lock:
            self._is_stopped = True

    def _work(self) -> None:
        while (call := self._next()) is not None:
            result, failure = None, None
            try:
                result = call()
            except Exception as error:  # noqa: BLE001  becomes a notice in the GUI thread
                failure = (error, traceback.format_exc())
            with self._lock:
                if self._is_stopped:
                    return
                self._result, self._failure = result, failure
                self._tell()  # inside the lock: after stop() the object may be gone

    def _next(self) -> Call | None:
        with self._lock:
            call, self._call = self._call, None
            self._is_busy = call is not None and not self._is_stopped
            return call if self._is_busy else None
