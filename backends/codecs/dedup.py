"""De-duplication: the table cut into blocks, nearly equal blocks kept once, and a map.

A block is a row or a part of its columns. Two are nearly equal if a share of their numbers differ
by no more than delta. Blocks go in the order of their 75th percentile; each looks for an earlier
one among those that a locality-sensitive hash puts beside it, takes the nearest that is nearly
equal, or becomes a unique block itself. Equal rows are looked for first: where they alone make
the table small enough, nothing is lost. Otherwise delta is found by bisection.

Reference: Zhou et al. 2022, "Serving Deep Learning Models with Deduplication from Relational
Databases" (VLDB), and Datar et al. 2004 for the hash of the Euclidean distance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.base import Ask, CodecSpec, Coder, Codes, Fit, Params, Solved, Training
from backends.codecs.source import Source
from backends.reporting import SILENT, Report
from backends.wording import counted

WORD = 4  # bytes of a float32
SHARE = 1.0  # of a block's numbers that must be within delta
LEAST_COLUMNS = 4  # smaller blocks would round numbers rather than find equal parts
MOST_UNIQUE = 1 << 22  # unique blocks: the tables of their hashes stay below 300 MB
TABLES = 4  # of the hash
MOST_LINES = 6  # that a bucket is made of
COMPARISONS = 1 << 28  # in one walk, about
SAMPLED = 1 << 20  # blocks among which delta is found first, where there are more
BY_SAMPLE = 1.2  # what delta grows by in whole walks after that
SMALLEST = 1e-7  # width of a bucket for equal blocks, against the length of a block
CHUNK = 1 << 16  # blocks between two looks at whether to stop


Merged = tuple[Matrix, NDArray[np.int32]]  # unique blocks (U, c), their numbers (n, parts)


@dataclass(frozen=True, slots=True)
class Cut:
    """How rows are cut, and how many unique blocks there is room for."""

    columns: int  # c of a block
    room: int  # U
    index: int  # bytes of a number of a unique block


def cuts_for(ask: Ask, budget: float) -> list[Cut]:
    """Every cut that fits a budget of bytes a vector."""
    cuts = []
    for columns in range(min(LEAST_COLUMNS, ask.dim), ask.dim + 1):
        parts = -(-ask.dim // columns)
        for index in (1, 2, 4):
            left = (budget - parts * index) * ask.rows
            room = min(int(left // (WORD * columns)), 1 << (8 * index))
            room = min(room, ask.rows * parts, MOST_UNIQUE)
            if room >= 1:
                cuts.append(Cut(columns, room, index))
    return cuts


def solve(ask: Ask) -> Solved:
    """Cut rows so that a number has the most unique values: the bits of a block over its size."""
    budget = ask.budget if ask.budget is not None else float(WORD * (ask.dim + 1))
    cuts = cuts_for(ask, budget)
    note = ""
    if not cuts:
        cuts = [Cut(ask.dim, 1, 1)]
        note = f"The map alone takes {1 + WORD * ask.dim / ask.rows:,.4g} bytes a vector."
    best = max(cuts, key=lambda cut: (np.log2(cut.room) / cut.columns, cut.columns))
    rows = max((cut.room for cut in cuts if cut.columns == ask.dim), default=0)
    params = {"columns": best.columns, "room": best.room, "room_rows": rows, "share": SHARE}
    return Solved(params, note)


class Deduplicated(Coder):
    """Unique blocks (U, c) and the number of the block at each place, (n, parts)."""

    def __init__(self, params: Params, dim: int, seed: int) -> None:
        self.params = params
        self.side: Mapping[str, NDArray[Any]] = {}
        self._dim = dim
        self._seed = seed

    def encode(self, source: Source, report: Report = SILENT) -> Codes:
        """Look for equal rows, then for equal parts, then for the smallest delta that will do."""
        columns, room = int(self.params["columns"]), int(self.params["room"])
        room_rows = int(self.params["room_rows"])
        delta, merged = 0.0, None
        if room_rows:
            equal = _Walk(source, self._dim, room_rows, 1.0, self._seed)
            merged = equal.merge(0.0, report.span(0.0, 0.1))
        if merged is None:
            share = float(self.params["share"])
            delta, merged = _search(source, columns, room, share, self._seed, report.span(0.1, 1.0))
        unique, numbers = merged
        blocks = numbers.size
        self.params = {
            **self.params,
            "columns": unique.shape[1],
            "unique": len(unique),
            "blocks": blocks,
            "delta": delta,
        }
        words = f"{len(unique):,} of {counted(blocks, 'block')} are kept"
        merged_by = f"numbers that differ by up to {delta:.3g} count as equal" if delta else ""
        self.notes = (f"{words}; {merged_by}." if delta else f"{words}, and nothing is lost.",)
        index = np.min_scalar_type(len(unique) - 1)
        return Codes({"unique": unique, "map": numbers.astype(index)}, source.rows)

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Put the unique blocks of these rows side by side."""
        numbers = codes.parts["map"][rows]  # (r, parts)
        unique = codes.parts["unique"]
        whole = unique[numbers].reshape(len(numbers), numbers.shape[1] * unique.shape[1])
        return np.ascontiguousarray(whole[:, : self._dim])


