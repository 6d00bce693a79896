"""The neighbour graph that maps begin with, beside pynndescent (umap-learn's) and all with all.

Vectors are 400,000 of GloVe (the sample), and mixtures of two MiniLM vectors each, with noise,
where `EMBEDSCOPE_SAMPLE_VECTORS` names a .npy of those. Compiling is left out on both sides.
"""

from __future__ import annotations

import os

import numpy as np

from backends import graph
from backends.arrays import Matrix, frozen, unit_rows, usable_rows
from backends.corpora.reading import ReadOptions, read_corpus
from backends.samples import SAMPLES
from backends.types import Embeddings, MadeBy
from tests.benchmarks.measure import Measure, arguments, in_turn, seconds_of, show

K = 15
SAMPLE = 500  # rows whose true neighbours are found
ALL_PAIRS = 100_000  # rows up to which all are compared with all


def main() -> None:
    """Print every measure."""
    words = arguments(__doc__ or "")
    for name, vectors in _clouds(quick=words.quick):
        for measure in _beside(name, vectors, quick=words.quick):
            show(measure, as_json=words.json)


def _clouds(*, quick: bool) -> list[tuple[str, Matrix]]:
    found = []
    paths = SAMPLES["glove"].paths
    if paths:
        corpus = read_corpus(paths, ReadOptions())
        assert corpus.vectors is not None
        vectors = np.asarray(corpus.vectors.vectors)
        found += [("GloVe", vectors[:n]) for n in ((50_000,) if quick else (100_000, len(vectors)))]
    else:
        print(f"GloVe needs the sample: {SAMPLES['glove'].command}")
    given = os.environ.get("EMBEDSCOPE_SAMPLE_VECTORS")
    if given:
        found.append(("mixtures of MiniLM", _mixed(np.load(given), 30_000 if quick else 100_000)))
    return found


def _mixed(vectors: Matrix, n: int) -> Matrix:
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, len(vectors), (2, n))
    share = rng.random((n, 1)) / 2
    mixed = vectors[one] * (1 - share) + vectors[other] * share
    found: Matrix = (mixed + rng.normal(scale=0.02, size=mixed.shape)).astype(np.float32)
    return found


def _embeddings(vectors: Matrix) -> Embeddings:
    made_by = MadeBy("read", (f"benchmark {len(vectors)}",))
    held = np.ascontiguousarray(vectors)
    return Embeddings(frozen(held), frozen(usable_rows(held)), "file", "any", made_by)


def _beside(name: str, vectors: Matrix, *, quick: bool) -> list[Measure]:
    from pynndescent import NNDescent

    n, dim = vectors.shape
    name = f"{K} neighbours, {name} x {dim}"
    embeddings = _embeddings(vectors)
    rows = np.sort(np.random.default_rng(1).choice(n, SAMPLE, replace=False))
    units = unit_rows(vectors)
    truth = _truth(units, rows)
    lists: dict[str, np.ndarray] = {}

    def ours(products: float = 1.0) -> float:
        usual = graph.EXACT_PRODUCTS
        graph.EXACT_PRODUCTS = products
        graph.forget_graphs()
        seconds = seconds_of(
            lambda: lists.update(ours=graph.neighbour_graph(embeddings, K).neighbours)
        )
        graph.EXACT_PRODUCTS = usual
        return seconds

    def theirs() -> float:
        def search() -> None:
            made = NNDescent(vectors, metric="cosine", n_neighbors=K + 1)
            lists["theirs"] = made.neighbor_graph[0]

        return seconds_of(search)

    ours(), theirs()  # what is compiled is compiled
    mine, peer = in_turn(ours, theirs, 1 if quick else 3)
    found = [Measure(name, mine, ">= 1", n, "s", "pynndescent", peer)]
    shares = {key: _recall(value[rows], truth) for key, value in lists.items()}
    above = shares["ours"] - shares["theirs"]
    found.append(Measure(f"{name}, recall ({shares['ours']:.3f}) above", above, ">= 0", n, ""))
    if n <= ALL_PAIRS:
        found.append(Measure(f"{name}, all", mine, ">= 4", n, "s", "all with all", ours(np.inf)))
    return found


def _truth(units: Matrix, rows: np.ndarray) -> np.ndarray:
    near = units[rows] @ units.T  # (s, n)
    near[np.arange(len(rows)), rows] = -np.inf
    return np.argpartition(-near, K, axis=1)[:, :K]


def _recall(found: np.ndarray, truth: np.ndarray) -> float:
    return float((truth[:, :, None] == found[:, None, :]).any(axis=2).mean())


if __name__ == "__main__":
    main()
