"""Association tests: which are chosen and how they are made, their outcomes, own tests.

What was found is kept by vectors, test and settings, so a run makes only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.jobs import Jobs, Lane
from app.notices import Notices, Problem
from app.panels.direction_space import SpaceModel
from app.panels.run import Run
from app.panels.state import PanelState
from app.panels.word_edits import free_name, renamed
from app.settings import SettingsStore
from backends.directions.association import Association, title_of
from backends.directions.association_many import (
    CORRECTIONS,
    Outcome,
    associate_all,
    corrected,
)
from backends.directions.base import Space
from backends.directions.metrics import METRICS, AssociationParams
from backends.directions.remembered import Remembered, source_of
from backends.directions.terms import Encoded
from backends.directions.wordsets import AssociationTest, Collection, WordSet
from backends.reporting import SILENT, Report

KEY = "associations"
NO_CORPUS = Problem("Nothing is open yet.", "Open word vectors, or any table with texts.")
NO_VECTORS = Problem("There are no vectors yet.", "Embed the items first.")
NO_TESTS = Problem("No test is chosen.", "Tick tests in the list, or make one of four word sets.")
ALL_DONE = Problem("All chosen tests are made.", "Choose others, or change how they are made.")
NO_NAME = Problem("The test has no name.", "Call it after what it is about.")
RUNS = (1_000, 10_000_000)  # partitions that may be sampled

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class AssociationSettings:
    """How tests are made."""

    metric: str = "weat"
    ddof: int = 1
    runs: int = 100_000
    correction: str = "holm"
    tests: tuple[str, ...] | None = None  # names of those chosen; None: all that come along


@dataclass(frozen=True, eq=False)
class AssociationRequest:
    """What a run makes."""

    space: Space
    tests: tuple[AssociationTest, ...]
    keys: tuple[Key, ...]
    metric: str
    params: AssociationParams

    @property
    def lane(self) -> Lane:
        """Encoding takes the processor; looking up does not."""
        return "compute" if isinstance(source_of(self.space.terms), Encoded) else "io"


def make(request: AssociationRequest, report: Report = SILENT) -> tuple[Outcome, ...]:
    """Make the tests; what is known so far is a partial result. Raises: BackendError, Cancelled."""
    return associate_all(
        request.space, request.tests, request.metric, request.params, "none", report
    )


class AssociationModel(QObject):
    """Chooses tests, makes them, and keeps their outcomes."""

    state_changed = Signal(object)  # PanelState
    settings_changed = Signal(object)  # AssociationSettings
    tests_changed = Signal()  # those that there are
    outcomes_changed = Signal()
    looked_at_changed = Signal(object)  # AssociationTest | None

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        settings: SettingsStore,
        space: SpaceModel,
    ) -> None:
        super().__init__(document)
        self._document, self._jobs, self.notices = document, jobs, notices
        self._history, self._store = history, settings
        self.space = space
        self._settings = remembered(settings.value.associations)
        self._known: dict[Key, Outcome] = {}
        self._remembering: Space | None = None  # the space at hand, its words looked up only once
        self._run: Run[tuple[Outcome, ...]] = Run(
            jobs, notices, KEY, self._tell_state, in_page=True, at_end=self._tell
        )
        self._looked_at: str | None = None
        self._own = document.word_sets.tests
        document.corpus_changed.connect(self._on_corpus_changed)
        space.changed.connect(self._on_space_changed)
        space.sets_changed.connect(self._on_sets_changed)

    @property
    def settings(self) -> AssociationSettings:
        """How tests are made."""
        return self._settings

    @property
    def state(self) -> PanelState:
        """What the page shows."""
        return self._run.state(self.planned)

    @property
    def tests(self) -> tuple[AssociationTest, ...]:
        """Own tests first, then those that come along."""
        every = self.space.sets.tests
        return (*(one for one in every if one.own), *(one for one in every if not one.own))

    @property
    def chosen(self) -> tuple[AssociationTest, ...]:
        """Tests that are ticked."""
        return tuple(one for one in self.tests if self.is_chosen(one))

    @property
    def looked_at(self) -> AssociationTest | None:
        """The test whose details are shown, chosen or not."""
        return next((one for one in self.tests if one.name == self._looked_at), None)

    @property
    def outcomes(self) -> tuple[tuple[AssociationTest, Outcome | None], ...]:
        """Chosen tests with what was found, if it is known, corrected for how many there are.

        While a run goes on nothing is corrected, for it would have to be taken back.
        """
        found = [(test, self._known.get(self._key(test))) for test in self.chosen]
        if self._run.is_running:
            return tuple((test, _uncorrected(one)) for test, one in found)
        known = [one for _, one in found if one is not None]
        renewed = iter(corrected(known, self._settings.correction))
        return tuple((test, None if one is None else next(renewed)) for test, one in found)

    @property
    def outcome(self) -> Outcome | None:
        """What was found by the test that is looked at."""
        test = self.looked_at
        return next((one for other, one in self.outcomes if other is test), None)

    @property
    def planned(self) -> AssociationRequest | Problem:
        """What a run would make now, or what stands in the way."""
        return plan(self, self._document)

    @property
    def remembering(self) -> Space | None:
        """The space of the active vectors; it remembers the vectors of words between runs."""
        space = self.space.space
        if self._remembering is None and space is not None:
            self._remembering = replace(space, terms=Remembered(space.terms))
        return self._remembering

    @property
    def missing(self) -> tuple[tuple[AssociationTest, Key], ...]:
        """Chosen tests that are not made yet, with what their outcomes will be kept by."""
        keyed = [(test, self._key(test)) for test in self.chosen]
        return tuple((test, key) for test, key in keyed if key not in self._known)

    def title_of(self, metric: str) -> str:
        """What a metric is called here: WEAT of words in templates is SEAT."""
        space = self.space.space
        return title_of(space, metric) if space is not None else METRICS[metric].title

    def is_chosen(self, test: AssociationTest) -> bool:
        """Whether a test is ticked."""
        names = self._settings.tests
        return not test.own if names is None else test.name in names

    def choose(self, tests: Iterable[str], *, on: bool) -> None:
        """Tick or untick tests by name."""
        wanted = set(tests)
        names = [
            one.name for one in self.tests if (on if one.name in wanted else self.is_chosen(one))
        ]
        self.change(tests=tuple(names))

    def look_at(self, name: str | None) -> None:
        """Show the details of another test."""
        if name != self._looked_at:
            self._looked_at = name
            self.looked_at_changed.emit(self.looked_at)

    def visit(self, row: int) -> None:
        """Look at an item, on the map and in every panel."""
        self._document.set_focus(row)

    def change(self, **values: Any) -> None:
        """Change how tests are made, or which."""
        new = replace(self._settings, **values)
        if new == self._settings:
            return
        others = new.tests != self._settings.tests
        self._settings = new
        self._run.forget_failure()
        if others and (test := self.looked_at) is not None and not self.is_chosen(test):
            self._looked_at = None
        self._store.change(associations=as_kept(new))
        self.settings_changed.emit(new)
        self._tell()

    def run(self) -> None:
        """Make the chosen tests that are not made yet."""
        request = self.planned
        if isinstance(request, Problem):
            self.notices.warn(request.text, request.hint)
            return
        many = "1 test" if len(request.tests) == 1 else f"{len(request.tests)} tests"
        self._run.start(
            f"Making {many} of association",
            partial(make, request),
            lambda found: self._on_found(request, found),
            lane=request.lane,
            partial=True,
        )

    def stop(self) -> None:
        """Stop; what is found so far stays."""
        self._run.stop()

    def add_test(self, name: str, parts: tuple[WordSet, WordSet, WordSet, WordSet]) -> bool:
        """Make an own test of four sets, tick it and look at it; whether it was made."""
        problem = problem_of(name, parts)
        if problem is not None:
            self.notices.warn(problem.text, problem.hint)
            return False
        x, y, a, b = parts
        title = free_name(" ".join(name.split()), {one.name for one in self.tests})
        test = AssociationTest(title, (x, y), (a, b), own=True)
        own = self._document.word_sets
        chosen = tuple(one.name for one in self.chosen)
        self._put(f"association test “{title}”", replace(own, tests=(*own.tests, test)))
        self.change(tests=(title, *chosen))
        self.look_at(title)
        return True

    def remove_test(self, name: str) -> None:
        """Forget an own test; undo brings it back."""
        own = self._document.word_sets
        kept = tuple(one for one in own.tests if one.name != name)
        if len(kept) < len(own.tests):
            self._put(f"remove association test “{name}”", replace(own, tests=kept))

    def _put(self, text: str, own: Collection) -> None:
        self._history.put(text, "word_sets", own)

    def _key(self, test: AssociationTest) -> Key:
        """What an outcome depends on: of the space, of the test and of the settings."""
        space, one = self.space.space, self._settings
        where: Key = ()
        if space is not None:  # vectors under way keep their name while rows are added
            vectors = space.embeddings
            where = (vectors.fingerprint, vectors.count, space.terms.how)
        sets = tuple(
            (each.name, each.kind, each.terms) for each in (*test.targets, *test.attributes)
        )
        how = (one.ddof, one.runs) if one.metric == "weat" else ()
        return (*where, test.name, sets, one.metric, *how)

    def _on_found(self, request: AssociationRequest, found: tuple[Outcome, ...]) -> None:
        self._known.update(zip(request.keys, found, strict=False))
        self.outcomes_changed.emit()

    def _on_corpus_changed(self, _corpus: object) -> None:
        self._jobs.cancel(KEY)
        self._known.clear()
        self._remembering = None
        self._run.forget_failure()
        self._tell()

    def _on_space_changed(self) -> None:
        self._jobs.cancel(KEY)
        self._remembering = None
        self._run.forget_failure()
        self._tell()

    def _on_sets_changed(self) -> None:
        before, self._own = self._own, self._document.word_sets.tests
        if others := renamed(before, self._own):
            self._looked_at = others.get(self._looked_at or "", self._looked_at)
            names = self._settings.tests
            if names is not None:
                self.change(tests=tuple(others.get(name, name) for name in names))
        self.tests_changed.emit()
        self._tell()

    def _tell(self) -> None:
        self.outcomes_changed.emit()
        self.looked_at_changed.emit(self.looked_at)
        self._tell_state()

    def _tell_state(self) -> None:
        self.state_changed.emit(self.state)


def _uncorrected(outcome: Outcome | None) -> Outcome | None:
    return replace(outcome, p_corrected=None) if isinstance(outcome, Association) else outcome


def plan(model: AssociationModel, document: Document) -> AssociationRequest | Problem:
    """What would be made now, or what stands in the way."""
    if document.corpus is None:
        return NO_CORPUS
    space = model.remembering
    if space is None:
        return NO_VECTORS
    if model.space.word_problem is not None:
        return model.space.word_problem
    if not model.chosen:
        return NO_TESTS
    missing = model.missing
    if not missing:
        return ALL_DONE
    settings = model.settings
    params = AssociationParams(settings.ddof, settings.runs)
    tests, keys = zip(*missing, strict=True)
    return AssociationRequest(space, tests, keys, settings.metric, params)


def problem_of(name: str, parts: Iterable[WordSet | None]) -> Problem | None:
    """Why four sets are no test, or None."""
    there = [one for one in parts if one is not None]
    if len(there) < 4:
        return Problem("A test needs four sets.", "Choose two of targets and two of attributes.")
    x, y, a, b = there
    for one, other, what in ((x, y, "targets"), (a, b, "attributes")):
        if one == other or set(one.terms) == set(other.terms):
            return Problem(
                f"Both sets of {what} are the same, so nothing can differ.",
                "Choose two different sets.",
            )
    return None if name.strip() else NO_NAME


def remembered(kept: Mapping[str, Any]) -> AssociationSettings:
    """Settings as they were last; what cannot be is as usual."""
    usual = AssociationSettings()
    found: dict[str, Any] = {}
    low, high = RUNS
    good = {
        "metric": lambda value: value in METRICS,
        "ddof": lambda value: value in (0, 1) and not isinstance(value, bool),
        "runs": lambda value: isinstance(value, int) and low <= value <= high,
        "correction": lambda value: value in CORRECTIONS,
    }
    for each in fields(usual):
        if each.name in good and each.name in kept:
            try:
                fits = good[each.name](kept[each.name])
            except TypeError:  # unhashable
                fits = False
            if fits:
                found[each.name] = kept[each.name]
    tests = kept.get("tests")
    if isinstance(tests, list | tuple):
        found["tests"] = tuple(one for one in tests if isinstance(one, str))
    return replace(usual, **found)


def as_kept(settings: AssociationSettings) -> dict[str, Any]:
    """Settings as plain data."""
    kept = asdict(settings)
    kept["tests"] = list(settings.tests) if settings.tests is not None else None
    return kept
