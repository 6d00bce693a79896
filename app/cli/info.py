"""`info FILE`: what is in it."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from app.cli.output import Answer, table
from app.cli.sources import Say, read
from backends.reporting import Report
from backends.types import Corpus


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Count the rows; name the columns, their types and what they are good for."""
    corpus = read(words, report, say)
    data = describe(words, corpus, report)
    lines = [[c["name"], c["type"], c["role"] or ""] for c in data["columns"]]
    text = f"{corpus.title}: {len(corpus):,} rows\n\n" + table(("column", "type", "role"), lines)
    return Answer(data, text)


def describe(words: Namespace, corpus: Corpus, report: Report) -> dict[str, Any]:
    """Facts about a corpus; the roles are those it was read with."""
    from backends.corpora.reading import inspect

    roles = corpus.roles
    by_name = {roles.id: "id", roles.vectors: "vectors", roles.text: "text"}
    return {
        "rows": len(corpus),
        "columns": [
            {"name": column.name, "type": column.type, "role": by_name.get(column.name)}
            for column in inspect(words.files, report).columns
        ],
        "text": roles.text,
        "vectors": roles.vectors,
    }
