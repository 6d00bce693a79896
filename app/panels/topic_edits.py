"""What a person made of labels: other names, hidden ones; and what is written on the map then.

A region is known by its level and the place of its peak, so that what was made of it is found again
in another session. All of it is plain data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backends.curate.naming import SAME_PART, Names
from backends.curate.regions import Region, Regions

MOST_LABELS = 2_000
NAME_LETTERS = 80


@dataclass(frozen=True, slots=True)
class Edit:
    """What was made of one label."""

    name: str | None = None
    hidden: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain data, without what is as it was."""
        named = {"name": self.name} if self.name else {}
        return {**named, **({"hidden": True} if self.hidden else {})}


Edits = Mapping[str, Edit]


@dataclass(frozen=True, slots=True)
class TopicLabel:
    """What is written on the map at one region."""

    number: int  # of the region
    text: str
    level: int
    parent: int  # position among the labels, -1 if there is none above it
    x: float
    y: float
    count: int
    extent: float  # length of the region's long side, units of the plane


def spot_of(region: Region) -> str:
    """How a region is known: its level and the place of its peak."""
    return f"{region.level} {region.peak[0]:.5g} {region.peak[1]:.5g}"


def with_edit(edits: Edits, spot: str, name: str | None, hidden: bool) -> Edits:
    """The edits with another one of a region; none where it is as it was."""
    others = {key: edit for key, edit in edits.items() if key != spot}
    if name is not None or hidden:
        others[spot] = Edit(name[:NAME_LETTERS] if name is not None else None, hidden)
    return others


def read_edits(value: object) -> dict[str, Edits]:
    """What a project kept, by layout; what makes no sense is left out."""
    found: dict[str, Edits] = {}
    for layout, made in value.items() if isinstance(value, Mapping) else ():
        edits: dict[str, Edit] = {}
        for spot, edit in made.items() if isinstance(made, Mapping) else ():
            if isinstance(edit, Mapping):
                name = edit.get("name")
                edits = dict(
                    with_edit(
                        edits,
                        str(spot),
                        name if isinstance(name, str) and name.strip() else None,
                        edit.get("hidden") is True,
                    )
                )
        if edits:
            found[str(layout)] = edits
    return found


def is_same_thing(regions: Regions, number: int) -> bool:
    """Whether a region is the only part of another and nearly all of it."""
    region = regions.all[number]
    if region.parent < 0 or len(regions.children[region.parent]) > 1:
        return False
    return region.count >= SAME_PART * regions.all[region.parent].count


def outline_of(regions: Regions, edits: Edits) -> tuple[tuple[int, int], ...]:
    """Regions as a table of contents: number and that of the region above, -1 for none.

    Regions that are the same thing as the one round them are left out, parents come first.
    """
    found: list[tuple[int, int]] = []
    place: dict[int, int] = {}
    for number, region in enumerate(regions.all):
        above = place.get(region.parent, -1)
        edit = edits.get(spot_of(region))
        if not region.count or (is_same_thing(regions, number) and edit is None):
            place[number] = above
        else:
            place[number] = number
            found.append((number, above))
    return tuple(found)


def labels_of(regions: Regions, names: Names, edits: Edits) -> tuple[TopicLabel, ...]:
    """What is written on the map: regions that are the same thing as the one round them are not.

    The parts of a hidden label count for those of the label above it.
    """
    labels: list[TopicLabel] = []
    place: dict[int, int] = {}  # position of a region's label, or of the one above it
    for number, region in enumerate(regions.all):
        edit = edits.get(spot_of(region))
        above = place.get(region.parent, -1)
        hidden = edit is not None and edit.hidden
        named = edit is not None and edit.name is not None
        same = is_same_thing(regions, number) and not named
        if hidden or same or not region.count or len(labels) >= MOST_LABELS:
            place[number] = above
            continue
        text = str(edit.name) if edit is not None and edit.name else names.text(number)
        left, bottom, right, top = region.bounds
        place[number] = len(labels)
        labels.append(
            TopicLabel(
                number,
                text,
                region.level,
                above,
                *region.peak,
                region.count,
                max(right - left, top - bottom),
            )
        )
    return tuple(labels)
