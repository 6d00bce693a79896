"""The list of directions: which is looked at, what they are called, and keeping them in a project.

How one is made is `direction_making`'s; what one says of the items is `direction_look`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from app.document import Document
from app.history import History
from app.notices import Notices
from backends.arrays import frozen
from backends.directions.base import Direction, Evidence
from backends.types import MadeBy

WRONG = (LookupError, TypeError, ValueError, AttributeError)
"""What taking plain data apart raises when it is not what it should be."""
ORTHONORMAL = 1e-4  # how far rows of a basis may be from it: rounding


class DirectionsModel(QObject):
    """Keeps directions in the document; every change can be undone."""

    def __init__(self, document: Document, notices: Notices, history: History) -> None:
        super().__init__(document)
        self._document = document
        self._notices = notices
        self._history = history

    @property
    def here(self) -> tuple[Direction, ...]:
        """Directions of the active embeddings."""
        active = self._document.active
        name = active.fingerprint if active is not None else None
        return tuple(one for one in self._document.directions if one.embeddings == name)

    @property
    def hand_made(self) -> object:
        """What a person would miss: names of directions."""
        return tuple((one.fingerprint, one.title) for one in self._document.directions)

    def keep(self, direction: Direction) -> None:
        """Put a direction into the list, unless it is there, and look at it."""
        there = self._document.directions
        if all(one.fingerprint != direction.fingerprint for one in there):
            named = direction.called(_free(direction.title, {one.title for one in there}))
            self._history.put(f"direction “{named.title}”", "directions", (*there, named))
        self._document.set_direction(direction.fingerprint)

    def choose(self, fingerprint: str | None) -> None:
        """Look at another direction."""
        self._document.set_direction(fingerprint)

    def rename(self, fingerprint: str, title: str) -> None:
        """Call a direction by another name; an empty one changes nothing."""
        title = " ".join(title.split())
        there = self._document.directions
        old = next((one for one in there if one.fingerprint == fingerprint), None)
        if old is None or not title or title == old.title:
            return
        title = _free(title, {one.title for one in there} - {old.title})
        changed = tuple(one.called(title) if one is old else one for one in there)
        self._history.put(f"rename direction “{old.title}”", "directions", changed)

    def remove(self, fingerprint: str) -> None:
        """Forget a direction; undo brings it back."""
        there = self._document.directions
        gone = next((one for one in there if one.fingerprint == fingerprint), None)
        if gone is not None:
            kept = tuple(one for one in there if one is not gone)
            self._history.put(f"remove direction “{gone.title}”", "directions", kept)

    def project_state(self) -> Mapping[str, Any]:
        """The directions as plain data."""
        looked_at = self._document.direction
        return {
            "directions": [as_json(one) for one in self._document.directions],
            "looked_at": looked_at.fingerprint if looked_at is not None else None,
        }

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take the directions of a project that lie in its embeddings; say which do not."""
        dims = {value.fingerprint: value.dim for value in self._document.embeddings}
        found, lost = [], 0
        told = state.get("directions")
        for each in told if isinstance(told, list) else []:
            try:
                direction = from_json(each)
            except WRONG:
                lost += 1
                continue
            if dims.get(direction.embeddings) == direction.basis.shape[1]:
                found.append(direction)
            else:
                lost += 1
        self._document.set_directions(tuple(found))
        looked_at = state.get("looked_at")
        if any(one.fingerprint == looked_at for one in found):
            self._document.set_direction(str(looked_at))
        if lost:
            self._notices.warn(
                f"{lost} directions of this project cannot be used.",
                "Their embeddings are gone or their description is damaged. Find them again.",
            )


def as_json(direction: Direction) -> dict[str, Any]:
    """A direction as plain data."""
    return {
        "title": direction.title,
        "ends": list(direction.ends),
        "source": direction.source,
        "method": direction.method,
        "made_by": direction.made_by.as_json(),
        "evidence": direction.evidence.as_json(),
        "basis": direction.basis.tolist(),
    }


def from_json(told: Mapping[str, Any]) -> Direction:
    """The inverse of `as_json`. Raises: LookupError, TypeError, ValueError, AttributeError."""
    basis = np.array(told["basis"], dtype=np.float32)
    if basis.ndim != 2 or not basis.size or not np.isfinite(basis).all():
        raise ValueError("no basis")
    if np.abs(basis @ basis.T - np.eye(len(basis))).max() > ORTHONORMAL:
        raise ValueError("no orthonormal basis")
    low, high = told["ends"]
    return Direction(
        frozen(basis),
        str(told["title"]),
        (str(low), str(high)),
        str(told["source"]),
        str(told["method"]),
        MadeBy.from_json(told["made_by"]),
        Evidence.from_json(told["evidence"]),
    )


def _free(title: str, taken: set[str]) -> str:
    """The title, with a number behind it if it is taken."""
    name, number = title, 2
    while name in taken:
        name, number = f"{title} ({number})", number + 1
    return name
