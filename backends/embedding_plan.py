"""What has to be encoded, and in which batches: each text once, and none that is known already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backends import embedding_store as store
from backends import fingerprint
from backends.arrays import Mask, Matrix, Rows, batches
from backends.cache import cache_root
from backends.corpora.cells import cell_text
from backends.corpora.columns import (
    read_cells,
)
from backends.corpora.columns import texts as read_texts
from backends.encoders.base import Counts, Encoder, Pace
from backends.reporting import Report
from backends.types import Corpus

BLOCK_ROWS = 8192
SHUFFLE_SEED = 20_260_101
SAMPLE_ROWS = 256  # to measure the pace on


@dataclass(frozen=True)
class Texts:
    """A column as texts, read block by block or row by row and never held as a whole."""

    corpus: Corpus
    column: str

    def __len__(self) -> int:
        return len(self.corpus)

    def blocks(self) -> Iterator[tuple[slice, list[str]]]:
        """All rows in order."""
        for rows in batches(len(self), BLOCK_ROWS):
            yield rows, read_texts(self.corpus, self.column, rows)

    def at(self, rows: Rows) -> list[str]:
        """Texts of a few rows."""
        return [cell_text(value) for (value,) in read_cells(self.corpus, rows, [self.column])]


@dataclass(frozen=True)
class Scan:
    """The texts of a column by hash."""

    hashes: NDArray[np.uint64]  # (n, 2)
    source: Rows  # (n,) first row with the same text; -1 for empty ones
    firsts: Rows  # (u,) ascending, one row for each text

    @property
    def empty(self) -> int:
        """Rows without text."""
        return int((self.source < 0).sum())


class Known(NamedTuple):
    """Vectors from one earlier embedding."""

    rows: Rows  # (k,) first rows here
    vectors: Matrix  # all of the other's, mapped
    there: Rows  # (k,) rows there
    cut: Mask  # (k,)


def scan(texts: Texts, report: Report) -> Scan:
    """Hash every text and find equal ones. Raises: Cancelled."""
    n = len(texts)
    hashes = np.zeros((n, 2), dtype=np.uint64)
    filled = np.zeros(n, dtype=np.bool_)
    for block, found in texts.blocks():
        report.step(block.start, n, "Reading the texts")
        hashes[block] = fingerprint.of_texts(found)
        filled[block] = [not (text == "" or text.isspace()) for text in found]
    source = np.full(n, -1, dtype=np.int64)
    rows = np.flatnonzero(filled)
    order = rows[np.lexsort((rows, hashes[rows, 1], hashes[rows, 0]))]  # equal ones side by side
    ordered = hashes[order]
    starts = np.ones(len(order), dtype=np.bool_)
    starts[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    group = np.cumsum(starts) - 1
    source[order] = order[starts][group] if len(order) else 0
    return Scan(hashes, source, np.sort(order[starts]))


def count(texts: Texts, rows: Rows, encoder: Encoder, report: Report) -> Counts:
    """Tokens of some rows, not yet cut, (n,) int32 with 0 elsewhere. Raises: Cancelled."""
    counts = np.zeros(len(texts), dtype=np.int32)
    wanted = np.zeros(len(texts), dtype=np.bool_)
    wanted[rows] = True
    for block, found in texts.blocks():
        report.step(block.start, len(texts), "Measuring the texts")
        places = np.flatnonzero(wanted[block])
        if len(places):
            counts[block.start + places] = encoder.count_tokens([found[i] for i in places.tolist()])
    return counts


def sample(texts: Texts, found: Scan) -> list[str]:
    """Some texts from all over the corpus."""
    places = np.linspace(0, len(found.firsts) - 1, min(SAMPLE_ROWS, len(found.firsts)))
    return texts.at(found.firsts[places.astype(np.int64)])


def look_up(found: Scan, key: str, folder: Path, report: Report) -> list[Known]:
    """Vectors of these texts in other embeddings with the same key. Raises: Cancelled."""
    if not key:
        return []
    known = []
    missing = found.firsts
    for other in sorted((cache_root() / "embeddings").glob("*/hashes.npy")):
        report.check()
        if other.parent == folder or not len(missing):
            continue
        part = _known_in(other.parent, key, found.hashes[missing], missing)
        if part is not None and len(part.rows):
            known.append(part)
            missing = np.setdiff1d(missing, part.rows, assume_unique=True)
    return known


def _known_in(folder: Path, key: str, hashes: NDArray[np.uint64], rows: Rows) -> Known | None:
    result = store.read_result(folder)
    try:
        if result is not None:
            if result.get("reuse_key") != key:
                return None
            vectors, present = store.open_vectors(folder), store.open_present(folder)
        else:
            plan = store.read_plan(folder)
            if plan is None or plan.reuse_key != key:
                return None
            draft = store.Draft(folder, plan)
            vectors, present = draft.vectors, draft.present
        theirs = np.load(folder / "hashes.npy", allow_pickle=False)  # (m, 2)
        cut = np.load(folder / "cut.npy", allow_pickle=False)  # (m,)
    except (OSError, ValueError):
        return None
    if not len(theirs) == len(vectors) == len(present) == len(cut) or not len(theirs):
        return None
    order = np.argsort(theirs[:, 0], kind="stable")
    places = np.searchsorted(theirs[order, 0], hashes[:, 0]).clip(max=len(order) - 1)
    there = order[places]
    same = (theirs[there] == hashes).all(axis=1) & present[there]
    return Known(rows[same], vectors, there[same], cut[there[same]])


def make_plan(
    found: Scan, known: Sequence[Known], counts: Counts, encoder: Encoder, pace: Pace, key: str
) -> store.Plan:
    """Put what is not known into batches of about equal work, in a fixed random order.

    Texts of one length come together, so little is padded; batches are shuffled, so that what is
    there after a few seconds is a fair sample of the whole.
    """
    n = len(found.source)
    reused = np.zeros(n, dtype=np.bool_)
    cut = np.zeros(n, dtype=np.bool_)
    if encoder.max_tokens is not None:
        cut = counts > encoder.max_tokens
        counts = np.minimum(counts, encoder.max_tokens)
    for part in known:
        reused[part.rows] = True
        cut[part.rows] = part.cut
    filled = found.source >= 0
    twins = np.where(filled, found.source, 0)
    new = found.firsts[~reused[found.firsts]]
    order, bounds, tokens = _batches(new, counts[new], pace.tokens_per_batch)
    return store.Plan(
        rows=n,
        dim=encoder.dim,
        precision=pace.precision,
        workers=pace.workers,
        reuse_key=key,
        reused=int((reused[twins] & filled).sum()),
        empty=found.empty,
        order=order,
        bounds=bounds,
        tokens=tokens,
        source=found.source,
        cut=cut[twins] & filled,
    )


def _batches(rows: Rows, counts: Counts, budget: int) -> tuple[Rows, Rows, Rows]:
    """Rows in the order of encoding, where each batch starts, tokens of each batch."""
    longest = np.argsort(-counts, kind="stable")
    rows, counts = rows[longest], counts[longest]
    parts: list[slice] = []
    start = 0
    while start < len(rows):
        stop = min(len(rows), start + max(1, budget // max(1, int(counts[start]))))
        parts.append(slice(start, stop))
        start = stop
    shuffled = np.random.default_rng(SHUFFLE_SEED).permutation(len(parts)).tolist()
    sizes = [parts[i].stop - parts[i].start for i in shuffled]
    order = [rows[parts[i]] for i in shuffled]
    tokens = [int(counts[parts[i]].sum()) for i in shuffled]
    return (
        np.concatenate([*order, np.zeros(0, dtype=np.int64)]).astype(np.int64, copy=False),
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        np.array(tokens, dtype=np.int64),
    )
