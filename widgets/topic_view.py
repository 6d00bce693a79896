"""Brings labels and contours onto a map: layers, what the hand does to them, and the camera."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.application import Application
from app.panels.maps import BesideMap
from backends.raster.camera import Camera
from widgets.contour_layer import ContourLayer
from widgets.map_hand import MapHand
from widgets.topic_hand import TopicHand
from widgets.topic_labels import TopicLabels

SETTLED_MS = 60  # after the last change of the map's size
ROOM = 0.7  # share of the map that a region takes when it is looked at
CLOSEST = 40.0  # times the scale in which everything fits, for the smallest regions


class TopicView(QObject):
    """Shows regions and contours on a map's surface: the first map's, or those of one beside."""

    def __init__(
        self, canvas: MapHand, application: Application, beside: BesideMap | None = None
    ) -> None:
        super().__init__(canvas)
        self._canvas, self._beside = canvas, beside
        models, showing = beside or application, beside.showing if beside else application.document
        self._topics = topics = models.topics
        self.contours = ContourLayer(models.contours, self)
        self.labels = TopicLabels(self)
        self._canvas.add_layer(self.labels, lowest=True)
        self._canvas.add_layer(self.contours, lowest=True)
        self.hand = TopicHand(self._canvas, self.labels, topics)
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settled.timeout.connect(self._on_settled)
        self._canvas.camera_changed.connect(self._on_camera_changed)
        application.projection.partial.connect(self._on_partial)
        showing.projection_changed.connect(self._on_projection_changed)
        topics.changed.connect(self.show_labels)
        topics.go_requested.connect(self._go_to)
        self.labels.follow(self._canvas.camera)
        self.show_labels()

    def show_labels(self, _topics: object = None) -> None:
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

    def _on_partial(self, _projection: object) -> None:
        if self._beside is None or self._beside.showing.follows:
            self._hold_back(True)

    def _on_projection_changed(self, _shown: object) -> None:
        self._hold_back(False)

    def _on_settled(self) -> None:
        self.labels.show_whole(self._canvas.whole)

    def _hold_back(self, held: bool) -> None:
        """While a layout is under way its points are not where the last regions were."""
        self.labels.hold_back(held)
        self.contours.hold_back(held)
