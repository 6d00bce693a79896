"""The page “Tests”: association tests to tick, what each found, and one of them in detail."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.association import ALL_DONE, NO_CORPUS, RUNS, AssociationModel, AssociationSettings
from app.panels.association_rows import rows_of, table_of
from app.panels.direction_tables import Table
from app.panels.state import Blocked, Failed, PanelState, Running
from backends.directions.association_many import CORRECTIONS
from backends.directions.metrics import METRICS
from backends.errors import BackendError
from widgets.association_detail import AssociationDetail
from widgets.association_list import AssociationList
from widgets.association_maker import AssociationMaker
from widgets.association_table import AssociationTable
from widgets.bind import PLAIN, named, quiet
from widgets.direction_take import TakeButton
from widgets.elided_combo import ElidedCombo
from widgets.empty_state import EmptyState
from widgets.flow import Flow
from widgets.parts import disable
from widgets.templates_box import TemplatesButton

WIDE = 780  # from here on table and details stand side by side
NARROW = 520  # below it the list stands above
LIST_PX = 215
LEAST = (280, 100)  # in a narrow dock parts are scrolled instead of widening it
ENCODED = "in templates"
DDOF = (
    (1, "ddof 1", "As Caliskan et al. published: deviation over N - 1"),
    (0, "ddof 0", "As WEFE and others have it: deviation over N; d is larger by sqrt(N / (N - 1))"),
)
CORRECTION_TIPS = {
    "holm": "Bounds the chance of any false finding among the tests (Holm 1979)",
    "bh": "Bounds the share of false ones among the findings (Benjamini and Hochberg 1995)",
    "none": "Leaves p-values as they are: the more tests, the more false findings",
}


class AssociationPage(QWidget):
    """Shows an `AssociationModel`."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, model: AssociationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.maker: AssociationMaker | None = None
        self._build()
        self.setMinimumSize(*LEAST)
        self._connect()
        self.show_settings(model.settings)
        self.show_words()
        self.show_outcomes()
        self.show_state(model.state)

    def show_settings(self, settings: AssociationSettings) -> None:
        """Show how tests are made."""
        is_weat = settings.metric == "weat"
        with quiet(self.measure, self.ddof, self.runs, self.correction):
            self.measure.setCurrentIndex(self.measure.findData(settings.metric))
            self.ddof.setCurrentIndex(self.ddof.findData(settings.ddof))
            self.runs.setValue(settings.runs)
            self.correction.setCurrentIndex(self.correction.findData(settings.correction))
        self.measure.setToolTip(METRICS[settings.metric].about)
        for part in (self.ddof, self.runs, self.correction):
            part.setVisible(is_weat)

    def show_words(self) -> None:
        """Offer where words get their vectors from: templates, or a column of the items."""
        space = self._model.space
        with quiet(self.words):
            self.words.clear()
            if space.can_encode:
                self.words.addItem(ENCODED, None)
            for name in space.text_columns:
                self.words.addItem(f"words of {name}", name)
            shown = space.column or (None if space.can_encode else space.looked_up_in)
            self.words.setCurrentIndex(self.words.findData(shown))
        self.words.setEnabled(self.words.count() > 0)
        self.measure.setItemText(self.measure.findData("weat"), self._model.title_of("weat"))
        self.templates.setVisible(space.can_encode and space.looked_up_in is None)

    def show_outcomes(self) -> None:
        """Show a row for each chosen test."""
        model = self._model
        outcomes = model.outcomes
        self.table.show_rows(rows_of(outcomes), model.settings.metric)
        if model.looked_at is None and outcomes and not isinstance(model.state, Running):
            model.look_at(outcomes[0][0].name)
        self.show_looked_at()
        self.take.setEnabled(any(outcome is not None for _, outcome in outcomes))

    def show_looked_at(self) -> None:
        """Show the test that is looked at."""
        test = self._model.looked_at
        self.table.choose(test.name if test is not None else None)
        self.detail.show_test()

    def show_state(self, state: PanelState) -> None:
        """Show whether tests can be made, or how far they are."""
        running = isinstance(state, Running)
        self.run.setEnabled(not isinstance(state, Blocked))
        title, words, is_wrong = "Run", "", False
        tip = "Stop; what is found so far stays" if running else "Make the chosen tests"
        if isinstance(state, Running):
            share = state.progress.share
            title = f"Stop {share:.0%}" if share >= 0 else "Stop"
            tip = f"{state.progress.text}. {tip}"
        elif isinstance(state, Blocked):
            tip = f"{state.problem.text} {state.problem.hint}"
            words = "" if state.problem is ALL_DONE else tip
        elif isinstance(state, Failed):
            error = state.failure.error
            is_wrong = True
            words = str(error)
            if isinstance(error, BackendError):
                words = f"{error.what} {error.hint}"
        self.run.setText(title)
        self.run.setToolTip(tip)
        self.status.setText(words)
        self.status.setProperty("danger", is_wrong)
        self.status.setProperty("muted", not is_wrong)
        self.status.style().polish(self.status)
        self._show_front(state)

    def _show_front(self, state: PanelState) -> None:
        """The tests, or what is needed first."""
        problem = state.problem if isinstance(state, Blocked) else None
        first = problem is not None and (problem is NO_CORPUS or not self._model.chosen)
        if problem is not None and first:
            self.empty.show_problem(problem)
        self._stack.setCurrentWidget(self.empty if first else self._results)
        self.status.setVisible(bool(self.status.text()) and not first)

    def _build(self) -> None:
        self.list = AssociationList(self._model)
        self.table = AssociationTable()
        self.detail = AssociationDetail(self._model)
        self.empty = EmptyState()
        self._results = QSplitter(Qt.Orientation.Horizontal)
        self._results.setChildrenCollapsible(False)
        self._results.setHandleWidth(1)
        self._results.addWidget(self.table)
        self._results.addWidget(self.detail)
        self._results.setStretchFactor(0, 3)
        self._results.setStretchFactor(1, 2)
        self._results.setSizes([600, 400])
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._results)
        self.status = QLabel(textFormat=PLAIN, wordWrap=True)
        self.status.setAccessibleName("Why tests cannot be made")
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        right = QWidget()
        box = QVBoxLayout(right)
        box.setContentsMargins(8, 6, 8, 6)
        box.setSpacing(5)
        box.addWidget(self._build_bar())
        box.addWidget(self.status)
        box.addWidget(self._stack, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        self._split.addWidget(self.list)
        self._split.addWidget(right)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes([LIST_PX, 800])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._split)

    def _build_bar(self) -> QWidget:
        self.run = named(QPushButton("Run"), "Run the tests")
        self.run.setFixedWidth(self.fontMetrics().horizontalAdvance("Stop 100%") + 18)
        self.measure = named(ElidedCombo(letters=4), "Metric")
        for at, (name, spec) in enumerate(METRICS.items()):
            self.measure.addItem(spec.title, name)
            tip = spec.about
            if spec.missing is not None:
                disable(self.measure, at)
                tip = f"pip install {spec.missing}"
            self.measure.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
        tip = "Of the deviation that effect sizes are divided by"
        self.ddof = named(ElidedCombo(letters=4), "Degrees of freedom", tip)
        for at, (value, title, tip) in enumerate(DDOF):
            self.ddof.addItem(title, value)
            self.ddof.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
        self.runs = named(
            QSpinBox(), "Sampled partitions", "Partitions to sample where there are over 20,000"
        )
        self.runs.setRange(*RUNS)
        self.runs.setSingleStep(10_000)
        self.runs.setGroupSeparatorShown(True)
        self.runs.setSuffix(" runs")
        self.runs.setKeyboardTracking(False)
        self.runs.setFixedWidth(118)
        tip = "Takes into account how many tests are made"
        self.correction = named(ElidedCombo(letters=7), "Correction of p-values", tip)
        for at, (name, title) in enumerate(CORRECTIONS.items()):
            self.correction.addItem("no correction" if name == "none" else title, name)
            self.correction.setItemData(at, CORRECTION_TIPS[name], Qt.ItemDataRole.ToolTipRole)
        tip = "Where words get their vectors from"
        self.words = named(ElidedCombo(letters=8), "Words are", tip)
        self.templates = TemplatesButton(self._model.space.templates)
        self.take = TakeButton("Association tests", self._table, self._model)
        bar = QWidget()
        flow = Flow(bar, across=6, down=4)
        for part in (
            *(self.run, self.measure, self.ddof, self.runs, self.correction),
            *(self.words, self.templates, self.take),
        ):
            flow.addWidget(part)
        return bar

    def _connect(self) -> None:
        model, space = self._model, self._model.space
        model.settings_changed.connect(self.show_settings)
        model.outcomes_changed.connect(self.show_outcomes)
        model.looked_at_changed.connect(self._on_looked_at)
        model.state_changed.connect(self.show_state)
        space.changed.connect(self.show_words)
        space.columns_changed.connect(self.show_words)
        self.run.clicked.connect(self._on_run_clicked)
        self.list.new_asked.connect(self.ask_test)
        self.table.chosen.connect(model.look_at)
        self.detail.row_activated.connect(self.row_activated)
        self.measure.activated.connect(lambda at: model.change(metric=self.measure.itemData(at)))
        self.ddof.activated.connect(lambda at: model.change(ddof=self.ddof.itemData(at)))
        self.runs.valueChanged.connect(lambda value: model.change(runs=value))
        self.correction.activated.connect(
            lambda at: model.change(correction=self.correction.itemData(at))
        )
        self.words.activated.connect(lambda at: space.set_column(self.words.itemData(at)))

    def ask_test(self) -> AssociationMaker:
        """Open the dialog that makes a test."""
        self.maker = AssociationMaker(self._model, self)
        self.maker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.maker.destroyed.connect(self._forget_maker)
        self.maker.open()
        return self.maker

    def _forget_maker(self) -> None:
        self.maker = None

    def _on_looked_at(self, _test: object) -> None:
        self.show_looked_at()

    def _on_run_clicked(self) -> None:
        if isinstance(self._model.state, Running):
            self._model.stop()
        else:
            self._model.run()

    def _table(self) -> Table | None:
        model = self._model
        table = table_of(model.outcomes, model.settings.correction)
        return table if len(table) > 1 else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put parts side by side, or one above the other."""
        super().resizeEvent(event)
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self._results.setOrientation(across if self.width() >= WIDE else down)
        way = across if self.width() >= NARROW else down
        if self._split.orientation() != way:
            self._split.setOrientation(way)
            self._split.setSizes([LIST_PX, 800] if way == across else [110, 400])
