"""The jobs that run, in the status bar: what, how far, how long still, and a stop button."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from app.jobs import Job, Jobs
from app.panels.state import seconds_text
from widgets.bind import PLAIN, named

SHOWN_AFTER_MS = 250  # shorter jobs would only flicker


class JobBar(QWidget):
    """Shows the oldest live job of the slowest lane, and how many others there are."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._shown: Job | None = None
        self._build()
        self._delay = QTimer(self, singleShot=True, interval=SHOWN_AFTER_MS)
        self._delay.timeout.connect(self._show)
        jobs.changed.connect(self._on_changed)

    def show_job(self, job: Job, others: int) -> None:
        """Show one job and the number of others that run or wait."""
        self._shown = job
        progress = job.progress
        left = job.seconds_left()
        words = [progress.text or job.title]
        if job.state == "waiting":
            words = [f"{job.title}: waiting"]
        if left is not None:
            words.append(f"about {seconds_text(left)} left")
        if others:
            words.append(f"and {others} more")
        self._text.setText(" · ".join(words))
        self._text.setToolTip(job.title)
        if progress.share < 0:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(progress.share * 1000))
        self._stop.setEnabled(True)
        self._bar.show()
        self._stop.show()

    def show_stopping(self, job: Job) -> None:
        """Show a job that was cancelled and whose worker has not noticed yet."""
        self._shown = None
        self._text.setText(f"{job.title}: stopping…")
        self._bar.setRange(0, 0)
        self._stop.setEnabled(False)

    def show_idle(self) -> None:
        """Show that nothing runs."""
        self._shown = None
        self._text.setText("")
        self._bar.hide()
        self._stop.hide()

    def _build(self) -> None:
        self._text = named(QLabel(textFormat=PLAIN), "What is being computed")
        self._bar = named(QProgressBar(), "Progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(140, 10)
        self._stop = named(QToolButton(), "Stop this job")
        self._stop.setText("Stop")
        self._stop.setToolTip("Stop this job; what is finished is kept (Ctrl+.)")
        self._stop.clicked.connect(self._on_stop_clicked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(8)
        layout.addWidget(self._text)
        layout.addWidget(self._bar)
        layout.addWidget(self._stop)
        self.show_idle()

    def _show(self) -> None:
        live = [job for job in self._jobs.live if job.lane != "ask"]
        running = [job for job in live if job.state == "running"]
        if live:
            self.show_job((running or live)[0], len(live) - 1)
        elif self._jobs.stopping:
            self.show_stopping(self._jobs.stopping[0])
        else:
            self.show_idle()

    def _on_changed(self) -> None:
        if self._bar.isVisible():
            self._show()
        elif not self._delay.isActive():
            self._delay.start()

    def _on_stop_clicked(self) -> None:
        if self._shown is not None:
            self.stop_shown()

    def stop_shown(self) -> None:
        """Stop the job that is shown."""
        if self._shown is not None:
            self._shown.cancel()
