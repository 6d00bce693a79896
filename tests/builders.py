"""Small real objects: tables, vectors and layouts with the fingerprints that real ones have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from app.document import Document, Filter
from backends import fingerprint
from backends.arrays import frozen, usable_rows
from backends.directions.base import Direction, Evidence, PairFit
from backends.selection import select
from backends.types import Corpus, Embeddings, Faithfulness, MadeBy, Projection, Roles

WORDS = ("tide", "salt", "reef", "gull", "dune", "kelp", "pier", "mist", "sail", "rope")


def corpus(rows: int = 8, *, columns: dict[str, list[Any]] | None = None, **changes: Any) -> Corpus:
    """A table of `rows` short texts with ids; `columns` replaces it, `changes` its other facts."""
    table = pa.table(
        columns
        or {
            "id": [f"item-{row}" for row in range(rows)],
            "text": [f"{WORDS[row % 10]} and {WORDS[(row // 10) % 10]}" for row in range(rows)],
            "year": [2000 + row % 7 for row in range(rows)],
        }
    )
    facts: dict[str, Any] = {
        "roles": Roles(text="text", id="id" if "id" in table.column_names else None),
        "title": "shore",
        "sources": (),
        "made_by": MadeBy("read", (fingerprint.of_json([table.to_pydict()]),)),
        **changes,
    }
    return Corpus(table, **facts)


def embeddings(
    of: Corpus, dim: int = 4, *, seed: int = 0, present: int | None = None
) -> Embeddings:
    """Random vectors of the first `present` rows (all, if None); the rest has none yet."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(len(of), dim)).astype(np.float32)  # (n, d)
    vectors[len(of) if present is None else present :] = 0
    params = {"seed": seed, "dim": dim, "rows": len(of) if present is None else present}
    made_by = MadeBy("embed", (of.fingerprint,), params, {"numpy": np.__version__})
    mask = frozen(usable_rows(vectors))
    return Embeddings(frozen(vectors), mask, "random", f"random {seed}", made_by, ("a note",))


def projection(of: Embeddings, *, seed: int = 0, finished: bool = True) -> Projection:
    """The first two dimensions, shifted by the seed; NaN where there is no vector."""
    layout = np.where(of.present[:, None], of.vectors[:, :2] + np.float32(seed), np.float32(np.nan))
    made_by = MadeBy("project", (of.fingerprint,), {"seed": seed})
    trust = Faithfulness(0.9, 0.25, 15, len(of))
    return Projection(
        frozen(layout.astype(np.float32)), "pca", "PCA", made_by, finished, trust, {"fit": 0.5}
    )


def fill(document: Document, rows: int = 8, **changes: Any) -> Document:
    """A document with a corpus, embeddings, a layout, and everything a person can choose."""
    document.set_corpus(corpus(rows, **changes))
    assert document.corpus is not None
    document.add_embeddings(embeddings(document.corpus))
    assert document.active is not None
    document.add_projection(projection(document.active))
    document.set_selection(select((1, 3), "lasso", kind="lasso", polygon=[[0, 0], [1, 0], [1, 1]]))
    document.set_filter(Filter("contains", "tide", frozen(np.array([0], dtype=np.int64))))
    document.set_focus(2)
    return document


def write_csv(path: Path, rows: int, *, skip: tuple[int, ...] = ()) -> Path:
    """The same table as a file, without some of its rows."""
    table = corpus(rows).table.to_pylist()
    lines = [
        f"{row['id']},{row['text']},{row['year']}" for i, row in enumerate(table) if i not in skip
    ]
    path.write_text("\n".join(["id,text,year", *lines]) + "\n", encoding="utf-8")
    return path


def direction(of: Embeddings, title: str = "low to high", *, axis: int = 0) -> Direction:
    """One of the axes of these embeddings."""
    made_by = MadeBy("direction", (of.fingerprint,), {"axis": axis, "how": "An axis"})
    basis = frozen(np.eye(of.dim, dtype=np.float32)[axis : axis + 1].copy())
    evidence = Evidence(
        (2, 2), (0.75, 0.25), pairs=(PairFit("tide", "salt", 0.5), PairFit("reef", "gull", -0.25))
    )
    return Direction(basis, title, ("low", "high"), "sets", "difference", made_by, evidence)
