"""The page of word sets: those that come with the application, and the person's own.

Own sets are a fact of the document; every change of them can be undone. Ready ones are never
changed: a copy of one is an own set. Names are unique among all of them, so that a name says which
set is meant wherever sets are chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.templates import TemplatesModel
from app.panels.word_edits import NO_WORDS, as_two_lists, blank, free_name, kind_of_text, pasted
from app.panels.word_files import WordFiles
from app.panels.word_keeping import kept, restored, reused
from app.panels.word_lookup import WordLookUp
from app.panels.word_tests import WordTests, replaced
from backends.directions.shipped import shipped, sources
from backends.directions.wordsets import AssociationTest, Collection, Kind, WordSet
from backends.errors import BackendError

OWN = "My sets"
NO_SET = Problem(
    "No set is chosen.", "Choose one on the left, make a new one, or drop a CSV or JSON file here."
)
NOT_OWN = Problem(
    "This set comes with Embedscope and stays as it is.", "Copy it to your sets to change it."
)
UNNAMED = Problem("A word set needs a name.", "It keeps the one that it had.")


@dataclass(frozen=True)
class Shelf:
    """Sets of one source, under its title."""

    title: str
    licence: str
    sets: tuple[WordSet, ...]


class WordSetsModel(QObject):
    """Chooses a set, and changes own ones through the history."""

    changed = Signal(object)  # Collection: own sets or tests are others
    chosen_changed = Signal(object)  # WordSet | None

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        templates: TemplatesModel,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._notices = notices
        self._history = history
        self._chosen: str | None = None
        self.tests = WordTests(document, notices, history)
        self._files = WordFiles(jobs, notices, self)
        self.lookup = WordLookUp(document, jobs, notices, templates)
        document.word_sets_changed.connect(self._on_sets_changed)

    @property
    def own(self) -> Collection:
        """The person's own sets and tests."""
        return self._document.word_sets

    @property
    def all(self) -> Collection:
        """Ready and own ones together."""
        return shipped().joined(self.own)

    @property
    def chosen(self) -> WordSet | None:
        """The set that is looked at."""
        return next((one for one in self.all.sets if one.name == self._chosen), None)

    @property
    def hand_made(self) -> object:
        """What a person would miss."""
        return self.own

    def shelves(self, words: str = "") -> tuple[Shelf, ...]:
        """Sets whose name, source or terms hold the words; own ones first, empty shelves left out.

        Terms count from three letters on, so that a letter does not find everything.
        """
        wanted = words.casefold().strip()
        mine = {one.name for one in self.own.sets}
        ready = (Shelf(s.title, s.licence, s.collection.sets) for s in sources())
        found = []
        for shelf in (Shelf(OWN, "", self.own.sets), *ready):
            there = [one for one in shelf.sets if one.own or one.name not in mine]
            if wanted not in shelf.title.casefold():
                there = [one for one in there if _holds(one, wanted)]
            if there:
                found.append(replace(shelf, sets=tuple(there)))
        return tuple(found)

    def choose(self, name: str | None) -> None:
        """Look at another set, and at no test."""
        self.tests.choose(None)
        if name != self._chosen:
            self._chosen = name
            self._tell_chosen()

    def choose_test(self, name: str) -> None:
        """Look at a test, and at no set."""
        self._chosen = None
        self.tests.choose(name)
        self._tell_chosen()

    def edit_part(self, at: int) -> None:
        """Look at a set of the test at hand, as an own one if the test is own."""
        if (name := self.tests.open_part(at)) is not None:
            self.choose(name)

    def new(self, kind: Kind, text: str = "") -> None:
        """Make an own set and look at it, with what a text holds in it."""
        try:
            one = pasted(blank("New set", kind), text) if text else blank("New set", kind)
        except BackendError as error:
            self._notices.warn(error.what, error.hint)
            return
        if isinstance(one, Problem):
            self._notices.warn(one.text, one.hint)
        else:
            self.add("new word set", (one,))

    def new_from_text(self, text: str) -> None:
        """Make an own set of what a clipboard holds: pairs if every line is one."""
        if not text.strip():
            self._notices.warn(NO_WORDS.text, NO_WORDS.hint)
            return
        try:
            kind = kind_of_text(text)
        except BackendError as error:
            self._notices.warn(error.what, error.hint)
        else:
            self.new(kind, text)

    def copy(self) -> None:
        """Make an own set of the one that is looked at."""
        if (one := self.chosen) is not None:
            copy = replace(one, own=True, source="")
            if one.source:
                copy = replace(copy, about=f"{one.about} After: {one.source}".strip())
            self.add(f"copy of “{one.name}”", (copy,))

    def split(self) -> None:
        """Make two own sets of terms of the sides of a set of pairs."""
        if (one := self.chosen) is not None and one.pairs:
            self.add(f"two lists of “{one.name}”", as_two_lists(one))

    def rename(self, name: str) -> None:
        """Call the own set at hand by another name; an empty one changes nothing."""
        name, one = " ".join(name.split()), self.chosen
        if one is None or not one.own or name == one.name:
            return
        if not name:
            self._notices.warn(UNNAMED.text, UNNAMED.hint)
            return
        free = free_name(name, {each.name for each in self.all.sets} - {one.name})
        if free != name:
            self._notices.info(f"There is a set “{name}” already, so this one is “{free}”.")
        self._replace(f"rename word set “{one.name}”", one, one.called(free))

    def describe(self, about: str) -> None:
        """Say what the own set at hand is about."""
        one = self.chosen
        if one is not None and one.own:
            about = " ".join(about.split())
            self._replace(f"describe “{one.name}”", one, replace(one, about=about))

    def edit(self, edited: WordSet | Problem) -> bool:
        """Take the set at hand as it was edited, or say why it cannot be; whether it was taken."""
        one = self.chosen
        if one is None or not one.own:
            edited = NO_SET if one is None else NOT_OWN
        if isinstance(edited, Problem):
            self._notices.warn(edited.text, edited.hint)
            return False
        assert one is not None
        self._replace(f"edit “{one.name}”", one, edited)
        return True

    def paste(self, text: str) -> None:
        """Put what a clipboard holds at the end of the own set at hand."""
        one = self.chosen
        try:
            if one is not None:
                self.edit(pasted(one, text))
        except BackendError as error:
            self._notices.warn(error.what, error.hint)

    def remove(self) -> None:
        """Take the own set at hand away; tests that were made of it keep their copy."""
        one = self.chosen
        if one is None or not one.own:
            return
        names = [each.name for each in self.own.sets]
        at = names.index(one.name)
        kept = self.own.sets[:at] + self.own.sets[at + 1 :]
        self._put(f"remove word set “{one.name}”", replace(self.own, sets=kept))
        using = [t.name for t in self.own.tests if one in (*t.targets, *t.attributes)]
        if using:
            whose = f"The test “{using[0]}” keeps its"
            if len(using) > 1:
                whose = f"{len(using)} tests (“{using[0]}”, …) keep their"
            self._notices.info(f"{whose} copy of “{one.name}”.", "\n".join(using))
        self.choose(kept[min(at, len(kept) - 1)].name if kept else None)

    def load(self, paths: Sequence[Path]) -> None:
        """Read files of sets and tests in the background, and add what they hold."""
        self._files.load(paths)

    def save(self, path: Path, only: WordSet | AssociationTest | None = None) -> None:
        """Write one set or test, or all own ones, as JSON or CSV."""
        self._files.save(path, self.own, only)

    def project_state(self) -> Mapping[str, Any]:
        """Own sets and tests as plain data."""
        return kept(self.own)

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take a project's sets and tests; what is damaged costs only itself."""
        if not state.get("own"):
            self._document.set_word_sets(Collection())
            return
        found, lost = restored(state)
        self._document.set_word_sets(found)
        if lost:
            self._notices.warn(
                f"{lost} word sets or tests of this project cannot be used.",
                "Their description is damaged; load them from a file if you have one.",
            )

    def add(
        self, text: str, sets: Sequence[WordSet], tests: Sequence[AssociationTest] = ()
    ) -> None:
        """Put sets to the own ones under free names, and look at the first of them.

        Sets of the tests that are there already are not put twice.
        """
        sets, tests = reused(self.all.sets, sets, tests)
        taken = {one.name for one in self.all.sets}
        named = []
        for one in sets:
            named.append(one.called(free_name(one.name, taken)))
            taken.add(named[-1].name)
            tests = [replaced(test, one, named[-1]) for test in tests]
        names = {test.name for test in self.all.tests}
        tested = []
        for test in tests:
            tested.append(replace(test, name=free_name(test.name, names)))
            names.add(tested[-1].name)
        own = self.own
        self._put(text, Collection((*own.sets, *named), (*own.tests, *tested)))
        if named:
            self.choose(named[0].name)
        elif tested:
            self.choose_test(tested[0].name)

    def _replace(self, text: str, old: WordSet, new: WordSet) -> None:
        """Put an own set in the place of another, in the tests that are made of it too."""
        own = self.own
        sets = tuple(new if one.name == old.name else one for one in own.sets)
        tests = tuple(replaced(test, old, new) for test in own.tests)
        if self._chosen == old.name:
            self._chosen = new.name
        self._put(text, Collection(sets, tests))

    def _put(self, text: str, value: Collection) -> None:
        self._history.put(text, "word_sets", value)

    def _on_sets_changed(self, own: Collection) -> None:
        self.changed.emit(own)
        self._tell_chosen()

    def _tell_chosen(self) -> None:
        one = self.chosen
        self.chosen_changed.emit(one)
        self.lookup.look(one)


def _holds(one: WordSet, wanted: str) -> bool:
    if wanted in one.name.casefold():
        return True
    if len(wanted) < 3:
        return False
    words = one.terms or tuple(term for pair in one.pairs for term in pair)
    return any(wanted in term.casefold() for term in words)
