"""Association tests on the page of word sets: which is looked at, and changes of own ones.

Own tests are a fact of the document, beside own sets; every change of them can be undone.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.notices import Notices, Problem
from app.panels.association import problem_of
from app.panels.word_edits import free_name, renamed
from backends.directions.shipped import shipped
from backends.directions.wordsets import AssociationTest, Collection, WordSet

NOT_OWN_TEST = Problem(
    "This test comes with Embedscope and stays as it is.", "Copy it to your tests to change it."
)
UNNAMED = Problem("A test needs a name.", "It keeps the one that it had.")

Parts = tuple[WordSet, WordSet, WordSet, WordSet]


class WordTests(QObject):
    """Chooses a test, and changes own ones through the history."""

    chosen_changed = Signal(object)  # AssociationTest | None

    def __init__(self, document: Document, notices: Notices, history: History) -> None:
        super().__init__(document)
        self._document, self._notices, self._history = document, notices, history
        self._chosen: str | None = None
        self._before = self.own
        document.word_sets_changed.connect(self._on_changed)

    @property
    def own(self) -> tuple[AssociationTest, ...]:
        """The person's own."""
        return self._document.word_sets.tests

    @property
    def all(self) -> tuple[AssociationTest, ...]:
        """Own ones first, then those that come along."""
        names = {one.name for one in self.own}
        return (*self.own, *(one for one in shipped().tests if one.name not in names))

    @property
    def chosen(self) -> AssociationTest | None:
        """The test that is looked at."""
        return next((one for one in self.all if one.name == self._chosen), None)

    def listed(self, words: str = "") -> tuple[AssociationTest, ...]:
        """Tests whose name, sets or words hold the words."""
        wanted = words.casefold().strip()
        return tuple(one for one in self.all if _holds(one, wanted))

    def choose(self, name: str | None) -> None:
        """Look at another test."""
        if name != self._chosen:
            self._chosen = name
            self.chosen_changed.emit(self.chosen)

    def copy(self) -> None:
        """Make an own test of the one that is looked at."""
        if (one := self.chosen) is None:
            return
        name = free_name(one.name, {each.name for each in self.all})
        copy = replace(one, name=name, own=True, source="")
        if one.source:
            copy = replace(copy, about=f"{one.about} After: {one.source}".strip())
        self._chosen = name
        self._put(f"copy of test “{one.name}”", (*self.own, copy))

    def rename(self, name: str) -> None:
        """Call the own test at hand by another name."""
        name, one = " ".join(name.split()), self._changeable()
        if one is None or name == one.name:
            return
        if not name:
            self._notices.warn(UNNAMED.text, UNNAMED.hint)
            return
        free = free_name(name, {each.name for each in self.all} - {one.name})
        if free != name:
            self._notices.info(f"There is a test “{name}” already, so this one is “{free}”.")
        self._replace(f"rename test “{one.name}”", one, replace(one, name=free))

    def describe(self, about: str) -> None:
        """Say what the own test at hand is about."""
        about, one = " ".join(about.split()), self._changeable()
        if one is not None and about != one.about:
            self._replace(f"describe test “{one.name}”", one, replace(one, about=about))

    def set_part(self, at: int, part: WordSet) -> bool:
        """Make the own test at hand of another set, at 0 to 3: X, Y, A, B; whether it was taken."""
        one = self._changeable()
        if one is None:
            return False
        new = with_parts(one, tuple(part if k == at else p for k, p in enumerate(parts_of(one))))
        problem = problem_of(new.name, parts_of(new))
        if problem is not None:
            self._notices.warn(problem.text, problem.hint)
            return False
        self._replace(f"edit test “{one.name}”", one, new)
        return True

    def open_part(self, at: int) -> str | None:
        """Name of the own set that a part is, made of a ready one if need be, to edit its words.

        The test at hand then has the own set in the place of the other.
        """
        one = self.chosen
        if one is None:
            return None
        part = parts_of(one)[at]
        own = self._document.word_sets
        if not one.own or part in own.sets:
            return part.name
        taken = {each.name for each in shipped().joined(own).sets}
        mine = replace(part.called(free_name(part.name, taken)), own=True, source="")
        if part.source:
            mine = replace(mine, about=f"{part.about} After: {part.source}".strip())
        tests = tuple(
            replaced(each, part, mine) if each.name == one.name else each for each in own.tests
        )
        self._history.put(
            f"words of test “{one.name}”", "word_sets", Collection((*own.sets, mine), tests)
        )
        return mine.name

    def remove(self) -> None:
        """Take the own test at hand away."""
        if (one := self._changeable()) is None:
            return
        at = self.own.index(one)
        kept = self.own[:at] + self.own[at + 1 :]
        self._chosen = kept[min(at, len(kept) - 1)].name if kept else None
        self._put(f"remove association test “{one.name}”", kept)

    def _changeable(self) -> AssociationTest | None:
        one = self.chosen
        if one is not None and not one.own:
            self._notices.warn(NOT_OWN_TEST.text, NOT_OWN_TEST.hint)
            return None
        return one

    def _replace(self, text: str, old: AssociationTest, new: AssociationTest) -> None:
        self._chosen = new.name
        self._put(text, tuple(new if one.name == old.name else one for one in self.own))

    def _put(self, text: str, tests: tuple[AssociationTest, ...]) -> None:
        self._history.put(text, "word_sets", replace(self._document.word_sets, tests=tests))

    def _on_changed(self, _own: object) -> None:
        before, self._before = self._before, self.own
        self._chosen = renamed(before, self._before).get(self._chosen or "", self._chosen)
        self.chosen_changed.emit(self.chosen)


def parts_of(test: AssociationTest) -> Parts:
    """Its sets X, Y, A, B."""
    return (*test.targets, *test.attributes)


def with_parts(test: AssociationTest, parts: tuple[WordSet, ...]) -> AssociationTest:
    """The test of other sets; published values stay only with the words they are of."""
    x, y, a, b = parts
    words = [one.terms for one in parts_of(test)]
    same = words == [one.terms for one in parts]
    published = test.published if same else {}
    return replace(test, targets=(x, y), attributes=(a, b), published=published)


def replaced(test: AssociationTest, old: WordSet, new: WordSet) -> AssociationTest:
    """A test with another set in the place of one of its own."""
    return with_parts(test, tuple(new if one == old else one for one in parts_of(test)))


def _holds(test: AssociationTest, wanted: str) -> bool:
    names = (test.name, test.source, *(one.name for one in parts_of(test)))
    if any(wanted in name.casefold() for name in names):
        return True
    words = (term for one in parts_of(test) for term in one.terms)
    return len(wanted) > 2 and any(wanted in word.casefold() for word in words)
