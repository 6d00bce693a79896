"""`search FILE|X.npy`: neighbours of a row, a text or a vector."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.cli.output import Answer, clip, table
from app.cli.sources import Say, read, vectors_of
from backends.arrays import Matrix, as_matrix
from backends.errors import BackendError, UnreadableFile
from backends.reporting import Report
from backends.types import Corpus, Embeddings, Hits

if TYPE_CHECKING:
    from backends.query import Query

TEXT_WIDTH = 80


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Find the k rows that are most similar by cosine; a row is not its own neighbour."""
    from backends.search import search

    corpus = read(words, report.span(0.0, 0.05), say).corpus
    embeddings, _ = vectors_of(corpus, words, report.span(0.05, 0.95), say)
    query = _query(corpus, embeddings, words, report.span(0.95, 0.99))
    hits = search(embeddings, query, words.k, report.span(0.99, 1.0), index=words.index)
    found = _rows(corpus, hits)
    data = {"hits": found, "index": words.index, "milliseconds": round(hits.seconds * 1000, 3)}
    return Answer(data, _text(corpus, hits, found))


def _query(corpus: Corpus, embeddings: Embeddings, words: Namespace, report: Report) -> Query:
    from backends.embed import encode_query
    from backends.query import row_query, vector_query

    if words.row is not None:
        return row_query(embeddings, words.row)
    if words.vector is not None:
        return vector_query(_vector(words.vector, embeddings.dim), words.vector.name)
    row = _row_of_word(corpus, embeddings, words.query)
    if row is not None:
        return row_query(embeddings, row)
    return vector_query(encode_query(corpus, embeddings, words.query, report), words.query)


def _vector(path: Path, dim: int) -> Matrix:
    """The one vector in a file, (d,).

    Raises: UnreadableFile, UnusableVectors, BackendError.
    """
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"Could not read a vector from {path}.", hint="Save it with numpy.save."
        ) from error
    matrix = as_matrix(np.atleast_2d(values))
    if matrix.shape != (1, dim):
        raise BackendError(
            f"{path} holds an array of shape {values.shape}, but the rows have {dim} dimensions.",
            hint=f"Save one vector of {dim} numbers.",
        )
    vector: Matrix = matrix[0]
    return vector


def _row_of_word(corpus: Corpus, embeddings: Embeddings, text: str) -> int | None:
    """In word vectors, a text that is one of the words is asked about by its own vector."""
    from backends.corpora.columns import rows_of_ids

    column = corpus.roles.text
    if embeddings.encoder != "file" or column is None:
        return None
    found = rows_of_ids(corpus, column, [text])
    found = found[(found >= 0) & (found < len(corpus))]
    return int(found[0]) if len(found) and embeddings.present[found[0]] else None


def _rows(corpus: Corpus, hits: Hits) -> list[dict[str, Any]]:
    """One object a hit: row, similarity, and all columns; a column of such a name is put aside."""
    from backends.corpora.columns import read_cells

    own = ("row", "similarity")
    names = [f"{name} (column)" if name in own else name for name in corpus.columns]
    cells = read_cells(corpus, hits.rows, corpus.columns) if names else [()] * len(hits)
    return [
        {"row": int(row), "similarity": round(float(similarity), 6)}
        | dict(zip(names, values, strict=True))
        for row, similarity, values in zip(hits.rows, hits.similarities, cells, strict=True)
    ]


def _text(corpus: Corpus, hits: Hits, found: list[dict[str, Any]]) -> str:
    """Row, similarity and the text, or what else there is."""
    column = corpus.roles.text
    others = [name for name in corpus.columns if name not in ("row", "similarity")]
    shown = [column] if column else others[:3]
    lines = [
        [f"{hit['row']}", f"{hit['similarity']:.3f}"]
        + [clip(str(hit.get(name, "")), TEXT_WIDTH) for name in shown]
        for hit in found
    ]
    head = ("row", "similarity", *shown)
    return f"Nearest to {hits.title}\n\n" + table(head, lines, numbers="row similarity")
