"""The sentences that words are encoded in, which all pages about directions share.

They are a matter of taste and of the encoder, so the settings remember them. What a page has
measured names the templates it used; changing them here changes nothing that was kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.notices import Problem
from app.settings import SettingsStore
from backends.directions.terms import BARE, SENTENCES, check_templates
from backends.errors import BackendError

READY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Plain sentences (SEAT)", SENTENCES),
    ("The bare word", BARE),
)
"""Templates to begin with, by what they are called."""
MOST = 100  # templates: each of them costs one encoding a word


class TemplatesModel(QObject):
    """Keeps the templates in the settings; only usable ones ever get there."""

    changed = Signal(object)  # tuple[str, ...]
    used_changed = Signal(bool)

    def __init__(self, document: Document, settings: SettingsStore) -> None:
        super().__init__(document)
        self._document = document
        self._settings = settings
        self._told = self.templates, self.used
        settings.changed.connect(lambda _settings: self._tell())
        document.active_changed.connect(lambda _active: self._tell())

    @property
    def templates(self) -> tuple[str, ...]:
        """One or more, each with a slot; the sentences of SEAT until others are written."""
        kept = self._settings.value.templates
        return kept if kept and problem_of(kept) is None else SENTENCES

    @property
    def text(self) -> str:
        """One template a line."""
        return "\n".join(self.templates)

    @property
    def used(self) -> bool:
        """Whether words get their vectors by them here: the vectors come from an encoder."""
        active = self._document.active
        return active is not None and active.made_by.origin.operation == "embed"

    def set_text(self, text: str) -> Problem | None:
        """Take one template a line; what cannot be used is told, and nothing changes."""
        templates = parsed(text)
        problem = problem_of(templates)
        if problem is None and templates != self.templates:
            self._settings.change(templates=templates)
        return problem

    def set_templates(self, templates: Sequence[str]) -> None:
        """Take others, such as one of `READY`. Raises: BackendError if one has no slot."""
        check_templates(templates)
        self._settings.change(templates=tuple(templates))

    def _tell(self) -> None:
        (before, used), self._told = self._told, (self.templates, self.used)
        if self._told[0] != before:
            self.changed.emit(self._told[0])
        if self._told[1] != used:
            self.used_changed.emit(self._told[1])


def parsed(text: str) -> tuple[str, ...]:
    """Templates of a text, one a line, each once; empty lines count for nothing."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def problem_of(templates: Sequence[str]) -> Problem | None:
    """Why these cannot be used, or None."""
    try:
        check_templates(templates)
    except BackendError as error:
        return Problem(error.what, error.hint)
    if len(templates) > MOST:
        return Problem(
            f"{len(templates)} templates are too many.",
            f"Keep at most {MOST}: every word is encoded in each of them.",
        )
    return None
