"""The regions of the map as a table of contents: names, counts, search, renaming, going there."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.state import Blocked, Failed, PanelState, Running
from app.panels.topic_column import TopicColumn
from app.panels.topics import TopicsModel
from backends.wording import counted
from widgets.elided_combo import ElidedCombo
from widgets.empty_state import EmptyState
from widgets.parts import text
from widgets.theme import colour, current_theme, theme_signal

NAME, COUNT = 0, 1
ROW = 24  # logical pixels
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NUMBER = Qt.ItemDataRole.UserRole
TEXT_OF_ITEMS = "the items' text"
COLOUR = "Put the clusters into a column, and colour the map by it"
NONE_FOUND = Problem(
    "No cluster stands out on this map.", "There are too few items close together."
)
NOT_FOUND = Problem("No cluster is called so.", "Search for other letters.")


class RegionTree(QTreeWidget):
    """Regions, coarse ones outside; a click goes there, F2 or a second click renames."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setAccessibleName("Clusters of the map")
        self.setToolTip("Click to go there, double-click or F2 to rename")
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setExpandsOnDoubleClick(False)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(COUNT, QHeaderView.ResizeMode.ResizeToContents)

    def number_of(self, item: QTreeWidgetItem) -> int:
        """The region of a row."""
        return int(item.data(NAME, NUMBER))

    def rows(self) -> list[QTreeWidgetItem]:
        """All rows, parents first."""
        found: list[QTreeWidgetItem] = []
        waiting = [self.topLevelItem(i) for i in reversed(range(self.topLevelItemCount()))]
        while waiting:
            item = waiting.pop()
            if item is not None:
                found.append(item)
                waiting += [item.child(i) for i in reversed(range(item.childCount()))]
        return found


