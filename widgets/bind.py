"""Small helps for views: showing a value without hearing the echo, naming a control."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from PySide6.QtCore import QObject, QSignalBlocker, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

PLAIN = Qt.TextFormat.PlainText  # for what a person or a file wrote: a name may be <b>
FIELD_LEFT = 6  # pixels between the edge of a field and its text
AnyWidget = TypeVar("AnyWidget", bound=QWidget)


@contextmanager
def quiet(*objects: QObject) -> Iterator[None]:
    """Keep objects silent while their values are set by the program, not by the person."""
    with ExitStack() as stack:
        for item in objects:
            stack.enter_context(QSignalBlocker(item))
        yield


def named(widget: AnyWidget, name: str, tip: str = "") -> AnyWidget:
    """Give a control the name that a screen reader says, and a tooltip; return the control."""
    widget.setAccessibleName(name)
    field = widget.findChild(QLineEdit) if isinstance(widget, QAbstractSpinBox) else None
    if field is not None:  # the style sheet's padding does not reach it
        field.setTextMargins(FIELD_LEFT, 0, 0, 0)
    if tip:
        widget.setToolTip(tip)
    return widget
