"""What is read of a hit and of the item looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.panels.cells import shortened
from backends.corpora.columns import cell_text, read_cells
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


@dataclass(frozen=True, slots=True)
class Detail:
    """An item with all its columns, the text first."""

    row: int
    text: str
    fields: tuple[tuple[str, str], ...]  # (column, text), without the text column and empty cells


def title_column(corpus: Corpus) -> str | None:
    """The column that says what an item is: its text, else its id, else the first one."""
    roles = corpus.roles
    return roles.text or roles.id or next(iter(corpus.columns), None)


def read_hits(corpus: Corpus, hits: Hits) -> tuple[HitRow, ...]:
    """Texts of the hits, nearest first."""
    column = title_column(corpus)
    cells = read_cells(corpus, hits.rows, [column]) if column else [("",)] * len(hits)
    return tuple(
        HitRow(rank, int(row), float(similarity), cell_text(value)[:HIT_LETTERS])
        for rank, (row, similarity, (value,)) in enumerate(
            zip(hits.rows, hits.similarities, cells, strict=True), start=1
        )
    )


def read_detail(corpus: Corpus, row: int) -> Detail:
    """Everything about one item; very long cells are cut, and say so."""
    (values,) = read_cells(corpus, np.array([row]), corpus.columns)
    cells = {
        name: _cut(cell_text(value)) for name, value in zip(corpus.columns, values, strict=True)
    }
    title = title_column(corpus)
    text = cells.get(title, "") if title else ""
    fields = tuple((name, cell) for name, cell in cells.items() if name != title and cell)
    return Detail(row, text, fields)


def _cut(text: str) -> str:
    if len(text) <= DETAIL_LETTERS:
        return text
    return f"{shortened(text, DETAIL_LETTERS)} ({len(text):,} letters in all)"
