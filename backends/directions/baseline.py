"""What random pairs would explain: the scree of a direction means nothing without it.

Pairs of words are compared with pairs of words: drawn from the items where words are looked up
there, and where an encoder reads words in templates, from the texts, in the same templates.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, unit_rows
from backends.corpora.columns import texts
from backends.decompositions import one_blas_thread
from backends.directions.base import Space
from backends.directions.terms import Encoded
from backends.reporting import SILENT, Report
from backends.wording import counted

RUNS = 100  # of random pairs
RANDOM_ROWS = 20_000  # at most, in all runs together
MOST_SHARES = 50  # of the scree that evidence keeps; shares are of the whole all the same
WORDS = 200  # that are encoded to draw pairs from, and at least four times as many as are drawn
MOST_WORDS = 2_000
ROWS_READ = 2_000  # of which words are taken
WORD = re.compile(r"[^\W\d_]{3,}")


def random_shares(
    space: Space, pairs: int, seed: int, report: Report = SILENT
) -> tuple[tuple[float, ...], int, tuple[str, ...]]:
    """Mean shares of as many pairs drawn by chance, how often they were drawn, and a sentence.

    Shares are descending, at most `MOST_SHARES` of them; none where there are too few items.
    """
    words = _encoded_words(space, pairs, seed, report.span(0.0, 0.5))
    rows = np.flatnonzero(space.embeddings.present)
    among = len(rows) if words is None else len(words)
    size = min(pairs, among // 2)
    if size < 1:
        return (), 0, ("There are too few items for random pairs.",)
    runs = max(3, min(RUNS, RANDOM_ROWS // (2 * size)))
    chance = np.random.default_rng(seed)
    total = np.zeros(min(size, space.embeddings.dim))
    for run in range(runs):
        report.step(0.5 * runs + 0.5 * run, runs, "Drawing random pairs")
        drawn = chance.choice(among, 2 * size, replace=False)
        units = words[drawn] if words is not None else _units(space, rows[drawn])
        strengths = _strengths(units[::2] - units[1::2])
        if (whole := strengths.sum()) > 0:
            total += strengths / whole
    where = "items" if words is None else "words of the texts in the same templates"
    told = (
        f"Random pairs: mean of {runs} draws of {counted(size, 'pair')} among {among:,} {where}, "
    )
    return tuple(map(float, (total / runs)[:MOST_SHARES])), runs, (f"{told}seed {seed}.",)


def shares(strengths: NDArray[np.float64]) -> tuple[float, ...]:
    """Shares of the whole, descending, at most `MOST_SHARES` of them."""
    whole = float(strengths.sum())
    return tuple(float(one) / whole for one in strengths[:MOST_SHARES]) if whole > 0 else ()


def _units(space: Space, rows: Rows) -> Matrix:
    return unit_rows(np.asarray(space.embeddings.vectors[rows], dtype=np.float32))


def _encoded_words(space: Space, pairs: int, seed: int, report: Report) -> Matrix | None:
    """Unit vectors of words of the texts, (w, d); None where words are items or there are few."""
    column = space.corpus.roles.text
    if not isinstance(space.terms, Encoded) or column is None:
        return None
    chance = np.random.default_rng(seed)
    start = int(chance.integers(max(1, len(space.corpus) - ROWS_READ + 1)))
    read = texts(space.corpus, column, slice(start, start + ROWS_READ))
    known = sorted({word.lower() for text in read for word in WORD.findall(text)})
    wanted = min(len(known), MOST_WORDS, max(WORDS, 4 * pairs))
    if wanted < 2 * min(pairs, MOST_WORDS // 2):
        return None
    drawn = [known[at] for at in chance.choice(len(known), wanted, replace=False)]
    return space.terms.look_up(drawn, report).units


def _strengths(differences: Matrix) -> NDArray[np.float64]:
    """Squared singular values of uncentred rows (p, d), descending, (min(p, d),)."""
    values = np.asarray(differences, dtype=np.float64)
    with one_blas_thread():
        # The smaller of the two products has the same eigenvalues, in a fraction of the time.
        gram = values @ values.T if len(values) <= values.shape[1] else values.T @ values
        found = np.asarray(np.linalg.eigvalsh(gram)[::-1], dtype=np.float64)
    return np.asarray(np.maximum(found, 0.0), dtype=np.float64)
