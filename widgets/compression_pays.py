"""Who pays for a codec: categories, the rows that lose most, and a colour for every item."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.compression_detail import (
    NO_COLUMN,
    NOT_ROWS,
    NOTHING_LOST,
    CompressionDetail,
    shares_found,
)
from app.panels.compression_groups import Payers
from app.panels.compression_points import percent
from app.panels.compression_rows import DASH
from backends.compression.pays import FEW
from backends.compression.results import Cell, Truth
from backends.wording import counted
from widgets.bind import PLAIN, named, quiet
from widgets.chart_small import SmallChart
from widgets.elided_combo import ElidedCombo
from widgets.theme import current_theme, theme_signal

ROW = Qt.ItemDataRole.UserRole
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
HEIGHT = 20  # logical pixels of a line
LEAST = 120  # of a list
MOST_LISTED = 1000  # categories
COLOUR = "Colour the map"
ASKED = {"queries": ("query", "queries"), "items": ("item", "items")}


class PaysTab(QWidget):
    """Shows a CompressionDetail: recall by category, losers, and a histogram of the queries."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, model: CompressionDetail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_columns()
        self.show_cell(model.cell)
        self.show_payers(model.payers)

    def show_columns(self) -> None:
        """List the columns of categories, and the regions of the map."""
        groups = self._model.groups
        there, shown = groups.all, groups.shown
        with quiet(self._columns):
            self._columns.clear()
            for grouping in there:
                self._columns.addItem(grouping.title, grouping)
            self._columns.setCurrentIndex(there.index(shown) if shown is not None else -1)
        self._columns.setEnabled(bool(there))
        if not there:
            self._note.setText(f"{NO_COLUMN.text} {NO_COLUMN.hint}")

    def show_cell(self, cell: Cell | None) -> None:
        """Show the rows that lose most under another codec."""
        self._losers.clear()
        losers = self._model.losers
        for loser in losers:
            item = QTreeWidgetItem(self._losers, [percent(loser.recall, 0), loser.name])
            item.setTextAlignment(0, RIGHT)
            item.setData(0, ROW, loser.row)
            item.setSizeHint(1, QSize(0, HEIGHT))
            item.setToolTip(1, f"{loser.name}\nRow {loser.row}. Click to go there.")
        truth = self._model.truth
        from_file = truth is not None and truth.queries.rows is None
        problem = NOT_ROWS if from_file else NOTHING_LOST
        self._nobody.setText(f"{problem.text} {problem.hint}".strip())
        self._nobody.setVisible(not losers and cell is not None)
        self._losers.setVisible(bool(losers))
        self._colour.setEnabled(cell is not None)
        if cell is None:
            return
        k = cell.found.shape[1]
        counts = shares_found(cell.kept, k)
        edges = (np.arange(k + 2) - 0.5) / max(k, 1)
        all_of_them = int(counts[-1])
        self._histogram.show_bars(
            counts,
            edges,
            titles=(f"recall@{k} of a query", "queries"),
            words=f"{all_of_them:,} of {counted(len(cell.kept), 'query', 'queries')} keep all of "
            f"their neighbours; {int(counts[: k // 2 + 1].sum()):,} keep half of them or fewer.",
        )

    def show_payers(self, payers: Payers | None) -> None:
        """Show recall by group, the worst first, uncertain ones below."""
        self._categories.clear()
        self._note.setText("")
        if payers is None:
            if not self._model.groups.all:
                self._note.setText(f"{NO_COLUMN.text} {NO_COLUMN.hint}")
            return
        what = "Cluster" if payers.grouping.is_regions else "Category"
        self._categories.setHeaderLabels([what, "recall", "95%", payers.asked])
        theme = current_theme()
        for row in payers.categories[:MOST_LISTED]:
            interval = f"{100 * row.recall.low:.0f}–{percent(row.recall.high, 0)}"  # noqa: RUF001
            few = row.uncertain
            cells = [
                row.name,
                percent(row.recall.mean),
                DASH if few else interval,
                f"{row.queries:,}",
            ]
            item = QTreeWidgetItem(self._categories, cells)
            item.setSizeHint(0, QSize(0, HEIGHT))
            item.setToolTip(0, f"{row.name}\nClick to select its items on the map.")
            for column in range(4):
                if column:
                    item.setTextAlignment(column, RIGHT)
                if few:
                    item.setForeground(column, QColor(theme.muted))
            if few:
                asked = counted(row.queries, *ASKED[payers.asked])
                item.setToolTip(0, f"{item.toolTip(0)}\nOnly {asked}: uncertain.")
        self._note.setText(_note(payers, self._model.truth))

    def _build(self) -> None:
        self._columns = named(
            ElidedCombo(),
            "Categories from",
            "Whose recall is compared: categories of a column, or the regions of the map",
        )
        self._colour = named(
            QPushButton(COLOUR),
            COLOUR,
            "Ask every item for its neighbours under this codec, put the recall into a column and "
            "colour the map by it",
        )
        self._categories = _tree("Recall by category", ["Category", "recall", "95%", "queries"])
        self._losers = _tree("Rows that lose most", ["recall", "Rows that lose most"])
        self._losers.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self._losers.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self._note = QLabel(textFormat=PLAIN, wordWrap=True)
        self._note.setProperty("muted", True)
        self._nobody = QLabel(textFormat=PLAIN, wordWrap=True)
        self._nobody.setProperty("muted", True)
        self._histogram = SmallChart("Queries by their recall", percent_x=True)
        above = QHBoxLayout()
        above.addWidget(self._columns, 1)
        above.addWidget(self._colour)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(5)
        layout.addLayout(above)
        layout.addWidget(self._note)
        layout.addWidget(self._categories, 3)
        layout.addWidget(self._nobody)
        layout.addWidget(self._losers, 2)
        layout.addWidget(self._histogram)

    def _connect(self) -> None:
        model = self._model
        self._columns.activated.connect(lambda at: model.set_grouping(self._columns.itemData(at)))
        for signal in (self._categories.itemClicked, self._categories.itemActivated):
            signal.connect(lambda item: model.select_group(item.text(0)))
        self._colour.clicked.connect(model.colour_map)
        self._losers.itemClicked.connect(lambda item: self._go(item))
        self._losers.itemActivated.connect(lambda item: self._go(item))
        model.payers_changed.connect(self.show_payers)
        model.columns_changed.connect(self.show_columns)
        model.model.cell_changed.connect(self.show_cell)
        theme_signal().changed.connect(self._on_theme_changed)

    def _go(self, item: QTreeWidgetItem) -> None:
        row = item.data(0, ROW)
        self._model.show_row(row)
        self.row_activated.emit(row)

    def _on_theme_changed(self, _theme: object) -> None:
        self.show_payers(self._model.payers)


def _note(payers: Payers, truth: Truth | None) -> str:
    """What the table of groups shows, and what to make of it."""
    k = truth.k if truth is not None else 10
    said = [f"recall@{k} of the {payers.asked} in each, worst first."]
    if any(row.uncertain for row in payers.categories):
        said.append(f"Below, in grey: fewer than {FEW}, too few to be sure.")
        if payers.asked == "queries":
            said.append(f"“{COLOUR}” asks every item.")
    if len(payers.categories) > MOST_LISTED:
        said.append(f"{len(payers.categories) - MOST_LISTED:,} more are not listed.")
    return " ".join(said)


def _tree(name: str, heads: list[str]) -> QTreeWidget:
    tree = named(QTreeWidget(), name)
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setIndentation(0)
    tree.setHeaderLabels(heads)
    tree.setMinimumHeight(LEAST)
    # In little room the lists shrink before the tab scrolls.
    tree.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    tree.setTextElideMode(Qt.TextElideMode.ElideRight)
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    head = tree.header()
    head.setStretchLastSection(False)
    head.setMinimumSectionSize(30)
    head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return tree
