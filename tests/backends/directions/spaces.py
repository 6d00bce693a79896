"""Small spaces of words for tests, and the downloaded one with published numbers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from backends import fingerprint
from backends.arrays import frozen, usable_rows
from backends.corpora.reading import ReadOptions, read_corpus
from backends.directions.base import Space
from backends.directions.terms import Vocabulary, term_source
from backends.types import Embeddings, MadeBy, Roles
from tests import builders
from tests.google_news import VECTORS, path_of


def space_of(words: list[str], vectors: ArrayLike) -> Space:
    """Words with vectors as a file of word vectors gives them."""
    corpus = builders.corpus(columns={"word": words}, roles=Roles(text="word"))
    matrix = np.asarray(vectors, dtype=np.float32)
    made_by = MadeBy("read vectors", (fingerprint.of_array(matrix),))
    embeddings = Embeddings(frozen(matrix), usable_rows(matrix), "file", "words", made_by)
    return Space(corpus, embeddings, Vocabulary(corpus, embeddings, "word"))


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
