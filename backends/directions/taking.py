"""What is taken along from a direction: a column of projections, a layout with directions as axes.

Beside it what views need: items searched by their names, and a few of many points for a chart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import metadata

import numpy as np

from backends.arrays import Matrix, Rows, frozen, unit_rows
from backends.corpora.computed import HOW
from backends.decompositions import one_blas_thread
from backends.directions.base import Direction
from backends.directions.looking import names_of, projections
from backends.directions.means import NO_LENGTH
from backends.errors import BackendError
from backends.indexes.exact import all_cosines
from backends.measures import Measure, Measured
from backends.projections.base import Sheet
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings, MadeBy, Projection

METHOD = "directions"  # of layouts whose axes are directions; it is no row of PROJECTIONS
ACROSS_SAMPLE = 20_000  # items that the widest axis across a direction is found from
SEED = 0
POINTS = 4_000  # of a chart
MATCHES = 50


def projected(embeddings: Embeddings, direction: Direction) -> Measure:
    """A column with the projection of every item, -1..1."""

    def call(report: Report = SILENT) -> Measured:
        return Measured(projections(embeddings, direction, report))

    low, high = direction.ends
    how = (
        f"Projection (cosine) on the direction “{direction.title}” in the vectors "
        f"“{embeddings.title}”; negative towards {low}, positive towards {high}"
    )
    params = {"direction": direction.fingerprint, "rows": embeddings.count, HOW: how}
    made_by = MadeBy(
        "direction projection",
        (embeddings.fingerprint, direction.fingerprint),
        params,
        {"numpy": _version("numpy")},
    )
    return Measure(f"Projection on {direction.title}", made_by, call)


def lay_out(
    embeddings: Embeddings,
    direction: Direction,
    other: Direction | None = None,
    report: Report = SILENT,
) -> Projection:
    """A map whose x is the projection on a direction and whose y is that on another one.

    Without another one, y is what the items differ in most across the direction: the first
    principal component of unit vectors of which the direction was taken out. Both are less their
    mean, as a layout is centred on 0.

    Raises: BackendError if the directions are of other embeddings, or nothing is left across.
    """
    title = f"{direction.title} by {other.title if other else 'the rest'}"
    named = {"x": direction.fingerprint, "y": other.fingerprint if other else "across"}
    sheet = Sheet(
        embeddings, METHOD, title, {"axes": named}, {"numpy": _version("numpy")}, is_exact=True
    )
    with sheet.stage("axes"):
        x = projections(embeddings, direction, report.span(0.0, 0.4))
        if other is None:
            axis = across(embeddings, direction, report.span(0.4, 0.6))
            y = all_cosines(embeddings, axis, report.span(0.6, 1.0))
        else:
            y = projections(embeddings, other, report.span(0.4, 1.0))
    up = (
        f"y is the projection on “{other.title}”"
        if other is not None
        else "y is what items differ in most across it (first principal component of what is left)"
    )
    sheet.notes.append(f"x is the projection on “{direction.title}”, {up}; each less its mean.")
    plane = np.stack((x, y), axis=1)[embeddings.present]  # (m, 2)
    return sheet.draw(plane)


def across(embeddings: Embeddings, direction: Direction, report: Report = SILENT) -> Matrix:
    """The axis of largest variance of unit vectors without the direction, (d,) of unit length.

    Found from at most `ACROSS_SAMPLE` items drawn by chance; turned so that its largest value is
    positive. Its finding cannot be stopped.

    Raises: BackendError if nothing is left.
    """
    report.step(0, 1, "Looking across the direction")
    rows = np.flatnonzero(embeddings.present)
    if len(rows) > ACROSS_SAMPLE:
        drawn = np.random.default_rng(SEED).choice(rows, ACROSS_SAMPLE, replace=False)
        rows = np.sort(drawn)
    units = unit_rows(np.asarray(embeddings.vectors[rows], dtype=np.float32)).astype(np.float64)
    g = direction.vector.astype(np.float64)
    with one_blas_thread():
        rest = units - np.outer(units @ g, g)
        rest -= rest.mean(axis=0)
        strengths, axes = np.linalg.eigh(rest.T @ rest)
    axis = axes[:, -1] - (axes[:, -1] @ g) * g
    length = float(np.linalg.norm(axis))
    if strengths[-1] < NO_LENGTH**2 or length < NO_LENGTH:
        raise BackendError(
            f"Across “{direction.title}” all items are the same.", hint="Choose a second direction."
        )
    axis /= length
    sign = 1.0 if axis[np.abs(axis).argmax()] > 0 else -1.0
    return frozen((sign * axis).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Matches:
    """Items whose names hold some words, those that begin with them first."""

    rows: Rows  # (m,) at most `MATCHES`
    names: tuple[str, ...]
    count: int  # of all that were found


def find_items(
    corpus: Corpus, words: str, column: str | None = None, report: Report = SILENT
) -> Matches:
    """Items called so, then those that begin with it, then those that hold it, in any case."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from backends.corpora.columns import values_of

    wanted = " ".join(words.split())
    name = column or corpus.roles.text or corpus.roles.id
    if not wanted or name is None:
        return Matches(frozen(np.empty(0, np.int64)), (), 0)
    report.step(0, 1, "Searching")
    cells = values_of(corpus, name).cast(pa.large_string())
    held = pc.fill_null(pc.match_substring(cells, wanted, ignore_case=True), fill_value=False)
    found = np.flatnonzero(held.to_numpy())
    report.step(1, 2, "Searching")
    few = cells.take(pa.array(found))
    folded = pc.utf8_lower(few)
    begins = pc.starts_with(folded, wanted.lower()).to_numpy()
    lengths = pc.utf8_length(folded).to_numpy()
    order = np.lexsort((found, lengths, ~begins))[:MATCHES]
    rows = found[order].astype(np.int64)
    return Matches(frozen(rows), names_of(corpus, rows, name), len(found))


def few_points(x: Matrix, y: Matrix, most: int = POINTS, always: Rows | None = None) -> Rows:
    """Rows with both values, ascending: all, or so many drawn by chance and those always shown."""
    rows = np.flatnonzero(~(np.isnan(x) | np.isnan(y))).astype(np.int64)
    if len(rows) <= most:
        return frozen(rows)
    drawn = np.random.default_rng(SEED).choice(rows, most, replace=False)
    if always is not None:
        drawn = np.concatenate((drawn, always))
    return frozen(np.unique(drawn).astype(np.int64))


@cache
def _version(package: str) -> str:
    return metadata.version(package)
