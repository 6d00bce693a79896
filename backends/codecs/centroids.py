"""Learning the codebooks of product quantisation, and the rotation of the optimised kind.

Assignments are faiss' own encoding of all parts at once. Its k-means goes part by part through a
matrix product of a few columns, which takes ten times as long for the same centroids, and can
neither be watched nor stopped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, batches
from backends.codecs.faiss_shared import fill
from backends.codecs.rotation import nearest_rotation
from backends.decompositions import eigh, one_blas_thread
from backends.reporting import Report

ITERATIONS = 12
FAST_WIDTHS = (2, 4, 8)  # of parts that faiss' kernels are written for; others take ten times long
BLOCK = 4096  # rows whose products with centroids are held at once
SPLIT = 1 / 1024  # by how much the halves of a centroid differ that takes an empty one's place

Labels = NDArray[np.int64]


class Parts:
    """Codebooks (M, K, d / M) of M parts of a vector."""

    def __init__(self, dim: int, parts: int, bits: int, books: Matrix | None = None) -> None:
        import faiss

        self.dim = dim
        self.parts = parts
        self.bits = bits
        self.width = dim // parts
        self.quantiser: Any = faiss.ProductQuantizer(dim, parts, bits)
        self.books: Matrix = np.zeros((parts, 1 << bits, self.width), dtype=np.float32)
        if books is not None:
            self.put(books)

    def put(self, books: Matrix) -> None:
        """Take these codebooks. Parts of one dimension are sorted, for a search by halves."""
        if self.width == 1:
            books = np.sort(books, axis=1)
        self.books = np.ascontiguousarray(books, dtype=np.float32)
        fill(self.quantiser.centroids, self.books)

    def codes(self, vectors: Matrix) -> NDArray[np.uint8]:
        """The nearest centroid of each part, packed as faiss does; (t, code_size) uint8."""
        if self.bits == 8 and self.width == 1:
            return nearest_numbers(self.books[:, :, 0], vectors)
        if self.bits == 8 and self.width not in FAST_WIDTHS:
            return nearest_centroids(self.books, vectors)
        packed: NDArray[np.uint8] = self.quantiser.compute_codes(np.ascontiguousarray(vectors))
        return packed

    def labels(self, vectors: Matrix) -> Labels:
        """The nearest centroid of each part, (t, M)."""
        return unpacked(self.codes(vectors), self.parts, self.bits)

    def restored(self, labels: Labels) -> Matrix:
        """Vectors (t, d) that labels (t, M) stand for."""
        chosen = self.books[np.arange(self.parts), labels]  # (t, M, d / M)
        return chosen.reshape(len(labels), self.dim)

    def start(self, vectors: Matrix, seed: int) -> None:
        """Begin with training rows by chance, the same for all parts."""
        rng = np.random.default_rng(seed)
        count = 1 << self.bits
        rows = rng.choice(len(vectors), count, replace=len(vectors) < count)
        pieces = vectors[rows].reshape(count, self.parts, self.width)  # (K, M, d / M)
        self.put(pieces.transpose(1, 0, 2))

    def step(self, vectors: Matrix, labels: Labels) -> None:
        """Move each centroid into the mean of its rows; empty ones halve the fullest."""
        count = 1 << self.bits
        cells = labels + np.arange(self.parts) * count  # (t, M): its place among all centroids
        total = self.parts * count
        sizes = np.bincount(cells.ravel(), minlength=total).reshape(self.parts, count)
        sums = np.empty((self.parts, count, self.width))
        for number in range(self.dim):
            part, within = divmod(number, self.width)
            sums[part, :, within] = np.bincount(
                labels[:, part], weights=vectors[:, number], minlength=count
            )
        books = sums / np.maximum(sizes, 1)[:, :, None]
        for part in np.flatnonzero((sizes == 0).any(axis=1)).tolist():
            _fill_empty(books[part], sizes[part])
        self.put(books.astype(np.float32))


def learn_parts(
    parts: Parts, vectors: Matrix, seed: int, report: Report, iterations: int = ITERATIONS
) -> None:
    """Lloyd's iterations on all parts at once."""
    parts.start(vectors, seed)
    for number in range(iterations):
        report.step(number, iterations, "Learning centroids")
        parts.step(vectors, parts.labels(vectors))


