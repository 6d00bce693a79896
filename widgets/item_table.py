"""The corpus as a table to look at, scroll, sort and pick from.

Qt's own selection is switched off (see item_rows); clicks and keys become picks of the model.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.panels.items import ItemsModel
from backends.selection import Mode
from widgets.item_rows import Position, RowDelegate, RowsModel
from widgets.theme import theme_signal

NARROWEST, WIDEST, WIDEST_TEXT = 56, 220, 460  # pixels a column takes by itself
WIDEST_COMPUTED = 300  # the name says what was computed, in some words
MEASURED_ROWS = 40
MEASURED_COLUMNS = 100  # the rest is as wide as its name: there may be thousands
_MOVES = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}


class ItemTable(QTableView):
    """Shows rows and turns clicks and keys into picks; knows nothing of the document."""

    row_activated = Signal(object)  # corpus row: Enter or a double click
    header_asked = Signal(object, object)  # column name, global point: a menu is wanted
    sort_asked = Signal(object)  # column name
    width_chosen = Signal(object, object)  # column name, pixels
    copy_asked = Signal()

    def __init__(self, items: ItemsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self._rows = RowsModel(items, self)
        self._anchor: Position = 0
        self._dragged: Position | None = None
        self._pending: tuple[Position, Position] | None = None  # picked by keys that are still down
        self._fitting = False
        self._build()
        self._connect()
        self._fit_columns()

    def show_selection(self) -> None:
        """Paint the selection anew."""
        self.viewport().update()

    def show_focus(self, row: int | None) -> None:
        """Mark a corpus row and bring it into view, if it is shown."""
        position = None if row is None else self._items.position_of(row)
        if position is not None and self._rows.columnCount():
            column = max(0, self.currentIndex().column())
            index = self._rows.index(position, column)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self._scroll_to(position)
        self.viewport().update()

    def show_hidden(self, hidden: frozenset[str]) -> None:
        """Hide columns by name."""
        for at, column in enumerate(self._rows.columns):
            self.setColumnHidden(at, column.name in hidden)

    def show_sort(self, column: str | None, *, descending: bool = False) -> None:
        """Show the arrow of the order in the header, or none."""
        names = [one.name for one in self._rows.columns]
        at = names.index(column) if column in names else -1
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(at, order)

    def visible_columns(self) -> list[str]:
        """Names of the columns that are not hidden, from left to right."""
        header = self.horizontalHeader()
        order = [header.logicalIndex(at) for at in range(header.count())]
        return [self._rows.columns[at].name for at in order if not self.isColumnHidden(at)]

    def _build(self) -> None:
        self.setModel(self._rows)
        self.setItemDelegate(RowDelegate(self))
        self.setAccessibleName("Items")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        height = self.fontMetrics().height() + 8
        side, top = self.verticalHeader(), self.horizontalHeader()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setDefaultSectionSize(height)
        side.setMinimumSectionSize(height)
        side.setHighlightSections(False)
        side.setStyleSheet("QHeaderView::section { font-weight: 400; border-bottom: none; }")
        top.setHighlightSections(False)
        top.setTextElideMode(Qt.TextElideMode.ElideRight)  # else numbers lose the start of a name
        top.setSectionsClickable(True)
        top.setSectionsMovable(True)
        top.setSortIndicatorShown(True)
        top.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        top.setMinimumSectionSize(NARROWEST - 16)
        top.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def _connect(self) -> None:
        top = self.horizontalHeader()
        top.sectionClicked.connect(lambda at: self.sort_asked.emit(self._rows.columns[at].name))
        top.sectionResized.connect(self._on_section_resized)
        top.customContextMenuRequested.connect(self._on_menu_requested)
        self._rows.modelReset.connect(self._fit_columns)
        self._rows.columnsInserted.connect(lambda _parent, first, _last: self._fit_columns(first))
        self._items.rows_changed.connect(self._on_rows_changed)
        self.doubleClicked.connect(lambda at: self.row_activated.emit(self._rows.row_at(at.row())))
        theme_signal().changed.connect(self.viewport().update)

    def _fit_columns(self, first: int = 0) -> None:
        """Give columns the width of their first rows, or the one that was chosen."""
        metrics, widths = self.fontMetrics(), self._items.columns.widths
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)  # as the style has names of columns
        heads = QFontMetrics(bold)
        rows = range(min(MEASURED_ROWS, self._rows.rowCount()))
        self._fitting = True
        for at, column in list(enumerate(self._rows.columns))[first:]:
            measured = rows if at < MEASURED_COLUMNS else rows[:0]
            most = WIDEST_TEXT if column.role == "text" else WIDEST
            head = heads.horizontalAdvance(
                str(self._rows.headerData(at, Qt.Orientation.Horizontal))
            )
            cells = (str(self._rows.index(row, at).data())[:120] for row in measured)
            widest = max((metrics.horizontalAdvance(cell) for cell in cells), default=0)
            room = WIDEST_COMPUTED if column.made else WIDEST
            fitting = max(NARROWEST, min(most, widest + 20), min(room, head + 40))
            self.setColumnWidth(at, widths.get(column.name, fitting))
        self._fitting = False
        self.show_hidden(self._items.columns.hidden)

    def _scroll_to(self, position: Position) -> None:
        """Bring a row into view without moving sideways."""
        height, bar = self.verticalHeader().defaultSectionSize(), self.verticalScrollBar()
        visible = max(1, self.viewport().height() // height)
        if not bar.value() <= position < bar.value() + visible:
            bar.setValue(position - visible // 2)

    def _position_at(self, event: QMouseEvent) -> Position | None:
        at = self.rowAt(round(event.position().y()))
        return at if at >= 0 else None

    def _on_rows_changed(self, _rows: object) -> None:
        """Other rows or another order start at the top, or at the item looked at."""
        if self._items.shown != "selected":
            self.scrollToTop()
            self.show_focus(self._items.picking.focus)

    def _on_section_resized(self, at: int, _old: int, new: int) -> None:
        if not self._fitting and new > 0 and at < len(self._rows.columns):
            self.width_chosen.emit(self._rows.columns[at].name, new)

    def _on_menu_requested(self, point: QPoint) -> None:
        header = self.horizontalHeader()
        at = header.logicalIndexAt(point)
        if at >= 0:
            self.header_asked.emit(self._rows.columns[at].name, header.mapToGlobal(point))

    def _pick(self, position: Position, modifiers: Qt.KeyboardModifier) -> None:
        picking = self._items.picking
        adding = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            mode: Mode = "add" if adding else "replace"
            picking.between(min(self._anchor, self._rows.rowCount() - 1), position, mode)
        elif adding:
            picking.toggle(position)
            self._anchor = position
        else:
            self._anchor = position
            # Among the selected rows a click only looks: picking one would empty the list.
            if self._items.shown != "selected":
                picking.between(position, position)
        if position < self._rows.rowCount():  # taking it out of the selected ones hides it
            picking.look_at(position)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the row under the pointer."""
        position = self._position_at(event)
        if position is not None and event.button() == Qt.MouseButton.LeftButton:
            self._dragged = position
            self._pick(position, event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pick the rows between where the button went down and the pointer."""
        position = self._position_at(event)
        if self._dragged is None or position is None or self._items.shown == "selected":
            return
        if position != self._dragged:
            self._dragged = position
            self._pending = (self._anchor, position)
            self._items.picking.preview(*self._pending)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """A drag ends: now it counts, as one step that can be undone."""
        self._dragged = None
        self._settle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows look at other rows, with Shift they select; Space toggles, Enter goes there."""
        picking = self._items.picking
        here, key = self.currentIndex().row(), event.key()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._items.select_shown()
        elif key == Qt.Key.Key_Escape and picking.count:
            picking.nothing()
        elif key == Qt.Key.Key_Space and here >= 0:
            self._anchor = here
            picking.toggle(here)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here >= 0:
            self.row_activated.emit(self._rows.row_at(here))
        elif key in _MOVES and self._rows.rowCount():
            self._move(event, here)
        else:
            super().keyPressEvent(event)

    def _move(self, event: QKeyEvent, here: Position) -> None:
        last = self._rows.rowCount() - 1
        page = max(1, self.viewport().height() // self.verticalHeader().defaultSectionSize() - 1)
        steps = {
            Qt.Key.Key_Up: here - 1,
            Qt.Key.Key_Down: here + 1,
            Qt.Key.Key_PageUp: here - page,
            Qt.Key.Key_PageDown: here + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        there = min(last, max(0, steps[Qt.Key(event.key())]))
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pending = (min(self._anchor, last), there)
            self._items.picking.preview(*self._pending)
        else:
            self._anchor = there
        self._items.picking.look_at(there)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Keys that extended the selection are up: now it counts."""
        if not event.isAutoRepeat():
            self._settle()
        super().keyReleaseEvent(event)

    def _settle(self) -> None:
        if self._pending is not None:
            first, last = self._pending
            self._pending = None
            self._items.picking.between(first, last)
