"""The ladder of sizes as a table: layer and dimensions are typed, the rest is measured."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.notices import Problem
from app.panels.ladder import Rung
from app.panels.layers import LayersModel, words_of
from backends.compression.layers import Pair
from widgets.bind import named, quiet

LAYER, DIMS, RECALL, BYTES, TIME = range(5)
ROW, COLUMN = 22, 56  # logical pixels
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
PAIR = Qt.ItemDataRole.UserRole
WAITING, UNKNOWN = "…", "—"


class RungList(QTableWidget):
    """A table whose keys are heard: Delete takes a row off, Return takes its size."""

    removed = Signal()
    taken = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hear Delete and Return while nothing is typed into a cell."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        else:
            super().keyPressEvent(event)


class LadderTable(QWidget):
    """Shows and edits a `Ladder`."""

    rung_chosen = Signal(object)  # Pair
    rung_taken = Signal(object)  # Pair
    refused = Signal(object)  # Problem, or None after a change that was taken

    def __init__(self, model: LayersModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._offered: Pair | None = None
        self._build()
        self._connect()
        self.show_rungs()
        self.show_offer(None)

    def show_rungs(self) -> None:
        """Show the sizes; the chosen row stays chosen."""
        grid, rungs = self._model.grid, self._model.ladder.rungs
        chosen = self.chosen
        with quiet(self.table):
            self.table.setHorizontalHeaderLabels(["Layer", "Dims", "Recall", "Bytes", "Time"])
            self.table.setColumnHidden(LAYER, grid is not None and grid.layers is None)
            self.table.setColumnHidden(TIME, grid is not None and grid.layers is None)
            self.table.setRowCount(len(rungs))
            for row, rung in enumerate(rungs):
                self._show_rung(row, rung)
                if rung.pair == chosen:
                    self.table.setCurrentCell(row, max(self.table.currentColumn(), 0))
        self.diagonal.setEnabled(self._model.ladder.chosen is not None)
        self._show_buttons()

    def show_offer(self, pair: Pair | None) -> None:
        """Say which cell of the grid can be added."""
        self._offered = pair
        self._show_buttons()

    @property
    def chosen(self) -> Pair | None:
        """The size of the chosen row."""
        item = self.table.item(self.table.currentRow(), DIMS)
        return item.data(PAIR) if item is not None else None

    def _show_rung(self, row: int, rung: Rung) -> None:
        grid, cell = self._model.grid, rung.cell
        if cell is None or grid is None:
            waits = self._model.ladder.is_measuring
            numbers = [WAITING if waits else UNKNOWN] * 3
            tip = "It is being measured." if waits else "It was not measured. Measure again."
        else:
            numbers = [
                f"{cell.recall.mean:.1%}",
                f"{cell.bytes_per_vector:,}",
                f"{cell.relative_time:.0%}",
            ]
            tip = words_of(grid, cell)
        for column, words in enumerate((*map(str, rung.pair), *numbers)):
            item = QTableWidgetItem(words)
            item.setTextAlignment(RIGHT)
            item.setData(PAIR, rung.pair)
            item.setToolTip(tip if column > DIMS else f"{tip}\nDouble-click or F2 to change it")
            if column > DIMS:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self.table.setItem(row, column, item)

    def _show_buttons(self) -> None:
        offered, ladder = self._offered, self._model.ladder
        new = offered is not None and offered not in ladder.pairs
        self.add.setEnabled(new)
        self.add.setToolTip(
            "Put the chosen cell on the ladder" if new else "Choose a cell that is not listed yet"
        )
        self.remove.setEnabled(self.chosen is not None)

    def _build(self) -> None:
        self.table = named(
            RungList(0, 5),
            "Ladder of sizes",
            "Type other layers and dimensions to measure them",
        )
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(ROW)
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(RECALL, QHeaderView.ResizeMode.ResizeToContents)
        header.setDefaultAlignment(RIGHT)
        header.setMinimumSectionSize(40)
        self.table.setTabKeyNavigation(False)
        self.table.setMinimumWidth(5 * COLUMN)
        self.add = named(QPushButton("Add cell"), "Add the chosen cell to the ladder")
        self.remove = named(
            QPushButton("Remove"), "Remove from the ladder", "Take the chosen row off the ladder"
        )
        self.diagonal = named(
            QPushButton("Diagonal"),
            "Back to the diagonal",
            "List the diagonal of the grid again: fewer layers with fewer dimensions",
        )
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in (self.add, self.remove, self.diagonal):
            row.addWidget(button)
        row.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 4, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.table, 1)
        box.addLayout(row)

    def _connect(self) -> None:
        self._model.ladder.changed.connect(self.show_rungs)
        self.table.itemChanged.connect(self._on_item_changed)
        self.table.currentCellChanged.connect(self._on_current_changed)
        self.add.clicked.connect(self._on_add_clicked)
        self.remove.clicked.connect(self._on_remove_clicked)
        self.diagonal.clicked.connect(self._model.ladder.reset)
        self.table.removed.connect(self._on_remove_clicked)
        self.table.taken.connect(self._on_rung_taken)

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        old: Pair = item.data(PAIR)
        words, column = item.text().strip().replace(",", ""), item.column()
        # The list is filled anew once the editor has let go of the item.
        QTimer.singleShot(0, self, lambda: self._change(old, column, words))

    def _change(self, old: Pair, column: int, words: str) -> None:
        problem: Problem | None
        if words.isascii() and words.isdigit():
            new = (int(words), old[1]) if column == LAYER else (old[0], int(words))
            problem = self._model.ladder.change(old, new)
        else:
            problem = Problem(f"“{words}” is no whole number.", "Type a layer or dimensions.")
        if problem is not None:
            self.show_rungs()
        self.refused.emit(problem)

    def _on_current_changed(self, *_places: int) -> None:
        self._show_buttons()
        if self.chosen is not None:
            self.rung_chosen.emit(self.chosen)

    def _on_add_clicked(self) -> None:
        if self._offered is not None:
            self.refused.emit(self._model.ladder.add(*self._offered))

    def _on_rung_taken(self) -> None:
        if self.chosen is not None:
            self.rung_taken.emit(self.chosen)

    def _on_remove_clicked(self) -> None:
        if self.chosen is not None:
            self._model.ladder.remove(self.chosen)
