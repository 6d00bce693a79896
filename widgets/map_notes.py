"""What is written over a map in its corners and in its middle: trust, help, what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from widgets.theme import current_theme

EDGE = 8  # from the border of the map
LEAST = 80  # logical pixels of a text's width


class MapNotes:
    """Three labels on a canvas, put in their places."""

    def __init__(self, canvas: QWidget) -> None:
        self._canvas = canvas
        self.badge = _label(canvas, "badge")
        self.help = _label(canvas, "help")
        self.message = _label(canvas, "message")

    def say(self, text: str, about: str = "") -> None:
        """Write in the middle; `about` says what, for whoever takes it away again."""
        self.message.setProperty("about", about)
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self.place()

    def place(self) -> None:
        """Put what lies over the map into its corners."""
        width, height = self._canvas.width(), self._canvas.height()
        for label in (self.badge, self.help):
            label.setWordWrap(False)
            label.adjustSize()
        most = max(LEAST, width - 2 * EDGE)
        if self.badge.width() > most:
            self.badge.setWordWrap(True)
            self.badge.resize(most, self.badge.heightForWidth(most))
        self.badge.move(EDGE, height - self.badge.height() - EDGE)
        self.help.setVisible(bool(self.help.text()) and self.help.width() <= width - 2 * EDGE)
        self.help.move(EDGE, EDGE)
        self.message.setMaximumWidth(max(LEAST, width - 4 * EDGE))
        self.message.adjustSize()
        self.message.move(
            (width - self.message.width()) // 2, (height - self.message.height()) // 2
        )

    def dress(self) -> None:
        """Take the colours of the theme."""
        theme = current_theme()
        card = f"background: {theme.raised}; border: 1px solid {theme.border}; border-radius: 5px;"
        self.badge.setStyleSheet(f"QLabel {{ {card} color: {theme.text}; padding: 2px 7px; }}")
        self.help.setStyleSheet(f"QLabel {{ {card} color: {theme.muted}; padding: 2px 7px; }}")
        plain = f"background: transparent; color: {theme.muted};"
        self.message.setStyleSheet(f"QLabel {{ {plain} }}")
        self.place()


def _label(parent: QWidget, name: str) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    if name == "message":  # several lines, with links
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.hide()
    return label
