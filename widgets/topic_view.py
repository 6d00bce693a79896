"""Brings labels and contours onto a map: layers, what the hand does to them, and the camera."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.application import Application
from backends.raster.camera import Camera
from widgets.contour_layer import ContourLayer
from widgets.map_hand import MapHand
from widgets.topic_hand import TopicHand
from widgets.topic_labels import TopicLabels

SETTLED_MS = 60  # after the last change of the map's size
ROOM = 0.7  # share of the map that a region takes when it is looked at
CLOSEST = 40.0  # times the scale in which everything fits, for the smallest regions


class TopicView(QObject):
    """Shows a `TopicsModel` and a `ContoursModel` on the map's surface."""

    def __init__(self, canvas: MapHand, application: Application) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._topics = topics = application.topics
        self.contours = ContourLayer(application.contours, self)
        self.labels = TopicLabels(self)
        self._canvas.add_layer(self.labels, lowest=True)
        self._canvas.add_layer(self.contours, lowest=True)
        self.hand = TopicHand(self._canvas, self.labels, topics)
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settled.timeout.connect(lambda: self.labels.show_whole(self._canvas.whole))
        self._canvas.camera_changed.connect(self._on_camera_changed)
        application.projection.partial.connect(lambda _projection: self._hold_back(True))
        application.document.projection_changed.connect(lambda _shown: self._hold_back(False))
        topics.changed.connect(lambda _topics: self.show_labels())
        topics.go_requested.connect(self._go_to)
        self.labels.follow(self._canvas.camera)
        self.show_labels()

    def show_labels(self) -> None:
        """Show the model's labels."""
        self.labels.show_labels(self._topics.labels, self._canvas.whole)

    def _go_to(self, number: int) -> None:
        topics, whole = self._topics.topics, self._canvas.whole
        if topics is None or whole is None:
            return
        left, bottom, right, top = topics.regions.all[number].bounds
        across, up = max(right - left, 1e-12), max(top - bottom, 1e-12)
        scale = ROOM * min(self._canvas.width() / across, self._canvas.height() / up)
        most = CLOSEST * whole.scale / whole.ratio
        self._canvas.look_at((left + right) / 2, (bottom + top) / 2, min(scale, most))

    def _on_camera_changed(self, camera: Camera) -> None:
        self.labels.follow(camera)
        if not self.labels.is_held_back:
            self._settled.start()

    def _hold_back(self, held: bool) -> None:
        """While a layout is under way its points are not where the last regions were."""
        self.labels.hold_back(held)
        self.contours.hold_back(held)
