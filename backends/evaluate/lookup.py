"""Finding many words among the items at once, with case treated as a person chose.

A word that several items are called by (Bank, bank, BANK where case does not count) means the first
of them that has a vector: word vectors come in order of frequency. The others are the same word,
so an analogy may answer with any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, unit_rows
from backends.corpora.columns import values_of
from backends.directions.base import Space
from backends.directions.terms import BARE, NO_VECTOR, UNKNOWN, Lost, Vocabulary
from backends.errors import BackendError
from backends.reporting import SILENT, Report

if TYPE_CHECKING:
    import pyarrow as pa

Case = Literal["fold", "exact", "spellings"]
CASES: tuple[Case, ...] = get_args(Case)
CASE_WORDS = {
    "fold": "upper and lower case are the same; the first item of that name counts",
    "exact": "words must be written exactly as the items are",
    "spellings": "the word as it is, else in lower case, capitals, or with _ for spaces",
}
_SLICE_ROWS = 1 << 17
BEYOND = "behind the first {:,} items"


@dataclass(frozen=True, eq=False)
class Found:
    """Where words are among the items; words that mean the same item share a code."""

    codes: NDArray[np.int32]  # (n,) of each item, -1 where no word asks for it
    items: Rows  # (c,) the item that a code means
    code_of: dict[str, int]  # word -> code
    lost: tuple[Lost, ...]


def find_words(
    vocabulary: Vocabulary, words: Sequence[str], case: Case, limit: int, report: Report = SILENT
) -> Found:
    """Look words up among the first `limit` items.

    Raises: BackendError if there is no such column, Cancelled.
    """
    report.step(0, 0, "Looking up the words")
    if case == "spellings":
        return _spelled(vocabulary, words, limit, report)
    present = vocabulary.embeddings.present
    key = dict(zip(words, _folded(words) if case == "fold" else words, strict=True))
    keys = list(dict.fromkeys(key.values()))
    asked = _places(_names(vocabulary), keys, report, fold=case == "fold")  # (n,) index into keys
    rows = np.flatnonzero(asked >= 0)
    # From the last to the first, so that the first item with a vector is what remains.
    first = np.full(len(keys), -1, np.int64)
    usable = rows[present[rows]]
    first[asked[usable[::-1]]] = usable[::-1]
    there = np.zeros(len(keys), np.bool_)
    there[asked[rows]] = True
    kept = (first >= 0) & (first < limit)
    number = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)  # key -> code
    place = {name: at for at, name in enumerate(keys)}
    code_of, lost = {}, []
    for word, name in key.items():
        at_key = place[name]
        if kept[at_key]:
            code_of[word] = int(number[at_key])
        elif first[at_key] >= 0:
            lost.append(Lost(word, BEYOND.format(limit)))
        else:
            lost.append(Lost(word, NO_VECTOR if there[at_key] else UNKNOWN))
    codes = np.where(asked >= 0, number[np.maximum(asked, 0)], -1).astype(np.int32)
    return Found(codes, first[kept], code_of, tuple(lost))


def unit_vectors(
    space: Space, words: Sequence[str], case: Case, report: Report = SILENT
) -> tuple[dict[str, int], Matrix, tuple[Lost, ...]]:
    """Words (or sentences) with their unit vectors (w, d), and those that have none.

    Raises: BackendError, Cancelled.
    """
    terms, embeddings = space.terms, space.embeddings
    if isinstance(terms, Vocabulary):
        found = find_words(terms, words, case, len(embeddings), report)
        vectors = np.asarray(embeddings.vectors[found.items], np.float32)
        return found.code_of, unit_rows(vectors.reshape(-1, embeddings.dim)), found.lost
    looked_up = terms.look_up(words, report)
    place = {word: at for at, word in enumerate(looked_up.asked)}
    # The source joins spaces, so that a sentence is asked for under another name.
    at = {word: place[name] for word in words if (name := " ".join(word.split())) in place}
    return at, looked_up.units, looked_up.lost


def vocabulary_of(space: Space) -> Vocabulary:
    """The space's vocabulary. Raises: BackendError where terms are encoded."""
    if isinstance(space.terms, Vocabulary):
        return space.terms
    raise BackendError(
        "Analogies are answered with items, so words have to be looked up among them.",
        hint="Choose the column with the words.",
    )


def names_of(vocabulary: Vocabulary, rows: Rows) -> list[str]:
    """What items are called, in the order of `rows`."""
    return ["" if cell is None else str(cell) for cell in _names(vocabulary).take(rows).to_pylist()]


def how_looked_up(space: Space, case: Case) -> str:
    """Where vectors of words came from, and how case was treated, in one sentence."""
    if isinstance(space.terms, Vocabulary):
        return f"Words are looked up in the column “{space.terms.column}”; {CASE_WORDS[case]}."
    if getattr(space.terms, "templates", None) == BARE:
        return "Words are encoded as they are."
    return f"Words are {space.terms.how}."


def _spelled(vocabulary: Vocabulary, words: Sequence[str], limit: int, report: Report) -> Found:
    """Words in the spellings that directions try; each means one item."""
    distinct = list(dict.fromkeys(words))
    terms = vocabulary.look_up(distinct, report)
    row_of = dict(zip(terms.asked, terms.rows.tolist(), strict=True))
    why = {lost.term: lost.why for lost in terms.lost}
    codes = np.full(len(vocabulary.corpus), -1, np.int32)
    items: list[int] = []
    code_of, lost = {}, []
    for word in distinct:
        name = " ".join(word.split())
        row = row_of.get(name)
        if row is None or row >= limit:
            lost.append(Lost(word, why.get(name, UNKNOWN) if row is None else BEYOND.format(limit)))
            continue
        if codes[row] < 0:
            codes[row] = len(items)
            items.append(row)
        code_of[word] = int(codes[row])
    return Found(codes, np.array(items, np.int64), code_of, tuple(lost))


def _places(
    column: pa.ChunkedArray, keys: list[str], report: Report, *, fold: bool
) -> NDArray[np.int32]:
    """Where each cell stands among the keys, (n,), -1 for none; by slices: texts may be long."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(keys, column.type)
    places = np.empty(len(column), np.int32)
    for block in batches(len(column), _SLICE_ROWS):
        report.step(block.start, len(column), "Looking up the words")
        part = column.slice(block.start, block.stop - block.start)
        at = pc.index_in(pc.utf8_upper(part) if fold else part, value_set=wanted)
        places[block] = at.fill_null(-1).to_numpy()
    return places


def _folded(words: Sequence[str]) -> list[str]:
    """Upper case by the rule that items are folded by: one letter gives one letter."""
    import pyarrow as pa
    import pyarrow.compute as pc

    folded: list[str] = pc.utf8_upper(pa.array(words, pa.large_string())).to_pylist()
    return folded


def _names(vocabulary: Vocabulary) -> Any:
    import pyarrow as pa

    column: pa.ChunkedArray = values_of(vocabulary.corpus, vocabulary.column)
    return column.cast(pa.large_string())
