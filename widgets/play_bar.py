"""The bar below the map that plays a column: what is played, how, and what lies in the range."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from app.panels.play_range import PlayMode
from app.panels.playing import SPEEDS, PlayingModel
from widgets.bind import named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.icons import set_icon
from widgets.parts import ElidedLabel
from widgets.range_slider import RangeSlider

MODE_TEXTS: dict[PlayMode, str] = {
    "window": "Moving window",
    "grow": "From the start on",
    "moment": "One step only",
}
Choice = TypeVar("Choice")
NO_COUNTS = np.zeros(0, np.int64)
ONE_ROW_FROM = 1150  # width, logical pixels
MODE_FROM = 560  # below, the mode is in the menu alone
NARROWEST = 330  # as the bar above the map
WORDS_WIDTHS = (50, 170)  # of the range in words, in two rows and in one


class PlayBar(QFrame):
    """Shows a PlayingModel; hidden while nobody plays."""

    def __init__(self, model: PlayingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setObjectName("play-bar")
        self._build()
        self._connect()
        self.show_state()

    def open(self) -> None:
        """Show the bar and put the keyboard's focus on the range."""
        self._model.open()
        self.slider.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_state(self) -> None:
        """Show what is played and how."""
        model = self._model
        self.setVisible(model.is_open)
        if not model.is_open:
            return
        self._show_columns()
        with quiet(self.mode):
            self.mode.setCurrentIndex(self.mode.findData(model.mode))
        playing = model.is_playing
        set_icon(self.run, "pause" if playing else "run")
        named(self.run, "Pause" if playing else "Play", f"{'Pause' if playing else 'Play'} (Space)")
        moments = model.moments
        usable = moments is not None and moments.steps > 0
        for control in (self.run, self.slider, self.mode, self.select, self.filter):
            control.setEnabled(usable)
        self.slider.show_counts(moments.counts if moments is not None else NO_COUNTS)
        for speed, action in self.speeds.items():
            action.setChecked(speed == model.speed)
        for mode, action in self.modes.items():
            action.setChecked(mode == model.mode)
        self.loops.setChecked(model.loops)
        self.hides.setChecked(model.hides)
        self.show_range()

    def show_range(self) -> None:
        """Show which part of the column lies inside."""
        model = self._model
        self.words.setText(model.words)
        missing = model.moments.missing if model.moments is not None else 0
        some = "1 item has" if missing == 1 else f"{missing:,} items have"
        note = f"\n{some} no value: never inside." if missing else ""
        self.words.setToolTip(f"{model.column}: {model.words}{note}")
        self.slider.show_range(*model.range, model.words, begins=model.mode != "grow")

    def _show_columns(self) -> None:
        names = self._model.columns
        with quiet(self.column):
            if [self.column.itemData(at) for at in range(self.column.count())] != list(names):
                self.column.clear()
                for name in names:
                    self.column.addItem(name, name)
            self.column.setCurrentIndex(self.column.findData(self._model.column))

    def _build(self) -> None:
        self.run = named(QToolButton(), "Play", "Play (Space)")
        set_icon(self.run, "run")
        self.slider = RangeSlider()
        self.close_button = named(
            QToolButton(), "Close", "Put this bar away; all is in colour again"
        )
        set_icon(self.close_button, "close")
        self.column = named(ElidedCombo(letters=9), "Column to play", "The column that is played")
        self.words = ElidedLabel()
        self.mode = named(ElidedCombo(letters=15), "How it plays", "How the range goes on")
        for mode, words in MODE_TEXTS.items():
            self.mode.addItem(words, mode)
        self.select = _worded("Select", "Select the items in the range")
        self.filter = _worded("Filter", "Show only the items in the range in the table")
        self.more = named(QToolButton(), "More", "Speed, loop, and what lies outside")
        set_icon(self.more, "more")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(self._build_menu())
        upper, lower = QHBoxLayout(), QHBoxLayout()
        for row in (upper, lower):
            row.setSpacing(5)
        upper.addWidget(self.run)
        upper.addWidget(self.slider, 1)
        self.column.setMinimumWidth(86)
        self.column.setMaximumWidth(160)
        lower.addWidget(self.column)
        lower.addWidget(self.words, 1)
        for control in (self.mode, self.select, self.filter, self.more, self.close_button):
            lower.addWidget(control)
        self._rows = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._rows.setContentsMargins(6, 4, 6, 4)
        self._rows.setSpacing(3)
        self._rows.addLayout(upper, 1)
        self._rows.addLayout(lower, 0)

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        model = self._model
        words = {speed: f"{speed} steps a second" for speed in SPEEDS} | {1: "1 step a second"}
        self.speeds = _choices(menu.addMenu("Speed"), words, model.set_speed)
        self.modes = _choices(menu.addMenu("Range"), MODE_TEXTS, model.set_mode)
        self.loops = menu.addAction("Begin again at the end")
        self.hides = menu.addAction("Hide what lies outside")
        self.hides.setToolTip("Otherwise it stands back in grey")
        for action, change in (
            (self.loops, model.set_loops),
            (self.hides, model.set_hides),
        ):
            action.setCheckable(True)
            action.triggered.connect(change)
        return menu

    def _connect(self) -> None:
        model = self._model
        model.changed.connect(self.show_state)
        model.stepped.connect(self.show_range)
        self.run.clicked.connect(model.toggle)
        self.slider.chosen.connect(model.set_range)
        self.slider.shifted.connect(model.shift)
        self.slider.toggled.connect(model.toggle)
        self.column.activated.connect(lambda at: model.choose(self.column.itemData(at)))
        self.mode.activated.connect(lambda at: model.set_mode(self.mode.itemData(at)))
        self.select.clicked.connect(model.select_inside)
        self.filter.clicked.connect(model.filter_inside)
        self.close_button.clicked.connect(model.close)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays and Escape closes, wherever in the bar the keys arrive."""
        if event.key() == Qt.Key.Key_Space:
            self._model.toggle()
        elif event.key() == Qt.Key.Key_Escape:
            self._model.close()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One row where there is room for it."""
        super().resizeEvent(event)
        wide = self.width() >= ONE_ROW_FROM
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._rows.setDirection(direction)
        self.words.setMinimumWidth(WORDS_WIDTHS[wide])
        self.mode.setVisible(self.width() >= MODE_FROM)

    def minimumSizeHint(self) -> QSize:
        """Without the mode."""
        return QSize(NARROWEST, super().minimumSizeHint().height())


def _worded(words: str, tip: str) -> QToolButton:
    button = named(QToolButton(), f"{words} these", tip)
    button.setText(words)
    return button


def _choices(
    menu: QMenu, words: Mapping[Choice, str], chosen: Callable[[Choice], None]
) -> dict[Choice, QAction]:
    """Fill a menu with choices of which one is ticked."""
    group = QActionGroup(menu)
    actions = {}
    for choice, text in words.items():
        action = actions[choice] = menu.addAction(text)
        action.setCheckable(True)
        group.addAction(action)
        action.triggered.connect(lambda _on, choice=choice: chosen(choice))
    return actions
