"""Texts of a corpus into vectors: each text once, several batches at a time, kept as they finish.

A stopped or killed run goes on where it was; a complete one is read from the cache without loading
the model. Reference numbers: tests/benchmarks/embed.py.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backends import embedding_run as running
from backends import embedding_store as store
from backends.arrays import Matrix, batches, frozen
from backends.corpora.columns import values_of
from backends.embedding_plan import Texts
from backends.embedding_run import EmbedStats
from backends.encoders.registry import load_encoder
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

__all__ = ["EmbedRequest", "EmbedStats", "embed", "encode_queries", "encode_query", "last_stats"]

QUERIES_A_BATCH = 64

_stats: dict[str, EmbedStats] = {}


@dataclass(frozen=True)
class EmbedRequest:
    """Which texts with which encoder; without a column it is the corpus' own text column."""

    corpus: Corpus
    encoder: str = "minilm"
    column: str | None = None


def last_stats(name: str) -> EmbedStats | None:
    """What the last call that made or read the embeddings of this fingerprint did, or None."""
    return _stats.get(name)


def embed(request: EmbedRequest, report: Report = SILENT) -> Embeddings:
    """Give every row with text a vector, (n, d) float32, mapped from the cache.

    Partials (about one a second) share the memory of the result: rows that are `present` in them
    never change again. Stops within one batch; loading the model cannot be stopped.

    Raises: BackendError (no text, unusable model, full disk), Cancelled.
    """
    started = time.perf_counter()
    texts = Texts(request.corpus, _column(request))
    loaded = load_encoder(request.encoder, report)
    work = running.prepare(texts, loaded, request.encoder, report)
    made = running.finished(work)
    was_there = made is not None
    if made is None:
        with store.claimed(work.folder, report):
            made = running.finished(work)  # another window may have made it meanwhile
            was_there = made is not None
            if made is None:
                running.make(work, report)
                made = running.finished(work)
    assert made is not None
    embeddings, stats = made
    reused = stats.rows - stats.empty if was_there else stats.reused
    seconds = time.perf_counter() - started
    _stats[embeddings.fingerprint] = replace(stats, reused=reused, seconds=seconds)
    return embeddings


def encode_query(
    corpus: Corpus, embeddings: Embeddings, text: str, report: Report = SILENT
) -> Matrix:
    """Vector of a typed text by the encoder of these embeddings, (d,) of length 1.

    May be called from another thread while `embed` runs, and is then answered within about one
    batch.

    Raises: BackendError if the text has no vector or the encoder is not there any more.
    """
    if not text.strip():
        raise BackendError("There is nothing to search for.", hint="Type a few words.")
    unit: Matrix = encode_queries(corpus, embeddings, (text,), report)[0]  # (d,)
    if not unit.any():
        title = load_encoder(str(embeddings.made_by.origin.params["encoder"]), report).title
        raise BackendError(
            f"The encoder {title} knows none of the words of “{text[:80]}”.",
            hint="Try other words, or an encoder that compares meaning.",
        )
    return unit


def encode_queries(
    corpus: Corpus, embeddings: Embeddings, texts: Sequence[str], report: Report = SILENT
) -> Matrix:
    """Vectors of typed texts by the encoder of these embeddings, (m, d) of length 1.

    Zeros for a text of which the encoder knows nothing. As `encode_query`, it may be called while
    `embed` runs. Texts of like length go through the encoder together; stops between these batches.

    Raises: BackendError if the encoder is not there any more, or the map of an eraser that the
    vectors went through; Cancelled.
    """
    made_by = embeddings.made_by.origin
    params = made_by.params
    if made_by.operation != "embed" or "encoder_fingerprint" not in params:
        raise BackendError(
            "These vectors came from a file; which model made them is not known.",
            hint="Embed the corpus here to search it by text.",
        )
    from backends.directions.erasing.making import query_map  # which looks words up by this module

    report.check()
    loaded = load_encoder(str(params["encoder"]), report)
    if loaded.fingerprint != params["encoder_fingerprint"]:
        raise BackendError(
            f"The model {loaded.title} has changed since these vectors were made.",
            hint="Embed the corpus again.",
        )
    encoder = running.opened(loaded, running.entry(made_by))
    vectors = np.zeros((len(texts), embeddings.dim), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    for part in batches(len(order), QUERIES_A_BATCH):
        report.step(part.start, len(order), "Encoding")
        places = order[part]
        found = encoder.encode([texts[at] for at in places], "query", params["precision"])
        # By the first dimensions, where these are cut from others, and by the maps of erasers.
        vectors[places] = query_map(embeddings.made_by, found, embeddings.dim)
    return frozen(vectors)


def _column(request: EmbedRequest) -> str:
    column = request.column or request.corpus.roles.text
    if column is None:
        raise BackendError(
            f"{request.corpus.title} has no text column.", hint="Choose the column with the text."
        )
    values_of(request.corpus, column)  # says if there is no such column
    return column
