"""Additive quantisers of faiss: a vector is a sum of pieces as long as itself, not side by side.

Far better than product quantisation at the same bytes, with far larger tables and slower encoding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, batches
from backends.codecs.base import Ask, CodecSpec, Coder, Codes, Fit, Params, Solved, Training
from backends.codecs.faiss_shared import (
    NEEDS,
    FaissCoder,
    few_rows_note,
    fill,
    metric_of,
    one_thread,
    pull_of,
    sampled,
    with_codes,
)
from backends.decompositions import one_blas_thread
from backends.reporting import Report

MOST_BITS = 8
MOST_PARTS = {"rq": 32, "lsq": 8}  # more cost minutes: time grows with their square
ROWS_A_CENTROID = 48
ITERATIONS = 6
BEAM = 4
ENCODED_AT_ONCE = 1024  # rows between two looks at whether to stop
LSQ_ROWS, LSQ_ITERATIONS = 4096, 5
PULL_ROWS = 2048


class AdditiveCoder(FaissCoder):
    """M numbers of centroids whose sum stands for the vector.

    Tables: `codebooks` (M, 2^bits, d) float32, `pull` as in product quantisation, and `norms`: the
    least and the largest squared length, between which one byte of each code says a row's own.
    A row that lies between two centroids may be coded otherwise on another number of threads.
    """

    linear = False  # that length is rounded
    inner_product = False

    def __init__(self, params: Params, side: Mapping[str, NDArray[Any]], dim: int) -> None:
        super().__init__(params, side, dim)
        self.kind = str(params["kind"])
        self.factory = f"{self.kind.upper()}{params['parts']}x{params['bits']}_Nqint8"

    def shell(self) -> Any:
        """An `IndexResidualQuantizer` or `IndexLocalSearchQuantizer`."""
        return self._built(1.0)

    def index(self, codes: Codes) -> Any:
        """The index with all codes as it is searched.

        Its distance is |x|^2 - 2 <q, x>, with the first term from the code. Larger centroids let
        that count less, as `pull` wants it.
        """
        return with_codes(self._built(1 / float(self.side["pull"][0])), codes.parts["codes"])

    def _built(self, scale: float) -> Any:
        index, quantiser = untrained(self.params, self.dim)
        fill(quantiser.codebooks, self.side["codebooks"] * np.float32(scale))
        quantiser.norm_min, quantiser.norm_max = (float(norm) for norm in self.side["norms"])
        if self.kind == "rq":
            quantiser.max_beam_size = BEAM
            quantiser.use_beam_LUT = 1
            quantiser.compute_codebook_tables()
        quantiser.is_trained = index.is_trained = True
        return index

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Encode a few rows at a time: tables of a beam grow with rows and parts."""
        codes = [
            self.empty.sa_encode(np.ascontiguousarray(vectors[block]))
            for block in batches(len(vectors), ENCODED_AT_ONCE)
        ]
        return {"codes": np.concatenate(codes)}


def untrained(params: Params, dim: int) -> tuple[Any, Any]:
    """An index of faiss and its quantiser."""
    import faiss

    search = faiss.AdditiveQuantizer.ST_norm_qint8
    size = (dim, int(params["parts"]), int(params["bits"]), metric_of(False), search)
    # Any, because the stubs of faiss leave the last argument out.
    residual: Any = faiss.IndexResidualQuantizer
    local: Any = faiss.IndexLocalSearchQuantizer
    if params["kind"] == "rq":
        index = residual(*size)
        return index, index.rq
    index = local(*size)
    index.lsq.nperts = min(index.lsq.nperts, size[1])  # parts that local search throws over
    return index, index.lsq


