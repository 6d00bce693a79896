"""What one map of several is: which layout it shows, and how its own picture of it looks.

What all maps have in common (colours, cards, a column that is played, what a hand selects) is
`Shared`: it stands beside each of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.arrows import ArrowsModel
from app.panels.brush import BrushModel
from app.panels.card import Card, CardModel
from app.panels.colour_edits import ColourEdits
from app.panels.colouring import Colouring, MapColumn
from app.panels.colours import ColoursModel
from app.panels.hover import HoverModel
from app.panels.look import Look
from app.panels.playing import PlayingModel
from app.panels.showing import Showing
from app.panels.shows import ShowsModel
from app.panels.trails import TrailsModel
from app.panels.turning import TurningModel
from backends.arrays import Rows
from backends.selection import NOTHING, Mode, select
from backends.types import Projection

Outline = Literal["box", "lasso", "brush"]
Tool = Literal["pan", "turn", Outline]
Corners = Sequence[tuple[float, float]]  # in the plane
TOOLS: tuple[Tool, ...] = ("pan", "turn", "box", "lasso", "brush")
SIZES = (0.5, 4.0)  # smallest and largest factor of the point size

NO_CORPUS = Problem("Nothing is open yet.", "Open a file or drop one onto this window.")
NO_VECTORS = Problem("These items have no vectors yet.", "Embed them to see their map.")
NO_LAYOUT = Problem("There is no map of these vectors yet.", "Choose a method and project them.")


@dataclass(frozen=True, eq=False)
class Shared:
    """What all maps of a window have in common."""

    document: Document
    jobs: Jobs
    notices: Notices
    history: History
    colours: ColoursModel
    edits: ColourEdits
    cards: CardModel
    playing: PlayingModel
    brush: BrushModel
    hover: HoverModel
    arrows: ArrowsModel


class OneMap(QObject):
    """Decides how one map looks and brings its gestures into the document."""

    columns_changed = Signal(object)  # tuple[MapColumn, ...]
    colouring_changed = Signal(object)  # Colouring
    size_changed = Signal(object)  # float
    tool_changed = Signal(object)  # Tool
    go_requested = Signal(object)  # row to bring into the middle
    look_requested = Signal(object)  # Look, from a project
    leads = True  # the legend and the bar that plays a column stand beside it

    def __init__(
        self, shared: Shared, showing: Showing, shows: ShowsModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.shared = shared
        self.document = shared.document
        self.colours, self.edits, self.cards = shared.colours, shared.edits, shared.cards
        self.playing, self.brush, self.hover = shared.playing, shared.brush, shared.hover
        self.arrows = shared.arrows
        self.showing, self.shows = showing, shows
        common = (shared.document, shared.jobs, shared.notices)
        self.trails = TrailsModel(*common, shows, showing)
        self.turning = TurningModel(showing, self)
        self.turning.changed.connect(self._on_turning_changed)
        self.colours.columns_changed.connect(self.columns_changed)
        self.colours.colouring_changed.connect(self.colouring_changed)
        self._size = 1.0
        self._tool: Tool = "pan"
        self._camera: Look | None = None
        self.document.corpus_changed.connect(self._on_corpus_changed)

    @property
    def columns(self) -> tuple[MapColumn, ...]:
        """Columns that can colour the map, in the order of the corpus."""
        return self.colours.columns

    @property
    def colour_by(self) -> str | None:
        """The column that is asked for; its colours follow once it is read."""
        return self.colours.colour_by

    @property
    def colouring(self) -> Colouring:
        """The colours that are shown."""
        return self.colours.colouring

    @property
    def size(self) -> float:
        """Factor of the point size, 1 for the size that fits the zoom."""
        return self._size

    @property
    def look(self) -> Look | None:
        """Which part of the map the person chose to look at; None shows all of it."""
        return self._camera

    def keep_look(self, look: Look | None) -> None:
        """Take down what the person looks at."""
        self._camera = look

    @property
    def tool(self) -> Tool:
        """What dragging does."""
        return self._tool

    @property
    def problem(self) -> Problem | None:
        """Why there is no map to show, or None."""
        if self.document.corpus is None:
            return NO_CORPUS
        if self.showing.active is None:
            return NO_VECTORS
        return NO_LAYOUT if self.showing.projection is None else None

    def set_colour_by(self, name: str | None) -> None:
        """Colour by a column, or plainly; the column is read in the background."""
        self.colours.set_colour_by(name)

    def set_size(self, factor: float) -> None:
        """Make points larger or smaller, 0.5 to 4 times."""
        factor = min(max(factor, SIZES[0]), SIZES[1])
        if factor != self._size:
            self._size = factor
            self._remember()
            self.size_changed.emit(factor)

    def set_tool(self, tool: Tool) -> None:
        """Choose what dragging does; what is flat cannot be turned."""
        if tool == "turn" and self.turning.problem is not None:
            tool = "pan" if self._tool == "turn" else self._tool
        if tool != self._tool and tool in TOOLS:
            self._tool = tool
            self._remember()
            self.tool_changed.emit(tool)

    def toggle(self, code: int) -> None:
        """Hide a class, or show it again."""
        self.edits.toggle(code)

    def solo(self, code: int) -> None:
        """Hide every other class; if that is so already, show all."""
        self.edits.solo(code)

    def show_all(self) -> None:
        """Show every class."""
        self.edits.show_all()

    def set_range(self, low: float, high: float) -> None:
        """Spread the scale over a part of the values."""
        self.edits.set_range(low, high)

    def select_rows(
        self, rows: Rows, mode: Mode, kind: Outline = "lasso", polygon: Corners = (), **more: Any
    ) -> None:
        """Select what was outlined or swept in the plane; the description says `more` besides."""
        drawn = _drawn(self.showing.projection, kind, polygon)
        self.shared.history.select(select(rows, kind, **drawn, **more), mode)

    def clear_selection(self) -> None:
        """Select nothing."""
        self.shared.history.select(NOTHING)

    def go_to(self, row: int) -> None:
        """Bring an item into the middle of the map."""
        self.go_requested.emit(row)

    def card(self, row: int) -> Card:
        """What to say about one item: the columns that the person chose for it."""
        return self.cards.read(row, self.colouring)

    def own_state(self) -> dict[str, Any]:
        """What is this map's alone, as plain data for a project."""
        value: dict[str, Any] = {"size": self._size, "tool": self._tool}
        if self._camera is not None:
            value["camera"] = self._camera.as_json()
        return value

    def restore_own_state(self, state: Mapping[str, Any]) -> None:
        """Take what `own_state` gave; what does not fit is left out."""
        self._take_look(state)
        look = Look.of(state.get("camera"))
        if look is not None:
            self._camera = look
            self.look_requested.emit(look)

    def drawing_failed(self, error: BaseException, trace: str) -> None:
        """Say that a picture could not be made."""
        self.shared.notices.failure(error, trace)

    def _take_look(self, state: Mapping[str, Any]) -> None:
        """Take size and tool from what was kept, where they fit."""
        size = state.get("size")
        if isinstance(size, int | float) and math.isfinite(size):
            self.set_size(float(size))
        if state.get("tool") in TOOLS:
            self.set_tool(state["tool"])

    def _remember(self) -> None:
        """Size or tool are other ones."""

    def _on_turning_changed(self) -> None:
        self.set_tool(self._tool)

    def _on_corpus_changed(self, _corpus: object) -> None:
        self._camera = None


def _drawn(projection: Projection | None, kind: Outline, polygon: Corners) -> dict[str, Any]:
    """Plain data that describes what a hand drew on a layout."""
    corners = [[float(x), float(y)] for x, y in polygon]
    name = projection.fingerprint if projection is not None else ""
    return {"kind": kind, "projection": name, "path" if kind == "brush" else "polygon": corners}
