"""Chooses the column that colours the map: in groups, and to be searched where there are many."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.map import MapColumn
from widgets.elided_combo import ElidedCombo
from widgets.theme import current_theme, theme_signal

PLAIN = "One colour"
GROUPED_FROM = 6  # columns from which on they stand in groups
SEARCH_FROM = 12  # columns from which on a search field helps
SEEN = 14  # rows of the list
GROUPS = ("Classes", "Numbers", "Dates", "Computed")
HEADING = Qt.ItemDataRole.UserRole + 1


def grouped(columns: Sequence[MapColumn]) -> list[tuple[str, list[MapColumn]]]:
    """Columns by what they hold, computed ones apart; empty groups are left out."""
    places = {"categories": "Classes", "numbers": "Numbers", "dates": "Dates"}
    groups: dict[str, list[MapColumn]] = {name: [] for name in GROUPS}
    for column in columns:
        groups["Computed" if column.computed else places[column.kind]].append(column)
    return [(name, found) for name, found in groups.items() if found]


def described(column: MapColumn) -> str:
    """What a column would colour by, for its tooltip."""
    if column.kind == "categories":
        return f"{column.name}: {column.count:,} classes" if column.count else column.name
    return f"{column.name}: a scale of {column.kind}"


class ColumnChoice(ElidedCombo):
    """A combo box of columns; with many of them its list can be searched."""

    chosen = Signal(object)  # name of a column, None for one colour

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, letters=16)
        self._columns: Sequence[MapColumn] = ()
        self.popup: ColumnPopup | None = None
        self.activated.connect(lambda _index: self.chosen.emit(self.currentData()))
        theme_signal().changed.connect(self._on_theme_changed)

    def show_columns(self, columns: Sequence[MapColumn]) -> None:
        """Offer these columns; the one that is chosen stays so."""
        self._columns = columns
        current = self.currentData()
        with QSignalBlocker(self):
            self.clear()
            self.addItem(PLAIN, None)
            if len(columns) < GROUPED_FROM:
                self._add(columns)
            else:
                for name, found in grouped(columns):
                    self._add_heading(name)
                    self._add(found)
            self.show_column(current)

    def show_column(self, name: str | None) -> None:
        """Show which column is chosen."""
        self.setCurrentIndex(max(0, self.findData(name)) if name is not None else 0)

    def _add(self, columns: Sequence[MapColumn]) -> None:
        for at, column in enumerate(columns):
            if column.computed and at and not columns[at - 1].computed:
                self.insertSeparator(self.count())
            self.addItem(column.name, column.name)
            self.setItemData(self.count() - 1, described(column), Qt.ItemDataRole.ToolTipRole)

    def _add_heading(self, name: str) -> None:
        """A line that cannot be chosen."""
        self.addItem(name, None)
        at = self.count() - 1
        font = QFont(self.font())
        font.setBold(True)
        self.setItemData(at, font, Qt.ItemDataRole.FontRole)
        self.setItemData(at, QColor(current_theme().muted), Qt.ItemDataRole.ForegroundRole)
        self.setItemData(at, 0, Qt.ItemDataRole.UserRole - 1)  # Qt's role of the item's flags
        self.setItemData(at, True, HEADING)

    def _on_picked(self, name: object) -> None:
        self.show_column(str(name) if name is not None else None)
        self.chosen.emit(name)

    def _on_theme_changed(self, _theme: object) -> None:
        self.show_columns(self._columns)

    def showPopup(self) -> None:
        """Open the list; one that can be searched if it is long."""
        if len(self._columns) < SEARCH_FROM:
            super().showPopup()
            return
        self.popup = ColumnPopup(self._columns, self.currentData(), self.window())
        self.popup.picked.connect(self._on_picked)
        place = self.mapToGlobal(QPoint(0, self.height()))
        screen = self.screen().availableGeometry()
        size = self.popup.sizeHint()
        place.setX(max(screen.left(), min(place.x(), screen.right() - size.width())))
        if place.y() + size.height() > screen.bottom():
            place.setY(max(screen.top(), screen.bottom() - size.height()))
        self.popup.move(place)
        self.popup.show()
        self.popup.search.setFocus(Qt.FocusReason.PopupFocusReason)


class ColumnPopup(QFrame):
    """A list of columns under a search field; closes once one is picked."""

    picked = Signal(object)  # name of a column, None for one colour

    def __init__(self, columns: Sequence[MapColumn], current: str | None, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._columns, self._current = columns, current
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a column")
        self.search.setAccessibleName("Find a column")
        self.search.setToolTip("List only columns whose names hold these words")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._show)
        self.search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("Columns")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.itemClicked.connect(self._pick)
        self.list.itemEntered.connect(self._on_entered)
        self.empty = QLabel("No column is called so.")
        self.empty.setProperty("muted", True)
        box = QVBoxLayout(self)
        box.setContentsMargins(6, 6, 6, 6)
        box.setSpacing(4)
        for widget in (self.search, self.list, self.empty):
            box.addWidget(widget)
        self._show("")
        height = max(1, self.list.sizeHintForRow(0))
        self.list.setFixedHeight(height * min(SEEN, self.list.count()) + 6)
        self.list.setMinimumWidth(min(360, max(220, self.list.sizeHintForColumn(0) + 30)))

    def _show(self, words: str) -> None:
        """List what holds the words; the first of it, or what is chosen, is the current one."""
        wanted = words.casefold().strip()
        found = [column for column in self._columns if wanted in column.name.casefold()]
        self.list.clear()
        if not wanted:
            self.list.addItem(_item(PLAIN, None))
        for name, members in grouped(found):
            heading = QListWidgetItem(name)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            font = QFont(self.font())
            font.setBold(True)
            heading.setFont(font)
            heading.setForeground(QColor(current_theme().muted))
            self.list.addItem(heading)
            for column in members:
                self.list.addItem(_item(column.name, column.name, described(column)))
        self.empty.setVisible(not found)
        rows = [at for at in range(self.list.count()) if self._can_pick(at)]
        chosen = [at for at in rows if self.list.item(at).data(HEADING - 1) == self._current]
        if rows:
            self.list.setCurrentRow((chosen if chosen and not wanted else rows)[0])

    def _can_pick(self, row: int) -> bool:
        return bool(self.list.item(row).flags() & Qt.ItemFlag.ItemIsSelectable)

    def _on_entered(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsSelectable:
            self.list.setCurrentItem(item)

    def _pick(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsSelectable:
            self.picked.emit(item.data(HEADING - 1))
            self.close()

    def _step(self, by: int) -> None:
        """Go to the next column that can be picked."""
        row = self.list.currentRow() + by
        while 0 <= row < self.list.count() and not self._can_pick(row):
            row += 1 if by > 0 else -1
        if 0 <= row < self.list.count():
            self.list.setCurrentRow(row)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the search field go to the list."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -SEEN,
            Qt.Key.Key_PageDown: SEEN,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(self.list.currentItem())
        else:
            return False
        return True


def _item(text: str, name: str | None, tip: str = "") -> QListWidgetItem:
    item = QListWidgetItem(text)
    item.setData(HEADING - 1, name)
    item.setToolTip(tip)
    return item
