"""The panel “Directions”: a page each for finding, testing, changing, checking and word sets.

A page is built when it is first looked at, because most of them draw charts.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.directions import DirectionModels
from widgets.bind import named

LEAST = (300, 100)  # behind other docks it must not widen the window


def _build_look(models: DirectionModels) -> QWidget:
    from widgets.panels.direction_look import DirectionLookPage

    return DirectionLookPage(models)


def _build_tests(models: DirectionModels) -> QWidget:
    from widgets.panels.association import AssociationPage

    return AssociationPage(models.tests)


def _build_change(models: DirectionModels) -> QWidget:
    from widgets.panels.direction_change import DirectionChangePage

    return DirectionChangePage(models.change)


def _build_checks(models: DirectionModels) -> QWidget:
    from widgets.panels.word_checks import WordChecksPage

    return WordChecksPage(models.checks)


def _build_relations(models: DirectionModels) -> QWidget:
    from widgets.panels.relations import RelationsPanel

    return RelationsPanel(models.relations, models.relation, models.guesses, models.shows)


def _build_words(models: DirectionModels) -> QWidget:
    from widgets.panels.word_sets import WordSetsPanel

    return WordSetsPanel(models.words, models.templates, models.tests)


def _build_report(models: DirectionModels) -> QWidget:
    from widgets.panels.audit import AuditPage

    return AuditPage(models.audit)


# id, title, what it is for, what builds it. Factories import their page when they are called.
Page = tuple[str, str, str, Callable[[DirectionModels], QWidget]]
PAGES: tuple[Page, ...] = (
    ("look", "Find and look", "Make directions, and see what they say of the items", _build_look),
    (
        "tests",
        "Tests",
        "Test whether sets of words are associated: WEAT and its kin",
        _build_tests,
    ),
    (
        "change",
        "Change",
        "Take a direction out of the vectors, and see what that did and did not do",
        _build_change,
    ),
    (
        "checks",
        "Word checks",
        "Judge word vectors by similarity judgements of people and by analogies",
        _build_checks,
    ),
    (
        "relations",
        "Relations",
        "Relations between items: offsets, predicted tails, arrows on the map",
        _build_relations,
    ),
    ("sets", "Word sets", "Lists of words: ready ones, and your own", _build_words),
    ("report", "Report", "Write down what was found, as a page and a table", _build_report),
)


class DirectionsPanel(QWidget):
    """Shows one page of `PAGES` at a time."""

    row_activated = Signal(object)  # corpus row, from any page that speaks of items

    def __init__(self, models: DirectionModels, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._built: dict[str, QWidget] = {}
        self._build()
        self.setMinimumSize(*LEAST)
        self.tabs.currentChanged.connect(self._on_tab_changed)

    def look(self, visible: bool) -> None:  # a slot of visibilityChanged
        """Build the page in front, now that somebody looks."""
        if visible:
            self._on_tab_changed(self.tabs.currentIndex())

    def show_page(self, name: str) -> QWidget:
        """Bring a page to the front and return it. Raises: KeyError."""
        self.tabs.setCurrentIndex([page[0] for page in PAGES].index(name))
        return self.page(name)

    def page(self, name: str) -> QWidget:
        """A page, built if it was not yet. Raises: KeyError."""
        if name not in self._built:
            factory = {page[0]: page[3] for page in PAGES}[name]
            page = self._built[name] = factory(self._models)
            self._stack.addWidget(page)
            if hasattr(page, "row_activated"):
                page.row_activated.connect(self.row_activated)
        return self._built[name]

    def _build(self) -> None:
        self.tabs = named(QTabBar(), "Pages of directions", "What to do with directions")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        for _, title, about, _ in PAGES:
            self.tabs.setTabToolTip(self.tabs.addTab(title), about)
        self._stack = QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self._stack, 1)

    def _on_tab_changed(self, index: int) -> None:
        if 0 <= index < len(PAGES):
            self._stack.setCurrentWidget(self.page(PAGES[index][0]))
