"""Small spaces of words for tests, and the downloaded one with published numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backends import fingerprint
from backends.arrays import frozen, usable_rows
from backends.corpora.reading import ReadOptions, read_corpus
from backends.directions.base import Space
from backends.directions.terms import Vocabulary, term_source
from backends.types import Embeddings, MadeBy, Roles
from tests import builders
from tests.backends.clouds import cloud
from tests.google_news import VECTORS, path_of


def space_of(words: list[str], vectors: ArrayLike) -> Space:
    """Words with vectors as a file of word vectors gives them."""
    corpus = builders.corpus(columns={"word": words}, roles=Roles(text="word"))
    matrix = np.asarray(vectors, dtype=np.float32)
    made_by = MadeBy("read vectors", (fingerprint.of_array(matrix),))
    embeddings = Embeddings(frozen(matrix), usable_rows(matrix), "file", "words", made_by)
    return Space(corpus, embeddings, Vocabulary(corpus, embeddings, "word"))


def space(vectors: ArrayLike, words: Sequence[str] | None = None, **columns: list[Any]) -> Space:
    """Words w0, w1, ... with these vectors, and other columns; rows of zeros or NaN have none."""
    values = np.array(vectors, dtype=np.float32)
    names = list(words) if words is not None else [f"w{i}" for i in range(len(values))]
    corpus = builders.corpus(columns={"word": names, **columns}, roles=Roles(text="word"))
    embeddings = cloud(values)
    return Space(corpus, embeddings, term_source(corpus, embeddings))


def named(vectors: Mapping[str, Sequence[float]]) -> Space:
    """Words with their vectors."""
    return space(list(vectors.values()), list(vectors))


def units(values: ArrayLike) -> NDArray[np.float64]:
    """Rows of length 1 in float64, the slow obvious way."""
    exact = np.asarray(values, dtype=np.float64)
    return np.asarray(exact / np.linalg.norm(exact, axis=1, keepdims=True))


@lru_cache(maxsize=1)
def google_news() -> Space:
    """26,423 words of Google News, (n, 300); skips the test where it cannot be had."""
    corpus = read_corpus((path_of(VECTORS),), ReadOptions())
    assert corpus.vectors is not None
    # In memory: the cache that it is mapped from is the test's, and goes with it.
    kept = corpus.vectors
    vectors = frozen(np.array(kept.vectors))
    embeddings = Embeddings(vectors, kept.present, kept.encoder, kept.title, kept.made_by)
    columns = {"word": corpus.table.column("word").to_pylist()}
    words = builders.corpus(columns=columns, roles=Roles(text="word"))
    return Space(words, embeddings, term_source(words, embeddings))
