"""The dialog that takes items out: which, in which form, where to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.subsets import SubsetModel, SubsetSettings, Which
from backends.export import Vectors
from backends.export_tables import Format
from widgets.bind import named, quiet
from widgets.saving import SavingDialog

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

Key = TypeVar("Key", bound=str)


class ExportDialog(SavingDialog):
    """Shows a SubsetModel; closes when the files are there."""

    def __init__(self, model: SubsetModel, parent: QWidget | None = None) -> None:
        super().__init__(model, "Export items", "Write the files", parent)
        self._model = model
        self._build()
        self._connect()
        model.prepare()
        self.show_settings(model.settings)
        self.show_counts()
        self.show_state(model.state)

    def show_settings(self, settings: SubsetSettings) -> None:
        """Show what is chosen."""
        with quiet(self._positions):
            self._which[settings.which].setChecked(True)
            self._formats[settings.format].setChecked(True)
            self._vectors[settings.vectors].setChecked(True)
            self._positions.setChecked(settings.positions)
        self.show_target(settings.target)

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

    def _build(self) -> None:
        self._form = QWidget()
        form = QFormLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(12)
        self._which = self._build_choices(
            form, "Items", [(key, title, "") for key, title in _WHICH]
        )
        self._formats = self._build_choices(form, "Format", _FORMATS, across=True)
        self._vectors = self._build_choices(form, "Vectors", _VECTORS, across=True)
        self._positions = named(
            QCheckBox("Places on the map (x, y)"), "Places on the map", "Two more columns"
        )
        form.addRow("", self._positions)
        self._target.setToolTip("A recipe with the same name is written beside it")
        form.addRow("File", self._file)
        self._choices = (self._form,)
        layout = QVBoxLayout(self)
        layout.addWidget(self._form)
        self._build_foot(layout)

    def _build_choices(
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
        model.settings_changed.connect(self.show_settings)
        model.counts_changed.connect(self.show_counts)
        self._connect_saving()

    def _run(self, *, overwrite: bool) -> None:
        self._question.hide()
        self._model.run(overwrite=overwrite)

    def _suffix(self) -> str:
        return self._model.settings.format


def _allow(control: QWidget, problem: Problem | None, tip: str = "") -> None:
    """Switch a control off with the reason as its tooltip, or on."""
    control.setEnabled(problem is None)
    control.setToolTip(tip if problem is None else f"{problem.text} {problem.hint}")
