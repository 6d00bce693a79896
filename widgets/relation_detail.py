"""One relation: what held-out pairs say, its pairs, where it leads, what was left out."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.relation_chosen import ChosenRelation, Table
from app.panels.relation_guesses import GuessesModel
from app.panels.relations import RelationsModel
from app.panels.shows import ShowsModel
from backends.directions.relation_study import RelationResult
from backends.wording import counted, either
from widgets.bind import named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.empty_state import EmptyState
from widgets.parts import text
from widgets.relation_lists import GuessRows, LostRows, PairRows
from widgets.relation_rows import RowsTable

ARROWS = "arrows"
PAIRS, LEADS, LOST = range(3)
TABLES: dict[Table, str] = {
    "relations": "the relations",
    "pairs": "the pairs of this one",
    "left out": "what was left out",
}
SIDES = {"tails": "Tails of", "heads": "Heads of"}


class RelationDetail(QWidget):
    """Shows a `ChosenRelation` and its guesses."""

    def __init__(
        self,
        relations: RelationsModel,
        model: ChosenRelation,
        guesses: GuessesModel,
        shows: ShowsModel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._relations = relations
        self._model = model
        self._leading = guesses
        self._shows = shows
        self._build()
        self._connect()
        self.show_relation()
        self.show_guesses()
        self._on_shows_changed()

    def show_relation(self) -> None:
        """Show another relation, or another study of it."""
        result, study = self._model.result, self._relations.study
        lost = study.relations.lost if study is not None else ()
        self.lost_rows.show_lost(lost)
        self.tabs.setTabText(LOST, f"Left out ({len(lost):,})")
        self.tabs.setTabEnabled(LOST, bool(lost))
        self.pair_rows.show_result(result)
        self.pairs.horizontalHeader().setSortIndicator(2, Qt.SortOrder.AscendingOrder)
        self.words.setText(_words(result, self._model.words))
        self.words.setToolTip(self._model.how)
        warnings = "\n".join(f"⚠ {said}" for said in result.warnings) if result else ""
        self.warnings.setText(warnings)
        self.warnings.setVisible(bool(warnings))
        self.arrows.setEnabled(result is not None)
        self.csv.setEnabled(result is not None)
        for action in (self.copying["left out"], self.saving["left out"]):
            action.setEnabled(bool(lost))
        problem = self._model.keep_problem()
        self.keep.setEnabled(problem is None)
        self.keep.setToolTip(
            "Put the offset among the directions, to look along it, test and erase it"
            if problem is None
            else f"{problem.text} {problem.hint}"
        )

    def show_guesses(self) -> None:
        """Show where the relation leads, or why it leads nowhere."""
        model, problem = self._leading, self._leading.problem
        self.guess_rows.show_guesses(model.guesses)
        with quiet(self.side):
            self.side.setCurrentIndex(self.side.findData(model.side))
        if not self.item.hasFocus() and model.asked is not None and self._model.result is not None:
            self.item.setText(self._model.name_of(model.asked))
            self.item.setCursorPosition(0)
        self._leads.setCurrentWidget(self.guesses if problem is None else self.nothing)
        if problem is not None:
            self.nothing.show_problem(problem)

    def _build(self) -> None:
        self.words = text(wrap=True, selectable=True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAccessibleName("What held-out pairs say")
        self.warnings = text(wrap=True)
        self.warnings.setTextFormat(Qt.TextFormat.PlainText)
        self.warnings.setAccessibleName("Warnings")
        self.pair_rows = PairRows(self._model.called, self)
        self.pairs = RowsTable(
            self.pair_rows, "Pairs", "Pairs of the relation and how far each agrees with the offset"
        )
        self.pairs.sort_by_clicks(2, Qt.SortOrder.AscendingOrder)
        self.lost_rows = LostRows(self)
        self.lost = RowsTable(self.lost_rows, "Left out", "What could not be used, and why")
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Pairs, where it leads, what was left out")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.pairs, "Pairs")
        self.tabs.addTab(self._build_leads(), "Where it leads")
        self.tabs.addTab(self.lost, "Left out")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.words)
        box.addWidget(self.warnings)
        box.addWidget(self.tabs, 1)
        box.addLayout(self._build_buttons())

    def _build_leads(self) -> QWidget:
        self.side = named(ElidedCombo(letters=7), "What to guess", "Guess its tails, or its heads")
        for name, title in SIDES.items():
            self.side.addItem(title, name)
        self.item = named(
            QLineEdit(), "Item", "The item to follow the relation from: click one, or type its name"
        )
        self.item.setPlaceholderText("name of an item")
        self.guess_rows = GuessRows(self)
        self.guesses = RowsTable(
            self.guess_rows, "Where it leads", "Items that the relation leads to, best first"
        )
        self.nothing = EmptyState()
        self._leads = QStackedWidget()
        self._leads.addWidget(self.nothing)
        self._leads.addWidget(self.guesses)
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(self.side)
        above.addWidget(self.item, 1)
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(4)
        box.addLayout(above)
        box.addWidget(self._leads, 1)
        return page

    def _build_buttons(self) -> QHBoxLayout:
        self.arrows = named(
            QPushButton("Arrows"),
            "Arrows on the map",
            "Draw the pairs on the map as arrows from head to tail",
        )
        self.arrows.setCheckable(True)
        self.keep = named(QPushButton("Keep as direction"), "Keep the offset as a direction")
        self.csv = named(
            QPushButton("CSV"),
            "Copy or save as CSV",
            "All relations, the pairs of this one, or what was left out",
        )
        menu = QMenu(self.csv)
        self.copying = {what: menu.addAction(f"Copy {words}") for what, words in TABLES.items()}
        menu.addSeparator()
        self.saving = {what: menu.addAction(f"Save {words}…") for what, words in TABLES.items()}
        self.csv.setMenu(menu)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.arrows, self.keep, self.csv):
            buttons.addWidget(button)
        buttons.addStretch(1)
        return buttons

    def _connect(self) -> None:
        model, leading = self._model, self._leading
        model.changed.connect(self.show_relation)
        leading.changed.connect(self.show_guesses)
        self._shows.changed.connect(self._on_shows_changed)
        self.pairs.taken.connect(self._on_pair_taken)
        self.guesses.taken.connect(
            lambda row, _column: leading.look_at_guess(self.guess_rows.guess(row).row)
        )
        self.side.activated.connect(lambda _index: leading.set_side(self.side.currentData()))
        self.item.returnPressed.connect(lambda: leading.find(self.item.text()))
        self.arrows.toggled.connect(lambda on: self._shows.set_on(ARROWS, on))
        self.keep.clicked.connect(model.keep)
        for what in TABLES:
            self.copying[what].triggered.connect(partial(self._copy, what))
            self.saving[what].triggered.connect(partial(self._save, what))

    def _copy(self, what: Table) -> None:
        QApplication.clipboard().setText(self._model.csv_text(what))

    def _save(self, what: Table) -> None:
        name, _kind = QFileDialog.getSaveFileName(
            self, "Save as CSV", f"{what}.csv", "Comma-separated (*.csv)"
        )
        if name:
            self._model.save_csv(name, what)

    def _on_pair_taken(self, row: int, column: int) -> None:
        self._leading.look_at(self.pair_rows.item(row, column))

    def _on_shows_changed(self, _name: object = None) -> None:
        with quiet(self.arrows):
            self.arrows.setChecked(self._shows.is_on(ARROWS))


def _words(result: RelationResult | None, words: str) -> str:
    """What held-out pairs say, and how the pairs agree with their offset."""
    if result is None:
        return ""
    offset, against = result.offset, len(result.offset.disagreeing)
    shuffled = f", with shuffled tails {offset.baseline:.2f}" if offset.is_compared else ""
    parts = [
        f"{result.relation.name}: {words}",
        f"Consistency {offset.consistency:.2f}{shuffled}; length {offset.length:.2f}; "
        f"{against:,} of {counted(len(result.relation), 'pair')} "
        f"{either(against, 'disagrees', 'disagree')}.",
    ]
    if result.told_apart is not None:
        parts.append(f"Told from the other relations: {result.told_apart:.0%} of held-out pairs.")
    return " ".join(parts)
