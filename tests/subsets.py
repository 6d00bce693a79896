"""A small corpus with every kind of cell, and vectors and a layout for it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

from backends.arrays import frozen
from backends.types import Corpus, Embeddings, MadeBy, Projection, Roles

DAY = dt.date(2024, 2, 29)


def table_of(n: int) -> pa.Table:
    """Return n rows in several chunks; every third cell of most columns is null."""

    def holes(values: list[object]) -> list[object]:
        return [None if i % 3 == 2 else value for i, value in enumerate(values)]

    texts = [
        "plain",
        'a "quoted", one',
        "two\nlines\r\n",
        "",
        "naïve 日本 🙂",
        "tab\tnul\0end",
        " sp ",
    ]
    columns = {
        "id": pa.array([f"item {i}" for i in range(n)]),
        "text": pa.array(holes([texts[i % len(texts)] for i in range(n)]), pa.string()),
        "kind": pa.array([("fruit", "tool", "bird")[i % 7 % 3] for i in range(n)]),
        "year": pa.array(holes([1900 + i * 7 % 120 for i in range(n)]), pa.int64()),
        "score": pa.array(holes([i / 7 for i in range(n)]), pa.float64()),
        "single": pa.array(np.arange(n) / np.float32(3), pa.float32()),
        "good": pa.array(holes([i % 2 == 0 for i in range(n)]), pa.bool_()),
        "day": pa.array(holes([DAY + dt.timedelta(i) for i in range(n)]), pa.date32()),
        "moment": pa.array(
            holes([dt.datetime(2024, 1, 1, 12, 30) + dt.timedelta(seconds=i) for i in range(n)]),
            pa.timestamp("us"),
        ),
        "price": pa.array(holes([Decimal(i) / 4 for i in range(n)]), pa.decimal128(12, 2)),
        "tags": pa.array(
            holes([["a", "ü\n", None][: i % 4] for i in range(n)]), pa.list_(pa.string())
        ),
        "place": pa.array(
            holes([{"lat": i / 8, "name": "x"} for i in range(n)]),
            pa.struct([("lat", pa.float64()), ("name", pa.string())]),
        ),
        "raw": pa.array(holes([bytes([i % 256, 0, 255]) for i in range(n)]), pa.binary()),
    }
    whole = pa.table(columns)
    step = max(1, n // 3)
    return pa.concat_tables([whole.slice(at, step) for at in range(0, n, step)]) if n else whole


def corpus_of(table: pa.Table, text: str | None = "text", source: Path | None = None) -> Corpus:
    """A corpus around a table, as if it had been read from `source`."""
    made_by = MadeBy("read", ("0" * 32,), {"rows": table.num_rows, "columns": table.column_names})
    return Corpus(table, Roles(text=text), "Things", (source,) if source else (), made_by)


def embeddings_of(corpus: Corpus, dim: int = 8, seed: int = 1) -> Embeddings:
    """Random vectors; every fifth row has none."""
    vectors = np.random.default_rng(seed).standard_normal((len(corpus), dim)).astype(np.float32)
    present = np.arange(len(corpus)) % 5 != 4
    vectors[~present] = 0
    made_by = MadeBy("embed", (corpus.fingerprint,), {"seed": seed}, {"numpy": np.__version__})
    return Embeddings(frozen(vectors), frozen(present), "file", "Random", made_by)


def projection_of(embeddings: Embeddings) -> Projection:
    """The first two dimensions as a layout."""
    layout = embeddings.vectors[:, :2].copy()
    layout[~embeddings.present] = np.nan
    made_by = MadeBy("project", (embeddings.fingerprint,), {"dimensions": [0, 1]})
    return Projection(frozen(layout), "axes", "Two dimensions", made_by)
