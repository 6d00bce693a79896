"""What stands where there is nothing to show: why, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.notices import Problem


class EmptyState(QWidget):
    """Two centred sentences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._text.setProperty("heading", True)
        self._hint = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._hint.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(self._text)
        layout.addWidget(self._hint)
        layout.addStretch(3)

    def show_problem(self, problem: Problem) -> None:
        """Say why there is nothing, and what to do."""
        self._text.setText(problem.text)
        self._hint.setText(problem.hint)
        self.setAccessibleName(f"{problem.text} {problem.hint}")
