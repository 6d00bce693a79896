"""What lies over the points of the map and can be switched on and off, remembered between runs.

Menu, eye button and layers are made from one table: a new layer is a new row.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.settings import SettingsStore


@dataclass(frozen=True, slots=True)
class Show:
    """Something that can be shown over the points."""

    id: str
    text: str
    tip: str
    default: bool
    is_flat: bool = False  # belongs to maps and means nothing over a layout in space


SHOWS: dict[str, Show] = {
    row.id: row
    for row in (
        Show(
            "labels", "Labels", "Write on the map what its clusters are about", True, is_flat=True
        ),
        Show(
            "contours",
            "Density contours",
            "Line the densest 25, 50, 75 and 95% of items",
            False,
            is_flat=True,
        ),
        Show(
            "lines", "Lines to neighbours", "Join an item to the neighbours that are listed", True
        ),
        Show(
            "arrows",
            "Arrows of a relation",
            "Draw the pairs of the relation that is looked at, from head to tail",
            True,
        ),
        Show("scale", "Scale bar", "Show how long a distance on the map is", True),
        Show("axes", "Axes", "Show how a layout in space is turned", True),
        Show(
            "equalised",
            "Equalised density",
            "Let the shades of crowded places follow their rank, so that all differences are seen",
            False,
        ),
        Show("minimap", "Minimap", "Show where the part looked at lies in the whole map", True),
        Show(
            "trails",
            "Trails",
            "Show from where in the layout before the selected items came",
            False,
            is_flat=True,
        ),
        Show(
            "moves",
            "Movement to a new layout",
            "Let points move from their old places when another layout is shown",
            True,
        ),
    )
}


class ShowsModel(QObject):
    """Which rows of the table are on."""

    changed = Signal(object)  # id

    def __init__(
        self, settings: SettingsStore | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = settings
        kept = settings.value.map.get("shown") if settings is not None else None
        known = kept if isinstance(kept, dict) else {}
        self._on = {name: known.get(name, row.default) is True for name, row in SHOWS.items()}

    def is_on(self, name: str) -> bool:
        """Whether it is shown. Raises: KeyError if there is no such row."""
        return self._on[name]

    def set_on(self, name: str, on: bool) -> None:
        """Show it, or not. Raises: KeyError if there is no such row."""
        if on == self._on[name]:
            return
        self._on[name] = on
        if self._store is not None:
            self._store.change_map(shown=dict(self._on))
        self.changed.emit(name)

    def toggle(self, name: str) -> None:
        """Show it if it is not, and the other way round."""
        self.set_on(name, not self.is_on(name))
