"""Labels over the points: each in its own range of scales, with a halo, coming and going gently.

A label is painted once into a picture of its own and then only put in its place, so that a hundred
of them cost nothing while the map is moved. Pictures that are exported get the same labels, without
any of them half way.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import (
    QFont,
    QFontInfo,
    QFontMetricsF,
    QImage,
    QPaintEngine,
    QPainter,
    QPainterPath,
    QPen,
)

from app.panels.topic_edits import TopicLabel
from backends.raster.camera import Camera
from backends.raster.placing import Label, Ranges, place
from widgets.map_layers import Layer, Scene
from widgets.theme import Theme, colour

FADE_SECONDS = 0.15
FRAME_MS = 16
SIZES = (1.14, 1.0, 0.92)  # of the application's font, by level; finer levels as the last
WEIGHTS = (QFont.Weight.Bold, QFont.Weight.DemiBold, QFont.Weight.Medium)
HALO = 3.0  # logical pixels round the letters
PAD = 4.0
WRAP_FROM = 17  # letters
LINE_MOST = 34
SMALLEST = 26.0  # logical pixels of a region's long side, from which on a finer label is wanted
EDGE = 6.0  # from a label to the border of the picture in which everything is seen


@dataclass(frozen=True)
class Face:
    """How a label looks, whatever the theme: its lines, its font, its size in logical pixels."""

    lines: tuple[str, ...]
    font: QFont
    size: QSizeF


class TopicLabels(Layer):
    """Paints labels and knows which one is at a place."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_held_back = False  # while points move they are not where the labels are
        self.hovered: int | None = None  # number of a region
        self.edited: int | None = None  # its label is not painted: a field stands there
        self._labels: tuple[TopicLabel, ...] = ()
        self._faces: tuple[Face, ...] = ()
        self._shifts: list[float] = []
        self._ranges: Ranges | None = None
        self._whole: Camera | None = None  # in which everything is seen
        self._camera: Camera | None = None
        self._shown: frozenset[int] = frozenset()  # positions
        self._since: dict[int, float] = {}  # labels coming or going, and from when
        self._stamps: dict[tuple[object, ...], QImage] = {}
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._on_frame)

    @property
    def shown(self) -> tuple[TopicLabel, ...]:
        """Labels that are shown at the camera that is followed, wherever they lie."""
        return tuple(self._labels[i] for i in sorted(self._shown)) if self._visible else ()

    @property
    def ranges(self) -> Ranges | None:
        """At which scales each label is shown, logical pixels per unit of the plane."""
        return self._ranges

    def show_labels(self, labels: Sequence[TopicLabel], whole: Camera | None = None) -> None:
        """Show these labels; at the camera `whole` everything is seen."""
        self._whole = whole
        self._labels = tuple(labels)
        self._faces = tuple(face_of(label.text, label.level) for label in labels)
        self._stamps.clear()
        self._arrange()

    def show_whole(self, camera: Camera | None) -> None:
        """Tell at which camera everything is seen: there no label is cut by the border."""
        if camera != self._whole:
            self._whole = camera
            self._arrange()

    def follow(self, camera: Camera) -> None:
        """Show what belongs to another scale; what comes or goes is faded."""
        self._camera = camera
        if self._ranges is None:
            return
        scale = camera.scale / camera.ratio
        shown = frozenset(self._ranges.shown(scale).nonzero()[0].tolist())
        turned = shown ^ self._shown
        if not turned:
            return
        now = time.monotonic()
        for i in turned:  # one that turns half way goes on from where it is
            done = min((now - self._since.get(i, -math.inf)) / FADE_SECONDS, 1.0)
            self._since[i] = now - (1 - done) * FADE_SECONDS
        self._shown = shown
        self._timer.start()

    def hold_back(self, held: bool) -> None:
        """Show nothing for a while, or show it again."""
        if held != self.is_held_back:
            self.is_held_back = held
            self.changed.emit()

    def mark(self, hovered: int | None) -> None:
        """Set off the label under the cursor."""
        if hovered != self.hovered:
            self.hovered = hovered
            self.changed.emit()

    def edit(self, number: int | None) -> None:
        """Leave out a label while a field stands in its place."""
        self.edited = number
        self.changed.emit()

    def at(self, spot: QPointF, camera: Camera) -> TopicLabel | None:
        """The label that is seen at a place of the widget, or None."""
        for i in self._shown if self._visible else ():
            if self._box(i, camera).contains(spot):
                return self._labels[i]
        return None

    def box(self, number: int, camera: Camera) -> QRectF | None:
        """Where a region's label stands, if it is shown."""
        for i in self._shown if self._visible else ():
            if self._labels[i].number == number:
                return self._box(i, camera)
        return None

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint the labels of the scene's scale."""
        if not self._visible or self._ranges is None:
            return
        camera = scene.place.camera
        if painter.paintEngine().type() != QPaintEngine.Type.Raster or camera != self._camera:
            self._paint_still(painter, scene)
            return
        now = time.monotonic()
        opacities = {i: self._opacity(i, now) for i in self._shown | self._since.keys()}
        area = scene.area.adjusted(-PAD, -PAD, PAD, PAD)
        for i in sorted(opacities, reverse=True):
            box = self._box(i, camera)
            if box.intersects(area) and self._labels[i].number != self.edited:
                painter.setOpacity(opacities[i])
                self._paint_stamp(painter, i, box, scene.theme)

    def _paint_still(self, painter: QPainter, scene: Scene) -> None:
        """Paint another picture: none half way, letters as large as those of that picture.

        Labels that are k times as large fit in as labels of their own size do at a k-th of the
        scale.
        """
        assert self._ranges is not None
        camera = scene.place.camera
        own, there = (QFontInfo(font).pixelSize() for font in (QFont(), painter.font()))
        larger = there / max(own, 1)
        for i in self._ranges.shown(camera.scale / camera.ratio / larger).nonzero()[0].tolist():
            box = self._box(i, camera, larger)
            if box.intersects(scene.area):
                painter.save()
                painter.translate(box.topLeft())
                painter.scale(larger, larger)
                paint_face(painter, self._faces[i], scene.theme)
                painter.restore()

    @property
    def _visible(self) -> bool:
        return not self.is_held_back and bool(self._labels)

    def _arrange(self) -> None:
        """Give each label its range of scales anew."""
        self._since.clear()
        self._timer.stop()
        self._shifts = [self._shift(label, face) for label, face in self._pairs()]
        self._ranges = place(
            [
                Label(
                    label.x,
                    label.y,
                    face.size.width(),
                    face.size.height(),
                    label.level,
                    label.parent,
                    shift,
                    SMALLEST / max(label.extent, 1e-12) if label.level else 0.0,
                )
                for (label, face), shift in zip(self._pairs(), self._shifts, strict=True)
            ]
        )
        self._shown = frozenset()
        if self._camera is not None:
            self.follow(self._camera)
            self._since.clear()  # another set of labels is simply there
        self.changed.emit()

    def _pairs(self) -> list[tuple[TopicLabel, Face]]:
        return list(zip(self._labels, self._faces, strict=True))

    def _shift(self, label: TopicLabel, face: Face) -> float:
        """How far aside a label stands so that none is cut where everything is seen."""
        whole = self._whole
        if whole is None:
            return 0.0
        middle = whole.to_pixel(label.x, label.y)[0] / whole.ratio
        half, width = face.size.width() / 2 + EDGE, whole.width / whole.ratio
        if width < 2 * half:
            return 0.0
        return min(max(middle, half), width - half) - middle

    def _box(self, i: int, camera: Camera, larger: float = 1.0) -> QRectF:
        label, size = self._labels[i], self._faces[i].size * larger
        x, y = camera.to_pixel(label.x, label.y)
        box = QRectF(QPointF(), size)
        box.moveCenter(QPointF(x / camera.ratio + self._shifts[i] * larger, y / camera.ratio))
        return box

    def _opacity(self, i: int, now: float) -> float:
        share = min(max((now - self._since.get(i, -math.inf)) / FADE_SECONDS, 0.0), 1.0)
        return share if i in self._shown else 1.0 - share

    def _on_frame(self) -> None:
        now = time.monotonic()
        self._since = {i: at for i, at in self._since.items() if now - at < FADE_SECONDS}
        if not self._since:
            self._timer.stop()
        self.changed.emit()

    def _paint_stamp(self, painter: QPainter, i: int, box: QRectF, theme: Theme) -> None:
        marked = self._labels[i].number == self.hovered
        face = self._faces[i]
        ratio = painter.device().devicePixelRatioF()
        key = (i, ratio, theme.name, marked)
        if key not in self._stamps:
            self._stamps[key] = _stamp(face, ratio, theme, marked=marked)
        at = (box.topLeft() - QPointF(PAD, PAD)) * ratio
        # On whole pixels, so that letters stay sharp.
        painter.drawImage(QPointF(round(at.x()), round(at.y())) / ratio, self._stamps[key])


