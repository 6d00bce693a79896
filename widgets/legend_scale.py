"""A scale from low to high with its ends written beside it: numbers, or dates."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.map import ByNumber
from app.panels.values import value_text
from backends.corpora.spread import spread_of
from backends.raster.palette import scale_colours
from backends.raster.scales import SCALES
from widgets.elided_combo import ElidedCombo
from widgets.icons import set_icon
from widgets.legend_bar import ScaleBar, small_font
from widgets.theme import current_theme
from widgets.value_field import ValueField

STRIP = QSize(30, 12)  # of a scale's colours in the list of scales


class Scale(QWidget):
    """Shows which colour a number has, and lets colours and their range be chosen."""

    range_chosen = Signal(object, object)  # low, high
    full_asked = Signal()
    robust_asked = Signal()
    scale_chosen = Signal(str)
    reversed_chosen = Signal(bool)
    even_chosen = Signal(bool)
    centre_chosen = Signal(object)  # float | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colouring: ByNumber | None = None
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 0)
        box.setSpacing(5)
        self.bar = ScaleBar()
        self.bar.chosen.connect(self.range_chosen)
        box.addWidget(self.bar)
        box.addLayout(self._build_ends())
        box.addLayout(self._build_ranges())
        box.addSpacing(4)
        box.addLayout(self._build_scales())
        box.addWidget(self._build_centre())
        box.addWidget(self._build_even())
        self.note = QLabel()
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        box.addWidget(self.note)
        box.addStretch(1)

    def show_scale(self, colouring: ByNumber) -> None:
        """Show ends, colours and how many items have no value."""
        self._colouring = colouring
        numbers, look = colouring.numbers, colouring.look
        is_date = numbers.is_date
        low = value_text(colouring.low, colouring.high, is_date=is_date)
        high = value_text(colouring.high, colouring.low, is_date=is_date)
        # A narrow legend has no room for signs before dates; the bar shows the same.
        signs = not is_date
        beyond = (
            signs and colouring.low > numbers.low,
            signs and colouring.high < numbers.high,
        )
        self.low.show_value(f"≤ {low}" if beyond[0] else low, low, is_date=is_date)
        self.high.show_value(f"≥ {high}" if beyond[1] else high, high, is_date=is_date)
        centre = value_text(colouring.centre, colouring.high, is_date=is_date)
        self.centre.show_value(centre, centre, is_date=is_date)
        self._centre_row.setVisible(colouring.spec.shape == "diverging")
        with QSignalBlocker(self.scales), QSignalBlocker(self.even), QSignalBlocker(self.reverse):
            self.scales.setCurrentIndex(self.scales.findData(look.scale))
            self.even.setChecked(look.is_even)
            self.reverse.setChecked(look.is_reversed)
        self.scales.setToolTip(f"Colours of the scale: {colouring.spec.tip}")
        now = (colouring.low, colouring.high)
        self.full.setEnabled(now != (numbers.low, numbers.high))
        self.robust.setEnabled(now != spread_of(numbers).robust)
        missing = colouring.missing
        some = "1 item has" if missing == 1 else f"{missing:,} items have"
        self.note.setText(f"{some} no value: grey." if missing else "")
        self.note.setVisible(bool(missing))
        self.bar.show_range(colouring)
        self.bar.setAccessibleName(f"Scale from {low} to {high}")

    def refresh(self) -> None:
        """The theme changed: paint the strips anew."""
        for at in range(self.scales.count()):
            self.scales.setItemIcon(at, _strip(self.scales.itemData(at)))
        self.bar.update()

    def _build_ends(self) -> QHBoxLayout:
        tip = "Type another {} of the colours, and Enter"
        self.low = ValueField("Low end of the colours", tip.format("low end"))
        self.high = ValueField("High end of the colours", tip.format("high end"))
        self.high.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.low.entered.connect(lambda value: self._on_entered(0, value))
        self.high.entered.connect(lambda value: self._on_entered(1, value))
        row = QHBoxLayout()
        row.setSpacing(0)  # two dates just fit into a narrow legend
        for field in (self.low, self.high):
            field.setFont(small_font(self.font()))
            row.addWidget(field)
        return row

    def _build_ranges(self) -> QHBoxLayout:
        self.full, self.robust = QPushButton("Full range"), QPushButton("2–98 %")  # noqa: RUF001
        self.full.setToolTip("Spread the colours over all values")
        self.robust.setToolTip(
            "Spread the colours from the 2nd to the 98th percentile, whatever strays"
        )
        self.robust.setAccessibleName("From the 2nd to the 98th percentile")
        self.full.clicked.connect(self.full_asked)
        self.robust.clicked.connect(self.robust_asked)
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in (self.full, self.robust):
            button.setProperty("small", True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        return row

    def _build_scales(self) -> QHBoxLayout:
        self.scales = ElidedCombo(letters=6)
        self.scales.setAccessibleName("Colours of the scale")
        self.scales.setIconSize(STRIP)
        self.scales.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for spec in SCALES.values():
            self.scales.addItem(_strip(spec.id), spec.text, spec.id)
            self.scales.setItemData(self.scales.count() - 1, spec.tip, Qt.ItemDataRole.ToolTipRole)
        self.scales.activated.connect(
            lambda _index: self.scale_chosen.emit(self.scales.currentData())
        )
        self.reverse = QToolButton()
        set_icon(self.reverse, "swap", 16)
        self.reverse.setCheckable(True)
        self.reverse.setAccessibleName("Reverse the colours")
        self.reverse.setToolTip("Reverse the colours")
        self.reverse.toggled.connect(self.reversed_chosen)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.scales, 1)
        row.addWidget(self.reverse)
        return row

    def _build_centre(self) -> QWidget:
        self._centre_row = QWidget()
        self.centre = ValueField(
            "Centre of the scale", "The value in the middle of the two colours; empty it for 0"
        )
        self.centre.can_be_empty = True
        self.centre.entered.connect(self.centre_chosen)
        label = QLabel("Centre")
        label.setBuddy(self.centre)
        label.setProperty("muted", True)
        row = QHBoxLayout(self._centre_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.centre, 1)
        return self._centre_row

    def _build_even(self) -> QCheckBox:
        self.even = QCheckBox("Equal shares")
        self.even.setToolTip("Give each colour as many items: by rank instead of by value")
        self.even.toggled.connect(self.even_chosen)
        return self.even

    def _on_entered(self, end: int, value: float | None) -> None:
        """Take an end that was typed; the other one gives way if it must."""
        now = self._colouring
        if now is None or value is None:
            return
        self.bar.gesture = object()
        if end == 0:
            self.range_chosen.emit(value, max(value, now.high))
        else:
            self.range_chosen.emit(min(value, now.low), value)


def is_narrowed(colouring: ByNumber) -> bool:
    """Whether some values lie beyond the ends of the scale."""
    numbers = colouring.numbers
    return colouring.low > numbers.low or colouring.high < numbers.high


def _strip(name: str) -> QIcon:
    """The colours of a scale from left to right."""
    table = scale_colours(name, dark=current_theme().is_dark)[:-1]
    row = table.tobytes()
    image = QImage(row, len(table), 1, len(row), QImage.Format.Format_RGB888)
    wide = image.scaled(STRIP * 2, mode=Qt.TransformationMode.SmoothTransformation)
    return QIcon(QPixmap.fromImage(wide))
