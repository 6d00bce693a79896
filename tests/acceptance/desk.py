"""The real application and its window in this process, with everything that it has said."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.application import Application
from app.notices import Notice
from widgets.import_dialog import ImportDialog
from widgets.main_window import MainWindow

PATIENCE = 60_000


class Desk:
    """A window and everything that it has said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.application = Application()
        self.application.embedding.change(encoder="lexical")
        self.document = self.application.document
        self.said: list[Notice] = []
        self.application.notices.posted.connect(self.said.append)
        self.window = MainWindow(self.application)
        self.window.show()

    def open(self, path: Path, *, asks: bool = False) -> None:
        """Open a path without saving what was open; accept the guess where it is asked."""
        self.window._unasked = True
        self.window.open_paths((path,))
        self.settle()
        if asks:
            dialog = self.window.findChild(ImportDialog)
            assert dialog is not None
            dialog.accept()
            self.settle()

    def settle(self) -> None:
        """Wait until nothing runs."""
        self.qtbot.waitUntil(lambda: not self.application.jobs.live, timeout=PATIENCE)

    def of(self, level: str) -> list[Notice]:
        """What was said of one level."""
        return [notice for notice in self.said if notice.level == level]

    def close(self) -> bool:
        """Close without a question; return whether everything stopped in time.

        Kernels that are compiled for the first time cannot be stopped, and take their time.
        """
        self.window.close_unasked()
        with self.qtbot.waitSignal(self.window.destroyed):
            self.window.deleteLater()
        stopped = self.application.jobs.close(60.0)
        return self.application.close() and stopped
