"""Codecs that keep fewer dimensions: the first ones, the main ones, random ones.

PCA alone is centred: its mean is one table, and at few dimensions it can find more cosine
neighbours than an uncentred one. Of 10,000 sentence embeddings of 384 dimensions, asked by three
sets of 1,000 rows, recall@10 rose by .007 to .009 at 12 dimensions and by .005 to .007 at 6; from
24 on, and of 60,000 GloVe vectors at any number, the two did not differ beyond chance. In front of
another codec it is not centred: the inner codec compares by cosine what is left, and the cosine
about the mean is another one. Before rounding, centring the sentence embeddings lost at 192
dimensions (.862 against .900), made no difference at 48 and won at 12 (.173 against .161), which
few chains go down to. See `chain`.
"""

from __future__ import annotations

import numpy as np

from backends.arrays import Matrix, unit_rows
from backends.codecs.base import (
    Ask,
    CodecSpec,
    Coder,
    Codes,
    Fit,
    Params,
    Searcher,
    Solved,
    Training,
)
from backends.codecs.principal import leading, mean_of, scatter_of
from backends.codecs.reducer import NUMBER, Affine, ReducedScan, Reducer, dims_note, solve_dims
from backends.codecs.source import Source
from backends.reporting import Report

FAMILY = "Fewer dimensions"
LENGTH_ROWS = 4096  # training rows whose mean length is taken


