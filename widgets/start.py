"""Open the window: the order of start-up, the picture of the finished window, the end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.application import VERSION, Application
from app.requests import WindowRequest
from app.trace import Trace
from backends.corpora.reading import ReadOptions
from widgets.interrupts import Interrupts
from widgets.main_window import MainWindow
from widgets.places import Places
from widgets.theme import Choice, apply_theme

TIDY_MS = 20_000  # after the start, when nobody waits for anything
QUIET_MS = 700  # nothing has run for so long: the picture is finished
PICTURE_LIMIT_MS = 15 * 60 * 1000


def open_window(request: WindowRequest) -> int:
    """Show the window, load what was named, run until it is closed; return the exit code."""
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(qt, QApplication)
    # A loop drawn while the window is busy for a moment would lose its corners. Qt's plugin for
    # X11 turns this on as the application is made, so it is turned off afterwards.
    qt.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    qInstallMessageHandler(_hear_qt)
    qt.setApplicationName("Embedscope")
    qt.setApplicationVersion(VERSION)
    qt.setDesktopFileName("embedscope")
    application = Application()
    apply_theme(qt, cast("Choice", application.settings.value.theme))
    # A picture shows the window as it is at first, whatever was done on a screen before.
    window = MainWindow(application, remembered=request.screenshot is None)
    _install_hook(application)
    if application.trace is not None:
        FirstPaint(application.trace, window)
    window.show()
    QTimer.singleShot(0, lambda: _begin(window, application, request))
    picture = Picture(window, application, request.screenshot) if request.screenshot else None
    interrupts = Interrupts(window.close_unasked, window)
    code = qt.exec()
    interrupts.close()
    application.close()
    return code if picture is None or picture.saved else 1


def _begin(window: MainWindow, application: Application, request: WindowRequest) -> None:
    QTimer.singleShot(TIDY_MS, application, application.tidy)
    if application.trace is not None:
        Places(application.trace, window)
    if request.project is not None:
        application.session.open(request.project)
    elif request.files:
        options = ReadOptions(text=request.text, vectors=request.vectors)
        if request.encoder:
            application.embedding.change(encoder=request.encoder)
        if request.method:
            application.projection.change(method=request.method)
        application.corpus.opened.connect(window.run_named)
        application.corpus.open(request.files, options)
    else:
        application.warm_up()


def _hear_qt(kind: QtMsgType, _context: object, text: str) -> None:
    """Pass on what Qt says, but for what the offscreen platform says at each resize."""
    if "propagateSizeHints" not in text and kind != QtMsgType.QtDebugMsg:
        sys.stderr.write(f"{text}\n")


def _install_hook(application: Application) -> None:
    """Show an exception of a slot as a notice; it would be lost on a terminal nobody sees."""
    import traceback
    from types import TracebackType

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(text)
        application.notices.failure(error, text)

    sys.excepthook = hook


class FirstPaint(QObject):
    """Writes into the trace when the window has been painted for the first time."""

    def __init__(self, trace: Trace, window: MainWindow) -> None:
        super().__init__(window)
        self._trace = trace
        self._watched = window.centralWidget() or window
        self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the first paint event; the line is written when it has been dealt with."""
        if watched is self._watched and event.type() == QEvent.Type.Paint:
            self._watched.removeEventFilter(self)
            QTimer.singleShot(0, self, lambda: self._trace.say("window"))
        return False


class Picture(QObject):
    """Waits until nothing runs any more, saves a picture of the window, and quits."""

    def __init__(self, window: MainWindow, application: Application, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._jobs = application.jobs
        self._path = path
        self.saved = False
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._on_quiet)
        application.jobs.changed.connect(self._quiet.start)
        self._quiet.start()
        QTimer.singleShot(PICTURE_LIMIT_MS, self, self._save)

    def _on_quiet(self) -> None:
        if self._jobs.live:
            self._quiet.start()
        else:
            self._save()

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self.saved = self._window.grab().save(str(self._path))
        if self.saved:
            sys.stderr.write(f"The picture of the window is in {self._path}\n")
        else:
            sys.stderr.write(f"error: Could not write {self._path}.\nhint: Choose another place.\n")
        self._window.close_unasked()
