"""A field for one value of a scale that looks like a label until it is used."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.panels.values import read_value


class ValueField(QLineEdit):
    """Shows a value in words ("≥ 90"); typed over, it says the new one."""

    entered = Signal(object)  # float, or None where the field was emptied

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._tip = name, tip
        self._shown = self._plain = ""
        self._is_date = False
        self.can_be_empty = False
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setProperty("quiet", True)
        self.returnPressed.connect(self._take)
        self.textEdited.connect(lambda _text: self._show_problem(""))

    def show_value(self, shown: str, plain: str, *, is_date: bool) -> None:
        """Show a value; `plain` is what is typed over."""
        self._shown, self._plain, self._is_date = shown, plain, is_date
        self._show_problem("")
        self.setText(plain if self.hasFocus() else shown)
        self.setCursorPosition(0)

    def _take(self) -> None:
        """Say what was typed, if it can be understood."""
        text = self.text().strip()
        if text in (self._plain, self._shown):
            return
        if not text and self.can_be_empty:
            self.entered.emit(None)
            return
        value = read_value(text, is_date=self._is_date)
        if value is None:
            wanted = "a date as in 2020-05-17" if self._is_date else "a number"
            self._show_problem(f"This is not {wanted}.")
        else:
            self.entered.emit(value)

    def _show_problem(self, words: str) -> None:
        self.setProperty("problem", bool(words))
        self.setToolTip(words or self._tip)
        self.style().unpolish(self)
        self.style().polish(self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the bare value, ready to be typed over."""
        super().focusInEvent(event)
        self.setText(self._plain)
        self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed; what cannot be understood is forgotten."""
        self._take()
        super().focusOutEvent(event)
        self._show_problem("")
        self.setText(self._shown)
        self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives the value back that was there."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._plain:
            self.setText(self._plain)
            self._show_problem("")
            self.selectAll()
        else:
            super().keyPressEvent(event)
