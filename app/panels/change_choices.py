"""What the page “Change” can choose from: directions of the active vectors, word sets, tests."""

from __future__ import annotations

from app.document import Document
from app.notices import Problem
from app.panels.change_settings import SELECTION, WORDS, ChangeSettings
from app.panels.direction_space import SpaceModel
from app.panels.directions import DirectionsModel
from backends.directions.base import Direction, Space
from backends.directions.erasing.registry import ERASERS
from backends.directions.terms import Vocabulary
from backends.directions.wordsets import AssociationTest, WordSet

NO_ITEMS = Problem(
    "Words are encoded here, and none of them is an item that could be kept or equalised.",
    "Open word vectors, or choose the column with the words on the page “Find and look”.",
)


class ChangeChoices:
    """Follows document and space; keeps nothing itself."""

    def __init__(self, document: Document, space: SpaceModel, found: DirectionsModel) -> None:
        self._document, self._space, self._found = document, space, found

    @property
    def space(self) -> Space | None:
        """The space of the active vectors, or None without any."""
        return self._space.space

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Directions of the active vectors."""
        return self._found.here

    @property
    def lists(self) -> tuple[WordSet, ...]:
        """Sets of words."""
        return self._space.sets_of("terms", "scores")

    @property
    def pair_sets(self) -> tuple[WordSet, ...]:
        """Sets of pairs."""
        return self._space.sets_of("pairs")

    @property
    def tests(self) -> tuple[AssociationTest, ...]:
        """Association tests: those that come along, and the person's own."""
        return self._space.sets.tests

    @property
    def word_problem(self) -> Problem | None:
        """Why words have no vectors here, so that none can be judged by, or None."""
        return self._space.word_problem

    @property
    def items_problem(self) -> Problem | None:
        """Why words cannot be kept or equalised here, or None."""
        space = self._space.space
        if self.word_problem is not None or space is None:
            return self.word_problem
        return None if isinstance(space.terms, Vocabulary) else NO_ITEMS

    def direction(self, wanted: str) -> Direction | None:
        """The one of that fingerprint; else the one that is looked at; else the first."""
        here = {one.fingerprint: one for one in self.directions}
        looked = self._document.direction
        names = (wanted, looked.fingerprint if looked is not None else "")
        return next((here[name] for name in names if name in here), next(iter(here.values()), None))

    def neutral(self, name: str) -> tuple[str, ...]:
        """Words of a set that serve where words have vectors."""
        return self._terms(name) if self.word_problem is None else ()

    def specific(self, name: str) -> tuple[str, ...]:
        """Words of a set that serve where words are items."""
        return self._terms(name) if self.items_problem is None else ()

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Pairs of a set that serve where words are items."""
        if self.items_problem is not None:
            return ()
        return next((one.pairs for one in self.pair_sets if one.name == name), ())

    def gone(self, chosen: ChangeSettings) -> tuple[str, ...]:
        """Settings that name a set or a test that there is not."""
        lists = {one.name for one in self.lists}
        known = {
            "specific": lists | {SELECTION},
            "pairs": {one.name for one in self.pair_sets},
            "neutral": lists,
            "test": {one.name for one in self.tests},
        }
        return tuple(name for name in WORDS if getattr(chosen, name) not in known[name] | {""})

    def empty(self, chosen: ChangeSettings) -> Problem | None:
        """The problem if a set that counts here holds nothing, for that would count as no set."""
        held = {one.name: len(one) for one in (*self.lists, *self.pair_sets)}
        names = [chosen.neutral if self.word_problem is None else ""]
        if self.items_problem is None:
            takes_pairs = ERASERS[chosen.method].takes_pairs
            names += [chosen.specific, chosen.pairs if takes_pairs else ""]
        name = next((name for name in names if held.get(name) == 0), None)
        return Problem(f"“{name}” holds nothing.", "Choose another set.") if name else None

    def _terms(self, name: str) -> tuple[str, ...]:
        return next((one.terms for one in self.lists if one.name == name), ())
