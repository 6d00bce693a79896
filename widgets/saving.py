"""What every dialog that writes files has: where to, may it be replaced, how far it is, stop."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.saving import SavingModel
from app.panels.state import Blocked, Failed, PanelState, Running
from backends.errors import BackendError
from backends.export import TargetExists
from widgets.bind import PLAIN, named, quiet

PROGRESS_STEPS = 1000


class SavingDialog(QDialog):
    """Shows a SavingModel; closes when what was asked for is written."""

    def __init__(
        self, model: SavingModel, title: str, writes: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._saving = model
        self._writes = writes  # what the button does, in its tooltip
        self._choices: tuple[QWidget, ...] = ()  # nothing is chosen while it is written
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build_file()
        self._build_question()
        self._progress = named(QProgressBar(), "Progress of the export")
        self._progress.setRange(0, PROGRESS_STEPS)
        self._progress.setTextVisible(False)
        self._message = named(QLabel(wordWrap=True, textFormat=PLAIN), "Message")
        self._message.setProperty("danger", False)
        self._export = QPushButton("Export")
        self._cancel = QPushButton("Cancel")

    def show_target(self, target: str) -> None:
        """Show where to."""
        with quiet(self._target):
            if self._target.text() != target:
                self._target.setText(target)
        self._question.hide()

    def show_state(self, state: PanelState) -> None:
        """Show whether it can run, runs, or failed."""
        running = isinstance(state, Running)
        for part in self._choices:
            part.setEnabled(not running)
        self._progress.setVisible(running)
        self._export.setEnabled(not running and not isinstance(state, Blocked))
        self._cancel.setText("Stop" if running else "Cancel")
        self._message.setText("")
        self._export.setToolTip(self._writes)
        if isinstance(state, Running):
            self._progress.setValue(round(max(0.0, state.progress.share) * PROGRESS_STEPS))
            self._message.setText(state.progress.text)
        elif isinstance(state, Blocked):
            self._message.setText(f"{state.problem.text} {state.problem.hint}")
            self._export.setToolTip(self._message.text())
        elif isinstance(state, Failed) and isinstance(state.failure.error, BackendError):
            self._message.setText(f"{state.failure.error.what} {state.failure.error.hint}")
        self._message.setVisible(bool(self._message.text()))
        danger = isinstance(state, Failed)
        if self._message.property("danger") != danger:
            self._message.setProperty("danger", danger)
            self._message.style().polish(self._message)

    def show_question(self, error: TargetExists) -> None:
        """Ask whether what is there may be replaced."""
        self._question_text.setText(f"{error.what} Replace?")
        self._question.show()
        self._keep.setFocus()

    def _build_file(self) -> None:
        self._file = QWidget()
        self._target = named(QLineEdit(), "File", "Where it is written to")
        self._target.setMinimumWidth(320)
        self._browse = named(QPushButton("Browse…"), "Browse", "Choose folder and name")
        line = QHBoxLayout(self._file)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._target, 1)
        line.addWidget(self._browse)

    def _build_question(self) -> None:
        self._question = QWidget()
        self._question_text = named(QLabel(wordWrap=True, textFormat=PLAIN), "Question")
        self._replace = named(QPushButton("Replace"), "Replace what is there", "Write over it")
        self._keep = named(QPushButton("Keep"), "Keep what is there", "Choose another name")
        line = QHBoxLayout(self._question)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._question_text, 1)
        line.addWidget(self._replace)
        line.addWidget(self._keep)
        self._question.hide()

    def _build_foot(self, layout: QVBoxLayout) -> None:
        """Add question, progress, message and buttons below what the heir has put there."""
        buttons = QDialogButtonBox()
        buttons.addButton(self._export, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self._cancel, QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self._export, self._cancel):
            named(button, button.text())
        self._cancel.setToolTip("Close without writing, or stop writing; nothing is left behind")
        layout.setSpacing(12)
        for part in (self._question, self._progress, self._message, buttons):
            layout.addWidget(part)
        for button in (self._browse, self._replace, self._keep, self._cancel):
            button.setAutoDefault(False)
        self._export.setDefault(True)

    def _connect_saving(self) -> None:
        model = self._saving
        self._target.textEdited.connect(lambda text: model.change(target=text))
        self._browse.clicked.connect(self._on_browse_clicked)
        self._export.clicked.connect(lambda: self._run(overwrite=False))
        self._replace.clicked.connect(lambda: self._run(overwrite=True))
        self._keep.clicked.connect(self._on_keep_clicked)
        self._cancel.clicked.connect(self.reject)
        model.state_changed.connect(self.show_state)
        model.target_exists.connect(self.show_question)
        model.exported.connect(self._on_exported)

    def _run(self, *, overwrite: bool) -> None:
        """Write; heirs say what."""
        raise NotImplementedError

    def _suffix(self) -> str:
        """Ending of the files, for the file dialog."""
        raise NotImplementedError

    def _on_exported(self, _result: object) -> None:
        self.accept()

    def _on_keep_clicked(self) -> None:
        self._question.hide()
        self._target.setFocus()
        self._target.selectAll()

    def _on_browse_clicked(self) -> None:
        suffix = self._suffix()
        path, _chosen = QFileDialog.getSaveFileName(
            self,
            self.windowTitle(),
            self._target.text(),
            f"{suffix} (*.{suffix})",
            options=QFileDialog.Option.DontConfirmOverwrite,  # asked here, once
        )
        if path:
            self._saving.change(target=path)

    def reject(self) -> None:
        """Stop what is being written; close if nothing is, whether by the button or by Esc."""
        if isinstance(self._saving.state, Running):
            self._saving.stop()
        else:
            super().reject()
