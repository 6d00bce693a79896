"""The dialog that takes a picture of the map out: choices, a live preview, where to."""

from __future__ import annotations

from functools import partial
from pathlib import Path

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

from app.panels.picture_facts import picture_facts
from app.panels.pictures import PictureSettings, PicturesModel
from app.panels.state import Blocked, Failed, PanelState, Running
from backends.errors import BackendError
from backends.export import TargetExists
from backends.reporting import Report
from widgets.bind import PLAIN, named, quiet
from widgets.picture_drawing import Sheet, prepare, write_picture
from widgets.picture_form import PictureForm
from widgets.picture_page import Page, Source, build_page
from widgets.picture_points import Stock
from widgets.picture_preview import Preview, Sample, size_text

PROGRESS_STEPS = 1000


class PictureDialog(QDialog):
    """Shows a PicturesModel; closes when the picture is there."""

    def __init__(self, model: PicturesModel, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._source = source
        self._stock = Stock()
        self.setWindowTitle("Export picture")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build()
        self._connect()
        self.resize(880, 560)
        self.show_settings(model.settings)
        self.show_state(model.state)

    def show_settings(self, settings: PictureSettings) -> None:
        """Show what is chosen, and have it drawn."""
        self.form.show_settings(settings)
        with quiet(self._target):
            if self._target.text() != settings.target:
                self._target.setText(settings.target)
        self._question.hide()
        self.preview.show_choice(settings, self._source)

    def show_state(self, state: PanelState) -> None:
        """Show whether it can run, runs, or failed."""
        running = isinstance(state, Running)
        for part in (self.form, self._file):
            part.setEnabled(not running)
        self._progress.setVisible(running)
        self._export.setEnabled(not running and not isinstance(state, Blocked))
        self._cancel.setText("Stop" if running else "Cancel")
        self._message.setText("")
        self._export.setToolTip("Write the picture")
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
        """Ask whether the file that is there may be replaced."""
        self._question_text.setText(f"{error.what} Replace?")
        self._question.show()
        self._keep.setFocus()

    def show_sample(self, sample: Sample) -> None:
        """Say how large the file will be."""
        words = size_text(sample.bytes)
        if sample.circles is not None:
            words += f", {sample.circles:,} points as circles"
        self._estimate.setText(f"The file: {words}")

    def _build(self) -> None:
        self.preview = Preview(self._model.jobs, self._model.notices, self._stock)
        self._estimate = named(QLabel(textFormat=PLAIN), "Size of the file")
        self._estimate.setProperty("muted", True)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.preview, 1)
        left.addWidget(self._estimate)
        self.form = PictureForm()
        self.form.setFixedWidth(372)
        right = QVBoxLayout()
        right.addWidget(self.form)
        right.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(18)
        upper.addLayout(left, 1)
        upper.addLayout(right)
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
        layout.addLayout(upper, 1)
        layout.addWidget(self._build_file())
        layout.addWidget(self._build_question())
        layout.addWidget(self._progress)
        layout.addWidget(self._message)
        layout.addWidget(buttons)
        for button in (self._browse, self._replace, self._keep, self._cancel):
            button.setAutoDefault(False)
        self._export.setDefault(True)

    def _build_file(self) -> QWidget:
        self._file = QWidget()
        self._target = named(QLineEdit(), "File", "Where the picture is written to")
        self._browse = named(QPushButton("Browse…"), "Browse", "Choose folder and name")
        line = QHBoxLayout(self._file)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(QLabel("File"))
        line.addWidget(self._target, 1)
        line.addWidget(self._browse)
        return self._file

    def _build_question(self) -> QWidget:
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
        return self._question

    def _connect(self) -> None:
        model = self._model
        self.form.changed.connect(lambda fields: model.change(**fields))
        self._target.textEdited.connect(lambda text: model.change(target=text))
        self._browse.clicked.connect(self._on_browse_clicked)
        self._export.clicked.connect(lambda: self._run(overwrite=False))
        self._replace.clicked.connect(lambda: self._run(overwrite=True))
        self._keep.clicked.connect(self._on_keep_clicked)
        self._cancel.clicked.connect(self.reject)
        self.preview.drawn.connect(self.show_sample)
        self.finished.connect(lambda _code: self.preview.close_down())
        model.settings_changed.connect(self.show_settings)
        model.state_changed.connect(self.show_state)
        model.target_exists.connect(self.show_question)
        model.exported.connect(self._on_exported)

    def _run(self, *, overwrite: bool) -> None:
        self._question.hide()
        choice = self._model.settings
        page = build_page(choice, self._source, self._stock)
        facts = picture_facts(self._model.document, choice.title, choice.subtitle)
        self._model.run(partial(_write, page, choice, facts, self._stock), overwrite=overwrite)

    def _on_keep_clicked(self) -> None:
        self._question.hide()
        self._target.setFocus()
        self._target.selectAll()

    def _on_exported(self, _path: Path) -> None:
        self.accept()

    def _on_browse_clicked(self) -> None:
        settings = self._model.settings
        path, _chosen = QFileDialog.getSaveFileName(
            self,
            "Export picture",
            settings.target,
            f"{settings.format.upper()} (*.{settings.format})",
            options=QFileDialog.Option.DontConfirmOverwrite,  # asked here, once
        )
        if path:
            self._model.change(target=path)

    def reject(self) -> None:
        """Stop what is being written; close if nothing is, whether by the button or by Esc."""
        if isinstance(self._model.state, Running):
            self._model.stop()
        else:
            super().reject()


def _write(
    page: Page,
    choice: PictureSettings,
    facts: dict[str, str],
    stock: Stock,
    path: Path,
    report: Report,
) -> None:
    """Draw and write, in a worker. Raises: OSError, BackendError, Cancelled."""
    report.step(0, 0, "Sorting the points")
    sheet = Sheet(page, prepare(page, stock), choice.dpi, choice.dotting, facts)
    write_picture(sheet, choice.format, path, report)
