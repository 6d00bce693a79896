"""What the colours mean: classes with counts that can be hidden and soloed, or a scale.

One click hides or shows a class, a double-click shows it alone. Keys: arrows, Space, Enter (alone).
"""

from __future__ import annotations

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.map import ByClass, ByNumber, Colouring
from backends.raster.palette import MOST_COLOURS
from widgets.legend_list import ClassList, ClassModel
from widgets.legend_scale import Scale, is_narrowed
from widgets.parts import ElidedLabel
from widgets.theme import theme_signal

SEARCH_FROM = 13  # classes from which on a search field helps


class Legend(QWidget):
    """Shows a colouring; says what the person wants to see of it."""

    toggled = Signal(object)  # code
    soloed = Signal(object)  # code
    all_shown = Signal()
    range_chosen = Signal(object, object)  # low, high

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colouring: Colouring = None
        self._build()
        self._build_classes()
        self.scale = Scale()
        self.scale.range_chosen.connect(self.range_chosen)
        self._pages.addWidget(self.scale)
        self.everything.clicked.connect(self._on_everything_clicked)
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
            self.everything.setVisible(is_narrowed(colouring))
            self.everything.setToolTip("Spread the colours over all values again")
            self.scale.show_scale(colouring)
            self._pages.setCurrentWidget(self.scale)
        if colouring is not None:
            self.title.setToolTip(colouring.column)

    def _build(self) -> None:
        self.setAccessibleName("Legend")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 6, 6, 6)
        box.setSpacing(4)
        head = QHBoxLayout()
        self.title = ElidedLabel(heading=True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.everything = QPushButton("Show all")
        self.everything.setFlat(True)
        self.everything.setToolTip("Show every class again")
        self.everything.setStyleSheet("QPushButton { padding: 0 8px; }")  # as high as the title
        self.everything.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        policy = self.everything.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # or the list would slip away under the hand
        self.everything.setSizePolicy(policy)
        head.addWidget(self.title, 1)
        head.addWidget(self.everything)
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
        self.search.setClearButtonEnabled(True)
        self.model = ClassModel(self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self.model)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search.textChanged.connect(self._found.setFilterFixedString)
        self.list = ClassList()
        self.list.setModel(self._found)
        self.list.toggled.connect(self.toggled)
        self.list.soloed.connect(self.soloed)
        self.note = QLabel()
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        for widget in (self.search, self.list, self.note):
            box.addWidget(widget)
        self._pages.addWidget(page)

    def _show_classes(self, colouring: ByClass, before: Colouring) -> None:
        new = not isinstance(before, ByClass) or before.categories is not colouring.categories
        if new:
            self.search.clear()
            self.search.setVisible(len(colouring.codes) >= SEARCH_FROM)
        self.model.show_classes(colouring, new=new)
        self.title.setText(colouring.column)
        self.everything.setVisible(bool(colouring.hidden))
        self.everything.setToolTip("Show every class again")
        self.note.setText(_note(colouring))
        self.note.setVisible(bool(self.note.text()))
        self._pages.setCurrentIndex(0)

    def _on_everything_clicked(self) -> None:
        if isinstance(self._colouring, ByNumber):
            self.range_chosen.emit(self._colouring.numbers.low, self._colouring.numbers.high)
        else:
            self.all_shown.emit()

    def _on_theme_changed(self, _theme: object) -> None:
        self.model.refresh()
        self.scale.update()


def _note(colouring: ByClass) -> str:
    """Say what is not told apart."""
    rest = len(colouring.categories.labels) - MOST_COLOURS
    if rest <= 0:
        return ""
    some = "1 smaller class is" if rest == 1 else f"{rest:,} smaller classes are"
    return f"The {some} grey: only the {MOST_COLOURS} largest have a colour of their own."
