"""What a form asks for a direction: one widget for each source, over a `MakingModel`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.panels.direction_draft import OTHERS, Draft
from app.panels.direction_making import MakingModel
from backends.directions.wordsets import Kind
from backends.selection import Selection
from widgets.bind import named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.parts import ElidedLabel, text

ENDS = ("negative", "positive")
SIGNS = ("−", "+")  # noqa: RUF001
LETTERS = ("A", "B")
LEAST_LINES = 3
CHOOSE_SET = "Take a word set…"


class SetCombo(ElidedCombo):
    """Word sets of some kinds; choosing one writes its words and says nothing more."""

    def __init__(
        self, model: MakingModel, kinds: tuple[Kind, ...], name: str, side: int | None
    ) -> None:
        super().__init__()
        self._model, self._kinds, self._side = model, kinds, side
        named(self, name, "Write the words of a set into the field; they can be changed there")
        self.activated.connect(self._on_activated)
        model.space.sets_changed.connect(self.show_sets)
        self.show_sets()

    def show_sets(self) -> None:
        """List the sets, own ones first."""
        found = self._model.space.sets_of(*self._kinds)
        with quiet(self):
            self.clear()
            self.addItem(CHOOSE_SET, None)
            for one in sorted(found, key=lambda one: not one.own):
                self.addItem(f"{one.name} ({len(one)})", one.name)
                self.setItemData(self.count() - 1, one.about, 3)  # Qt's role of the tooltip
            self.setCurrentIndex(0)

    def _on_activated(self, at: int) -> None:
        name = self.itemData(at)
        if name is not None:
            self._model.take_set(self._model.space.sets.named(name), self._side)
        self.setCurrentIndex(0)


class PairsForm(QWidget):
    """Pairs, one a line, with names for both sides."""

    def __init__(self, model: MakingModel) -> None:
        super().__init__()
        self._model = model
        self.sets = SetCombo(model, ("pairs",), "Word set of pairs", None)
        self.text = _field("Pairs, one a line", "she, he\nwoman, man")
        self.names = tuple(_name(end, model, side) for side, end in enumerate(ENDS))
        layout = _column(self)
        layout.addLayout(_row((self.sets, 2), (self.names[0], 1), (self.names[1], 1)))
        layout.addWidget(self.text, 1)
        self.text.textChanged.connect(lambda: model.change(pairs=self.text.toPlainText()))

    def show_draft(self, draft: Draft) -> None:
        """Show what is written."""
        _show_text(self.text, draft.pairs)
        for field, name in zip(self.names, draft.names.get("pairs", ("", "")), strict=True):
            _show_line(field, name)


class RelationForm(QWidget):
    """Heads and tails, one pair a line."""

    def __init__(self, model: MakingModel) -> None:
        super().__init__()
        self.name = named(QLineEdit(), "Name of the relation", "What leads from heads to tails")
        self.name.setPlaceholderText("name, as capital of")
        self.text = _field("Heads and tails, one pair a line", "Paris, France\nRome, Italy")
        layout = _column(self)
        layout.addWidget(self.name)
        layout.addWidget(self.text, 1)
        self.name.textEdited.connect(lambda words: model.change(relation_name=words))
        self.text.textChanged.connect(lambda: model.change(relation=self.text.toPlainText()))

    def show_draft(self, draft: Draft) -> None:
        """Show what is written."""
        _show_line(self.name, draft.relation_name)
        _show_text(self.text, draft.relation)


class ListsForm(QWidget):
    """Two lists of words, or two groups of texts."""

    def __init__(self, model: MakingModel, what: str) -> None:
        super().__init__()
        self._what = what
        words = what == "words"
        hints = ("math\nalgebra", "poetry\nart") if words else ("a review full of scorn", "praise")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.texts, self.names, self.sets = [], [], []
        for side, end in enumerate(ENDS):
            kind = "Words" if words else "Texts"
            field = _field(f"{kind} of the {end} end, one a line", hints[side])
            name = _name(end, model, side)
            box = QVBoxLayout()
            box.setSpacing(4)
            parts = [(text(SIGNS[side], heading=True), 0), (name, 1)]
            if words:
                combo = SetCombo(model, ("terms", "scores"), f"Word set of the {end} end", side)
                self.sets.append(combo)
                parts.append((combo, 1))
            box.addLayout(_row(*parts))
            box.addWidget(field, 1)
            layout.addLayout(box, 1)
            self.texts.append(field)
            self.names.append(name)
            field.textChanged.connect(
                lambda side=side, field=field: model.set_draft(
                    model.draft.with_side(what, side, field.toPlainText())
                )
            )

    def show_draft(self, draft: Draft) -> None:
        """Show what is written."""
        source = "sets" if self._what == "words" else "prompts"
        told = zip(
            self.texts,
            self.names,
            getattr(draft, self._what),
            draft.names.get(source, ("", "")),
            strict=True,
        )
        for field, line, words, name in told:
            _show_text(field, words)
            _show_line(line, name)


class SelectionsForm(QWidget):
    """A and B: what was selected when a button was pressed, or the others."""

    def __init__(self, model: MakingModel) -> None:
        super().__init__()
        self._model = model
        layout = _column(self)
        hint = "The direction leads from A to B. Select items on the map or in the table, then:"
        layout.addWidget(text(hint, muted=True, wrap=True))
        self.take: list[QPushButton] = []
        self.others: list[QPushButton] = []
        self.shown: list[ElidedLabel] = []
        for side, letter in enumerate(LETTERS):
            take = named(QPushButton(f"Selection is {letter}"), f"Take the selection as {letter}")
            others = named(
                QPushButton("The others"),
                f"{letter} is the others",
                f"Let {letter} be all items that are not in {LETTERS[1 - side]}",
            )
            shown = ElidedLabel()
            shown.setAccessibleName(f"Items of {letter}")
            take.clicked.connect(lambda _on=False, side=side: model.take_selection(side))
            others.clicked.connect(lambda _on=False, side=side: model.take_others(side))
            head = text(f"{letter} {SIGNS[side]}", heading=True)
            layout.addLayout(_row((head, 0), (take, 0), (others, 0), (shown, 1)))
            self.take.append(take)
            self.others.append(others)
            self.shown.append(shown)
        layout.addStretch(1)

    def show_draft(self, draft: Draft) -> None:
        """Show which items are taken."""
        for side, taken in enumerate(draft.taken):
            self.shown[side].setText(_taken(taken, nothing=draft.taken == (None, None)))
            self.others[side].setEnabled(taken is not None)

    def show_selection(self) -> None:
        """Offer to take the selection, if there is one."""
        problem = self._model.take_problem
        for side, button in enumerate(self.take):
            button.setEnabled(problem is None)
            tip = f"Take the selected items as {LETTERS[side]}"
            button.setToolTip(tip if problem is None else f"{problem.text} {problem.hint}")


class ColumnForm(QWidget):
    """A column of categories, and two of its values or one and the rest."""

    def __init__(self, model: MakingModel) -> None:
        super().__init__()
        self._model = model
        self.column = named(ElidedCombo(), "Column", "A column of categories")
        self.values: list[QComboBox] = []
        layout = _column(self)
        layout.addLayout(_row((text("Column", muted=True), 0), (self.column, 1)))
        for side, end in enumerate(ENDS):
            combo = named(ElidedCombo(), f"Value of the {end} end", "One value, or all others")
            combo.activated.connect(
                lambda at, side=side, combo=combo: model.set_draft(
                    model.draft.with_side("values", side, combo.itemData(at))
                )
            )
            layout.addLayout(_row((text(SIGNS[side], heading=True), 0), (combo, 1)))
            self.values.append(combo)
        self.note = text(muted=True, wrap=True)
        layout.addWidget(self.note)
        layout.addStretch(1)
        self.column.activated.connect(
            lambda at: model.change(column=self.column.itemData(at), values=(None, None))
        )

    def show_draft(self, draft: Draft) -> None:
        """Show which column and values are chosen."""
        space = self._model.space
        with quiet(self.column, *self.values):
            self.column.clear()
            for name in space.categories:
                self.column.addItem(name, name)
            self.column.setCurrentIndex(self.column.findData(draft.column))
            labels = space.labels(draft.column) if draft.column in space.categories else ()
            for combo, chosen in zip(self.values, draft.values, strict=True):
                combo.clear()
                combo.addItem("all others", None)
                for label in labels:
                    combo.addItem(label, label)
                at = combo.findData(chosen) if chosen is not None else 0
                combo.setCurrentIndex(max(0, at))
                combo.setEnabled(bool(labels))
        none = "This table has no column of categories: its values all differ."
        self.note.setText("" if space.categories else none)


def _taken(taken: Selection | None, *, nothing: bool) -> str:
    if nothing:
        return "nothing yet"
    return OTHERS if taken is None else f"{len(taken):,} items: {taken.words}"


def _field(name: str, hint: str) -> QPlainTextEdit:
    field = named(QPlainTextEdit(), name, name)
    field.setPlaceholderText(hint)
    field.setTabChangesFocus(True)
    # It takes what room there is: the button below must never have to be scrolled to.
    field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    field.setMinimumHeight(LEAST_LINES * field.fontMetrics().lineSpacing() + 14)
    return field


def _name(end: str, model: MakingModel, side: int) -> QLineEdit:
    field = named(QLineEdit(), f"Name of the {end} end", "Empty: called after its first words")
    field.setPlaceholderText(f"name of the {end} end")
    field.textEdited.connect(lambda words: model.set_draft(model.draft.named(side, words)))
    return field


def _column(widget: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(5)
    return layout


def _row(*parts: tuple[QWidget, int]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for part, stretch in parts:
        row.addWidget(part, stretch)
    return row


def _show_text(field: QPlainTextEdit, words: str) -> None:
    if field.toPlainText() != words:
        with quiet(field):
            field.setPlainText(words)


def _show_line(field: QLineEdit, words: str) -> None:
    if field.text() != words:
        with quiet(field):
            field.setText(words)


Build = Callable[[MakingModel], QWidget]
FORMS: dict[str, Build] = {
    "pairs": PairsForm,
    "sets": lambda model: ListsForm(model, "words"),
    "prompts": lambda model: ListsForm(model, "prompts"),
    "selections": SelectionsForm,
    "column": ColumnForm,
    "relation": RelationForm,
}
