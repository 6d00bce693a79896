"""A map beside the first one: the same view, with a choice of layouts instead of colours."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.application import Application
from app.panels.maps import BesideMap
from app.panels.projection import Trust
from backends.types import Projection
from widgets.beside_bar import BesideBar
from widgets.map_bar import MapBar
from widgets.map_link import MapLink
from widgets.map_view import MapView
from widgets.map_voice import MapVoice
from widgets.map_walk import Walker
from widgets.panels.projection import badge
from widgets.topic_view import TopicView


class BesideView(MapView):
    """Shows a `BesideMap`."""

    def __init__(
        self,
        model: BesideMap,
        application: Application,
        first: MapView,
        parent: QWidget | None = None,
    ) -> None:
        self._beside = model
        super().__init__(model, parent)
        self.topics = TopicView(self.canvas, application, model)
        self.walker = Walker(self.canvas, application.walk, MapVoice(self.canvas, model))
        self.link = MapLink(first, self, model)
        self.link.changed.connect(self._show_link)
        model.renamed.connect(self._show_title)
        application.projection.partial.connect(self._on_partial)
        self._show_title(model.title)
        self._show_link()
        self._show_trust(model.showing.projection)
        model.showing.projection_changed.connect(self._show_trust)

    def _build_bar(self) -> MapBar:
        return BesideBar(self._beside)

    def _show_title(self, title: str) -> None:
        self.canvas.setAccessibleName(title)

    def _show_link(self) -> None:
        assert isinstance(self.bar, BesideBar)
        self.bar.show_link(self.link.words, self.link.problem)

    def _show_trust(self, shown: Projection | None) -> None:
        if shown is None or shown.faithfulness is None:
            self.set_badge("", "")
            return
        self.set_badge(*badge(Trust(shown.title, shown.faithfulness, None, shown.finished)))

    def _on_partial(self, projection: Projection) -> None:
        """A layout under way is the first map's."""
        if self._beside.showing.follows:
            self.show_layout(projection.layout)
