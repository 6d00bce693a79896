"""What an item is called: a short column beside its text, as a word beside its definition."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from backends.corpora.cells import cell_text
from backends.corpora.columns import (
    read_cells,
)
from backends.types import Corpus

CALLED = ("label", "name", "title", "lemma", "word", "term", "headword", "headline", "caption")
SAMPLE_ROWS = 200
SHORT = 60  # letters on average
LONGER = 1.5  # times the label's length a text must have, or it says as much by itself


def label_column(corpus: Corpus) -> str | None:
    """The column that names the items, or None where the text itself is short enough.

    A column called as names are called comes first, then the first whose values mostly differ.
    """
    return _found(_Key(corpus))


class _Key:
    """Compares corpora by what the answer depends on, so that it is looked for once."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._facts = (corpus.fingerprint, corpus.roles)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._facts == other._facts

    def __hash__(self) -> int:
        return hash(self._facts)


@lru_cache(maxsize=1)
def _found(key: _Key) -> str | None:
    corpus, roles = key.corpus, key.corpus.roles
    named = (roles.text, roles.id, roles.vectors, *corpus.computed)
    short: list[str] = [
        field.name
        for field in corpus.table.schema
        if "string" in str(field.type) and not field.type.num_fields and field.name not in named
    ]
    if not short or not len(corpus):
        return None
    known = [name for called in CALLED for name in short if name.casefold() == called]
    text = _sample(corpus, roles.text) if roles.text is not None else None
    for name in dict.fromkeys([*known, *short]):
        cells = _sample(corpus, name)
        long = _length(cells)
        differs = len(set(cells)) * 2 > len(corpus.table[:SAMPLE_ROWS])
        fits = 0 < long <= SHORT and (text is None or _length(text) >= long * LONGER)
        if fits and (differs or name in known):
            return name
    return None


def _sample(corpus: Corpus, name: str) -> list[str]:
    rows = np.arange(min(SAMPLE_ROWS, len(corpus)))
    return [cell_text(value) for (value,) in read_cells(corpus, rows, [name])]


def _length(cells: list[str]) -> float:
    """Letters of a cell on average, without the empty ones."""
    lengths = [len(cell) for cell in cells if cell]
    return sum(lengths) / len(lengths) if lengths else 0.0
