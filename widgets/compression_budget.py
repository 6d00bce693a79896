"""The budget line: so many vectors in so much memory, at prices that the person knows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.panels.compression import CompressionModel
from app.panels.compression_costs import amount_text, read_amount, verdict
from widgets.bind import PLAIN, named, quiet
from widgets.flow import Flow
from widgets.parts import text

MOST_PRICE = 1e9
Read = Callable[[str], float | None]
Show = Callable[[float], str]


class AmountField(QLineEdit):
    """A number with a unit, typed as people write it."""

    def __init__(
        self,
        name: str,
        tip: str,
        *,
        read: Read,
        shown: Show,
        width: int,
    ) -> None:
        super().__init__()
        self._read, self._shown, self._tip = read, shown, tip
        self._value = 0.0
        named(self, name, tip)
        self.setFixedWidth(width)
        self.textEdited.connect(lambda _text: self._show_problem())

    @property
    def value(self) -> float | None:
        """What is typed, or None where it cannot be understood."""
        return self._read(self.text())

    def show_value(self, value: float) -> None:
        """Show a value, unless something is being typed that means the same."""
        if self._read(self.text()) != value:
            self.setText(self._shown(value))
        self._show_problem()

    def _show_problem(self) -> None:
        is_wrong = self.value is None
        self.setToolTip("This is no amount, as “100 M” or “8 GB”." if is_wrong else self._tip)
        if self.property("problem") != is_wrong:
            self.setProperty("problem", is_wrong)
            self.style().unpolish(self)
            self.style().polish(self)


def read_price(words: str) -> float | None:
    """A price: a number from 0 on, nothing typed is 0."""
    try:
        value = float(words.replace(",", "").strip() or 0)
    except ValueError:
        return None
    return value if 0 <= value <= MOST_PRICE else None


def read_share(words: str) -> float | None:
    """A share from 0 to 1, or a percentage."""
    plain = words.strip()
    try:
        value = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


ROWS: tuple[tuple[str, str, str, Read, Show, int, str], ...] = (
    (
        "vectors",
        "Planned vectors",
        "How many vectors there will be: “100 M”, “2.5 million”",
        read_amount,
        amount_text,
        68,
        "",
    ),
    (
        "memory",
        "Planned memory",
        "Memory they have to fit: “8 GB” is 8,000,000,000 bytes, “8 GiB” is 2^33",
        read_amount,
        lambda value: amount_text(value, "B"),
        68,
        "vectors in",
    ),
    (
        "wanted",
        "Wanted recall",
        "Recall@k that a codec must have to be marked, from 0 to 1, or as “95%”",
        read_share,
        lambda value: f"{value:.4g}",
        54,
        "at recall",
    ),
    (
        "ram_price",
        "Price of memory",
        "What a GB of memory costs for a month, in any currency; 0 where it is not known",
        read_price,
        lambda value: f"{value:.6g}",
        54,
        "price of a GB-month: memory",
    ),
    (
        "disk_price",
        "Price of disk",
        "What a GB of disk costs for a month, in the same currency",
        read_price,
        lambda value: f"{value:.6g}",
        54,
        "disk",
    ),
)
"""Field of the costs, name, tooltip, how it is read and written, width, words before it."""


class BudgetBar(QWidget):
    """Shows the costs of a CompressionModel, and what fits, in a sentence."""

    def __init__(self, model: CompressionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_costs()

    def show_costs(self) -> None:
        """Show the amounts, and what they mean for what was measured."""
        costs, sweep = self._model.costs, self._model.sweep
        with quiet(self._shown, *self._fields.values()):
            self._shown.setChecked(costs.shown)
            for name, field in self._fields.items():
                field.show_value(getattr(costs, name))
        for part in self._amounts:
            part.setVisible(costs.shown)
        words = verdict(sweep, costs) if costs.shown and sweep is not None else ""
        self._verdict.setText(words)
        self._verdict.setVisible(bool(words))
        self.updateGeometry()

    def _build(self) -> None:
        self._shown = named(
            QCheckBox("Budget line"),
            "Budget line",
            "Draw how many bytes a vector fit a planned memory, and mark the cheapest that fits",
        )
        self._fields = {
            name: AmountField(title, tip, read=read, shown=shown, width=width)
            for name, title, tip, read, shown, width, _before in ROWS
        }
        self._amounts: list[QWidget] = []
        line = Flow(across=8)
        line.addWidget(self._shown)
        for name, *_look, before in ROWS:
            self._amounts.append(_pair(before, self._fields[name]))
        for part in self._amounts:
            line.addWidget(part)
        self._verdict = named(QLabel(textFormat=PLAIN, wordWrap=True), "What fits")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(line)
        whole.addWidget(self._verdict)

    def _connect(self) -> None:
        model = self._model
        self._shown.toggled.connect(lambda on: model.change_costs(shown=on))
        for name, field in self._fields.items():
            field.editingFinished.connect(lambda name=name, field=field: self._take(name, field))
        model.shown_changed.connect(lambda _quantity: self.show_costs())
        model.sweep_changed.connect(lambda _sweep: self.show_costs())

    def _take(self, name: str, field: AmountField) -> None:
        value = field.value
        if value is None:
            field.setText("")
            field.show_value(getattr(self._model.costs, name))
        else:
            self._model.change_costs(**{name: value})


def _pair(before: str, field: AmountField) -> QWidget:
    """A field with the words before it, which no line parts from it."""
    pair = QWidget()
    line = QHBoxLayout(pair)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(5)
    if before:
        line.addWidget(text(before, muted=True))
    line.addWidget(field)
    return pair
