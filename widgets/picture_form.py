"""The choices of a picture as a form: shows settings, and says what the person changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from app.panels.pictures import (
    DPIS,
    FEW_CIRCLES,
    FONTS,
    LEAST_SIDE,
    PRESETS,
    Dotting,
    Format,
    Ground,
    PictureSettings,
    View,
)
from widgets.bind import named, quiet

_FORMATS: tuple[tuple[Format, str, str], ...] = (
    ("png", "PNG", "An image of exactly so many pixels"),
    ("svg", "SVG", "Letters and lines stay editable; for the web and drawing programs"),
    ("pdf", "PDF", "Letters and lines stay sharp; for papers and print"),
)
_VIEWS: tuple[tuple[View, str, str], ...] = (
    ("view", "Current view", "What the map shows now"),
    ("everything", "Everything", "All items, whatever the map shows now"),
)
_GROUNDS: tuple[tuple[Ground, str], ...] = (
    ("light", "White"),
    ("dark", "Dark"),
    ("clear_light", "Transparent, for a white page"),
    ("clear_dark", "Transparent, for a dark page"),
)
_DOTTINGS: tuple[tuple[Dotting, str], ...] = (
    ("auto", f"Circles up to {FEW_CIRCLES:,}, else an image"),
    ("image", "An image"),
    ("circles", "Circles"),
)
WIDEST = 99_999  # that can be typed; what is too large is said in words


class PictureForm(QWidget):
    """Shows the settings of a picture."""

    changed = Signal(object)  # dict of settings' names and values

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setVerticalSpacing(10)
        self._build_what()
        self._build_size()
        self._build_look()

    def show_settings(self, settings: PictureSettings) -> None:
        """Show what is chosen."""
        self._formats[settings.format].setChecked(True)
        self._views[settings.view].setChecked(True)
        boxes = {
            self._preset: settings.preset,
            self._ground: settings.ground,
            self._dotting: settings.dotting,
        }
        numbers = {
            self._width: settings.width,
            self._height: settings.height,
            self._dpi: settings.dpi,
            self._size: settings.font,
        }
        with quiet(*boxes, *numbers, self._title, self._subtitle, self._legend, self._layers):
            for box, key in boxes.items():
                box.setCurrentIndex(box.findData(key))
            for spin, number in numbers.items():
                if spin.value() != number:
                    spin.setValue(number)
            for line, text in ((self._title, settings.title), (self._subtitle, settings.subtitle)):
                if line.text() != text:
                    line.setText(text)
            self._legend.setChecked(settings.legend)
            self._layers.setChecked(settings.layers)
        inches = (settings.width / settings.dpi, settings.height / settings.dpi)
        across, down = (f"{side * 2.54:.1f}" for side in inches)
        self._paper.setText(f"dpi, {across} × {down} cm")  # noqa: RUF001  multiplication sign
        self._form.setRowVisible(self._dotting, settings.format != "png")

    def _build_what(self) -> None:
        self._formats = self._choices("Format", "format", _FORMATS)
        self._views = self._choices("Show", "view", _VIEWS)

    def _build_size(self) -> None:
        self._preset = named(QComboBox(), "Size", "Sizes that are often wanted")
        for key, preset in PRESETS.items():
            self._preset.addItem(preset.text, key)
        self._form.addRow("Size", self._preset)
        self._preset.activated.connect(
            lambda _at: self.changed.emit({"preset": self._preset.currentData()})
        )
        self._width = self._spin("width", "Width in pixels", (LEAST_SIDE, WIDEST))
        self._height = self._spin("height", "Height in pixels", (LEAST_SIDE, WIDEST))
        self._dpi = self._spin("dpi", "Pixels per inch of paper", DPIS)
        self._dpi.setToolTip("Pixels per inch of paper: how large the picture is in print")
        self._paper = QLabel()
        self._paper.setProperty("muted", True)
        self._row("Pixels", self._width, QLabel("×"), self._height)  # noqa: RUF001
        self._row("Print", self._dpi, self._paper)

    def _build_look(self) -> None:
        self._ground = self._box("ground", "Ground", "The ground of the picture", _GROUNDS)
        self._dotting = self._box(
            "dotting", "Points", "What points become in an SVG or PDF", _DOTTINGS
        )
        self._title = self._line("title", "Title", "Stands above the map")
        self._subtitle = self._line("subtitle", "Subtitle", "Stands below the title")
        self._size = self._spin("font", "Font size in pixels of the screen", FONTS)
        self._size.setToolTip("Height of letters, against the size of the map on the screen")
        self._legend = self._tick("legend", "Legend", "What the colours mean, beside the map")
        self._layers = self._tick(
            "layers", "Marks and scale bar", "Whatever is shown over the points: View, On the map"
        )
        self._row("Font size", self._size)
        self._row("With", self._legend, self._layers)

    def _row(self, title: str, *widgets: QWidget) -> None:
        line = QHBoxLayout()
        line.setSpacing(10)
        for widget in widgets:
            line.addWidget(widget)
        line.addStretch(1)
        self._form.addRow(title, line)

    def _choices(
        self, title: str, field: str, options: Sequence[tuple[Any, str, str]]
    ) -> dict[Any, QRadioButton]:
        group, made = QButtonGroup(self), {}
        for key, text, tip in options:
            button = named(QRadioButton(text), f"{title}: {text}", tip)
            group.addButton(button)
            button.clicked.connect(lambda _on, key=key: self.changed.emit({field: key}))
            made[key] = button
        self._row(title, *made.values())
        return made

    def _box(
        self, field: str, title: str, tip: str, options: Sequence[tuple[Any, str]]
    ) -> QComboBox:
        box = named(QComboBox(), title, tip)
        for key, text in options:
            box.addItem(text, key)
        box.activated.connect(lambda _at: self.changed.emit({field: box.currentData()}))
        self._form.addRow(title, box)
        return box

    def _spin(self, field: str, name: str, limits: tuple[int, int]) -> QSpinBox:
        spin = named(QSpinBox(), name, name)
        spin.setRange(*limits)
        spin.valueChanged.connect(lambda value: self.changed.emit({field: value}))
        return spin

    def _line(self, field: str, title: str, tip: str) -> QLineEdit:
        line = named(QLineEdit(), title, tip)
        line.textEdited.connect(lambda text: self.changed.emit({field: text}))
        self._form.addRow(title, line)
        return line

    def _tick(self, field: str, text: str, tip: str) -> QCheckBox:
        tick = named(QCheckBox(text), text, tip)
        tick.clicked.connect(lambda on: self.changed.emit({field: on}))
        return tick
