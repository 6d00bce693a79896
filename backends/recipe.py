"""The recipe beside every export: plain JSON that says exactly how the files were made.

It names what was read, embedded and laid out (`made_by` of each, with parameters and versions of
the libraries), how the rows were chosen, and which rows they are.
"""

from __future__ import annotations

import platform
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from backends import fingerprint
from backends.arrays import Rows
from backends.types import Corpus, Embeddings, Projection

SCHEMA = 1
MOST_RUNS = 20_000
LIBRARIES = ("numpy", "pyarrow", "duckdb")


def build_recipe(
    corpus: Corpus,
    rows: Rows,
    *,
    embeddings: Embeddings | None = None,
    projection: Projection | None = None,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe `rows` of a corpus and the results that go with them, as plain JSON.

    `extra` is added as it is: the words and the description of a selection, the filter, the files.
    """
    recipe: dict[str, Any] = {
        "schema": SCHEMA,
        "application": {"name": "Embedscope", "version": application_version()},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "source": {
            "title": corpus.title,
            "files": [str(path) for path in corpus.sources],
            "rows": len(corpus),
            "fingerprint": corpus.fingerprint,
            "columns": list(corpus.source_columns),
            "roles": {
                "text": corpus.roles.text,
                "vectors": corpus.roles.vectors,
                "id": corpus.roles.id,
            },
            "made_by": corpus.made_by.as_json(),
            "notes": list(corpus.notes),
        },
        "computed_columns": {name: how.as_json() for name, how in corpus.computed.items()},
        "rows": describe_rows(rows),
        "embeddings": _describe_embeddings(embeddings, rows),
        "projection": _describe_projection(projection),
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in LIBRARIES},
        },
    }
    return {**recipe, **(extra or {})}


def describe_rows(rows: Rows) -> dict[str, Any]:
    """Count, fingerprint and, where that is short, the row numbers as runs [first, last].

    Row 0 is the first item of the source. The runs stand in the order of the exported rows.
    """
    whole = np.ascontiguousarray(rows, dtype=np.int64)
    breaks = np.flatnonzero(np.diff(whole) != 1) + 1
    firsts = whole[np.concatenate(([0], breaks))] if len(whole) else whole  # (runs,)
    lasts = whole[np.concatenate((breaks - 1, [-1]))] if len(whole) else whole  # (runs,)
    short = len(firsts) <= MOST_RUNS
    return {
        "count": len(whole),
        "fingerprint": fingerprint.of_array(whole),
        "runs": np.stack([firsts, lasts], axis=1).tolist() if short else None,
    }


def _describe_embeddings(embeddings: Embeddings | None, rows: Rows) -> dict[str, Any] | None:
    if embeddings is None:
        return None
    return {
        "title": embeddings.title,
        "encoder": embeddings.encoder,
        "dimensions": embeddings.dim,
        "fingerprint": embeddings.fingerprint,
        "made_by": embeddings.made_by.as_json(),
        "notes": list(embeddings.notes),
        "rows_without_vector": int(np.count_nonzero(~embeddings.present[rows])),
    }


def _describe_projection(projection: Projection | None) -> dict[str, Any] | None:
    if projection is None:
        return None
    return {
        "title": projection.title,
        "method": projection.method,
        "finished": projection.finished,
        "fingerprint": projection.fingerprint,
        "made_by": projection.made_by.as_json(),
    }


@cache
def application_version() -> str:
    """Version of Embedscope: of the installed package, else of the checkout it runs from."""
    try:
        return metadata.version("embedscope")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parents[1] / "pyproject.toml"
        if not project.is_file():
            return "unknown"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
