"""UMAP on exact neighbours with kernels of our own: quick, moving while it works, stoppable."""

from __future__ import annotations

import time
from collections.abc import Callable

from backends.arrays import Matrix
from backends.graph import neighbour_graph
from backends.projections.base import Sheet, UmapParams, umap_sheet
from backends.projections.pca import components
from backends.reporting import SILENT, Report
from backends.types import Embeddings, Projection

KERNELS = "1"  # raised when the same input gives another layout
SECONDS_A_PICTURE = 0.06


def project_live(
    embeddings: Embeddings, params: UmapParams, report: Report = SILENT
) -> tuple[Projection, Sheet]:
    """Lay rows out by UMAP, starting from PCA; pictures on the way are offered as partials.

    The layout is float32 (n, 2 or 3), centred on 0; equal settings give equal layouts to the last
    bit, however many cores there are. Reports every epoch.

    Raises: TooFewRows below three rows with a vector; BackendError for settings out of range.
    Reference: McInnes, Healy, Melville 2018, arXiv 1802.03426.
    """
    sheet = umap_sheet(
        embeddings, params, method="umap", title="UMAP", versions={"layout": KERNELS}
    )
    neighbours = min(params.neighbours, embeddings.count)
    with sheet.stage("neighbours"):
        graph = neighbour_graph(embeddings, neighbours - 1, report.span(0.0, 0.4))
    if graph.recall < 1.0:
        sheet.notes.append(recall_note(graph.recall))
    with sheet.stage("kernels"):  # first import of numba, or of a change of these modules
        report.step(0.4, 1, "Preparing the layout")
        from backends.projections.fuzzy import curve, fuzzy_set
        from backends.projections.layout import Rule, optimise, start_from
    with sheet.stage("start"):
        stage = report.span(0.4, 0.45)
        first = components(embeddings, report=stage, dimensions=params.dimensions)
        start = start_from(first, params.seed)
    with sheet.stage("memberships"):
        report.step(0.45, 1, "Joining neighbourhoods")
        edges = fuzzy_set(graph)
        a, b = curve(params.min_distance)
    rule = Rule(a, b, params.epochs or epochs_for(embeddings.count), params.seed)
    with sheet.stage("layout"):
        stage = report.span(0.45, 1.0)
        layout = optimise(edges, start, rule, stage, pictures(sheet, stage))
    return sheet.draw(layout), sheet


def epochs_for(n: int) -> int:
    """How long to optimise n rows.

    umap-learn takes 200 epochs above 10,000 rows. From PCA that was .02 less trustworthy than from
    its spectral start (50,000 GloVe vectors); with 400 ours is not, and an epoch costs little.
    """
    return 500 if n <= 10_000 else 400


def pictures(sheet: Sheet, report: Report) -> Callable[[Matrix, int], None]:
    """A function that offers a copy of the layout it is shown, at most some 16 times a second."""
    last = 0.0

    def show(layout: Matrix, epoch: int) -> None:
        nonlocal last
        now = time.perf_counter()
        if now - last >= SECONDS_A_PICTURE:
            last = now
            report.partial(sheet.draw(layout, epoch=epoch))

    return show


def recall_note(recall: float) -> str:
    """What a person should know about neighbours that were not searched exactly."""
    return (
        "With so many rows neighbours were searched approximately: "
        f"{recall:.0%} of the true ones were found on a sample."
    )
