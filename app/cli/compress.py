"""`compress X.npy`: how small the vectors may be, measured against exact search."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import Answer, table
from app.cli.sources import Say, read, vectors_of
from backends.errors import BackendError
from backends.reporting import Report
from backends.types import Corpus, Embeddings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backends.compression.results import Cell, Estimate, NoCell, QuerySet, Sweep

HEAD = ("codec", "settings", "bytes", "side", "recall@k", "1-recall@k", "queries/s", "encode", "")
JUDGED = {"ndcg": "nDCG@10", "mrr": "MRR@10", "purity": "purity"}  # by attribute, where asked for
NUMBERS = "bytes side recall@k 1-recall@k queries/s encode"


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Measure codecs at budgets; the table is in the order of size."""
    from backends.compression.sweep import SweepRequest, sweep

    # Words that are off are found before hours of embedding, not after.
    names, budgets = _codecs(words.codecs), _list(words.budgets)
    for word in budgets:
        _bytes(word, 1)
    corpus = read(words, report.span(0.0, 0.02), say).corpus
    labels = _labels(words.labels, corpus, report.span(0.02, 0.03))
    if labels is not None and words.query_file is not None:
        say("note: Purity is left out: queries of a file have no label.")
    judged = _judged(words.relevance, corpus)
    embeddings, _ = vectors_of(corpus, words, report.span(0.03, 0.2), say)
    queries = _queries(words, corpus, embeddings, judged, report.span(0.2, 0.24))
    request = SweepRequest(
        embeddings,
        names,
        tuple(_bytes(word, embeddings.dim) for word in budgets),
        words.k,
        queries,
        words.queries,
        words.seed or 0,
        labels,
    )
    found = sweep(request, report.span(0.24, 1.0))
    for problem in found.missing:
        say(f"note: {_named(problem)}: {problem.what} {problem.hint}".rstrip())
    return Answer(_data(found), _text(found))


def _codecs(word: str | None) -> tuple[str, ...]:
    """Ids and chains that the words name; known to exist before any work is done."""
    from backends.codecs.registry import CODECS, codec

    names = tuple(CODECS) if word == "all" else tuple(_list(word))
    for name in names:
        if not all(name.split("+")):
            raise BackendError(
                f"“{name}” is no chain: something is missing beside a “+”.",
                hint="Name codecs from left to right, as pca+int8.",
            )
        codec(name)
    return names


def _list(word: str | None) -> list[str]:
    return [part.strip() for part in (word or "").split(",") if part.strip()]


def _bytes(word: str, dim: int) -> float:
    """Bytes a vector: “8” is an eighth of float32, “96B” is 96 bytes. Raises: BackendError."""
    try:
        number = float(word.rstrip("Bb"))
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise BackendError(
            f"“{word}” is no budget.",
            hint="Say how many times smaller than float32, as 8, or bytes a vector, as 96B.",
        )
    return number if word[-1] in "Bb" else 4 * dim / number


def _judged(relevance: Path | None, corpus: Corpus) -> NDArray[np.int64] | None:
    """Rows of the corpus that a file of judgements says something of."""
    from backends.compression.queries import judged_rows

    return None if relevance is None else judged_rows(relevance, corpus)


def _queries(
    words: Namespace,
    corpus: Corpus,
    embeddings: Embeddings,
    judged: NDArray[np.int64] | None,
    report: Report,
) -> QuerySet | None:
    from backends.compression.queries import held_out, query_file, with_relevance

    if words.query_file is not None:
        queries = query_file(words.query_file, embeddings.dim, report)
    elif judged is not None:
        queries = held_out(embeddings, words.queries, words.seed or 0, judged)
    else:
        return None
    if words.relevance is not None:
        queries = with_relevance(queries, words.relevance, corpus)
    return queries


def _labels(
    word: str | None, corpus: Corpus, report: Report
) -> tuple[str, NDArray[np.int64]] | None:
    """Codes of the column that `FILE:COL` or `COL` names. Raises: BackendError."""
    import numpy as np

    from backends.corpora.columns import read_categories
    from backends.corpora.reading import ReadOptions, read_corpus

    if word is None:
        return None
    name, holder = word, corpus
    file, _, last = word.rpartition(":")
    if word not in corpus.columns and file:
        name = last
        holder = read_corpus((Path(file),), ReadOptions(), report)
        if len(holder) != len(corpus):
            raise BackendError(
                f"{file} has {len(holder):,} rows, but there are {len(corpus):,} vectors.",
                hint="Labels need one row for each vector, in the same order.",
            )
    return name, read_categories(holder, name, report).codes.astype(np.int64)


