"""The row of controls above the map: tools, zoom, colouring column, point size."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from app.panels.map import SIZES, TOOLS, OneMap
from widgets.column_choice import ColumnChoice
from widgets.icons import set_icon
from widgets.map_tools import NAMES, TIPS

STEPS = 20  # of the size slider, evenly on a logarithmic scale
WORDS_FROM = 624  # width from which on controls have names beside them


class MapBar(QWidget):
    """Shows and changes what a map's model says about tool, colour and size."""

    fit_asked = Signal()
    zoom_asked = Signal(bool)  # closer?
    zooms_from = 524  # width from which on there are buttons to zoom,
    size_from = 428  # to change the size of points,
    fit_from = 396  # and to show everything
    narrowest = 348

    def __init__(self, model: OneMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._labels: list[QLabel] = []
        self._zooms: list[QToolButton] = []
        self._build()
        model.tool_changed.connect(self._show_tool)
        model.size_changed.connect(self._show_size)
        model.turning.changed.connect(self._show_turning)
        for show in (self._show_tool, self._show_size, self._show_turning):
            show()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 4)
        row.setSpacing(2)
        self.tools = QButtonGroup(self)
        for number, tool in enumerate(TOOLS):
            button = _button(tool, NAMES[tool], TIPS[tool])
            button.setCheckable(True)
            self.tools.addButton(button, number)
            row.addWidget(button)
        self.tools.idClicked.connect(lambda number: self._model.set_tool(TOOLS[number]))
        row.addSpacing(4)
        row.addWidget(_line())
        row.addSpacing(4)
        for name, title, tip, closer in (
            ("plus", "Zoom in", "Zoom in (+)", True),
            ("minus", "Zoom out", "Zoom out (−)", False),  # noqa: RUF001  minus sign
        ):
            button = _button(name, title, tip)
            button.clicked.connect(lambda _on, closer=closer: self.zoom_asked.emit(closer))
            row.addWidget(button)
            self._zooms.append(button)
        self.fit = _button("fit", "Fit", "Show everything (F, or double-click)")
        self.fit.clicked.connect(lambda _on: self.fit_asked.emit())
        row.addWidget(self.fit)
        row.addSpacing(4)
        self._fit_line = _line()
        row.addWidget(self._fit_line)
        row.addSpacing(4)
        self._build_choice(row)
        row.addStretch(1)
        self._build_size(row)

    def _build_choice(self, row: QHBoxLayout) -> None:
        """What the map is chosen to show: its colours, of which all maps have the same."""
        self.colour = ColumnChoice()
        self.colour.setAccessibleName("Colour by")
        self.colour.setToolTip("Colour the items by a column")
        self.colour.setMinimumWidth(64)
        self.colour.setMaximumWidth(220)
        self.colour.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.colour.chosen.connect(self._model.set_colour_by)
        label = self._label("Colour", self.colour)
        row.addSpacing(2)
        row.addWidget(label)
        row.addSpacing(4)
        row.addWidget(self.colour)
        self._model.columns_changed.connect(self._show_columns)
        self._model.colouring_changed.connect(self._show_column)
        self._show_columns()

    def _build_size(self, row: QHBoxLayout) -> None:
        self.size_slider = QSlider(Qt.Orientation.Horizontal)
        self.size_slider.setRange(0, STEPS)
        self.size_slider.setFixedWidth(72)
        self.size_slider.setAccessibleName("Point size")
        self.size_slider.setToolTip("Point size")
        self.size_slider.valueChanged.connect(self._on_slider_moved)
        row.addSpacing(8)
        row.addWidget(self._label("Size", self.size_slider))
        row.addSpacing(4)
        row.addWidget(self.size_slider)
        self.shown = _button("eye", "On the map", "What is shown on the map")
        self.shown.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row.addSpacing(4)
        row.addWidget(self.shown)

    def _label(self, text: str, of: QWidget) -> QLabel:
        label = QLabel(text)
        label.setProperty("muted", True)
        label.setBuddy(of)
        self._labels.append(label)
        return label

    def show_menu(self, menu: QMenu) -> None:
        """Open a menu of what can be shown on the map."""
        self.shown.setMenu(menu)

    def _show_tool(self, _tool: object = None) -> None:
        self.tools.button(TOOLS.index(self._model.tool)).setChecked(True)

    def _show_turning(self) -> None:
        problem, button = self._model.turning.problem, self.tools.button(TOOLS.index("turn"))
        button.setEnabled(problem is None)
        button.setToolTip(TIPS["turn"] if problem is None else f"{problem.text} {problem.hint}")

    def _show_columns(self, _columns: object = None) -> None:
        self.colour.show_columns(self._model.columns)
        self.colour.setEnabled(bool(self._model.columns))
        off = "No column of this corpus has values that repeat, numbers or dates"
        on = "Colour the items by a column"
        self.colour.setToolTip(on if self._model.columns else off)
        self._show_column()

    def _show_column(self, _colouring: object = None) -> None:
        self.colour.show_column(self._model.colour_by)

    def _show_size(self, _size: object = None) -> None:
        share = math.log(self._model.size / SIZES[0]) / math.log(SIZES[1] / SIZES[0])
        with QSignalBlocker(self.size_slider):
            self.size_slider.setValue(round(share * STEPS))

    def _on_slider_moved(self, value: int) -> None:
        self._model.set_size(SIZES[0] * (SIZES[1] / SIZES[0]) ** (value / STEPS))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words give way first where it is narrow, then what the wheel and keys do as well."""
        super().resizeEvent(event)
        for button in self._zooms:
            button.setVisible(self.width() >= self.zooms_from)
        for label in self._labels:
            label.setVisible(self.width() >= WORDS_FROM)
        self.size_slider.setVisible(self.width() >= self.size_from)
        for widget in (self.fit, self._fit_line):
            widget.setVisible(self.width() >= self.fit_from)

    def minimumSizeHint(self) -> QSize:
        """Without what gives way."""
        return QSize(self.narrowest, super().minimumSizeHint().height())


def _button(name: str, title: str, tip: str) -> QToolButton:
    button = QToolButton()
    set_icon(button, name)
    button.setAccessibleName(title)
    button.setToolTip(tip)
    return button


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("separator", True)
    line.setFixedSize(1, 18)
    return line
