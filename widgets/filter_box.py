"""The line above the table: words that rows contain, or a SQL condition over the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.document import Filter
from app.panels.items import FilterMode
from widgets.bind import PLAIN, named, quiet

PAUSE_MS = 200  # after the last letter
SQL_PAUSE_MS = 500  # half a condition is wrong: wait a little longer before saying so
_LAST_WORD = re.compile(r'("[^"]*|\w*)$')
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")
_MODE_TIPS = {
    "contains": "Rows whose text contains these words. Press for a SQL condition instead.",
    "sql": "Rows for which this SQL condition holds. Press to look for words instead.",
}


def sql_name(column: str) -> str:
    """A column as SQL writes it."""
    quoted = column.replace('"', '""')
    return column if _PLAIN_NAME.fullmatch(column) else f'"{quoted}"'


class NameCompleter(QCompleter):
    """Completes the last word of a condition to the name of a column."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(QStringListModel(self))
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def splitPath(self, path: str) -> list[str]:
        """Return the word to be completed; nothing is offered before its first letter."""
        found = _LAST_WORD.search(path)
        return [found.group(0) if found and found.group(0) else "\0"]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """Return the whole condition with the name in place of the last word."""
        box = self.widget()
        before = box.text() if isinstance(box, QLineEdit) else ""
        return _LAST_WORD.sub("", before, count=1) + str(index.data())


class FilterBox(QWidget):
    """A line with a switch between words and SQL, and a sentence where the condition is wrong."""

    asked = Signal(object, object)  # FilterMode, text

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._build()
        self._connect()
        self.show_mode("contains")

    @property
    def mode(self) -> FilterMode:
        """How the text is meant."""
        return "sql" if self._sql.isChecked() else "contains"

    def show_columns(self, names: Sequence[str]) -> None:
        """Offer these names while a condition is typed."""
        self._names = [sql_name(name) for name in names]
        completions = self._completer.model()
        if isinstance(completions, QStringListModel):
            completions.setStringList(self._names)
        self.show_mode(self.mode)

    def show_mode(self, mode: FilterMode) -> None:
        """Show how the text is meant."""
        is_sql = mode == "sql"
        with quiet(self._sql):
            self._sql.setChecked(is_sql)
        self._sql.setToolTip(_MODE_TIPS[mode])
        example = f", as {self._names[0]} IS NOT NULL" if self._names else ""
        self._line.setPlaceholderText(
            f"SQL condition{example}" if is_sql else "Show rows that contain…"
        )
        self._line.setCompleter(self._completer if is_sql else None)  # type: ignore[arg-type]  # None takes it away
        self._pause.setInterval(SQL_PAUSE_MS if is_sql else PAUSE_MS)

    def show_filter(self, value: Filter | None) -> None:
        """Show the filter that holds, unless the person is typing the next one."""
        text = value.text if value is not None else ""
        if self._pause.isActive() or self._line.text().strip() == text:
            return
        if value is not None:
            self.show_mode("sql" if value.mode == "sql" else "contains")
        with quiet(self._line):
            self._line.setText(text)

    def show_problem(self, problem: str | None) -> None:
        """Say below the line what is wrong with it."""
        self._problem.setText(problem or "")
        self._problem.setVisible(bool(problem))
        self._line.setProperty("problem", bool(problem))
        self._line.style().unpolish(self._line)
        self._line.style().polish(self._line)

    def show_busy(self, busy: bool) -> None:
        """Say that rows are being looked at."""
        self._busy.setVisible(busy)

    def _build(self) -> None:
        tip = "Narrow the table; the map and the selection stay as they are"
        self._line = named(QLineEdit(clearButtonEnabled=True), "Filter rows", tip)
        self._sql = named(QPushButton("SQL"), "Filter by a SQL condition")
        self._sql.setCheckable(True)
        self._busy = named(QLabel("…"), "Filtering", "Looking at the rows")
        self._busy.hide()
        self._problem = named(QLabel(wordWrap=True, textFormat=PLAIN), "Filter problem")
        self._problem.hide()
        self._problem.setProperty("danger", True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._completer = NameCompleter(self)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self._line, 1)
        line.addWidget(self._busy)
        line.addWidget(self._sql)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self._problem)
        self.setFocusProxy(self._line)

    def _connect(self) -> None:
        self._line.textChanged.connect(self._on_text_changed)
        self._line.returnPressed.connect(self._ask)
        self._sql.toggled.connect(self._on_mode_toggled)
        self._pause.timeout.connect(self._ask)

    def _ask(self) -> None:
        self._pause.stop()
        self.asked.emit(self.mode, self._line.text())

    def _on_text_changed(self, text: str) -> None:
        if text.strip():
            self._pause.start()
        else:
            self._ask()

    def _on_mode_toggled(self, is_sql: bool) -> None:
        self.show_mode("sql" if is_sql else "contains")
        if self._line.text().strip():
            self._ask()
        self._line.setFocus()
