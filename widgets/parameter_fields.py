"""Fields for the parameters of methods, made from their registry; only those of one are shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QFormLayout, QSpinBox

from backends.parameters import Parameter, parameters_of
from backends.registry import Spec
from widgets.bind import named, quiet

DECIMALS = 15  # of a field whose steps are tenfold

Box = QSpinBox | QDoubleSpinBox


class ParameterFields(QObject):
    """Adds a row for each parameter of each method to a form."""

    changed = Signal(str, float)  # name, value

    def __init__(self, form: QFormLayout, specs: Iterable[Spec]) -> None:
        super().__init__(form)
        self._form = form
        self.boxes: dict[tuple[str, str], Box] = {}  # by method and name
        for spec in specs:
            for one in parameters_of(spec.params):
                box = named(_box(one), one.title, _tip(one))
                box.valueChanged.connect(
                    lambda value, name=one.name: self.changed.emit(name, value)
                )
                form.addRow(one.title, box)
                self.boxes[spec.id, one.name] = box

    def show_values(self, method: str, values: Mapping[str, float]) -> None:
        """Show the fields of a method with its values, and no others."""
        for (of, name), box in self.boxes.items():
            self._form.setRowVisible(box, of == method)
            if of == method:
                with quiet(box):
                    box.setValue(values[name])  # type: ignore[arg-type]  # a whole number in those


class TenfoldBox(QDoubleSpinBox):
    """Numbers over many powers of ten, written short, as 1e-06; a step is tenfold."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(DECIMALS)

    def textFromValue(self, value: float) -> str:
        """As short as it can be written."""
        return f"{value:g}"

    def valueFromText(self, text: str) -> float:
        """Read what was typed; what is no number leaves the value as it is."""
        try:
            return float(text)
        except ValueError:
            return self.value()

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        """Whether this is a number, or may become one."""
        try:
            value = float(text)
        except ValueError:
            is_begun = not text.strip() or set(text.lower()) <= set("0123456789.e+-")
            state = QValidator.State.Intermediate if is_begun else QValidator.State.Invalid
            return state, text, at
        inside = math.isfinite(value) and self.minimum() <= value <= self.maximum()
        state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return state, text, at

    def stepBy(self, steps: int) -> None:
        """Multiply or divide by ten."""
        self.setValue(self.value() * 10.0**steps)


def _box(one: Parameter) -> Box:
    box: Box
    if one.is_whole:
        box = QSpinBox()
        box.setRange(int(one.low), int(one.high))
        box.setSingleStep(int(one.step))
        box.setGroupSeparatorShown(True)
    elif one.step == 0:
        box = TenfoldBox()
        box.setRange(one.low, one.high)
    else:
        box = QDoubleSpinBox()
        box.setDecimals(max(2, 1 - math.floor(math.log10(one.step))))
        box.setRange(one.low, one.high)
        box.setSingleStep(one.step)
    box.setKeyboardTracking(False)
    box.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToNearestValue)
    return box


def _tip(one: Parameter) -> str:
    return f"{one.about} Usual: {one.default:g}."
