"""Tables smaller than the corpus, shared by rows through their positions alone.

A row's vector is the sum of a few rows of one table of buckets that hash functions choose, or the
product of its quotient's and its remainder's row. Both are fitted to all rows at once. Nothing
about a row's content decides what it shares, so these say what is left without any structure.

Reference: Weinberger et al. 2009 (hashing trick), Svenstrup et al. 2017 (hash embeddings), Shi et
al. 2020 (compositional embeddings by quotient and remainder).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches
from backends.codecs.base import Ask, CodecSpec, Coder, Codes, Fit, Params, Solved, Training
from backends.codecs.source import Source
from backends.reporting import SILENT, Report

Floats = NDArray[np.float64]

WORD = 4  # bytes of a float32
HASHES = 4  # rows of the table that are added up: fewer forget more, more help little
ROUNDS = 200  # of conjugate gradients at most
TOLERANCE = 1e-10  # of the squared residual against the right side's
SOLVED_VALUES = 1 << 23  # numbers of a slice of columns that is solved at a time (float64)
SWEEPS = 60  # of alternating least squares at most
GAIN = 1e-4  # smaller shares of what is explained end the fit
POWERS = 2000  # iterations that find a start at most
SETTLED = 1e-9  # a smaller growth of the eigenvalue ends them
START_VALUES = 1 << 23  # numbers of the Gram matrices that find a start (float64); d R² of them
BLOCK_VALUES = 1 << 22


def buckets_of(positions: Rows, buckets: int, hashes: int, seed: int = 0) -> Rows:
    """Buckets of each position under each hash function, (r, hashes), by SplitMix64.

    Reference: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators".
    """
    salts = np.arange(1, hashes + 1, dtype=np.uint64) + np.uint64(hashes * seed)
    with np.errstate(over="ignore"):
        mixed = positions.astype(np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15)
        mixed = mixed + salts * np.uint64(0xD1B54A32D192ED03)  # (r, hashes)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
    return (mixed % np.uint64(buckets)).astype(np.int64)


def shared_share(rows: int, buckets: int) -> float:
    """Expected share of rows that one hash function puts into a bucket with another row.

    Reference: 1 - (1 - 1/B)^(n-1), as Coleman et al. 2023 count collisions.
    """
    return 1.0 - (1.0 - 1.0 / buckets) ** (rows - 1)


def solve_hash(ask: Ask) -> Solved:
    """As many buckets as the budget pays for."""
    budget = ask.budget if ask.budget is not None else WORD * ask.dim
    buckets = int(budget * ask.rows // (WORD * ask.dim))
    note = ""
    if buckets < 1:
        buckets = 1
        note = f"A single bucket takes {WORD * ask.dim / ask.rows:,.4g} bytes a vector."
    return Solved({"buckets": buckets, "hashes": HASHES}, note)


class HashedTable(Coder):
    """Each vector the sum of the rows of one table (B, d) at its hashes."""

    def __init__(self, params: Params, dim: int, seed: int) -> None:
        self.params = params
        self.side: Mapping[str, NDArray[Any]] = {}
        self._dim = dim
        self._seed = seed
        self._buckets = int(params["buckets"])
        self._hashes = int(params["hashes"])

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Fit the table to all rows by least squares, a slice of columns at a time."""
        share = shared_share(source.rows, self._buckets)
        words = f"{share:.0%}" if share < 0.995 else "nearly all"
        self.notes = (f"Each hash puts {words} of the rows into a bucket with others.",)
        table = self._right_side(source, report.span(0.0, 0.3))
        normal = self._normal_matrix(source.rows)
        width = max(1, SOLVED_VALUES // self._buckets)
        solving = report.span(0.3, 1.0)
        for columns in batches(self._dim, width):
            stage = solving.span(columns.start / self._dim, columns.stop / self._dim)
            right = table[:, columns].astype(np.float64)
            table[:, columns] = conjugate_gradients(normal, right, stage)
        return Codes({"table": table}, source.rows)

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Add up the rows of the table at the hashes of these positions."""
        chosen = self._chosen(_positions(rows, codes.rows))
        table = codes.parts["table"]
        vectors: Matrix = table[chosen[:, 0]]
        for number in range(1, self._hashes):
            vectors += table[chosen[:, number]]
        return vectors

    def _chosen(self, positions: Rows) -> Rows:
        # In one order, so that rows that share all buckets are equal to the last bit.
        return np.sort(buckets_of(positions, self._buckets, self._hashes, self._seed), axis=1)

    def _right_side(self, source: Source, report: Report) -> Matrix:
        """Sum of the vectors in each bucket, (B, d)."""
        from scipy.sparse import csr_array

        table = np.zeros((self._buckets, self._dim), dtype=np.float32)
        for block, vectors in source.blocks(report, "Adding up buckets"):
            chosen = self._chosen(np.arange(block.start, block.stop))
            used, place = np.unique(chosen, return_inverse=True)
            count = len(vectors)
            owners = np.repeat(np.arange(count), self._hashes)
            ones = np.ones(place.size, dtype=np.float32)
            shape = (len(used), count)
            table[used] += csr_array((ones, (place.ravel(), owners)), shape=shape) @ vectors
        return table

    def _normal_matrix(self, rows: int) -> Any:
        """How often two buckets meet in a row, (B, B) sparse: HᵀH of the hash matrix H."""
        from scipy.sparse import csr_array

        chosen = self._chosen(np.arange(rows))
        pointers = np.arange(0, chosen.size + 1, self._hashes)
        shape = (rows, self._buckets)
        hashed = csr_array((np.ones(chosen.size), chosen.ravel(), pointers), shape=shape)
        hashed.sum_duplicates()  # two hashes of a row may meet
        return (hashed.T @ hashed).tocsr()


def conjugate_gradients(normal: Any, right: Floats, report: Report = SILENT) -> Floats:
    """Solve AᵀA x = Aᵀb for each column of `right` (B, w) by itself, all side by side.

    It starts at zero, so of many solutions it finds the shortest, as a pseudo-inverse would.

    Reference: Hestenes and Stiefel 1952.
    """
    solution = np.zeros_like(right)
    residual = right.copy()
    direction = right.copy()
    lengths = np.einsum("bw,bw->w", residual, residual)
    enough = TOLERANCE * lengths
    for number in range(ROUNDS):
        report.step(number, ROUNDS, "Fitting the table")
        active = lengths > enough
        if not active.any():
            break
        image = normal @ direction
        along = np.einsum("bw,bw->w", direction, image)
        step = np.where(active & (along > 0), lengths / np.where(along > 0, along, 1.0), 0.0)
        solution += step * direction
        residual -= step * image
        now = np.einsum("bw,bw->w", residual, residual)
        direction *= np.where(active, now / np.where(lengths > 0, lengths, 1.0), 0.0)
        direction += residual
        lengths = now
    return solution


def solve_product(ask: Ask) -> Solved:
    """The smallest number of remainders R with which n/R quotients and R rows fit the budget."""
    budget = ask.budget if ask.budget is not None else WORD * ask.dim * (1 + 1 / ask.rows)
    most = math.floor(budget * ask.rows / (WORD * ask.dim))  # rows of both tables
    remainders, last = 1, max(1, math.isqrt(ask.rows - 1) + 1)
    while remainders < last and -(-ask.rows // remainders) + remainders > most:
        remainders += 1
    tables = -(-ask.rows // remainders) + remainders
    taken = WORD * ask.dim * tables / ask.rows
    note = ""
    if tables > most:
        note = f"Two tables by quotient and remainder take at least {taken:,.4g} bytes a vector."
    elif taken < 0.9 * budget:
        note = f"Two tables by quotient and remainder come next to it with {taken:,.4g} bytes."
    return Solved({"remainders": remainders}, note)


class ProductTables(Coder):
    """Each vector the product, dimension by dimension, of a row of Q and a row of R."""

    def __init__(self, params: Params, dim: int, seed: int) -> None:
        self.params = params
        self.side: Mapping[str, NDArray[Any]] = {}
        self._dim = dim
        self._seed = seed
        self._remainders = int(params["remainders"])

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Fit both tables by alternating least squares; a sweep is one walk through the table.

        For each dimension this is the best product of two vectors for a matrix of quotients and
        remainders, whose last row may be incomplete.
        """
        count = self._remainders
        quotients = np.zeros((-(-source.rows // count), self._dim), dtype=np.float32)
        factors = self._start(source, report.span(0.0, 0.2))
        fitting, explained = report.span(0.2, 1.0), 0.0
        for sweep in range(SWEEPS):
            stage = fitting.span(sweep / SWEEPS, (sweep + 1) / SWEEPS)
            sums, squares, now = self._sweep(source, quotients, factors, stage)
            if count == 1 or now <= explained * (1 + GAIN):
                break
            explained = now
            factors = np.divide(sums, squares, out=np.zeros_like(sums), where=squares > 0)
        parts = {"quotients": quotients, "remainders": factors.astype(np.float32)}
        return Codes(parts, source.rows)

    def _start(self, source: Source, report: Report) -> Floats:
        """Factors (R, d) to begin with: the best ones of the complete quotients, if R is small."""
        count, dim = self._remainders, self._dim
        if count == 1:
            return np.ones((1, dim))  # nothing is shared: the quotients are the vectors
        if dim * count**2 > START_VALUES:
            return np.random.default_rng(self._seed).uniform(0.5, 1.5, (count, dim))
        from backends.codecs.hashed_kernel import add_products

        gram = np.zeros((count, count, dim))
        for _, grid, _ in self._grids(source, report.span(0.0, 0.7)):
            add_products(grid, gram)
        rows, columns = np.tril_indices(count, -1)
        gram[columns, rows] = gram[rows, columns]
        return leading_vectors(gram, self._seed, report.span(0.7, 1.0))

    def _grids(
        self, source: Source, report: Report
    ) -> Iterator[tuple[slice, Matrix, NDArray[np.bool_]]]:
        """Quotients of a block, their numbers (g, R, d) and which of them are there (g, R)."""
        count, dim = self._remainders, self._dim
        values = max(1, BLOCK_VALUES // (count * dim)) * count * dim  # whole quotients
        for block, vectors in source.blocks(report, "Fitting two tables", values):
            groups = -(-len(vectors) // count)
            padded = np.zeros((groups * count, dim), dtype=np.float32)
            padded[: len(vectors)] = vectors
            there = (np.arange(groups * count) < len(vectors)).reshape(groups, count)
            first = block.start // count
            yield slice(first, first + groups), padded.reshape(groups, count, dim), there

    def _sweep(
        self, source: Source, quotients: Matrix, factors: Floats, report: Report
    ) -> tuple[Floats, Floats, float]:
        """Best quotients for these factors, written in place, and what the next factors need.

        Returns the sums of numbers times quotients, the sums of squared quotients, both (R, d),
        and the squares that the product explains.
        """
        sums, squares, explained = np.zeros_like(factors), np.zeros_like(factors), 0.0
        for groups, grid, there in self._grids(source, report):
            above = np.einsum("grd,rd->gd", grid, factors)
            below = there.astype(np.float64) @ factors**2  # (g, d)
            best = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
            explained += float(np.einsum("gd,gd->", best, above))
            sums += np.einsum("grd,gd->rd", grid, best)
            squares += there.T.astype(np.float64) @ best**2
            quotients[groups] = best
        return sums, squares, explained

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Multiply the two rows of each position."""
        positions = _positions(rows, codes.rows)
        left: Matrix = codes.parts["quotients"][positions // self._remainders]
        left *= codes.parts["remainders"][positions % self._remainders]
        return left


def leading_vectors(gram: Floats, seed: int = 0, report: Report = SILENT) -> Floats:
    """The leading eigenvector of each matrix of `gram` (R, R, d), by power iteration; (R, d).

    An iteration is a sweep of alternating least squares that reads no vectors.
    """
    vectors = np.random.default_rng(seed).uniform(0.5, 1.5, gram.shape[1:])
    vectors /= np.linalg.norm(vectors, axis=0)  # the first length is no more than the eigenvalue
    before = np.zeros(gram.shape[2])
    for number in range(POWERS):
        report.step(number, POWERS, "Fitting two tables")
        image = np.einsum("rsd,sd->rd", gram, vectors)
        lengths = np.sqrt(np.einsum("rd,rd->d", image, image))
        np.divide(image, lengths, out=vectors, where=lengths > 0)
        if (lengths <= before * (1 + SETTLED)).all():
            break
        before = lengths
    return vectors


def _positions(rows: slice | Rows, count: int) -> Rows:
    if isinstance(rows, slice):
        return np.arange(*rows.indices(count), dtype=np.int64)
    return rows


def _load_hash() -> Fit:
    import scipy.sparse  # noqa: F401  # its import belongs to loading, not to the first fit

    def fit(training: Training, params: Params, _report: Report) -> Coder:
        return HashedTable(params, training.source.dim, training.seed)

    return fit


def _load_product() -> Fit:
    import backends.codecs.hashed_kernel  # noqa: F401  # compiled or read from the disk once

    def fit(training: Training, params: Params, _report: Report) -> Coder:
        return ProductTables(params, training.source.dim, training.seed)

    return fit


SPECS = (
    CodecSpec(
        "hash",
        "Hashed rows",
        load=_load_hash,
        needs=(("scipy", "scipy"),),
        about="Each vector a sum of rows of one small table, chosen by hashing its position. Such "
        "a table forgets most of the geometry unless rows repeat; it shows what chance keeps.",
        family="Structure",
        cost=63,
        solve=solve_hash,
    ),
    CodecSpec(
        "compositional",
        "Quotient times remainder",
        load=_load_product,
        needs=(("numba", "numba"),),
        about="Each vector a product of a row of two small tables, by its position divided and "
        "its remainder. It forgets most of the geometry unless rows repeat in that order.",
        family="Structure",
        cost=64,
        solve=solve_product,
    ),
)
