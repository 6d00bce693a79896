"""Neighbours of an item, exact and under a codec, side by side: what was lost, what was gained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.panels.cells import shortened
from app.panels.labels import label_column
from backends.arrays import Rows
from backends.codecs.source import Source
from backends.compression.opened import Neighbourhood
from backends.compression.recall import TIE, exact_similarities
from backends.compression.results import Cell, Truth
from backends.corpora.cells import cell_text
from backends.corpora.columns import read_cells
from backends.types import Corpus, Embeddings

NAME_LETTERS = 160
Fate = Literal["kept", "lost", "gained", "tied"]
FATES: dict[Fate, str] = {
    "kept": "in both lists",
    "lost": "not found under the codec",
    "gained": "found under the codec, but not one of the nearest",
    "tied": "as near as the last of the other list, so it counts as found",
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row of one of the lists."""

    rank: int  # from 1
    row: int
    name: str
    similarity: float  # cosine of the vectors in full precision
    fate: Fate


@dataclass(frozen=True, slots=True)
class Lists:
    """The neighbours of one item."""

    row: int
    name: str
    exact: tuple[Neighbour, ...]
    found: tuple[Neighbour, ...]

    @property
    def lost(self) -> int:
        """How many of the exact ones are lost."""
        return sum(one.fate == "lost" for one in self.exact)

    @property
    def recall(self) -> float:
        """Share of the exact ones that were found, ties among them."""
        return 1.0 - self.lost / len(self.exact) if self.exact else 1.0


def query_number(truth: Truth, row: int | None) -> int | None:
    """Which query a corpus row is, or None."""
    rows = truth.queries.rows
    if rows is None or row is None:
        return None
    found = np.flatnonzero(rows == row)
    return int(found[0]) if len(found) else None


def of_query(number: int, cell: Cell, truth: Truth, embeddings: Embeddings) -> Neighbourhood:
    """Lists of a query that was measured; nothing is encoded again.

    `number` is its place among the queries, which have to be rows of the corpus.
    """
    assert truth.queries.rows is not None
    source = Source.of(embeddings)
    found = cell.found[number]
    found = found[found >= 0]
    positions = np.searchsorted(source.corpus_rows, found)[None]  # (1, k')
    vectors = truth.queries.vectors[number : number + 1]
    return Neighbourhood(
        int(truth.queries.rows[number]),
        truth.rows[number],
        truth.similarities[number],
        found,
        exact_similarities(vectors, positions, source)[0],
    )


def lists_of(found: Neighbourhood, corpus: Corpus) -> Lists:
    """Both lists with the names of their items."""
    own = names(corpus, np.array([found.row]))[0]
    tied_from = float(found.exact_similarities[-1]) - TIE if len(found.exact) else np.inf
    gained, lost = found.gained, found.lost
    as_near = gained & (found.found_similarities >= tied_from)
    # Each row that is as near as the last one stands for one of the lost ones that are just so.
    at_the_end = lost & (found.exact_similarities <= tied_from + 2 * TIE)
    spared = np.zeros(len(lost), dtype=np.bool_)
    spared[np.flatnonzero(at_the_end)[: int(as_near.sum())]] = True
    exact_fates: list[Fate] = [
        "tied" if spared[at] else "lost" if lost[at] else "kept" for at in range(len(lost))
    ]
    found_fates: list[Fate] = [
        "tied" if as_near[at] else "gained" if gained[at] else "kept" for at in range(len(gained))
    ]
    return Lists(
        found.row,
        own,
        _neighbours(corpus, found.exact, found.exact_similarities, exact_fates),
        _neighbours(corpus, found.found, found.found_similarities, found_fates),
    )


def names(corpus: Corpus, rows: Rows) -> list[str]:
    """What items are called in a list: their label and text, or their number."""
    columns = [name for name in (label_column(corpus), corpus.roles.text) if name is not None]
    columns = list(dict.fromkeys(columns))
    if not columns or not len(rows):
        return [f"row {row}" for row in rows]
    found = []
    for row, cells in zip(rows, read_cells(corpus, rows, columns), strict=True):
        parts = (" ".join(cell_text(cell)[: 4 * NAME_LETTERS].split()) for cell in cells)
        text = ": ".join(filter(None, parts))
        found.append(shortened(text, NAME_LETTERS) or f"row {row}")
    return found


def _neighbours(
    corpus: Corpus, rows: Rows, similarities: NDArray[np.float64], fates: list[Fate]
) -> tuple[Neighbour, ...]:
    told = zip(rows, names(corpus, rows), similarities, fates, strict=True)
    return tuple(
        Neighbour(rank, int(row), name, float(similarity), fate)
        for rank, (row, name, similarity, fate) in enumerate(told, start=1)
    )
