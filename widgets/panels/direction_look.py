"""The page “Find and look”: the list of directions, and of the chosen one what it is and says."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.directions import DirectionModels
from app.panels.direction_look import LookModel
from backends.directions.base import Direction
from widgets.bind import named, quiet
from widgets.direction_evidence import EvidenceView, scrolled
from widgets.direction_extremes import ExtremesView
from widgets.direction_form import DirectionForm
from widgets.direction_list import DirectionList
from widgets.direction_plane import PlaneView
from widgets.direction_shares import SharesView
from widgets.direction_spread import SpreadView
from widgets.direction_words import WordsView
from widgets.empty_state import EmptyState

WIDE = 620  # from here on list and views stand side by side
LIST_PX = 200
LEAST = (280, 100)  # in a narrow dock views are scrolled instead of widening it
VIEWS = (
    ("make", "Make", "Make a direction"),
    ("evidence", "Evidence", "How far it can be trusted"),
    ("extremes", "Extremes", "The items at both ends, and any item"),
    ("spread", "Distribution", "Projections by group, and direct bias"),
    ("plane", "Two axes", "Two directions at once"),
    ("words", "Words", "Indirect bias and analogies"),
    ("shares", "Shares", "Beside numbers from elsewhere"),
)


class DirectionLookPage(QWidget):
    """Shows the models `making`, `look`, `axes` and `asking`."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, models: DirectionModels, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._look: LookModel = models.look
        self._build()
        self.setMinimumSize(*LEAST)
        self._connect()
        self.show_direction(self._look.direction)
        if self._look.problem is None:
            self.show_view("evidence")

    def show_view(self, name: str) -> None:
        """Bring one of `VIEWS` to the front."""
        self.tabs.setCurrentIndex([view[0] for view in VIEWS].index(name))
        self._show_front()

    def show_direction(self, _direction: Direction | None) -> None:
        """Offer to take along what is looked at, or say why nothing can be."""
        problem = self._look.problem
        for button, tip in (
            (self.colour, "Colour the map by the projections of all items"),
            (self.column, "Put the projections of all items into a column"),
            (self.layout_button, "Lay the map out with directions as its axes"),
        ):
            button.setEnabled(problem is None)
            button.setToolTip(tip if problem is None else f"{problem.text} {problem.hint}")
        self._show_front()

    def _show_front(self) -> None:
        """The view of the tab, or what to do first."""
        name = VIEWS[self.tabs.currentIndex()][0]
        problem = self._look.problem if name != "make" else None
        if problem is not None:
            self.empty.show_problem(problem)
        self._stack.setCurrentWidget(self.empty if problem is not None else self._pages[name])

    def _build(self) -> None:
        models = self._models
        self.list = DirectionList(models.list, models.look.document)
        self.form = DirectionForm(models.making)
        self.evidence = EvidenceView(models.look)
        self.extremes = ExtremesView(models.look)
        self.spread = SpreadView(models.look)
        self.plane = PlaneView(models.look, models.axes, models.taking)
        self.words = WordsView(models.asking)
        self.shares = SharesView(models.asking)
        self.tabs = named(QTabBar(), "Views of a direction", "What to see of the direction")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setMinimumWidth(120)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {}
        views = (
            *(self.form, self.evidence, self.extremes, self.spread),
            *(self.plane, self.words, self.shares),
        )
        for (name, title, tip), view in zip(VIEWS, views, strict=True):
            self.tabs.setTabToolTip(self.tabs.addTab(title), tip)
            self._pages[name] = scrolled(view)
            self._stack.addWidget(self._pages[name])
        self.empty = EmptyState()
        self._stack.addWidget(self.empty)
        right = QWidget()
        box = QVBoxLayout(right)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(self._build_above())
        box.addWidget(self._stack, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        self._split.addWidget(self.list)
        self._split.addWidget(right)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes([LIST_PX, 800])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._split)

    def _build_above(self) -> QBoxLayout:
        self.colour = named(QPushButton("Colour the map"), "Colour the map by the direction")
        self.column = named(QPushButton("Add column"), "Add the projections as a column")
        self.layout_button = named(QPushButton("Map axis"), "Use the direction as a map axis")
        self._layouts = QMenu(self.layout_button)
        self._layouts.aboutToShow.connect(self.fill_layouts)
        self.layout_button.setMenu(self._layouts)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(4, 0, 8, 0)
        buttons.setSpacing(4)
        for button in (self.colour, self.column, self.layout_button):
            button.setProperty("small", True)
            buttons.addWidget(button)
        self._above = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._above.setContentsMargins(4, 0, 0, 0)
        self._above.setSpacing(2)
        self._above.addWidget(self.tabs, 1)
        self._above.addLayout(buttons)
        return self._above

    def fill_layouts(self) -> QMenu:
        """List what can lie upwards while the direction lies across."""
        axes, taking = self._models.axes, self._models.taking
        self._layouts.clear()
        words = "Upwards: what items differ in most across it"
        self._layouts.addAction(words).triggered.connect(lambda: taking.lay_out(None))
        for other in axes.others:
            action = self._layouts.addAction(f"Upwards: {other.title}")
            action.triggered.connect(lambda _on=False, other=other: taking.lay_out(other))
        return self._layouts

    def _connect(self) -> None:
        look, document = self._look, self._look.document
        look.direction_changed.connect(self.show_direction)
        for changed in (document.directions_changed, document.corpus_changed):
            changed.connect(self._on_facts_changed)
        document.active_changed.connect(self._on_facts_changed)
        self._models.making.found.connect(lambda _direction: self.show_view("evidence"))
        self.tabs.currentChanged.connect(lambda _at: self._show_front())
        self.list.new_asked.connect(lambda: self.show_view("make"))
        self.list.chosen.connect(self._on_chosen)
        self.colour.clicked.connect(self._models.taking.colour_map)
        self.column.clicked.connect(self._models.taking.add_column)
        for view in (self.extremes, self.spread, self.plane, self.words, self.shares):
            view.row_activated.connect(self.row_activated)

    def _on_facts_changed(self, _fact: object) -> None:
        self.show_direction(self._look.direction)

    def _on_chosen(self, _fingerprint: str) -> None:
        if VIEWS[self.tabs.currentIndex()][0] == "make":
            self.show_view("evidence")

    def showEvent(self, event: QShowEvent) -> None:
        """Now somebody looks: compute what is shown."""
        super().showEvent(event)
        self._models.space.want()
        self._look.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more."""
        super().hideEvent(event)
        self._look.watch(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow dock the list stands above."""
        super().resizeEvent(event)
        wide = event.size().width() >= WIDE
        way = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self._split.orientation() != way:
            with quiet(self._split):
                self._split.setOrientation(way)
            self._split.setSizes([LIST_PX, 800] if wide else [90, 400])
            direction = QBoxLayout.Direction
            self._above.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
