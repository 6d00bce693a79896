"""What a screen reader hears: descriptions of widgets that Qt knows nothing of, and announcements.

Qt asks a factory for the accessible side of every widget, once and then for good; whoever paints
itself says here, when its module is imported, what it is and how it is put into words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QAccessibleWidget, QWidget

Words = Callable[[Any], str]
_described: dict[type[QWidget], tuple[QAccessible.Role, Words]] = {}


class Described(QAccessibleWidget):
    """The accessible side of a widget that puts itself into words, as description and as value."""

    def __init__(self, widget: QWidget, role: QAccessible.Role, words: Words) -> None:
        super().__init__(widget, role, widget.accessibleName())
        self._words = words

    def text(self, which: QAccessible.Text) -> str:
        """Put it into words when it is asked for."""
        if which in (QAccessible.Text.Description, QAccessible.Text.Value):
            return self._words(self.widget())
        return super().text(which)


def describe(kind: type[QWidget], role: QAccessible.Role, words: Words) -> None:
    """Let widgets of a class have a role, and be described by `words(widget)`."""
    if not _described:
        QAccessible.installFactory(_accessible_side)
    _described[kind] = role, words


def is_heard() -> bool:
    """Whether a screen reader, or another helper, listens."""
    return QAccessible.isActive()


def announce(widget: QWidget, text: str, *, at_once: bool = False) -> None:
    """Have a screen reader say something, after what it is saying or `at_once` instead of it."""
    if text and is_heard():
        event = QAccessibleAnnouncementEvent(widget, text)
        how = QAccessible.AnnouncementPoliteness
        event.setPoliteness(how.Assertive if at_once else how.Polite)
        QAccessible.updateAccessibility(event)


def changed(widget: QWidget) -> None:
    """Tell that a widget's words are other ones now."""
    if is_heard():
        for kind in (QAccessible.Event.DescriptionChanged, QAccessible.Event.ValueChanged):
            QAccessible.updateAccessibility(QAccessibleEvent(widget, kind))


def _accessible_side(_class_name: str, thing: QObject) -> Described | None:
    found = next((_described[kind] for kind in type(thing).__mro__ if kind in _described), None)
    return Described(thing, *found) if found is not None and isinstance(thing, QWidget) else None