@one_blas_thread()  # products of a moment, again and again
def learn_rotated(
    parts: Parts, vectors: Matrix, seed: int, report: Report, iterations: int = 20
) -> Matrix:
    """Learn a rotation (d, d) and codebooks of `rotation @ x` in turn.

    The start spreads principal directions over the parts so that each has as much to code. Then,
    in turn, one Lloyd iteration, and the rotation that brings rows nearest to what their codes
    stand for (orthogonal Procrustes).

    Reference: Ge, He, Ke, Sun, Optimized Product Quantization, CVPR 2013, sections 3.1 and 3.2.
    """
    rotation = balanced_axes(vectors, parts.parts)
    turned = vectors @ rotation.T  # (t, d)
    parts.start(turned, seed)
    for number in range(iterations):
        report.step(number, iterations, "Learning a rotation and centroids")
        parts.step(turned, parts.labels(turned))
        if number % 2 and number < iterations - 3:  # the last ones settle in the rotation found
            wanted = parts.restored(parts.labels(turned))  # (t, d)
            rotation = nearest_rotation((wanted.T @ vectors).astype(np.float64)).astype(np.float32)
            turned = vectors @ rotation.T
    return rotation


def balanced_axes(vectors: Matrix, parts: int) -> Matrix:
    """Principal directions (d, d), rows, dealt to parts so that products of variances are alike."""
    centred = vectors - vectors.mean(axis=0)
    variances, axes = eigh(centred.T @ centred / len(vectors))  # ascending
    order = np.argsort(-variances, kind="stable")
    logs = np.log(np.maximum(variances[order], max(float(variances.max()), 1e-12) * 1e-9))
    logs -= logs.min()  # so that a longer list is never a smaller product
    width = vectors.shape[1] // parts
    dealt: list[list[int]] = [[] for _ in range(parts)]
    weights = np.zeros(parts)
    for axis, log in zip(order, logs, strict=True):
        part = int(np.argmin(weights))
        dealt[part].append(int(axis))
        weights[part] = np.inf if len(dealt[part]) == width else weights[part] + log
    chosen = [axis for part in dealt for axis in part]
    return np.ascontiguousarray(axes[:, chosen].T, dtype=np.float32)


def nearest_numbers(books: Matrix, vectors: Matrix) -> NDArray[np.uint8]:
    """The nearest of the sorted numbers (d, K) of each dimension of vectors (t, d)."""
    codes = np.empty(vectors.shape, dtype=np.uint8)
    for number, book in enumerate(books):
        between = (book[1:] + book[:-1]) / 2
        codes[:, number] = np.searchsorted(between, vectors[:, number])
    return codes


def nearest_centroids(books: Matrix, vectors: Matrix) -> NDArray[np.uint8]:
    """The nearest centroid of each part of vectors (t, d), by matrix products; (t, M)."""
    parts, _, width = books.shape
    codes = np.empty((len(vectors), parts), dtype=np.uint8)
    halves = np.einsum("mkw,mkw->mk", books, books) / 2  # (M, K)
    for block in batches(len(vectors), BLOCK):
        pieces = vectors[block].reshape(-1, parts, width)  # (b, M, w)
        for part in range(parts):
            products = np.ascontiguousarray(pieces[:, part]) @ books[part].T  # (b, K)
            products -= halves[part]
            codes[block, part] = products.argmax(axis=1)
    return codes


def unpacked(codes: NDArray[np.uint8], parts: int, bits: int) -> Labels:
    """Codes (t, code_size) as numbers of centroids (t, M)."""
    if bits == 8:
        return codes.astype(np.int64)
    import faiss

    return np.asarray(faiss.unpack_bitstrings(codes, parts, bits), dtype=np.int64)


def _fill_empty(book: NDArray[np.float64], sizes: NDArray[np.int64]) -> None:
    """Let each empty centroid take half of the one that has most rows; changes `book` (K, w)."""
    sizes = sizes.copy()
    for empty in np.flatnonzero(sizes == 0):
        fullest = int(np.argmax(sizes))
        if sizes[fullest] < 2:
            return
        signs = np.where(np.arange(book.shape[1]) % 2, -SPLIT, SPLIT)
        book[empty] = book[fullest] * (1 + signs)
        book[fullest] *= 1 - signs
        sizes[empty] = sizes[fullest] // 2
        sizes[fullest] -= sizes[empty]
