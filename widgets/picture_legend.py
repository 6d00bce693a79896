"""The legend of an exported picture: classes in the order and colours shown, or a scale.

Everything that is read of a colouring is read in `legend_entries` and `legend_scale`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPen

from app.panels.map import ByClass, ByNumber, Colouring
from app.panels.values import Tick, ticks, value_text
from widgets.theme import Theme, colour

LINE = 1.65  # height of an entry, in heights of the font
SWATCH = 0.36  # radius, in heights of the font
INDENT = 1.5  # of names, in heights of the font
BAR = (1.1, 14.0)  # width and greatest height of a scale, in heights of the font
STOPS = 65  # colours along a scale
MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One class as a legend shows it."""

    name: str
    colour: str  # "#RRGGBB"


@dataclass(frozen=True, slots=True)
class ScaleKey:
    """What the colours of a scale mean."""

    low: float
    high: float
    ticks: tuple[Tick, ...]  # an end beyond which values lie says so: ≤, ≥
    colours: tuple[str, ...]  # evenly from low to high
    missing: str | None  # colour of items without a value, if there are any


@dataclass(frozen=True, slots=True)
class Key:
    """A legend: what colours the map, and classes or a scale."""

    title: str
    entries: tuple[Entry, ...] = ()
    more: int = 0  # classes beyond the entries
    scale: ScaleKey | None = None


def build_key(colouring: Colouring, theme: Theme) -> Key | None:
    """What a legend says of a colouring; None if the map is plain."""
    if colouring is None:
        return None
    entries = legend_entries(colouring, theme)
    return Key(colouring.column, entries, scale=legend_scale(colouring, theme))


def legend_entries(colouring: Colouring, theme: Theme) -> tuple[Entry, ...]:
    """Classes that are shown, by the names and in the order of the legend; () if there are none.

    Classes without a colour of their own are one entry.
    """
    if not isinstance(colouring, ByClass):
        return ()
    palette = colouring.palette(dark=theme.is_dark)
    group = (colouring.other,) if len(colouring.members) else ()
    none = (colouring.none,) if colouring.missing else ()
    return tuple(
        Entry(colouring.label(code), "#{:02X}{:02X}{:02X}".format(*palette[colouring.entry(code)]))
        for code in (*colouring.named, *group, *none)
        if colouring.shown_share(code) > 0
    )


def legend_scale(colouring: Colouring, theme: Theme) -> ScaleKey | None:
    """A scale with its ticks; None if classes colour the map."""
    if not isinstance(colouring, ByNumber):
        return None
    numbers, low, high = colouring.numbers, colouring.low, colouring.high
    palette = colouring.colours(dark=theme.is_dark)
    table = ["#{:02X}{:02X}{:02X}".format(*row) for row in palette]
    along = [table[at] for at in colouring.entries_at(np.linspace(low, high, STOPS))]
    marks = ticks(low, high, MOST_TICKS, is_date=numbers.is_date, alone=True)
    if not marks:  # one value, or a range in which nothing is round
        marks = [(low, value_text(low, high, is_date=numbers.is_date))]
    open_low, open_high = low > numbers.low, high < numbers.high
    far = 0.06 * (high - low)  # so far from an end, a tick leaves room for the end's own
    if open_low and far > 0:
        text = value_text(low, high, is_date=numbers.is_date)
        marks = [(low, f"≤ {text}"), *(tick for tick in marks if tick[0] - low > far)]
    if open_high and far > 0:
        text = value_text(high, low, is_date=numbers.is_date)
        marks = [*(tick for tick in marks if high - tick[0] > far), (high, f"≥ {text}")]
    missing = bool((numbers.values != numbers.values).any())
    return ScaleKey(low, high, tuple(marks), tuple(along), table[-1] if missing else None)


