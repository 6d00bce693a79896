"""What is read of a hit and of the item looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.panels.cells import shortened
from app.panels.labels import label_column
from backends.corpora.cells import cell_text
from backends.corpora.columns import (
    read_cells,
)
from backends.types import Corpus, Hits

HIT_LETTERS = 400
DETAIL_LETTERS = 20_000


@dataclass(frozen=True, slots=True)
class HitRow:
    """A neighbour as a list shows it."""

    rank: int  # from 1
    row: int
    similarity: float  # cosine, -1..1
    text: str
    label: str = ""  # what the item is called, where a column says so


@dataclass(frozen=True, slots=True)
class Detail:
    """An item with all its columns, the text first."""

    row: int
    text: str
    fields: tuple[tuple[str, str], ...]  # (column, text), without text, label and empty cells
    label: str = ""


def title_column(corpus: Corpus) -> str | None:
    """The column that says what an item is: its text, else its id, else the first one."""
    roles = corpus.roles
    return roles.text or roles.id or next(iter(corpus.source_columns), None)


def read_hits(corpus: Corpus, hits: Hits) -> tuple[HitRow, ...]:
    """Texts of the hits, nearest first."""
    label = label_column(corpus)
    column = corpus.roles.text if label is not None else title_column(corpus)
    names = [name for name in (column, label) if name is not None]
    cells = read_cells(corpus, hits.rows, names) if names else [()] * len(hits)
    found = []
    for rank, (row, similarity, values) in enumerate(
        zip(hits.rows, hits.similarities, cells, strict=True), start=1
    ):
        said = dict(zip(names, (cell_text(value)[:HIT_LETTERS] for value in values), strict=True))
        text, called = said.get(column or "", ""), said.get(label or "", "")
        found.append(HitRow(rank, int(row), float(similarity), text, called))
    return tuple(found)


def read_detail(corpus: Corpus, row: int) -> Detail:
    """Everything about one item; very long cells are cut, and say so."""
    (values,) = read_cells(corpus, np.array([row]), corpus.columns)
    cells = {
        name: _cut(cell_text(value)) for name, value in zip(corpus.columns, values, strict=True)
    }
    label = label_column(corpus)
    title = corpus.roles.text if label is not None else title_column(corpus)
    text = cells.get(title, "") if title else ""
    fields = tuple(
        (name, cell) for name, cell in cells.items() if name not in (title, label) and cell
    )
    return Detail(row, text, fields, cells.get(label, "") if label else "")


def called(corpus: Corpus, row: int, letters: int = 60) -> str:
    """A short name for an item in a heading: its label or text in quotes, or its number."""
    column = label_column(corpus) or corpus.roles.text
    if column is None or not 0 <= row < len(corpus):
        return f"row {row}"
    ((value,),) = read_cells(corpus, np.array([row]), [column])
    words = " ".join(cell_text(value)[: 4 * letters].split())
    return f"“{shortened(words, letters)}”" if words else f"row {row}"


def _cut(text: str) -> str:
    if len(text) <= DETAIL_LETTERS:
        return text
    return f"{shortened(text, DETAIL_LETTERS)} ({len(text):,} letters in all)"
