"""Files of word sets and tests: read in the background, written at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject

from app.jobs import Failure, Jobs
from app.notices import Notices
from backends.directions.wordset_csv import Reading
from backends.directions.wordset_files import read_with_notes, write_sets
from backends.directions.wordsets import AssociationTest, Collection, WordSet
from backends.errors import BackendError

LARGEST = 50 * 2**20  # bytes of a file of words; more is a table of items


class Owner(Protocol):
    """What takes the sets and tests that were read."""

    @property
    def all(self) -> Collection:
        """Those that are there."""

    def add(
        self, text: str, sets: Sequence[WordSet], tests: Sequence[AssociationTest] = ()
    ) -> None:
        """Take others; `text` says what that is, in a few words."""


class WordFiles(QObject):
    """Reads files for an owner of sets, and writes its sets."""

    def __init__(self, jobs: Jobs, notices: Notices, owner: Owner) -> None:
        super().__init__(jobs)
        self._jobs, self._notices, self._owner = jobs, notices, owner

    def load(self, paths: Sequence[Path]) -> None:
        """Read files in the background, and add what they hold."""
        job = self._jobs.start(
            "Reading word sets", lambda _report: [_read(path) for path in paths], lane="io"
        )
        job.done.connect(self._on_read)
        job.failed.connect(self._on_failed)

    def save(self, path: Path, own: Collection, only: WordSet | AssociationTest | None) -> None:
        """Write one set or test, or all own ones, as JSON or CSV."""
        if isinstance(only, WordSet):
            own = Collection((only,))
        elif only is not None:
            own = Collection((), (only,))
        try:
            write_sets(path, own)
        except BackendError as error:
            self._notices.warn(error.what, error.hint)
        else:
            self._notices.info(f"Saved {path.name}.")

    def _on_read(self, readings: list[Reading]) -> None:
        sets = [one for each in readings for one in each.collection.sets]
        tests = [one for each in readings for one in each.collection.tests]
        if not sets and not tests:
            self._notices.warn("There are no word sets in it.", "Choose another file.")
            return
        before = {one.name for one in self._owner.all.sets}
        many = " and ".join(
            f"{len(there):,} {what}{'s' * (len(there) != 1)}"
            for there, what in ((sets, "word set"), (tests, "test"))
            if there
        )
        self._owner.add(f"load {many}", sets, tests)
        notes = [note for each in readings for note in each.notes]
        come = {one.name for one in self._owner.all.sets} - before
        taken = [one.name for one in sets if one.name in before]
        if other := [n for n in taken if any(new.startswith(f"{n} (") for new in come)]:
            notes.append(f"“{other[0]}” was there already, so the new one has a number.")
        if notes:
            self._notices.warn(f"Loaded {many}. {notes[0]}", detail="\n".join(notes))
        else:
            self._notices.info(f"Loaded {many}.")

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)


def _read(path: Path) -> Reading:
    """Raises: BackendError."""
    if path.is_file() and path.stat().st_size > LARGEST:
        raise BackendError(
            f"{path.name} is too large for a list of words.", hint="Open it as a table of items."
        )
    return read_with_notes(path)