def _named(outcome: Cell | NoCell) -> str:
    if outcome.budget is None:
        return outcome.title
    return f"{outcome.title} at {outcome.budget:,.4g} bytes"


def _data(found: Sweep) -> dict[str, Any]:
    from backends.compression.results import pareto

    front = {cell.fingerprint for cell in pareto(found.cells)}
    return {
        "rows": found.rows,
        "dim": found.dim,
        "k": found.truth.k,
        "queries": len(found.truth.queries.vectors),
        "exact": {
            "queries_per_second": _speed(found),
            "milliseconds": found.truth.milliseconds,
            "purity": _interval(found.truth.purity),
            "ndcg_at_10": _interval(found.truth.ndcg),
            "mrr_at_10": _interval(found.truth.mrr),
        },
        "codecs": [_cell(cell, pareto=cell.fingerprint in front) for cell in found.cells],
        "missing": [
            {"id": no.codec, "budget": no.budget, "what": no.what, "hint": no.hint}
            for no in found.missing
        ],
    }


def _speed(found: Sweep) -> float | None:
    seconds = found.truth.seconds
    return len(found.truth.queries.vectors) / seconds if seconds else None


def _cell(cell: Cell, *, pareto: bool) -> dict[str, Any]:
    return {
        "id": cell.codec,
        "params": dict(cell.params),
        "budget": cell.budget,
        "bytes_per_vector": cell.bytes_per_vector,
        "side_bytes": cell.memory.side,
        "ram_bytes": cell.memory.ram,
        "disk_bytes": cell.memory.disk,
        "recall_at_k": cell.recall.mean,
        "recall_at_k_interval": [cell.recall.low, cell.recall.high],
        "recall_1_at_k": cell.recall_1.mean,
        "purity": _interval(cell.purity),
        "ndcg_at_10": _interval(cell.ndcg),
        "mrr_at_10": _interval(cell.mrr),
        "mse": cell.mse,
        "queries_per_second": cell.queries_per_second,
        "milliseconds": cell.milliseconds,
        "threads": cell.threads,
        "fit_seconds": cell.fit_seconds,
        "encode_seconds": cell.encode_seconds,
        "pareto": pareto,
        "notes": list(cell.notes),
    }


def _interval(value: Estimate | None) -> dict[str, float] | None:
    return None if value is None else {"mean": value.mean, "low": value.low, "high": value.high}


def _text(found: Sweep) -> str:
    from backends.compression.results import pareto

    front = {cell.fingerprint for cell in pareto(found.cells)}
    k = found.truth.k
    judged = [name for name in JUDGED if getattr(found.truth, name) is not None]
    head = [name.replace("@k", f"@{k}") for name in HEAD]
    head[-1:-1] = [JUDGED[name] for name in judged]
    cells = sorted(found.cells, key=lambda c: (-c.bytes_per_vector, -c.recall.mean))
    lines = []
    for cell in cells:
        line = _line(cell)
        line += [_share(getattr(cell, name)) for name in judged]
        lines.append([*line, "Pareto" if cell.fingerprint in front else ""])
    numbers = " ".join((NUMBERS.replace("@k", f"@{k}"), *JUDGED.values()))
    asked = f"{found.truth.queries.title}; {found.rows:,} vectors of {found.dim} dimensions"
    parts = [asked, *_exact(found, judged), "", table(head, lines, numbers)]
    notes = [f"{_named(cell)}: {note}" for cell in cells for note in cell.notes]
    return "\n".join((*parts, *([""] if notes else []), *notes))


def _exact(found: Sweep, judged: list[str]) -> list[str]:
    """What the vectors themselves reach, where that is not 1."""
    if not judged:
        return []
    shares = [f"{JUDGED[name]} {_share(getattr(found.truth, name))}" for name in judged]
    return [f"exact search: {', '.join(shares)}"]


def _line(cell: Cell) -> list[str]:
    return [
        cell.title,
        _settings(cell.params),
        f"{cell.bytes_per_vector:,.5g}",
        f"{cell.memory.side:,}",
        f"{cell.recall.mean:.3f}",
        f"{cell.recall_1.mean:.3f}",
        f"{cell.queries_per_second:,.0f}",
        f"{cell.encode_seconds:.2f} s",
    ]


def _share(value: Estimate | None) -> str:
    return "" if value is None or value.mean != value.mean else f"{value.mean:.3f}"


def _settings(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in params.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"({_settings(value)})"
    if isinstance(value, list | tuple):
        return " x ".join(map(_value, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
