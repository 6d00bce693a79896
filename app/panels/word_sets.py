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
from app.jobs import Failure, Jobs
from app.notices import Notices, Problem
from app.panels.templates import TemplatesModel
from app.panels.word_edits import as_two_lists, blank, free_name, kind_of_text, pasted
from app.panels.word_lookup import WordLookUp
from backends.directions.shipped import as_json, from_json, shipped, sources
from backends.directions.wordset_files import Reading, read_with_notes, write_sets
from backends.directions.wordsets import AssociationTest, Collection, Kind, WordSet
from backends.errors import BackendError

OWN = "My sets"
NO_SET = Problem(
    "No set is chosen.", "Choose one on the left, make a new one, or drop a CSV or JSON file here."
)
NOT_OWN = Problem(
    "This set comes with Embedscope and stays as it is.", "Copy it to your sets to change it."
)
WRONG = (LookupError, TypeError, ValueError, AttributeError)
LARGEST = 50 * 2**20  # bytes of a file of words; more is a table of items


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
        self._jobs = jobs
        self._notices = notices
        self._history = history
        self._chosen: str | None = None
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
        """Look at another set."""
        if name != self._chosen:
            self._chosen = name
            self._tell_chosen()

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
            self._add("new word set", (one,))

    def new_from_text(self, text: str) -> None:
        """Make an own set of what a clipboard holds: pairs if every line is one."""
        if text.strip():
            self.new(kind_of_text(text), text)

    def copy(self) -> None:
        """Make an own set of the one that is looked at."""
        if (one := self.chosen) is not None:
            copy = replace(one, own=True, source="")
            if one.source:
                copy = replace(copy, about=f"{one.about} After: {one.source}".strip())
            self._add(f"copy of “{one.name}”", (copy,))

    def split(self) -> None:
        """Make two own sets of terms of the sides of a set of pairs."""
        if (one := self.chosen) is not None and one.pairs:
            self._add(f"two lists of “{one.name}”", as_two_lists(one))

    def rename(self, name: str) -> None:
        """Call the own set at hand by another name; an empty one changes nothing."""
        name, one = " ".join(name.split()), self.chosen
        if one is None or not one.own or not name or name == one.name:
            return
        taken = {each.name for each in self.all.sets} - {one.name}
        self._replace(f"rename word set “{one.name}”", one, one.called(free_name(name, taken)))

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
            if one is not None and text.strip():
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
        job = self._jobs.start(
            "Reading word sets", lambda _report: [_read(path) for path in paths], lane="io"
        )
        job.done.connect(self._on_read)
        job.failed.connect(self._on_failed)

    def save(self, path: Path, only: WordSet | None = None) -> None:
        """Write one set, or all own sets and tests, as JSON or CSV."""
        whole = self.own if only is None else Collection((only,))
        try:
            write_sets(path, whole)
        except BackendError as error:
            self._notices.warn(error.what, error.hint)
        else:
            self._notices.info(f"Saved {path.name}.")

    def project_state(self) -> Mapping[str, Any]:
        """Own sets and tests as plain data."""
        return {"own": as_json(self.own)}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take a project's sets and tests; what is damaged costs only itself."""
        told = state.get("own")
        if not told:
            self._document.set_word_sets(Collection())
            return
        found, lost = _restored(told)
        self._document.set_word_sets(found)
        if lost:
            self._notices.warn(
                f"{lost} word sets or tests of this project cannot be used.",
                "Their description is damaged; load them from a file if you have one.",
            )

    def _add(
        self, text: str, sets: Sequence[WordSet], tests: Sequence[AssociationTest] = ()
    ) -> None:
        """Put sets to the own ones under free names, and look at the first of them."""
        taken = {one.name for one in self.all.sets}
        named = []
        for one in sets:
            named.append(one.called(free_name(one.name, taken)))
            taken.add(named[-1].name)
        names = {test.name for test in self.all.tests}
        tested = []
        for test in tests:
            tested.append(replace(test, name=free_name(test.name, names)))
            names.add(tested[-1].name)
        own = self.own
        self._put(text, Collection((*own.sets, *named), (*own.tests, *tested)))
        if named:
            self.choose(named[0].name)

    def _replace(self, text: str, old: WordSet, new: WordSet) -> None:
        """Put an own set in the place of another, in the tests that are made of it too."""
        own = self.own
        sets = tuple(new if one.name == old.name else one for one in own.sets)
        tests = tuple(_with(test, old, new) for test in own.tests)
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

    def _on_read(self, readings: list[Reading]) -> None:
        sets = [one for each in readings for one in each.collection.sets]
        tests = [one for each in readings for one in each.collection.tests]
        if not sets and not tests:
            self._notices.warn("There are no word sets in it.", "Choose another file.")
            return
        before = {one.name for one in self.all.sets}
        many = "1 word set" if len(sets) == 1 else f"{len(sets)} word sets"
        self._add(f"load {many}", sets, tests)
        notes = [note for each in readings for note in each.notes]
        if taken := [one.name for one in sets if one.name in before]:
            notes.append(f"“{taken[0]}” was there already, so the new one has a number.")
        if notes:
            self._notices.warn(f"Loaded {many}. {notes[0]}", detail="\n".join(notes))
        else:
            self._notices.info(f"Loaded {many}.")

    def _on_failed(self, failure: Failure) -> None:
        self._notices.failure(failure.error, failure.trace)


def _with(test: AssociationTest, old: WordSet, new: WordSet) -> AssociationTest:
    """A test with another set in the place of one of its own."""
    x, y, a, b = (new if one == old else one for one in (*test.targets, *test.attributes))
    return replace(test, targets=(x, y), attributes=(a, b))


def _holds(one: WordSet, wanted: str) -> bool:
    if wanted in one.name.casefold():
        return True
    if len(wanted) < 3:
        return False
    words = one.terms or tuple(term for pair in one.pairs for term in pair)
    return any(wanted in term.casefold() for term in words)


def _read(path: Path) -> Reading:
    """Raises: BackendError."""
    if path.is_file() and path.stat().st_size > LARGEST:
        raise BackendError(
            f"{path.name} is too large for a list of words.", hint="Open it as a table of items."
        )
    return read_with_notes(path)


def _restored(told: Any) -> tuple[Collection, int]:
    """Own sets and tests of plain data, each on its own; and how many are damaged."""
    try:
        return from_json(told, own=True), 0
    except WRONG:
        pass
    if not isinstance(told, Mapping):
        return Collection(), 1
    found, lost = Collection(), 0
    sets = told.get("sets") if isinstance(told.get("sets"), list) else []
    for one in sets or []:
        try:
            found = found.joined(from_json({**told, "sets": [one], "tests": []}, own=True))
        except WRONG:
            lost += 1
    good = as_json(found)["sets"]
    for test in told.get("tests") or []:
        try:
            both = from_json({**told, "sets": good, "tests": [test]}, own=True)
            found = replace(found, tests=(*found.tests, *both.tests))
        except WRONG:
            lost += 1
    return found, lost
