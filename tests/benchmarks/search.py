"""One query against every vector, beside faiss' flat index; hits are the same by similarity."""

from __future__ import annotations

import statistics
from typing import Any

import faiss
import numpy as np

from backends.arrays import frozen, unit_rows
from backends.query import row_query
from backends.search import search
from backends.types import Embeddings, MadeBy
from tests.benchmarks.measure import Measure, arguments, in_turn, seconds_of, show

SIZES = ((10_000, 384), (400_000, 50), (1_000_000, 384))
QUICK = ((10_000, 384), (400_000, 50))
TARGET = ">= 0.8"  # reading memory is the limit of both
K = 20


def clustered(n: int, dim: int) -> Embeddings:
    """Rows round a thousand centres, of unequal length."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((1000, dim), dtype=np.float32)
    vectors = centres[rng.integers(0, 1000, n)]
    for start in range(0, n, 1 << 16):
        part = vectors[start : start + (1 << 16)]
        part += 0.5 * rng.standard_normal(part.shape, dtype=np.float32)
    present = np.ones(n, dtype=np.bool_)
    made_by = MadeBy("benchmark", (), {"n": n, "dim": dim})
    return Embeddings(frozen(vectors), present, "file", "clustered", made_by)


def compare(n: int, dim: int, *, as_json: bool) -> None:
    """Print seconds of a query, first and later ones, and how far the hits agree."""
    embeddings = clustered(n, dim)
    first = seconds_of(lambda: search(embeddings, row_query(embeddings, 0), K))
    units = unit_rows(np.asarray(embeddings.vectors))
    index = faiss.IndexFlatIP(dim)
    index.add(units)
    rows = iter(range(1, 1000))
    shared: list[float] = []

    def ours() -> float:
        row = next(rows)
        query = row_query(embeddings, row)
        hits: list[Any] = []
        seconds = seconds_of(lambda: hits.append(search(embeddings, query, K)))
        similarities = index.search(units[row : row + 1], K + 1)[0][0][1:]
        shared.append(float(np.abs(hits[0].similarities - similarities).max()))
        return seconds

    def theirs() -> float:
        row = next(rows)
        return seconds_of(lambda: index.search(units[row : row + 1], K + 1))

    mine, peer = in_turn(ours, theirs, 15)
    name = f"one query, {n:,} x {dim}"
    show(Measure(name, mine, TARGET, n, "s", "faiss IndexFlatIP", peer), as_json=as_json)
    show(Measure(f"{name}, the first", first, "<= 2.0", n), as_json=as_json)
    worst = statistics.fmean(shared)
    show(Measure(f"{name}, difference in similarity", worst, "<= 1e-5", n, "cos"), as_json=as_json)


def main() -> None:
    """Measure all sizes, or the quick ones."""
    chosen = arguments(__doc__ or "")
    for n, dim in QUICK if chosen.quick else SIZES:
        compare(n, dim, as_json=chosen.json)


if __name__ == "__main__":
    main()
