"""The button beside a chart or a table of directions: copy it, save it, keep its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from app.notices import Notices
from app.panels.direction_tables import Table, csv_text, tab_text
from backends.errors import UnwritableFile
from backends.files import replacing
from widgets.bind import named
from widgets.chart_pictures import Speaker, fill_picture_menu
from widgets.direction_drawing import Painted


class TakeButton(QPushButton):
    """Opens a menu; what is not there yet cannot be taken."""

    def __init__(
        self,
        name: str,
        table: Callable[[], Table | None],
        model: Speaker,
        charts: Sequence[Painted] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Export", parent)
        self._name, self._table, self._model, self._charts = name, table, model, charts
        named(self, f"Export: {name}", "Copy the table, save it as CSV, or keep the picture")
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self.fill)
        self.setMenu(self._menu)

    def fill(self) -> QMenu:
        """List what can be done now."""
        self._menu.clear()
        there = self._table() is not None
        for words, run in (("Copy table", self.copy), ("Save as CSV…", self.ask_save)):
            action = QAction(words, self._menu)
            action.setEnabled(there)
            action.triggered.connect(lambda _on=False, run=run: run())
            self._menu.addAction(action)
        shown = [chart for chart in self._charts if not chart.is_empty]
        for chart in shown:
            menu = self._menu
            if len(shown) > 1:
                menu = self._menu.addMenu(chart.accessibleName())
            else:
                self._menu.addSeparator()
            fill_picture_menu(menu, chart, None, self._model)
        return self._menu

    def copy(self) -> None:
        """Put the table onto the clipboard."""
        table = self._table()
        if table is not None:
            QGuiApplication.clipboard().setText(tab_text(table))

    def ask_save(self) -> None:
        """Ask where to, and save the table."""
        name = f"{self._name.lower()}.csv"
        path, _kind = QFileDialog.getSaveFileName(self, "Save as CSV", name, "CSV (*.csv)")
        table = self._table()
        if path and table is not None:
            save_table(Path(path).with_suffix(".csv"), table, self._model.notices)


def save_table(path: Path, table: Table, notices: Notices) -> None:
    """Write a table; a failure is said."""
    try:
        with replacing(path) as draft:
            draft.write_text(csv_text(table), encoding="utf-8")
    except UnwritableFile as error:
        notices.failure(error, "")
    else:
        notices.info(f"The table is in {path}.")
