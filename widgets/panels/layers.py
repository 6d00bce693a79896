"""Layers by dimensions: a heat map of what each size keeps, the ladder of sizes, and one click."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.layers import LayersModel, words_of
from app.panels.state import Blocked, Failed, PanelState, Running, seconds_text
from backends.compression.layers import LayerGrid, Pair
from backends.errors import BackendError
from widgets.bind import named, quiet
from widgets.empty_state import EmptyState
from widgets.ladder_table import LadderTable
from widgets.layer_map import LayerMap
from widgets.parts import text

WIDE = 660  # from here on grid and ladder stand side by side
TALL = 440  # from here on they stand one above the other
LEAST = (300, 100)  # behind other docks it must not widen the window
READY = Problem(
    "How small may this model be?",
    "Measure how many true neighbours each layer keeps with fewer dimensions.",
)
MOST_SAMPLE = 20_000
MOST_K = 100
MAKE = "Embed all items with this size, as an embedding beside the others (Return)"


class LayersPanel(QWidget):
    """Shows a `LayersModel`."""

    def __init__(self, model: LayersModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._chosen: Pair | None = None
        self._refusal: Problem | None = None
        self._build()
        self.setMinimumSize(*LEAST)
        self._connect()
        self.show_settings()
        self.show_grid(model.grid)
        self.show_state(model.state)

    def show_settings(self) -> None:
        """Show what is chosen for the next measurement."""
        settings = self._model.settings
        with quiet(self.k, self.sample, self.dims):
            self.k.setValue(settings.k)
            self.sample.setValue(settings.sample)
            self.dims.setText(", ".join(map(str, settings.dims)))

    def show_grid(self, grid: LayerGrid | None) -> None:
        """Show what was measured."""
        if grid is None or (self._chosen is not None and not self._is_there(self._chosen)):
            self._chosen = None
        self.map.show_grid(grid, self._model.lines)
        self.map.show_active(self._model.active_pair)
        self.table.show_offer(self.map.chosen)
        self.table.show_rungs()
        self.csv.setEnabled(grid is not None)
        self._show_words()
        self._show_make()

    def show_active(self) -> None:
        """Mark the size that the active embedding is."""
        self.map.show_active(self._model.active_pair)
        self._show_make()

    def show_state(self, state: PanelState) -> None:
        """Show the grid, or why there is none and what to do."""
        running = isinstance(state, Running)
        self.run.setText("Stop" if running else "Measure")
        self.run.setEnabled(not isinstance(state, Blocked))
        if isinstance(state, Blocked):
            self.run.setToolTip(f"{state.problem.text} {state.problem.hint}")
        else:
            self.run.setToolTip("Stop measuring" if running else "Measure all cells of the grid")
        shown = self._model.grid is not None
        self._stack.setCurrentWidget(self._split if shown else self.empty)
        self.empty.show_problem(_problem(state))
        self.progress.setText(_progress(state))
        self.progress.setVisible(running and shown)
        self._show_words()
        self._show_make()

    def choose(self, pair: Pair) -> None:
        """Look at a size, of the grid or of the ladder."""
        self._chosen = pair
        self._refusal = None
        self._show_words()
        self._show_make()

    def _build(self) -> None:
        self.k = named(QSpinBox(), "Neighbours k", "How many true neighbours should be found")
        self.k.setRange(1, MOST_K)
        self.sample = named(
            QSpinBox(), "Sample", "Rows chosen by chance, among which neighbours are found"
        )
        self.sample.setRange(50, MOST_SAMPLE)
        self.sample.setSingleStep(500)
        self.sample.setGroupSeparatorShown(True)
        self.k.setFixedWidth(62)
        self.sample.setFixedWidth(88)
        tip = "Dimensions of the columns, as 32, 64, 128; empty: powers of two"
        self.dims = named(QLineEdit(), "Dimensions", tip)
        self.dims.setPlaceholderText("powers of two")
        self.dims.setMinimumWidth(60)
        self.run = named(QPushButton("Measure"), "Measure the layers")
        self.progress = text(muted=True)
        above = QHBoxLayout()
        above.setSpacing(6)
        for words, field in (("k", self.k), ("Sample", self.sample), ("Dims", self.dims)):
            label = text(words, muted=True)
            label.setBuddy(field)
            above.addWidget(label)
            above.addWidget(field, 1 if field is self.dims else 0)
        above.addWidget(self.run)
        above.addWidget(self.progress)
        self.empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._build_split())
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 6, 8, 6)
        box.setSpacing(6)
        box.addLayout(above)
        box.addWidget(self._stack, 1)
        box.addLayout(self._build_below())
        self.setFocusProxy(self.map)

    def _build_split(self) -> QSplitter:
        self.map = LayerMap()
        scroll = QScrollArea()
        scroll.setWidget(self.map)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll = scroll
        self.table = LadderTable(self._model)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        self._split.addWidget(scroll)
        self._split.addWidget(self.table)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        return self._split

    def _build_below(self) -> QBoxLayout:
        """The chosen size in words, and what can be done with it."""
        self.words = text(wrap=True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAccessibleName("The chosen size")
        self.ladder = named(
            QPushButton("Ladder"), "Show the ladder", "Show the ladder of sizes instead of the grid"
        )
        self.ladder.setCheckable(True)
        tip = "All cells of the grid and the ladder as comma-separated text"
        self.csv = named(QPushButton("CSV"), "Copy or save as CSV", tip)
        menu = QMenu(self.csv)
        self.copy = menu.addAction("Copy")
        self.save = menu.addAction("Save…")
        self.csv.setMenu(menu)
        self.make = named(QPushButton("Make it an embedding"), "Make the size an embedding")
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.ladder)
        buttons.addWidget(self.csv)
        buttons.addStretch(1)
        buttons.addWidget(self.make)
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._below.setSpacing(6)
        self._below.addWidget(self.words, 1)
        self._below.addLayout(buttons)
        return self._below

    def _connect(self) -> None:
        model = self._model
        model.state_changed.connect(self.show_state)
        model.settings_changed.connect(lambda _settings: self.show_settings())
        model.grid_changed.connect(self.show_grid)
        model.active_changed.connect(self.show_active)
        self.k.valueChanged.connect(lambda value: model.change(k=value))
        self.sample.valueChanged.connect(lambda value: model.change(sample=value))
        self.dims.editingFinished.connect(self._on_dims_edited)
        self.run.clicked.connect(self._on_run_clicked)
        self.map.cell_chosen.connect(self._on_cell_chosen)
        self.map.cell_taken.connect(lambda pair: model.make(*pair))
        self.table.rung_chosen.connect(self._on_rung_chosen)
        self.table.rung_taken.connect(lambda pair: model.make(*pair))
        self.table.refused.connect(self._on_refused)
        self.ladder.toggled.connect(lambda _on: self._arrange())
        self.copy.triggered.connect(self._on_copy_clicked)
        self.save.triggered.connect(self._on_save_clicked)
        self.make.clicked.connect(self._on_make_clicked)

    def _is_there(self, pair: Pair) -> bool:
        return self._model.ladder.problem(*pair) is None

    def _show_words(self) -> None:
        """The chosen size; a refused one; else the advice."""
        model, grid = self._model, self._model.grid
        words = ""
        if grid is not None:
            how = f"{grid.title}, {grid.queries:,} of {grid.rows:,} rows asked"
            if grid.timing == "estimated":
                how += ", times estimated from the first and the last layer"
            words = f"{model.advice} ({how})" if model.advice else how
            cell = model.ladder.cell(self._chosen) if self._chosen is not None else None
            if cell is not None:
                words = words_of(grid, cell)
                words = words[0].upper() + words[1:]
        if self._refusal is not None:
            words = f"{self._refusal.text} {self._refusal.hint}"
        self.words.setText(words)
        self.words.setToolTip("\n".join((words, *(grid.notes if grid is not None else ()))))
        self.words.setVisible(grid is not None)

    def _show_make(self) -> None:
        problem = self._model.make_problem(self._chosen)
        self.make.setEnabled(problem is None)
        self.make.setToolTip(MAKE if problem is None else f"{problem.text} {problem.hint}")

    def _arrange(self) -> None:
        """Side by side or one above the other where there is room; else what the button says."""
        wide, tall = self.width() >= WIDE, self.height() >= TALL
        both = wide or tall
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        direction = QBoxLayout.Direction
        self._below.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        lines = 1 if wide else 2  # reserved, so that nothing moves with the words
        self.words.setMinimumHeight(lines * self.fontMetrics().height())
        self.ladder.setVisible(not both)
        self._scroll.setVisible(both or not self.ladder.isChecked())
        self.table.setVisible(both or self.ladder.isChecked())

    def _on_dims_edited(self) -> None:
        numbers = [int(word) for word in re.findall(r"\d+", self.dims.text())[:32]]
        self._model.change(dims=tuple(sorted({number for number in numbers if number > 0})))
        self.show_settings()

    def _on_run_clicked(self) -> None:
        if isinstance(self._model.state, Running):
            self._model.stop()
        else:
            self._model.run()

    def _on_cell_chosen(self, pair: Pair) -> None:
        self.table.show_offer(pair)
        self.choose(pair)

    def _on_rung_chosen(self, pair: Pair) -> None:
        self.choose(pair)

    def _on_refused(self, problem: Problem | None) -> None:
        self._refusal = problem
        self._show_words()

    def _on_copy_clicked(self) -> None:
        QApplication.clipboard().setText(self._model.ladder.csv_text())

    def _on_save_clicked(self) -> None:
        name, _kind = QFileDialog.getSaveFileName(
            self, "Save as CSV", "layers.csv", "Comma-separated (*.csv)"
        )
        if name:
            self._model.save_csv(name)

    def _on_make_clicked(self) -> None:
        if self._chosen is not None:
            self._model.make(*self._chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put grid and ladder side by side, or behind each other."""
        super().resizeEvent(event)
        self._arrange()


def _problem(state: PanelState) -> Problem:
    """What stands in the place of a grid."""
    if isinstance(state, Blocked):
        return state.problem
    if isinstance(state, Running):
        return Problem("Measuring…", _progress(state))
    if isinstance(state, Failed):
        error = state.failure.error
        if isinstance(error, BackendError):
            return Problem(error.what, error.hint)
        return Problem("The layers could not be measured.", str(error))
    return READY


def _progress(state: PanelState) -> str:
    if not isinstance(state, Running):
        return ""
    share = state.progress.share
    words = f"{share:.0%}" if share >= 0 else state.progress.text
    left = state.seconds_left
    return f"{words}, {seconds_text(left)} left" if left is not None else words