def _search(
    source: Source, columns: int, room: int, share: float, seed: int, report: Report
) -> tuple[float, Merged]:
    """The smallest delta found whose unique blocks have room, and what it merges.

    Of a large table delta is found on some rows first, as if the number of unique blocks grew
    with the root of the number of rows.
    """
    walk = _Walk(source, columns, room, share, seed)
    merged = walk.merge(0.0, report.span(0.0, 0.05))
    if merged is not None:
        return 0.0, merged
    start = 0.5 / float(np.sqrt(source.dim))
    stride = -(-source.rows * -(-source.dim // columns) // SAMPLED)
    if stride == 1:
        return _bisect(walk, _Steps(start), report.span(0.05, 1.0))
    some = Source(source.take(np.arange(0, source.rows, stride)))
    fewer = _Walk(some, columns, max(1, int(room / np.sqrt(stride))), share, seed)
    start, _ = _bisect(fewer, _Steps(start), report.span(0.05, 0.2))
    few = _Steps(start, growth=BY_SAMPLE, most=4, enough=0.6)
    return _bisect(walk, few, report.span(0.2, 1.0))


@dataclass(frozen=True, slots=True)
class _Steps:
    """How delta is looked for."""

    start: float  # the first one that is tried
    growth: float = 2.0  # until there is room
    most: int = 14  # walks, unless there never was room
    enough: float = 0.9  # of the unique blocks there is room for


def _bisect(walk: _Walk, steps: _Steps, report: Report) -> tuple[float, Merged]:
    low, high = 0.0, steps.start
    best: tuple[float, Merged] | None = None
    step = 0
    while best is None or (step < steps.most and high - low > 1e-3 * high):
        stage = report.span(1 - 0.8**step, 1 - 0.8 ** (step + 1))  # nobody knows how many
        delta = high if best is None else (low + high) / 2
        merged = walk.merge(delta, stage)
        step += 1
        if merged is None:
            low, high = delta, (steps.growth * high if best is None else high)
            continue
        best, high = (delta, merged), delta
        if len(merged[0]) >= steps.enough * walk.room:
            break
    return best  # two blocks of unit vectors differ by 2 at most, so there is one


class _Walk:
    """Merging all blocks of a table at one delta, as often as asked."""

    def __init__(self, source: Source, columns: int, room: int, share: float, seed: int) -> None:
        self.dim = source.dim
        self.room = room
        self._source = source
        self._columns = columns
        self._parts = -(-source.dim // columns)
        self._misses = int((1.0 - share) * columns + 1e-9)
        self._seed = seed

    def merge(self, delta: float, report: Report) -> Merged | None:
        """Unique blocks (U, c) and numbers (n, parts), or None if there is no room for them."""
        from backends.codecs.dedup_kernel import merge

        tables, number_of_lines, width, most = self._hash_for(delta)
        rng = np.random.default_rng(self._seed)
        lines = rng.standard_normal((tables, number_of_lines, self._columns))
        shifts = rng.uniform(size=(tables, number_of_lines))
        cells = 1 << max(4, (2 * self.room - 1).bit_length())
        heads = np.full((tables, cells), -1, dtype=np.int32)
        after = np.empty((tables, self.room), dtype=np.int32)
        unique = np.empty((self.room, self._columns), dtype=np.float32)
        numbers = np.empty((self._source.rows, self._parts), dtype=np.int32)
        seen = np.full(self.room, -1, dtype=np.int64)
        chains = (heads, after, seen)
        misses = self._misses if delta else 0
        count = walked = 0
        for rows, vectors in self._source.blocks(report, "Looking for equal blocks"):
            blocks = self._cut(vectors)
            order = _by_percentile(blocks)
            found = np.empty(len(blocks), dtype=np.int32)
            for start in range(0, len(order), CHUNK):
                report.check()
                some = order[start : start + CHUNK]
                settings = (delta, misses, width, most, walked)
                count = merge(blocks, some, unique, count, chains, lines, shifts, settings, found)
                if count < 0:
                    return None
                walked += len(some)
            numbers[rows] = found.reshape(len(vectors), self._parts)
        return unique[:count].copy(), numbers

    def _cut(self, vectors: Matrix) -> Matrix:
        """Blocks (b parts, c) of some rows; the last one of a row is filled up with zeros."""
        width = self._parts * self._columns
        if width == self.dim:
            return vectors.reshape(-1, self._columns)
        padded = np.zeros((len(vectors), width), dtype=np.float32)
        padded[:, : self.dim] = vectors
        return padded.reshape(-1, self._columns)

    def _hash_for(self, delta: float) -> tuple[int, int, float, int]:
        """Tables, lines of each, the width of a piece, and how many are looked at in a bucket.

        A piece is twice as wide as nearly equal blocks are apart; there are as many lines as make
        buckets of about the size that is looked at.
        """
        length = float(np.sqrt(self._columns / self.dim))  # of a block, on average
        if delta == 0.0:
            return 1, 1, SMALLEST * length, np.iinfo(np.int32).max
        blocks = self._source.rows * self._parts
        most = int(np.clip(COMPARISONS // (blocks * TABLES), 4, 64))
        width = 2 * delta * float(np.sqrt(self._columns))
        pieces = 4 * length / width
        wanted = self.room / most
        lines = 1
        if pieces > 1.5 and wanted > 1:
            lines = int(np.clip(np.ceil(np.log(wanted) / np.log(pieces)), 1, MOST_LINES))
        return TABLES, lines, width, most


def _by_percentile(blocks: Matrix) -> Rows:
    """Blocks from small to large, by the 75th percentile of their sizes."""
    place = int(0.75 * (blocks.shape[1] - 1))
    return np.argsort(np.partition(np.abs(blocks), place, axis=1)[:, place], kind="stable")


def _load() -> Fit:
    import backends.codecs.dedup_kernel  # noqa: F401  # compiled or read from the disk once

    def fit(training: Training, params: Params, _report: Report) -> Coder:
        return Deduplicated(params, training.source.dim, training.seed)

    return fit


SPECS = (
    CodecSpec(
        "dedup",
        "De-duplicated blocks",
        load=_load,
        needs=(("numba", "numba"),),
        about="Rows cut into blocks; blocks that are nearly equal are kept once. Lossless where "
        "equal rows alone make the table small enough.",
        family="Structure",
        cost=65,
        solve=solve,
    ),
)