class LegendPainter:
    """Measures and paints a key in some font; lengths are logical pixels."""

    def __init__(self, key: Key, font: QFont, theme: Theme) -> None:
        self._key = key
        self._font, self._bold = QFont(font), QFont(font)
        self._bold.setBold(True)
        self._theme = theme
        self._metrics = QFontMetricsF(self._font)
        self._unit = self._metrics.height()

    def width(self, most: float) -> float:
        """How wide it wants to be, at most `most`."""
        key, unit = self._key, self._unit
        widths = [QFontMetricsF(self._bold).horizontalAdvance(key.title)]
        advance = self._metrics.horizontalAdvance
        widths += [INDENT * unit + advance(entry.name) for entry in key.entries]
        widths += [INDENT * unit + advance(f"and {len(key.entries) + key.more:,} more")]
        if key.scale is not None:
            labels = [text for _, text in key.scale.ticks]
            widths += [(BAR[0] + 0.7) * unit + advance(text) for text in labels]
            widths += [INDENT * unit + advance("no value")]
        return min(max(widths) + 2, most)

    def paint(self, painter: QPainter, room: QRectF) -> None:
        """Paint it at the upper left of a room, and no more of it than the room holds."""
        painter.setFont(self._bold)
        painter.setPen(colour(self._theme.text))
        head = QRectF(room.left(), room.top(), room.width(), self._unit * 1.3)
        self._text(painter, head, self._key.title, self._bold)
        painter.setFont(self._font)
        rest = room.adjusted(0, head.height() + 0.3 * self._unit, 0, 0)
        if self._key.scale is not None:
            self._paint_scale(painter, rest, self._key.scale)
        else:
            self._paint_entries(painter, rest)

    def _paint_entries(self, painter: QPainter, room: QRectF) -> None:
        entries, line = self._key.entries, LINE * self._unit
        fit = max(0, int(room.height() / line))
        count = len(entries) + self._key.more
        shown = count if count <= fit else max(0, min(fit - 1, len(entries)))
        for at, entry in enumerate(entries[:shown]):
            self._entry(
                painter, QRectF(room.left(), room.top() + at * line, room.width(), line), entry
            )
        if shown < count and fit:
            rest = QRectF(room.left(), room.top() + shown * line, room.width(), line)
            rest.setLeft(rest.left() + INDENT * self._unit)
            painter.setPen(colour(self._theme.muted))
            words = f"and {count - shown:,} more" if shown else f"{count:,} classes"
            self._text(painter, rest, words, self._font)

    def _entry(self, painter: QPainter, line: QRectF, entry: Entry) -> None:
        unit = self._unit
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(entry.colour))
        middle = QPointF(line.left() + 0.5 * unit, line.center().y())
        painter.drawEllipse(middle, SWATCH * unit, SWATCH * unit)
        painter.setPen(colour(self._theme.text))
        self._text(painter, line.adjusted(INDENT * unit, 0, 0, 0), entry.name, self._font)

    def _paint_scale(self, painter: QPainter, room: QRectF, scale: ScaleKey) -> None:
        unit, line = self._unit, LINE * self._unit
        tail = line if scale.missing is not None else 0.0
        height = min(BAR[1] * unit, room.height() - tail - unit)
        if height < 2 * unit:
            return
        bar = QRectF(room.left(), room.top() + 0.5 * unit, BAR[0] * unit, height)
        fill = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        for at, name in enumerate(scale.colours):
            fill.setColorAt(at / (len(scale.colours) - 1), QColor(name))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRect(bar)
        for value, text in scale.ticks:
            span = scale.high - scale.low
            share = (value - scale.low) / span if span > 0 else 0.5
            y = bar.bottom() - share * bar.height()
            painter.setPen(QPen(colour(self._theme.muted), 0.08 * unit))
            painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + 0.35 * unit, y))
            painter.setPen(colour(self._theme.text))
            spot = QRectF(bar.right() + 0.6 * unit, y - unit / 2, 0, unit)
            spot.setRight(room.right())
            self._text(painter, spot, text, self._font)
        if scale.missing is not None:
            below = QRectF(room.left(), bar.bottom() + 0.6 * unit, room.width(), line)
            self._entry(painter, below, Entry("no value", scale.missing))

    def _text(self, painter: QPainter, room: QRectF, text: str, font: QFont) -> None:
        """One line, shortened with dots where it has no room."""
        metrics = QFontMetricsF(font)
        clean = " ".join(text.split())
        shown = metrics.elidedText(clean, Qt.TextElideMode.ElideRight, room.width() + 0.5)
        middle = room.center().y() + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(room.left(), middle), shown)
