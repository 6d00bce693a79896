"""Two-stage search beside exact search at a million vectors, and whole sweeps over codecs.

Two thousand Gaussian centres, noise as large as a centre's coordinates; queries are rows plus noise
of .01. The vectors lie in a file that is mapped, as they do in the application.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np

from backends.arrays import frozen, unit_rows
from backends.codecs.base import Ask, Searcher, Training
from backends.codecs.registry import codec
from backends.codecs.source import Source
from backends.codecs.two_stage import DEPTH
from backends.query import Query, VectorTerm
from backends.reporting import SILENT
from backends.search import search
from backends.types import Embeddings, MadeBy
from tests.benchmarks.measure import Measure, arguments, in_turn, seconds_of, show
from tests.benchmarks.sweeping import default_sweep, memory_of_sweep

DIM, CENTRES, K = 384, 2000, 10
SIZES, QUICK = ((1_000_000, DIM),), ((100_000, DIM),)
SWEPT, QUICKLY_SWEPT = 100_000, 5_000  # rows of the default sweep
FILE = "vectors.npy"
QUERIES, TRAINING_ROWS = 200, 65_536
DEPTHS = (100, 400)
FASTER, FOUND = ">= 15", ">= 0.98"


def clustered(n: int, dim: int, path: Path) -> tuple[Embeddings, np.ndarray]:
    """Rows of unit length in a file that is mapped, and queries near some of them."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((CENTRES, dim), dtype=np.float32)
    vectors = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, dim))
    for start in range(0, n, 1 << 15):
        rows = vectors[start : start + (1 << 15)]
        noise = rng.standard_normal(rows.shape, dtype=np.float32)
        rows[:] = unit_rows(centres[rng.integers(0, CENTRES, len(rows))] + noise)
    vectors.flush()
    chosen = np.sort(rng.choice(n, QUERIES, replace=False))
    noise = rng.standard_normal((QUERIES, dim), dtype=np.float32)
    queries = unit_rows(vectors[chosen] + np.float32(0.01) * noise)
    mapped = np.load(path, mmap_mode="r")
    made_by = MadeBy("benchmark", (), {"n": n, "dim": dim})
    present = frozen(np.ones(n, dtype=np.bool_))
    return Embeddings(mapped, present, "file", "clustered", made_by), queries


def opened(name: str, source: Source) -> Searcher:
    """A codec fitted, encoded and opened, as a sweep does it."""
    positions = np.sort(np.random.default_rng(0).choice(source.rows, TRAINING_ROWS, replace=False))
    training = Training(source.take(positions), positions, source)
    spec = codec(name)
    params = spec.solve(Ask(source.dim, source.rows, TRAINING_ROWS, None)).params
    coder = spec.load()(training, params, SILENT)
    return coder.open(coder.encode(source), source)


def found_share(found: np.ndarray, truth: np.ndarray) -> float:
    """recall@k of rows (m, k)."""
    hits = [len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True)]
    return float(np.mean(hits)) / truth.shape[1]


def two_stages(n: int, dim: int, folder: Path, *, as_json: bool) -> None:
    """Print seconds of single queries in two stages and of exact search, and what is found."""
    embeddings, queries = clustered(n, dim, folder / FILE)
    flat = faiss.IndexFlatIP(dim)
    for start in range(0, n, 1 << 16):
        flat.add(np.ascontiguousarray(embeddings.vectors[start : start + (1 << 16)]))
    _, truth = flat.search(queries, K)
    source = Source.of(embeddings)
    for depth in DEPTHS:
        searcher = opened(f"sign+rerank{depth}", source)
        found = np.concatenate([searcher.search(q[None], K)[0] for q in queries])
        name = f"sign, then {depth} exact, {n:,} x {dim}"
        turns = iter(range(QUERIES))

        def ours(searcher: Searcher = searcher, turns: Iterator[int] = turns) -> float:
            query = queries[next(turns)][None]
            return seconds_of(lambda: searcher.search(query, K))

        def exact() -> float:
            query = Query((VectorTerm(queries[0]),), "a vector")
            return seconds_of(lambda: search(embeddings, query, K))

        def theirs() -> float:
            return seconds_of(lambda: flat.search(queries[:1], K))

        for peer, call in (("our exact search", exact), ("faiss IndexFlatIP", theirs)):
            mine, other = in_turn(ours, call, 15)
            target = FASTER if depth == DEPTH and n == SIZES[0][0] else ">= 0"
            show(Measure(name, mine, target, n, "s", peer, other), as_json=as_json)
        share = found_share(found, truth)
        target = FOUND if depth == DEPTH else ">= 0"
        show(Measure(f"{name}, recall@{K}", share, target, n, "share"), as_json=as_json)


def main() -> None:
    """Measure all sizes, or the quick ones."""
    chosen = arguments(__doc__ or "")
    with tempfile.TemporaryDirectory() as name:
        rows = QUICKLY_SWEPT if chosen.quick else SWEPT
        file = Path(name) / FILE
        clustered(rows, DIM, file)
        default_sweep(file, rows, DIM, as_json=chosen.json)
    for n, dim in QUICK if chosen.quick else SIZES:
        with tempfile.TemporaryDirectory() as name:
            two_stages(n, dim, Path(name), as_json=chosen.json)
            if not chosen.quick:
                memory_of_sweep(Path(name) / FILE, n, dim, as_json=chosen.json)


if __name__ == "__main__":
    main()