def _load_rq() -> Fit:
    def fit(training: Training, params: Params, report: Report) -> Coder:
        import faiss

        count = 1 << int(params["bits"])
        rows = sampled(training.vectors, ROWS_A_CENTROID * count, training.seed)
        residual = rows.copy()  # (t, d)
        count = min(count, len(rows))
        dim, parts = rows.shape[1], int(params["parts"])
        books = np.zeros((parts, 1 << int(params["bits"]), dim), dtype=np.float32)
        for part in range(parts):
            report.step(part, parts, "Learning centroids of what is left")
            means = faiss.Kmeans(
                dim,
                count,
                niter=ITERATIONS,
                seed=training.seed + 1 + part,
                min_points_per_centroid=1,
                max_points_per_centroid=ROWS_A_CENTROID,
            )
            with one_thread(True), one_blas_thread():  # sums in one order: a seed gives one result
                means.train(residual)
            assert means.index is not None
            centroids = np.asarray(means.centroids)
            books[part, :count] = centroids
            books[part, count:] = centroids[0]
            with one_thread(True), one_blas_thread():
                _, nearest = means.index.search(residual, 1)
            residual -= centroids[nearest[:, 0]]
        return _normed(params, books, training)

    return fit


def _load_lsq() -> Fit:
    def fit(training: Training, params: Params, report: Report) -> Coder:
        import faiss

        report.step(0, 0, "Learning centroids that are added; this cannot be stopped")
        rows = sampled(training.vectors, LSQ_ROWS, training.seed)
        _index, quantiser = untrained(params, rows.shape[1])
        quantiser.random_seed = training.seed + 1
        quantiser.train_iters = quantiser.encode_ils_iters = LSQ_ITERATIONS
        with one_thread(True):  # its loops are too short to be shared: two threads take longer
            quantiser.train(rows)
        books = faiss.vector_to_array(quantiser.codebooks)
        books = books.reshape(int(params["parts"]), -1, rows.shape[1])
        return _normed(params, books, training)

    return fit


def _normed(params: Params, books: Matrix, training: Training) -> Coder:
    """Find the range of squared lengths, and how much they should count, from training rows."""
    rows = sampled(training.vectors, PULL_ROWS, training.seed)
    side = {
        "codebooks": books,
        "norms": np.array([0.0, 1.0], dtype=np.float32),
        "pull": np.ones(1, dtype=np.float32),
    }
    coder = AdditiveCoder(params, side, books.shape[2])
    decoded = coder.decode(Codes(coder.encode_block(rows, 0), len(rows)), slice(None))
    squares = np.einsum("td,td->t", decoded, decoded)
    least, most = float(squares.min()), float(squares.max())
    side["norms"][:] = least, max(most, least + 1e-6)
    side["pull"][:] = pull_of(rows, decoded)
    return AdditiveCoder(params, side, books.shape[2])


def _solve(kind: str, ask: Ask) -> Solved:
    """As many parts as bytes but one for the length; fewer bits where training rows are few."""
    most = max(1, min(MOST_BITS, int(math.log2(max(2, ask.training)))))
    wanted = ask.budget if ask.budget is not None else max(1.0, ask.dim / 16)
    parts = min(max(1, int(8 * (wanted - 1)) // most), MOST_PARTS[kind])
    size = -(-(parts * most + 8) // 8)
    notes = []
    if most < MOST_BITS:
        notes.append(f"{ask.training:,} training rows allow no more than {1 << most} centroids.")
    if ask.budget is not None and size > round(ask.budget):
        notes.append(f"A code takes at least {size} bytes, one for the length.")
    elif parts == MOST_PARTS[kind] and size < wanted:
        notes.append(
            f"More than {parts} parts take too long to encode: {size:,} bytes instead of "
            f"{wanted:,.4g}."
        )
    notes.append(few_rows_note(ask.training, 1 << most))
    params = {"kind": kind, "parts": parts, "bits": most}
    return Solved(params, " ".join(note for note in notes if note))


SPECS = (
    CodecSpec(
        "rq",
        "Residual quantiser (RQ)",
        load=_load_rq,
        needs=NEEDS,
        about="A sum of learned vectors, each for what the ones before it left over.",
        family="Quantisers",
        cost=50,
        solve=lambda ask: _solve("rq", ask),
    ),
    CodecSpec(
        "lsq",
        "Local search quantiser (LSQ)",
        load=_load_lsq,
        needs=NEEDS,
        about="A sum of learned vectors, chosen together by local search. Slow to learn.",
        family="Quantisers",
        cost=60,
        solve=lambda ask: _solve("lsq", ask),
    ),
)
