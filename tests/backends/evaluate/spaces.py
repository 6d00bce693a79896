"""Small spaces of words with vectors, as word-vector files give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backends.arrays import frozen, usable_rows
from backends.directions.base import Space
from backends.directions.terms import Vocabulary
from backends.types import Corpus, Embeddings, MadeBy, Roles
from tests import builders


def corpus_of(words: Sequence[str]) -> Corpus:
    return builders.corpus(columns={"word": list(words)}, roles=Roles(text="word"))


def vectors_of(corpus: Corpus, vectors: np.ndarray, title: str = "words") -> Embeddings:
    values = np.ascontiguousarray(vectors, dtype=np.float32)
    made_by = MadeBy("read", (corpus.fingerprint,), {"sum": float(values.sum()), "title": title})
    return Embeddings(frozen(values), frozen(usable_rows(values)), "file", title, made_by)


def space_of(items: Mapping[str, Sequence[float]] | Sequence[tuple[str, Sequence[float]]]) -> Space:
    pairs = list(items.items()) if isinstance(items, Mapping) else list(items)
    corpus = corpus_of([word for word, _ in pairs])
    embeddings = vectors_of(corpus, np.array([vector for _, vector in pairs]))
    return Space(corpus, embeddings, Vocabulary(corpus, embeddings, "word"))


def random_space(words: Sequence[str], dim: int = 8, seed: int = 0) -> Space:
    rng = np.random.default_rng(seed)
    return space_of([(word, rng.normal(size=dim).tolist()) for word in words])