class Truncated(Reducer):
    """The leading dimensions: what a Matryoshka model is trained for, and any vector can be cut to.

    Re-normalised, a prefix is scaled to length 1 and compared by cosine; `length`, the mean length
    of prefixes, is what brings it back to scale. Plain, prefixes and their dot products stay as
    they are.
    Reference: Kusupati et al. 2022, Matryoshka Representation Learning.
    """

    def __init__(self, params: Params, dim: int, length: float | None) -> None:
        self.params = params
        self.dims = int(params["dims"])
        self._dim = dim
        self._length = length  # None: plain
        self.side = {} if length is None else {"length": np.array([length], dtype=np.float32)}

    def reduce(self, vectors: Matrix) -> Matrix:
        """The prefixes."""
        prefix = vectors[:, : self.dims]  # (b, k)
        return np.ascontiguousarray(prefix) if self._length is None else unit_rows(prefix)

    def restore(self, reduced: Matrix) -> Matrix:
        """Zeros where dimensions were cut."""
        restored = np.zeros((len(reduced), self._dim), dtype=np.float32)
        restored[:, : self.dims] = reduced
        if self._length is not None:
            restored *= np.float32(self._length)
        return restored

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Dot products of prefixes: cosines, where these were re-normalised."""
        return ReducedScan(codes, lambda queries: (self._asked(queries), None), None)

    def _asked(self, queries: Matrix) -> Matrix:
        prefix = queries[:, : self.dims]  # (m, k)
        return prefix if self._length is None else unit_rows(prefix)


def _load_truncate() -> Fit:
    def fit(training: Training, params: Params, _report: Report) -> Coder:
        prefix = training.vectors[:LENGTH_ROWS, : int(params["dims"])]
        lengths = np.linalg.norm(prefix.astype(np.float64), axis=1)
        return Truncated(params, training.source.dim, float(lengths.mean()))

    return fit


def _load_truncate_plain() -> Fit:
    def fit(training: Training, params: Params, _report: Report) -> Coder:
        return Truncated(params, training.source.dim, None)

    return fit


def _load_pca() -> Fit:
    """Codes x V, whether the directions V were found about the mean or not.

    Centred, a row stands for mean + ((x - mean) V) V^T = (x V) V^T + rest, where the rest is what
    of the mean lies outside the directions: it is the table, and no row need be centred.
    """

    def fit(training: Training, params: Params, report: Report) -> Coder:
        mean = mean_of(training.vectors) if params["centred"] else None
        scatter = scatter_of(training.vectors, mean, report)
        components = leading(scatter, int(params["dims"]), training.seed, report)  # (d, k)
        side = {"components": components}
        if mean is not None:
            side["mean"] = (mean - components @ (components.T @ mean)).astype(np.float32)
        return Affine(
            params, side, forward=components, back=components.T.copy(), offset=side.get("mean")
        )

    return fit


def _load_svd() -> Fit:
    """X ~ (U_r S_r) V_r^T: rows of U_r S_r are the codes, V_r is the table."""

    def fit(training: Training, params: Params, report: Report) -> Coder:
        scatter = scatter_of(training.vectors, None, report)
        factor = leading(scatter, int(params["dims"]), training.seed, report)  # V_r, (d, r)
        return Affine(params, {"factor": factor}, forward=factor, back=factor.T.copy())

    return fit


def _load_random() -> Fit:
    """Codes x P, of a Gaussian P with variance 1/k: their dot products are right on average.

    Rows are restored and compared by least squares (P's pseudo-inverse), not by the codes'
    own dot products, which are noisier: the columns of P are not quite orthogonal.
    Reference: Johnson and Lindenstrauss 1984; Dasgupta and Gupta 2003.
    """

    def fit(training: Training, params: Params, _report: Report) -> Coder:
        dims = int(params["dims"])
        rng = np.random.default_rng(training.seed)
        drawn = rng.standard_normal((training.source.dim, dims)) / np.sqrt(dims)  # (d, k)
        back = np.linalg.pinv(drawn).astype(np.float32)  # (k, d)
        projection = drawn.astype(np.float32)
        return Affine(params, {"projection": projection}, forward=projection, back=back)

    return fit


def _solve_pca(ask: Ask) -> Solved:
    solved = solve_dims(ask)
    return Solved({**solved.params, "centred": True}, solved.note)


def _solve_svd(ask: Ask) -> Solved:
    """Solve r (n + d) words = the budget of all n rows: both factors are paid from it.

    Reference: Zhang et al. 2023, Experimental Analysis of Large-scale Learnable Vector Storage
    Compression (VLDB 2024).
    """
    if ask.budget is None:
        return solve_dims(ask)
    asked = int(ask.rows * (ask.budget / NUMBER) / (ask.rows + ask.dim))
    note = dims_note(asked, ask) or "The table of directions is paid from the same budget."
    return Solved({"dims": min(max(asked, 1), ask.dim)}, note)


SPECS = (
    CodecSpec(
        "truncate",
        "Truncation",
        about="The leading dimensions, scaled to length 1 again, as Matryoshka models want it.",
        load=_load_truncate,
        family=FAMILY,
        cost=10,
        default=True,
        solve=solve_dims,
        reduces=True,
    ),
    CodecSpec(
        "truncate-plain",
        "Truncation, plain",
        about=(
            "The leading dimensions as they are, compared by dot products: what is lost by not "
            "scaling to length 1 again."
        ),
        load=_load_truncate_plain,
        family=FAMILY,
        cost=10,
        reduces=False,  # what follows scales to length 1: it would be the other truncation
        solve=solve_dims,
    ),
    CodecSpec(
        "pca",
        "PCA",
        about="The directions in which the vectors spread most, about their mean.",
        load=_load_pca,
        family=FAMILY,
        cost=20,
        default=True,
        solve=_solve_pca,
        reduces=True,
    ),
    CodecSpec(
        "svd",
        "SVD",
        about=(
            "The best product of two thin tables in the least-squares sense; both count towards "
            "the budget."
        ),
        load=_load_svd,
        family=FAMILY,
        cost=20,
        solve=_solve_svd,
        reduces=True,
    ),
    CodecSpec(
        "random-projection",
        "Random projection",
        about="Random Gaussian directions: nothing is learnt, so nothing can be learnt wrongly.",
        load=_load_random,
        family=FAMILY,
        cost=11,
        solve=solve_dims,
        reduces=True,
    ),
)
