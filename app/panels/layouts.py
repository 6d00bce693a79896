"""The layouts of the active embeddings as a list: which there are, which is shown, going back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from backends.types import Projection

WORDS = {
    "neighbours": "{} neighbours",
    "min_distance": "min. distance {:g}",
    "seed": "seed {}",
    "epochs": "{} epochs",
}
"""How a list says a parameter; others are said by their own name."""


@dataclass(frozen=True, slots=True)
class LayoutEntry:
    """One layout as a list shows it."""

    fingerprint: str
    text: str
    tip: str
    shown: bool


class LayoutsModel(QObject):
    """Lists layouts, shows one of them again, forgets one."""

    changed = Signal(object)  # tuple[LayoutEntry, ...]

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent or document)
        self._document = document
        for signal in (document.projections_changed, document.projection_changed):
            signal.connect(lambda _value: self.changed.emit(self.entries))

    @property
    def entries(self) -> tuple[LayoutEntry, ...]:
        """The layouts of the active embeddings, oldest first."""
        layouts, shown = self._document.projections, self._document.projection
        name = shown.fingerprint if shown is not None else ""
        return tuple(
            LayoutEntry(
                layout.fingerprint,
                entry_text(layout, layouts),
                _tip(layout),
                name == layout.fingerprint,
            )
            for layout in layouts
        )

    def show(self, fingerprint: str) -> None:
        """Show a layout that was computed before."""
        if any(layout.fingerprint == fingerprint for layout in self._document.projections):
            self._document.show_projection(fingerprint)

    def forget(self, fingerprint: str) -> None:
        """Forget a layout."""
        self._document.drop_projection(fingerprint)


def entry_text(layout: Projection, among: tuple[Projection, ...]) -> str:
    """Its title, and those parameters in which it differs from others of its method."""
    mine = _params(layout)
    same = [_params(other) for other in among if other.method == layout.method]
    said = [
        _said(name, value)
        for name, value in mine.items()
        if any(other.get(name) != value for other in same)
    ]
    stopped = [] if layout.finished else ["stopped early"]
    return " · ".join([layout.title, *said, *stopped])


def _tip(layout: Projection) -> str:
    lines = [layout.title, *(_said(name, value) for name, value in _params(layout).items())]
    trust = layout.faithfulness
    if trust is not None:
        lines.append(
            f"trustworthiness {trust.trustworthiness:.3f}, "
            f"{trust.neighbour_recall:.0%} of neighbours near"
        )
    return "\n".join([*lines, *layout.notes])


def _params(layout: Projection) -> Mapping[str, Any]:
    found = layout.made_by.params
    inner = found.get("params")
    plain = inner if isinstance(inner, Mapping) else found
    titled = "dimensions"  # the title says them
    return {name: value for name, value in plain.items() if value is not None and name != titled}


def _said(name: str, value: Any) -> str:
    known = WORDS.get(name)
    return known.format(value) if known else f"{name.replace('_', ' ')} {value}"
