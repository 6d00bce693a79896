"""The card under the cursor: which columns it shows, in which order, and what it says of an item.

Unless the person chooses, it says what an item is called, its text, and its value in the column
that colours the map.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.panels.colouring import ByClass, Colouring
from app.panels.hit_texts import title_column
from app.panels.labels import label_column
from app.settings import SettingsStore
from backends.corpora.cells import cell_text
from backends.corpora.columns import (
    read_cells,
)
from backends.fingerprint import of_json
from backends.types import Corpus

COLOURING = ""  # stands for whichever column colours the map
MOST_ROWS = 8
TABLES_KEPT = 50  # of which it is remembered what their cards show
LETTERS = 2_000  # of one cell, that a card looks at


@dataclass(frozen=True, slots=True)
class CardRow:
    """One thing that is said about an item."""

    kind: Literal["label", "text", "value"]
    text: str  # "" only for a colour that says that there is no value
    name: str = ""  # the column, of a value
    is_colour: bool = False  # whether it is what colours the item


@dataclass(frozen=True, slots=True)
class Card:
    """What is said about one item under the cursor, from top to bottom."""

    rows: tuple[CardRow, ...] = ()

    @property
    def label(self) -> str:
        """What the item is called, "" if the card does not say so."""
        return next((row.text for row in self.rows if row.kind == "label"), "")

    @property
    def text(self) -> str:
        """The item's text, "" if the card does not show it."""
        return next((row.text for row in self.rows if row.kind == "text"), "")

    @property
    def column(self) -> str:
        """The column that colours the map, "" if the card does not show it."""
        return next((row.name for row in self.rows if row.is_colour), "")

    @property
    def value(self) -> str:
        """The item's value in that column."""
        return next((row.text for row in self.rows if row.is_colour), "")


@dataclass(frozen=True, slots=True)
class CardColumn:
    """A column as the list of what a card can show has it."""

    name: str  # or COLOURING
    shown: bool


