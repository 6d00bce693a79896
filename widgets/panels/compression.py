"""How small the vectors may be, and who pays: settings, charts, table, and one codec in detail.

What draws charts is built when the panel is first looked at, for its library takes long to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.compression import CompressionModel
from app.panels.compression_detail import CompressionDetail
from app.panels.compression_points import headline, quantities
from app.panels.state import Blocked, Failed, PanelState, Running, seconds_text
from backends.compression.advice import doubts
from backends.compression.results import Cell, Sweep
from backends.errors import BackendError
from widgets.aside import Aside
from widgets.bind import named, quiet
from widgets.compression_form import CompressionForm
from widgets.elided_combo import ElidedCombo
from widgets.empty_state import EmptyState
from widgets.parts import ElidedLabel

if TYPE_CHECKING:
    from widgets.compression_detail import DetailPane
    from widgets.compression_results import CompressionResults, View

STEPS = 1000
FORM_WIDTH, DETAIL_WIDTH = 250, 440
LEAST = (320, 180)
NARROW, NARROWER = 1500, 1180  # logical pixels; in less room the settings make way


class CompressionPanel(QWidget):
    """Shows a CompressionModel, and the CompressionDetail of the codec that is looked at."""

    row_activated = Signal(object)  # corpus row to go to

    def __init__(
        self, model: CompressionModel, detail: CompressionDetail, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._detail = detail
        self._is_looked_at = False
        self._loader = Aside("charts", self)  # half a second that the window would stand still
        self.results: CompressionResults | None = None  # once somebody looked
        self.pane: DetailPane | None = None
        self._build_bar()
        self._build_body()
        self._connect()
        self.show_state(model.state)
        self.show_quantities()
        self.setMinimumSize(*LEAST)

    def look(self, on: bool) -> None:
        """Take note whether the panel is in front; what is heavy is built for whoever looks."""
        self._is_looked_at = on
        if on:  # a moment later, for first the window gives the bottom its whole width
            QTimer.singleShot(0, self, self._take_width)
        else:
            self._take_width()
        if on and self.results is None:
            # A moment later: docks behind each other are all visible while they are arranged.
            QTimer.singleShot(0, self, self._load)

    def show_state(self, state: PanelState) -> None:
        """Show whether it can run, how far it is, or why not."""
        running = isinstance(state, Running)
        self._run.setText("Stop" if running else "Continue" if self._model.goes_on else "Measure")
        self._run.setEnabled(not isinstance(state, Blocked))
        self._progress.setVisible(running)
        if isinstance(state, Blocked):
            self._run.setToolTip(f"{state.problem.text} {state.problem.hint}")
        elif running:
            self._run.setToolTip("Stop; what has been measured stays")
        else:
            self._run.setToolTip(
                "Compare the chosen codecs with exact search; what was measured is not again"
            )
        self._show_words()
        if isinstance(state, Running):
            share = state.progress.share
            self._progress.setRange(0, STEPS if share >= 0 else 0)
            self._progress.setValue(round(max(0.0, share) * STEPS))
        self._show_empty(state)

    def show_quantities(self) -> None:
        """List what can be shown, and which of it is."""
        sweep, now = self._model.sweep, self._model.quantity
        k = sweep.truth.k if sweep is not None else self._model.settings.k
        with quiet(self._quantity):
            self._quantity.clear()
            for quantity in quantities(sweep):
                self._quantity.addItem(quantity.title.format(k=k), quantity.id)
                at = self._quantity.count() - 1
                tip = quantity.tip.format(k=k)
                self._quantity.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
            self._quantity.setCurrentIndex(self._quantity.findData(now.id))
        self._quantity.setToolTip(now.tip.format(k=k))

    def _show_words(self) -> None:
        """Say what the cell at the cursor is, else how far it is."""
        cell = self.results.at_cursor if self.results is not None else None
        words = headline(cell, self._model.quantity) if cell else self._words(self._model.state)
        self._said.setText(words)
        self._said.setToolTip(words)
        self._said.setProperty("muted", cell is None)
        self._said.style().polish(self._said)

    def _words(self, state: PanelState) -> str:
        """How far it is, in a line."""
        sweep = self._model.sweep
        done = len(sweep.cells) + len(sweep.missing) if sweep is not None else 0
        if isinstance(state, Running):
            left = state.seconds_left
            parts = [state.progress.text]
            if sweep is not None and sweep.total:
                parts.append(f"{done} of {sweep.total}")
            if left is not None:
                parts.append(f"{seconds_text(left)} left")
            return " · ".join(filter(None, parts))
        if isinstance(state, Failed):
            error = state.failure.error
            return error.what if isinstance(error, BackendError) else "It failed."
        if sweep is None:
            return ""
        asked = f"{len(sweep.cells)} measured with {sweep.truth.queries.title}"
        missing = f", {len(sweep.missing)} could not be" if sweep.missing else ""
        same = sweep.total - done if sweep.finished else 0
        alike = f", {same} more would be the same" if same > 0 else ""
        stopped = "" if sweep.finished else f", stopped at {done} of {sweep.total}"
        said = f"{asked}{missing}{alike}{stopped}, {sweep.rows:,} × {sweep.dim}"  # noqa: RUF001
        return " ".join((*doubts(sweep), said))

    def _show_empty(self, state: PanelState) -> None:
        sweep = self._model.sweep
        is_empty = sweep is None or not (sweep.cells or sweep.missing)
        if isinstance(state, Blocked) and is_empty:
            self._empty.show_problem(state.problem)
        elif is_empty:
            self._empty.show_problem(self._model.invitation)
        shown = self._empty if is_empty or self.results is None else self.results
        self._centre.setCurrentWidget(shown)
        for part in (self._quantity, self._take, *self._views.values()):
            part.setEnabled(not is_empty)

    def _build_bar(self) -> None:
        self._run = named(QPushButton("Measure"), "Measure")
        self._settings = named(
            _switch("Settings", on=True),
            "Settings",
            "Which codecs, at which sizes, by which queries",
        )
        self._said = ElidedLabel()
        self._said.setProperty("muted", True)
        self._quantity = named(ElidedCombo(letters=11), "Quantity of the charts")
        self._views: dict[View, QPushButton] = {
            "charts": named(_switch("Charts", on=True), "Charts", "Recall against bytes and speed"),
            "table": named(_switch("Table"), "Table", "All that was measured as a table"),
            "advice": named(_switch("Advice"), "Advice", "Which codec to take, in words"),
        }
        self._group = QButtonGroup(self)
        for button in self._views.values():
            self._group.addButton(button)
        self._take = named(QPushButton("Save"), "Save", "Copy or save the table and the charts")
        self._bar = QHBoxLayout()
        self._bar.setContentsMargins(8, 6, 8, 4)
        self._bar.setSpacing(6)
        self._bar.addWidget(self._run)
        self._bar.addWidget(self._settings)
        self._bar.addWidget(self._said, 1)
        for part in (self._quantity, *self._views.values(), self._take):
            self._bar.addWidget(part)

    def _build_body(self) -> None:
        self._progress = named(QProgressBar(), "Progress of measuring")
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self._form = CompressionForm(self._detail)
        self._empty = EmptyState()
        self._centre = QStackedWidget()
        self._centre.addWidget(self._empty)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.addWidget(self._form)
        self._split.addWidget(self._centre)
        self._split.setStretchFactor(0, 0)
        self._split.setStretchFactor(1, 1)
        self._split.setCollapsible(0, False)  # its button hides it; else that showed nothing
        self._split.setCollapsible(1, False)
        self._split.setSizes([FORM_WIDTH, 4 * FORM_WIDTH])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._bar)
        layout.addWidget(self._progress)
        layout.addWidget(self._split, 1)

    def _take_width(self) -> None:
        """Behind another panel it must not widen the window; in front it needs what it needs."""
        self.setMinimumWidth(0 if self._is_looked_at else LEAST[0])

    def _load(self) -> None:
        """Have the library of the charts loaded, if somebody still looks."""
        if self._is_looked_at and self.results is None:
            self._loader.ask(_load_charts)

    def _build_seen(self) -> None:
        """Build charts, table and detail, if somebody still looks."""
        if not self._is_looked_at or self.results is not None:
            return
        from widgets.compression_detail import DetailPane
        from widgets.compression_results import CompressionResults

        self.results = CompressionResults(self._detail)
        self._centre.addWidget(self.results)
        self.pane = DetailPane(self._detail)
        self.pane.row_activated.connect(self.row_activated)
        self._split.addWidget(self.pane)
        self._split.setStretchFactor(2, 0)
        self._split.setCollapsible(2, False)
        menu = QMenu(self)
        self.results.fill_menu(menu)
        self._take.setMenu(menu)
        self._model.cell_changed.connect(self._on_cell_changed)
        self.results.cursor_changed.connect(self._show_words)
        self.show_state(self._model.state)

    def _connect(self) -> None:
        model = self._model
        self._loader.done.connect(lambda _done: self._build_seen())
        self._loader.failed.connect(lambda error, trace: model.notices.failure(error, trace))
        self._run.clicked.connect(self._on_run_clicked)
        self._settings.toggled.connect(self._on_settings_toggled)
        self._quantity.activated.connect(
            lambda at: model.show_quantity(self._quantity.itemData(at))
        )
        self._group.buttonToggled.connect(lambda _button, on: self._on_view_toggled(on))
        model.state_changed.connect(self.show_state)
        model.sweep_changed.connect(self._on_sweep_changed)
        model.shown_changed.connect(lambda _quantity: self.show_quantities())
        model.settings_changed.connect(lambda _settings: self.show_quantities())

    def _on_settings_toggled(self, on: bool) -> None:
        """Show the settings; in little room the codec that is looked at makes way for them."""
        self._form.setVisible(on)
        if self.pane is not None:
            is_narrow = on and self.width() < NARROWER
            self.pane.setVisible(self._model.cell is not None and not is_narrow)

    def _on_run_clicked(self) -> None:
        if isinstance(self._model.state, Running):
            self._model.stop()
            return
        self._model.run()
        if self.width() < NARROWER:
            self._settings.setChecked(False)

    def _on_cell_changed(self, cell: Cell | None) -> None:
        """Make room for the codec that is looked at."""
        if cell is None:
            return
        if self.width() < NARROW:
            self._settings.setChecked(False)
        form, centre, pane = self._split.sizes()
        width = min(DETAIL_WIDTH, round(self.width() * 0.38))
        if pane < width:
            self._split.setSizes([form, centre + pane - width, width])

    def _on_view_toggled(self, on: bool) -> None:
        if on and self.results is not None:
            for view, button in self._views.items():
                if button.isChecked():
                    self.results.show_view(view)

    def _on_sweep_changed(self, _sweep: Sweep | None) -> None:
        self.show_quantities()
        self.show_state(self._model.state)


def _switch(words: str, *, on: bool = False) -> QPushButton:
    button = QPushButton(words)
    button.setCheckable(True)
    button.setChecked(on)
    return button


def _load_charts() -> bool:
    import pyqtgraph

    return bool(pyqtgraph.__version__)
