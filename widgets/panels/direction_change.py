"""The page “Change”: take a direction out, see what that did and did not do, use it or export it.

Imports pyqtgraph by way of its curve: load it when the page is first looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.direction_change import Changed, ChangeModel
from app.panels.state import Blocked, Failed, PanelState, Running
from backends.directions.erasing.registry import ERASERS
from backends.directions.erasing.rows import rows_of
from backends.errors import BackendError
from widgets.bind import PLAIN, named, quiet
from widgets.chart_small import SmallChart
from widgets.elided_combo import ElidedCombo
from widgets.empty_state import EmptyState
from widgets.parts import disable, text
from widgets.sides_picture import SidesPicture

NONE = "None"
READY = Problem(
    "Take a direction out of the vectors",
    "Choose how, and run. Both states are judged; nothing changes until you use the result.",
)
HEADS = ("Measure", "Before", "After", "Difference", "On")
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
        self._results.setVisible(result is not None)
        problem = self._model.use_problem
        for button, tip in ((self.use, USE), (self.export, self._export_tip())):
            button.setEnabled(problem is None)
            button.setToolTip(tip if problem is None else f"{problem.text} {problem.hint}")
        if result is None:
            return
        verdict, erased = result.verdict, result.erased
        self.verdict.setText(verdict.words)
        self.how.setText(str(erased.embeddings.made_by.params["how"]))
        self._show_rows(result)
        self.before.show_residual(verdict.before.residual)
        self.after.show_residual(verdict.after.residual)
        self._show_notes(result)
        self._show_curve(result)

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
        self.empty = EmptyState()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 6)
        whole.addWidget(side)
        whole.addWidget(self.empty, 1)
        whole.addWidget(self._build_results(), 1)

    def _build_results(self) -> QWidget:
        self.verdict = text(heading=True, wrap=True, selectable=True)
        self.verdict.setTextFormat(PLAIN)
        self.verdict.setAccessibleName("Verdict")
        self.how = text(muted=True, wrap=True, selectable=True)
        self.how.setTextFormat(PLAIN)
        self.table = named(QTableWidget(0, len(HEADS)), "Before and after", "")
        self.table.setHorizontalHeaderLabels(HEADS)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.before, self.after = SidesPicture("Before"), SidesPicture("After")
        self.curve = SmallChart("Course of the fit")
        self.notes = text(muted=True, wrap=True)
        self.notes.setTextFormat(PLAIN)
        pictures = QHBoxLayout()
        pictures.addWidget(self.before, 1)
        pictures.addWidget(self.after, 1)
        self.use = named(QPushButton("Use these vectors"), "Use these vectors")
        self.export = named(QPushButton("Export…"), "Export the changed vectors")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.export)
        buttons.addWidget(self.use)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(4, 0, 4, 0)
        for part in (self.verdict, self.how, self.table):
            column.addWidget(part)
        column.addLayout(pictures)
        column.addWidget(self.curve)
        column.addWidget(self.notes)
        column.addStretch(1)
        self._results = QWidget()
        outer = QVBoxLayout(self._results)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(_scrolled(inner), 1)
        outer.addLayout(buttons)
        return self._results

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

    def _show_rows(self, result: Changed) -> None:
        rows = rows_of(result.verdict)
        self.table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            cells = (
                row.title,
                row.shown(row.before),
                row.shown(row.after),
                row.difference,
                row.note,
            )
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setToolTip(row.about)
                if 0 < column < 4:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(at, column, item)
        height = self.table.horizontalHeader().sizeHint().height() + 4
        self.table.setFixedHeight(height + sum(map(self.table.rowHeight, range(len(rows)))))

    def _show_notes(self, result: Changed) -> None:
        erased, after = result.erased, result.verdict.after
        lost = (*erased.prepared.lost, *after.lost)
        said = [*erased.embeddings.notes, *after.notes]
        if lost:
            some = ", ".join(f"{one.term} ({one.why})" for one in lost[:6])
            more = f" and {len(lost) - 6:,} more" if len(lost) > 6 else ""
            said.append(f"Left out: {some}{more}.")
        self.notes.setText("\n".join(said))
        self.notes.setToolTip("\n".join(f"{one.term}: {one.why}" for one in lost[:40]))

    def _show_curve(self, result: Changed) -> None:
        history = np.array(result.erased.erasure.history)
        self.curve.setVisible(len(history) > 1)
        if len(history) > 1:
            soft = result.erased.request.method == "soft"
            what, step = ("loss", "step") if soft else ("accuracy of the classifier", "round")
            words = f"{what} from {history[0]:.3g} to {history[-1]:.3g} in {len(history):,} {step}s"
            places = np.arange(len(history)) + (0 if soft else 1)
            self.curve.show_curves([(what, places, history)], titles=(step, what), words=words)

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
