"""The docks around the map: a table of panels, where each stands, and how much room it gets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from widgets.panels.compression import CompressionPanel
from widgets.panels.directions import DirectionsPanel
from widgets.panels.embedding import EmbeddingPanel
from widgets.panels.items import ItemsPanel
from widgets.panels.layers import LayersPanel
from widgets.panels.neighbours import NeighboursPanel
from widgets.panels.projection import ProjectionPanel
from widgets.panels.space import SpacePanel
from widgets.panels.topics import TopicsPanel

if TYPE_CHECKING:
    from app.application import Application

AREAS = Qt.DockWidgetArea
ITEMS_HEIGHT = 230
SHARE = 0.55  # of the window's height, for a panel of charts


def build_docks(window: QMainWindow, app: Application) -> dict[str, QDockWidget]:
    """Make a dock for each row of the table of panels, and put it in its place."""
    left, right = AREAS.LeftDockWidgetArea, AREAS.RightDockWidgetArea
    bottom = AREAS.BottomDockWidgetArea
    rows: tuple[tuple[str, str, Callable[[], QWidget], AREAS], ...] = (
        ("space", "Space", lambda: _build_space(app), left),
        ("neighbours", "Neighbours", lambda: NeighboursPanel(app.neighbours), right),
        ("topics", "Clusters", lambda: TopicsPanel(app.topics, app.topic_column), right),
        ("items", "Items", lambda: ItemsPanel(app.items), bottom),
        (
            "compression",
            "Compression",
            lambda: CompressionPanel(app.compression, app.compressed),
            bottom,
        ),
        ("directions", "Directions", lambda: DirectionsPanel(app.directions), bottom),
        ("layers", "Layers", lambda: LayersPanel(app.layers), bottom),
    )
    docks: dict[str, QDockWidget] = {}
    for name, title, factory, area in rows:
        dock = docks[name] = QDockWidget(title, window)
        dock.setObjectName(f"dock-{name}")
        dock.setWidget(factory())
        window.addDockWidget(area, dock)
    for front, behind in (("neighbours", "topics"), ("items", "compression")):
        window.tabifyDockWidget(docks[front], docks[behind])
        docks[front].raise_()
        # Of docks behind each other only the one in front is looked at.
        docks[behind].visibilityChanged.connect(docks[behind].widget().look)  # type: ignore[attr-defined]
    window.tabifyDockWidget(docks["compression"], docks["layers"])
    window.tabifyDockWidget(docks["layers"], docks["directions"])
    docks["directions"].visibilityChanged.connect(docks["directions"].widget().look)  # type: ignore[attr-defined]
    docks["items"].raise_()
    sides = [docks["space"], docks["neighbours"]]
    window.resizeDocks(sides, [250, 320], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["items"]], [ITEMS_HEIGHT], Qt.Orientation.Vertical)
    Room(window, docks["compression"], docks["layers"], docks["directions"])
    return docks


def _build_space(app: Application) -> QWidget:
    embedding = EmbeddingPanel(app.embedding, app.document)
    embedding.compression_asked.connect(app.compression.ask)
    return SpacePanel(embedding, ProjectionPanel(app.projection))


class Room(QObject):
    """Gives docks at the bottom the whole width and half of the height while one is in front."""

    def __init__(self, window: QMainWindow, *docks: QDockWidget) -> None:
        super().__init__(window)
        self._window = window
        self._in_front: set[QDockWidget] = set()
        self._height: int | None = None  # that the bottom had before
        self._set_corners(wide=False)
        for dock in docks:
            dock.visibilityChanged.connect(partial(self._on_visibility_changed, dock))
            for moved in (dock.dockLocationChanged, dock.topLevelChanged):
                moved.connect(lambda _where, dock=dock: self._settle(dock))

    def _on_visibility_changed(self, dock: QDockWidget, visible: bool) -> None:
        (self._in_front.add if visible else self._in_front.discard)(dock)
        self._settle(dock)

    def _settle(self, dock: QDockWidget) -> None:
        # Between two of them, one goes before the other comes: only then is it known.
        QTimer.singleShot(0, self, lambda: self._arrange(dock))

    def _arrange(self, dock: QDockWidget) -> None:
        window = self._window
        wide = any(self._is_docked(each) for each in self._in_front)
        if wide == (self._height is not None):
            return
        self._set_corners(wide=wide)
        if wide:
            self._height = dock.height()
            height = max(self._height, round(window.height() * SHARE))
        else:
            height, self._height = self._height or ITEMS_HEIGHT, None
        beside = [dock, *window.tabifiedDockWidgets(dock)]
        shown = [each for each in beside if not each.visibleRegion().isEmpty()] or [dock]
        if self._is_docked(dock):
            window.resizeDocks(shown[:1], [height], Qt.Orientation.Vertical)

    def _is_docked(self, dock: QDockWidget) -> bool:
        area = self._window.dockWidgetArea(dock)
        return area == AREAS.BottomDockWidgetArea and not dock.isFloating()

    def _set_corners(self, *, wide: bool) -> None:
        bottom = AREAS.BottomDockWidgetArea
        left = bottom if wide else AREAS.LeftDockWidgetArea
        right = bottom if wide else AREAS.RightDockWidgetArea
        self._window.setCorner(Qt.Corner.BottomLeftCorner, left)
        self._window.setCorner(Qt.Corner.BottomRightCorner, right)
