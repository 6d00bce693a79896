"""The table of items with its filter, and which of them it shows."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.document import Filter
from app.panels.cells import TableColumn
from app.panels.colouring import MapColumn
from app.panels.items import ItemsModel, Sort
from app.panels.shown_rows import Shown
from widgets.bind import named, quiet
from widgets.column_name import ask_column_name
from widgets.empty_state import EmptyState
from widgets.filter_box import FilterBox
from widgets.icons import set_icon
from widgets.item_table import ItemTable

_SHOWN: tuple[tuple[Shown, str, str], ...] = (
    ("all", "All", "Show all rows"),
    ("filtered", "Filtered", "Show the rows that the filter leaves"),
    ("selected", "Selected", "Show the selected rows; Ctrl and click takes one out"),
)
ONE_LINE_PX = 680  # from this width on filter and switches stand beside each other


class ItemsPanel(QWidget):
    """Shows an ItemsModel."""

    row_activated = Signal(object)  # corpus row the person wants to see on the map
    colour_asked = Signal(object)  # column that is to colour the map

    def __init__(self, model: ItemsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._colourable: frozenset[str] = frozenset()
        self._build()
        self._connect()
        self.show_columns()
        self.show_filter(model.filter)
        self.show_shown(model.shown)
        self.show_rows()

    def show_columns(self) -> None:
        """Offer the columns' names to the filter."""
        self._filter.show_columns([column.name for column in self._model.columns.all])

    def show_colourable(self, columns: Iterable[MapColumn]) -> None:
        """Offer to colour the map by these columns."""
        self._colourable = frozenset(column.name for column in columns)

    def show_rows(self) -> None:
        """Show the table, or why it is empty."""
        emptiness = self._model.emptiness
        if emptiness is not None:
            self._empty.show_problem(emptiness)
        self._stack.setCurrentWidget(self._table if emptiness is None else self._empty)
        self.show_counts()

    def show_counts(self) -> None:
        """Say how many rows each button would show."""
        counts = self._model.counts
        loaded = self._model.corpus is not None
        numbers = {"all": counts.total, "filtered": counts.filtered, "selected": counts.selected}
        for shown, title, tip in _SHOWN:
            button, number = self._buttons[shown], numbers[shown]
            button.setText(title if number is None or not loaded else f"{title} {number:,}")
            possible = loaded and (bool(number) or shown == "all" or shown == self._model.shown)
            button.setEnabled(possible)
            why = "There is no filter." if shown == "filtered" else "Nothing is selected."
            button.setToolTip(tip if possible or not loaded else why)
        self._select.setEnabled(bool(counts.filtered))
        self._select.setToolTip(
            f"Select the {counts.filtered:,} rows that the filter leaves, in table and map"
            if counts.filtered
            else "Filter the rows first"
        )
        self._more.setEnabled(loaded)
        self._filter.setEnabled(loaded)

    def show_shown(self, shown: Shown) -> None:
        """Show which rows are shown."""
        with quiet(self._group):
            self._buttons[shown].setChecked(True)
        self.show_counts()

    def show_filter(self, value: Filter | None) -> None:
        """Show the filter that holds."""
        self._filter.show_filter(value)
        self.show_counts()

    def show_sort(self, sort: Sort | None) -> None:
        """Show the order in the header."""
        if sort is None:
            self._table.show_sort(None)
        else:
            self._table.show_sort(sort.column, descending=sort.descending)

    def _build(self) -> None:
        self._filter = FilterBox()
        self._table = ItemTable(self._model)
        self._empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._table)
        self._stack.addWidget(self._empty)
        self._group = QButtonGroup(self)
        self._buttons: dict[Shown, QToolButton] = {}
        self._select = named(QPushButton("Select"), "Select the filtered rows")
        self._more = named(QToolButton(), "Columns", "Choose columns, copy rows")
        set_icon(self._more, "more")
        switches = QHBoxLayout()
        switches.setSpacing(2)
        for number, (shown, title, _tip) in enumerate(_SHOWN):
            button = named(QToolButton(), f"Show: {title}")
            button.setText(title)
            button.setCheckable(True)
            self._buttons[shown] = button
            self._group.addButton(button, number)
            switches.addWidget(button)
        switches.addStretch()
        switches.addWidget(self._select)
        switches.addWidget(self._more)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 0)
        layout.setSpacing(4)
        self._bar = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._bar.setSpacing(4)
        self._bar.addWidget(self._filter, 1)
        self._bar.addLayout(switches)
        self._bar.setAlignment(switches, Qt.AlignmentFlag.AlignTop)  # beside a problem of two lines
        layout.addLayout(self._bar)
        layout.addWidget(self._stack, 1)
        self.setFocusProxy(self._filter)

    def _connect(self) -> None:
        model, table, picking = self._model, self._table, self._model.picking
        self._filter.asked.connect(model.narrow)
        self._group.idClicked.connect(lambda number: model.show(_SHOWN[number][0]))
        self._select.clicked.connect(lambda: picking.filtered())
        self._more.clicked.connect(self._on_more_clicked)
        table.row_activated.connect(self.row_activated)
        table.sort_asked.connect(model.toggle_sort)
        table.header_asked.connect(self._on_header_asked)
        table.width_chosen.connect(model.columns.remember_width)
        table.copy_asked.connect(self._copy)
        model.columns.changed.connect(self._on_columns_changed)
        model.columns.hidden_changed.connect(table.show_hidden)
        model.rows_changed.connect(self._on_rows_changed)
        model.filter_changed.connect(self.show_filter)
        model.sort_changed.connect(self.show_sort)
        model.shown_changed.connect(self.show_shown)
        model.problem_changed.connect(self._filter.show_problem)
        model.busy_changed.connect(self._filter.show_busy)
        picking.selection_changed.connect(self._on_selection_changed)
        picking.focus_changed.connect(table.show_focus)
        picking.copied.connect(lambda text: QGuiApplication.clipboard().setText(text))

    def _on_columns_changed(self, _columns: object) -> None:
        self.show_columns()

    def _on_rows_changed(self, _rows: object) -> None:
        self.show_rows()

    def _on_selection_changed(self, _mask: object) -> None:
        self._table.show_selection()
        self.show_counts()

    def _copy(self) -> None:
        self._model.picking.copy(self._table.visible_columns())

    def _on_more_clicked(self) -> None:
        menu = self.build_columns_menu()
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def _on_header_asked(self, column: str, point: QPoint) -> None:
        self.build_header_menu(column).popup(point)

    def build_columns_menu(self) -> QMenu:
        """Which columns are shown, and copying."""
        menu = self._new_menu()
        menu.addAction("Copy rows", self._copy).setToolTip(
            "Selected rows, as a spreadsheet takes them"
        )
        menu.addSeparator()
        columns = self._model.columns
        for column in columns.all:
            action = menu.addAction(column.name)
            action.setCheckable(True)
            action.setChecked(column.name not in columns.hidden)
            action.toggled.connect(
                lambda shown, name=column.name: columns.hide(name, hidden=not shown)
            )
        return menu

    def build_header_menu(self, name: str) -> QMenu:
        """What can be done with one column."""
        menu, columns = self._new_menu(), self._model.columns
        column = next(column for column in columns.all if column.name == name)
        menu.addAction("Sort", lambda: self._model.toggle_sort(name))
        paint = menu.addAction("Colour the map by this column")
        paint.triggered.connect(lambda: self.colour_asked.emit(name))
        paint.setEnabled(name in self._colourable)
        if not paint.isEnabled():
            paint.setToolTip("Its values are neither numbers nor dates, nor do they repeat")
        menu.addSeparator()
        if column.made:
            menu.addAction("Rename…", lambda: ask_column_name(self, columns, name))
            remove = menu.addAction("Remove computed column", lambda: columns.remove(name))
            remove.setToolTip("Take it out of table, colours and project; can be undone")
        else:
            self._add_roles(menu, column)
        menu.addSeparator()
        menu.addAction(f"Hide {name}", lambda: columns.hide(name))
        every = menu.addAction("Show all columns", columns.show_all)
        every.setEnabled(bool(columns.hidden))
        return menu

    def _add_roles(self, menu: QMenu, column: TableColumn) -> None:
        """What a column of the file may be for the items."""
        name, columns = column.name, self._model.columns
        use_text = menu.addAction("Use as text", lambda: columns.use_as_text(name))
        use_text.setEnabled(column.role != "text")
        if column.role == "id":
            menu.addAction("Do not use as id", lambda: columns.use_as_id(None))
        else:
            menu.addAction("Use as id", lambda: columns.use_as_id(name))

    def _new_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        return menu

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for two lines, even while there is one: it folds as it is made narrow."""
        edges = self._layout.contentsMargins()
        widest = max(
            (item.minimumSize().width() for at in range(2) if (item := self._bar.itemAt(at))),
            default=0,
        )
        return QSize(widest + edges.left() + edges.right(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the height to the table where the panel is wide."""
        wide = event.size().width() >= ONE_LINE_PX
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._bar.setDirection(beside if wide else below)
        self._layout.invalidate()  # the smallest width is another one now
        super().resizeEvent(event)
