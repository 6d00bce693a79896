"""`info FILE`: what is in it."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from app.cli.output import Answer, table
from app.cli.sources import Opened, Say, read
from backends.reporting import Report


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Count the rows; name the columns, their types and what they are good for."""
    opened = read(words, report, say, guess=True)
    corpus, data = opened.corpus, describe(opened)
    lines = [[c["name"], c["type"], c["role"] or ""] for c in data["columns"]]
    text = f"{corpus.title}: {len(corpus):,} rows\n\n" + table(("column", "type", "role"), lines)
    return Answer(data, text)


def describe(opened: Opened) -> dict[str, Any]:
    """Facts about a corpus; the roles are those it was read with."""
    roles = opened.corpus.roles
    by_name = {roles.id: "id", roles.vectors: "vectors", roles.text: "text"}
    return {
        "rows": len(opened.corpus),
        "columns": [
            {"name": column.name, "type": column.type, "role": by_name.get(column.name)}
            for column in opened.preview.columns
        ],
        "text": roles.text,
        "vectors": roles.vectors,
    }
