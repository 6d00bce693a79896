"""The list of word sets: own ones on top, then those that come along, under their sources."""

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
from app.panels.word_sets import WordSetsModel
from widgets.bind import named
from widgets.parts import text
from widgets.theme import current_theme, theme_signal

NAME = Qt.ItemDataRole.UserRole


class WordSetList(QWidget):
    """Says which set was chosen; the model says which is."""

    chosen = Signal(str)
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
        shelves = self._model.shelves(self.filter.text())
        muted = QBrush(QColor(current_theme().muted))
        for shelf in shelves:
            top = QTreeWidgetItem(self.tree, [shelf.title])
            top.setFlags(Qt.ItemFlag.ItemIsEnabled)
            top.setFirstColumnSpanned(True)
            top.setForeground(0, muted)
            top.setToolTip(0, "\n".join(filter(None, (shelf.title, shelf.licence))))
            font = top.font(0)
            font.setBold(True)
            top.setFont(0, font)
            top.setExpanded(True)
            for one in shelf.sets:
                item = QTreeWidgetItem(top, [one.name, size_words(one)])
                item.setData(0, NAME, one.name)
                item.setToolTip(0, "\n".join(filter(None, (one.name, one.about))))
                item.setForeground(1, muted)
                item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        self.none.setVisible(not shelves)
        self.tree.setVisible(bool(shelves))
        self.tree.blockSignals(False)
        self.show_chosen()

    def show_chosen(self) -> None:
        """Mark the set that is looked at, if the filter leaves it."""
        one = self._model.chosen
        self.tree.blockSignals(True)
        item = self.item(one.name) if one is not None else None
        self.tree.setCurrentItem(item)  # type: ignore[arg-type]  # None chooses none
        if item is not None:
            self.tree.scrollToItem(item)
        self.tree.blockSignals(False)

    def item(self, name: str) -> QTreeWidgetItem | None:
        """The line of a set, or None if it is not listed."""
        for at in range(self.tree.topLevelItemCount()):
            top = self.tree.topLevelItem(at)
            for number in range(top.childCount() if top is not None else 0):
                child = top.child(number) if top is not None else None
                if child is not None and child.data(0, NAME) == name:
                    return child
        return None

    def _build(self) -> None:
        tip = "List only sets whose name, source or words hold this"
        self.filter = named(QLineEdit(clearButtonEnabled=True), "Find a word set", tip)
        self.filter.setPlaceholderText("Find a set or a word in it")
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
        if name:
            self.chosen.emit(name)

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
