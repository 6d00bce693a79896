"""Maps beside the first one: which there are, what each shows, and whether their views are linked.

Selection, filter, focus, neighbours and colours are everybody's: a map beside another only has a
layout of its own, and its own way of looking at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.notices import Problem
from app.panels.beside_topics import BesideTopics
from app.panels.chosen import ChosenLayout
from app.panels.contours import ContoursModel
from app.panels.map import MapModel
from app.panels.one_map import OneMap
from app.panels.shows import SHOWS, ShowsModel
from app.panels.topics import TopicsModel

MOST = 4  # with the first
NO_MAP = Problem("There is no map yet.", "Embed the corpus first.")
ENOUGH = Problem(f"{MOST} maps are open already.", "Close one of them first.")


class BesideMap(OneMap):
    """One map beside the first."""

    linked_changed = Signal(object)  # bool
    renamed = Signal(object)  # title: another layout is shown
    leads = False
    showing: ChosenLayout

    def __init__(
        self, first: MapModel, topics: TopicsModel, number: int, parent: QObject | None = None
    ) -> None:
        shared, shows = first.shared, ShowsModel()
        for name in SHOWS:
            shows.set_on(name, first.shows.is_on(name))
        chosen = ChosenLayout(shared.document, shows)
        super().__init__(shared, chosen, shows, parent)
        shows.setParent(self)
        self.number = number
        self.contours = ContoursModel(chosen, shared.jobs, shared.notices, shows)
        self.topics = BesideTopics(topics, shared, shows, chosen)
        self.set_size(first.size)
        self._linked = False
        self._title = self.title
        chosen.projection_changed.connect(self._on_shown_changed)
        chosen.choices_changed.connect(self._on_shown_changed)
        chosen.lost.connect(self._on_lost)

    @property
    def title(self) -> str:
        """What it is called: "Map 2: PCA of MiniLM"."""
        return ": ".join(filter(None, (f"Map {self.number}", self.showing.text)))

    @property
    def linked(self) -> bool:
        """Whether it and the first map look at the same part."""
        return self._linked

    def set_linked(self, on: bool) -> None:
        """Let it and the first map look at the same part, or each where it is moved."""
        if on != self._linked:
            self._linked = on
            self.linked_changed.emit(on)

    def close(self) -> None:
        """Compute nothing for it any more."""
        self.showing.close()
        self.hover.set_row(None, self)
        self.turning.spin(False)
        self.trails.close()
        self.contours.close()
        self.topics.close()

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        shown = {name: self.shows.is_on(name) for name in SHOWS}
        return {
            "number": self.number,
            "layout": self.showing.chosen,
            "linked": self._linked,
            "shown": shown,
            **self.own_state(),
        }

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take what `project_state` gave; a layout that is not there leaves the first map's."""
        layout, shown = state.get("layout"), state.get("shown")
        self.showing.choose(layout if isinstance(layout, str) else None)
        for name in SHOWS:
            if isinstance(shown, Mapping) and type(shown.get(name)) is bool:
                self.shows.set_on(name, shown[name])
        self.set_linked(state.get("linked") is True)
        self.restore_own_state(state)

    def _on_shown_changed(self, _shown: object = None) -> None:
        if self._title != self.title:
            self._title = self.title
            self.renamed.emit(self._title)

    def _on_lost(self, what: str) -> None:
        self.shared.notices.info(
            f"{what} is gone.", f"Map {self.number} shows the layout of the first map instead."
        )


class MapsModel(QObject):
    """Opens maps beside the first and closes them; a corpus that goes takes them along."""

    opened = Signal(object)  # BesideMap
    closed = Signal(object)  # BesideMap: its view goes now, and it itself soon
    changed = Signal()  # how many there are, what they show, or which are linked

    def __init__(self, first: MapModel, topics: TopicsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.first, self._topics = first, topics
        self._maps: list[BesideMap] = []
        first.document.corpus_changed.connect(self._on_corpus_changed)

    @property
    def maps(self) -> tuple[BesideMap, ...]:
        """The maps beside the first, in the order of their numbers."""
        return tuple(sorted(self._maps, key=lambda each: each.number))

    @property
    def problem(self) -> Problem | None:
        """Why there can be no further map, or None."""
        if self.first.showing.projection is None:
            return NO_MAP
        return ENOUGH if len(self._maps) >= MOST - 1 else None

    def open(self) -> BesideMap | None:
        """Open a further map that shows what there is to compare with; None if it cannot be."""
        if self.problem is not None:
            return None
        layout = self._other_layout()
        beside = self._add(self._free_number())
        beside.showing.choose(layout)
        self._tell_opened(beside)
        return beside

    def close(self, beside: BesideMap) -> None:
        """Close a map."""
        if beside not in self._maps:
            return
        self._maps.remove(beside)
        beside.close()
        self.closed.emit(beside)
        beside.deleteLater()
        self.changed.emit()

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        return {"maps": [beside.project_state() for beside in self.maps]}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Open the maps of a project in the place of those that are open."""
        for beside in self.maps:
            self.close(beside)
        told = state.get("maps")
        for value in told[: MOST - 1] if isinstance(told, list) else ():
            if not isinstance(value, Mapping):
                continue
            number, taken = value.get("number"), {beside.number for beside in self._maps}
            usable = type(number) is int and 2 <= number <= MOST and number not in taken
            beside = self._add(number if usable else self._free_number())
            beside.showing.choose(value.get("layout"))
            self._tell_opened(beside)
            beside.restore_project_state(value)  # now that a view hears where it was looked at

    def _add(self, number: Any) -> BesideMap:
        beside = BesideMap(self.first, self._topics, number, self)
        self._maps.append(beside)
        for signal in (beside.linked_changed, beside.renamed):
            signal.connect(self.changed)
        return beside

    def _tell_opened(self, beside: BesideMap) -> None:
        self.opened.emit(beside)
        self.changed.emit()

    def _free_number(self) -> int:
        taken = {beside.number for beside in self._maps}
        return next(number for number in range(2, MOST + 1) if number not in taken)

    def _other_layout(self) -> str | None:
        """The layout that was shown before, else PCA of the same vectors, else the first map's."""
        document, shown = self.first.document, self.first.showing.projection
        before = self.first.trails.before
        pca = [layout for layout in document.projections if layout.method == "pca"]
        options = [layout for layout in (before, *reversed(pca)) if layout is not None]
        used = {shown.fingerprint if shown is not None else None}
        used |= {beside.showing.chosen for beside in self._maps}
        known = {layout.fingerprint for layout in document.layouts} - used
        return next((o.fingerprint for o in options if o.fingerprint in known), None)

    def _on_corpus_changed(self, _corpus: object) -> None:
        for beside in self.maps:
            self.close(beside)
