"""The docks of maps beside the first: placed, brought back where they were, closed for good."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from app.application import Application
from app.panels.maps import BesideMap
from widgets.beside_view import BesideView
from widgets.map_view import MapView

AREA = Qt.DockWidgetArea.RightDockWidgetArea
SHARE = 0.46  # of what the first map and the right side have together
WIDE_FROM = 1560  # width of the window from which on further maps stand beside, not behind


class MapDock(QDockWidget):
    """A dock whose button closes what is in it, for good."""

    closing = Signal(object)  # BesideMap

    def __init__(self, model: BesideMap, view: BesideView, window: QMainWindow) -> None:
        super().__init__(model.title, window)
        self.setObjectName(f"dock-map-{model.number}")
        self.setWidget(view)
        self._model = model
        self.view = view
        model.renamed.connect(self.setWindowTitle)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close the map."""
        super().closeEvent(event)
        self.closing.emit(self._model)


class MapDocks(QObject):
    """Makes a dock for each map that is opened; `beside` is a dock that stands at the right."""

    def __init__(
        self, window: QMainWindow, application: Application, first: MapView, beside: QDockWidget
    ) -> None:
        super().__init__(window)
        self._window, self._application = window, application
        self._first, self._beside = first, beside
        self._docks: dict[int, MapDock] = {}
        application.maps.opened.connect(self._on_opened)
        application.maps.closed.connect(self._on_closed)

    @property
    def docks(self) -> tuple[MapDock, ...]:
        """The docks there are, in the order of the maps' numbers."""
        return tuple(self._docks[number] for number in sorted(self._docks))

    def go_to_next(self) -> None:
        """Bring the keyboard to the next map."""
        views: list[MapView] = [self._first, *(dock.view for dock in self.docks)]
        focus = QApplication.focusWidget()
        here = next((at for at, view in enumerate(views) if _holds(view, focus)), -1)
        at = (here + 1) % len(views)
        if at:
            dock = self.docks[at - 1]
            dock.show()
            dock.raise_()
        views[at].window().activateWindow()
        views[at].canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_opened(self, model: BesideMap) -> None:
        view = BesideView(model, self._application, self._first)
        dock = MapDock(model, view, self._window)
        dock.closing.connect(self._application.maps.close)
        others = self.docks
        self._docks[model.number] = dock
        if self._window.restoreDockWidget(dock):  # as it was left
            dock.show()
        else:
            self._place(dock, others)
        QTimer.singleShot(0, dock, dock.raise_)  # tabs are made when the event loop turns

    def _place(self, dock: MapDock, others: tuple[MapDock, ...]) -> None:
        """Put it at the right of the first map, above what stands there."""
        window, wide = self._window, self._window.width() >= WIDE_FROM
        docked = [other for other in others if not other.isFloating()]
        window.addDockWidget(AREA, dock)
        if docked and wide:
            window.splitDockWidget(docked[-1], dock, Qt.Orientation.Horizontal)
        elif docked:
            window.tabifyDockWidget(docked[-1], dock)
        elif self._stands_right(self._beside):
            behind = window.tabifiedDockWidgets(self._beside)
            front = next((each for each in behind if not each.visibleRegion().isEmpty()), None)
            window.splitDockWidget(dock, self._beside, Qt.Orientation.Vertical)
            for each in behind:
                window.tabifyDockWidget(self._beside, each)
            (front or self._beside).raise_()
        if not docked:
            room = self._first.width() + (self._beside.width() if self._beside.isVisible() else 0)
            window.resizeDocks([dock], [round(room * SHARE)], Qt.Orientation.Horizontal)
            if self._stands_right(self._beside):
                high = [round(window.height() * share) for share in (0.6, 0.4)]
                window.resizeDocks([dock, self._beside], high, Qt.Orientation.Vertical)

    def _stands_right(self, dock: QDockWidget) -> bool:
        area = self._window.dockWidgetArea(dock)
        return area == AREA and not dock.isFloating() and not dock.isHidden()

    def _on_closed(self, model: BesideMap) -> None:
        dock = self._docks.pop(model.number, None)
        if dock is not None:
            dock.view.canvas.image.stop()
            self._window.removeDockWidget(dock)
            dock.deleteLater()


def _holds(view: QWidget, focus: QWidget | None) -> bool:
    return focus is not None and (view is focus or view.isAncestorOf(focus))