class CardModel(QObject):
    """Remembers which columns the card shows: for all tables that have these columns."""

    changed = Signal(object)  # tuple[CardColumn, ...]

    def __init__(
        self,
        document: Document,
        settings: SettingsStore | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._store = settings
        self._chosen: tuple[str, ...] | None = None
        document.corpus_changed.connect(self._on_corpus_changed)
        for signal in (document.roles_changed, document.columns_changed):
            signal.connect(lambda _corpus: self.changed.emit(self.columns))
        document.column_renamed.connect(self._on_column_renamed)
        self._on_corpus_changed(document.corpus)

    @property
    def chosen(self) -> tuple[str, ...] | None:
        """What the person chose, from top to bottom; None for what every card says."""
        return self._chosen

    @property
    def columns(self) -> tuple[CardColumn, ...]:
        """All columns: those shown in their order, then the others in the order of the source."""
        corpus = self._document.corpus
        if corpus is None:
            return ()
        shown = self._shown(corpus)
        others = [name for name in (COLOURING, *corpus.columns) if name not in shown]
        return (
            *(CardColumn(name, True) for name in shown),
            *(CardColumn(name, False) for name in others),
        )

    def set_shown(self, name: str, on: bool) -> None:
        """Show a column, as the last of those shown, or leave it out."""
        corpus = self._document.corpus
        if corpus is None:
            return
        shown = [each for each in self._shown(corpus) if each != name]
        self._choose((*shown, name) if on else tuple(shown))

    def move(self, name: str, by: int) -> None:
        """Bring a shown column nearer to the top (-1) or to the bottom (1)."""
        corpus = self._document.corpus
        shown = list(self._shown(corpus)) if corpus is not None else []
        if name in shown:
            at = shown.index(name)
            shown.insert(min(max(at + by, 0), len(shown) - 1), shown.pop(at))
            self._choose(tuple(shown))

    def reset(self) -> None:
        """Say what every card says."""
        self._choose(None)

    def read(self, row: int, colouring: Colouring) -> Card:
        """What to say about one item whose map is coloured so."""
        return read_card(self._document.corpus, row, colouring, self._chosen)

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        return {} if self._chosen is None else {"columns": list(self._chosen)}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `project_state` gave; columns that are not there are left out."""
        known = state.get("columns")
        self._chosen = self._usable(known) if isinstance(known, list | tuple) else None
        self.changed.emit(self.columns)

    def _shown(self, corpus: Corpus) -> tuple[str, ...]:
        if self._chosen is None:
            return usual_columns(corpus)
        return tuple(name for name in self._chosen if name in (COLOURING, *corpus.columns))

    def _choose(self, names: tuple[str, ...] | None) -> None:
        if names == self._chosen:
            return
        self._chosen = names
        self._remember()
        self.changed.emit(self.columns)

    def _usable(self, names: Any) -> tuple[str, ...]:
        corpus = self._document.corpus
        known = {COLOURING, *(corpus.columns if corpus is not None else ())}
        return tuple(dict.fromkeys(name for name in names if name in known))

    def _remember(self) -> None:
        if self._store is None:
            return
        name = self._table_name()
        others = {k: value for k, value in self._store.value.card_columns.items() if k != name}
        kept = dict(list(others.items())[1 - TABLES_KEPT :])
        if self._chosen is not None:
            kept[name] = self._chosen
        self._store.change(card_columns=kept)

    def _table_name(self) -> str:
        """Stands for all tables that have these columns, whatever was computed beside them."""
        corpus = self._document.corpus
        return of_json(sorted(corpus.source_columns if corpus is not None else ()))

    def _on_column_renamed(self, names: tuple[str, str]) -> None:
        if self._chosen is not None:
            old, new = names
            self._choose(tuple(new if name == old else name for name in self._chosen))

    def _on_corpus_changed(self, _corpus: Corpus | None) -> None:
        known = self._store.value.card_columns if self._store is not None else {}
        kept = known.get(self._table_name())
        self._chosen = self._usable(kept) if kept is not None else None
        self.changed.emit(self.columns)


def usual_columns(corpus: Corpus) -> tuple[str, ...]:
    """What a card shows unless somebody chooses: name, text, what colours the map."""
    label = label_column(corpus)
    text = _text_column(corpus)
    return (*(name for name in (label, text) if name is not None), COLOURING)


def read_card(
    corpus: Corpus | None,
    row: int,
    colouring: Colouring = None,
    chosen: tuple[str, ...] | None = None,
) -> Card:
    """What to say about one item: at most `MOST_ROWS` of the chosen columns that have a value."""
    if corpus is None or not 0 <= row < len(corpus):
        return Card()
    shown = chosen if chosen is not None else usual_columns(corpus)
    coloured = colouring.column if colouring is not None else None
    named = [coloured if name == COLOURING else name for name in shown]
    names = list(dict.fromkeys(name for name in named if name in corpus.columns))
    cells = dict(zip(names, read_cells(corpus, np.array([row]), names)[0], strict=True))
    label, text = label_column(corpus), _text_column(corpus)
    rows: list[CardRow] = []
    for name, cell in cells.items():
        if name == coloured:
            called = colouring.new_name_of(row) if isinstance(colouring, ByClass) else None
            words = called or value_words(cell, is_name=name == corpus.roles.id)
            rows.append(CardRow("value", words, name, is_colour=True))
        elif name in (label, text):
            rows.append(CardRow("label" if name == label else "text", cell_text(cell)[:LETTERS]))
        else:
            words = value_words(cell, is_name=name == corpus.roles.id)
            rows.append(CardRow("value", words, name))
    said = [row for row in rows if row.text or row.is_colour]  # having no value has a colour
    if all(row.is_colour for row in said) and (chosen is None or not said):
        said.insert(0, CardRow("text", f"Row {row}"))
    return Card(tuple(said[:MOST_ROWS]))


def value_words(value: object, *, is_name: bool = False) -> str:
    """A cell for a person to read; "" if it is empty. Numbers that name items stay as they are."""
    if isinstance(value, float):
        return number_words(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if is_name or abs(value) < 10_000 else f"{value:,}"  # a year, no comma
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return value.strftime("%Y-%m-%d %H:%M" if not value.second else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(cell_text(value)[:LETTERS].split())


def number_words(value: float) -> str:
    """A number with five digits that count; "" for NaN."""
    if math.isnan(value):
        return ""
    if not math.isfinite(value):
        return "infinite" if value > 0 else "minus infinite"
    size = abs(value)
    if value == int(value) and size < 1e15:
        return value_words(int(value))
    if 1e-3 <= size < 1e9:
        digits = max(0, 4 - math.floor(math.log10(size)))
        words = f"{value:,.{digits}f}"
        return words.rstrip("0").rstrip(".") if digits else words
    return f"{value:.4g}"


def _text_column(corpus: Corpus) -> str | None:
    """The column that is shown as the item's text."""
    return corpus.roles.text if label_column(corpus) is not None else title_column(corpus)
