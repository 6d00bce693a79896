"""What is chosen for a change of vectors: direction, method and its parameters, words, files."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.change_settings import MOST_SEED, SELECTION, TRAINING
from app.panels.direction_change import ChangeModel
from backends.directions.erasing.base import EraserSpec
from backends.directions.erasing.registry import ERASERS
from widgets.bind import named, quiet
from widgets.change_files import ChangeFilesButton
from widgets.elided_combo import ElidedCombo
from widgets.parameter_fields import ParameterFields
from widgets.parts import LABELS, disable, text

NONE = "None"
TIPS = {
    "specific": "Words that carry the direction by definition: they are kept, or not counted "
    "neutral",
    "pairs": "Made equally like all neutral words",
    "neutral": "Direct bias is measured on these",
    "test": "Made before and after",
    "training": "Share of the labelled items to learn from; the others judge",
}


class ChangeForm(QScrollArea):
    """Shows and changes the settings of a `ChangeModel`."""

    def __init__(self, model: ChangeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_settings()

    def show_choices(self) -> None:
        """Show directions, sets and tests that can be chosen; what cannot be says why."""
        model, chosen, choices = self._model, self._model.settings, self._model.choices
        here = [(one.title, one.fingerprint) for one in choices.directions]
        current = model.direction
        _fill(self.direction, here, current.fingerprint if current is not None else "")
        self.direction.setEnabled(bool(here))
        words = [(one.name, one.name) for one in choices.lists]
        items, any_word = choices.items_problem, choices.word_problem
        kept = [(NONE, ""), ("The selection", SELECTION)]
        specific = [*kept, *words] if items is None else kept
        _fill(self.specific, specific, chosen.specific)
        pairs = [(one.name, one.name) for one in choices.pair_sets] if items is None else []
        _fill(self.pairs, [(NONE, ""), *pairs], chosen.pairs)
        _fill(
            self.neutral, [("All items", ""), *(words if any_word is None else [])], chosen.neutral
        )
        tests = [(one.name, one.name) for one in choices.tests] if any_word is None else []
        _fill(self.test, [(NONE, ""), *tests], chosen.test)
        takes_pairs = ERASERS[chosen.method].takes_pairs
        no_pairs = Problem("This method equalises no pairs.") if not takes_pairs else items
        for field, name, problem in (
            (self.pairs, "pairs", no_pairs),
            (self.neutral, "neutral", any_word),
            (self.test, "test", any_word),
        ):
            field.setEnabled(problem is None)
            field.setToolTip(_said(problem) if problem is not None else TIPS[name])
        self.files.setEnabled(any_word is None)
        if any_word is not None:
            self.files.setToolTip(_said(any_word))
        only = f"\n{_said(items)}" if items is not None else ""
        self.specific.setToolTip(f"{TIPS['specific']}{only}")
        self._show_methods(items)

    def show_settings(self) -> None:
        """Show what is chosen."""
        chosen, spec = self._model.settings, ERASERS[self._model.settings.method]
        with quiet(self.method, self.training, self.seed):
            self.method.setCurrentIndex(self.method.findData(chosen.method))
            self.training.setValue(100 * chosen.training)
            self.seed.setValue(chosen.seed)
        self.method.setToolTip(f"{spec.about} {spec.limits}")
        self.about.setText(f"{spec.about} {spec.limits}")
        self.parameters.show_values(chosen.method, chosen.shown)
        self._rows.setRowVisible(self.training, spec.needs_labels)
        self.show_choices()

    def _show_methods(self, items: Problem | None) -> None:
        """Offer the methods that can work here; the others say why they cannot."""
        for index, spec in enumerate(ERASERS.values()):
            why = _missing(spec, items)
            self.method.setItemData(
                index, why or f"{spec.about} {spec.limits}", Qt.ItemDataRole.ToolTipRole
            )
            if why:
                disable(self.method, index)
            else:
                self.method.setItemData(index, None, Qt.ItemDataRole.UserRole - 1)

    def _build(self) -> None:
        self.direction = named(ElidedCombo(), "Direction", "The direction to take out")
        self.direction.setPlaceholderText("None of these vectors")
        self.method = named(QComboBox(), "Method")
        for spec in ERASERS.values():
            self.method.addItem(spec.title, spec.id)
        self.specific = named(ElidedCombo(), "Specific words", TIPS["specific"])
        self.pairs = named(ElidedCombo(), "Pairs to equalise", TIPS["pairs"])
        self.neutral = named(ElidedCombo(), "Neutral words", TIPS["neutral"])
        self.test = named(ElidedCombo(), "Association test", TIPS["test"])
        self.files = ChangeFilesButton(self._model.files)
        self.training = named(QDoubleSpinBox(), "Share for training", TIPS["training"])
        self.training.setRange(100 * TRAINING[0], 100 * TRAINING[1])
        self.training.setDecimals(0)
        self.training.setSuffix(" %")
        self.seed = named(QSpinBox(), "Seed", "The same number gives the same result")
        self.seed.setRange(0, MOST_SEED)
        for box in (self.training, self.seed):
            box.setKeyboardTracking(False)
        self.about = text(muted=True, wrap=True)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 6, 0)
        column.addLayout(self._build_rows())
        column.addWidget(self.about)
        column.addStretch(1)
        self.setWidget(holder)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _build_rows(self) -> QFormLayout:
        form = self._rows = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(6)
        form.setLabelAlignment(LABELS)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Direction", self.direction)
        form.addRow("Method", self.method)
        self.parameters = ParameterFields(form, ERASERS.values())
        for words, field in (
            ("Training", self.training),
            ("Specific", self.specific),
            ("Equalise", self.pairs),
            ("Neutral", self.neutral),
            ("Test", self.test),
            ("Word files", self.files),
            ("Seed", self.seed),
        ):
            form.addRow(words, field)
        return form

    def _connect(self) -> None:
        model = self._model
        model.settings_changed.connect(lambda _settings: self.show_settings())
        model.choices_changed.connect(self.show_choices)
        model.files.changed.connect(self.show_choices)  # after the button has its own tip
        for combo, name in (
            (self.direction, "direction"),
            (self.method, "method"),
            (self.specific, "specific"),
            (self.pairs, "pairs"),
            (self.neutral, "neutral"),
            (self.test, "test"),
        ):
            combo.activated.connect(
                lambda _index, combo=combo, name=name: model.change(**{name: combo.currentData()})
            )
        self.parameters.changed.connect(model.change_value)
        self.training.valueChanged.connect(lambda value: model.change(training=value / 100))
        self.seed.valueChanged.connect(lambda value: model.change(seed=value))


def _missing(spec: EraserSpec, items: Problem | None) -> str:
    """Why a method cannot work here, or nothing."""
    if spec.missing is not None:
        return f"pip install {spec.missing}"
    return _said(items) if items is not None and spec.needs_pairs else ""


def _said(problem: Problem) -> str:
    return f"{problem.text} {problem.hint}".strip()


def _fill(combo: QComboBox, entries: Sequence[tuple[str, str]], chosen: str) -> None:
    with quiet(combo):
        combo.clear()
        for title, key in entries:
            combo.addItem(title, key)
            combo.setItemData(combo.count() - 1, title, Qt.ItemDataRole.ToolTipRole)
        combo.setCurrentIndex(max(combo.findData(chosen), 0 if entries else -1))
