"""What a direction says of the items: projections, extremes, groups, direct bias.

A projection is the cosine of an item's vector with the direction, -1..1, NaN without a vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, frozen
from backends.directions.base import Direction, Space
from backends.directions.terms import Lost, Terms, Vocabulary, once
from backends.errors import BackendError
from backends.indexes.exact import all_cosines
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings
from backends.wording import counted

FREQUENT = 50_000  # first words of a list in the order of frequency; rarer ones are mostly noise
NO_OVERLAP = 1e-6  # of a cosine: rounding
EXTREMES = 15  # of each end
LOOKED_AT = 200  # items, to see whether these are words
MOSTLY = 0.8


def projections(embeddings: Embeddings, direction: Direction, report: Report = SILENT) -> Matrix:
    """Projection of every item on the first axis, (n,) float32; NaN without a vector."""
    _check(embeddings, direction)
    return frozen(all_cosines(embeddings, direction.vector, report))


def axis_projections(
    embeddings: Embeddings, direction: Direction, axis: int, report: Report = SILENT
) -> Matrix:
    """The same for another axis of a subspace, counted from 0.

    Raises: BackendError if it has none of that number.
    """
    _check(embeddings, direction)
    if not 0 <= axis < len(direction.basis):
        raise BackendError(
            f"“{direction.title}” has {len(direction.basis)} axes, so there is no axis {axis + 1}.",
            hint="Find it again with more components.",
        )
    return frozen(all_cosines(embeddings, np.ascontiguousarray(direction.basis[axis]), report))


def term_projections(direction: Direction, terms: Terms) -> Matrix:
    """Projections of terms that were looked up, (t,) float32."""
    return frozen(np.clip(terms.units @ direction.vector, -1.0, 1.0).astype(np.float32))


def ranked(values: Matrix, rows: Rows | None = None) -> Rows:
    """Rows from the largest projection to the smallest; those without one are left out.

    Equal values are in the order of rows.
    """
    at = np.flatnonzero(~np.isnan(values)) if rows is None else rows[~np.isnan(values[rows])]
    at = at.astype(np.int64, copy=False)
    # One word of 64 bits for value and row: numpy sorts numbers several times faster than it finds
    # their order. Bits of floats are in the order of the floats, those of negative ones turned.
    bits = (np.asarray(values[at], dtype=np.float32) + np.float32(0)).view(np.uint32)
    negative = (bits >> np.uint32(31)).astype(np.bool_)
    falling = np.where(negative, bits, ~(bits | np.uint32(1 << 31)))
    keys = np.sort((falling.astype(np.uint64) << np.uint64(32)) | at.astype(np.uint64))
    return frozen((keys & np.uint64(0xFFFFFFFF)).astype(np.int64))


@dataclass(frozen=True, eq=False)
class Extremes:
    """Items at the two ends, the most extreme first; an item is at one end only."""

    negative: Rows  # (a,)
    positive: Rows  # (b,)
    among: int  # items that were looked through
    note: str  # which these are, in a sentence; empty if all


def frequency_cut(space: Space) -> int | None:
    """How many first rows extremes are looked for in, unless a person says otherwise.

    Lists of word vectors are in the order of frequency, and their tail is names, typing mistakes
    and fragments with hardly trained vectors, which lie at the ends of any direction. None for
    other items: vectors that an encoder made, and texts of several words.
    """
    n = len(space.embeddings)
    if not isinstance(space.terms, Vocabulary) or n <= FREQUENT:
        return None
    if space.embeddings.made_by.origin.operation == "embed":
        return None
    looked_at = np.linspace(0, n - 1, LOOKED_AT).astype(np.int64)
    names = names_of(space.corpus, looked_at, space.terms.column)
    single = sum(len(name.split()) < 2 for name in names)
    return FREQUENT if single > MOSTLY * len(names) else None


def extremes(
    values: Matrix, k: int = EXTREMES, *, rows: Rows | None = None, first: int | None = None
) -> Extremes:
    """The k items of the smallest and of the largest values, among given rows or the first ones.

    With fewer than 2 k items each end gets half of them.
    """
    n = len(values)
    at = np.arange(n, dtype=np.int64) if rows is None else rows
    if first is not None:
        at = at[at < first]
    at = at[~np.isnan(values[at])]
    size = min(k, len(at) // 2) if len(at) > 1 else 0
    low, high = (_smallest(one, at, size) for one in (values, -values))
    note = ""
    if first is not None and first < n:
        note = f"Among the first {first:,} of {n:,} items, which are the most frequent words."
    if rows is not None:
        note = f"Among {len(at):,} chosen items. " + note
    return Extremes(frozen(low), frozen(high), len(at), note.strip())


def _smallest(values: Matrix, at: Rows, size: int) -> Rows:
    """Rows of the smallest values, smallest first, ties in the order of rows."""
    if not size:
        return np.empty(0, dtype=np.int64)
    taken = values[at]
    limit = np.partition(taken, size - 1)[size - 1]
    near = np.flatnonzero(taken <= limit)
    return at[near[np.lexsort((at[near], taken[near]))][:size]]


@dataclass(frozen=True, eq=False)
class DirectBias:
    """Mean strength of the direction in terms or items that should be free of it, 0..1."""

    value: float  # of the first axis, as Bolukbasi et al. define it
    strictness: float
    n: int
    names: tuple[str, ...]  # of terms; empty for rows
    projections: Matrix  # (n,) in the order of the names or rows
    rows: Rows  # (n,) -1 where a term was encoded
    lost: tuple[Lost, ...]
    axes: int = 1  # of the direction
    subspace: float | None = None  # the same of the lengths within all axes; None of one axis


def direct_bias_of_terms(
    space: Space,
    direction: Direction,
    terms: Sequence[str],
    strictness: float = 1.0,
    report: Report = SILENT,
) -> DirectBias:
    """Direct bias of terms; see `direct_bias`. Raises: BackendError if none has a vector."""
    _check(space.embeddings, direction)
    found = once(space.terms.look_up(terms, report))
    values = term_projections(direction, found)
    value = direct_bias(values, strictness)
    axes, subspace = len(direction.basis), None
    if axes > 1:
        subspace = direct_bias(_lengths(found.units @ direction.basis.T), strictness)
    rows, lost = found.rows, found.lost
    n = len(found)
    return DirectBias(value, strictness, n, found.asked, values, rows, lost, axes, subspace)


def direct_bias_of_rows(
    embeddings: Embeddings,
    direction: Direction,
    rows: Rows,
    strictness: float = 1.0,
    report: Report = SILENT,
) -> DirectBias:
    """Direct bias of items; those without a vector are counted in `lost` together."""
    axes = len(direction.basis)
    along = np.stack(
        [
            axis_projections(
                embeddings, direction, axis, report.span(axis / axes, (axis + 1) / axes)
            )[rows]
            for axis in range(axes)
        ],
        axis=1,
    )  # (n, k)
    known = ~np.isnan(along[:, 0])
    without = int(np.count_nonzero(~known))
    lost = (Lost(counted(without, "item"), "without a vector"),) if without else ()
    values, at = frozen(along[known, 0]), rows[known]
    value = direct_bias(values, strictness)
    subspace = direct_bias(_lengths(along[known]), strictness) if axes > 1 else None
    return DirectBias(value, strictness, len(at), (), values, at, lost, axes, subspace)


def _lengths(along: Matrix) -> Matrix:
    """Lengths (n,) within a subspace, from projections on its axes (n, k); 0..1."""
    return np.asarray(np.clip(np.linalg.norm(along, axis=1), 0.0, 1.0), dtype=np.float32)


def direct_bias(values: NDArray[np.floating], strictness: float = 1.0) -> float:
    """Mean of |projection| ** strictness; at strictness 0 any overlap counts as 1.

    Raises: BackendError without values, or for a strictness below 0.

    The paper defines it for one direction g, by |cos(w, g)|. Its subspaces of k axes (section 6)
    have |w_B|, the length of a unit vector's projection, in that place; more axes never give less.

    Reference: Bolukbasi et al. 2016, section 5.2, DirectBias_c.
    """
    if not len(values):
        raise BackendError(
            "Direct bias has nothing to be measured on.", hint="Give terms that are known here."
        )
    if not strictness >= 0 or not np.isfinite(strictness):
        raise BackendError(
            f"A strictness of {strictness:g} makes no sense.", hint="Take 0 to about 3; 1 is usual."
        )
    strengths = np.abs(np.asarray(values, dtype=np.float64))
    if strictness == 0:
        return float(np.mean(strengths > NO_OVERLAP))
    return float(np.mean(strengths**strictness))


def names_of(corpus: Corpus, rows: Rows, column: str | None = None) -> tuple[str, ...]:
    """What items are called: the cell of a column, of the text or of the id, else “row 7”."""
    from backends.corpora.cells import cell_text
    from backends.corpora.columns import read_cells

    name = column or corpus.roles.text or corpus.roles.id
    if name is None:
        return tuple(f"row {row}" for row in rows.tolist())
    return tuple(cell_text(cell) for (cell,) in read_cells(corpus, rows, (name,)))


def _check(embeddings: Embeddings, direction: Direction) -> None:
    """A direction means something in the space it was found in, and only there."""
    if direction.basis.shape[1] != embeddings.dim:
        raise BackendError(
            f"“{direction.title}” has {direction.basis.shape[1]} dimensions, "
            f"but the vectors “{embeddings.title}” have {embeddings.dim}.",
            hint="Find the direction in these vectors.",
        )
