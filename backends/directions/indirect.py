"""Indirect bias: how much of the likeness of two words lies in a direction.

Reference: Bolukbasi et al. 2016, section 5.3: with w = w_g + w_perp, beta(w, v) = (w.v -
w_perp.v_perp / |w_perp| |v_perp|) / w.v, the share of their similarity that goes away with g.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, unit_rows
from backends.directions.base import Direction, Space
from backends.directions.looking import extremes, frequency_cut, names_of
from backends.directions.means import NO_LENGTH
from backends.directions.terms import Lost, once
from backends.errors import BackendError
from backends.indexes.exact import all_cosines
from backends.reporting import SILENT, Report

NO_LIKENESS = 1e-6  # of a cosine: a share of nothing says nothing
WORDS = 5  # at each end


@dataclass(frozen=True, slots=True)
class Explained:
    """A word near one end of a pair, and how much of that the direction explains."""

    term: str
    row: int  # -1 where it was encoded
    position: float  # projection on the pair's axis, -1..1
    similarity: float  # cosine with the end that it is near
    beta: float  # share of that similarity; NaN where there is none


@dataclass(frozen=True, eq=False)
class AlongPair:
    """Words along the axis from one word to another."""

    ends: tuple[str, str]
    between: float  # beta of the two ends
    negative: tuple[Explained, ...]  # nearest to the first end, most extreme first
    positive: tuple[Explained, ...]
    among: int
    lost: tuple[Lost, ...]
    note: str


def indirect_bias(words: Matrix, word: Matrix, direction: Matrix) -> NDArray[np.float64]:
    """Beta of each of (m, d) vectors with one (d,), (m,); NaN where they are not alike at all.

    Vectors of any length but zero; the direction of unit length. NaN also where a word lies wholly
    in the direction, for nothing of it is left to compare.
    """
    w = unit_rows(np.atleast_2d(words)).astype(np.float64)  # (m, d)
    v = unit_rows(word[None])[0].astype(np.float64)  # (d,)
    g = direction.astype(np.float64)
    alike = w @ v  # (m,)
    w_rest = w - np.outer(w @ g, g)
    v_rest = v - (v @ g) * g
    lengths = np.linalg.norm(w_rest, axis=1) * np.linalg.norm(v_rest)
    known = (np.abs(alike) > NO_LIKENESS) & (lengths > NO_LIKENESS)
    rest = np.divide(w_rest @ v_rest, lengths, out=np.zeros_like(alike), where=known)
    beta: NDArray[np.float64] = np.divide(
        alike - rest, alike, out=np.full_like(alike, np.nan), where=known
    )
    return beta


def along_pair(
    space: Space,
    direction: Direction,
    ends: tuple[str, str],
    terms: Sequence[str] | None = None,
    k: int = WORDS,
    report: Report = SILENT,
) -> AlongPair:
    """Words at the ends of the axis between two words, with beta to the end that they are near.

    Among the terms, as professions, or among the items (the frequent ones, of word vectors).

    Raises: BackendError if an end is not known, or both are the same.
    """
    found = space.terms.look_up(ends, report.span(0.0, 0.2))
    if len(found) < 2:
        missing = [f"“{one.term}” is {one.why}" for one in found.lost]
        raise BackendError(
            f"Both ends need a vector: {', '.join(missing) or 'two words are needed'}.",
            hint="Choose two different words that are known here.",
        )
    low, high = found.units
    axis = high - low
    length = float(np.linalg.norm(axis))
    if length < NO_LENGTH:
        raise BackendError(
            f"“{ends[0]}” and “{ends[1]}” lie in the same place.", hint="Choose two that differ."
        )
    axis = (axis / length).astype(np.float32)
    report = report.span(0.2, 1.0)
    if terms is None:
        words = _items(space, axis, found.rows, k, report)
    else:
        words = _terms(space, axis, [term for term in terms if term not in ends], k, report)
    return AlongPair(
        (found.asked[0], found.asked[1]),
        float(indirect_bias(low[None], high, direction.vector)[0]),
        words.told(words.sides[0], low, direction),
        words.told(words.sides[1], high, direction),
        words.among,
        words.lost,
        words.note,
    )


@dataclass(frozen=True, eq=False)
class _Words:
    """Candidates that were found at the two ends."""

    names: tuple[str, ...]
    vectors: Matrix  # (c, d) unit length
    rows: Rows
    positions: Matrix  # (c,)
    sides: tuple[range, range]
    among: int
    lost: tuple[Lost, ...]
    note: str

    def told(self, side: range, end: Matrix, direction: Direction) -> tuple[Explained, ...]:
        at = list(side)
        betas = indirect_bias(self.vectors[at], end, direction.vector)
        alike = self.vectors[at] @ end
        return tuple(
            Explained(
                self.names[place],
                int(self.rows[place]),
                float(self.positions[place]),
                float(similarity),
                float(beta),
            )
            for place, similarity, beta in zip(at, alike, betas, strict=True)
        )


def _items(space: Space, axis: Matrix, ends: Rows, k: int, report: Report) -> _Words:
    values = np.array(all_cosines(space.embeddings, axis, report))
    values[ends[ends >= 0]] = np.nan
    found = extremes(values, k, first=frequency_cut(space))
    rows = np.concatenate((found.negative, found.positive))
    column = getattr(space.terms, "column", None)
    return _Words(
        names_of(space.corpus, rows, column),
        unit_rows(np.asarray(space.embeddings.vectors[rows], dtype=np.float32)),
        rows,
        values[rows],
        (range(len(found.negative)), range(len(found.negative), len(rows))),
        found.among,
        (),
        found.note,
    )


def _terms(space: Space, axis: Matrix, terms: Sequence[str], k: int, report: Report) -> _Words:
    found = once(space.terms.look_up(terms, report))
    units = found.units
    values = (units @ axis).astype(np.float32)
    ends = extremes(values, k)
    at = np.concatenate((ends.negative, ends.positive))
    return _Words(
        tuple(found.asked[place] for place in at.tolist()),
        units[at],
        found.rows[at],
        values[at],
        (range(len(ends.negative)), range(len(ends.negative), len(at))),
        len(found),
        found.lost,
        "",
    )
