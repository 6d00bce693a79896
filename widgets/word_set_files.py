"""Buttons below the list of word sets: make a set or a test, read files, write them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from app.panels.association import AssociationModel
from app.panels.word_sets import WordSetsModel
from backends.directions.wordsets import AssociationTest, Kind, WordSet
from widgets.association_maker import AssociationMaker
from widgets.bind import named

FILES = "Word sets (*.json *.csv *.tsv *.txt)"
SAVED = "Word sets as JSON (*.json);;Comma-separated (*.csv)"


class WordSetFiles(QWidget):
    """Says when a new set was made, so that its name can be typed."""

    made = Signal()

    def __init__(
        self, model: WordSetsModel, tests: AssociationModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model, self._tests = model, tests
        self._build()
        self._connect()
        self.show_chosen()

    def show_chosen(self) -> None:
        """Offer to save what there is."""
        model = self._model
        test = model.tests.chosen
        self.save_one.setText("This set…" if test is None else "This test…")
        self.save_one.setEnabled(test is not None or model.chosen is not None)
        self.save_all.setEnabled(bool(model.own.sets or model.own.tests))

    def _build(self) -> None:
        self.new = named(QPushButton("New"), "New word set", "Make a set or a test of your own")
        menu = QMenu(self.new)
        self.new_terms = menu.addAction("Terms")
        self.new_pairs = menu.addAction("Pairs")
        self.new_scores = menu.addAction("Terms with numbers")
        menu.addSeparator()
        self.new_pasted = menu.addAction("From the clipboard")
        menu.addSeparator()
        self.new_test = menu.addAction("Association test…")
        self.new.setMenu(menu)
        tip = "Read sets and tests from a CSV, JSON or text file, or drop one here"
        self.load = named(QPushButton("Load…"), "Load word sets", tip)
        tip = "Save sets as JSON or CSV, tests as JSON"
        self.save = named(QPushButton("Save…"), "Save word sets", tip)
        menu = QMenu(self.save)
        self.save_one = menu.addAction("This set…")
        self.save_all = menu.addAction("All of my sets and tests…")
        self.save.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in (self.new, self.load, self.save):
            row.addWidget(button)
        row.addStretch(1)

    def _connect(self) -> None:
        model = self._model
        self.new_terms.triggered.connect(lambda: self._on_new("terms"))
        self.new_pairs.triggered.connect(lambda: self._on_new("pairs"))
        self.new_scores.triggered.connect(lambda: self._on_new("scores"))
        self.new_pasted.triggered.connect(self._on_new_pasted)
        self.new_test.triggered.connect(self.ask_test)
        self.load.clicked.connect(self._on_load_clicked)
        self.save_one.triggered.connect(lambda: self._save(model.tests.chosen or model.chosen))
        self.save_all.triggered.connect(lambda: self._save(None))

    def ask_test(self) -> AssociationMaker:
        """Open the dialog that makes a test, and look at what it made."""
        maker = AssociationMaker(self._tests, self)
        maker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        maker.accepted.connect(self._on_test_made)
        maker.open()
        return maker

    def _on_test_made(self) -> None:
        if (test := self._tests.looked_at) is not None:
            self._model.choose_test(test.name)

    def _on_new(self, kind: Kind) -> None:
        self._model.new(kind)
        self.made.emit()

    def _on_new_pasted(self) -> None:
        self._model.new_from_text(QApplication.clipboard().text())

    def _on_load_clicked(self) -> None:
        names, _kind = QFileDialog.getOpenFileNames(self, "Load word sets", "", FILES)
        if names:
            self._model.load([Path(name) for name in names])

    def _save(self, only: WordSet | AssociationTest | None) -> None:
        stem = only.name.replace("/", "-") if only is not None else "word sets"
        name, kind = QFileDialog.getSaveFileName(self, "Save word sets", f"{stem}.json", SAVED)
        if name:
            path = Path(name)
            if path.suffix.lower() not in (".json", ".csv"):
                path = path.with_name(path.name + (".csv" if "csv" in kind else ".json"))
            self._model.save(path, only)
