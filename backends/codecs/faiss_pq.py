"""Product quantisation by faiss: plain, after a learned rotation, and 4-bit codes in registers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.base import Ask, CodecSpec, Coder, Codes, Fit, Params, Solved, Training
from backends.codecs.faiss_shared import (
    NEEDS,
    FaissCoder,
    few_rows_note,
    fill,
    metric_of,
    pull_of,
    sampled,
    turned,
    with_codes,
)
from backends.reporting import Report

MOST_BITS = 8
PULL_ROWS = 8192
ROWS_A_CENTROID = 64  # of training; more bring nothing that recall would show
OWN_SIZE = 8  # dimensions a part where no budget is named


class ProductCoder(FaissCoder):
    """M parts of a vector, each replaced by the nearest of 2^bits centroids.

    Tables: `codebooks` (M, 2^bits, d / M) float32, `rotation` (d, d) if there is one, and `pull`.

    An index of faiss compares by inner product or by distance, and neither orders as the cosine of
    what is decoded does: centroids are means, so the length of a decoded vector says how badly it
    was met. To first order the cosine <q, x> / |x| orders as 2 <q, x> - p |x|^2 with
    p = <q, x> / |x|^2 where it matters, at the nearest neighbours; and that is the squared distance
    to p x. So the index that is searched and exported holds centroids times p (`pull`), which
    finds what a cosine would. Codes themselves do not depend on it.

    Reference: Jégou, Douze, Schmid, Product Quantization for Nearest Neighbor Search, PAMI 2011.
    """

    inner_product = False

    def __init__(self, params: Params, side: Mapping[str, NDArray[Any]], dim: int) -> None:
        super().__init__(params, side, dim)
        self.parts = int(params["parts"])
        self.bits = int(params["bits"])
        self._learned: Any = None
        plain = f"PQ{self.parts}x{self.bits}"
        self.factory = f"OPQ{self.parts},{plain}" if "rotation" in side else plain

    def shell(self) -> Any:
        """An `IndexPQ`, behind a rotation if there is one, as codes are made and decoded."""
        return self._turned(self._plain(1.0))

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """The nearest centroid of each part."""
        if self._learned is None:
            from backends.codecs.centroids import Parts

            self._learned = Parts(self.dim, self.parts, self.bits, self.side["codebooks"])
        if "rotation" in self.side:
            vectors = vectors @ self.side["rotation"].T
        return {"codes": self._learned.codes(vectors)}

    def index(self, codes: Codes) -> Any:
        """The index with all codes as it is searched: its centroids are pulled in."""
        return with_codes(self._turned(self._plain(self.pull)), codes.parts["codes"])

    def seen(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """What the index that is searched compares with."""
        return self.decode(codes, rows) * np.float32(self.pull)

    @property
    def pull(self) -> float:
        """By what centroids are multiplied in the index that is searched."""
        return float(self.side["pull"][0])

    def _turned(self, plain: Any) -> Any:
        return turned(plain, self.side["rotation"]) if "rotation" in self.side else plain

    def _plain(self, scale: float) -> Any:
        import faiss

        index = faiss.IndexPQ(self.dim, self.parts, self.bits, metric_of(self.inner_product))
        fill(index.pq.centroids, self.side["codebooks"] * np.float32(scale))
        index.is_trained = True
        return index


class FastScanCoder(ProductCoder):
    """4-bit codes, searched with tables of 8-bit numbers that fit into registers.

    Codes are plain ones of 4 bits; they are put in the order of registers when opened.

    Reference: André, Kermarrec, Le Scouarnec, Quicker ADC, PAMI 2019.
    """

    linear = False

    def __init__(self, params: Params, side: Mapping[str, NDArray[Any]], dim: int) -> None:
        super().__init__(params, side, dim)
        self.factory = f"PQ{self.parts}x4fs"

    def index(self, codes: Codes) -> Any:
        """An `IndexPQFastScan`; the plain order is given up once it is packed."""
        import faiss

        return faiss.IndexPQFastScan(with_codes(self._plain(self.pull), codes.parts["codes"]))


def _pulled(coder: ProductCoder, training: Training) -> ProductCoder:
    """Find how far centroids are pulled in, from the near neighbours of training rows."""
    rows = sampled(training.vectors, PULL_ROWS, training.seed)  # (t, d)
    codes = Codes(coder.encode_block(rows, 0), len(rows))
    decoded = coder.decode(codes, slice(None))  # (t, d)
    pull = pull_of(rows, decoded)
    coder.side = {**coder.side, "pull": np.array([pull], dtype=np.float32)}
    return coder


def _fit_product(
    training: Training, params: Params, report: Report, kind: type[ProductCoder]
) -> Coder:
    from backends.codecs.centroids import Parts, learn_parts

    vectors = _training_rows(training, params)
    parts = Parts(vectors.shape[1], int(params["parts"]), int(params["bits"]))
    learn_parts(parts, vectors, training.seed, report)
    return _pulled(kind(params, {"codebooks": parts.books}, vectors.shape[1]), training)


def _training_rows(training: Training, params: Params) -> Matrix:
    most = ROWS_A_CENTROID << int(params["bits"])
    return sampled(training.vectors, max(most, 4 * training.vectors.shape[1]), training.seed)


def _load_pq() -> Fit:
    return lambda training, params, report: _fit_product(training, params, report, ProductCoder)


def _load_fastscan() -> Fit:
    return lambda training, params, report: _fit_product(training, params, report, FastScanCoder)


def _load_opq() -> Fit:
    from backends.codecs.centroids import Parts, learn_rotated

    def fit(training: Training, params: Params, report: Report) -> Coder:
        vectors = _training_rows(training, params)
        parts = Parts(vectors.shape[1], int(params["parts"]), int(params["bits"]))
        rotation = learn_rotated(parts, vectors, training.seed, report)
        side = {"codebooks": parts.books, "rotation": rotation}
        return _pulled(ProductCoder(params, side, vectors.shape[1]), training)

    return fit


def solve_parts(ask: Ask, bits: int = MOST_BITS) -> Solved:
    """Choose parts and bits for a budget: as many bits as training rows allow, parts to fit.

    Parts divide d; where none comes near the budget, codes of fewer bits may.
    """
    most = max(1, min(bits, int(math.log2(max(2, ask.training)))))
    wanted = ask.budget if ask.budget is not None else max(1.0, ask.dim * most / 8 / OWN_SIZE)
    parts, chosen = min(
        _settings(ask.dim, most), key=lambda s: _badness(s[0], s[1], most, max(wanted, 1.0))
    )
    size = -(-parts * chosen // 8)
    notes = [_size_note(ask, size, parts, chosen, bits), few_rows_note(ask.training, 1 << chosen)]
    if most < bits:
        notes.insert(
            0,
            f"{ask.training:,} training rows allow no more than {1 << most} centroids: "
            f"{most} {'bit' if most == 1 else 'bits'} instead of {bits}.",
        )
    params = {"parts": parts, "bits": chosen}
    return Solved(params, " ".join(note for note in notes if note))


def _settings(dim: int, most: int) -> list[tuple[int, int]]:
    parts = [m for m in range(1, dim + 1) if dim % m == 0]
    settings = [(m, bits) for m in parts for bits in range(most, 0, -1)]
    # faiss' tables for parts of two dimensions are made for 8 centroids at a time.
    return [(m, bits) for m, bits in settings if dim != 2 * m or bits >= 3]


def _badness(parts: int, bits: int, most: int, wanted: float) -> float:
    """How far a setting is from the budget; fewer bits only where they come much nearer."""
    size = -(-parts * bits // 8)
    return abs(math.log(size / wanted)) + 0.05 * (most - bits)


def _size_note(ask: Ask, size: int, parts: int, chosen: int, bits: int) -> str:
    if ask.budget is None or round(ask.budget) == size:
        return ""
    if ask.budget < 1:
        return f"A code takes at least a byte: 1 instead of {ask.budget:g}."
    if parts == ask.dim and size < ask.budget:
        return (
            f"A dimension has at most {chosen} bits: {size:,} bytes instead of {ask.budget:,.4g}."
        )
    return (
        f"PQ needs the {ask.dim} dimensions to be divisible by the number of parts: "
        f"{parts} parts of {chosen} bits, {size:,} bytes instead of {ask.budget:,.4g}."
    )


def _solve_fastscan(ask: Ask) -> Solved:
    """Parts of 4 bits each; fewer bits do not exist there."""
    wanted = max(1.0, ask.budget if ask.budget is not None else ask.dim / 8)
    parts = min(
        (m for m in range(1, ask.dim + 1) if ask.dim % m == 0),
        key=lambda m: abs(math.log(-(-m // 2) / wanted)),
    )
    notes = [_size_note(ask, -(-parts // 2), parts, 4, 4), few_rows_note(ask.training, 16)]
    params = {"parts": parts, "bits": 4}
    return Solved(params, " ".join(note for note in notes if note))


SPECS = (
    CodecSpec(
        "pq",
        "Product quantisation (PQ)",
        load=_load_pq,
        needs=NEEDS,
        about="Each part of a vector becomes the number of the nearest of 256 learned pieces.",
        family="Quantisers",
        cost=20,
        default=True,
        solve=solve_parts,
    ),
    CodecSpec(
        "opq",
        "Optimised PQ (OPQ)",
        load=_load_opq,
        needs=NEEDS,
        about="PQ after a learned rotation that spreads what matters evenly over the parts.",
        family="Quantisers",
        cost=30,
        default=True,
        solve=solve_parts,
    ),
    CodecSpec(
        "pq-fastscan",
        "PQ FastScan, 4 bits",
        load=_load_fastscan,
        needs=NEEDS,
        about="PQ with 16 pieces a part: less exact at the same size, several times faster.",
        family="Quantisers",
        cost=18,
        solve=_solve_fastscan,
    ),
)
