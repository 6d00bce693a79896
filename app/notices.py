"""What the person should know: one sentence, what to do next, and the details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from backends.errors import BackendError

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. `detail` (a traceback, a list of rows) is folded away until somebody asks."""

    level: Level
    text: str
    hint: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something cannot be done now, and what would make it possible; compared by identity."""

    text: str
    hint: str = ""


class Notices(QObject):
    """Receives notices from anywhere in the GUI thread and hands them to whoever shows them."""

    posted = Signal(object)  # Notice

    def info(self, text: str, hint: str = "") -> None:
        """Say something that went well or is good to know."""
        self.posted.emit(Notice("info", text, hint))

    def warn(self, text: str, hint: str = "", detail: str = "") -> None:
        """Say something that may not be what the person wanted."""
        self.posted.emit(Notice("warning", text, hint, detail))

    def failure(self, error: BaseException, trace: str) -> None:
        """Say that something failed: a `BackendError` in its own words, else a bug with trace."""
        if isinstance(error, BackendError):
            self.posted.emit(Notice("error", error.what, error.hint))
        elif isinstance(error, MemoryError):
            hint = "Close other programs or take a smaller part of the data."
            self.posted.emit(Notice("error", "There is not enough memory for this.", hint, trace))
        else:
            text = f"This is a bug in Embedscope: {type(error).__name__}: {error}"
            hint = "Nothing you have loaded is lost. The details help to mend it."
            self.posted.emit(Notice("error", text, hint, trace))
