"""The page “Change”: take a direction out, see what that did and did not do, use it or export it.

Imports pyqtgraph by way of its curve: load it when the page is first looked at.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.direction_change import NOTHING, Changed, ChangeModel
from app.panels.state import Blocked, Failed, PanelState, Running
from backends.errors import BackendError
from widgets.bind import named
from widgets.change_form import ChangeForm
from widgets.change_results import ChangeResults
from widgets.dropping import paths_of
from widgets.empty_state import EmptyState
from widgets.parts import text

WIDE = 280  # logical pixels of the form
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
        self.setAcceptDrops(True)
        self._build()
        self._connect()
        model.files.look()
        self.show_result(model.result)
        self.show_state(model.state)

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
        self.progress.setVisible(bool(self.progress.text()))
        self.empty.show_problem(_problem(state))

    def show_result(self, result: Changed | None) -> None:
        """Show the verdict, the numbers and the pictures; or that there are none."""
        self.empty.setVisible(result is None)
        self._right.setVisible(result is not None)
        self.export.setEnabled(result is not None)
        self.export.setToolTip(self._export_tip() if result is not None else NOTHING.text)
        self.show_use()
        if result is not None:
            self.results.show_result(result)

    def show_use(self) -> None:
        """Show whether the result can be used; it cannot be used twice."""
        problem = self._model.use_problem
        self.use.setEnabled(problem is None)
        self.use.setToolTip(USE if problem is None else f"{problem.text} {problem.hint}")

    def _build(self) -> None:
        self.run = named(QPushButton("Run"), "Run")
        self.progress = text(muted=True, wrap=True)
        self.form = ChangeForm(self._model)
        left = QWidget()
        left.setFixedWidth(WIDE)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.form, self.progress, self.run):
            column.addWidget(part)
        self.empty = EmptyState()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 6)
        whole.addWidget(left)
        whole.addWidget(self.empty, 1)
        whole.addWidget(self._build_right(), 1)

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
        model.choices_changed.connect(self.show_use)
        model.result_changed.connect(self.show_result)
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

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files as test sets, before the window opens them."""
        if any(path.is_file() for path in paths_of(event.mimeData())):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Judge by what was dropped."""
        self._model.files.add(path for path in paths_of(event.mimeData()) if path.is_file())
        event.acceptProposedAction()


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
        return Problem("Changing and judging the vectors.", "Stop it at any time.")
    return READY
