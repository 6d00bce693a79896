"""The dialog that takes items out: which, in which form, where to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.state import Blocked, Failed, PanelState, Running
from app.panels.subsets import SubsetModel, SubsetSettings, Which
from backends.errors import BackendError
from backends.export import TargetExists, Vectors
from backends.export_tables import Format
from widgets.bind import PLAIN, named, quiet

_WHICH: tuple[tuple[Which, str], ...] = (
    ("selection", "Selected items"),
    ("filtered", "Filtered items"),
    ("all", "All items"),
)
_FORMATS: tuple[tuple[Format, str, str], ...] = (
    ("csv", "CSV", "Opens in every spreadsheet; lists become text"),
    ("parquet", "Parquet", "Keeps all types, small and fast; for pandas, DuckDB, Polars"),
    ("jsonl", "JSON lines", "One object a line; keeps lists"),
)
_VECTORS: tuple[tuple[Vectors, str, str], ...] = (
    ("none", "None", "Only the columns"),
    ("npy", "File beside", "NAME.vectors.npy, one row for each item in the same order"),
    ("column", "Column", "A list of numbers in the column “vector”"),
)
PROGRESS_STEPS = 1000

Key = TypeVar("Key", bound=str)


class ExportDialog(QDialog):
    """Shows a SubsetModel; closes when the files are there."""

    def __init__(self, model: SubsetModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle("Export items")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build()
        self._connect()
        model.prepare()
        self.show_settings(model.settings)
        self.show_counts()
        self.show_state(model.state)

    def show_settings(self, settings: SubsetSettings) -> None:
        """Show what is chosen."""
        with quiet(self._positions, self._target):
            self._which[settings.which].setChecked(True)
            self._formats[settings.format].setChecked(True)
            self._vectors[settings.vectors].setChecked(True)
            self._positions.setChecked(settings.positions)
            if self._target.text() != settings.target:
                self._target.setText(settings.target)
        self._question.hide()

    def show_counts(self) -> None:
        """Show how many rows each choice has, and why some cannot be chosen."""
        counts = self._model.counts
        for which, title in _WHICH:
            problem = self._model.problem_of(which)
            button = self._which[which]
            button.setText(f"{title}  ({counts[which]:,})" if problem is None else title)
            _allow(button, problem)
        for vectors, _title, tip in _VECTORS[1:]:
            _allow(self._vectors[vectors], self._model.vectors_problem, tip)
        _allow(self._positions, self._model.positions_problem)

    def show_state(self, state: PanelState) -> None:
        """Show whether it can run, runs, or failed."""
        running = isinstance(state, Running)
        self._form.setEnabled(not running)
        self._progress.setVisible(running)
        self._export.setEnabled(not running and not isinstance(state, Blocked))
        self._cancel.setText("Stop" if running else "Cancel")
        self._message.setText("")
        self._export.setToolTip("Write the files")
        if isinstance(state, Running):
            self._progress.setValue(round(max(0.0, state.progress.share) * PROGRESS_STEPS))
            self._message.setText(state.progress.text)
        elif isinstance(state, Blocked):
            self._message.setText(f"{state.problem.text} {state.problem.hint}")
            self._export.setToolTip(self._message.text())
        elif isinstance(state, Failed) and isinstance(state.failure.error, BackendError):
            self._message.setText(f"{state.failure.error.what} {state.failure.error.hint}")
        self._message.setVisible(bool(self._message.text()))
        failed = isinstance(state, Failed)
        if self._message.property("danger") != failed:
            self._message.setProperty("danger", failed)
            self._message.style().polish(self._message)

    def show_question(self, error: TargetExists) -> None:
        """Ask whether files that are there may be replaced."""
        self._question_text.setText(f"{error.what} Replace?")
        self._question.show()
        self._keep.setFocus()

    def _build(self) -> None:
        self._form = QWidget()
        form = QFormLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(12)
        self._which = self._choices(form, "Items", [(key, title, "") for key, title in _WHICH])
        self._formats = self._choices(form, "Format", _FORMATS, across=True)
        self._vectors = self._choices(form, "Vectors", _VECTORS, across=True)
        self._positions = named(
            QCheckBox("Places on the map (x, y)"), "Places on the map", "Two more columns"
        )
        form.addRow("", self._positions)
        self._target = named(
            QLineEdit(), "File", "A recipe with the same name is written beside it"
        )
        self._target.setMinimumWidth(320)
        self._browse = named(QPushButton("Browse…"), "Browse", "Choose folder and name")
        line = QHBoxLayout()
        line.addWidget(self._target, 1)
        line.addWidget(self._browse)
        form.addRow("File", line)
        self._progress = named(QProgressBar(), "Progress of the export")
        self._progress.setRange(0, PROGRESS_STEPS)
        self._progress.setTextVisible(False)
        self._message = named(QLabel(wordWrap=True, textFormat=PLAIN), "Message")
        self._message.setProperty("danger", False)
        buttons = QDialogButtonBox()
        self._export = buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self._cancel = buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self._export, self._cancel):
            named(button, button.text())
        self._cancel.setToolTip("Close without writing, or stop writing; nothing is left behind")
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self._form)
        layout.addWidget(self._build_question())
        layout.addWidget(self._progress)
        layout.addWidget(self._message)
        layout.addWidget(buttons)
        for button in (self._browse, self._replace, self._keep, self._cancel):
            button.setAutoDefault(False)
        self._export.setDefault(True)

    def _build_question(self) -> QWidget:
        self._question = QWidget()
        self._question_text = named(QLabel(wordWrap=True, textFormat=PLAIN), "Question")
        self._replace = named(QPushButton("Replace"), "Replace what is there", "Write over these")
        self._keep = named(QPushButton("Keep"), "Keep what is there", "Choose another name")
        line = QHBoxLayout(self._question)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._question_text, 1)
        line.addWidget(self._replace)
        line.addWidget(self._keep)
        self._question.hide()
        return self._question

    def _choices(
        self,
        form: QFormLayout,
        title: str,
        options: Sequence[tuple[Key, str, str]],
        *,
        across: bool = False,
    ) -> dict[Key, QRadioButton]:
        group, line = QButtonGroup(self), QHBoxLayout() if across else QVBoxLayout()
        line.setSpacing(14 if across else 6)
        made = {}
        for key, text, tip in options:
            button = named(QRadioButton(text), f"{title}: {text}", tip)
            group.addButton(button)
            line.addWidget(button)
            made[key] = button
        if across:
            line.addStretch(1)
        form.addRow(title, line)
        return made

    def _connect(self) -> None:
        model = self._model
        for field, buttons in (
            ("which", self._which),
            ("format", self._formats),
            ("vectors", self._vectors),
        ):
            for key, button in buttons.items():
                button.clicked.connect(
                    lambda _on, field=field, key=key: model.change(**{field: key})
                )
        self._positions.clicked.connect(lambda on: model.change(positions=on))
        self._target.textEdited.connect(lambda text: model.change(target=text))
        self._browse.clicked.connect(self._on_browse_clicked)
        self._export.clicked.connect(lambda: self._run(overwrite=False))
        self._replace.clicked.connect(lambda: self._run(overwrite=True))
        self._keep.clicked.connect(self._on_keep_clicked)
        self._cancel.clicked.connect(self._on_cancel_clicked)
        model.settings_changed.connect(self.show_settings)
        model.counts_changed.connect(self.show_counts)
        model.state_changed.connect(self.show_state)
        model.target_exists.connect(self.show_question)
        model.exported.connect(self._on_exported)

    def _run(self, *, overwrite: bool) -> None:
        self._question.hide()
        self._model.run(overwrite=overwrite)

    def _on_keep_clicked(self) -> None:
        self._question.hide()
        self._target.setFocus()
        self._target.selectAll()

    def _on_exported(self, _result: object) -> None:
        self.accept()

    def _on_cancel_clicked(self) -> None:
        if isinstance(self._model.state, Running):
            self._model.stop()
        else:
            self.reject()

    def _on_browse_clicked(self) -> None:
        settings = self._model.settings
        path, _chosen = QFileDialog.getSaveFileName(
            self,
            "Export items",
            settings.target,
            f"{settings.format} (*.{settings.format})",
            options=QFileDialog.Option.DontConfirmOverwrite,  # asked here, once
        )
        if path:
            self._model.change(target=path)


def _allow(control: QWidget, problem: Problem | None, tip: str = "") -> None:
    """Switch a control off with the reason as its tooltip, or on."""
    control.setEnabled(problem is None)
    control.setToolTip(tip if problem is None else f"{problem.text} {problem.hint}")
