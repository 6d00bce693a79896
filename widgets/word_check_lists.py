"""Table of test sets, and lists of pairs and words that can be copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.word_check_rows import HEAD, TIPS, CheckRow, Listing, listing_text
from widgets.bind import PLAIN, named, quiet
from widgets.parts import text
from widgets.theme import current_theme, theme_signal

HEIGHT = 21  # logical pixels of a line
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LOST = HEAD.index("Lost")
NUMBERED = 2  # columns from here on hold numbers
NAME_LEAST = 130


class ChecksTable(QTreeWidget):
    """A line for each test set; analogies open to their sections."""

    chosen = Signal(int)  # number of the test set, -1 for none
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[CheckRow, ...] = ()
        tip = "Test sets and what they say. Delete takes one off the list; Ctrl+C copies the rows"
        named(self, "Test sets", "")
        self.setAccessibleDescription(tip)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHeaderLabels(list(HEAD))
        head = self.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        for column, words in enumerate(TIPS):
            self.headerItem().setToolTip(column, words)
            if column >= NUMBERED:
                self.headerItem().setTextAlignment(column, RIGHT)
        self.currentItemChanged.connect(lambda *_items: self.chosen.emit(self.current))
        theme_signal().changed.connect(self._on_theme_changed)

    @property
    def current(self) -> int:
        """Number of the test set that is looked at, or of the section's; -1 for none."""
        item = self.currentItem()
        if item is None:
            return -1
        return self.indexOfTopLevelItem(item.parent() or item)

    def show_rows(self, rows: Sequence[CheckRow]) -> None:
        """Show other rows; what is looked at and what is open stays so."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._fill()
            self._arrange()

    def choose(self, at: int) -> None:
        """Look at a test set."""
        item = self.topLevelItem(at)
        if item is not None:
            self.setCurrentItem(item)

    def text(self) -> str:
        """The selected rows, or all with their sections, as spreadsheets paste them."""
        chosen = self.selectedItems()
        items = chosen if len(chosen) > 1 else self._items()
        lines = [HEAD, *([item.text(column) for column in range(len(HEAD))] for item in items)]
        return "\n".join("\t".join(line) for line in lines) + "\n"

    def _items(self) -> list[QTreeWidgetItem]:
        """Test sets with their sections below them."""
        found: list[QTreeWidgetItem | None] = []
        for at in range(self.topLevelItemCount()):
            top = self.topLevelItem(at)
            assert top is not None
            found += [top, *(top.child(number) for number in range(top.childCount()))]
        return [item for item in found if item is not None]

    def _fill(self) -> None:
        before = self.current
        opened = {item.text(0) for item in self._items() if item.isExpanded()}
        with quiet(self):
            self.clear()
            for row in self._rows:
                item = self._item(row)
                self.addTopLevelItem(item)
                item.addChildren([self._item(section) for section in row.sections])
                item.setExpanded(row.cells[0] in opened)
                item.setFirstColumnSpanned(row.is_problem)
            if self._rows:
                self.choose(min(max(before, 0), len(self._rows) - 1))
        self.chosen.emit(self.current)

    def _item(self, row: CheckRow) -> QTreeWidgetItem:
        theme = current_theme()
        item = QTreeWidgetItem(list(row.cells))
        item.setSizeHint(0, QSize(0, HEIGHT))
        for column in range(len(HEAD)):
            item.setToolTip(column, row.tip)
            if column >= NUMBERED:
                item.setTextAlignment(column, RIGHT)
            if row.is_problem:
                item.setForeground(column, QColor(theme.danger))
        if row.warns:
            item.setForeground(LOST, QColor(theme.warning))
        return item

    def _on_theme_changed(self, _theme: object) -> None:
        self._fill()

    def _arrange(self) -> None:
        """Give names what the numbers leave."""
        taken = sum(self.columnWidth(column) for column in range(1, len(HEAD)))
        self.setColumnWidth(0, max(NAME_LEAST, self.viewport().width() - taken))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names take the room that is left."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hear Delete and Copy."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.text())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.current >= 0:
            self.removed.emit(self.current)
        else:
            super().keyPressEvent(event)


class ListingView(QWidget):
    """A sentence, a list below it, and a button that copies it."""

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listing = Listing(name, (), ())
        self._empty = empty
        self.about = text(muted=True, wrap=True)
        self.about.setTextFormat(PLAIN)
        self.copy = named(QPushButton("Copy"), f"Copy: {name.lower()}", "Copy the whole list")
        self.list = named(QTreeWidget(), name)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAlternatingRowColors(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.header().setMinimumSectionSize(30)
        self.list.header().setStretchLastSection(False)
        above = QHBoxLayout()
        above.addWidget(self.about, 1)
        above.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(4)
        box.addLayout(above)
        box.addWidget(self.list, 1)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.show_listing(self._listing)

    def show_listing(self, listing: Listing) -> None:
        """Show another list."""
        self._listing = listing
        self.about.setText(listing.about or self._empty)
        self.copy.setEnabled(bool(listing.rows))
        with quiet(self.list):
            self.list.clear()
            self.list.setColumnCount(max(1, len(listing.head)))
            self.list.setHeaderLabels(list(listing.head) or [""])
            self.list.setHeaderHidden(not listing.head)
            items = [QTreeWidgetItem(list(row)) for row in listing.rows]
            for item, row in zip(items, listing.rows, strict=True):
                for column, words in enumerate(row):
                    item.setToolTip(column, words)  # it may be cut
            for item in items[:1]:  # rows are of one height
                item.setSizeHint(0, QSize(0, HEIGHT))
            self.list.addTopLevelItems(items)
            self._fit(len(listing.head), items)

    def _fit(self, columns: int, items: Sequence[QTreeWidgetItem]) -> None:
        """Give words what numbers leave, so that nothing is hidden."""
        mode = QHeaderView.ResizeMode
        for column in range(max(1, columns)):
            is_number = column >= columns - self._listing.numbers
            self.list.header().setSectionResizeMode(
                column, mode.ResizeToContents if is_number else mode.Stretch
            )
            if is_number:
                self.list.headerItem().setTextAlignment(column, RIGHT)
                for item in items:
                    item.setTextAlignment(column, RIGHT)
            else:
                self.list.headerItem().setTextAlignment(column, LEFT)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(listing_text(self._listing))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the chosen rows."""
        if event.matches(QKeySequence.StandardKey.Copy):
            chosen = self.list.selectedItems()
            columns = range(self.list.columnCount())
            rows = tuple(tuple(item.text(column) for column in columns) for item in chosen)
            part = Listing("", self._listing.head, rows or self._listing.rows)
            QGuiApplication.clipboard().setText(listing_text(part))
        else:
            super().keyPressEvent(event)
