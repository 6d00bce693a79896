"""What a hand does to labels: a click selects the region, a double-click renames it in its place.

It looks at the map's events before the map does, and takes only those that are meant for a label;
a drag that begins on one moves the map as anywhere else.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QToolTip

from app.panels.topic_edits import TopicLabel
from app.panels.topics import TopicsModel
from backends.wording import counted
from widgets.map_hand import MapHand
from widgets.map_tools import CLICK, mode_of
from widgets.topic_labels import TopicLabels

FIELD_WIDTH = 180  # logical pixels, at least


class TopicHand(QObject):
    """Brings clicks on labels to a `TopicsModel`."""

    def __init__(self, canvas: MapHand, layer: TopicLabels, model: TopicsModel) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._layer = layer
        self._model = model
        self._pressed: tuple[TopicLabel, QPointF] | None = None
        self._last: int | None = None  # the region clicked last, for F2
        self.field: QLineEdit | None = None
        canvas.installEventFilter(self)

    def rename(self, number: int) -> None:
        """Put a field in the place of a label that is shown."""
        box = self._layer.box(number, self._canvas.camera)
        if box is None:
            return
        self._close_field()
        field = QLineEdit(self._model.text(number), self._canvas)
        field.setAccessibleName("Name of the cluster")
        field.setToolTip("Enter keeps the name, Esc leaves it; an empty one is automatic again")
        field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        width = max(FIELD_WIDTH, round(box.width()) + 24)
        field.resize(width, field.sizeHint().height())
        middle = box.center().toPoint() - QPoint(width // 2, field.height() // 2)
        room = self._canvas.rect().adjusted(2, 2, -2 - field.width(), -2 - field.height())
        left = max(room.left(), min(middle.x(), room.right()))
        field.move(left, max(room.top(), min(middle.y(), room.bottom())))
        field.selectAll()
        field.installEventFilter(self)
        field.editingFinished.connect(lambda: self._take(field, number))
        self.field = field
        self._layer.edit(number)
        field.show()
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self, field: QLineEdit, number: int) -> None:
        if field is self.field:
            text = field.text()
            self._close_field()
            self._model.rename(number, text)

    def _close_field(self) -> None:
        field, self.field = self.field, None
        if field is not None:
            had_focus = field.hasFocus()
            field.hide()
            field.deleteLater()
            self._layer.edit(None)
            if had_focus:
                self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _at(self, spot: QPointF) -> TopicLabel | None:
        return self._layer.at(spot, self._canvas.camera)

    def _on_press(self, event: QMouseEvent) -> bool:
        self._close_field()
        label = self._at(event.position())
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = (label, event.position()) if label is not None and is_left else None
        return False  # it may become a drag

    def _on_release(self, event: QMouseEvent) -> bool:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            return False
        label, start = pressed
        if (event.position() - start).manhattanLength() >= CLICK:
            return False
        self._canvas.cancel_drag()
        self._last = label.number
        self._model.select(label.number, mode_of(event.modifiers()))
        return True

    def _on_move(self, event: QMouseEvent) -> bool:
        if event.buttons() != Qt.MouseButton.NoButton:
            return False
        label = self._at(event.position())
        was_over = self._layer.hovered is not None
        self._layer.mark(label.number if label is not None else None)
        if label is not None or was_over:
            self._canvas.point_at_label(label is not None)
        return label is not None

    def _on_double_click(self, event: QMouseEvent) -> bool:
        label = self._at(event.position())
        if label is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        self.rename(label.number)
        return True

    def _on_help(self, event: QHelpEvent) -> bool:
        label = self._at(QPointF(event.pos()))
        if label is None:
            return False
        QToolTip.showText(event.globalPos(), said_of(label), self._canvas)
        return True

    def _on_menu(self, event: QContextMenuEvent) -> bool:
        label = self._at(QPointF(event.pos()))
        if label is None:
            return False
        menu = self.build_menu(label)
        menu.popup(event.globalPos())
        return True

    def build_menu(self, label: TopicLabel) -> QMenu:
        """What can be done with a label; the menu deletes itself when it is closed."""
        model, number = self._model, label.number
        menu = QMenu(self._canvas)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Select its items", lambda: model.select(number))
        menu.addAction("Zoom to it", lambda: model.go_to(number))
        menu.addSeparator()
        menu.addAction("Rename…", lambda: self.rename(number))
        menu.addAction("Hide", lambda: model.hide(number))
        back = menu.addAction("Back to the automatic name", lambda: model.reset(number))
        back.setEnabled(model.is_edited(number))
        return menu

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.key() != Qt.Key.Key_F2:
            return False
        number = self._layer.hovered if self._layer.hovered is not None else self._last
        if number is None:
            return False
        self.rename(number)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is meant for a label, or for the field in its place."""
        kind = event.type()
        if watched is self.field:
            if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
                if kind == QEvent.Type.KeyPress:
                    self._close_field()
                return True
            return False
        if kind == QEvent.Type.Leave:
            self._layer.mark(None)
        elif kind == QEvent.Type.Wheel:
            self._close_field()
        elif isinstance(event, QMouseEvent):
            return self._on_mouse(kind, event)
        elif isinstance(event, QHelpEvent) and kind == QEvent.Type.ToolTip:
            return self._on_help(event)
        elif isinstance(event, QContextMenuEvent):
            return self._on_menu(event)
        elif isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            return self._on_key(event)
        return False

    def _on_mouse(self, kind: QEvent.Type, event: QMouseEvent) -> bool:
        if self._canvas.tool == "brush":  # it paints wherever it is put down
            self._layer.mark(None)
            return False
        if kind == QEvent.Type.MouseButtonPress:
            return self._on_press(event)
        if kind == QEvent.Type.MouseButtonRelease:
            return self._on_release(event)
        if kind == QEvent.Type.MouseMove:
            return self._on_move(event)
        if kind == QEvent.Type.MouseButtonDblClick:
            return self._on_double_click(event)
        return False


def said_of(label: TopicLabel) -> str:
    """What is said of a label under the cursor."""
    items = counted(label.count, "item")
    return f"{label.text}\n{items}. Click selects them, double-click renames."
