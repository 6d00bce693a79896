"""How projections are spread, by group, and direct bias of words that should be free of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.direction_look import LookModel
from app.panels.direction_looked import LookSettings
from app.panels.direction_tables import Table, bias_words, spread_table
from backends.directions.evidence_words import lost_words
from widgets.bind import PLAIN, named, quiet
from widgets.direction_histogram import SpreadChart
from widgets.direction_take import TakeButton
from widgets.elided_combo import ElidedCombo
from widgets.flow import Flow
from widgets.parts import text

GROUPS = (
    ("all", "all items"),
    ("selection", "the selection and the others"),
    ("column", "categories of a column"),
    ("sets", "word sets"),
)
MOST_SETS = 7  # beside all items: as many as colours can be told apart
SELECTION = "the selection"


class SpreadView(QWidget):
    """Shows the histogram and direct bias of a `LookModel`."""

    row_activated = Signal(object)

    def __init__(self, model: LookModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_lists()
        self.show_spread()
        self.show_bias()

    def show_settings(self, settings: LookSettings) -> None:
        """Show which groups are compared, and on what bias is measured."""
        with quiet(self.groups, self.column, self.bias_on, self.strictness):
            self.groups.setCurrentIndex(self.groups.findData(settings.groups))
            self.column.setCurrentIndex(self.column.findData(settings.column))
            self.bias_on.setCurrentIndex(max(0, self.bias_on.findData(settings.bias_on)))
            self.strictness.setValue(settings.strictness)
        self.column.setVisible(settings.groups == "column")
        self.sets.setVisible(settings.groups == "sets")
        count = len(settings.sets)
        self.sets.setText(f"{count} sets" if count != 1 else settings.sets[0])
        for action in self._set_menu.actions():
            action.setChecked(action.data() in settings.sets)
            action.setEnabled(action.isChecked() or count < MOST_SETS)

    def show_lists(self) -> None:
        """List columns and word sets."""
        space = self._model.space
        with quiet(self.column, self.bias_on):
            self.column.clear()
            for name in space.categories:
                self.column.addItem(name, name)
            self.bias_on.clear()
            self.bias_on.addItem(SELECTION, "")
            for one in space.sets.sets:
                self.bias_on.addItem(f"{one.name} ({len(one)})", one.name)
        self._set_menu.clear()
        for one in space.sets.sets:
            action = QAction(f"{one.name} ({len(one)})", self._set_menu)
            action.setCheckable(True)
            action.setData(one.name)
            action.triggered.connect(lambda on, name=one.name: self._on_set_toggled(name, on))
            self._set_menu.addAction(action)
        self.show_settings(self._model.settings)

    def show_spread(self) -> None:
        """Show the histogram, or why there is none."""
        asked, looked = self._model.spread, self._model.looked
        self.chart.show_histogram(asked.answer)
        problem = asked.problem or looked.problem
        told = lost_words(asked.answer.lost) if asked.answer is not None else ""
        if problem is not None:
            told = f"{problem.text} {problem.hint}"
        elif asked.answer is None and looked.is_running:
            told = "Projections are on their way."
        self.note.setText(told)
        self.note.setVisible(bool(told))

    def show_bias(self) -> None:
        """Show direct bias, or how to get it."""
        asked = self._model.bias
        told = "0 if no word has anything of the direction, 1 if all lie in it."
        if asked.problem is not None:
            told = f"{asked.problem.text} {asked.problem.hint}"
        elif asked.answer is not None:
            told = bias_words(asked.answer)
        self.measure.setText("Stop" if asked.is_running else "Measure")
        self.bias.setText("Measuring…" if asked.is_running else told)

    def _build(self) -> None:
        self.groups = named(ElidedCombo(letters=18), "Groups", "Whose projections are compared")
        for name, title in GROUPS:
            self.groups.addItem(title, name)
        self.column = named(ElidedCombo(letters=12), "Column of groups", "A column of categories")
        self.sets = named(QPushButton(), "Word sets", f"Up to {MOST_SETS} word sets")
        self._set_menu = QMenu(self.sets)
        self.sets.setMenu(self._set_menu)
        self.chart = SpreadChart("Distribution of projections", "Nothing to show.")
        self.take = TakeButton("Distribution", self._table, self._model, (self.chart,))
        above = QWidget()
        flow = Flow(above, across=6, down=4)
        for part in (text("Groups", muted=True), self.groups, self.column, self.sets, self.take):
            flow.addWidget(part)
        self.note = QLabel(textFormat=PLAIN, wordWrap=True)
        self.note.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(5)
        layout.addWidget(above)
        layout.addWidget(self.note)
        layout.addWidget(self.chart, 1)
        layout.addWidget(self._build_bias())

    def _build_bias(self) -> QWidget:
        tip = "Words or items that should have nothing of the direction"
        self.bias_on = named(ElidedCombo(letters=16), "Direct bias of", tip)
        self.strictness = named(
            QDoubleSpinBox(),
            "Strictness c",
            "Exponent of each projection: 0 counts any overlap, 1 is usual, 2 weighs large ones",
        )
        self.strictness.setRange(0, 10)
        self.strictness.setSingleStep(0.5)
        self.strictness.setDecimals(2)
        self.strictness.setPrefix("c = ")
        self.measure = named(QPushButton("Measure"), "Measure direct bias", "Mean |projection|^c")
        self.bias = QLabel(textFormat=PLAIN, wordWrap=True)
        self.bias.setAccessibleName("Direct bias")
        self.bias.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        below = QWidget()
        row = QHBoxLayout(below)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (
            text("Direct bias of", muted=True),
            self.bias_on,
            self.strictness,
            self.measure,
        ):
            row.addWidget(part)
        row.addWidget(self.bias, 1)
        return below

    def _connect(self) -> None:
        model, space = self._model, self._model.space
        model.settings_changed.connect(self.show_settings)
        for asked in (model.spread, model.looked):
            asked.changed.connect(self.show_spread)
        model.bias.changed.connect(self.show_bias)
        for changed in (space.columns_changed, space.sets_changed):
            changed.connect(self.show_lists)
        self.groups.activated.connect(self._on_groups_activated)
        self.column.activated.connect(lambda at: model.change(column=self.column.itemData(at)))
        self.bias_on.activated.connect(lambda at: model.change(bias_on=self.bias_on.itemData(at)))
        self.strictness.valueChanged.connect(lambda value: model.change(strictness=value))
        self.measure.clicked.connect(self._on_measure_clicked)

    def _on_groups_activated(self, at: int) -> None:
        changes: dict[str, Any] = {}
        groups = self.groups.itemData(at)
        columns = self._model.space.categories
        if groups == "column" and self._model.settings.column not in columns and columns:
            changes["column"] = columns[0]
        if groups == "sets" and not self._model.settings.sets:
            changes["sets"] = ("Professions",)
        self._model.change(groups=groups, **changes)

    def _on_set_toggled(self, name: str, on: bool) -> None:
        kept = tuple(one for one in self._model.settings.sets if one != name)
        self._model.change(sets=(*kept, name) if on else kept)

    def _on_measure_clicked(self) -> None:
        if self._model.bias.is_running:
            self._model.bias.stop()
        else:
            self._model.measure_bias()

    def _table(self) -> Table | None:
        answer = self._model.spread.answer
        return spread_table(answer) if answer is not None else None
