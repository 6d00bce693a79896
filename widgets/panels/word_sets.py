"""The page “Word sets”: the list on the left, the set that is looked at on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.association import AssociationModel
from app.panels.templates import TemplatesModel
from app.panels.word_edits import size_words, text_of, without
from app.panels.word_lookup import Marks
from app.panels.word_sets import NO_SET, NOT_OWN, WordSetsModel
from backends.directions.wordset_files import remarks
from backends.directions.wordsets import WordSet
from widgets.bind import PLAIN, named, quiet
from widgets.dropping import paths_of
from widgets.empty_state import EmptyState
from widgets.flow import Flow
from widgets.parts import ElidedLabel, text
from widgets.templates_box import TemplatesButton
from widgets.word_set_files import WordSetFiles
from widgets.word_set_list import WordSetList
from widgets.word_set_menu import WordSetMenu
from widgets.word_table import WordTable
from widgets.word_test_view import WordTestView

SUFFIXES = (".json", ".csv", ".tsv", ".txt")


class WordSetsPanel(QWidget):
    """Shows a `WordSetsModel`."""

    def __init__(
        self,
        model: WordSetsModel,
        templates: TemplatesModel,
        tests: AssociationModel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._build(templates, tests)
        self.setAcceptDrops(True)
        self._connect()
        self.show_set(model.chosen)
        self.show_marks(model.lookup.marks)

    def show_set(self, one: WordSet | None) -> None:
        """Show a set, or what to do where none is chosen."""
        test = self._model.tests.chosen
        shown = self.empty if one is None else self._editor
        self._stack.setCurrentWidget(shown if test is None else self.test)
        self.table.show_set(one)
        own = one is not None and one.own
        with quiet(self.name, self.about):
            self.name.setText(one.name if one is not None else "")
            self.about.setText(one.about if one is not None else "")
            for field in (self.name, self.about):
                field.setReadOnly(not own)
                field.setCursorPosition(0)
        self.name.setToolTip("Name of the set; type another one" if own else NOT_OWN.text)
        self.about.setToolTip(one.about if one is not None and one.about else "What the set is")
        self.count.setText(size_words(one) if one is not None else "")
        self.source.setText(one.source if one is not None else "")
        self.source.setToolTip(self.source.text())
        self.source.setVisible(bool(self.source.text()))
        odd = remarks(one) if own and one is not None else ()
        self.odd.setText(" ".join(odd))
        self.odd.setVisible(bool(odd))
        for button in (self.add, self.take, self.paste):
            button.setVisible(own)
        self.copy_set.setText("Duplicate" if own else "Copy to my sets")
        self.copy_set.setAccessibleName(self.copy_set.text())
        self.more.show_set(one)
        self.files.show_chosen()

    def show_marks(self, marks: Marks) -> None:
        """Show which words have vectors."""
        self.table.rows.show_marks(marks)
        self.found.setText(marks.words)
        self.found.setToolTip(marks.words)

    def _build(self, templates: TemplatesModel, tests: AssociationModel) -> None:
        self.list = WordSetList(self._model)
        left = QWidget()
        box = QVBoxLayout(left)
        box.setContentsMargins(8, 6, 6, 6)
        box.setSpacing(5)
        box.addWidget(self.list, 1)
        self.files = WordSetFiles(self._model, tests)
        box.addWidget(self.files)
        self.empty = EmptyState()
        self.empty.show_problem(NO_SET)
        self._editor = self._build_editor(templates)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._editor)
        self.test = WordTestView(self._model)
        self._stack.addWidget(self.test)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(left)
        splitter.addWidget(self._stack)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        splitter.setSizes([320, 480])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _build_editor(self, templates: TemplatesModel) -> QWidget:
        self.name = named(QLineEdit(), "Name of the set")
        self.name.setProperty("quiet", True)
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.count = text(muted=True)
        self.count.setAccessibleName("Size of the set")
        self.about = named(QLineEdit(), "What the set is")
        self.about.setProperty("quiet", True)
        self.about.setPlaceholderText("What is it, and where is it from?")
        self.source = ElidedLabel()
        self.source.setProperty("muted", True)
        self.source.setAccessibleName("Source of the set")
        self.odd = text(wrap=True)
        self.odd.setTextFormat(PLAIN)
        self.odd.setProperty("danger", True)
        self.odd.setAccessibleName("What is odd about the set")
        self.table = WordTable(self._model.edit)
        self.found = ElidedLabel()
        self.found.setAccessibleName("How many words have vectors")
        self.templates = TemplatesButton(templates)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.name, 1)
        head.addWidget(self.count)
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(self.found, 1)
        below.addWidget(self.templates)
        editor = QWidget()
        layout = QVBoxLayout(editor)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(head)
        for widget in (self.about, self.source, self.odd):
            layout.addWidget(widget)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)
        layout.addLayout(self._build_buttons())
        return editor

    def _build_buttons(self) -> Flow:
        self.copy_set = named(
            QPushButton("Copy to my sets"),
            "Copy to my sets",
            "Make a set of your own of this one, which can be changed",
        )
        self.add = named(QPushButton("Add"), "Add an entry", "Write the next entry (last row)")
        self.take = named(QPushButton("Take out"), "Take entries out", "Selected rows (Delete)")
        tip = "Put what is on the clipboard at the end of the set (Ctrl+V in the table)"
        self.paste = named(QPushButton("Paste"), "Paste entries", tip)
        tip = "Copy the selected rows, or all if none is selected (Ctrl+C in the table)"
        self.copy = named(QPushButton("Copy"), "Copy entries", tip)
        self.more = WordSetMenu(self._model)
        flow = Flow(across=4)
        for button in (self.copy_set, self.add, self.take, self.paste, self.copy, self.more):
            flow.addWidget(button)
        return flow

    def _connect(self) -> None:
        model = self._model
        model.chosen_changed.connect(self.show_set)
        model.lookup.changed.connect(self.show_marks)
        self.list.chosen.connect(model.choose)
        self.list.test_chosen.connect(model.choose_test)
        self.list.removed.connect(self._on_removed)
        model.tests.chosen_changed.connect(lambda _test: self.show_set(model.chosen))
        self.name.editingFinished.connect(self._on_name_edited)
        self.about.editingFinished.connect(self._on_about_edited)
        self.files.made.connect(self._on_made)
        self.copy_set.clicked.connect(model.copy)
        self.table.horizontalHeader().sectionDoubleClicked.connect(self.more.rename_at)
        self.add.clicked.connect(self.table.add)
        self.take.clicked.connect(self.table.remove)
        self.paste.clicked.connect(self._on_paste)
        self.copy.clicked.connect(self._on_copy)
        self.table.pasted.connect(self._on_paste)
        self.table.copied.connect(self._on_copy)
        self.table.removed.connect(self._on_rows_removed)

    def _on_made(self) -> None:
        self.name.selectAll()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_removed(self) -> None:
        if self._model.tests.chosen is not None:
            self._model.tests.remove()
        else:
            self._model.remove()

    def _on_name_edited(self) -> None:
        self._model.rename(self.name.text())
        if (one := self._model.chosen) is not None:
            self.name.setText(one.name)

    def _on_about_edited(self) -> None:
        if not self.about.isReadOnly():
            self._model.describe(self.about.text())

    def _on_rows_removed(self, rows: list[int]) -> None:
        if (one := self._model.chosen) is not None:
            self._model.edit(without(one, rows))

    def _on_paste(self) -> None:
        self._model.paste(QApplication.clipboard().text())

    def _on_copy(self) -> None:
        if (one := self._model.chosen) is not None:
            rows = self.table.chosen if self.table.selectionModel().hasSelection() else None
            QApplication.clipboard().setText(text_of(one, rows or None))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files of words are taken here; all else is the window's."""
        paths = paths_of(event.mimeData())
        if paths and all(path.suffix.lower() in SUFFIXES for path in paths):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read the files that were dropped."""
        self._model.load(paths_of(event.mimeData()))
        event.acceptProposedAction()
