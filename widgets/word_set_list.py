"""The list of word sets: own ones, association tests, then ready sets under their sources."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.word_edits import size_words
from app.panels.word_sets import OWN, Shelf, WordSetsModel
from widgets.bind import named
from widgets.parts import text
from widgets.theme import current_theme, theme_signal

NAME = Qt.ItemDataRole.UserRole
IS_TEST = Qt.ItemDataRole.UserRole + 1
TESTS = "Association tests"


class WordSetList(QWidget):
    """Says which set was chosen; the model says which is."""

    chosen = Signal(str)
    test_chosen = Signal(str)
    removed = Signal()

    def __init__(self, model: WordSetsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_sets()

    def show_sets(self) -> None:
        """List what the filter leaves, and mark the set that is looked at."""
        self.tree.blockSignals(True)
        self.tree.clear()
        words = self.filter.text()
        shelves = self._model.shelves(words)
        tests = self._model.tests.listed(words)
        ready = [shelf for shelf in shelves if shelf.title != OWN]
        for shelf in shelves[: len(shelves) - len(ready)]:
            self._add_shelf(shelf)
        if tests:
            top = self._add_top(TESTS, "Two sets of targets and two of attributes (WEAT)")
            for test in tests:
                tip = "\n".join(filter(None, (test.name, test.about)))
                item = self._add_line(top, test.name, "own" if test.own else "", tip)
                item.setData(0, IS_TEST, True)
                item.setFirstColumnSpanned(not test.own)
        for shelf in ready:
            self._add_shelf(shelf)
        self.none.setVisible(not shelves and not tests)
        self.tree.setVisible(bool(shelves or tests))
        self.tree.blockSignals(False)
        self.show_chosen()

    def show_chosen(self) -> None:
        """Mark the set that is looked at, if the filter leaves it."""
        one, test = self._model.chosen, self._model.tests.chosen
        self.tree.blockSignals(True)
        item = self.item(one.name) if one is not None else None
        if test is not None:
            item = self.item(test.name, test=True)
        self.tree.setCurrentItem(item)  # type: ignore[arg-type]  # None chooses none
        if item is not None:
            self.tree.scrollToItem(item)
        self.tree.blockSignals(False)

    def _add_shelf(self, shelf: Shelf) -> None:
        top = self._add_top(shelf.title, shelf.licence)
        for one in shelf.sets:
            tip = "\n".join(filter(None, (one.name, one.about)))
            self._add_line(top, one.name, size_words(one), tip)

    def _add_top(self, title: str, about: str) -> QTreeWidgetItem:
        top = QTreeWidgetItem(self.tree, [title])
        top.setFlags(Qt.ItemFlag.ItemIsEnabled)
        top.setFirstColumnSpanned(True)
        top.setForeground(0, QBrush(QColor(current_theme().muted)))
        top.setToolTip(0, "\n".join(filter(None, (title, about))))
        font = top.font(0)
        font.setBold(True)
        top.setFont(0, font)
        top.setExpanded(True)
        return top

    def _add_line(self, top: QTreeWidgetItem, name: str, size: str, tip: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(top, [name, size])
        item.setData(0, NAME, name)
        item.setToolTip(0, tip)
        item.setForeground(1, QBrush(QColor(current_theme().muted)))
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        return item

    def item(self, name: str, *, test: bool = False) -> QTreeWidgetItem | None:
        """The line of a set or a test, or None if it is not listed."""
        for at in range(self.tree.topLevelItemCount()):
            top = self.tree.topLevelItem(at)
            for number in range(top.childCount() if top is not None else 0):
                child = top.child(number) if top is not None else None
                if child is None or child.data(0, NAME) != name:
                    continue
                if bool(child.data(0, IS_TEST)) == test:
                    return child
        return None

    def _build(self) -> None:
        tip = "List only sets and tests whose name, source or words hold this"
        self.filter = named(QLineEdit(clearButtonEnabled=True), "Find a word set", tip)
        self.filter.setPlaceholderText("Find a set, a test or a word")
        self.tree = named(_Tree(), "Word sets", "Own sets on top; choose one to see its words")
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(10)
        self.tree.setUniformRowHeights(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.none = text("No set holds this.", muted=True, wrap=True)
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.filter)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.none, 1)

    def _connect(self) -> None:
        self._model.changed.connect(self._on_sets_changed)
        self._model.chosen_changed.connect(self._on_chosen_changed)
        self._model.tests.chosen_changed.connect(self._on_chosen_changed)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.tree.currentItemChanged.connect(self._on_current_changed)
        self.tree.delete_pressed.connect(self.removed)
        theme_signal().changed.connect(self._on_theme_changed)

    def _on_sets_changed(self, _own: object) -> None:
        self.show_sets()

    def _on_chosen_changed(self, _one: object) -> None:
        self.show_chosen()

    def _on_filter_changed(self, _text: str) -> None:
        self.show_sets()

    def _on_current_changed(self, item: QTreeWidgetItem | None, _before: object) -> None:
        name = item.data(0, NAME) if item is not None else None
        if item is not None and name:
            (self.test_chosen if item.data(0, IS_TEST) else self.chosen).emit(name)

    def _on_theme_changed(self, _theme: object) -> None:
        self.show_sets()


class _Tree(QTreeWidget):
    """A tree that says when Delete was pressed."""

    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete is a wish of the person."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)
