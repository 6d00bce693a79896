"""Searching packed bits by the number of bits that differ, a query's or its levels'."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches
from backends.device import core_count
from backends.raster.threads import spread
from backends.reporting import SILENT, Report

Bits = NDArray[np.uint8]

FEW = 4  # queries up to which codes are read as they lie, for each query once
WORK = 1 << 28  # words compared between two looks at whether to stop: about .1 s
WORTH_THREADS = 1 << 20  # words of a query's scan from which threads gain more than they cost
ROOM = 256  # kept codes beyond 2 k before they are sorted
_WORDS: dict[int, type[np.unsignedinteger]] = {8: np.uint64, 4: np.uint32, 2: np.uint16}


def words_of(codes: Bits) -> NDArray[np.unsignedinteger]:
    """The same bytes as the widest words that a row divides into, (n, w); no copy where it can."""
    codes = np.require(codes, requirements=["C", "A"])
    for size, kind in _WORDS.items():
        if codes.shape[1] % size == 0 and codes.ctypes.data % size == 0:
            return codes.view(kind)
    return codes


def sign_planes(values: Matrix) -> Bits:
    """Bits x > 0 of values (m, b), one plane (m, 1, bytes)."""
    return np.packbits(values > 0, axis=1)[:, None, :]


def level_planes(values: Matrix, bits: int) -> tuple[Bits, Matrix]:
    """Round values (m, b) to the odd whole numbers from -(2^bits - 1) to 2^bits - 1.

    The largest of a row becomes the outermost. Returns planes (m, bits, bytes), whose bit of
    plane p stands for +-2^p, and the whole numbers (m, b).
    """
    outermost = 2**bits - 1
    peaks = np.abs(values).max(axis=1, keepdims=True)  # (m, 1)
    scaled = np.divide(values, peaks, out=np.zeros_like(values), where=peaks > 0)
    # A whole number v = sum over p of +-2^p is 2 u - outermost, where u has those bits.
    unsigned = np.clip(np.floor((scaled + 1) * (outermost + 1) / 2), 0, outermost).astype(np.uint8)
    planes = [np.packbits((unsigned >> p) & 1, axis=1) for p in range(bits)]  # (m, bytes) each
    return np.stack(planes, axis=1), unsigned.astype(np.float32) * 2 - outermost


class BitScan:
    """Finds codes (n, bytes) by their weighted Hamming distance to planes of queries.

    `planes` makes (m, p, bytes) of queries (m, d), and the sums of the levels' squares (m,): with
    both, the similarity is the exact cosine between the rounded query and a vector of +-1.
    """

    def __init__(
        self, codes: Bits, bits: int, planes: Callable[[Matrix], tuple[Bits, Matrix]]
    ) -> None:
        self._words = words_of(codes)
        self._rows = len(codes)
        self._bits = bits
        self._planes = planes

    def search(self, queries: Matrix, k: int, report: Report = SILENT) -> tuple[Rows, Matrix]:
        """Find the k nearest (m, k) of each query (m, d); equal ones in the order of positions."""
        k = min(k, self._rows)
        if k == 0 or len(queries) == 0:
            shape = (len(queries), k)
            return np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.float32)
        packed, squares = self._planes(queries)
        planes = np.ascontiguousarray(packed).view(self._words.dtype)  # (m, p, w)
        kept = self._nearest(planes, k, report)  # (m, k)
        weight = 2 ** planes.shape[1] - 1
        dots = weight * self._bits - 2 * (kept >> 40)  # of whole numbers with +-1
        lengths = np.sqrt(squares * self._bits)[:, None]
        return kept & ((1 << 40) - 1), (dots / lengths).astype(np.float32)

    def _nearest(self, planes: NDArray[np.unsignedinteger], k: int, report: Report) -> Rows:
        """Distances and positions of the k nearest in one number, in order (m, k)."""
        if len(planes) <= FEW:
            return np.stack([self._nearest_of_one(query, k, report) for query in planes])
        from backends.codecs.hamming_kernel import scan_many

        kept, state = _nothing_kept(len(planes), k)
        parts = list(batches(len(planes), -(-len(planes) // core_count())))
        for block in batches(self._rows, max(1 << 12, WORK // planes.size)):
            report.check()

            def scan(own: slice, block: slice = block) -> None:
                scan_many(
                    self._words, block.start, block.stop, planes[own], kept[own], state[own], k
                )

            spread(scan, parts)
        for q in range(len(planes)):
            kept[q, : state[q, 0]].sort()
        return kept[:, :k]

    def _nearest_of_one(self, planes: NDArray[np.unsignedinteger], k: int, report: Report) -> Rows:
        """The same of one query (p, w), (k,): each thread keeps the nearest of its own rows."""
        from backends.codecs.hamming_kernel import scan_one

        threads = core_count() if self._rows * planes.size > WORTH_THREADS else 1
        kept, state = _nothing_kept(threads, k)
        for block in batches(self._rows, max(1 << 12, WORK // planes.size)):
            report.check()
            size = -(-(block.stop - block.start) // threads)
            parts = list(enumerate(batches(block.stop - block.start, size)))

            def scan(part: tuple[int, slice], first: int = block.start) -> None:
                own, rows = part
                bounds = first + rows.start, first + rows.stop
                scan_one(self._words, *bounds, planes, kept[own], state[own], k)

            spread(scan, parts)
        nearest = np.concatenate([kept[part, : state[part, 0]] for part in range(threads)])
        nearest.sort()
        return nearest[:k]


def _nothing_kept(lists: int, k: int) -> tuple[Rows, Rows]:
    """Room for what is kept (lists, room), and how many there are and the limit (lists, 2)."""
    state = np.zeros((lists, 2), dtype=np.int64)
    state[:, 1] = np.iinfo(np.int64).max
    return np.empty((lists, 2 * k + ROOM), dtype=np.int64), state
