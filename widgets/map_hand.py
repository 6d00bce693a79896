"""Mouse, wheel, touchpad and keys over the map."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.panels.brush import BrushModel
from app.panels.map import TOOLS, Tool
from backends.raster.camera import Camera
from widgets.map_brush import BrushLayer
from widgets.map_space import SpaceCanvas
from widgets.map_tools import SHORTCUTS, Drag, mode_of, tool_for

Taker = Callable[[QKeyEvent], bool]  # takes a key, or says no

REACH = 8.0  # logical pixels from the cursor to the nearest item
NUDGE = 60.0  # logical pixels an arrow key moves the map
TURN = 0.4  # degrees that a logical pixel turns
TURN_STEP = 5.0  # degrees that an arrow key turns
ZOOM_STEP = 1.4
NOTCH = 120  # eighths of a degree of a wheel
WHEEL_STEP = 1.0015  # per eighth of a degree
BRUSH_STEPS = {"[": -1, "]": 1}
BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
ARROWS = {
    Qt.Key.Key_Left: (NUDGE, 0.0),
    Qt.Key.Key_Right: (-NUDGE, 0.0),
    Qt.Key.Key_Up: (0.0, NUDGE),
    Qt.Key.Key_Down: (0.0, -NUDGE),
}
ZOOMS = {
    Qt.Key.Key_Plus: ZOOM_STEP,
    Qt.Key.Key_Equal: ZOOM_STEP,
    Qt.Key.Key_Minus: 1 / ZOOM_STEP,
    Qt.Key.Key_Underscore: 1 / ZOOM_STEP,
}


class MapHand(SpaceCanvas):
    """Turns gestures into camera moves, clicks and outlines."""

    clicked = Signal(object)  # row | None
    outlined = Signal(object, object, object)  # rows, Drag, corners in the plane
    escaped = Signal()
    tool_chosen = Signal(object)  # Tool
    brush_stepped = Signal(object)  # steps, negative ones make it smaller

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.brush = BrushLayer(self)
        self.add_layer(self.brush)
        self.takers: list[Taker] = []  # asked first when a key is pressed
        self.words: Callable[[], str] = str  # the map for a screen reader

    @property
    def is_dragging(self) -> bool:
        """Whether a button is held down."""
        return self._drag is not None

    def use_brush(self, model: BrushModel) -> None:
        """Let the brush be as large as a model says, and keys and the wheel say so to it."""
        model.changed.connect(self.brush.show_radius)
        self.brush_stepped.connect(model.step)
        self.brush.show_radius(model.radius)

    def show_tool(self, tool: Tool) -> None:
        """Change what dragging does."""
        super().show_tool(tool)
        self.brush.show_tool(tool)

    def row_at(self, spot: QPointF) -> int | None:
        """The item that is seen at a place of the widget, or None."""
        frame = self.frame
        if frame is None or not self.image.is_warm:
            return None
        from backends.raster.pick import pick

        ratio = self.camera.ratio
        x, y = self.camera.to_plane(spot.x() * ratio, spot.y() * ratio)
        reach = max(REACH * ratio, frame.radius) / self.camera.scale
        row = pick(frame.points, x, y, reach, frame.ink.inks)
        return row if row >= 0 else None

    def zoom_step(self, closer: bool) -> None:
        """Zoom by a step about the middle."""
        self.zoom_by(ZOOM_STEP if closer else 1 / ZOOM_STEP)

    @property
    def tool(self) -> Tool:
        """What dragging does."""
        return self._tool

    @property
    def whole(self) -> Camera | None:
        """The camera in which everything is seen, or None while there is nothing to see."""
        return self._sized().fitted(self._bounds) if self._bounds is not None else None

    def point_at_label(self, pointing: bool) -> None:
        """Point at something over the items instead of at an item, or leave it."""
        if pointing:
            self._set_hover(None)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self._show_cursor()

    def cancel_drag(self) -> bool:
        """Drop a gesture under way; return whether there was one."""
        if self._drag is None:
            return False
        self.brush.follow(self._drag.last, None)
        self._drag = None
        self._show_cursor()
        self.update()
        return True

    def _end(self, drag: Drag) -> None:
        """A drag ended: a click, an outline, or a stroke of the brush."""
        if not drag.moved and drag.tool != "brush":
            self.clicked.emit(self.row_at(drag.last))
        elif drag.is_drawing and self.frame is not None and self.image.is_warm:
            from backends.raster.brush import swept
            from backends.raster.lasso import inside

            points, inks, ratio = self.frame.points, self.frame.ink.inks, self.camera.ratio
            spots = drag.path if drag.tool == "brush" else drag.outline
            corners = [self.camera.to_plane(at.x() * ratio, at.y() * ratio) for at in spots]
            if drag.tool == "brush":
                drag.reach = self.brush.radius * ratio / self.camera.scale
                self.outlined.emit(swept(points, corners, drag.reach, inks), drag, corners)
            else:
                self.outlined.emit(inside(points, corners, inks), drag, corners)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag; whatever the tool, the middle button moves and the right one turns."""
        keys, tool = event.modifiers(), self._tool
        if event.button() == Qt.MouseButton.MiddleButton:
            tool = "pan"
        elif event.button() == Qt.MouseButton.RightButton and self.is_deep:
            tool = "turn"
        elif event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        else:
            tool = tool_for(tool, keys, deep=self.is_deep)
        self._drag = Drag(tool, mode_of(keys), event.position())
        self.brush.follow(event.position(), self._drag)
        self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the map, draw the outline, or look at what is under the cursor."""
        drag = self._drag
        if drag is None:
            self._set_hover(self.row_at(event.position()))
            self.brush.follow(event.position(), None)
            return
        step = drag.move(event.position())
        self.brush.follow(event.position(), drag)
        if drag.moved:
            self._set_hover(None)
            if drag.tool == "pan":
                self.pan_by(step.x(), step.y())
            elif drag.tool == "turn":
                self.turn_by(TURN * step.x(), TURN * step.y())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag; a right click does nothing."""
        drag = self._drag
        idle = drag is not None and not drag.moved and event.button() == Qt.MouseButton.RightButton
        if self.cancel_drag() and drag is not None and not idle:
            self._end(drag)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything; with the brush it is the second dab."""
        if self._tool == "brush":
            self.mousePressEvent(event)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the cursor any more."""
        self._set_hover(None)
        self.brush.follow(None, None)
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor; two fingers on a touchpad move the map, with Ctrl they zoom.

        With the brush, Ctrl and the wheel change its size.
        """
        touch = event.device().type() == QInputDevice.DeviceType.TouchPad
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and self._tool == "brush" and not touch:
            self.brush_stepped.emit(event.angleDelta().y() / NOTCH)
        elif touch and not control:
            by = event.pixelDelta()
            self.pan_by(by.x(), by.y())
        else:
            turned = event.angleDelta().y() or event.angleDelta().x()  # Alt swaps the axes
            self.zoom_by(WHEEL_STEP**turned, event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom by pinching, where the platform reports it."""
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Everything a mouse does to the view, by keys."""
        key, text = Qt.Key(event.key()), event.text()
        if any(take(event) for take in self.takers):
            return
        if key in ARROWS:
            self._arrow(*ARROWS[key])
        elif key in ZOOMS:
            self.zoom_by(ZOOMS[key])
        elif key in (Qt.Key.Key_F, Qt.Key.Key_0):
            self.fit()
        elif key == Qt.Key.Key_Escape:
            if not self.cancel_drag():
                self.escaped.emit()
        elif text in BRUSH_STEPS and self._tool == "brush":
            self.brush_stepped.emit(BRUSH_STEPS[text])
        elif (tool := self._tool_of(text)) is not None:
            self.tool_chosen.emit(tool)
        else:
            super().keyPressEvent(event)

    def _arrow(self, dx: float, dy: float) -> None:
        """An arrow key moves the map, or turns it: it goes where the arrow points."""
        if self.arrows_turn:
            self.turn_by(-TURN_STEP * dx / NUDGE, -TURN_STEP * dy / NUDGE)
        else:
            self.pan_by(dx, dy)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that keys arrive here, if it was keys that came here."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._by_keys = event.reason() in BY_KEYS
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys go elsewhere."""
        super().focusOutEvent(event)
        self.update()

    @staticmethod
    def _tool_of(text: str) -> Tool | None:
        return next((tool for tool in TOOLS if SHORTCUTS[tool] == text.upper()), None)
