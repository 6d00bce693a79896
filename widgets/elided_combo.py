"""A combo box that shortens what it shows with an ellipsis, and says the whole of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolTip,
    QWidget,
)


class ElidedCombo(QComboBox):
    """Takes the width it gets; a text that is longer is elided, and is in the tooltip."""

    def __init__(self, parent: QWidget | None = None, letters: int = 8) -> None:
        super().__init__(parent)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.setSizeAdjustPolicy(policy)
        self.setMinimumContentsLength(letters)

    def shown_text(self) -> str:
        """What of the current text there is room for."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        elide = Qt.TextElideMode.ElideRight
        icon = self.itemIcon(self.currentIndex())
        taken = 4 if icon.isNull() else self.iconSize().width() + 6
        return self.fontMetrics().elidedText(self._words, elide, field.width() - taken)

    @property
    def _words(self) -> str:
        """The current text, or what stands there while nothing is chosen."""
        return self.placeholderText() if self.currentIndex() < 0 else self.currentText()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint as every combo box, with the text elided."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown_text()
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:
        """Make the list as wide as its longest line."""
        longest = self.view().sizeHintForColumn(0) + 24
        self.view().setMinimumWidth(max(self.width(), min(longest, 480)))
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        """Put the whole text in front of the tooltip where it is cut."""
        if event.type() == QEvent.Type.ToolTip and self.shown_text() != self._words:
            tip = "\n".join(filter(None, (self._words, self.toolTip())))
            QToolTip.showText(event.globalPos(), tip, self)  # type: ignore[attr-defined]
            return True
        return super().event(event)
