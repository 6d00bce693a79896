"""The map's surface: shows the newest picture, moved to where the hand is, and what lies over it.

The picture is a `QImage` over the drawing thread's own memory. Until a fresh one comes, the last
one is painted transformed, so panning and zooming never wait for the drawing.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.panels.map import Card, Tool
from backends.arrays import Matrix
from backends.raster.camera import Bounds, Camera, bounds_of
from backends.raster.colour import Paint
from widgets.map_card import lying_over, paint_card
from widgets.map_image import Frame, MapImage, Wish
from widgets.map_layers import Layer, Scene
from widgets.map_overlay import Place, paint_drag, paint_ring
from widgets.map_tools import Drag
from widgets.theme import colour, current_theme

MARGIN = 0.08  # of the width: an item so far from the edge is well in view
CLOSEST = 1e5  # times the scale at which everything fits
FARTHEST = 0.2


class MapCanvas(QWidget):
    """Moves a camera over a layout and paints what it sees; `MapHand` adds mouse and keys."""

    hovered = Signal(object)  # row | None
    drawn = Signal(object)  # Frame
    camera_changed = Signal(object)  # Camera

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 120)
        self.setAccessibleName("Map")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.image = MapImage(self)
        self.image.drawn.connect(self._on_drawn)
        self.camera = Camera()
        self.layers: list[Layer] = []  # lowest first
        self._layout: Matrix | None = None
        self._bounds: Bounds | None = None
        self._paint: Paint | None = None
        self._size, self._equalised = 1.0, False
        self._tool: Tool = "pan"
        self._follows = True  # fit every new layout, until the person moves the map
        self._frame: Frame | None = None
        self._picture = QImage()
        self._drag: Drag | None = None
        self._hover: int | None = None
        self._by_keys = False  # the keyboard came here by keys: show where it is
        self._card: tuple[Card, QColor] | None = None

    @property
    def frame(self) -> Frame | None:
        """The picture that is shown."""
        return self._frame

    @property
    def is_moved(self) -> bool:
        """Whether the person chose what to look at."""
        return not self._follows

    def show_layout(
        self, layout: Matrix | None, *, refit: bool = False, start: Matrix | None = None
    ) -> None:
        """Show points; the camera stays where the person put it, unless `refit`.

        With `start` they are there at first, and the camera looks at where they will be.
        """
        self._layout = start if start is not None else layout
        self._bounds = self._take(layout, anew=refit)
        self._set_hover(None)
        if layout is None:
            self._frame, self._picture, self._follows = None, QImage(), True
            self.update()
        elif refit or self._follows:
            self.fit()
        else:
            self._ask()

    def show_moving(self, layout: Matrix) -> None:
        """Show points on their way; the camera stays."""
        self._layout = layout
        self._ask()
        self.update()

    def show_paint(self, paint: Paint | None) -> None:
        """Show the points in other colours."""
        self._paint = paint
        self._ask()

    def show_size(self, factor: float) -> None:
        """Show larger or smaller points."""
        self._size = factor
        self._ask()

    def show_shading(self, *, equalised: bool) -> None:
        """Let opacity follow the rank of density, or its logarithm."""
        self._equalised = equalised
        self._ask()

    def show_tool(self, tool: Tool) -> None:
        """Change what dragging does."""
        self._tool = tool
        self._drag = None
        self._show_cursor()
        self.update()

    def show_card(self, card: Card | None, swatch: QColor | None = None) -> None:
        """Show what is known about the hovered item."""
        self._card = (card, swatch or QColor()) if card is not None else None
        self.update()

    def add_layer(self, layer: Layer, *, lowest: bool = False) -> None:
        """Paint a layer over the points and over the layers there are, or under those.

        What lies on the ground stays below.
        """
        low = 0 if layer.is_ground else sum(other.is_ground for other in self.layers)
        self.layers.insert(low if lowest or layer.is_ground else len(self.layers), layer)
        layer.changed.connect(self.update)

    def scene(self) -> Scene | None:
        """What layers paint on now, or None while there is no layout."""
        if self._layout is None:
            return None
        radius = (self._frame.radius / self.camera.ratio) if self._frame is not None else 2.0
        return Scene(self._place(self._layout), current_theme(), QRectF(self.rect()), radius)

    def fit(self) -> None:
        """Show everything, and go on doing so while points move."""
        self._follows = True
        if self._bounds is not None:
            self._move(self._sized().fitted(self._bounds))

    def go_to(self, row: int) -> None:
        """Bring an item into the middle, unless it is well in view already.

        One without a place changes nothing.
        """
        seen = self._place(self._layout).seen(row) if self._layout is not None else None
        if seen is None:
            return
        camera = self._sized()
        px, py = camera.to_pixel(*seen)
        dx, dy = camera.width * MARGIN, camera.height * MARGIN
        if dx <= px <= camera.width - dx and dy <= py <= camera.height - dy:
            return
        self._follows = False
        self._move(camera.panned(camera.width / 2 - px, camera.height / 2 - py))

    def look_at(self, x: float, y: float, scale: float) -> None:
        """Show a place in the middle, enlarged to logical pixels per unit of the plane."""
        if self._bounds is not None:
            self._follows = False
            camera = self._sized()
            self._move(replace(camera, x=x, y=y, scale=scale * camera.ratio))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom at a place of the widget, or at its middle."""
        if self._bounds is None:
            return
        camera = self._sized()
        spot = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        whole = camera.fitted(self._bounds).scale
        scale = min(max(camera.scale * factor, whole * FARTHEST), whole * CLOSEST)
        self._follows = False
        ratio = camera.ratio
        self._move(camera.zoomed(scale / camera.scale, spot.x() * ratio, spot.y() * ratio))

    def pan_by(self, dx: float, dy: float) -> None:
        """Shift the map by logical pixels."""
        if self._bounds is not None:
            self._follows = False
            camera = self._sized()
            self._move(camera.panned(dx * camera.ratio, dy * camera.ratio))

    def _sized(self) -> Camera:
        ratio = self.devicePixelRatioF()
        return self.camera.sized(round(self.width() * ratio), round(self.height() * ratio), ratio)

    def _move(self, camera: Camera) -> None:
        self.camera = camera
        self.camera_changed.emit(camera)
        self._ask()
        self.update()

    def _ask(self) -> None:
        paint, layout = self._paint, self._layout
        if layout is not None and paint is not None and len(paint.codes) == len(layout):
            self.image.ask(self._wish(layout, paint))

    def _take(self, layout: Matrix | None, *, anew: bool) -> Bounds | None:
        return bounds_of(layout) if layout is not None else None

    def _place(self, layout: Matrix) -> Place:
        return Place(layout, self.camera)

    def _wish(self, layout: Matrix, paint: Paint) -> Wish:
        return Wish(layout, paint, self.camera, self._size, self._equalised)

    def _on_drawn(self, frame: Frame) -> None:
        if self._layout is None or len(frame.wish.layout) != len(self._layout):
            return  # it was begun for another corpus: its rows are not these
        height, width = frame.picture.shape
        shape = QImage.Format.Format_ARGB32_Premultiplied
        self._frame = frame  # keeps the memory under the QImage alive
        self._picture = QImage(frame.picture.data, width, height, width * 4, shape)
        self.drawn.emit(frame)
        self.update()

    def _set_hover(self, row: int | None) -> None:
        if row != self._hover:
            self._hover, self._card = row, None
            self.hovered.emit(row)
            self._show_cursor()
            self.update()

    def _show_cursor(self) -> None:
        if self._drag is not None and self._drag.tool == "pan":
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._tool != "pan":
            self.setCursor(Qt.CursorShape.CrossCursor)
        elif self._hover is not None:  # a click looks at it
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setCursor(Qt.CursorShape.ArrowCursor)

    def _paint_layers(self, painter: QPainter) -> None:
        scene = self.scene()
        if scene is None:
            return
        for layer in self.layers:
            painter.save()
            layer.paint(painter, scene)
            painter.restore()
        spot = scene.place.of(self._hover) if self._hover is not None else None
        if spot is not None:
            theme = scene.theme
            paint_ring(painter, spot, scene.radius + 2, theme.accent, theme.map_background)
            if self._card is not None and self._drag is None:
                paint_card(painter, scene.area, spot, *self._card, theme, lying_over(self))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground, points, what is drawn by hand, layers."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(current_theme().map_background))
        if self._frame is not None:
            _paint_picture(painter, self._picture, self._frame.wish.camera, self.camera)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._drag is not None and self._drag.moved:
            paint_drag(painter, self._drag, current_theme())
        self._paint_layers(painter)
        if self.hasFocus() and self._by_keys:
            painter.setPen(QPen(colour(current_theme().accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the middle in the middle, or everything in view."""
        if self._follows and self._bounds is not None:
            self.fit()
        else:
            self._move(self._sized())


def _paint_picture(painter: QPainter, picture: QImage, seen: Camera, now: Camera) -> None:
    """Paint a picture that one camera saw where another one sees its parts."""
    left, top = now.to_pixel(*seen.to_plane(0.0, 0.0))
    grown = now.scale / seen.scale / now.ratio
    target = QRectF(left / now.ratio, top / now.ratio, seen.width * grown, seen.height * grown)
    smooth = abs(now.scale - seen.scale) > 1e-9 * now.scale
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(target, picture)
