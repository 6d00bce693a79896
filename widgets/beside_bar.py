"""The row of controls above a map beside the first: tools, which layout, link, size."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QWidget,
)

from app.notices import Problem
from app.panels.chosen import AS_FIRST
from app.panels.map import TOOLS
from app.panels.maps import BesideMap
from app.panels.shows import SHOWS
from widgets.bind import named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.icons import set_icon
from widgets.map_bar import MapBar
from widgets.theme import colour, current_theme

Index = QModelIndex | QPersistentModelIndex

WIDTHS = (112, 320)  # of the choice
TIP = "Which layout this map shows, of all vectors there are"
ALONE = (
    "There is one layout so far. Lay out in another way, or embed with another model, to compare"
)


class _Groups(QStyledItemDelegate):
    """Draws lines between groups, which style sheets leave out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a line, or an entry as always."""
        if index.data(Qt.ItemDataRole.AccessibleDescriptionRole) != "separator":
            super().paint(painter, option, index)
            return
        area = option.rect
        painter.setPen(colour(current_theme().border))
        painter.drawLine(area.left() + 6, area.center().y(), area.right() - 6, area.center().y())


class BesideBar(MapBar):
    """Shows and changes what a `BesideMap` says."""

    zooms_from = 660
    size_from = 560
    fit_from = 430
    narrowest = 350

    def __init__(self, model: BesideMap, parent: QWidget | None = None) -> None:
        self._beside = model
        self._shows: dict[str, QAction] = {}
        super().__init__(model, parent)
        self.show_menu(self._build_menu())
        model.showing.choices_changed.connect(self._show_choices)
        model.showing.projection_changed.connect(self._show_choices)
        model.linked_changed.connect(self._on_linked_changed)
        model.shows.changed.connect(self._show_shows)
        model.turning.changed.connect(self._show_shows)
        self._show_shows()

    def show_link(self, words: str, problem: Problem | None) -> None:
        """Say how well the layouts correspond, or why they cannot be linked."""
        self.link.setToolTip(words)
        self.link.setEnabled(problem is None)

    def _build_choice(self, row: QHBoxLayout) -> None:
        self.choice = named(ElidedCombo(), "Layout", TIP)
        self.choice.setItemDelegate(_Groups(self.choice))
        self.choice.setMinimumWidth(WIDTHS[0])
        self.choice.setMaximumWidth(WIDTHS[1])
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choice.activated.connect(self._on_choice_activated)
        self.link = named(QToolButton(), "Link views")
        set_icon(self.link, "link")
        self.link.setCheckable(True)
        self.link.toggled.connect(self._beside.set_linked)
        row.addSpacing(2)
        row.addWidget(self.choice, 50)
        row.addSpacing(4)
        row.addWidget(self.link)
        self._show_choices()
        self._on_linked_changed(self._beside.linked)

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for show in SHOWS.values():
            action = self._shows[show.id] = menu.addAction(show.text)
            action.setCheckable(True)
            action.setToolTip(show.tip)
            action.setData(show.id)
        menu.triggered.connect(self._on_menu_triggered)
        return menu

    def _show_choices(self, _shown: object = None) -> None:
        showing, choices = self._beside.showing, self._beside.showing.choices
        with quiet(self.choice):
            self.choice.clear()
            self.choice.addItem(AS_FIRST, None)
            of = None
            for choice in choices:
                if choice.of != of:
                    self.choice.insertSeparator(self.choice.count())
                of = choice.of
                self.choice.addItem(f"{choice.text} of {choice.of}", choice.fingerprint)
            at = self.choice.findData(showing.chosen) if showing.chosen is not None else 0
            self.choice.setCurrentIndex(at)
        self.choice.setToolTip(TIP if len(choices) > 1 else ALONE)

    def _show_turning(self) -> None:
        """A button to turn takes room only where there is something to turn."""
        super()._show_turning()
        self.tools.button(TOOLS.index("turn")).setVisible(self._beside.turning.problem is None)

    def _show_shows(self, _name: object = None) -> None:
        problem = self._beside.turning.flat_problem
        for name, action in self._shows.items():
            action.setChecked(self._beside.shows.is_on(name))
            stands = problem if SHOWS[name].is_flat else None
            action.setEnabled(stands is None)
            tip = SHOWS[name].tip if stands is None else f"{stands.text} {stands.hint}"
            action.setToolTip(tip)

    def _on_choice_activated(self, at: int) -> None:
        self._beside.showing.choose(self.choice.itemData(at))

    def _on_linked_changed(self, on: bool) -> None:
        with quiet(self.link):
            self.link.setChecked(on)

    def _on_menu_triggered(self, action: QAction) -> None:
        self._beside.shows.set_on(str(action.data()), action.isChecked())
