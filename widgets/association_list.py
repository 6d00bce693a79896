"""The list of association tests to tick: own ones on top, then those that come along."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.association import AssociationModel
from backends.directions.wordsets import AssociationTest
from widgets.bind import named, quiet
from widgets.parts import text
from widgets.theme import current_theme, theme_signal

NAME = Qt.ItemDataRole.UserRole
HEIGHT = 20  # logical pixels of a line
OWN = "My tests"
READY = "Tests that come along"


class AssociationList(QWidget):
    """Ticks tests of an `AssociationModel`; choosing a line looks at the test."""

    new_asked = Signal()

    def __init__(self, model: AssociationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_tests()

    def show_tests(self) -> None:
        """List what the filter leaves."""
        wanted = self.filter.text().casefold().strip()
        muted = QColor(current_theme().muted)
        with quiet(self.tree):
            self.tree.clear()
            for title, own in ((OWN, True), (READY, False)):
                tests = [one for one in self._model.tests if one.own == own and _fits(one, wanted)]
                if not tests:
                    continue
                top = QTreeWidgetItem(self.tree, [title])
                top.setFlags(Qt.ItemFlag.ItemIsEnabled)
                top.setForeground(0, muted)
                top.setSizeHint(0, QSize(0, HEIGHT))
                for one in tests:
                    item = QTreeWidgetItem(top, [one.name])
                    item.setData(0, NAME, one.name)
                    item.setToolTip(0, _tip(one))
                    item.setSizeHint(0, QSize(0, HEIGHT))
                top.setExpanded(True)
        self.none.setVisible(not self.tree.topLevelItemCount())
        self.tree.setVisible(bool(self.tree.topLevelItemCount()))
        self.show_chosen()

    def show_chosen(self) -> None:
        """Tick what is chosen, and mark the test that is looked at."""
        chosen = {one.name for one in self._model.chosen}
        looked_at = self._model.looked_at
        marked = None
        with quiet(self.tree):
            for item in self.items():
                name = item.data(0, NAME)
                on = Qt.CheckState.Checked if name in chosen else Qt.CheckState.Unchecked
                item.setCheckState(0, on)
                if looked_at is not None and name == looked_at.name:
                    marked = item
            self.tree.setCurrentItem(marked)  # type: ignore[arg-type]  # None chooses none
        shown = {item.data(0, NAME) for item in self.items()}
        self.all.setEnabled(bool(shown - chosen))
        self.nothing.setEnabled(bool(shown & chosen))
        self._show_removal()

    def items(self) -> Iterator[QTreeWidgetItem]:
        """Lines of tests."""
        for at in range(self.tree.topLevelItemCount()):
            top = self.tree.topLevelItem(at)
            for number in range(top.childCount() if top is not None else 0):
                child = top.child(number) if top is not None else None
                if child is not None:
                    yield child

    def _build(self) -> None:
        tip = "List only tests whose name, sets or words hold this"
        self.filter = named(QLineEdit(clearButtonEnabled=True), "Find a test", tip)
        self.filter.setPlaceholderText("Find a test or a word in it")
        tip = "Tick the tests to make (Space); Delete removes an own one"
        self.tree = named(_Tree(), "Association tests", tip)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(8)
        self.tree.setUniformRowHeights(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.none = text("No test holds this.", muted=True, wrap=True)
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.all = named(QPushButton("All"), "Tick all tests", "Tick all tests of the list")
        self.nothing = named(QPushButton("None"), "Tick no test", "Untick all tests of the list")
        self.new = named(QPushButton("New…"), "New test", "Make a test of four word sets")
        tip = "Remove the own test that is marked; undo brings it back"
        self.remove = named(QPushButton("Remove"), "Remove the test", tip)
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in (self.all, self.nothing, self.new, self.remove):
            button.setProperty("small", True)
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self.filter)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.none, 1)
        layout.addLayout(row)

    def _connect(self) -> None:
        model = self._model
        model.tests_changed.connect(self.show_tests)
        model.settings_changed.connect(self._on_chosen_changed)
        model.looked_at_changed.connect(self._on_chosen_changed)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.tree.itemChanged.connect(self._on_item_changed)
        self.tree.currentItemChanged.connect(self._on_current_changed)
        self.tree.delete_pressed.connect(self._on_remove)
        self.all.clicked.connect(lambda: self._choose(on=True))
        self.nothing.clicked.connect(lambda: self._choose(on=False))
        self.new.clicked.connect(self.new_asked)
        self.remove.clicked.connect(self._on_remove)
        theme_signal().changed.connect(self._on_theme_changed)

    def _choose(self, *, on: bool) -> None:
        self._model.choose((item.data(0, NAME) for item in self.items()), on=on)

    def _show_removal(self) -> None:
        name = self._current
        own = {one.name for one in self._model.tests if one.own}
        self.remove.setEnabled(name in own)

    @property
    def _current(self) -> str | None:
        item = self.tree.currentItem()
        return item.data(0, NAME) if item is not None else None

    def _on_chosen_changed(self, _value: object) -> None:
        self.show_chosen()

    def _on_filter_changed(self, _text: str) -> None:
        self.show_tests()

    def _on_item_changed(self, item: QTreeWidgetItem, _column: int) -> None:
        self._model.choose([item.data(0, NAME)], on=item.checkState(0) == Qt.CheckState.Checked)

    def _on_current_changed(self, item: QTreeWidgetItem | None, _before: object) -> None:
        if item is not None and item.data(0, NAME):
            self._model.look_at(item.data(0, NAME))
        self._show_removal()

    def _on_remove(self) -> None:
        if self.remove.isEnabled() and self._current is not None:
            self._model.remove_test(self._current)

    def _on_theme_changed(self, _theme: object) -> None:
        self.show_tests()


def _fits(test: AssociationTest, wanted: str) -> bool:
    sets = (*test.targets, *test.attributes)
    names = (test.name, *(one.name for one in sets))
    if any(wanted in name.casefold() for name in names):
        return True
    return len(wanted) > 2 and any(wanted in term.casefold() for one in sets for term in one.terms)


def _tip(test: AssociationTest) -> str:
    parts = zip("XYAB", (*test.targets, *test.attributes), strict=True)
    lines = [test.name, test.about]
    lines += [f"{part}: {one.name} ({len(one.terms)})" for part, one in parts]
    return "\n".join((*filter(None, lines), *filter(None, (test.source,))))


class _Tree(QTreeWidget):
    """A tree that says when Delete was pressed."""

    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete is a wish of the person."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)
