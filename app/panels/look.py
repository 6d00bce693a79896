"""What is seen of the map: the part that is looked at, and the card under the cursor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.panels.hit_texts import title_column
from app.panels.labels import label_column
from backends.corpora.columns import cell_text, read_cells
from backends.types import Corpus


@dataclass(frozen=True, slots=True)
class Look:
    """A part of the plane: its middle, and how large it is shown."""

    x: float
    y: float
    scale: float  # logical pixels per unit of the plane
    projection: str  # fingerprint of the layout that is looked at

    @classmethod
    def of(cls, state: object) -> Look | None:
        """What a project kept, or None if it makes no sense."""
        try:
            assert isinstance(state, Mapping)
            x, y, scale = (float(state[name]) for name in ("x", "y", "scale"))
            look = cls(x, y, scale, str(state["projection"]))
        except (AssertionError, KeyError, TypeError, ValueError):
            return None
        usable = all(map(math.isfinite, (look.x, look.y, look.scale))) and look.scale > 0
        return look if usable else None


@dataclass(frozen=True, slots=True)
class Card:
    """What is said about one item under the cursor."""

    text: str
    column: str = ""  # the colouring one, "" if the map is plain
    value: str = ""
    label: str = ""  # what the item is called, where a column says so


def read_card(
    corpus: Corpus | None, row: int, column: str | None, called: str | None = None
) -> Card:
    """What to say about one item whose map is coloured by a column.

    `called` is what the map calls the item's class, where that is not what the column says.
    """
    if corpus is None or not 0 <= row < len(corpus):
        return Card("")
    label = label_column(corpus)
    text = corpus.roles.text if label is not None else title_column(corpus)
    names = [name for name in (text, label, column) if name is not None]
    values = read_cells(corpus, np.array([row]), names)[0]
    said = dict(zip(names, map(cell_text, values), strict=True))
    name = said.get(label or "", "")
    shown = said.get(text or "", "") or ("" if name else f"Row {row}")
    value = called if called is not None else said.get(column or "", "")
    return Card(shown, column or "", value, name)
