"""How the window is arranged: its place, its docks and which of them are open; remembered."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.settings import SettingsStore

VERSION = 2  # of the docks' names: what was kept with others is forgotten


class Arrangement:
    """Hides the docks while nothing is loaded and brings them back as they were left."""

    def __init__(
        self,
        window: QMainWindow,
        docks: Iterable[QDockWidget],
        settings: SettingsStore,
        *,
        remembered: bool = True,
    ) -> None:
        self._remembered = remembered
        self._window = window
        self._docks = tuple(docks)
        self._settings = settings
        self._open = False  # whether the docks are as the person has them
        if remembered and settings.value.geometry:
            window.restoreGeometry(_decoded(settings.value.geometry))

    def show(self, loaded: bool) -> None:
        """Open the docks that belong to a corpus, or hide all of them."""
        if loaded == self._open:
            if not loaded:
                self._set_visible(False)
            return
        if not loaded:
            self.remember()
        self._open = loaded
        self._set_visible(loaded)
        if loaded and self._remembered and self._settings.value.layout:
            self._window.restoreState(_decoded(self._settings.value.layout), VERSION)

    def remember(self) -> None:
        """Keep the window's place, and the docks if they are as the person has them."""
        if not self._remembered:
            return
        self._settings.change(geometry=_encoded(self._window.saveGeometry()))
        if self._open:
            self._settings.change(layout=_encoded(self._window.saveState(VERSION)))

    def _set_visible(self, visible: bool) -> None:
        for dock in self._docks:
            dock.setVisible(visible)


def _encoded(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode()


def _decoded(text: str) -> QByteArray:
    return QByteArray(base64.b64decode(text))
