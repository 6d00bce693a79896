"""Labels of regions under a person's hand: renamed, hidden, selected, brought back.

Every change can be undone. Finding regions is another's work: `TopicsModel`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.history import History
from app.panels.topic_edits import (
    Edit,
    Edits,
    TopicLabel,
    labels_of,
    outline_of,
    spot_of,
    with_edit,
)
from backends.curate.naming import Names
from backends.curate.regions import Regions
from backends.selection import Mode, select


@dataclass(frozen=True, eq=False)
class Topics:
    """Regions of a layout and their automatic names."""

    projection: str  # fingerprint of the layout
    column: str | None  # the column that was asked for
    regions: Regions
    names: Names


@dataclass(frozen=True, eq=False)
class EditTopics:
    """Rename, hide or bring back labels of a layout."""

    model: TopicNames
    layout: str
    old: Edits
    new: Edits
    text: str

    def do(self, _document: Document) -> None:
        """Make the change."""
        self.model.set_edits(self.layout, self.new)

    def undo(self, _document: Document) -> None:
        """Take it back."""
        self.model.set_edits(self.layout, self.old)


class TopicNames(QObject):
    """Holds the regions that are shown and what a person made of their labels."""

    changed = Signal(object)  # Topics | None: others, or other words for them
    go_requested = Signal(object)  # number of the region to look at

    def __init__(self, history: History, parent: QObject) -> None:
        super().__init__(parent)
        self._history = history
        self._topics: Topics | None = None
        self._edits: dict[str, Edits] = {}  # by fingerprint of the layout
        self._labels: tuple[TopicLabel, ...] | None = None
        self._owner: TopicNames = self  # of the edits: one for all maps

    @property
    def topics(self) -> Topics | None:
        """Regions and automatic names of the layout that is shown, once they are known."""
        return self._topics

    @property
    def labels(self) -> tuple[TopicLabel, ...]:
        """What is to be written on the map; nothing while labels are switched off."""
        topics = self._topics
        if topics is None or not self._is_shown:
            return ()
        if self._labels is None:
            self._labels = labels_of(topics.regions, topics.names, self._own_edits)
        return self._labels

    @property
    def outline(self) -> tuple[tuple[int, int], ...]:
        """Regions as a table of contents: number, and that of the region above or -1."""
        topics = self._topics
        return outline_of(topics.regions, self._own_edits) if topics is not None else ()

    def text(self, number: int) -> str:
        """What a region is called: by the person, else automatically."""
        assert self._topics is not None
        edit = self._own_edits.get(spot_of(self._topics.regions.all[number]))
        return edit.name if edit is not None and edit.name else self._topics.names.text(number)

    def is_hidden(self, number: int) -> bool:
        """Whether a region's label is not shown."""
        edit = self._edit(number)
        return edit is not None and edit.hidden

    def is_renamed(self, number: int) -> bool:
        """Whether a person gave a region its name."""
        edit = self._edit(number)
        return edit is not None and edit.name is not None

    def is_edited(self, number: int) -> bool:
        """Whether a region is called or shown otherwise than automatically."""
        return self._edit(number) is not None

    def rename(self, number: int, name: str) -> None:
        """Call a region by another name; an empty one brings the automatic name back."""
        name = " ".join(name.split())
        if self._topics is None or name == self.text(number):
            return
        automatic = not name or name == self._topics.names.text(number)
        self._change(
            number, None if automatic else name, self.is_hidden(number), f"rename to “{name}”"
        )

    def hide(self, number: int, *, hidden: bool = True) -> None:
        """Hide the label of a region, or show it again; the region stays."""
        if self._topics is not None and hidden != self.is_hidden(number):
            edit = self._edit(number)
            verb = "hide" if hidden else "show"
            name = edit.name if edit is not None else None
            self._change(number, name, hidden, f"{verb} label “{self.text(number)}”")

    def reset(self, number: int | None = None) -> None:
        """Bring the automatic label of a region back, or those of all regions of this layout."""
        if self._topics is None or not self._own_edits:
            return
        if number is None:
            self._do({}, "bring automatic labels back")
        elif self.is_edited(number):
            self._change(number, None, False, "bring an automatic label back")

    def select(self, number: int, mode: Mode = "replace") -> None:
        """Select the items of a region."""
        topics = self._topics
        if topics is None:
            return
        region = topics.regions.all[number]
        chosen = select(
            topics.regions.rows(number),
            f"cluster “{self.text(number)}”",
            kind="cluster",
            projection=topics.projection,
            level=region.level,
            peak=[float(value) for value in region.peak],
            name=self.text(number),
        )
        self._history.select(chosen, mode)

    def go_to(self, number: int) -> None:
        """Look at a region on the map."""
        if self._topics is not None:
            self.go_requested.emit(number)

    @property
    def hand_made(self) -> object:
        """What a person made of labels, by layout: a snapshot."""
        return {layout: dict(edits) for layout, edits in self._edits.items() if edits}

    def set_edits(self, layout: str, edits: Edits) -> None:
        """Take what a person made of a layout's labels, without a trace in the history."""
        self._edits[layout] = edits
        self._labels = None
        self.changed.emit(self._topics)

    @property
    def _is_shown(self) -> bool:
        raise NotImplementedError

    @property
    def _own_edits(self) -> Edits:
        edits = self._owner._edits
        return edits.get(self._topics.projection, {}) if self._topics is not None else {}

    def _edit(self, number: int) -> Edit | None:
        if self._topics is None:
            return None
        return self._own_edits.get(spot_of(self._topics.regions.all[number]))

    def _change(self, number: int, name: str | None, hidden: bool, words: str) -> None:
        assert self._topics is not None
        spot = spot_of(self._topics.regions.all[number])
        self._do(with_edit(self._own_edits, spot, name, hidden), words)

    def _do(self, edits: Edits, words: str) -> None:
        assert self._topics is not None
        layout, owner = self._topics.projection, self._owner
        self._history.do(EditTopics(owner, layout, owner._edits.get(layout, {}), edits, words))

    def _show(self, topics: Topics | None) -> None:
        if topics is not self._topics:
            self._topics, self._labels = topics, None
            self.changed.emit(topics)
