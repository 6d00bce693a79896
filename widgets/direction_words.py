"""Words along a direction: indirect bias of two of them, and analogies that it generates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.direction_asking import MOST_ANALOGIES, AskingModel, AskSettings
from app.panels.direction_tables import NISSIM, Table, along_table, analogies_table
from backends.directions.evidence_words import lost_words
from backends.directions.looking import FREQUENT
from widgets.bind import named, quiet
from widgets.direction_drawing import signed
from widgets.direction_take import TakeButton
from widgets.elided_combo import ElidedCombo
from widgets.flow import Flow
from widgets.parts import note, text
from widgets.theme import current_theme

ROW = Qt.ItemDataRole.UserRole
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ITEMS = "the items"
ABOUT_ALONG = (
    "How much of the likeness of two words lies in the direction: 0% none of it, 100% all. "
    "Write two words; those that lie nearest to either are explained."
)
ABOUT_ANALOGIES = (
    "Pairs of near words that differ along the direction: one is to the negative end what the "
    "other is to the positive end."
)


class AlongView(QWidget):
    """Indirect bias: shows an `AskingModel`."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, model: AskingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_sets()
        self.show_answer()

    def show_settings(self, settings: AskSettings) -> None:
        """Show which words are asked about."""
        with quiet(self.first, self.second, self.among):
            for field, words in ((self.first, settings.first), (self.second, settings.second)):
                if field.text() != words:
                    field.setText(words)
            self.among.setCurrentIndex(max(0, self.among.findData(settings.among)))

    def show_sets(self) -> None:
        """List the word sets that can explain a pair."""
        with quiet(self.among):
            self.among.clear()
            self.among.addItem(ITEMS, "")
            for one in self._model.look.space.sets_of("terms", "scores"):
                self.among.addItem(f"{one.name} ({len(one)})", one.name)
        self.show_settings(self._model.settings)

    def show_answer(self) -> None:
        """Show the words at both ends, with the share that lies in the direction."""
        asked = self._model.along
        self.ask.setText("Stop" if asked.is_running else "Explain")
        self.table.clear()
        told = ABOUT_ALONG
        if asked.problem is not None:
            told = f"{asked.problem.text} {asked.problem.hint}"
        elif asked.answer is not None:
            found = asked.answer
            told = f"Of the likeness of {found.ends[0]} and {found.ends[1]} "
            told += f"{_share(found.between)} lies in the direction. "
            told += "Without it they would be more alike. " if found.between < 0 else ""
            told += f"{found.note} {lost_words(found.lost)}".strip()
            for end, words in zip(found.ends, (found.negative, found.positive), strict=True):
                head = QTreeWidgetItem(self.table, [f"near {end}"])
                head.setFirstColumnSpanned(True)
                head.setFlags(Qt.ItemFlag.ItemIsEnabled)
                for one in words:
                    cells = [one.term, signed(one.similarity), _share(one.beta)]
                    _line(head, cells, one.row)
                head.setExpanded(True)
        self.note.setText("Asking…" if asked.is_running else told)

    def _build(self) -> None:
        self.first = named(QLineEdit(), "First word", "One end, as softball")
        self.first.setPlaceholderText("softball")
        self.second = named(QLineEdit(), "Second word", "The other end, as football")
        self.second.setPlaceholderText("football")
        tip = "Which words are looked through for those near the two"
        self.among = named(ElidedCombo(letters=10), "Explained by", tip)
        self.ask = named(QPushButton("Explain"), "Explain the likeness", "Measure indirect bias")
        self.table = _tree("Words between", ["Word", "similarity", "in the direction"])
        self.take = TakeButton("Indirect bias", self._table, self._model.look)
        above = QWidget()
        flow = Flow(above, across=6, down=4)
        for field in (self.first, self.second):
            field.setFixedWidth(110)
        parts = (self.first, self.second, text("by", muted=True), self.among, self.ask, self.take)
        for part in parts:
            flow.addWidget(part)
        self.note = note("Indirect bias")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(text("Indirect bias", heading=True))
        layout.addWidget(above)
        layout.addWidget(self.note)
        layout.addWidget(self.table, 1)

    def _connect(self) -> None:
        model = self._model
        model.settings_changed.connect(self.show_settings)
        model.along.changed.connect(self.show_answer)
        model.look.space.sets_changed.connect(self.show_sets)
        self.first.textEdited.connect(lambda words: model.change(first=words))
        self.second.textEdited.connect(lambda words: model.change(second=words))
        self.among.activated.connect(lambda at: model.change(among=self.among.itemData(at)))
        for field in (self.first, self.second):
            field.returnPressed.connect(model.ask_along)
        self.ask.clicked.connect(self._on_ask_clicked)
        _connect_lines(self.table, self._go)

    def _on_ask_clicked(self) -> None:
        if self._model.along.is_running:
            self._model.along.stop()
        else:
            self._model.ask_along()

    def _go(self, row: int) -> None:
        self._model.look.visit(row)
        self.row_activated.emit(row)

    def _table(self) -> Table | None:
        answer = self._model.along.answer
        return along_table(answer) if answer is not None else None


