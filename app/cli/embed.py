"""`embed FILE --text COL --out X.npy`: vectors, one row for each row of the file."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli.output import Answer, facts
from app.cli.sources import DEFAULT_ENCODER, Say, read, vectors_of
from app.cli.target import check_file, save_matrix
from backends.reporting import Report
from backends.types import Embeddings

if TYPE_CHECKING:
    from backends.embed import EmbedStats


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Embed the text column and save the vectors; rows without one are zeros."""
    out = check_file(words.out, words.files, force=words.force)
    words.encoder = words.encoder or DEFAULT_ENCODER  # finished vectors are not what was asked for
    corpus = read(words, report.span(0.0, 0.02), say).corpus
    embeddings, stats = vectors_of(corpus, words, report.span(0.02, 1.0), say)
    save_matrix(out, embeddings.vectors)
    data = describe(embeddings, stats)
    return Answer(data, facts({**data, "out": out}))


def describe(embeddings: Embeddings, stats: EmbedStats | None) -> dict[str, Any]:
    """Facts about vectors and how they were made; null where they came finished."""
    return {
        "rows": len(embeddings),
        "dim": embeddings.dim,
        "encoder": embeddings.encoder,
        "engine": stats.engine if stats else None,
        "precision": stats.precision if stats else None,
        "reused": stats.reused if stats else None,
        "texts_per_second": stats.texts_per_second if stats else None,
    }
