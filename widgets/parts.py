"""Labels in the looks that the style sheet has."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QLabel

LABELS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter  # before the fields of a form


def disable(combo: QComboBox, index: int) -> None:
    """Keep an entry in the list, but let nobody choose it; its tooltip says why."""
    combo.setItemData(index, 0, Qt.ItemDataRole.UserRole - 1)  # Qt's role of the item's flags


def text(
    words: str = "",
    *,
    muted: bool = False,
    heading: bool = False,
    wrap: bool = False,
    selectable: bool = False,
) -> QLabel:
    """Make a label in one of the looks that the style sheet has."""
    label = QLabel(words)
    label.setProperty("muted", muted)
    label.setProperty("heading", heading)
    label.setWordWrap(wrap)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def note(name: str) -> QLabel:
    """Make a line of words that change, plain ones whatever the data hold."""
    label = text(muted=True, wrap=True, selectable=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(name)
    return label


class ElidedLabel(QLabel):
    """One line that is cut with an ellipsis where it is too long, and never widens its panel."""

    def __init__(self, words: str = "", *, heading: bool = False) -> None:
        super().__init__(words, textFormat=Qt.TextFormat.PlainText)
        self.setProperty("heading", heading)
        self.setMinimumWidth(40)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def shown_text(self) -> str:
        """What of the text there is room for."""
        elide = Qt.TextElideMode.ElideRight
        return self.fontMetrics().elidedText(self.text(), elide, self.contentsRect().width())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the text in the looks of a label."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.contentsRect(), middle, self.shown_text())
        painter.end()
