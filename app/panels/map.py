"""The first map: it shows the document's layout, and what all maps have in common is built with it.

Colours and classes that are hidden are kept in projects with it, size and tool in the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.arrows import ArrowsModel
from app.panels.brush import BrushModel
from app.panels.card import Card, CardModel
from app.panels.colour_edits import ColourEdits
from app.panels.colouring import ByClass, ByNumber, Colouring, MapColumn
from app.panels.colours import ColoursModel
from app.panels.hover import HoverModel
from app.panels.look import Look
from app.panels.one_map import (
    NO_CORPUS,
    NO_LAYOUT,
    NO_VECTORS,
    SIZES,
    TOOLS,
    OneMap,
    Outline,
    Shared,
    Tool,
)
from app.panels.playing import PlayingModel
from app.panels.shows import ShowsModel
from app.settings import SettingsStore

__all__ = [
    "NO_CORPUS",
    "NO_LAYOUT",
    "NO_VECTORS",
    "SIZES",
    "TOOLS",
    "ByClass",
    "ByNumber",
    "Card",
    "Colouring",
    "Look",
    "MapColumn",
    "MapModel",
    "OneMap",
    "Outline",
    "Tool",
]


class MapModel(OneMap):
    """The map that stands in the middle of the window."""

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        parent: QObject | None = None,
        settings: SettingsStore | None = None,
    ) -> None:
        colours = ColoursModel(document, jobs, notices, history, settings, document)
        shared = Shared(
            document,
            jobs,
            notices,
            history,
            colours,
            ColourEdits(colours, notices),
            CardModel(document, settings, document),
            PlayingModel(document, jobs, notices, history, document),
            BrushModel(settings, document),
            HoverModel(document),
            ArrowsModel(document, jobs),
        )
        super().__init__(shared, document, ShowsModel(settings, document), parent)
        self._store: SettingsStore | None = None  # once what it holds is taken
        if settings is not None:
            self._take_look(settings.value.map)
        self._store = settings

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project; hidden classes by name, so that other counts do no harm."""
        return {**self.colours.state(), **self.own_state()}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take a project's state; what does not fit the corpus is left out."""
        self.colours.restore(state)
        self.restore_own_state(state)

    def _remember(self) -> None:
        if self._store is not None:
            self._store.change_map(size=self._size, tool=self._tool)
