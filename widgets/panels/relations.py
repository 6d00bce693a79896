"""The page “Relations”: triples over the items, judged; arrows, and where a relation leads."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.relation_chosen import ChosenRelation
from app.panels.relation_guesses import GuessesModel
from app.panels.relations import RelationsModel
from app.panels.shows import ShowsModel
from app.panels.state import Blocked, Failed, Idle, PanelState, Running, seconds_text
from backends.directions.relation_study import Study
from backends.errors import BackendError
from widgets.bind import named, quiet
from widgets.dropping import paths_of
from widgets.empty_state import EmptyState
from widgets.parts import ElidedLabel, text
from widgets.relation_detail import RelationDetail
from widgets.relation_form import RelationForm
from widgets.relation_lists import RelationRows
from widgets.relation_rows import RowsTable

LEAST = (300, 100)
WIDE = 640  # from here on relations and the one looked at stand side by side
READY = Problem("The triples are chosen.", "Run, to judge their relations on held-out pairs.")
HELP = (
    "A pair in each line, as “king, queen” or “king queen”; or head, relation, tail. A line "
    "“: royal” names the relation of the pairs below it."
)


class RelationsPanel(QWidget):
    """Shows a `RelationsModel` and the relation that is looked at."""

    def __init__(
        self,
        model: RelationsModel,
        chosen: ChosenRelation,
        guesses: GuessesModel,
        shows: ShowsModel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._chosen = chosen
        self._guesses = guesses
        self._is_typing = False
        self._build(shows)
        self.setMinimumSize(*LEAST)
        self.setAcceptDrops(True)
        self._connect()
        self.show_study(model.study)
        self.show_state(model.state)

    def show_study(self, study: Study | None) -> None:
        """Show other relations."""
        self.rows.show_results(study.results if study is not None else ())
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        notes = study.relations.notes if study is not None else ()
        self.notes.setText(" ".join((self._chosen.how.replace("\n", " "), *notes)))
        self.notes.setToolTip("\n".join((self._chosen.how, *notes)))
        self._mark_chosen()
        self._arrange()

    def show_state(self, state: PanelState) -> None:
        """Show how far the work is, or what is missing."""
        problem, said, wrong = _problem(state), "", ""
        if isinstance(state, Running):
            said = _progress(state)
        elif isinstance(state, Failed) and self._model.study is not None:
            wrong = f"{problem.text} {problem.hint} What is shown is the run before."
        elif self._model.is_old and isinstance(state, Idle):
            said = "Run again: something else is chosen."
        self.form.progress.setText(said)
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))
        self.empty.show_problem(problem)
        self._arrange()

    def type_pairs(self) -> None:
        """Let the person type or paste triples."""
        source = self._model.settings.source
        if source is not None and source.origin == "typed":
            self.typed.setPlainText(source.text)
        self._is_typing = True
        self._arrange()
        self.typed.setFocus()

    def _build(self, shows: ShowsModel) -> None:
        self.form = RelationForm(self._model)
        self.wrong = text(wrap=True, selectable=True)
        self.wrong.setTextFormat(Qt.TextFormat.PlainText)
        self.wrong.setAccessibleName("What went wrong")
        self.rows = RelationRows(self)
        self.table = RowsTable(self.rows, "Relations", "Relations and how well they hold")
        self.table.sort_by_clicks(-1, Qt.SortOrder.AscendingOrder)
        self.notes = ElidedLabel()
        self.notes.setProperty("muted", True)
        self.notes.setAccessibleName("How relations were judged")
        self.detail = RelationDetail(self._model, self._chosen, self._guesses, shows)
        left = QWidget()
        box = QVBoxLayout(left)
        box.setContentsMargins(0, 0, 8, 0)
        box.setSpacing(4)
        box.addWidget(self.table, 1)
        box.addWidget(self.notes)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        self._split.addWidget(left)
        self._split.addWidget(self.detail)
        self._split.setStretchFactor(0, 5)
        self._split.setStretchFactor(1, 4)
        self._split.setSizes([560, 450])
        self.empty = EmptyState()
        self._stack = QStackedWidget()
        self._typing = self._build_typing()
        for page in (self.empty, self._typing, self._split):
            self._stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 6)
        whole.setSpacing(6)
        whole.addWidget(self.form)
        whole.addWidget(self.wrong)
        whole.addWidget(self._stack, 1)

    def _build_typing(self) -> QWidget:
        self.typed = named(QPlainTextEdit(), "Pairs or triples", HELP)
        self.typed.setPlaceholderText("king, queen\nman, woman\nuncle, aunt")
        self.typed.setTabChangesFocus(True)
        self.use = named(QPushButton("Use these"), "Use these pairs", "Judge what is written here")
        self.cancel = named(QPushButton("Back"), "Back", "Leave the triples as they were")
        about = text(HELP, muted=True, wrap=True)
        buttons = QHBoxLayout()
        buttons.addWidget(about, 1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.use)
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.typed, 1)
        box.addLayout(buttons)
        return page

    def _connect(self) -> None:
        model = self._model
        model.state_changed.connect(self.show_state)
        model.study_changed.connect(self.show_study)
        self._chosen.changed.connect(self._mark_chosen)
        self.form.typing_asked.connect(self.type_pairs)
        self.table.selectionModel().currentRowChanged.connect(self._on_relation_chosen)
        self.use.clicked.connect(self._on_use_clicked)
        self.cancel.clicked.connect(self._on_cancel_clicked)

    def _arrange(self) -> None:
        """What is typed, what was found, or why there is nothing."""
        if self._is_typing:
            self._stack.setCurrentWidget(self._typing)
        elif self._model.study is not None:
            self._stack.setCurrentWidget(self._split)
        else:
            self._stack.setCurrentWidget(self.empty)

    def _mark_chosen(self) -> None:
        result = self._chosen.result
        for row in range(self.rows.rowCount()):
            if self.rows.result(row) is result:
                flags = QItemSelectionModel.SelectionFlag
                with quiet(self.table.selectionModel()):
                    self.table.selectionModel().setCurrentIndex(
                        self.rows.index(row, 0), flags.ClearAndSelect | flags.Rows
                    )
                self.table.viewport().update()
                return

    def _on_relation_chosen(self, index: object) -> None:
        row = self.table.currentIndex().row()
        if row >= 0:
            self._chosen.choose(self.rows.result(row).relation.name)

    def _on_use_clicked(self) -> None:
        self._is_typing = False
        self._model.take_text(self.typed.toPlainText())
        self._arrange()

    def _on_cancel_clicked(self) -> None:
        self._is_typing = False
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the relations and the one looked at side by side, or one above the other."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def showEvent(self, event: QShowEvent) -> None:
        """Predict while the page is seen."""
        super().showEvent(event)
        self._guesses.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Predict for nobody no more."""
        super().hideEvent(event)
        self._guesses.watch(False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file or a text may be dropped."""
        if paths_of(event.mimeData()) or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read triples from what was dropped."""
        paths = paths_of(event.mimeData())
        if paths:
            self._model.take_file(str(paths[0]))
        elif event.mimeData().hasText():
            self._model.take_text(event.mimeData().text())
        event.acceptProposedAction()


def _problem(state: PanelState) -> Problem:
    """What stands in the place of relations."""
    if isinstance(state, Blocked):
        return state.problem
    if isinstance(state, Running):
        return Problem("Judging relations…", _progress(state))
    if isinstance(state, Failed):
        error = state.failure.error
        if isinstance(error, BackendError):
            return Problem(error.what, error.hint)
        return Problem("The relations could not be judged.", str(error))
    return READY


def _progress(state: Running) -> str:
    share, left = state.progress.share, state.seconds_left
    words = f"{share:.0%}" if share >= 0 else state.progress.text
    return f"{words}, {seconds_text(left)} left" if left is not None else words
