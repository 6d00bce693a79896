"""Nearest neighbours of rows among unit vectors: exact in blocks, or through an inverted file.

The inverted file holds vectors reduced by PCA; its candidates are ranked by their true cosine, and
its recall is measured on a sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, unit_rows
from backends.decompositions import eigh
from backends.reporting import Report

_FLOPS_A_BLOCK = 1.5e10  # about a tenth of a second on two cores
_REDUCED = 64  # dimensions of the approximate search
_OVERFETCH = 3  # candidates per neighbour, ranked by their true cosine, of reduced vectors
_WANTED_RECALL = 0.9  # more changes a layout little and takes twice as long
_SAMPLE = 400  # rows on which the recall is measured

Neighbours = NDArray[np.int32]


def flat_search(
    vectors: Matrix, queries: Matrix, k: int, report: Report
) -> tuple[Neighbours, Matrix]:
    """Exact search in blocks of about a tenth of a second."""
    import faiss

    n, dim = vectors.shape
    index = faiss.IndexFlatIP(dim)
    index.add(vectors)
    found = np.empty((len(queries), k), dtype=np.int32)
    similarities = np.empty((len(queries), k), dtype=np.float32)
    size = int(np.clip(_FLOPS_A_BLOCK / (2 * n * dim), 64, 4096))
    for block in batches(len(queries), size):
        report.step(block.start, len(queries), "Finding neighbours")
        similarities[block], found[block] = index.search(queries[block], k)  # (b, k)
    return found, similarities


def inverted_file(vectors: Matrix, k: int, report: Report, among: Rows | None = None) -> Inverted:
    """Prepare an approximate search of the k nearest, the row itself among them.

    `vectors` (n, d) are of unit length. Cells are probed until the recall on a sample of the
    positions `among` (None for all) reaches `_WANTED_RECALL` or a quarter of them is. Training is
    the only part that cannot be stopped.
    """
    import faiss

    n = len(vectors)
    report.step(0, 1, "Preparing the neighbour search")
    reduced = _reduced(vectors, report.span(0.0, 0.4))  # (n, r)
    cells = int(2 * np.sqrt(n))
    quantiser = faiss.IndexFlatIP(reduced.shape[1])
    index = faiss.IndexIVFFlat(quantiser, reduced.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = 10
    rng = np.random.default_rng(0)
    index.train(reduced[np.sort(rng.choice(n, min(n, 40 * cells), replace=False))])
    adding = report.span(0.4, 0.8)
    for block in batches(n, 1 << 16):
        adding.step(block.start, n, "Preparing the neighbour search")
        index.add(reduced[block])
    asked = np.arange(n) if among is None else among
    sample = np.sort(rng.choice(asked, min(_SAMPLE, len(asked)), replace=False))
    truth, _ = flat_search(vectors, vectors[sample], k, report.span(0.8, 1.0))
    index.nprobe = 4
    while True:
        search = Inverted(index, reduced, vectors, k)
        recall = _overlap(search.block(sample)[0], truth)
        if recall >= _WANTED_RECALL or index.nprobe * 8 > cells:
            return replace(search, recall=recall)
        index.nprobe *= 2


@dataclass(frozen=True, eq=False)
class Inverted:
    """Approximate candidates of rows, ranked by their true cosine."""

    index: Any
    reduced: Matrix  # (n, r)
    vectors: Matrix  # (n, d) unit rows
    k: int
    recall: float = 0.0  # share of true neighbours found, measured

    def of_rows(self, rows: Rows, report: Report) -> tuple[Neighbours, Matrix]:
        """Find positions and cosines (m, k) of rows (m,), nearest first; themselves included."""
        neighbours = np.empty((len(rows), self.k), dtype=np.int32)
        similarities = np.empty((len(rows), self.k), dtype=np.float32)
        for block in batches(len(rows), 256):
            report.step(block.start, len(rows), "Finding neighbours")
            neighbours[block], similarities[block] = self.block(rows[block])
        return neighbours, similarities

    def block(self, rows: Rows) -> tuple[Neighbours, Matrix]:
        """Find those of a few rows, at once."""
        fetched = self.k * (1 if self.reduced is self.vectors else _OVERFETCH)
        _, found = self.index.search(self.reduced[rows], fetched)  # (b, c)
        filled = np.where(found < 0, found[:, :1], found)  # cells held fewer: repeat the best
        exact = np.einsum("bcd,bd->bc", self.vectors[filled], self.vectors[rows])
        exact[(found < 0) | (found != filled)] = -2.0
        order = np.argsort(-exact, axis=1, kind="stable")[:, : self.k]  # (b, k)
        return (
            np.take_along_axis(filled, order, axis=1).astype(np.int32),
            np.take_along_axis(exact, order, axis=1),
        )


def _reduced(vectors: Matrix, report: Report) -> Matrix:
    """Unit rows in the leading principal directions, not centred: cosines are what counts."""
    if vectors.shape[1] <= _REDUCED:
        return vectors
    step = max(1, len(vectors) // 50_000)
    sample = vectors[::step]
    _, directions = eigh(sample.T @ sample)  # (d, d) ascending
    basis = np.ascontiguousarray(directions[:, -_REDUCED:], dtype=np.float32)  # (d, r)
    reduced = np.empty((len(vectors), _REDUCED), dtype=np.float32)
    for block in batches(len(vectors), 1 << 15):
        report.step(block.start, len(vectors), "Preparing the neighbour search")
        reduced[block] = unit_rows(vectors[block] @ basis)
    return reduced


def _overlap(found: Neighbours, truth: Neighbours) -> float:
    shared = (found[:, :, None] == truth[:, None, :]).any(axis=1)  # (s, k)
    return float(shared.mean())
