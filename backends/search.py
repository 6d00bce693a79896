"""Hits for a query: ties, items asked about and rows without a vector are settled here, once."""

from __future__ import annotations

import time

import numpy as np

from backends.arrays import frozen
from backends.errors import BackendError
from backends.indexes.registry import open_index
from backends.query import Query
from backends.reporting import SILENT, Report
from backends.types import Embeddings, Hits


def search(
    embeddings: Embeddings,
    query: Query,
    k: int = 20,
    report: Report = SILENT,
    *,
    index: str = "exact",
) -> Hits:
    """Find the k rows most similar to a query by cosine, nearest first.

    Fewer where there are not as many rows. Rows without a vector, rows of the query itself and
    excluded ones are no hits; equal similarities are in the order of rows. In mode "farthest" the
    least similar come first. With the index `exact` numpy alone is used, so any thread may search.

    Raises: BackendError if the query has no direction or k is not positive.
    """
    if k < 1:
        raise BackendError(f"The number of hits must be positive, not {k}.", hint="Ask for one.")
    started = time.perf_counter()
    sign = np.float32(-1.0 if query.mode == "farthest" else 1.0)
    direction = sign * query.direction(embeddings)  # (d,)
    left_out = np.fromiter(query.rows, dtype=np.int64)
    opened = open_index(index, embeddings)
    found, similarities = opened.search(direction[None, :], k + len(left_out), report)
    kept = np.flatnonzero((found[0] >= 0) & ~np.isin(found[0], left_out))[:k]
    return Hits(
        frozen(found[0][kept]),
        frozen(sign * similarities[0][kept]),
        query.title,
        embeddings.fingerprint,
        query.row,
        time.perf_counter() - started,
    )
