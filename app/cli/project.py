"""`project X.npy --out L.npy`: a layout in plane or space, one row for each of the vectors."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import fields
from typing import Any

from app.cli.output import Answer, facts
from app.cli.sources import Say, finished_vectors, read, say_notes
from app.cli.target import check_file, save_matrix
from backends.errors import BackendError
from backends.reporting import Report
from backends.types import Embeddings, Projection

SETTINGS = ("neighbours", "min_distance", "epochs", "seed", "dimensions")
FEWEST = 3  # rows with a vector, for every method but PCA


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Lay out the vectors and save the places; rows without a vector are NaN."""
    out = check_file(words.out, words.files, force=words.force)
    params = settings(words)
    vectors = finished_vectors(read(words, report.span(0.0, 0.1), say).corpus)
    projection = lay_out(vectors, words.method, params, report.span(0.1, 1.0), say)
    save_matrix(out, projection.layout)
    data = describe(projection)
    return Answer(data, summary(data, out))


def lay_out(
    embeddings: Embeddings, method: str, params: Any, report: Report, say: Say
) -> Projection:
    """Lay out by the method, or by PCA where there are too few rows for another; say the notes."""
    from backends.projections.registry import PROJECTIONS, PcaParams, project

    if method not in ("pca", "axes") and 0 < embeddings.count < FEWEST:
        say(
            f"note: {PROJECTIONS[method].title} needs at least {FEWEST} rows with a vector; "
            f"{embeddings.count} can be laid out by PCA."
        )
        method, params = "pca", PcaParams(dimensions=params.dimensions if params else 2)
    projection = project(embeddings, method, params, report)
    say_notes(projection.notes, say)
    return projection


def settings(words: Namespace) -> Any:
    """The parameters of the method that the words name; known to be right before any work is done.

    Raises: BackendError.
    """
    from backends.projections.registry import PROJECTIONS

    spec = PROJECTIONS.get(words.method)
    if spec is None:
        raise BackendError(
            f"There is no projection called {words.method}.",
            hint=f"Choose one of: {', '.join(PROJECTIONS)}.",
        )
    chosen = {name: getattr(words, name) for name in SETTINGS}
    known = {field.name for field in fields(spec.params)} if spec.params else set()
    given = {name: value for name, value in chosen.items() if value is not None}
    # A method without chance in it is reproducible with every seed.
    strange = [name for name in given if name not in known and name != "seed"]
    if strange:
        option = strange[0].replace("_", "-")
        raise BackendError(f"{spec.title} has no setting --{option}.", hint="Leave it out.")
    if spec.params is None:
        return None
    return spec.params(**{name: value for name, value in given.items() if name in known})


def describe(projection: Projection) -> dict[str, Any]:
    """Facts about a layout, with how far it can be trusted."""
    trust = projection.faithfulness
    return {
        "method": projection.method,
        "rows": len(projection),
        **({"dimensions": projection.dims} if projection.dims != 2 else {}),
        "stages": {name: round(seconds, 3) for name, seconds in projection.stages.items()},
        "trustworthiness": trust.trustworthiness if trust else None,
        "neighbour_recall": trust.neighbour_recall if trust else None,
    }


def summary(data: dict[str, Any], out: object) -> str:
    """The same facts, one a line."""
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in data["stages"].items())
    return facts({**data, "stages": stages or None, "out": out})
