"""The dialog that takes a picture of the map out: choices, a live preview, where to."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.picture_facts import picture_facts
from app.panels.pictures import PictureSettings, PicturesModel
from backends.reporting import Report
from widgets.bind import PLAIN, named
from widgets.picture_drawing import Sheet, prepare, write_picture
from widgets.picture_form import PictureForm
from widgets.picture_page import Page, Source, build_page
from widgets.picture_points import Stock
from widgets.picture_preview import Preview, Sample, size_text
from widgets.saving import SavingDialog


class PictureDialog(SavingDialog):
    """Shows a PicturesModel; closes when the picture is there."""

    def __init__(self, model: PicturesModel, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(model, "Export picture", "Write the picture", parent)
        self._model = model
        self._source = source
        self._stock = Stock()
        self._build()
        self._connect()
        self.resize(880, 560)
        self.show_settings(model.settings)
        self.show_state(model.state)

    def show_settings(self, settings: PictureSettings) -> None:
        """Show what is chosen, and have it drawn."""
        self.form.show_settings(settings)
        self.show_target(settings.target)
        self.preview.show_choice(settings, self._source)

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
        line = QHBoxLayout()
        line.addWidget(QLabel("File"))
        line.addWidget(self._file, 1)
        self._choices = (self.form, self._file)
        layout = QVBoxLayout(self)
        layout.addLayout(upper, 1)
        layout.addLayout(line)
        self._build_foot(layout)

    def _connect(self) -> None:
        model = self._model
        self.form.changed.connect(lambda fields: model.change(**fields))
        self.preview.drawn.connect(self.show_sample)
        self.finished.connect(lambda _code: self.preview.close_down())
        model.settings_changed.connect(self.show_settings)
        self._connect_saving()

    def _run(self, *, overwrite: bool) -> None:
        self._question.hide()
        choice = self._model.settings
        page = build_page(choice, self._source, self._stock)
        facts = picture_facts(self._model.document, choice.title, choice.subtitle)
        self._model.run(partial(_write, page, choice, facts, self._stock), overwrite=overwrite)

    def _suffix(self) -> str:
        return self._model.settings.format


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
