"""What was measured: two charts and a table that know of each other, and the budget line.

Imports pyqtgraph by way of the charts: load it when the panel is first looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QSplitter, QVBoxLayout, QWidget

from app.panels.compression_advice import AdviceModel
from app.panels.compression_costs import cheapest
from app.panels.compression_detail import CompressionDetail
from app.panels.compression_points import cell_of
from app.panels.compression_rows import columns, entries
from backends.compression.results import Cell
from backends.errors import UnwritableFile
from backends.files import replacing
from widgets.chart_pictures import fill_picture_menu
from widgets.compression_advice import AdviceView
from widgets.compression_budget import BudgetBar
from widgets.compression_charts import CompressionCharts
from widgets.compression_table import CellsTable

View = Literal["charts", "table", "advice"]
BOTH_FROM = 430  # logical pixels of height from which on charts and table stand together


class CompressionResults(QWidget):
    """Charts, table and budget line of a CompressionModel."""

    cursor_changed = Signal()

    def __init__(self, detail: CompressionDetail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        model = self._model = detail.model
        self._advice = AdviceModel(detail)
        self._view: View = "charts"
        self._has_both = False  # there is room for charts and table together
        self.at_cursor: Cell | None = None
        self.charts = CompressionCharts(model)
        self.table = CellsTable()
        self.budget = BudgetBar(model)
        self.advice = AdviceView(self._advice, detail)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(self.charts)
        self._split.addWidget(self.table)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addWidget(self.budget)
        layout.addWidget(self._split, 1)
        layout.addWidget(self.advice, 1)
        self._connect()
        self.show_sweep()
        self._arrange()

    def show_view(self, view: View) -> None:
        """Show the charts (and the table below, where there is room), the table, or the advice."""
        self._view = view
        self._advice.want(view == "advice")
        self._arrange()

    def show_sweep(self) -> None:
        """Show what is measured now; the charts follow the model by themselves."""
        sweep, costs = self._model.sweep, self._model.costs
        self.table.show_entries(entries(sweep, costs), columns(sweep, costs=costs.shown))
        self._mark(None)
        self.show_chosen()

    def show_chosen(self) -> None:
        """Show which codec is looked at."""
        cell = self._model.cell
        self.table.show_chosen(cell.fingerprint if cell is not None else None)

    def show_hovered(self, key: str | None) -> None:
        """Mark a cell wherever it is shown, and say what it is."""
        self.charts.show_hovered(key)
        self._mark(key)
        self.at_cursor = cell_of(self._model.sweep, key)
        self.cursor_changed.emit()

    def fill_menu(self, menu: QMenu) -> None:
        """Add what can be taken away: the table, and pictures of both charts."""
        for words, run in (
            ("Copy the table", lambda: self.table.copy(everything=True)),
            ("Save the table as CSV…", self._ask_csv),
        ):
            action = QAction(words, menu)
            action.triggered.connect(lambda _on=False, run=run: run())
            menu.addAction(action)
        inside = [menu.addMenu(chart.accessibleName()) for chart in self.charts.charts]
        for part, chart in zip(inside, self.charts.charts, strict=True):
            fill_picture_menu(part, chart, self.charts.legend, self._model)

        # A chart that is not shown has no size, and so no picture.
        def look() -> None:
            for part in inside:
                part.setEnabled(self.charts.isVisible())

        menu.aboutToShow.connect(look)

    def save_csv(self, path: Path) -> None:
        """Write the whole table in the order shown; a failure is said."""
        try:
            with replacing(path) as draft:
                draft.write_text(self.table.text("excel", everything=True), encoding="utf-8")
        except UnwritableFile as error:
            self._model.notices.failure(error, "")
            return
        self._model.notices.info(f"The table is in {path}.")

    def _connect(self) -> None:
        model = self._model
        for part in (self.charts, self.table):
            part.hovered.connect(self.show_hovered)
            part.chosen.connect(model.choose)
        model.sweep_changed.connect(lambda _sweep: self.show_sweep())
        model.shown_changed.connect(lambda _quantity: self.show_sweep())
        model.cell_changed.connect(lambda _cell: self.show_chosen())

    def _mark(self, hovered: str | None) -> None:
        sweep, costs = self._model.sweep, self._model.costs
        best = cheapest(sweep, costs) if costs.shown and sweep is not None else None
        self.table.show_marks(hovered, best.fingerprint if best is not None else None)

    def _ask_csv(self) -> None:
        path, _kind = QFileDialog.getSaveFileName(
            self, "Save the table", "compression.csv", "CSV (*.csv)"
        )
        if path:
            self.save_csv(Path(path).with_suffix(".csv"))

    def _arrange(self) -> None:
        self.charts.setVisible(self._view == "charts")
        self.table.setVisible(self._view == "table" or (self._view == "charts" and self._has_both))
        self._split.setVisible(self._view != "advice")
        self.advice.setVisible(self._view == "advice")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show charts and table together where there is room."""
        super().resizeEvent(event)
        both = event.size().height() >= BOTH_FROM
        if both != self._has_both:
            self._has_both = both
            self._arrange()
