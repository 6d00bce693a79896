"""Asked only where a guess is unsafe: which column is text or vectors, how a text is cut."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from backends.corpora.reading import Preview, ReadOptions
from widgets.bind import named
from widgets.parts import text

NONE = "(none)"
Split = Literal["line", "paragraph", "file"]
SPLITS: tuple[tuple[Split, str], ...] = (
    ("line", "each line is an item"),
    ("paragraph", "each paragraph is an item"),
    ("file", "each file is an item"),
)
CELL_CHARACTERS = 200


class ImportDialog(QDialog):
    """Shows the first rows with the guesses chosen; `options` are the person's answers."""

    def __init__(self, preview: Preview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Open {preview.title}")
        self.resize(820, 520)
        self._preview = preview
        self._build()
        self._update_open()

    @property
    def options(self) -> ReadOptions:
        """What was chosen."""
        split = self._split.currentData() if self._preview.question == "split" else None
        return ReadOptions(
            text=self._text.currentData(),
            vectors=self._vectors.currentData(),
            id=self._id.currentData(),
            split=split,
        )

    def _build(self) -> None:
        preview = self._preview
        names = [column.name for column in preview.columns]
        guess = preview.guess
        vectors = [c.name for c in preview.columns if c.type.startswith("vector")]
        self._text = self._combo("Text column", names, guess.text)
        self._vectors = self._combo("Vector column", vectors, guess.vectors)
        self._id = self._combo("Id column", names, guess.id)
        self._split = named(QComboBox(), "What an item is")
        for value, words in SPLITS:
            self._split.addItem(words, value)
        self._text.currentIndexChanged.connect(self._update_open)
        self._vectors.currentIndexChanged.connect(self._update_open)
        form = QFormLayout()
        if preview.question == "split":
            form.addRow("In this text,", self._split)
        else:
            form.addRow("Text to embed:", self._text)
            form.addRow("Finished vectors:", self._vectors)
            form.addRow("Names of the rows:", self._id)
        self._problem = text(muted=True, wrap=True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._open = buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addLayout(form)
        layout.addWidget(text(self._heading(), muted=True))
        layout.addWidget(self._table(), 1)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)

    def _heading(self) -> str:
        shown = len(self._preview.rows)
        total = f" of {self._preview.total:,}" if self._preview.total is not None else ""
        return f"The first {shown}{total} rows:" if shown else "There are no rows."

    def _combo(self, name: str, columns: list[str], chosen: str | None) -> QComboBox:
        combo = named(QComboBox(), name)
        combo.addItem(NONE, None)
        for column in columns:
            combo.addItem(column, column)
        combo.setCurrentIndex(max(0, combo.findData(chosen)) if chosen else 0)
        combo.setEnabled(bool(columns))
        if not columns:
            combo.setToolTip("There is no such column in this file.")
        return combo

    def _table(self) -> QTableWidget:
        preview = self._preview
        table = QTableWidget(len(preview.rows), len(preview.columns))
        table.setAccessibleName("First rows")
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setHorizontalHeaderLabels([f"{c.name}\n{c.type}" for c in preview.columns])
        for i, row in enumerate(preview.rows):
            for j, cell in enumerate(row):
                item = QTableWidgetItem(cell[:CELL_CHARACTERS])
                item.setToolTip(cell[: 4 * CELL_CHARACTERS])
                table.setItem(i, j, item)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        for j, column in enumerate(preview.columns):
            table.setColumnWidth(j, 320 if column.role == "text" else 130)
        return table

    def _update_open(self) -> None:
        needs = self._preview.question != "split"
        missing = needs and self._text.currentData() is None and self._vectors.currentData() is None
        self._problem.setText(
            "Without a text or vectors there will be a table, but no map." if missing else ""
        )
