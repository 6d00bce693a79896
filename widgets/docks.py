"""The docks around the map: a table of panels, where each stands, and how much room it gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from widgets.panels.compression import CompressionPanel
from widgets.panels.embedding import EmbeddingPanel
from widgets.panels.items import ItemsPanel
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
    sides = [docks["space"], docks["neighbours"]]
    window.resizeDocks(sides, [250, 320], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["items"]], [ITEMS_HEIGHT], Qt.Orientation.Vertical)
    Room(window, docks["compression"])
    return docks


def _build_space(app: Application) -> QWidget:
    embedding = EmbeddingPanel(app.embedding, app.document)
    embedding.compression_asked.connect(app.compression.ask)
    return SpacePanel(embedding, ProjectionPanel(app.projection))


class Room(QObject):
    """Gives a dock at the bottom the whole width and half of the height while it is in front."""

    def __init__(self, window: QMainWindow, dock: QDockWidget) -> None:
        super().__init__(window)
        self._window, self._dock = window, dock
        self._height: int | None = None  # that the bottom had before
        self._set_corners(wide=False)
        self._in_front = False
        dock.visibilityChanged.connect(self._on_visibility_changed)
        dock.dockLocationChanged.connect(lambda _area: self._settle())
        dock.topLevelChanged.connect(lambda _floating: self._settle())

    def _on_visibility_changed(self, visible: bool) -> None:
        self._in_front = visible
        self._settle()

    def _settle(self) -> None:
        window, dock = self._window, self._dock
        at_bottom = window.dockWidgetArea(dock) == AREAS.BottomDockWidgetArea
        wide = self._in_front and at_bottom and not dock.isFloating()
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
        if at_bottom and not dock.isFloating():
            window.resizeDocks(shown[:1], [height], Qt.Orientation.Vertical)

    def _set_corners(self, *, wide: bool) -> None:
        bottom = AREAS.BottomDockWidgetArea
        left = bottom if wide else AREAS.LeftDockWidgetArea
        right = bottom if wide else AREAS.RightDockWidgetArea
        self._window.setCorner(Qt.Corner.BottomLeftCorner, left)
        self._window.setCorner(Qt.Corner.BottomRightCorner, right)
