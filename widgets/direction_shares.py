"""Projections of words beside numbers from elsewhere, as the share of women in an occupation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QPushButton, QVBoxLayout, QWidget

from app.panels.direction_asking import AskingModel, AskSettings
from app.panels.direction_tables import Table, agreement_words, shares_table
from widgets.bind import named, quiet
from widgets.direction_cloud import Cloud
from widgets.direction_take import TakeButton
from widgets.elided_combo import ElidedCombo
from widgets.flow import Flow
from widgets.parts import note, text

ABOUT = "Choose a word set with numbers, or a CSV file of words and numbers, and compare."
LABELLED = 60


class SharesView(QWidget):
    """Shows the agreement of an `AskingModel`."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, model: AskingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_sets()
        self.show_answer()

    def show_sets(self) -> None:
        """List the sets with numbers."""
        with quiet(self.reference):
            self.reference.clear()
            for one in self._model.look.space.sets_of("scores"):
                for numbers in one.scores:
                    title = f"{one.name}: {numbers}" if len(one.scores) > 1 else one.name
                    self.reference.addItem(title, (one.name, numbers))
        self.show_settings(self._model.settings)

    def show_settings(self, settings: AskSettings) -> None:
        """Show which numbers are compared."""
        with quiet(self.reference):
            chosen = -1
            for at in range(self.reference.count()):
                if tuple(self.reference.itemData(at)) == (settings.reference, settings.numbers):
                    chosen = at
            self.reference.setCurrentIndex(chosen if not settings.file else -1)
            self.reference.setPlaceholderText(
                Path(settings.file).name if settings.file else "a word set with numbers"
            )

    def show_answer(self) -> None:
        """Show the points and their correlation."""
        asked = self._model.shares
        self.ask.setText("Stop" if asked.is_running else "Compare")
        found, told = asked.answer, ABOUT
        if asked.problem is not None:
            told = f"{asked.problem.text} {asked.problem.hint}"
        if found is None:
            self.cloud.clear()
            self.show_focus(None)
        else:
            told = agreement_words(found)
            settings = self._model.settings
            title = Path(settings.file).stem if settings.file else settings.numbers or "number"
            direction = self._model.look.direction
            terms = found.terms
            self.cloud.show_points(
                found.values,
                found.projections,
                found.rows,
                titles=(title, direction.title if direction is not None else "projection"),
                name=lambda number: terms[number],
                labels={-1 - number: term for number, term in enumerate(terms[:LABELLED])},
                summary=f"{found.n} words. Left and right walk along them.",
            )
            self.show_focus(self._model.look.document.focus)
        self.note.setText("Comparing…" if asked.is_running else told)

    def show_focus(self, row: object) -> None:
        """Ring the item in focus, if it is among the words."""
        found = self._model.shares.answer
        at = np.flatnonzero(found.rows == row) if found is not None else np.empty(0)
        if found is None or row is None or not len(at):
            self.cloud.show_focus(None)
            return
        first = int(at[0])
        x, y = float(found.values[first]), float(found.projections[first])
        self.cloud.show_focus((x, y, found.terms[first]))

    def _build(self) -> None:
        tip = "A word set that has a number for each word"
        self.reference = named(ElidedCombo(letters=20), "Numbers", tip)
        tip = "Two columns: words, then numbers"
        self.file = named(QPushButton("CSV…"), "Numbers from a CSV file", tip)
        self.ask = named(QPushButton("Compare"), "Compare with the numbers", "Correlate them")
        self.cloud = Cloud("Projections and numbers", "Nothing is compared yet.")
        self.take = TakeButton("Shares", self._table, self._model.look, (self.cloud,))
        above = QWidget()
        flow = Flow(above, across=6, down=4)
        for part in (text("Numbers", muted=True), self.reference, self.file, self.ask, self.take):
            flow.addWidget(part)
        self.note = note("Agreement")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(5)
        layout.addWidget(above)
        layout.addWidget(self.note)
        layout.addWidget(self.cloud, 1)

    def _connect(self) -> None:
        model = self._model
        model.settings_changed.connect(self.show_settings)
        model.shares.changed.connect(self.show_answer)
        model.look.space.sets_changed.connect(self.show_sets)
        self.reference.activated.connect(self._on_reference_activated)
        self.file.clicked.connect(self._on_file_clicked)
        self.ask.clicked.connect(self._on_ask_clicked)
        self.cloud.row_activated.connect(self._go)
        model.look.document.focus_changed.connect(self.show_focus)

    def _on_reference_activated(self, at: int) -> None:
        name, numbers = self.reference.itemData(at)
        self._model.change(reference=name, numbers=numbers, file="")
        self._model.ask_shares()

    def _on_file_clicked(self) -> None:
        path, _kind = QFileDialog.getOpenFileName(
            self, "Words and numbers", "", "Tables (*.csv *.tsv *.txt);;All files (*)"
        )
        if path:
            self._model.change(file=path)
            self._model.ask_shares()

    def _on_ask_clicked(self) -> None:
        if self._model.shares.is_running:
            self._model.shares.stop()
        else:
            self._model.ask_shares()

    def _go(self, row: int) -> None:
        self._model.look.visit(row)
        self.row_activated.emit(row)

    def _table(self) -> Table | None:
        answer = self._model.shares.answer
        return shares_table(answer) if answer is not None else None
