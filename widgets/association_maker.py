"""The dialog that makes an association test of four word sets."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.panels.association import AssociationModel, problem_of
from app.panels.word_edits import size_words
from backends.directions.wordsets import WordSet
from widgets.bind import PLAIN, named
from widgets.elided_combo import ElidedCombo
from widgets.parts import LABELS, text

PARTS = (
    ("X", "Targets X", "The words that are asked about"),
    ("Y", "Targets Y", "The words that they are compared with"),
    ("A", "Attributes A", "What X may lean to"),
    ("B", "Attributes B", "What Y may lean to"),
)
WIDE = 400  # logical pixels


class AssociationMaker(QDialog):
    """Asks for a name and four sets; own sets stand first."""

    def __init__(self, model: AssociationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        sets = model.space.sets_of("terms", "scores")
        own = [one for one in sets if one.own]
        self._sets: tuple[WordSet, ...] = (*own, *(one for one in sets if not one.own))
        self.setWindowTitle("New association test")
        self._build()
        self._connect()
        self.show_problem()

    @property
    def parts(self) -> tuple[WordSet | None, ...]:
        """The four sets that are chosen; None where there is none yet."""
        found = [combo.currentIndex() for combo in self.combos.values()]
        return tuple(self._sets[at] if at >= 0 else None for at in found)

    def show_problem(self) -> None:
        """Say what is missing; only a whole test can be made."""
        problem = problem_of(self.name.text(), self.parts)
        told = problem.text if problem is not None else ""
        self.problem.setText(f"{told} {problem.hint}" if problem is not None else "")
        self.make.setEnabled(problem is None)
        self.make.setToolTip(self.problem.text() or "Make the test and tick it")

    def _build(self) -> None:
        self.name = named(QLineEdit(), "Name of the test", "What the test is called")
        self.name.setPlaceholderText("What is it about?")
        form = QFormLayout()
        form.setLabelAlignment(LABELS)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Name", self.name)
        self.combos: dict[str, ElidedCombo] = {}
        for part, title, tip in PARTS:
            combo = named(ElidedCombo(letters=20), title, tip)
            for one in self._sets:
                combo.addItem(f"{one.name} ({size_words(one)})")
            combo.setCurrentIndex(-1)
            combo.setPlaceholderText("a word set")
            self.combos[part] = combo
            form.addRow(title, combo)
        self.problem = text(muted=True, wrap=True)
        self.problem.setTextFormat(PLAIN)
        self.problem.setAccessibleName("What is missing")
        self.problem.setMinimumHeight(2 * self.fontMetrics().height())
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.make = self.buttons.addButton("Make", QDialogButtonBox.ButtonRole.AcceptRole)
        self.make.setAccessibleName("Make the test")
        self.make.setDefault(True)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip("Make no test")
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(WIDE)

    def _connect(self) -> None:
        self.name.textChanged.connect(self._on_changed)
        for combo in self.combos.values():
            combo.currentIndexChanged.connect(self._on_changed)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)

    def _on_changed(self, _value: object) -> None:
        self.show_problem()

    def _on_accepted(self) -> None:
        x, y, a, b = self.parts
        if x is None or y is None or a is None or b is None:
            return
        if self._model.add_test(self.name.text(), (x, y, a, b)):
            self.accept()
