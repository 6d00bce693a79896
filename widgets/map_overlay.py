"""What is painted over the points: rings, lines, outlines; and texts broken into lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPolygonF,
    QTextLayout,
    QTextOption,
)

from backends.arrays import Matrix
from backends.raster.camera import Camera
from backends.raster.turn import FRONT, Turn
from backends.types import Hits
from widgets.map_tools import Drag
from widgets.theme import Theme, colour

CARD_LINES = 4
SIGNS = {"replace": "", "add": "+", "subtract": "−", "intersect": "∩"}  # noqa: RUF001  minus


@dataclass(frozen=True)
class Place:
    """Where items lie on the widget, in logical pixels."""

    layout: Matrix  # (n, 2), or (n, 3) in space
    camera: Camera
    turn: Turn | None = None  # the side from which a layout in space is seen

    def of(self, row: int) -> QPointF | None:
        """Middle of an item, or None if it has no place."""
        seen = self.seen(row)
        if seen is None:
            return None
        x, y = self.camera.to_pixel(*seen)
        return QPointF(x / self.camera.ratio, y / self.camera.ratio)

    def seen(self, row: int) -> tuple[float, float] | None:
        """Where an item is seen in the plane of the camera, or None if it has no place."""
        if not 0 <= row < len(self.layout) or not np.isfinite(self.layout[row]).all():
            return None
        x, y, *deep = self.layout[row].tolist()
        return (self.turn or FRONT).of(x, y, deep[0])[:2] if deep else (x, y)


def paint_hits(
    painter: QPainter, place: Place, hits: Hits, radius: float, theme: Theme, *, joined: bool = True
) -> None:
    """Ring the neighbours, nearer ones larger, and join them to the item they are near to."""
    start = place.of(hits.row) if joined and hits.row is not None else None
    spots = [(rank, place.of(int(row))) for rank, row in enumerate(hits.rows)]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if start is not None:
        painter.setPen(QPen(colour(theme.map_hit, 110), 1.0))
        for _, spot in spots:
            if spot is not None:
                painter.drawLine(start, spot)
    for rank, spot in reversed(spots):
        if spot is not None:
            size = radius + 3.0 + 4.0 * (1 - rank / max(1, len(spots)))
            painter.setPen(QPen(colour(theme.map_background, 200), 3.5))
            painter.drawEllipse(spot, size, size)
            painter.setPen(QPen(colour(theme.map_hit), 1.75))
            painter.drawEllipse(spot, size, size)


def paint_ring(painter: QPainter, spot: QPointF, size: float, text: str, ground: str) -> None:
    """Ring one item so that it is seen on any colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(ground, 220), 4.5))
    painter.drawEllipse(spot, size, size)
    painter.setPen(QPen(colour(text), 2.0))
    painter.drawEllipse(spot, size, size)


def paint_drag(painter: QPainter, drag: Drag, theme: Theme) -> None:
    """Show what is being outlined, and whether it adds or takes away."""
    outline = drag.outline
    if len(outline) < 2:
        return
    painter.setPen(QPen(colour(theme.map_lasso), 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(colour(theme.map_lasso, 28))
    painter.drawPolygon(QPolygonF(outline), Qt.FillRule.OddEvenFill)
    if SIGNS[drag.mode]:
        painter.setPen(colour(theme.map_lasso))
        painter.drawText(drag.last + QPointF(12, -8), SIGNS[drag.mode])


_WRAP = QTextOption()
_WRAP.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)


def wrapped(text: str, font: QFont, width: float) -> list[str]:
    """Break a text into at most four lines; the last says with dots that there is more."""
    clean = " ".join(text[:2000].split())
    layout = QTextLayout(clean, font)
    layout.setTextOption(_WRAP)
    layout.beginLayout()
    lines: list[str] = []
    while len(lines) < CARD_LINES:
        line = layout.createLine()
        if not line.isValid() or not clean:
            break
        line.setLineWidth(width)
        start, length = line.textStart(), line.textLength()
        if len(lines) == CARD_LINES - 1:  # the last: everything that is left, shortened
            rest = clean[start:]
            metrics = QFontMetricsF(font)
            lines.append(metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width))
        else:
            lines.append(clean[start : start + length].rstrip())
    layout.endLayout()
    return lines
