"""Giving a widget its name, its tooltip and its place in the style sheet in one expression."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

Part = TypeVar("Part", bound=QWidget)


def named(widget: Part, name: str = "", *, tip: str = "", style: str = "") -> Part:
    """Return the widget with an accessible name, a tooltip and a name for the style sheet."""
    if name:
        widget.setAccessibleName(name)
    if tip:
        widget.setToolTip(tip)
    if style:
        widget.setObjectName(style)
    return widget


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
