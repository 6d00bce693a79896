"""What is asked of compressed vectors: rows of the corpus that no codec learns from, or a file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from backends.arrays import Rows, frozen, unit_rows
from backends.codecs.source import Source
from backends.compression.results import QuerySet
from backends.errors import BackendError, UnreadableFile
from backends.fingerprint import of_array, of_file, of_json
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings, MadeBy
from backends.wording import counted

SHARE = 5  # at most a fifth of the rows are queries: codecs have to learn from the others
MOST_LINES = 20_000_000  # of a file of relevance


def held_out(
    embeddings: Embeddings, count: int = 1000, seed: int = 0, judged: Rows | None = None
) -> QuerySet:
    """Rows chosen by chance, at most a fifth of those with a vector and at least one.

    They stay in the corpus that is searched, but no codec is trained on them. Of `judged` corpus
    rows, see `judged_rows`, as many as possible are among them: of others no nDCG is known.

    Raises: BackendError if fewer than two rows have a vector.
    """
    source = Source.of(embeddings)
    if source.rows < 2:
        raise BackendError(
            "Compression is measured by neighbours, and there are fewer than two vectors.",
            hint="Load or embed more rows.",
        )
    count = max(1, min(count, source.rows // SHARE))
    rng = np.random.default_rng(seed)
    chosen = rng.choice(source.rows, count, replace=False)
    title, params = f"{counted(count, 'row')} held out", dict[str, Any](count=count, seed=seed)
    if judged is not None:
        first = rng.permutation(np.flatnonzero(np.isin(source.corpus_rows, judged)))[:count]
        others = chosen[~np.isin(chosen, first)]
        chosen = np.concatenate((first, others[: count - len(first)]))
        title += f", {len(first):,} of them judged"
        params["judged"] = of_array(np.sort(first))
    positions = np.sort(chosen).astype(np.int64)
    return QuerySet(
        frozen(source.take(positions)),
        frozen(source.corpus_rows[positions]),
        title,
        MadeBy("held out", (embeddings.fingerprint,), params),
    )


def judged_rows(path: Path, corpus: Corpus) -> Rows:
    """Corpus rows that a file of judgements says something of, ascending.

    Raises: UnreadableFile.
    """
    grades = _read_judgements(path)
    if corpus.roles.id is None:
        found = [_row_number(name, len(corpus)) for name in grades]
        return np.array(sorted({row for row in found if row >= 0}), dtype=np.int64)
    names = _ids(corpus, corpus.roles.id)
    return np.array([row for row, name in enumerate(names) if name in grades], dtype=np.int64)


def query_file(path: Path, dim: int, report: Report = SILENT) -> QuerySet:
    """Vectors of a file, one query a row: npy, npz, safetensors, word vectors, or a table.

    Raises: BackendError if there are none, or they have other dimensions than the corpus.
    """
    from backends.corpora.reading import ReadOptions, read_corpus

    corpus = read_corpus((path,), ReadOptions(), report)
    vectors = corpus.vectors
    if vectors is None or not vectors.count:
        raise UnreadableFile(
            f"{path.name} holds no vectors to ask with.",
            hint="Save the queries' vectors as .npy, one row each.",
        )
    if vectors.dim != dim:
        raise BackendError(
            f"The queries in {path.name} have {vectors.dim} dimensions, the corpus has {dim}.",
            hint="Embed the queries with the model that embedded the corpus.",
        )
    if vectors.count < len(vectors):
        raise BackendError(
            f"{counted(len(vectors) - vectors.count, 'query', 'queries')} in {path.name} "
            "cannot be used: a value is missing, or all are 0.",
            hint="Leave these rows out; relevance is told by the number of the row.",
        )
    return QuerySet(
        frozen(unit_rows(np.asarray(vectors.vectors))),
        None,
        path.name,
        MadeBy("query file", (of_file(path),)),
    )


def with_relevance(queries: QuerySet, path: Path, corpus: Corpus) -> QuerySet:
    """Add which rows are relevant to which query, from a file of judgements.

    A line has `query 0 document grade` (TREC) or `query document grade`, between blanks or tabs;
    a head is skipped. A query is its row in the query file, from 0, or, where queries are rows of
    the corpus, that row's id; a document is an id of the corpus, or a row's number if it has no
    column of ids. A row is never relevant to itself, for it is left out of its own answer. Queries
    that nothing is said of, or nothing good, are left out of nDCG and MRR.

    Raises: UnreadableFile; BackendError if no line fits, or no grade is above 0.
    """
    grades = _read_judgements(path)
    rows_of = _row_finder(corpus)
    relevant: list[Mapping[int, float]] = []
    for number, name in enumerate(_names(queries, corpus)):
        rows = {rows_of(document): grade for document, grade in grades.get(name, {}).items()}
        rows.pop(-1, None)
        if queries.rows is not None:
            rows.pop(int(queries.rows[number]), None)
        relevant.append(rows)
    if not any(relevant):
        raise BackendError(
            f"No line of {path.name} fits: neither its queries nor its documents are known.",
            hint="Each line needs a query (its row number, from 0), a document's id and a grade.",
        )
    if not any(grade > 0 for rows in relevant for grade in rows.values()):
        raise BackendError(
            f"No line of {path.name} that fits has a grade above 0, so nothing is relevant.",
            hint="The last word of a line is the grade: 1, or more for what is more relevant.",
        )
    # Rows as they were found, for they depend on the ids of this corpus as well as on the file.
    found = [[(row, rows[row]) for row in sorted(rows)] for rows in relevant]
    judged_by = MadeBy("relevance", (queries.made_by.fingerprint, of_json(found)))
    return replace(queries, relevant=tuple(relevant), made_by=judged_by)


def _read_judgements(path: Path) -> dict[str, dict[str, float]]:
    grades: dict[str, dict[str, float]] = {}
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for number, line in enumerate(file):
                words = line.split("\t") if line.count("\t") >= 2 else line.split()
                words = [word.strip() for word in words]
                if not any(words):
                    continue
                if len(words) not in (3, 4) or number > MOST_LINES:
                    raise _no_judgement(path, number)
                grade = _grade(words[-1])
                if grade is not None:
                    grades.setdefault(words[0], {})[words[-2]] = grade
                elif number > 0:  # the first line may be a head
                    raise _no_judgement(path, number)
    except OSError as error:
        raise UnreadableFile(
            f"Could not read {path.name or path}: {error.strerror}.", hint="Choose another file."
        ) from error
    return grades


def _grade(word: str) -> float | None:
    try:
        grade = float(word)
    except ValueError:
        return None
    return grade if math.isfinite(grade) else None


def _no_judgement(path: Path, number: int) -> UnreadableFile:
    return UnreadableFile(
        f"Line {number + 1} of {path.name} is no judgement of relevance.",
        hint="A line has a query, a document and a grade: “12 d7 1”, or “12 0 d7 1” as in TREC.",
    )


def _row_finder(corpus: Corpus) -> Callable[[str], int]:
    """What finds the row of a document, or -1: the first with that id, or of that number."""
    if corpus.roles.id is None:
        return lambda word: _row_number(word, len(corpus))
    rows: dict[str, int] = {}
    for row, name in enumerate(_ids(corpus, corpus.roles.id)):
        rows.setdefault(name, row)
    return lambda word: rows.get(word, -1)


def _row_number(word: str, rows: int) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 20):  # Python refuses 4,301 digits
        return -1
    return int(word) if int(word) < rows else -1


def _names(queries: QuerySet, corpus: Corpus) -> list[str]:
    """What a file of judgements may call each query."""
    if queries.rows is None:
        return [str(number) for number in range(len(queries.vectors))]
    if corpus.roles.id is None:
        return [str(row) for row in queries.rows]
    ids = _ids(corpus, corpus.roles.id)
    return [ids[row] for row in queries.rows]


def _ids(corpus: Corpus, column: str) -> list[str]:
    from backends.corpora.cells import cell_text, cells_of
    from backends.corpora.columns import (
        values_of,
    )

    return [cell_text(value) for value in cells_of(values_of(corpus, column))]
