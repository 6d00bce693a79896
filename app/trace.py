"""A diary for bug reports, benchmarks and acceptance tests: JSON lines of what happened and when.

Switched on by `EMBEDSCOPE_TRACE=FILE`. A heartbeat of 5 ms shows how long the event loop stood
still.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from app.document import Document
from app.jobs import Job, Jobs
from app.notices import Notice, Notices

VARIABLE = "EMBEDSCOPE_TRACE"
BEAT_MS = 5
STALL_MS = 50  # shorter gaps are not written down


def process_age_seconds() -> float:
    """Seconds since this process was started (Linux), or since Python can tell."""
    try:
        fields = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, AttributeError, ValueError):
        return time.process_time()


class Trace(QObject):
    """Writes what the document, the jobs and the notices say to a file, each line at once."""

    def __init__(
        self, path: Path, document: Document, jobs: Jobs, notices: Notices, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._offset = time.monotonic() - process_age_seconds()
        self._jobs = jobs
        self._last = time.monotonic()
        self._beat = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._on_beat)
        QTimer.singleShot(0, self, self._start_beat)  # before that there is no event loop to stall
        self._connect(document, jobs, notices)

    def say(self, event: str, **fields: Any) -> None:
        """Write one line; `seconds` counts from the start of the process."""
        line = {"event": event, "seconds": round(time.monotonic() - self._offset, 4), **fields}
        self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        """Stop the heartbeat and close the file."""
        self._beat.stop()
        self._file.close()

    def _start_beat(self) -> None:
        self._last = time.monotonic()
        self._beat.start()

    def _connect(self, document: Document, jobs: Jobs, notices: Notices) -> None:
        document.corpus_changed.connect(lambda c: self.say("corpus", rows=len(c) if c else 0))
        document.active_changed.connect(
            lambda e: self.say("active", rows=e.count if e else 0, encoder=e.encoder if e else "")
        )
        document.projection_changed.connect(
            lambda p: self.say(
                "projection",
                method=p.method if p else "",
                rows=len(p) if p else 0,
                finished=bool(p and p.finished),
                trustworthiness=p.faithfulness.trustworthiness if p and p.faithfulness else None,
            )
        )
        document.selection_changed.connect(
            lambda s: self.say("selection", rows=s.rows.tolist()[:20_000], words=s.words)
        )
        document.focus_changed.connect(lambda row: self.say("focus", row=row))
        document.hits_changed.connect(
            lambda h: self.say(
                "hits", rows=h.rows.tolist() if h else [], title=h.title if h else ""
            )
        )
        notices.posted.connect(self._on_notice)
        jobs.started.connect(self._on_job)

    def _on_notice(self, notice: Notice) -> None:
        self.say("notice", level=notice.level, text=notice.text, hint=notice.hint)

    def _on_job(self, job: Job) -> None:
        self.say("job", title=job.title, lane=job.lane)
        job.ended.connect(lambda: self.say("ended", title=job.title, state=job.state))

    def _on_beat(self) -> None:
        now = time.monotonic()
        gap = (now - self._last) * 1000 - BEAT_MS
        self._last = now
        if gap > STALL_MS:
            self.say("stall", ms=round(gap), during=[job.title for job in self._jobs.live])
