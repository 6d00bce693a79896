"""The button “More” of a word set: columns of numbers, two lists of pairs, removing the set."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QPushButton, QWidget

from app.panels.word_edits import with_column, with_column_called, without_column
from app.panels.word_sets import WordSetsModel
from backends.directions.wordsets import WordSet
from widgets.bind import named

WIDTH_PX = 320


class WordSetMenu(QPushButton):
    """Changes the set that a `WordSetsModel` looks at."""

    def __init__(self, model: WordSetsModel, parent: QWidget | None = None) -> None:
        super().__init__("More", parent)
        self._model = model
        named(self, "More about the set", "Columns of numbers, split it, or remove it")
        menu = QMenu(self)
        self.add_column = menu.addAction("Add a column of numbers…")
        self.rename_column = menu.addMenu("Rename a column")
        self.remove_column = menu.addMenu("Remove a column")
        menu.addSeparator()
        self.split = menu.addAction("Two lists of its pairs")
        self.remove = menu.addAction("Remove this set")
        self.setMenu(menu)
        self.add_column.triggered.connect(self.ask_column)
        self.split.triggered.connect(model.split)
        self.remove.triggered.connect(model.remove)

    def show_set(self, one: WordSet | None) -> None:
        """Offer what can be done with a set."""
        own = one is not None and one.own
        columns = tuple(one.scores) if one is not None and own else ()
        self.split.setEnabled(one is not None and bool(one.pairs))
        self.remove.setEnabled(own)
        self.add_column.setEnabled(own and one is not None and one.kind != "pairs")
        for menu, act in (
            (self.rename_column, self.ask_name),
            (self.remove_column, self._remove),
        ):
            menu.clear()
            for name in columns:
                shown = name.replace("&", "&&")
                menu.addAction(shown).triggered.connect(lambda _on=False, a=act, n=name: a(n))
            menu.menuAction().setEnabled(bool(columns))

    def rename_at(self, section: int) -> None:
        """Ask for another name of a column, by its place in the table; terms have none."""
        one = self._model.chosen
        if one is not None and one.own and 0 < section <= len(one.scores):
            self.ask_name(tuple(one.scores)[section - 1])

    def ask_column(self) -> QInputDialog | None:
        """Open a line for the name of a new column."""
        one = self._model.chosen
        if one is None:
            return None
        return self._ask("Add a column", "", lambda name: self._edit(with_column, name))

    def ask_name(self, column: str) -> QInputDialog:
        """Open a line with the name of a column as it is; what is accepted becomes the new one."""
        return self._ask(
            "Rename column", column, lambda name: self._edit(with_column_called, column, name)
        )

    def _remove(self, column: str) -> None:
        self._edit(without_column, column)

    def _edit(self, change: Callable[..., object], *args: str) -> None:
        if (one := self._model.chosen) is not None:
            self._model.edit(change(one, *args))  # type: ignore[arg-type]  # of word_edits

    def _ask(self, title: str, now: str, done: Callable[[str], None]) -> QInputDialog:
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        dialog.setLabelText("Name of the column of numbers")
        dialog.setTextValue(now)
        line = dialog.findChild(QLineEdit)
        if isinstance(line, QLineEdit):
            named(line, "Name of the column of numbers")
            line.setMinimumWidth(WIDTH_PX)  # of the dialog it would be ignored
            line.selectAll()
        dialog.textValueSelected.connect(done)
        dialog.open()
        return dialog
