"""The whole map as a small picture, with a frame round what is looked at.

The picture is drawn aside from the points that the map has sorted already, once for each layout and
each paint; moving the map only moves the frame.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QEnterEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from app.panels.shows import ShowsModel
from backends.raster.camera import Camera
from widgets.aside import Aside
from widgets.map_canvas import MapCanvas
from widgets.map_image import Frame
from widgets.theme import colour, current_theme, theme_signal

if TYPE_CHECKING:
    from backends.raster.colour import Ink
    from backends.raster.points import Points

SIZES = (((620, 380), (150, 110)), ((420, 260), (112, 82)))
"""From which size of the map on, how large the picture is; none in a smaller map."""
EDGE = 8  # from the corner of the map
PAD = 4  # round the picture, logical pixels
LEAST = 7.0  # logical pixels of the frame, however closely the map is looked at
WHEEL_STEP = 1.0015  # per eighth of a degree, as on the map
STEP = 0.25  # of what is in view, that an arrow key moves
ZOOM_STEP = 1.4
PAUSE_MS = 150  # between pictures, while colours change many times a second
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Minimap(QWidget):
    """Lies in the upper right corner of a canvas while that shows only a part of the map."""

    def __init__(self, canvas: MapCanvas, shows: ShowsModel) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._shows = shows
        self._frame: Frame | None = None
        self._asked: tuple[Points, Ink, QSize] | None = None  # what the picture shows
        self._camera = Camera()  # of the picture
        self._pixels: NDArray[np.uint32] | None = None  # the memory under the picture
        self._picture = QImage()
        self._grip: QPointF | None = None  # from the middle of the frame to the hand
        self._aside = Aside("minimap", self)
        self._aside.done.connect(self._on_drawn)
        self.failed = self._aside.failed
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.timeout.connect(self._ask)
        self.setAccessibleName("Minimap")
        self.setToolTip("The whole map. Drag the frame or click to move, turn the wheel to zoom.")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        canvas.installEventFilter(self)
        canvas.drawn.connect(self._on_map_drawn)
        canvas.camera_changed.connect(self.arrange)
        shows.changed.connect(self.arrange)
        theme_signal().changed.connect(self._on_theme_changed)

    @property
    def is_idle(self) -> bool:
        """Whether the picture is that of the map as it was drawn last."""
        return self._aside.is_idle and not self._soon.isActive()

    def arrange(self, _fact: object = None) -> None:
        """Lie in the corner, or hide where it would say nothing or there is no room."""
        size = self._room()
        wanted = size is not None and self._shows.is_on("minimap") and self._is_part()
        if size is not None and wanted:
            place = QPoint(self._canvas.width() - size.width() - EDGE, EDGE)
            if self.size() != size:
                self.resize(size)
            self.move(place)
        self.setVisible(wanted)
        if wanted:
            self._want()
            self.update()

    def frame_rect(self) -> QRectF:
        """The frame round what is looked at, within the picture."""
        seen, small = self._canvas.camera, self._camera
        left, top = small.to_pixel(*seen.to_plane(0, 0))
        right, bottom = small.to_pixel(*seen.to_plane(seen.width, seen.height))
        ratio = small.ratio
        rect = QRectF(left / ratio, top / ratio, (right - left) / ratio, (bottom - top) / ratio)
        inside = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        shown = rect.intersected(inside)
        if shown.width() < LEAST or shown.height() < LEAST:
            half = LEAST / 2
            room = inside.adjusted(half, half, -half, -half)
            middle = (shown if not shown.isEmpty() else rect).center()
            middle.setX(min(max(middle.x(), room.left()), room.right()))
            middle.setY(min(max(middle.y(), room.top()), room.bottom()))
            least = QRectF(middle - QPointF(half, half), middle + QPointF(half, half))
            shown = shown.united(least) if not shown.isEmpty() else least
        return shown

    def _room(self) -> QSize | None:
        width, height = self._canvas.width(), self._canvas.height()
        fits = (size for (least, low), size in SIZES if width >= least and height >= low)
        size = next(fits, None)
        return QSize(*size) if size is not None else None

    def _is_part(self) -> bool:
        """Whether something of the map lies outside what is looked at."""
        frame, seen = self._frame, self._canvas.camera
        if frame is None or not len(frame.points):
            return False
        left, bottom, right, top = frame.points.bounds
        a, b = seen.to_pixel(left, top)
        c, d = seen.to_pixel(right, bottom)
        return a < 0 or b < 0 or c > seen.width or d > seen.height

    def _want(self) -> None:
        """Have a picture drawn if there is another one to draw."""
        frame = self._frame
        if frame is None or self._soon.isActive():
            return
        asked = self._asked
        same = asked is not None and asked[0] is frame.points and asked[1] is frame.ink
        if not same or asked is None or asked[2] != self.size() * self.devicePixelRatioF():
            self._soon.start(PAUSE_MS if asked is not None else 0)

    def _ask(self) -> None:
        frame = self._frame
        if frame is None or not self.isVisible():
            return
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        camera = Camera(width=size.width(), height=size.height(), ratio=ratio)
        room = camera.sized(size.width() - round(2 * PAD * ratio), size.height(), ratio)
        camera = replace(room.fitted(frame.points.bounds), width=size.width())
        self._asked = (frame.points, frame.ink, size)
        self._aside.ask(partial(_draw, frame.points, frame.ink, camera))

    def _on_map_drawn(self, frame: Frame) -> None:
        other = self._frame is None or self._frame.points is not frame.points
        self._frame = frame
        if other or self.isVisible():
            self.arrange()

    def _on_drawn(self, drawn: tuple[Camera, NDArray[np.uint32]]) -> None:
        self._camera, self._pixels = drawn
        height, width = self._pixels.shape
        shape = QImage.Format.Format_ARGB32_Premultiplied
        self._picture = QImage(self._pixels.data, width, height, width * 4, shape)
        self._picture.setDevicePixelRatio(self._camera.ratio)
        self.update()
        self._want()

    def _on_theme_changed(self, _theme: object) -> None:
        self.update()

    def _go(self, spot: QPointF) -> None:
        """Look at a place of the picture."""
        ratio = self._camera.ratio
        x, y = self._camera.to_plane(spot.x() * ratio, spot.y() * ratio)
        seen = self._canvas.camera
        self._canvas.look_at(x, y, seen.scale / seen.ratio)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Follow the size of the map."""
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            QTimer.singleShot(0, self, self.arrange)
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        """Nothing of the map is under the cursor here."""
        QApplication.sendEvent(self._canvas, QEvent(QEvent.Type.Leave))
        super().enterEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the frame where it is, or bring it here."""
        if event.button() != Qt.MouseButton.LeftButton or self._pixels is None:
            return
        rect = self.frame_rect()
        here = event.position()
        self._grip = here - rect.center() if rect.contains(here) else QPointF()
        if not rect.contains(here):
            self._go(here)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the frame."""
        if self._grip is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position() - self._grip)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let the frame go."""
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two clicks are two clicks."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Look closer, or from farther away, at the same place."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        self._canvas.zoom_by(WHEEL_STEP**turned)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the frame, plus and minus zoom."""
        key = Qt.Key(event.key())
        if key in ARROWS:
            dx, dy = ARROWS[key]
            width, height = self._canvas.width(), self._canvas.height()
            self._canvas.pan_by(-dx * STEP * width, dy * STEP * height)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._canvas.zoom_by(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self._canvas.zoom_by(1 / ZOOM_STEP)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground, picture and frame; what is not looked at stands back."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(colour(theme.accent if self.hasFocus() else theme.border), 1.0))
        painter.setBrush(colour(theme.map_background, 240))
        painter.drawRoundedRect(card, 5, 5)
        if not self._picture.isNull():
            painter.drawImage(0, 0, self._picture)
            rect = self.frame_rect()
            painter.setPen(QPen(colour(theme.map_background, 200), 3.5))
            painter.setBrush(colour(theme.accent, 30))
            painter.drawRoundedRect(rect, 2, 2)
            painter.setPen(QPen(colour(theme.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, 2, 2)
        painter.end()


def _draw(points: Points, ink: Ink, camera: Camera) -> tuple[Camera, NDArray[np.uint32]]:
    """Draw all points, each as small as it can be."""
    from backends.raster.draw import dots_for, draw

    return camera, draw(points, ink, camera, dots_for(points, camera))
