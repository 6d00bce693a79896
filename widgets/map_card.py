"""The card beside the item under the cursor: never over it, never beyond the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.panels.card import Card, CardRow
from widgets.map_overlay import wrapped
from widgets.theme import Theme, colour

WIDTH = 300.0  # at most, logical pixels
PAD = 9.0
GAP = 14.0  # between the item and the card
EDGE = 4.0  # between the card and the border of the map
SWATCH = 15.0  # what the dot of a colour takes before its value
MORE = 4.0  # above the first value after a text
ELIDE = Qt.TextElideMode.ElideRight


@dataclass(frozen=True)
class Line:
    """One line of a card."""

    text: str
    face: QFont
    width: float
    is_value: bool = False
    name: str = ""  # of the column; it stands before the text
    swatch: bool = False
    above: float = 0.0  # free room


def paint_card(
    painter: QPainter,
    area: QRectF,
    spot: QPointF,
    card: Card,
    swatch: QColor,
    theme: Theme,
    blocked: Sequence[QRectF] = (),
) -> QRectF:
    """Paint the card beside an item, inside the area; return where it is.

    It keeps clear of `blocked` places where it can. Where there is no room beside the item, the
    last rows are left out; where there is none at all, nothing is painted.
    """
    font = painter.font()
    rows = list(card.rows)
    box, lines = QRectF(), list[Line]()
    while rows and box.isEmpty():
        lines = _lines(rows, font, min(WIDTH, area.width() - 2 * EDGE) - 2 * PAD)
        step = QFontMetricsF(font).lineSpacing()
        high = sum(step + line.above for line in lines) + 2 * PAD - 3
        wide = max((line.width for line in lines), default=0.0) + 2 * PAD
        box = place_card(QSizeF(wide, high), spot, area, blocked)
        rows.pop()
    if box.isEmpty():
        return box
    painter.setPen(QPen(colour(theme.border), 1.0))
    painter.setBrush(colour(theme.raised, 245))
    painter.drawRoundedRect(box, 6, 6)
    metrics = QFontMetricsF(font)
    at = box.topLeft() + QPointF(PAD, PAD - 2 + metrics.ascent())
    for line in lines:
        at += QPointF(0, line.above)
        _paint_line(painter, at, line, swatch, theme)
        at += QPointF(0, metrics.lineSpacing())
    painter.setFont(font)
    return box


def place_card(size: QSizeF, spot: QPointF, area: QRectF, blocked: Sequence[QRectF] = ()) -> QRectF:
    """Where a card has room beside an item; empty if it has none.

    Below and to the right is best, then the other corners, then beside or above with the card
    shifted along the border. Places that are free come before those over something else.
    """
    inner = area.adjusted(EDGE, EDGE, -EDGE, -EDGE)
    right, left = spot.x() + GAP, spot.x() - GAP - size.width()
    below, above = spot.y() + GAP, spot.y() - GAP - size.height()
    along_x = min(max(right, inner.left()), inner.right() - size.width())
    along_y = min(max(below, inner.top()), inner.bottom() - size.height())
    corners = [(right, below), (left, below), (right, above), (left, above)]
    sides = [(right, along_y), (left, along_y), (along_x, below), (along_x, above)]
    boxes = [QRectF(QPointF(x, y), size) for x, y in (*corners, *sides)]
    fitting = [box for box in boxes if inner.contains(box)]
    free = [box for box in fitting if not any(box.intersects(other) for other in blocked)]
    return next(iter([*free, *fitting]), QRectF())


def lying_over(canvas: QWidget) -> list[QRectF]:
    """Where something lies over a map that a card should keep clear of."""
    return [
        QRectF(child.geometry())
        for child in canvas.children()
        if isinstance(child, QWidget) and child.isVisible()
    ]


def _lines(rows: Sequence[CardRow], font: QFont, width: float) -> list[Line]:
    """Rows broken and cut into lines that are no wider than that."""
    bold = QFont(font)
    bold.setBold(True)
    plain, thick = QFontMetricsF(font), QFontMetricsF(bold)
    lines: list[Line] = []
    for row in rows:
        if row.kind == "label":
            text = thick.elidedText(" ".join(row.text.split()), ELIDE, width)
            lines.append(Line(text, bold, thick.horizontalAdvance(text)))
        elif row.kind == "text":
            broken = wrapped(row.text, font, width)
            lines.extend(Line(text, font, plain.horizontalAdvance(text)) for text in broken)
        else:
            lines.append(_value_line(row, font, width))
    for at, line in enumerate(lines[1:], start=1):
        if line.is_value != lines[at - 1].is_value:
            lines[at] = replace(line, above=MORE)
    return lines


def _value_line(row: CardRow, font: QFont, width: float) -> Line:
    """A name takes at most half of the line where both are long."""
    metrics = QFontMetricsF(font)
    room = width - (SWATCH if row.is_colour else 0)
    name, value = f"{row.name}: ", " ".join(row.text.split()) or "no value"
    wide = metrics.horizontalAdvance(name)
    if wide + metrics.horizontalAdvance(value) > room:
        most = max(room / 2, room - metrics.horizontalAdvance(value))
        if wide > most:
            colon = metrics.horizontalAdvance(": ")
            name = metrics.elidedText(row.name, ELIDE, most - colon) + ": "
    value = metrics.elidedText(value, ELIDE, room - metrics.horizontalAdvance(name))
    taken = metrics.horizontalAdvance(name + value) + (SWATCH if row.is_colour else 0)
    return Line(value, font, min(taken, width), True, name, row.is_colour)


def _paint_line(painter: QPainter, at: QPointF, line: Line, swatch: QColor, theme: Theme) -> None:
    metrics = QFontMetricsF(line.face)
    painter.setFont(line.face)
    if line.swatch:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(swatch)
        painter.drawEllipse(at + QPointF(4, -metrics.ascent() / 2 + 1.5), 4.5, 4.5)
        at = at + QPointF(SWATCH, 0)
    if line.name:
        painter.setPen(colour(theme.muted))
        painter.drawText(at, line.name)
        at = at + QPointF(metrics.horizontalAdvance(line.name), 0)
    painter.setPen(colour(theme.text))
    painter.drawText(at, line.text)