def face_of(text: str, level: int) -> Face:
    """Choose lines and font for a label of a level."""
    font = QFont()
    # In pixels, not in points: those are of another size on paper.
    font.setPixelSize(round(QFontInfo(font).pixelSize() * SIZES[min(level, len(SIZES) - 1)]))
    font.setWeight(WEIGHTS[min(level, len(WEIGHTS) - 1)])
    metrics = QFontMetricsF(font)
    lines = tuple(
        metrics.elidedText(
            line, Qt.TextElideMode.ElideRight, LINE_MOST * metrics.averageCharWidth()
        )
        for line in broken(text)
    )
    width = max(metrics.horizontalAdvance(line) for line in lines)
    return Face(lines, font, QSizeF(math.ceil(width), math.ceil(metrics.height() * len(lines))))


def broken(text: str) -> tuple[str, ...]:
    """Break a long label into two lines of about the same length."""
    breaks = [i for i, letter in enumerate(text) if letter == " " and 0 < i < len(text) - 1]
    if len(text) < WRAP_FROM or not breaks:
        return (text,)
    after_comma = [i for i in breaks if text[i - 1] == ","]
    middle = min(after_comma or breaks, key=lambda i: abs(i - len(text) / 2))
    return text[:middle], text[middle + 1 :]


def paint_face(painter: QPainter, face: Face, theme: Theme, *, marked: bool = False) -> None:
    """Paint a label with its upper left corner at 0, 0; in a drawing its letters stay letters."""
    metrics = QFontMetricsF(face.font)
    path = QPainterPath()
    starts = []
    for number, line in enumerate(face.lines):
        left = (face.size.width() - metrics.horizontalAdvance(line)) / 2
        starts.append(QPointF(left, metrics.ascent() + number * metrics.height()))
        path.addText(starts[-1], face.font, line)
    path.setFillRule(Qt.FillRule.WindingFill)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    halo = QPen(colour(theme.map_background, 225), 2 * HALO)
    halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(halo)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    ink = colour(theme.accent if marked else theme.text)
    if painter.paintEngine().type() != QPaintEngine.Type.Raster:
        painter.setPen(ink)
        painter.setFont(face.font)
        for start, line in zip(starts, face.lines, strict=True):
            painter.drawText(start, line)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawPath(path)


def _stamp(face: Face, ratio: float, theme: Theme, *, marked: bool) -> QImage:
    wide, high = face.size.width() + 2 * PAD, face.size.height() + 2 * PAD
    image = QImage(
        math.ceil(wide * ratio),
        math.ceil(high * ratio),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.translate(PAD, PAD)
    paint_face(painter, face, theme, marked=marked)
    painter.end()
    return image
