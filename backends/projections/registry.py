"""Which layouts there are, and the one function that makes any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backends.errors import BackendError, MissingPackage
from backends.projections.base import AxesParams, PcaParams, UmapParams
from backends.registry import Spec
from backends.reporting import SILENT, Report
from backends.types import Embeddings, Projection

__all__ = ["PROJECTIONS", "AxesParams", "PcaParams", "UmapParams", "project", "warm_up"]


def _load_pca() -> Callable[..., Any]:
    from backends.projections.pca import project_pca

    return project_pca


def _load_live() -> Callable[..., Any]:
    from backends.projections.live import project_live

    return project_live


def _load_axes() -> Callable[..., Any]:
    from backends.projections.axes import project_axes

    return project_axes


def _load_umap_learn() -> Callable[..., Any]:
    from backends.projections.umap_ import project_umap_learn

    return project_umap_learn


PROJECTIONS: dict[str, Spec] = {
    spec.id: spec
    for spec in (
        Spec(
            "pca",
            "PCA",
            load=_load_pca,
            params=PcaParams,
            about="The plane in which the vectors spread most. Exact, in a moment, but crowded.",
        ),
        Spec(
            "umap",
            "UMAP",
            load=_load_live,
            params=UmapParams,
            needs=(("faiss", "faiss-cpu"), ("numba", "numba")),
            about="Keeps neighbours together. Exact neighbours and fast kernels of our own.",
        ),
        Spec(
            "umap-learn",
            "UMAP (umap-learn)",
            load=_load_umap_learn,
            params=UmapParams,
            needs=(("faiss", "faiss-cpu"), ("umap", "umap-learn")),
            about="The reference implementation of UMAP on the same neighbours, much slower.",
        ),
        Spec(
            "axes",
            "Axes",
            load=_load_axes,
            params=AxesParams,
            about="The first dimensions of the vectors as they are, for vectors that are places.",
        ),
    )
}


def project(
    embeddings: Embeddings,
    method: str = "umap",
    params: Any = None,
    report: Report = SILENT,
    *,
    measure: bool = True,
) -> Projection:
    """Lay out the rows that have a vector; rows without one are NaN.

    The layout is float32 (n, 2), or (n, 3) where that is asked for, centred on 0. `params` is the
    method's own dataclass; None takes its defaults. Pictures on the way are offered as partials
    with `finished=False` and a name of their own; the finished one is offered before it is
    measured. `measure=False` leaves `faithfulness` None, as does a layout that loses nothing.

    Raises: BackendError for a method that does not exist or settings out of range; TooFewRows;
    MissingPackage.
    """
    spec = PROJECTIONS.get(method)
    if spec is None:
        raise BackendError(
            f"There is no layout called “{method}”.",
            hint=f"Choose one of {', '.join(PROJECTIONS)}.",
        )
    if spec.missing:
        raise MissingPackage(f"The layout {spec.title}", spec.missing)
    chosen = params if params is not None else (spec.params or dict)()
    projection: Projection
    projection, sheet = spec.load()(embeddings, chosen, report.span(0.0, 0.9))
    if not measure or sheet.is_exact:
        return projection
    report.partial(projection)
    from backends.projections.faithfulness import faithfulness

    with sheet.stage("faithfulness"):
        measured = faithfulness(projection, embeddings, report=report.span(0.9, 1.0))
    return replace(projection, faithfulness=measured, stages=dict(sheet.stages))


def warm_up(report: Report = SILENT) -> None:
    """Import and compile what the first layout needs, so that a person does not wait for it.

    Takes a fraction of a second where compiled kernels lie in the cache, some seconds where not.
    """
    import numpy as np

    from backends.types import MadeBy

    vectors = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    made_by = MadeBy("warm-up")
    sample = Embeddings(vectors, np.ones(64, dtype=np.bool_), "file", "Warm-up", made_by)
    project(sample, "umap", UmapParams(epochs=2), report)