class TopicsPanel(QWidget):
    """Shows a `TopicsModel` as a tree."""

    def __init__(
        self, model: TopicsModel, column: TopicColumn, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._column = column
        self._looked_at = False  # a thousand rows are only made for somebody who sees them
        self._listed: tuple[object, object] = (None, ())  # the regions that the tree holds
        self._build()
        self._connect()
        self.show_columns()
        self.show_topics()
        self.show_levels()

    def show_topics(self) -> None:
        """Show the regions there are, or only other words for them."""
        outline = self._model.outline
        listed = (self._model.topics, outline)
        if listed != self._listed:
            self._listed = listed
            self._fill(outline)
        else:
            for item in self.tree.rows():
                self._show_item(item)
        self._search()
        self.show_state(self._model.state)

    def look(self, looking: bool) -> None:
        """Say whether somebody looks at the list: then regions are found, labels or not."""
        self._looked_at = looking
        self._model.want("list", wanted=looking)
        if looking:
            self.show_topics()

    def show_columns(self) -> None:
        """Show which columns can name regions, and which one does."""
        with QSignalBlocker(self.column):
            self.column.clear()
            self.column.addItem(TEXT_OF_ITEMS, None)
            for name in self._model.columns:
                self.column.addItem(name, name)
            self.column.setCurrentIndex(max(0, self.column.findData(self._model.column)))
        self.column.setEnabled(self.column.count() > 1)

    def show_levels(self) -> None:
        """Show of which levels a column can be made; the one that was chosen stays."""
        chosen = max(0, self.level.currentIndex())
        with QSignalBlocker(self.level):
            self.level.clear()
            for choice in self._column.levels:
                words = f"{choice.name.capitalize()} ({choice.count:,})"
                self.level.addItem(words, choice.level)
            self.level.setCurrentIndex(min(chosen, self.level.count() - 1))
        there = self.level.count() > 0
        for widget in (self.level, self.colour):
            widget.setEnabled(there)
        self.colour.setToolTip(COLOUR if there else "There are no clusters yet")

    def show_state(self, state: PanelState) -> None:
        """Show the tree, or why there is none."""
        shown = [item for item in self.tree.rows() if not item.isHidden()]
        if self._model.topics is not None and shown:
            self._stack.setCurrentWidget(self.tree)
        else:
            self._stack.setCurrentWidget(self.empty)
            self.empty.show_problem(self._problem(state))
        self.note.setText(self._note())
        self.note.setVisible(bool(self.note.text()))

    def _build(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a cluster")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Find a cluster")
        self.search.setToolTip("Show clusters with these letters in their name")
        self.column = ElidedCombo(letters=14)
        self.column.setAccessibleName("Names from")
        self.column.setToolTip("The column whose words name the clusters")
        label = text("Names from", muted=True)
        label.setBuddy(self.column)
        self.tree = RegionTree()
        self.empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.tree)
        self._stack.addWidget(self.empty)
        self.note = text(muted=True, wrap=True)
        self.level = ElidedCombo(letters=12)
        self.level.setAccessibleName("Level of clusters")
        self.level.setToolTip("How fine the clusters of the column are")
        self.colour = QPushButton("Colour by clusters")
        self.colour.setAccessibleName("Colour by clusters")
        below = QHBoxLayout()
        below.addWidget(self.level, 1)
        below.addWidget(self.colour)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.column, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(6, 6, 6, 6)
        box.setSpacing(6)
        box.addLayout(row)
        box.addWidget(self.search)
        box.addWidget(self._stack, 1)
        box.addWidget(self.note)
        box.addLayout(below)
        self.setFocusProxy(self.search)

    def _connect(self) -> None:
        model, tree = self._model, self.tree
        model.changed.connect(self._on_changed)
        model.state_changed.connect(self.show_state)
        model.columns_changed.connect(self.show_columns)
        self.column.activated.connect(lambda _i: model.set_column(self.column.currentData()))
        self._column.changed.connect(self.show_levels)
        self.colour.clicked.connect(self._on_colour_clicked)
        self.search.textChanged.connect(self._on_changed)
        tree.itemClicked.connect(lambda item, _column: model.go_to(tree.number_of(item)))
        tree.itemDoubleClicked.connect(lambda item, _column: tree.editItem(item, NAME))
        tree.itemChanged.connect(self._on_item_changed)
        tree.customContextMenuRequested.connect(self._on_menu_asked)
        theme_signal().changed.connect(self._on_changed)

    def _fill(self, outline: tuple[tuple[int, int], ...]) -> None:
        with QSignalBlocker(self.tree):
            self.tree.clear()
            rows: dict[int, QTreeWidgetItem] = {}
            for number, above in outline:
                item = QTreeWidgetItem()
                item.setData(NAME, NUMBER, number)
                item.setSizeHint(NAME, QSize(0, ROW))
                item.setTextAlignment(COUNT, RIGHT)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                rows[number] = item
                if above in rows:
                    rows[above].addChild(item)
                else:
                    self.tree.addTopLevelItem(item)
                self._show_item(item)

    def _show_item(self, item: QTreeWidgetItem) -> None:
        topics, number = self._model.topics, self.tree.number_of(item)
        if topics is None:
            return
        name, count = self._model.text(number), topics.regions.all[number].count
        hidden = self._model.is_hidden(number)
        theme = current_theme()
        ink: QColor = colour(theme.muted if hidden else theme.text)
        with QSignalBlocker(self.tree):
            item.setText(NAME, name)
            item.setText(COUNT, f"{count:,}")
            item.setForeground(NAME, ink)
            item.setForeground(COUNT, colour(theme.muted))
            font = item.font(NAME)
            font.setItalic(hidden)
            item.setFont(NAME, font)
            more = " Its label is hidden." if hidden else ""
            item.setToolTip(NAME, f"{name}: {counted(count, 'item')}.{more}")

    def _search(self) -> None:
        """Show rows with the letters, and those above them."""
        wanted = self.search.text().strip().casefold()
        for item in reversed(self.tree.rows()):
            inner = [item.child(i) for i in range(item.childCount())]
            below = any(child is not None and not child.isHidden() for child in inner)
            item.setHidden(bool(wanted) and wanted not in item.text(NAME).casefold() and not below)
            if wanted and below:
                item.setExpanded(True)

    def _problem(self, state: PanelState) -> Problem:
        if isinstance(state, Running):
            share = f" {state.progress.share:.0%}" if state.progress.share >= 0 else ""
            return Problem("Naming clusters…", f"{state.progress.text}{share}")
        if isinstance(state, Blocked):
            return state.problem
        if isinstance(state, Failed):
            return Problem("The clusters could not be named.", str(state.failure.error))
        return NOT_FOUND if self.search.text().strip() else NONE_FOUND

    def _note(self) -> str:
        topics = self._model.topics
        return " ".join(topics.names.notes) if topics is not None else ""

    def _on_changed(self, _what: object) -> None:
        if self._looked_at:
            self.show_topics()

    def _on_colour_clicked(self) -> None:
        self._column.put_level(int(self.level.currentData()))

    def _on_item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column == NAME:
            self._model.rename(self.tree.number_of(item), item.text(NAME))
            self._show_item(item)

    def _on_menu_asked(self, at: QPoint) -> None:
        item = self.tree.itemAt(at)
        if item is not None:
            self.build_menu(item).popup(self.tree.viewport().mapToGlobal(at))

    def build_menu(self, item: QTreeWidgetItem) -> QMenu:
        """What can be done with a region; the menu deletes itself when it is closed."""
        model, number = self._model, self.tree.number_of(item)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Select its items", lambda: model.select(number))
        menu.addAction("Add its items to the selection", lambda: model.select(number, "add"))
        menu.addSeparator()
        menu.addAction("Rename…", lambda: self.tree.editItem(item, NAME))
        hidden = model.is_hidden(number)
        words = "Show its label" if hidden else "Hide its label"
        menu.addAction(words, lambda: model.hide(number, hidden=not hidden))
        back = menu.addAction("Back to the automatic name", lambda: model.reset(number))
        back.setEnabled(model.is_edited(number))
        menu.addSeparator()
        menu.addAction("All back to automatic", lambda: model.reset())
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to a region, or select its items with Ctrl."""
        item = self.tree.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            number = self.tree.number_of(item)
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._model.select(number)
            else:
                self._model.go_to(number)
        else:
            super().keyPressEvent(event)
