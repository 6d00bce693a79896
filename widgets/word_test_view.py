"""An association test on the page of word sets: its four sets with their words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.panels.word_edits import size_words
from app.panels.word_sets import WordSetsModel
from app.panels.word_tests import NOT_OWN_TEST, parts_of
from backends.directions.wordsets import AssociationTest, WordSet
from widgets.association_maker import PARTS
from widgets.bind import PLAIN, named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.flow import Flow
from widgets.parts import ElidedLabel, text

SHOWN = 200  # words of a set that are written out; the set itself shows all


class WordTestView(QWidget):
    """Shows the test that is looked at; own ones can be changed."""

    def __init__(self, model: WordSetsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._offered: list[WordSet] = []
        self._build()
        self._connect()
        self.show_test(model.tests.chosen)

    def show_test(self, test: AssociationTest | None) -> None:
        """Show a test; None leaves the view empty."""
        own = test is not None and test.own
        with quiet(self.name, self.about):
            self.name.setText(test.name if test is not None else "")
            self.about.setText(test.about if test is not None else "")
            for field in (self.name, self.about):
                field.setReadOnly(not own)
                field.setCursorPosition(0)
        self.name.setToolTip("Name of the test; type another one" if own else NOT_OWN_TEST.text)
        self.about.setToolTip(self.about.text() or "What the test asks")
        self.about.setVisible(own or bool(self.about.text()))
        self.source.setText(test.source if test is not None else "")
        self.source.setToolTip(self.source.text())
        self.source.setVisible(bool(self.source.text()))
        told = "; ".join(f"{name} {d:g}" for name, d in test.published.items()) if test else ""
        self.published.setText(f"Published: {told}" if told else "")
        self.published.setVisible(bool(told))
        self.copy.setText("Duplicate" if own else "Copy to my tests")
        self.copy.setAccessibleName(self.copy.text())
        self.remove.setVisible(own)
        if test is not None:
            self._show_parts(test)

    def _show_parts(self, test: AssociationTest) -> None:
        sets = [one for one in self._model.all.sets if one.kind != "pairs"]
        mine = [one for one in sets if one.own]
        self._offered = [*mine, *(one for one in sets if not one.own)]
        for at, part in enumerate(parts_of(test)):
            combo, words, edit = self.parts[at], self.words[at], self.edits[at]
            with quiet(combo):
                combo.clear()
                for one in self._offered:
                    combo.addItem(f"{one.name} ({size_words(one)})")
                if part not in self._offered:  # a copy that only this test has
                    combo.addItem(f"{part.name} ({size_words(part)})")
                here = part in self._offered
                combo.setCurrentIndex(self._offered.index(part) if here else combo.count() - 1)
            combo.setVisible(test.own)
            self.fixed[at].setText(combo.currentText())
            self.fixed[at].setVisible(not test.own)
            more = len(part) - SHOWN
            shown = ", ".join(part.terms[:SHOWN])
            words.setText(f"{shown} and {more:,} more" if more > 0 else shown or "no words")
            edit.setText("Edit words" if test.own else "Show set")
            name = f"{edit.text()}: {PARTS[at][1]}"
            tip = "Look at this set"
            if test.own:
                tip = "Change the words of this set; a ready one is copied to your sets first"
            named(edit, name, tip)

    def _build(self) -> None:
        self.name = named(QLineEdit(), "Name of the test")
        self.name.setProperty("quiet", True)
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.about = named(QLineEdit(), "What the test asks")
        self.about.setProperty("quiet", True)
        self.about.setPlaceholderText("What does it ask, and where is it from?")
        self.source = ElidedLabel()
        self.source.setProperty("muted", True)
        self.source.setAccessibleName("Source of the test")
        self.published = text(wrap=True)
        self.published.setTextFormat(PLAIN)
        self.published.setAccessibleName("Published values")
        self.published.setToolTip("Effect sizes that were published of these words")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        for widget in (self.name, self.about, self.source, self.published):
            layout.addWidget(widget)
        layout.addWidget(self._build_parts(), 1)
        layout.addLayout(self._build_buttons())

    def _build_parts(self) -> QScrollArea:
        self.parts: list[ElidedCombo] = []
        self.fixed: list[QLabel] = []  # names of sets where they cannot be others
        self.words: list[QLabel] = []
        self.edits: list[QPushButton] = []
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 4, 8, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for at, (_, title, tip) in enumerate(PARTS):
            combo = named(ElidedCombo(letters=14), title, tip)
            words = text(muted=True, wrap=True)
            words.setTextFormat(PLAIN)
            words.setAccessibleName(f"Words of {title}")
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            fixed = text()
            fixed.setTextFormat(PLAIN)
            fixed.setAccessibleName(title)
            edit = QPushButton("Show set")
            grid.addWidget(text(title), 2 * at, 0)
            grid.addWidget(combo, 2 * at, 1)
            grid.addWidget(fixed, 2 * at, 1)
            grid.addWidget(edit, 2 * at, 2)
            grid.addWidget(words, 2 * at + 1, 1, 1, 2)
            grid.setRowMinimumHeight(2 * at + 1, 26)
            self.parts.append(combo)
            self.fixed.append(fixed)
            self.words.append(words)
            self.edits.append(edit)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(2 * len(PARTS), 1)
        area = named(QScrollArea(), "Sets of the test")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        return area

    def _build_buttons(self) -> QHBoxLayout:
        tip = "Make a test of your own of this one, which can be changed"
        self.copy = named(QPushButton("Copy to my tests"), "Copy to my tests", tip)
        self.remove = named(
            QPushButton("Remove"), "Remove this test", "Undo (Ctrl+Z) brings it back"
        )
        row = QHBoxLayout()
        flow = Flow(across=4)
        flow.addWidget(self.copy)
        flow.addWidget(self.remove)
        row.addLayout(flow)
        return row

    def _connect(self) -> None:
        tests = self._model.tests
        tests.chosen_changed.connect(self.show_test)
        self.copy.clicked.connect(tests.copy)
        self.remove.clicked.connect(tests.remove)
        self.name.editingFinished.connect(self._on_name_edited)
        self.about.editingFinished.connect(self._on_about_edited)
        for at, (combo, edit) in enumerate(zip(self.parts, self.edits, strict=True)):
            combo.activated.connect(lambda index, at=at: self._on_part_chosen(at, index))
            edit.clicked.connect(lambda _on=False, at=at: self._model.edit_part(at))

    def _on_name_edited(self) -> None:
        if not self.name.isReadOnly():
            self._model.tests.rename(self.name.text())
            if (test := self._model.tests.chosen) is not None:
                self.name.setText(test.name)

    def _on_about_edited(self) -> None:
        if not self.about.isReadOnly():
            self._model.tests.describe(self.about.text())

    def _on_part_chosen(self, at: int, index: int) -> None:
        if index < len(self._offered):
            self._model.tests.set_part(at, self._offered[index])
        self.show_test(self._model.tests.chosen)
