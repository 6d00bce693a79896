"""Connects the legend with the colours: its menus, the dialog for a colour, what they change."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QActionGroup, QColor, QKeySequence
from PySide6.QtWidgets import QColorDialog, QMenu

from app.panels.by_class import ORDERS, ByClass, ClassLook
from app.panels.by_number import ByNumber, ScaleLook
from app.panels.colour_edits import ORDER_WORDS
from app.panels.one_map import OneMap
from backends.raster.palette import named_colours
from widgets.legend import Legend
from widgets.theme import current_theme


class LegendEditor(QObject):
    """Brings the wishes of a legend into the model, and asks for more where it must."""

    def __init__(self, legend: Legend, model: OneMap) -> None:
        super().__init__(legend)
        self._legend, self._edits, self._colours = legend, model.edits, model.colours
        self.dialog: QColorDialog | None = None
        self._dialog_of: tuple[str, int] = ("", 0)  # column and code
        edits, classes, scale = model.edits, legend.list, legend.scale
        legend.toggled.connect(edits.toggle)
        legend.soloed.connect(edits.solo)
        legend.all_shown.connect(edits.show_all)
        legend.range_chosen.connect(lambda low, high: edits.set_range(low, high, scale.bar.gesture))
        legend.menu_asked.connect(self.open_menu)
        legend.model.renamed.connect(edits.rename)
        classes.moved.connect(edits.move)
        classes.colour_asked.connect(self.ask_colour)
        scale.full_asked.connect(edits.show_full_range)
        scale.robust_asked.connect(edits.show_robust_range)
        scale.scale_chosen.connect(edits.set_scale)
        scale.reversed_chosen.connect(edits.set_reversed)
        scale.even_chosen.connect(edits.set_even)
        scale.centre_chosen.connect(edits.set_centre)
        model.colours.counts_changed.connect(legend.show_counts)
        model.colours.colouring_changed.connect(lambda _colouring: self._check_dialog())

    def open_menu(self, code: Any, place: QPoint) -> None:
        """Open the menu of a class, or of the whole legend."""
        menu = self.build_menu(code)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def build_menu(self, code: int | None) -> QMenu:
        """Make the menu of a class, or of the whole legend if there is no code."""
        menu = QMenu(self._legend)
        classes, scale = self._edits.classes, self._edits.scale
        if classes is not None:
            if code is not None:
                self._add_class(menu, classes, code)
            self._add_classes(menu, classes)
        elif scale is not None:
            self._add_scale(menu, scale)
        return menu

    def ask_colour(self, code: int) -> None:
        """Let a colour be chosen; the map follows while the dialog is open."""
        now = self._edits.classes
        if now is None:
            return
        if self.dialog is not None:
            self.dialog.accept()
        dark = current_theme().is_dark
        for at, text in enumerate(named_colours(dark=dark)[: QColorDialog.customCount()]):
            QColorDialog.setCustomColor(at, QColor(text))
        before = now.look.colours.get(code)
        start = QColor(*now.palette(dark=dark)[now.entry(code)].tolist())
        dialog = QColorDialog(start, self._legend.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(f"Colour of {now.label(code)}")
        dialog.setModal(False)
        self.dialog, self._dialog_of = dialog, (now.column, code)
        dialog.currentColorChanged.connect(
            lambda chosen: self._try_colour(dialog, code, chosen.name())
        )
        dialog.rejected.connect(lambda: self._try_colour(dialog, code, before))
        dialog.finished.connect(lambda _result: self._forget(dialog))
        dialog.show()

    def _try_colour(self, dialog: QColorDialog, code: int, text: str | None) -> None:
        """Show a colour; all that one dialog shows is one change."""
        now = self._edits.classes
        if now is not None and now.column == self._dialog_of[0] and dialog is self.dialog:
            self._edits.set_colour(code, text, ("colour", id(dialog)))

    def _forget(self, dialog: QColorDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None

    def _check_dialog(self) -> None:
        """Close the dialog of a class that is no longer there."""
        now = self._edits.classes
        if self.dialog is not None and (now is None or now.column != self._dialog_of[0]):
            dialog, self.dialog = self.dialog, None
            dialog.close()

    def _add_class(self, menu: QMenu, now: ByClass, code: int) -> None:
        edits, shown = self._edits, now.shown_share(code) > 0
        menu.addAction("Hide" if shown else "Show", _key("Space"), lambda: edits.toggle(code))
        menu.addAction("Show alone", _key("Return"), lambda: edits.solo(code))
        menu.addSeparator()
        menu.addAction("Colour…", _key("Alt+Return"), lambda: self.ask_colour(code))
        automatic = menu.addAction("Automatic colour", lambda: edits.set_colour(code, None))
        automatic.setEnabled(code in now.look.colours)
        menu.addAction("Rename…", _key("F2"), lambda: self._legend.list.rename(code))
        given = menu.addAction("Name as in the data", lambda: edits.rename(code, ""))
        given.setEnabled(code in now.look.names)
        menu.addSeparator()
        place = now.named.index(code) if code in now.named else None
        for text, key, step in (("Move up", "Alt+Up", -1), ("Move down", "Alt+Down", 2)):
            to = place + step if place is not None else -1
            action = menu.addAction(text, _key(key), partial(edits.move, code, to))
            action.setEnabled(0 <= to <= len(now.named))
        menu.addSeparator()

    def _add_classes(self, menu: QMenu, now: ByClass) -> None:
        edits = self._edits
        menu.addAction("Show all", edits.show_all).setEnabled(bool(now.hidden))
        if len(now.members):
            is_open = self._legend.model.is_open
            words = "Put the others together" if is_open else "List the others one by one"
            action = menu.addAction(words, lambda: self._legend.model.set_open(not is_open))
            action.setEnabled(not self._legend.model.is_searched)
        order = menu.addMenu("Order")
        group = QActionGroup(order)
        for name in ORDERS:
            action = order.addAction(ORDER_WORDS[name].capitalize(), partial(edits.set_order, name))
            action.setCheckable(True)
            action.setChecked(now.look.order == name)
            group.addAction(action)
            if name == "value" and not now.can_order_by_value:
                action.setEnabled(False)
                action.setToolTip("These names are neither numbers nor dates")
        order.setToolTipsVisible(True)
        menu.addSeparator()
        reset = menu.addAction("Automatic colours, names and order", edits.reset_classes)
        reset.setEnabled(now.look != ClassLook())

    def _add_scale(self, menu: QMenu, now: ByNumber) -> None:
        edits, scale = self._edits, self._legend.scale
        menu.addAction("Full range", edits.show_full_range).setEnabled(scale.full.isEnabled())
        robust = menu.addAction("From the 2nd to the 98th percentile", edits.show_robust_range)
        robust.setEnabled(scale.robust.isEnabled())
        menu.addSeparator()
        for text, is_on, change in (
            ("Equal shares (by rank)", now.look.is_even, edits.set_even),
            ("Reverse the colours", now.look.is_reversed, edits.set_reversed),
        ):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(is_on)
            action.toggled.connect(change)
        if now.spec.shape == "diverging":
            centre = menu.addAction("Automatic centre", lambda: edits.set_centre(None))
            centre.setEnabled(now.look.centre is not None)
        menu.addSeparator()
        reset = menu.addAction("Automatic colours and range", edits.reset_scale)
        plain = (now.numbers.low, now.numbers.high, ScaleLook())
        reset.setEnabled(now.style != plain)


def _key(text: str) -> QKeySequence:
    """The key that does the same in the list, shown beside an entry."""
    return QKeySequence(text)
