"""Questions to a direction: indirect bias of two words, analogies, numbers from elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.notices import Problem
from app.panels.asked import Asked
from app.panels.direction_look import LookModel
from app.panels.direction_looked import terms_of
from backends.directions.analogies import Analogies, generate_analogies
from backends.directions.base import Direction, Space
from backends.directions.indirect import AlongPair, along_pair
from backends.directions.looking import FREQUENT
from backends.directions.references import Agreement, against_reference
from backends.errors import BackendError
from backends.reporting import Report

MOST_ANALOGIES = 500
NO_ENDS = Problem("Two words are needed.", "Write one into each field, as softball and football.")
NO_REFERENCE = Problem(
    "No numbers are chosen.", "Choose a word set with numbers, or a CSV file of words and numbers."
)


@dataclass(frozen=True, slots=True)
class AskSettings:
    """What is asked."""

    first: str = ""  # ends of the pair whose likeness is explained
    second: str = ""
    among: str = ""  # word set that explains it; "" for the items
    pairs: int = 50  # analogies
    searched: int = 20_000  # first items among which analogies are looked for
    reference: str = ""  # word set with numbers
    numbers: str = ""  # which of its numbers
    file: str = ""  # CSV instead of a word set


class AskingModel(QObject):
    """Asks about the direction that is looked at."""

    settings_changed = Signal(object)  # AskSettings

    def __init__(self, look: LookModel) -> None:
        super().__init__(look)
        self.look = look
        self._settings = AskSettings()
        common = (look.jobs, look.notices)
        self.along: Asked[AlongPair] = Asked(*common, "direction along", self)
        self.analogies: Asked[Analogies] = Asked(*common, "direction analogies", self)
        self.shares: Asked[Agreement] = Asked(*common, "direction shares", self)
        look.direction_changed.connect(lambda _direction: self._forget())
        look.space.changed.connect(self._forget)

    @property
    def settings(self) -> AskSettings:
        """What is asked."""
        return self._settings

    def change(self, **fields: Any) -> None:
        """Change what is asked; answers to what was asked before go."""
        new = replace(self._settings, **fields)
        if new == self._settings:
            return
        old, self._settings = self._settings, new
        if (old.reference, old.numbers, old.file) != (new.reference, new.numbers, new.file):
            self.shares.clear()
        if (old.first, old.second, old.among) != (new.first, new.second, new.among):
            self.along.clear()
        self.settings_changed.emit(new)

    def ask_along(self) -> None:
        """How much of the likeness of two words lies in the direction, and which words say so."""
        there, settings = self._there, self._settings
        if there is None:
            return
        ends = (settings.first.strip(), settings.second.strip())
        if not all(ends):
            self.along.refuse(NO_ENDS)
            return
        space, direction = there
        terms = terms_of(self.look.space.sets, settings.among) if settings.among else None
        call = partial(_along, space, direction, ends, terms or None)
        self.along.ask("Indirect bias", call, lane="ask")

    def ask_analogies(self) -> None:
        """Generate analogies; takes seconds, minutes among many items."""
        there, settings = self._there, self._settings
        if there is None:
            return
        space, direction = there
        call = partial(_analogies, space, direction, settings.pairs, settings.searched)
        self.analogies.ask("Generating analogies", call)

    def ask_shares(self) -> None:
        """Compare projections with numbers from elsewhere."""
        there, settings = self._there, self._settings
        if there is None:
            return
        space, direction = there
        if settings.file:
            call = partial(_shares_of_file, space, direction, Path(settings.file))
        else:
            reference = self.reference
            if reference is None:
                self.shares.refuse(NO_REFERENCE)
                return
            call = partial(_shares, space, direction, reference)
        self.shares.ask("Comparing with numbers", call, lane="ask")

    @property
    def reference(self) -> Mapping[str, float] | None:
        """A number for each word, of the chosen set."""
        try:
            one = self.look.space.sets.named(self._settings.reference)
        except KeyError:
            return None
        numbers = one.scores.get(self._settings.numbers) or next(iter(one.scores.values()), None)
        return dict(zip(one.terms, numbers, strict=True)) if numbers else None

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project; a file is of this computer and not kept."""
        return {name: value for name, value in asdict(self._settings).items() if name != "file"}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept; what does not fit is left out."""
        good: dict[str, Any] = {
            name: state[name]
            for name in ("first", "second", "among", "reference", "numbers")
            if isinstance(state.get(name), str)
        }
        for name, most in (("pairs", MOST_ANALOGIES), ("searched", FREQUENT)):
            if type(state.get(name)) is int and 2 <= state[name] <= most:
                good[name] = state[name]
        self.change(**good)

    @property
    def _there(self) -> tuple[Space, Direction] | None:
        space, direction = self.look.space.space, self.look.direction
        return (space, direction) if space is not None and direction is not None else None

    def _forget(self) -> None:
        for asked in (self.along, self.analogies, self.shares):
            asked.clear()


def read_reference(path: Path) -> dict[str, float]:
    """Words and numbers of a CSV file: its first two columns; a line without a number is a heading.

    Raises: BackendError if it cannot be read or holds no numbers.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BackendError(f"{path.name} cannot be read: {error}.", hint="Choose a CSV.") from error
    found: dict[str, float] = {}
    first = text.split("\n", 1)[0]
    mark = max("\t;,", key=first.count)
    for line in csv.reader(text.splitlines(), delimiter=mark):
        if len(line) < 2:
            continue
        try:
            found[line[0].strip()] = float(line[1].strip().removesuffix("%"))
        except ValueError:
            continue
    if not found:
        raise BackendError(
            f"{path.name} holds no words with numbers.",
            hint="Its first column should be words, its second one numbers.",
        )
    return found


def _along(
    space: Space,
    direction: Direction,
    ends: tuple[str, str],
    terms: tuple[str, ...] | None,
    report: Report,
) -> AlongPair:
    return along_pair(space, direction, ends, terms, k=10, report=report)


def _analogies(
    space: Space, direction: Direction, most: int, first: int, report: Report
) -> Analogies:
    return generate_analogies(space, direction, most, first=first, report=report)


def _shares(
    space: Space, direction: Direction, reference: Mapping[str, float], report: Report
) -> Agreement:
    return against_reference(space, direction, reference, report)


def _shares_of_file(space: Space, direction: Direction, path: Path, report: Report) -> Agreement:
    report.check()
    return against_reference(space, direction, read_reference(path), report)
