"""Neighbours of an item, exact and under a codec, side by side, with what was lost and gained."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.compression_detail import CompressionDetail
from app.panels.compression_lists import FATES, Fate, Lists, Neighbour
from app.panels.compression_points import percent
from backends.wording import counted
from widgets.bind import PLAIN, named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.parts import ElidedLabel
from widgets.theme import current_theme, theme_signal

ROW = Qt.ItemDataRole.UserRole
HEIGHT = 20  # logical pixels of a line
SIGNS: dict[Fate, str] = {"kept": "", "lost": "✕", "gained": "+", "tied": "="}
SIGN, RANK, NAME, SIMILARITY = 1, 0, 2, 3
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class NeighbourTree(QTreeWidget):
    """One of the two lists."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        named(self, name, tip)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setIndentation(0)
        self.setColumnCount(4)
        self.setHeaderLabels(["", "", name, "cos"])
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setMinimumHeight(96)
        head = self.header()
        head.setStretchLastSection(False)
        for column in (RANK, SIGN, SIMILARITY):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        head.setMinimumSectionSize(18)
        self.itemClicked.connect(lambda item: self.row_activated.emit(item.data(0, ROW)))
        self.itemActivated.connect(lambda item: self.row_activated.emit(item.data(0, ROW)))

    def show_neighbours(self, neighbours: tuple[Neighbour, ...]) -> None:
        """Show other neighbours."""
        self.clear()
        theme = current_theme()
        inks: dict[Fate, str] = {"lost": theme.danger, "gained": theme.warning, "tied": theme.muted}
        for one in neighbours:
            cells = [str(one.rank), SIGNS[one.fate], one.name, f"{one.similarity:.3f}"]
            item = QTreeWidgetItem(self, cells)
            item.setData(0, ROW, one.row)
            item.setSizeHint(NAME, QSize(0, HEIGHT))
            item.setTextAlignment(RANK, RIGHT)
            item.setTextAlignment(SIMILARITY, RIGHT)
            tip = f"{one.name}\nRow {one.row}, {FATES[one.fate]}. Click to go there."
            said = f"{one.rank}. {one.name}, {FATES[one.fate]}, cosine {one.similarity:.3f}"
            for column in range(4):
                item.setToolTip(column, tip)
                item.setData(column, Qt.ItemDataRole.AccessibleTextRole, said)
            if one.fate in inks:
                item.setForeground(SIGN, QColor(inks[one.fate]))
                font = item.font(NAME)
                font.setBold(one.fate != "tied")
                item.setFont(SIGN, font)
                item.setFont(NAME, font)


class ListsTab(QWidget):
    """Lost and gained: which item is asked about, and its two lists."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, model: CompressionDetail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_losers()
        self.show_lists(model.lists)

    def show_losers(self) -> None:
        """List the queries that lose most, to choose from."""
        losers = self._model.losers
        with quiet(self._worst):
            self._worst.clear()
            self._worst.addItem("Queries that lose most…" if losers else "No query loses any", -1)
            for loser in losers:
                self._worst.addItem(f"{percent(loser.recall, 0)} · {loser.name}", loser.row)
            self._worst.setEnabled(bool(losers))
        self._show_which()
        self.show_busy()

    def show_lists(self, lists: Lists | None) -> None:
        """Show the neighbours of another item."""
        self._name.setText(lists.name if lists is not None else "No item is looked at")
        self._name.setToolTip(lists.name if lists is not None else "")
        self._exact.show_neighbours(lists.exact if lists is not None else ())
        self._found.show_neighbours(lists.found if lists is not None else ())
        if lists is None:
            self._sum.setText("Choose a query that loses, or an item on the map.")
        else:
            gained = sum(one.fate == "gained" for one in lists.found)
            self._sum.setText(
                f"{counted(lists.lost, 'neighbour')} lost (✕), {gained} gained (+): "
                f"this item keeps {percent(lists.recall, 0)}"
            )
        self._show_which()
        self.show_busy()

    def show_busy(self) -> None:
        """Offer to ask for the item in focus, unless it is shown or being asked for."""
        asked = self._model.asked_row
        self._ask.setEnabled(asked is not None and not self._model.is_busy)
        self._ask.setText("Asking…" if self._model.is_busy else "Item in focus")
        self._ask.setToolTip(
            "Encode the corpus with this codec again, and list the neighbours of the item in focus"
            if asked is not None
            else "Look at another item on the map or in the table first"
        )

    def _show_which(self) -> None:
        """Show which of the queries is looked at, if it is one of them."""
        lists = self._model.lists
        at = self._worst.findData(lists.row) if lists is not None else 0
        with quiet(self._worst):
            self._worst.setCurrentIndex(max(0, at))

    def _build(self) -> None:
        self._worst = named(
            ElidedCombo(), "Queries that lose most", "Held-out rows, the worst first"
        )
        self._ask = named(QPushButton("Item in focus"), "Neighbours of the item in focus")
        self._name = ElidedLabel(heading=True)
        self._sum = QLabel(textFormat=PLAIN, wordWrap=True)
        self._sum.setProperty("muted", True)
        self._exact = NeighbourTree("Exact", "The true neighbours, nearest first")
        self._found = NeighbourTree("Compressed", "What is found under the codec, in its own order")
        above = QHBoxLayout()
        above.addWidget(self._worst, 1)
        above.addWidget(self._ask)
        across = QHBoxLayout()
        across.setSpacing(6)
        across.addWidget(self._exact, 1)
        across.addWidget(self._found, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(above)
        layout.addWidget(self._name)
        layout.addWidget(self._sum)
        layout.addLayout(across, 1)

    def _connect(self) -> None:
        model = self._model
        self._worst.activated.connect(self._on_worst_activated)
        self._ask.clicked.connect(self._on_ask_clicked)
        for tree in (self._exact, self._found):
            tree.row_activated.connect(self.row_activated)
        model.lists_changed.connect(self.show_lists)
        model.busy_changed.connect(self.show_busy)
        model.model.cell_changed.connect(lambda _cell: self.show_losers())
        theme_signal().changed.connect(self._on_theme_changed)

    def _on_worst_activated(self, at: int) -> None:
        row = self._worst.itemData(at)
        if row >= 0:
            self._model.show_row(row)
            self.row_activated.emit(row)

    def _on_ask_clicked(self) -> None:
        row = self._model.asked_row
        if row is not None:
            self._model.show_row(row)

    def _on_theme_changed(self, _theme: object) -> None:
        self.show_lists(self._model.lists)
