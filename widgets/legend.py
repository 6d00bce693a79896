"""What the colours mean: classes with counts that can be hidden and edited, or a scale.

One click hides or shows a class, a double-click shows it alone. Keys: arrows, Space, Enter (alone),
F2 (rename), Alt+Enter (colour), Alt+Up and Alt+Down (move).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.map import ByClass, ByNumber, Colouring
from backends.raster.palette import MOST_COLOURS
from widgets.icons import set_icon
from widgets.legend_list import CODE, ClassList
from widgets.legend_model import ClassModel
from widgets.legend_scale import Scale, is_narrowed
from widgets.parts import ElidedLabel
from widgets.theme import theme_signal

OTHER_TIP = f"Only the {MOST_COLOURS} largest classes, and those you colour, have their own colour"
SEARCH_FROM = 13  # classes from which on a search field helps


class Legend(QWidget):
    """Shows a colouring; says what the person wants to see of it."""

    toggled = Signal(object)  # code
    soloed = Signal(object)  # code
    all_shown = Signal()
    range_chosen = Signal(object, object)  # low, high
    menu_asked = Signal(object, object)  # code | None, QPoint on the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colouring: Colouring = None
        self._build()
        self._build_classes()
        self.scale = Scale()
        self.scale.range_chosen.connect(self.range_chosen)
        self._pages.addWidget(self.scale)
        self.everything.clicked.connect(self._on_everything_clicked)
        self.more.clicked.connect(self._on_more_clicked)
        theme_signal().changed.connect(self._on_theme_changed)
        self.show_colouring(None)

    def show_colouring(self, colouring: Colouring) -> None:
        """Show what colours mean; None hides the legend."""
        before, self._colouring = self._colouring, colouring
        self.setVisible(colouring is not None)
        if isinstance(colouring, ByClass):
            self._show_classes(colouring, before)
        elif isinstance(colouring, ByNumber):
            self.title.setText(colouring.column)
            self._show_everything("Spread the colours over all values again")
            self.everything.setVisible(is_narrowed(colouring))
            self.scale.show_scale(colouring)
            self._pages.setCurrentWidget(self.scale)
        if colouring is not None:
            self.title.setToolTip(colouring.column)

    def show_counts(self, counts: NDArray[np.int64] | None) -> None:
        """Say how many of the selected items each class has; None without a selection."""
        self.model.show_counts(counts)

    def _build(self) -> None:
        self.setAccessibleName("Legend")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 6, 6, 6)
        box.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(0)
        self.title = ElidedLabel(heading=True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.everything, self.more = QToolButton(), QToolButton()
        for button, name in ((self.everything, "eye"), (self.more, "more")):
            set_icon(button, name, 16)
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # or the title would slip away under the hand
            button.setSizePolicy(policy)
        self.more.setAccessibleName("Legend menu")
        self.more.setToolTip("Order, colours and names")
        head.addWidget(self.title, 1)
        head.addWidget(self.everything)
        head.addWidget(self.more)
        box.addLayout(head)
        self._pages = QStackedWidget()
        box.addWidget(self._pages, 1)

    def _build_classes(self) -> None:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a class")
        self.search.setAccessibleName("Find a class")
        self.search.setToolTip("List only classes whose names hold these words")
        self.search.setClearButtonEnabled(True)
        self.model = ClassModel(self)
        self.search.textChanged.connect(self._on_searched)
        self.list = ClassList()
        self.list.setModel(self.model)
        self.list.toggled.connect(self.toggled)
        self.list.soloed.connect(self.soloed)
        self.list.menu_asked.connect(self.menu_asked)
        self.note = QLabel()
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        for widget in (self.search, self.list, self.note):
            box.addWidget(widget)
        self._pages.addWidget(page)

    def _show_classes(self, colouring: ByClass, before: Colouring) -> None:
        new = not isinstance(before, ByClass) or before.categories is not colouring.categories
        current = self.list.currentIndex().data(CODE)
        if new:
            self.search.clear()
            self.search.setVisible(len(colouring.codes) >= SEARCH_FROM)
        self.model.show_classes(colouring, new=new)
        if not new and current is not None and self.list.currentIndex().data(CODE) != current:
            self.list.go_to(current)
        self.title.setText(colouring.column)
        self._show_everything("Show every class again")
        self.everything.setVisible(bool(colouring.hidden))
        self._show_note()
        self._pages.setCurrentIndex(0)

    def _show_everything(self, tip: str) -> None:
        self.everything.setAccessibleName(tip)
        self.everything.setToolTip(tip)

    def _show_note(self) -> None:
        colouring = self._colouring
        if isinstance(colouring, ByClass):
            nothing = self.model.is_searched and not self.model.rowCount()
            self.note.setText("No class is called so." if nothing else _note(colouring))
            self.note.setToolTip("" if nothing or not self.note.text() else OTHER_TIP)
            self.note.setVisible(bool(self.note.text()))

    def _on_searched(self, words: str) -> None:
        self.model.search(words)
        self._show_note()

    def _on_everything_clicked(self) -> None:
        if isinstance(self._colouring, ByNumber):
            self.range_chosen.emit(self._colouring.numbers.low, self._colouring.numbers.high)
        else:
            self.all_shown.emit()

    def _on_more_clicked(self) -> None:
        self.menu_asked.emit(None, self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _on_theme_changed(self, _theme: object) -> None:
        self.model.refresh()
        self.scale.refresh()


def _note(colouring: ByClass) -> str:
    """Say what is not told apart."""
    rest = len(colouring.members)
    if not rest:
        return ""
    return "1 smaller class is “other”." if rest == 1 else f"{rest:,} smaller classes are “other”."
