"""Test sets of words that a change of vectors is judged by: files, or those of “Word checks”.

They are read when they are added, so a bad one is said at once and none can go missing later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.jobs import Jobs
from app.notices import Notices
from app.panels.word_checks import CheckFile, WordChecksModel, read_files
from backends.evaluate.files import WordFile

KEY = "direction-change-files"


class ChangeFilesModel(QObject):
    """Keeps the test sets that are chosen, in the order in which they came."""

    changed = Signal()  # also when others are offered

    def __init__(
        self, jobs: Jobs, notices: Notices, checks: WordChecksModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._notices, self._checks = jobs, notices, checks
        self._chosen: tuple[CheckFile, ...] = ()
        checks.files_changed.connect(self.changed)

    @property
    def chosen(self) -> tuple[CheckFile, ...]:
        """Those to judge by; all of them could be read."""
        return self._chosen

    @property
    def files(self) -> tuple[WordFile, ...]:
        """What they hold."""
        return tuple(one.file for one in self._chosen if one.file is not None)

    @property
    def offered(self) -> tuple[CheckFile, ...]:
        """Those of the page “Word checks” that are not chosen yet."""
        there = {one.path for one in self._chosen}
        return tuple(
            one for one in self._checks.files if one.file is not None and one.path not in there
        )

    def look(self) -> None:
        """Have the files of the last time read, once somebody looks."""
        self._checks.remember()

    def add(self, paths: Iterable[Path]) -> None:
        """Read and add test sets; one that is there already is read anew, a bad one is said."""
        wanted = list(dict.fromkeys(path.absolute() for path in paths))
        if not wanted:
            return
        job = self._jobs.start("Reading test sets", partial(read_files, wanted), lane="io")
        job.done.connect(self._on_read)
        job.failed.connect(lambda failure: self._notices.failure(failure.error, failure.trace))

    def take_offered(self) -> None:
        """Take those of the page “Word checks”."""
        self._set((*self._chosen, *self.offered))

    def remove(self, path: Path) -> None:
        """Judge by a file no more; the file itself stays."""
        self._set(tuple(one for one in self._chosen if one.path != path))

    def clear(self) -> None:
        """Judge by none."""
        self._set(())

    def kept(self) -> list[str]:
        """Where they lie, for a project."""
        return [str(one.path) for one in self._chosen]

    def restore(self, paths: Sequence[str]) -> None:
        """Take those of a project; what cannot be read any more is said."""
        self._set(())
        self.add(map(Path, paths))

    def _on_read(self, found: tuple[CheckFile, ...]) -> None:
        for one in found:
            if one.problem is not None:
                self._notices.warn(one.problem.text, one.problem.hint)
        anew = {one.path: one for one in found if one.file is not None}
        kept = [anew.pop(one.path, one) for one in self._chosen]
        self._set((*kept, *anew.values()))

    def _set(self, chosen: tuple[CheckFile, ...]) -> None:
        self._chosen = chosen
        self.changed.emit()
