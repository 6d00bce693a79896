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
from widgets.elided_combo import ElidedCombo
from widgets.parts import LABELS, text

NONE = "(none)"
Split = Literal["line", "paragraph", "file"]
SPLITS: tuple[tuple[Split, str], ...] = (
    ("line", "is one line"),
    ("paragraph", "is one paragraph"),
    ("file", "is one file"),
)
CELL_CHARACTERS = 200
NARROWEST, WIDEST, ROOM = 90, 320, 24  # pixels of a column of the preview
TIPS = {
    "Text column": "What is turned into vectors, searched and read",
    "Vector column": "Vectors that are in the file already; then nothing needs embedding",
    "Id column": "What tells the rows apart, once each; it is kept when the file is read again",
}


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
        self._split: QComboBox = named(ElidedCombo(letters=24), "What an item is")
        for value, words in SPLITS:
            self._split.addItem(words, value)
        self._text.currentIndexChanged.connect(self._update_open)
        self._vectors.currentIndexChanged.connect(self._update_open)
        form = QFormLayout()
        if preview.question == "split":
            form.addRow("An item", self._split)
        else:
            form.addRow("Text to embed", self._text)
            form.addRow("Finished vectors", self._vectors)
            form.addRow("Names of the rows", self._id)
        form.setLabelAlignment(LABELS)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        self._problem = text(muted=True, wrap=True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._open = buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(text(self._question(), heading=True, wrap=True))
        layout.addLayout(form)
        layout.addWidget(text(self._heading(), muted=True))
        layout.addWidget(self._table(), 1)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)

    def _question(self) -> str:
        if self._preview.question == "split":
            return f"What is an item in {self._preview.title}?"
        return f"What is in {self._preview.title}?"

    def _heading(self) -> str:
        shown = len(self._preview.rows)
        total = f" of {self._preview.total:,}" if self._preview.total is not None else ""
        if shown == self._preview.total:
            return "The only row" if shown == 1 else f"All {shown} rows"
        if not shown:
            return "There are no rows."
        return f"The first {shown}{total} rows" if shown > 1 or total else "The first row"

    def _combo(self, name: str, columns: list[str], chosen: str | None) -> QComboBox:
        combo = named(ElidedCombo(letters=24), name, tip=TIPS[name])
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
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        table.setHorizontalScrollMode(QTableWidget.ScrollMode.ScrollPerPixel)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        for j, column in enumerate(preview.columns):
            header.model().setHeaderData(
                j, Qt.Orientation.Horizontal, column.name, Qt.ItemDataRole.ToolTipRole
            )
            table.resizeColumnToContents(j)
            widest = max(table.columnWidth(j), table.sizeHintForColumn(j)) + ROOM
            table.setColumnWidth(j, max(NARROWEST, min(WIDEST, widest)))
        return table

    def _update_open(self) -> None:
        needs = self._preview.question != "split"
        missing = needs and self._text.currentData() is None and self._vectors.currentData() is None
        self._problem.setText(
            "Without a text or vectors there will be a table, but no map." if missing else ""
        )
