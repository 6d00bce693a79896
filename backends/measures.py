"""What can be said of every row by a number: likeness to a query, oddness, being well placed.

A `Measure` knows what its column is called and how it is made before anything is computed, so that
one that is there already is not computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from backends.arrays import Matrix
from backends.corpora.computed import HOW
from backends.directions.means import group_means, unit_difference
from backends.errors import BackendError
from backends.fingerprint import of_array
from backends.graph import neighbour_graph
from backends.indexes.exact import all_cosines
from backends.projections.agreement import shared_by_row
from backends.projections.faithfulness import recall_by_row
from backends.query import Query
from backends.reporting import SILENT, Report
from backends.selection import Selection
from backends.types import Embeddings, MadeBy, Projection

K = 15  # neighbours that a row is judged by: as many as the map's faithfulness looks at


@dataclass(frozen=True, eq=False)
class Measured:
    """Values of a column, and what a person should know about them."""

    values: Matrix  # (n,) NaN where there is no value
    note: str = ""


@dataclass(frozen=True, eq=False)
class Measure:
    """A column that can be computed."""

    name: str
    made_by: MadeBy
    call: Callable[[Report], Measured]


def similarity(
    embeddings: Embeddings,
    asked: str,
    question: Mapping[str, Any],
    resolve: Callable[[Report], Query],
) -> Measure:
    """Cosine of every row with a query, which is resolved when it runs.

    `asked` is the query as a person calls it, `question` the same as plain data.
    """

    def call(report: Report = SILENT) -> Measured:
        direction = resolve(report).direction(embeddings)  # (d,)
        return Measured(all_cosines(embeddings, direction, report))

    how = f"Cosine similarity to {asked} in the vectors “{embeddings.title}”"
    made_by = _made_by("similarity", (embeddings.fingerprint,), embeddings, question, how)
    return Measure(f"Similarity to {asked}", made_by, call)


def towards(embeddings: Embeddings, chosen: Selection) -> Measure:
    """Projection of every row, as a unit vector, on the direction from the others to some rows.

    The direction is the difference of the two means of unit vectors, brought to length 1; so values
    lie in -1..1. Raises, when it is computed: BackendError if the means are the same.

    Reference: the difference of class means is how a direction is found from two sets of words by
    Dev and Phillips 2019, Attenuating bias in word vectors, there called 2-means.
    """

    def call(report: Report = SILENT) -> Measured:
        mask = chosen.mask(len(embeddings))
        outside, inside = group_means(embeddings, (~mask, mask), report.span(0.0, 0.5))
        direction = unit_difference(outside, inside)
        if direction is None:
            raise BackendError(
                "The selected items lie where the others lie: there is no direction to them.",
                hint="Select items that differ from the rest.",
            )
        return Measured(all_cosines(embeddings, direction, report.span(0.5, 1.0)))

    how = (
        f"Projection on the direction from the other items to {len(chosen):,} selected ones "
        f"({chosen.words}) in the vectors “{embeddings.title}”: difference of the two means"
    )
    given = {"selection": dict(chosen.description), "of": of_array(chosen.rows)}
    made_by = _made_by("towards", (embeddings.fingerprint,), embeddings, given, how)
    return Measure(f"Towards {len(chosen):,} selected", made_by, call)


def outlier_score(embeddings: Embeddings, k: int = K) -> Measure:
    """Mean cosine distance of every row to its k nearest others, 0..2: large ones lie apart.

    Reference: Angiulli and Pizzuti 2002, Fast outlier detection in high dimensional spaces: their
    weight of a point, the sum of the distances to its k nearest, divided by k.
    """

    def call(report: Report = SILENT) -> Measured:
        graph = neighbour_graph(embeddings, k, report)
        values = np.full(len(embeddings), np.nan, dtype=np.float32)
        values[graph.rows] = 1.0 - graph.similarities.mean(axis=1, dtype=np.float64)
        return Measured(np.maximum(values, 0.0, out=values), _share_found(graph.recall))

    how = (
        f"Mean cosine distance to the {k} nearest others in the vectors “{embeddings.title}”; "
        "rows with large values lie apart"
    )
    made_by = _made_by("outlier score", (embeddings.fingerprint,), embeddings, {"k": k}, how)
    return Measure("Outlier score", made_by, call)


def kept_neighbours(embeddings: Embeddings, projection: Projection, k: int = K) -> Measure:
    """Share of every row's k nearest others that are its k nearest on the map too, 0..1.

    It is the neighbour recall of `faithfulness`, row by row: where it is small, the map puts
    strangers around the row.
    """

    def call(report: Report = SILENT) -> Measured:
        return Measured(recall_by_row(projection, embeddings, k, report))

    how = (
        f"Share of the {k} nearest others in the vectors “{embeddings.title}” that are among the "
        f"{k} nearest on the map “{projection.title}”; small where the map misleads"
    )
    inputs = (embeddings.fingerprint, projection.fingerprint)
    made_by = _made_by("kept neighbours", inputs, embeddings, {"k": k}, how)
    return Measure(f"Neighbours kept by {projection.title}", made_by, call)


def shared_neighbours(
    first: tuple[Projection, Embeddings], second: tuple[Projection, Embeddings], k: int = K
) -> Measure:
    """Share of every row's k nearest on one map that are its k nearest on the other too, 0..1."""
    (here, vectors), (there, others) = first, second

    def call(report: Report = SILENT) -> Measured:
        return Measured(shared_by_row(here.layout, there.layout, k, report))

    one, other = f"{here.title} of {vectors.title}", f"{there.title} of {others.title}"
    how = (
        f"Share of the {k} nearest others on the map “{one}” that are among the {k} nearest on the "
        f"map “{other}”; small where the maps disagree"
    )
    inputs = (here.fingerprint, there.fingerprint)
    made_by = _made_by("shared neighbours", inputs, vectors, {"k": k}, how)
    named = (here.title, there.title) if here.title != there.title else (one, other)
    return Measure(f"Neighbours shared by {named[0]} and {named[1]}", made_by, call)


def _made_by(
    operation: str,
    inputs: tuple[str, ...],
    embeddings: Embeddings,
    params: Mapping[str, Any],
    how: str,
) -> MadeBy:
    # Embeddings under way keep their name while rows are added: the count tells them apart.
    told = {**params, "rows": embeddings.count, HOW: how}
    used = ("numpy",) if operation in ("similarity", "towards") else ("numpy", "faiss-cpu", "scipy")
    return MadeBy(operation, inputs, told, {name: _version(name) for name in used})


@cache
def _version(package: str) -> str:
    """Asked for whenever a menu looks whether it can be computed."""
    return metadata.version(package)


def _share_found(recall: float) -> str:
    if recall >= 1.0:
        return ""
    return f"The neighbours were searched approximately: {recall:.1%} of the true ones were found."
