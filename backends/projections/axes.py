"""The vectors' own first dimensions, as they are: for vectors that are places already."""

from __future__ import annotations

import numpy as np

from backends.errors import TooFewRows
from backends.projections.base import AxesParams, Sheet, recorded
from backends.reporting import SILENT, Report
from backends.types import Embeddings, Projection

FEW = 3  # dimensions up to which vectors are places rather than meanings


def project_axes(
    embeddings: Embeddings, params: AxesParams, report: Report = SILENT
) -> tuple[Projection, Sheet]:
    """Lay rows out by their first two or three dimensions, neither turned nor stretched.

    The layout is float32 (n, 2 or 3), centred on 0; a dimension that the vectors lack is 0.

    Raises: TooFewRows if no row has a vector; BackendError for other dimensions.
    """
    if embeddings.count == 0:
        raise TooFewRows(
            "There is nothing to lay out: no row has a vector.",
            hint="Embed a text column, or load a file with vectors.",
        )
    sheet = Sheet(embeddings, "axes", "Axes", recorded(params), {"axes": "1"})
    sheet.is_exact = embeddings.dim <= params.dimensions
    with sheet.stage("axes"):
        report.step(0, 1, "Taking the vectors as places")
        width = min(embeddings.dim, params.dimensions)
        layout = np.zeros((embeddings.count, params.dimensions), np.float32)
        layout[:, :width] = embeddings.vectors[embeddings.present, :width]
    return sheet.draw(layout), sheet
