"""Labels in the looks that the style sheet has."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


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
