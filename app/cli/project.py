"""`project X.npy --out L.npy`: a layout in the plane, one row for each row of the vectors."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import fields
from typing import Any

import numpy as np

from app.cli.output import Answer, facts
from app.cli.sources import Say, finished_vectors, read
from app.cli.target import check_file
from backends.errors import BackendError
from backends.files import replacing
from backends.reporting import Report
from backends.types import Embeddings, Projection

SETTINGS = ("neighbours", "min_distance", "epochs", "seed")


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Lay out the vectors and save the places; rows without a vector are NaN."""
    out = check_file(words.out, words.files, force=words.force)
    vectors = finished_vectors(read(words, report.span(0.0, 0.1), say))
    projection = lay_out(vectors, words, report.span(0.1, 1.0))
    with replacing(out) as draft, draft.open("wb") as file:
        np.save(file, projection.layout, allow_pickle=False)
    data = describe(projection)
    return Answer(data, summary(data, out))


def lay_out(embeddings: Embeddings, words: Namespace, report: Report) -> Projection:
    """Project with the method and the settings that the words name.

    Raises: BackendError.
    """
    from backends.projections.registry import PROJECTIONS, project

    if words.method not in PROJECTIONS:
        raise BackendError(
            f"There is no projection called {words.method}.",
            hint=f"Choose one of: {', '.join(PROJECTIONS)}.",
        )
    chosen = {name: getattr(words, name) for name in SETTINGS}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    kind = PROJECTIONS[words.method].params
    known = {field.name for field in fields(kind)} if kind else set()
    strange = [name for name in chosen if name not in known and name != "seed"]
    if strange:
        option = strange[0].replace("_", "-")
        raise BackendError(
            f"The projection {words.method} has no setting --{option}.", hint="Leave it out."
        )
    settings = {name: value for name, value in chosen.items() if name in known}
    return project(embeddings, words.method, kind(**settings) if kind else None, report)


def describe(projection: Projection) -> dict[str, Any]:
    """Facts about a layout, with how far it can be trusted."""
    trust = projection.faithfulness
    return {
        "method": projection.method,
        "rows": len(projection),
        "stages": {name: round(seconds, 3) for name, seconds in projection.stages.items()},
        "trustworthiness": trust.trustworthiness if trust else None,
        "neighbour_recall": trust.neighbour_recall if trust else None,
    }


def summary(data: dict[str, Any], out: object) -> str:
    """The same facts, one a line."""
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in data["stages"].items())
    return facts({**data, "stages": stages or None, "out": out})
