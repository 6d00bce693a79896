"""Texts as numbers of words, by Arrow: no loop over texts in Python, and the interpreter is free.

A word is a run of letters, marks and digits of any script, in lower case, without English endings
behind an apostrophe. Runs of Chinese and Japanese letters, which put no space between words, count
as every pair of neighbours in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Rows
from backends.corpora.columns import values_of
from backends.reporting import SILENT, Report
from backends.types import Corpus

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 16_384  # texts between two looks whether to go on
LETTERS = 4_000  # of a text that are read; what it is about is said by then
APOSTROPHE = r"['’](s|t|re|ve|ll|d|m)\b"  # noqa: RUF001  the typographer's
BETWEEN = r"[^\pL\pM\pN]+"
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}]"


@dataclass(frozen=True, eq=False)
class Tokens:
    """The words of m texts, one after the other."""

    words: NDArray[np.int32]  # (t,) index into the vocabulary
    starts: NDArray[np.int64]  # (m + 1,) where each text's words begin
    vocabulary: tuple[str, ...]

    @property
    def per_text(self) -> float:
        """Words of a text on average, of texts that have any."""
        lengths = np.diff(self.starts)
        return float(lengths[lengths > 0].mean()) if (lengths > 0).any() else 0.0


def read_tokens(corpus: Corpus, column: str, rows: Rows, report: Report = SILENT) -> Tokens:
    """Words of these rows (ascending) of a column of texts.

    Raises: BackendError if there is no such column, Cancelled.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    chunks, lengths, done = [], [], 0
    for texts in _blocks(values_of(corpus, column), rows):
        report.step(done, len(rows), "Reading words")
        lists = _split(texts)
        lengths.append(pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False))
        chunks.append(pc.dictionary_encode(pc.list_flatten(lists)))
        done += len(texts)
    kind = pa.dictionary(pa.int32(), pa.large_string())
    merged = pa.chunked_array([chunk.cast(kind) for chunk in chunks], kind).unify_dictionaries()
    found = [chunk.indices.to_numpy() for chunk in merged.chunks]
    words = np.concatenate([*found, np.zeros(0, np.int32)]).astype(np.int32, copy=False)  # (t,)
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(np.concatenate([*lengths, np.zeros(0, np.int32)]), out=starts[1:])
    vocabulary = tuple(merged.chunk(0).dictionary.to_pylist() if merged.num_chunks else ())
    return Tokens(*_without_empty(words, starts, vocabulary), vocabulary)


def _without_empty(
    words: NDArray[np.int32], starts: NDArray[np.int64], vocabulary: tuple[str, ...]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Leave out what stands before a first and behind a last sign: no word."""
    if "" not in vocabulary:
        return words, starts
    kept = words != vocabulary.index("")
    before = np.concatenate([[0], np.cumsum(kept)])  # (t + 1,)
    return words[kept], before[starts]


def _blocks(values: pa.ChunkedArray, rows: Rows) -> Iterator[pa.Array]:
    """Cells of some rows as texts, in blocks; chunks are never brought together."""
    import pyarrow as pa
    import pyarrow.compute as pc

    start = 0
    for chunk in values.chunks:
        low, high = np.searchsorted(rows, [start, start + len(chunk)])
        for first in range(int(low), int(high), BLOCK):
            wanted = rows[first : min(first + BLOCK, int(high))] - start
            texts = chunk.take(pa.array(wanted)).cast(pa.large_string())
            if texts.nbytes > LETTERS * len(texts):
                texts = pc.utf8_slice_codeunits(texts, 0, LETTERS)
            yield texts.fill_null("")
        start += len(chunk)


def _split(texts: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    lower = pc.replace_substring_regex(pc.utf8_lower(texts), APOSTROPHE, "")
    if pc.any(pc.match_substring_regex(lower, UNSPACED)).as_py():
        runs = pc.replace_substring_regex(lower, rf"[^{UNSPACED[1:-1]}]+", " ")
        # Pairs that begin with the first letter of a run, and pairs that begin with the second.
        shifted = pc.replace_substring_regex(runs, rf"(^| )({UNSPACED})", r"\1\2 ")
        space = pa.scalar(" ", pa.large_string())
        pairs = pc.binary_join_element_wise(runs, shifted, space)
        pairs = pc.replace_substring_regex(pairs, f"({UNSPACED}{{2}})", r"\1 ")
        spaced = pc.replace_substring_regex(lower, f"{UNSPACED}+", " ")
        lower = pc.binary_join_element_wise(spaced, pairs, space)
    return pc.split_pattern_regex(pc.utf8_trim_whitespace(lower), BETWEEN)