class AnalogiesView(QWidget):
    """Generated analogies: shows an `AskingModel`."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, model: AskingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_settings(model.settings)
        self.show_answer()

    def show_settings(self, settings: AskSettings) -> None:
        """Show how many are wanted, and among how many words."""
        with quiet(self.pairs, self.searched):
            self.pairs.setValue(settings.pairs)
            self.searched.setValue(settings.searched)

    def show_answer(self) -> None:
        """Show the pairs, or how far the search is."""
        asked = self._model.analogies
        running, job = asked.is_running, asked.job
        self.ask.setText("Stop" if running else "Generate")
        self.progress.setVisible(running)
        if job is not None:
            share = job.progress.share
            self.progress.setRange(0, 100 if share >= 0 else 0)
            self.progress.setValue(round(100 * share))
            return
        self.table.clear()
        told = ABOUT_ANALOGIES
        if asked.problem is not None:
            told = f"{asked.problem.text} {asked.problem.hint}"
        elif asked.answer is not None:
            found = asked.answer
            told = f"{found.matches} of {len(found.pairs)} hold without the restriction. {NISSIM} "
            told += f"Answers were looked for by {found.offset}. {found.note}"
            for one in found.pairs:
                match = "✓" if one.match else f"{one.found_negative} : {one.found_positive}"
                cells = [one.negative, one.positive, signed(one.score), match]
                item = _line(self.table, cells, one.positive_row)
                item.setForeground(3, _ink(match=one.match))
                item.setToolTip(
                    3,
                    f"Without the restriction {one.negative} gets {one.found_positive}, "
                    f"{one.positive} gets {one.found_negative}.",
                )
        self.note.setText(told)

    def _build(self) -> None:
        self.pairs = named(QSpinBox(), "Analogies", "How many pairs")
        self.pairs.setRange(2, MOST_ANALOGIES)
        self.searched = named(QSpinBox(), "Words searched", "The first words: the frequent ones")
        self.searched.setRange(2, FREQUENT)
        self.searched.setSingleStep(5_000)
        self.searched.setGroupSeparatorShown(True)
        self.ask = named(QPushButton("Generate"), "Generate analogies", "Takes some seconds")
        self.progress = named(QProgressBar(), "Progress of the analogies")
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(80)
        heads = ["Negative", "Positive", "score", "without restriction"]
        self.table = _tree("Analogies", heads)
        self.take = TakeButton("Analogies", self._table, self._model.look)
        above = QWidget()
        flow = Flow(above, across=6, down=4)
        for part in (
            self.pairs,
            text("among the first", muted=True),
            self.searched,
            self.ask,
            self.take,
            self.progress,
        ):
            flow.addWidget(part)
        self.note = note("About the analogies")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(text("Analogies", heading=True))
        layout.addWidget(above)
        layout.addWidget(self.note)
        layout.addWidget(self.table, 1)

    def _connect(self) -> None:
        model = self._model
        model.settings_changed.connect(self.show_settings)
        model.analogies.changed.connect(self.show_answer)
        self.pairs.valueChanged.connect(lambda value: model.change(pairs=value))
        self.searched.valueChanged.connect(lambda value: model.change(searched=value))
        self.ask.clicked.connect(self._on_ask_clicked)
        _connect_lines(self.table, self._go)

    def _on_ask_clicked(self) -> None:
        if self._model.analogies.is_running:
            self._model.analogies.stop()
        else:
            self._model.ask_analogies()

    def _go(self, row: int) -> None:
        self._model.look.visit(row)
        self.row_activated.emit(row)

    def _table(self) -> Table | None:
        answer = self._model.analogies.answer
        return analogies_table(answer) if answer is not None else None


class WordsView(QWidget):
    """Both, side by side."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, model: AskingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.along, self.analogies = AlongView(model), AnalogiesView(model)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(12)
        for view in (self.along, self.analogies):
            layout.addWidget(view, 1)
            view.row_activated.connect(self.row_activated)


def _tree(name: str, heads: Sequence[str]) -> QTreeWidget:
    tree = named(QTreeWidget(), name, "Click to go to an item")
    tree.setHeaderLabels(heads)
    tree.setRootIsDecorated(False)
    tree.setIndentation(8)
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    tree.setMinimumHeight(80)
    tree.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    head = tree.header()
    head.setStretchLastSection(False)
    head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    for column in (0, 1) if len(heads) > 3 else (0,):
        head.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
    return tree


def _line(parent: QTreeWidget | QTreeWidgetItem, cells: list[str], row: int) -> QTreeWidgetItem:
    item = QTreeWidgetItem(parent, cells)
    for column in range(1, len(cells)):
        if cells[column][:1] in "−.0123456789":  # noqa: RUF001
            item.setTextAlignment(column, RIGHT)
    item.setData(0, ROW, row)
    for column, cell in enumerate(cells):
        item.setToolTip(column, cell)
    return item


def _connect_lines(tree: QTreeWidget, go: Callable[[int], None]) -> None:
    def on_item(item: QTreeWidgetItem) -> None:
        row = item.data(0, ROW)
        if isinstance(row, int) and row >= 0:
            go(row)

    tree.itemClicked.connect(on_item)
    tree.itemActivated.connect(on_item)


def _share(beta: float) -> str:
    if beta != beta:
        return "nothing"
    told = f"{beta:.1%}"
    return told[1:] if told == "-0.0%" else told.replace("-", "−")  # noqa: RUF001


def _ink(*, match: bool) -> QBrush:
    theme = current_theme()
    return QBrush(QColor(theme.success if match else theme.muted))
