"""Items of two sides as dots on their first two components, coloured by side; put into words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from backends.directions.erasing.residual import Residual
from widgets.theme import current_theme, theme_signal
from widgets.voice import changed, describe

DOT, MARGIN, HEAD = 1.8, 8, 22
OTHER = "#d9822b"  # of the second side; the first has the accent


class SidesPicture(QWidget):
    """Shows one state of the residual."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._residual: Residual | None = None
        self.setAccessibleName(f"Items of both sides {title.lower()}")
        self.setMinimumSize(130, 120)
        theme_signal().changed.connect(self._on_theme_changed)

    def words(self) -> str:
        """What a screen reader and the tooltip say."""
        one = self._residual
        if one is None:
            return f"{self._title}: nothing to show."
        return (
            f"{self._title}: {one.n:,} items on their first two components; blue is "
            f"“{one.sides[0]}”, orange “{one.sides[1]}”. Two clusters agree with these sides for "
            f"{one.clusters:.0%}. {one.how[:1].upper()}{one.how[1:]}."
        )

    def show_residual(self, residual: Residual | None) -> None:
        """Show another state, or none."""
        self._residual = residual
        self.setToolTip(self.words())
        self.update()
        changed(self)

    def _on_theme_changed(self, _theme: object) -> None:
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint frame, title and dots."""
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.base))
        painter.setPen(QColor(theme.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setPen(QColor(theme.text))
        head = QRectF(MARGIN, 2, self.width() - 2 * MARGIN, HEAD - 2)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, self._title)
        one = self._residual
        if one is not None and len(one.picture):
            low, high = one.picture.min(axis=0), one.picture.max(axis=0)
            room = (self.width() - 2 * MARGIN, self.height() - HEAD - MARGIN)
            scale = min(room[axis] / max(float(high[axis] - low[axis]), 1e-9) for axis in (0, 1))
            middle = (low + high) / 2
            inks = (QColor(theme.accent), QColor(OTHER))
            self._paint_names(painter, one.sides)
            painter.setPen(Qt.PenStyle.NoPen)
            for ink in inks:
                ink.setAlpha(170)
            for (x, y), side in zip(one.picture.tolist(), one.of.tolist(), strict=True):
                painter.setBrush(inks[side])
                at = QPointF(
                    self.width() / 2 + scale * (x - float(middle[0])),
                    (HEAD + self.height() - MARGIN) / 2 - scale * (y - float(middle[1])),
                )
                painter.drawEllipse(at, DOT, DOT)
        painter.end()

    def _paint_names(self, painter: QPainter, sides: tuple[str, str]) -> None:
        """The sides at the right of the title, in their colours, cut where there is no room."""
        metrics, right = self.fontMetrics(), self.width() - MARGIN
        room = (right - MARGIN - metrics.horizontalAdvance(self._title) - 3 * MARGIN) // 2
        for name, ink in zip(reversed(sides), (OTHER, current_theme().accent), strict=True):
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(room, 0))
            width = metrics.horizontalAdvance(shown)
            painter.setPen(QColor(ink))
            place = QRectF(right - width, 2, width + 1, HEAD - 2)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
            right -= width + MARGIN


describe(SidesPicture, QAccessible.Role.Chart, SidesPicture.words)
