"""One window at a time writes to a project: a lock file with the process and the host in it.

A lock whose process is dead, or from before the last boot, is taken over.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile

from backends.errors import BackendError
from backends.files import naming_failure

FILE = ".lock"
PROBE_BYTES = 4096


class ProjectLocked(BackendError):
    """Another window has the project, or its folder takes no lock."""


class ProjectLock:
    """Holds a project for this window until it is released.

    Raises: ProjectLocked; UnwritableFile if `make` is set and the folder cannot be made or written.
    """

    def __init__(self, folder: Path, *, make: bool = False) -> None:
        self._folder = folder
        self._made = make and not folder.exists()
        if make:
            with naming_failure(folder):
                folder.mkdir(parents=True, exist_ok=True)
        self._file = QLockFile(str(folder / FILE))
        self._file.setStaleLockTime(0)  # it never goes stale by age: a window may stay open
        if not self._file.tryLock(0):
            try:
                if make and self._file.error() != QLockFile.LockError.LockFailedError:
                    _probe(folder)
                raise _locked(folder, self._file)
            finally:
                self._take_back()

    def release(self) -> None:
        """Let others have it; a folder made for it that is still empty is removed."""
        self._file.unlock()
        self._take_back()

    def _take_back(self) -> None:
        if self._made:
            with suppress(OSError):
                self._folder.rmdir()


def _probe(folder: Path) -> None:
    """Find out why nothing can be written: Qt's lock does not say. Raises: UnwritableFile."""
    probe = folder / f".{os.getpid()}.probe"
    try:
        with naming_failure(folder):
            probe.write_bytes(bytes(PROBE_BYTES))
    finally:
        with suppress(OSError):
            probe.unlink()


def _locked(folder: Path, file: QLockFile) -> ProjectLocked:
    if file.error() != QLockFile.LockError.LockFailedError:
        return ProjectLocked(
            f"The folder of the project {folder.stem} cannot be written to.",
            "It can be looked at; save it under another name to keep changes.",
        )
    process, host, _program = file.getLockInfo()
    return ProjectLocked(
        f"The project {folder.stem} is open in another window (process {process} on {host}).",
        "Close it there, or save under another name.",
    )
