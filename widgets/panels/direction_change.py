"""The page “Change”: take a direction out, see what that did and did not do, use it or export it.

Imports pyqtgraph by way of its curve: load it when the page is first looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.direction_change import Changed, ChangeModel
from app.panels.state import Blocked, Failed, PanelState, Running
from backends.directions.erasing.registry import ERASERS
from backends.errors import BackendError
from widgets.bind import named, quiet
from widgets.change_results import ChangeResults
from widgets.elided_combo import ElidedCombo
from widgets.empty_state import EmptyState
from widgets.parts import disable, text

NONE = "None"
READY = Problem(
    "Take a direction out of the vectors",
    "Choose how, and run. Both states are judged; nothing changes until you use the result.",
)
USE = "Keep the changed vectors beside the old ones and show them; the old ones stay"


class DirectionChangePage(QWidget):
    """Shows a `ChangeModel`."""

    def __init__(self, model: ChangeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_choices()
        self.show_settings()
        self.show_result(model.result)
        self.show_state(model.state)

    def show_choices(self) -> None:
        """Show directions, sets and tests that can be chosen."""
        model, chosen = self._model, self._model.settings
        here = [(one.title, one.fingerprint) for one in model.directions]
        current = model.direction
        _fill(self.direction, here, current.fingerprint if current is not None else "")
        words = [(NONE, ""), *((one.name, one.name) for one in model.lists)]
        _fill(self.specific, words, chosen.specific)
        _fill(self.neutral, [("All items", ""), *words[1:]], chosen.neutral)
        pairs = [(NONE, ""), *((one.name, one.name) for one in model.pair_sets)]
        _fill(self.pairs, pairs, chosen.pairs)
        tests = [(NONE, ""), *((one.name, one.name) for one in model.sets.tests)]
        _fill(self.test, tests, chosen.test)

    def show_settings(self) -> None:
        """Show what is chosen."""
        chosen, spec = self._model.settings, ERASERS[self._model.settings.method]
        with quiet(self.method, self.training, self.seed):
            self.method.setCurrentIndex(self.method.findData(chosen.method))
            self.training.setValue(100 * chosen.training)
            self.seed.setValue(chosen.seed)
        self.method.setToolTip(f"{spec.about} {spec.limits}")
        self.about.setText(f"{spec.about} {spec.limits}")
        self.pairs.setEnabled(spec.takes_pairs)
        self.training.setEnabled(spec.needs_labels)
        self.show_choices()

    def show_state(self, state: PanelState) -> None:
        """Show whether it can run, runs, or failed."""
        running = isinstance(state, Running)
        self.run.setText("Stop" if running else "Run")
        self.run.setEnabled(not isinstance(state, Blocked))
        tip = "Stop; the result before stays" if running else "Change the vectors and judge both"
        if isinstance(state, Blocked):
            tip = f"{state.problem.text} {state.problem.hint}"
        self.run.setToolTip(tip)
        self.progress.setText(state.progress.text if isinstance(state, Running) else "")
        self.empty.show_problem(_problem(state))

    def show_result(self, result: Changed | None) -> None:
        """Show the verdict, the numbers and the pictures; or that there are none."""
        self.empty.setVisible(result is None)
        self._right.setVisible(result is not None)
        problem = self._model.use_problem
        for button, tip in ((self.use, USE), (self.export, self._export_tip())):
            button.setEnabled(problem is None)
            button.setToolTip(tip if problem is None else f"{problem.text} {problem.hint}")
        if result is not None:
            self.results.show_result(result)

    def _build(self) -> None:
        self.direction = named(ElidedCombo(), "Direction", "The direction to take out")
        self.method = named(QComboBox(), "Method")
        for index, spec in enumerate(ERASERS.values()):
            self.method.addItem(spec.title, spec.id)
            self.method.setItemData(
                index, f"{spec.about} {spec.limits}", Qt.ItemDataRole.ToolTipRole
            )
            if spec.missing is not None:
                disable(self.method, index)
                tip = f"pip install {spec.missing}"
                self.method.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
        tip = "Words that carry the direction by definition: they are kept, or not counted neutral"
        self.specific = named(ElidedCombo(), "Specific words", tip)
        self.pairs = named(
            ElidedCombo(), "Pairs to equalise", "Made equally like all neutral words"
        )
        self.neutral = named(ElidedCombo(), "Neutral words", "Direct bias is measured on these")
        self.test = named(ElidedCombo(), "Association test", "Made before and after")
        tip = "Share of the labelled items to learn from; the others judge. For INLP and LEACE"
        self.training = named(QDoubleSpinBox(), "Share for training", tip)
        self.training.setRange(10, 90)
        self.training.setDecimals(0)
        self.training.setSuffix(" %")
        self.seed = named(QSpinBox(), "Seed", "The same number gives the same result")
        self.seed.setRange(0, 2**31 - 1)
        self.run = named(QPushButton("Run"), "Run")
        self.empty = EmptyState()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 6)
        whole.addWidget(self._build_form())
        whole.addWidget(self.empty, 1)
        whole.addWidget(self._build_right(), 1)

    def _build_form(self) -> QWidget:
        self.about = text(muted=True, wrap=True)
        self.progress = text(muted=True, wrap=True)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(6)
        for words, field in (
            ("Direction", self.direction),
            ("Method", self.method),
            ("Specific", self.specific),
            ("Equalise", self.pairs),
            ("Neutral", self.neutral),
            ("Test", self.test),
            ("Training", self.training),
            ("Seed", self.seed),
        ):
            form.addRow(words, field)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addWidget(self.about)
        left.addWidget(self.run)
        left.addWidget(self.progress)
        left.addStretch(1)
        holder = QWidget()
        holder.setLayout(left)
        side = _scrolled(holder)
        side.setFixedWidth(270)
        return side

    def _build_right(self) -> QWidget:
        self.results = ChangeResults()
        self.use = named(QPushButton("Use these vectors"), "Use these vectors")
        self.export = named(QPushButton("Export…"), "Export the changed vectors")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.export)
        buttons.addWidget(self.use)
        self._right = QWidget()
        outer = QVBoxLayout(self._right)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(_scrolled(self.results), 1)
        outer.addLayout(buttons)
        return self._right

    def _connect(self) -> None:
        model = self._model
        model.state_changed.connect(self.show_state)
        model.settings_changed.connect(lambda _settings: self.show_settings())
        model.choices_changed.connect(self.show_choices)
        model.result_changed.connect(self.show_result)
        for combo, name in (
            (self.direction, "direction"),
            (self.method, "method"),
            (self.specific, "specific"),
            (self.pairs, "pairs"),
            (self.neutral, "neutral"),
            (self.test, "test"),
        ):
            combo.activated.connect(
                lambda _index, combo=combo, name=name: model.change(**{name: combo.currentData()})
            )
        self.training.valueChanged.connect(lambda value: model.change(training=value / 100))
        self.seed.valueChanged.connect(lambda value: model.change(seed=value))
        self.run.clicked.connect(self._on_run_clicked)
        self.use.clicked.connect(model.use)
        self.export.clicked.connect(self._on_export_clicked)

    def _export_tip(self) -> str:
        form = self._model.form
        came = f"They came as {form.title} (*{form.suffix})" if form is not None else ""
        return f"Write the changed vectors and their recipe to files. {came}".strip()

    def _on_run_clicked(self) -> None:
        if isinstance(self._model.state, Running):
            self._model.stop()
        else:
            self._model.run()

    def _on_export_clicked(self) -> None:
        form = self._model.form
        suffix = form.suffix if form is not None else ".npy"
        kinds = "Vectors (*.bin *.vec *.txt *.npy *.npz *.parquet *.csv *.jsonl)"
        # The dialog asks before it lets a file be replaced.
        path, _ = QFileDialog.getSaveFileName(self, "Export vectors", f"changed{suffix}", kinds)
        if path:
            self._model.export(Path(path), overwrite=Path(path).exists())


def _fill(combo: QComboBox, entries: Sequence[tuple[str, str]], chosen: str) -> None:
    with quiet(combo):
        combo.clear()
        for title, key in entries:
            combo.addItem(title, key)
            combo.setItemData(combo.count() - 1, title, Qt.ItemDataRole.ToolTipRole)
        combo.setCurrentIndex(max(combo.findData(chosen), 0 if entries else -1))


def _scrolled(part: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(part)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def _problem(state: PanelState) -> Problem:
    if isinstance(state, Blocked):
        return state.problem
    if isinstance(state, Failed):
        error = state.failure.error
        return Problem(error.what, error.hint or "") if isinstance(error, BackendError) else READY
    if isinstance(state, Running):
        return Problem(state.progress.text or "Running", "Stop it at any time.")
    return READY
